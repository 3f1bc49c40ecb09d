"""Keeps ladders in step with their clocks: begun, held, called off, acknowledged.

What a ladder does when it is due is in `responders.escalation`; here is what everybody who changes
a clock must know of it. All of it happens in the caller's transaction, with the case locked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from monitor.cases.trail import record, touch
from monitor.models import Case, Clock, Escalation, EscalationCall, Notification
from monitor.models.upsert import insert_once

ACKNOWLEDGED = "acknowledged"
MESSAGE = "escalation"
"""The kind of the notifications that tell of a call."""

Cause = Callable[[Session, Clock, datetime], None]
"""Is told that a clock gave cause to begin its ladder: it warned, or it was late."""


def no_ladder(_session: Session, _clock: Clock, _now: datetime) -> None:
    """Begin nothing: where no ladders are configured."""


def begin(session: Session, clock: Clock, ladder: dict[str, Any], now: datetime) -> bool:
    """Keep the ladder of a clock and have it looked at; tell whether it is new."""
    return insert_once(
        session,
        Escalation,
        clock_id=clock.id,
        case_id=clock.case_id,
        ladder=ladder,
        begun_at=now,
        next_at=now,
    )


def has_begun(session: Session, clock: Clock) -> bool:
    """Tell whether a clock has its ladder."""
    known = select(Escalation.id).where(Escalation.clock_id == clock.id)
    return session.scalars(known).first() is not None


def call_off(session: Session, clock: Clock, now: datetime) -> None:
    """Let the ladder of a clock rest that runs no more, for now or for good."""
    _change(session, clock, None, now)


def go_on(session: Session, clock: Clock, now: datetime) -> None:
    """Have the ladder of a clock looked at that runs again."""
    _change(session, clock, now, now)


def redraw_calls(session: Session, case_id: int, now: datetime) -> None:
    """Owe the messages of a case's calls that were sent a new picture."""
    session.execute(
        update(Notification)
        .where(
            Notification.case_id == case_id,
            Notification.kind == MESSAGE,
            Notification.message_ts != "",
        )
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


def acknowledge(session: Session, case: Case, actor: str, now: datetime) -> datetime | None:
    """Hold the ladders of a case: somebody sees to it. Return until when the longest is held.

    None where no ladder has called anybody yet, and nothing is changed then.
    """
    until: datetime | None = None
    for row in session.scalars(open_ladders(case.id)).all():
        if not _has_called(session, row):
            continue
        seconds = int(row.ladder.get("acknowledge_within", 0))
        row.held_until = now + timedelta(seconds=seconds)
        row.acknowledged_by = actor
        row.acknowledgements += 1
        row.changes += 1
        row.next_at = row.held_until
        until = max(until or row.held_until, row.held_until)
    if until is None:
        return None
    said = until.strftime("%Y-%m-%d %H:%M UTC")
    record(session, case.id, ACKNOWLEDGED, actor, now, until=said)
    session.flush()
    redraw_calls(session, case.id, now)
    touch(session, case.id, now)
    return until


def open_ladders(case_id: int) -> Select[Escalation]:
    """Select the ladders of a case whose clocks run."""
    return (
        select(Escalation)
        .join(Clock, Clock.id == Escalation.clock_id)
        .where(Escalation.case_id == case_id, Clock.state == "running")
        .order_by(Escalation.id)
    )


def _has_called(session: Session, row: Escalation) -> bool:
    told = select(EscalationCall.id).where(
        EscalationCall.escalation_id == row.id, EscalationCall.state == "told"
    )
    return session.scalars(told.limit(1)).first() is not None


def _change(session: Session, clock: Clock, next_at: datetime | None, now: datetime) -> None:
    changed = session.execute(
        update(Escalation)
        .where(Escalation.clock_id == clock.id)
        .values(next_at=next_at, changes=Escalation.changes + 1)
        .returning(Escalation.id)
        .execution_options(synchronize_session=False)
    ).all()
    if changed:
        redraw_calls(session, clock.case_id, now)
