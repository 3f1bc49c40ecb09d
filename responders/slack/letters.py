"""Draws what a notification row wants to show now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.cases.looks import LISTED, WAITING
from monitor.db import Database
from monitor.models import Alert, Case, Notification, SecondLook
from responders.slack.call_message import call_message
from responders.slack.calling import Calling
from responders.slack.calls import CALL, facts_of_call, shown_changes
from responders.slack.cards import case_card
from responders.slack.digest_message import digest_message
from responders.slack.digests import DIGEST, digest_of
from responders.slack.happened import OPEN_STATES
from responders.slack.incident_card import incident_card
from responders.slack.incidents import INCIDENT, facts_of, listed_cases
from responders.slack.look_message import looks_message
from responders.slack.notices import notice, thread_line
from responders.slack.owed import CARD, LINE, SECOND_LOOKS, owe_line
from responders.slack.placing import THREAD, thread_of_case
from responders.slack.port import LooksPort, QueuePort
from responders.views import CaseView

# What the card itself says when it appears needs no line in its thread.
# A call has a message of its own.
QUIET_KINDS = frozenset({"opened", "drafted", "publishing", "noted_in_thread", "escalated"})


@dataclass(frozen=True, slots=True)
class Letter:
    """The arguments of a row's post, and which revision of the thing they show."""

    post: dict[str, Any]
    revision: int
    view: CaseView | None = None
    is_wanted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it tells of open work, so that it is posted anew when somebody deletes it."""
        return self.is_wanted or (self.view is not None and self.view.state in OPEN_STATES)


class Draughtsman:
    """Turns rows into letters. Reads in transactions of its own."""

    def __init__(
        self, db: Database, queue: QueuePort, looks: LooksPort, queue_url: str = ""
    ) -> None:
        self._db = db
        self._queue = queue
        self._looks = looks
        self._queue_url = queue_url

    def draw(self, row: Notification, now: datetime) -> Letter | None:
        """Return what `row` shows now; None when there is nothing to show, or not yet."""
        if row.kind == CARD:
            return self._card(row, now)
        if row.kind == LINE:
            return self._line(row)
        if row.kind == SECOND_LOOKS:
            return self._second_looks(row)
        if row.kind == DIGEST:
            return self._digest(row, now)
        if row.kind == INCIDENT:
            return self._incident(row, now)
        if row.kind == CALL:
            return self._call(row, now)
        with self._db.read() as session:
            resolved = _is_resolved(session, row)
        post = notice(
            channel=row.target,
            post_key=letter_key(row),
            title=str(row.detail.get("title", "")),
            text=str(row.detail.get("text", "")),
            resolved=resolved,
        )
        return Letter(post, 2 if resolved else 1)

    def thread_ts(self, row: Notification) -> str:
        """Return the thread that a row's message belongs to; empty for the channel itself.

        It is empty for a line, too, while the card of its case is not posted.
        """
        if row.kind == LINE:
            with self._db.read() as session:
                return thread_of_case(session, row.case_id, row.target)[0]
        return str(row.detail.get(THREAD) or "")

    def _card(self, row: Notification, now: datetime) -> Letter | None:
        view = self._queue.view(row.case_id) if row.case_id is not None else None
        if view is None:
            return None
        compact = bool(row.detail.get("compact"))
        key = letter_key(row)
        post = case_card(view, channel=row.target, post_key=key, now=now, compact=compact)
        thread_ts = self.thread_ts(row)
        if thread_ts:
            post["thread_ts"] = thread_ts
        return Letter(post, view.revision, view)

    def _second_looks(self, row: Notification) -> Letter:
        looks = self._looks.these(_listed(row))
        post = looks_message(
            looks,
            waiting=self._looks.waiting(),
            channel=row.target,
            post_key=letter_key(row),
        )
        return Letter(post, 1 + sum(not look.is_waiting for look in looks))

    def _digest(self, row: Notification, now: datetime) -> Letter:
        with self._db.read() as session:
            digest = digest_of(session, row, now)
        post = digest_message(
            digest, channel=row.target, post_key=letter_key(row), queue_url=self._queue_url
        )
        return Letter(post, 1)

    def _incident(self, row: Notification, now: datetime) -> Letter | None:
        with self._db.read() as session:
            listed = listed_cases(session, row)
        lines = self._queue.lines(state="all", among=listed)
        with self._db.read() as session:
            facts = facts_of(session, row, lines)
        if facts is None:
            return None
        post = incident_card(facts, channel=row.target, post_key=letter_key(row), now=now)
        return Letter(post, 1, is_wanted=facts.line.ended_at is None)

    def _call(self, row: Notification, now: datetime) -> Letter | None:
        view = self._queue.view(row.case_id) if row.case_id is not None else None
        if view is None:
            return None
        with self._db.read() as session:
            facts = facts_of_call(session, row, view, now, self._queue_url)
            shown = shown_changes(session, row)
        post = call_message(
            facts,
            channel=row.target,
            post_key=letter_key(row),
            now=now,
            thread_ts=str(row.detail.get(THREAD) or ""),
        )
        return Letter(post, shown)

    def _line(self, row: Notification) -> Letter | None:
        with self._db.read() as session:
            thread_ts, shared = thread_of_case(session, row.case_id, row.target)
        if not thread_ts:
            return None
        said = str(row.detail.get("text", ""))
        post = thread_line(
            channel=row.target,
            thread_ts=thread_ts,
            post_key=letter_key(row),
            text=f"C-{row.case_id}: {said}" if shared else said,
            case_id=row.case_id or 0,
            to=str(row.detail.get("to", "")),
        )
        return Letter(post, 1)


def _listed(row: Notification) -> list[int]:
    """Return the looks that a message lists."""
    return [int(look_id) for look_id in row.detail.get(LISTED, ())]


def letter_key(row: Notification) -> str:
    """Return the key that the row's current message carries; a card posted anew has its own."""
    generation = row.detail.get("generation")
    return f"{row.post_key}:g{generation}" if generation else row.post_key


