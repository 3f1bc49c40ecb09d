"""Keeps the App Home of whoever has it open true: published when they open it and as it changes.

A home is a notification row of the kind ``home``. It looks for itself, every ten seconds, whether
what it shows is still so: were it told by those who change cases, two of them would wait for each
other at its row. Who has not opened theirs for an hour is not published to until they do.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.due import Claim, ClaimLost
from monitor.models import Notification
from monitor.models.upsert import insert_once
from responders.slack.client import SlackClient
from responders.slack.home import Place, closed_home, home_view
from responders.slack.owed import SURFACE
from responders.slack.port import QueuePort
from responders.slack.results import Answer, Limited, Refused, describe
from responders.slack.rights import Denied, NotSure, Rights
from responders.views import CaseLine

HOME = "home"
"""The kind of a notification that shows one person their lists."""

OPEN_FOR = timedelta(hours=1)
LOOKS_EVERY = timedelta(seconds=10)
LATER = timedelta(seconds=30)
MOST = 1_000


def open_home(
    session: Session, user: str, team: str, now: datetime, place: Place | None = None
) -> None:
    """Owe a person their App Home at once; with `place`, at another tab or page."""
    key = f"home:{user}"
    shown = place or Place()
    detail = {"team": team, "opened_at": now.isoformat(), "tab": shown.tab, "page": shown.page}
    made = insert_once(
        session,
        Notification,
        surface=SURFACE,
        target=user,
        kind=HOME,
        post_key=key,
        detail=detail,
        state="sent",
        created_at=now,
        next_at=now,
    )
    if made:
        return
    row = session.scalars(
        select(Notification).where(Notification.post_key == key).with_for_update()
    ).one()
    if place is None:
        detail |= {name: row.detail[name] for name in ("tab", "page") if name in row.detail}
    row.detail, row.state, row.next_at = detail, "sent", now


class Homes:
    """Handles due work of the kind ``notify`` whose row is a home."""

    def __init__(
        self, db: Database, queue: QueuePort, client: SlackClient, rights: Rights, clock: Clock
    ) -> None:
        self._db = db
        self._queue = queue
        self._client = client
        self._rights = rights
        self._clock = clock

    def handle(self, claim: Claim, row: Notification) -> None:
        """Publish one home, or let it rest; raises `ClaimLost` when another took over."""
        now = self._clock()
        if datetime.fromisoformat(row.detail["opened_at"]) < now - OPEN_FOR:
            self._finish(claim, state="resting")
            return
        admitted = self._rights.admit(row.target, str(row.detail.get("team", "")))
        if isinstance(admitted, NotSure):
            self._later(claim, describe(admitted.failure))
            return
        if isinstance(admitted, Denied):
            view = closed_home(admitted.told)
        else:
            view = self._draw(row, admitted.name, now)
        shown = _digest(view)
        if shown == row.detail.get("shown"):
            self._finish(claim, now + LOOKS_EVERY)
            return
        result = self._client.call("views.publish", {"user_id": row.target, "view": view})
        if isinstance(result, Answer):
            self._finish(claim, now + LOOKS_EVERY, shown=shown)
        elif isinstance(result, Refused):
            self._finish(claim, state="resting", last_error=describe(result))
        else:
            wait = result.retry_after if isinstance(result, Limited) else LATER
            self._later(claim, describe(result), wait)

    def _draw(self, row: Notification, name: str, now: datetime) -> dict[str, Any]:
        place = Place(str(row.detail.get("tab", "mine")), int(row.detail.get("page", 0)))
        counted = self._queue.counts()
        lines = self._lines(place.tab, name)
        counts = {"team": counted.get("drafted", 0), "off": counted.get("snoozed", 0)}
        counts[place.tab] = len(lines)
        return home_view(place, lines, counts, now)

    def _lines(self, tab: str, name: str) -> list[CaseLine]:
        match tab:
            case "mine":
                return self._queue.lines(state="open", limit=MOST, assignee=name)
            case "late":  # what is due first stands on top, so these are the first
                return [
                    line for line in self._queue.lines(state="open", limit=MOST) if line.overdue
                ]
            case "off":
                return self._queue.lines(state="snoozed", limit=MOST)
        return self._queue.lines(state="drafted", limit=MOST)

    def _finish(
        self, claim: Claim, next_at: datetime | None = None, *, shown: str = "", **values: Any
    ) -> None:
        with self._db.write() as session:
            row = session.get(Notification, claim.id, with_for_update=True)
            if row is None or row.claim_token != claim.token:
                raise ClaimLost(f"notify {claim.id} was taken over")
            if shown:
                row.detail = {**row.detail, "shown": shown}
            for name, value in values.items():
                setattr(row, name, value)
            session.flush()
            due.finish(session, claim, next_at)

    def _later(self, claim: Claim, told: str, wait: timedelta = LATER) -> None:
        with self._db.write() as session:
            due.fail(session, claim, self._clock(), told, not_before=wait)


def _digest(view: dict[str, Any]) -> str:
    """Return what a home shows in short, but for when it was drawn."""
    blocks = [block for block in view["blocks"] if block.get("block_id") != "head"]
    return hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()[:16]
