"""Owes staff a message: the one place that inserts and re-arms notification rows for Slack.

Everything here runs inside the caller's transaction, so that a message is owed exactly when the
change it tells of is committed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.cases.looks import LISTED, MESSAGE, WAITING
from monitor.models import Notification, SecondLook
from monitor.models.upsert import insert_once

SURFACE = "slack"
CARD, LINE, NOTICE, SECOND_LOOKS = "card", "line", "notice", MESSAGE
BETWEEN_REDRAWS = timedelta(seconds=2)
AHEAD = timedelta(seconds=30)
"""What a person has pressed is due so long ago: before hundreds of cards that are owed now."""

FULL = 5
"""Second looks that one message lists at most."""

PATIENCE = timedelta(hours=2)
"""So long a message waits for more to list than the first look that calls for it."""

A_DAY = timedelta(days=1)


def ensure_card(
    session: Session,
    case_id: int,
    channel: str,
    now: datetime,
    *,
    at_once: bool = False,
) -> None:
    """Owe the card of a case in `channel`, or its redrawing: one row per case and channel.

    Call it whenever the case's revision rises. Redraws are at least two seconds apart and the
    latest state wins; `at_once` is for a person's act, and redraws whatever the card shows.
    """
    post_key = f"card:{case_id}:{channel}"
    made = insert_once(
        session,
        Notification,
        case_id=case_id,
        surface=SURFACE,
        target=channel,
        kind=CARD,
        post_key=post_key,
        detail={},
        created_at=now,
        next_at=now,
    )
    if made:
        return
    row = session.scalars(
        select(Notification).where(Notification.post_key == post_key).with_for_update()
    ).one()
    if at_once:
        row.detail = {**row.detail, "redraw": row.detail.get("redraw", 0) + 1}
    if row.state in ("started", "unknown"):
        return  # the search for the lost post has its own times, and ends with a redraw
    wanted = now - AHEAD if at_once else now
    if not at_once and row.started_at is not None:
        wanted = max(now, row.started_at + BETWEEN_REDRAWS)
    row.next_at = wanted if row.next_at is None else min(row.next_at, wanted)


def owe_line(
    session: Session,
    case_id: int,
    channel: str,
    key: str,
    text: str,
    now: datetime,
    *,
    to: str = "",
    not_before: datetime | None = None,
) -> bool:
    """Owe one line in the thread of a case's card. `key` names the step, so it is said once.

    `to` is the id of a person whom Slack is to tell of it; `not_before` is when it may be said.
    Returns whether the line is new.
    """
    return insert_once(
        session,
        Notification,
        case_id=case_id,
        surface=SURFACE,
        target=channel,
        kind=LINE,
        post_key=_key("line", str(case_id), channel, key),
        detail={"text": text, "to": to} if to else {"text": text},
        created_at=now,
        next_at=not_before or now,
    )


def owe_notice(
    session: Session,
    channel: str,
    key: str,
    title: str,
    text: str,
    now: datetime,
    *,
    alert_id: int | None = None,
) -> bool:
    """Owe a plain message in `channel`; with `alert_id`, one that is redrawn when it resolves.

    Call it again when the alert has been resolved. Returns whether the notice is new.
    """
    post_key = _key("notice", channel, key)
    made = insert_once(
        session,
        Notification,
        alert_id=alert_id,
        surface=SURFACE,
        target=channel,
        kind=NOTICE,
        post_key=post_key,
        detail={"title": title, "text": text},
        created_at=now,
        next_at=now,
    )
    if not made and alert_id is not None:
        row = session.scalars(
            select(Notification).where(Notification.post_key == post_key).with_for_update()
        ).one()
        if row.next_at is None:
            row.next_at = now
    return made


def owe_looks(session: Session, channel: str, now: datetime) -> bool:
    """Owe `channel` a message on what waits for a second look: at most one in a day.

    It is owed once enough wait to fill it, or one has waited for `PATIENCE`; it lists those that
    have waited longest. Returns whether one is owed now.
    """
    waiting = session.execute(
        select(SecondLook.id, SecondLook.drawn_at)
        .where(SecondLook.verdict == WAITING)
        .order_by(SecondLook.drawn_at, SecondLook.id)
        .limit(FULL)
    ).all()
    if not waiting or (len(waiting) < FULL and waiting[0].drawn_at > now - PATIENCE):
        return False
    last = session.scalar(
        select(func.max(Notification.created_at)).where(
            Notification.case_id.is_(None),
            Notification.kind == SECOND_LOOKS,
            Notification.target == channel,
        )
    )
    if last is not None and last > now - A_DAY:
        return False
    return insert_once(
        session,
        Notification,
        surface=SURFACE,
        target=channel,
        kind=SECOND_LOOKS,
        # Of two daemons that come to it at once, one owes it.
        post_key=_key(SECOND_LOOKS, channel, f"{now:%Y-%m-%d}"),
        detail={LISTED: [look_id for look_id, _ in waiting]},
        created_at=now,
        next_at=now,
    )


def case_of_thread(session: Session, channel: str, thread_ts: str) -> int | None:
    """Return the case whose card begins a thread; None when none does."""
    return session.scalars(
        select(Notification.case_id)
        .where(
            Notification.message_ts == thread_ts,
            Notification.target == channel,
            Notification.kind == CARD,
        )
        .limit(1)
    ).first()


def redraw_now(row: Notification, now: datetime) -> None:
    """Have a message drawn anew at once, whatever it shows: a person has pressed its button."""
    row.detail = {**row.detail, "redraw": row.detail.get("redraw", 0) + 1}
    row.next_at = now - AHEAD


def _key(*parts: str) -> str:
    # The column holds 80 characters: a long key keeps its start and gets a digest.
    key = ":".join(parts)
    if len(key) <= 80:
        return key
    return f"{key[:47]}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