def latest_revision(session: Session, row: Notification) -> int:
    """Return which revision the row should show by now."""
    if row.kind == CARD and row.case_id is not None:
        return session.scalar(select(Case.revision).where(Case.id == row.case_id)) or 0
    if row.kind == CALL:
        return shown_changes(session, row)
    if row.kind == SECOND_LOOKS:
        judged = select(func.count()).where(
            SecondLook.id.in_(_listed(row)), SecondLook.verdict != WAITING
        )
        return 1 + session.scalars(judged).one()
    return 2 if _is_resolved(session, row) else 1


def tell_thread(
    session: Session, row: Notification, view: CaseView, now: datetime, calling: Calling
) -> None:
    """Owe the thread a line for each event since the last drawing of the card.

    Where somebody has to act on it, they are called by name, as soon as they may be.

    Events are counted by their ids: whoever waits for a lock writes later than the time that
    stands on the event.
    """
    told_event = row.detail.get("told_event")
    told_until = row.detail.get("told_until")  # rows of an earlier version know only a time
    told(row, view)
    if told_event is None and told_until is None:
        return  # the card has just appeared and says it all
    since = datetime.fromisoformat(told_until) if told_until is not None else None
    fresh = [
        event
        for event in view.events
        if event.kind not in QUIET_KINDS
        and (
            event.id > told_event
            if told_event is not None
            else since is not None and event.at > since
        )
    ]
    if fresh:
        said = "\n".join(f"{event.summary} — {event.actor}" for event in fresh)
        whom = calling.whom(view, (event.kind for event in fresh))
        at = calling.when(view.urgency, now) if whom else now
        key = f"event:{fresh[-1].id}"
        owe_line(session, view.id, row.target, key, said, now, to=whom, not_before=at)


def told(row: Notification, view: CaseView) -> None:
    """Keep which events the card, and the lines below it, have told by now."""
    latest = max((event.id for event in view.events), default=0)
    row.detail = {**row.detail, "told_event": latest}


def _is_resolved(session: Session, row: Notification) -> bool:
    if row.alert_id is None:
        return False
    alert = session.get(Alert, row.alert_id)
    return alert is not None and alert.resolved_at is not None
