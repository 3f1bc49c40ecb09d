"""The audit trail and the compare-and-swap that every change of a case goes through."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.changes import case_changed
from monitor.models import Case, Event, Notification

DAEMON = "Rapport"


def lock_case(session: Session, case_id: int) -> Case:
    """Return the case as it is now, locked until the transaction ends, where rows are locked.

    Whoever changes a case, or anything that hangs on it, locks the case first: two who take
    the same locks in different orders wait for each other for ever. The lock lets others add
    rows that refer to the case, for an insertion takes a lock of its own on what it refers to.
    """
    return session.get_one(
        Case, case_id, with_for_update={"key_share": True}, populate_existing=True
    )


def record(
    session: Session, case_id: int | None, kind: str, actor: str, at: datetime, **detail: Any
) -> None:
    """Add one line to the trail of a case."""
    session.add(Event(case_id=case_id, kind=kind, actor=actor, at=at, detail=detail))
    if case_id is not None:
        case_changed(session, case_id)


def move(
    session: Session,
    case_id: int,
    now: datetime,
    *,
    expected: Collection[str],
    to: str | None = None,
    **values: Any,
) -> bool:
    """Change a case if it is still in one of the `expected` states; tell whether it was.

    Every such change raises the revision that faces compare, and has the case's cards redrawn.
    A new state ends a snooze and an edit.
    """
    if to is not None:
        ended = {"snooze": "", "snoozed_until": None, "editor": "", "editing_until": None}
        values = {**ended, **values, "state": to}
    moved = session.execute(
        update(Case)
        .where(Case.id == case_id, Case.state.in_(expected))
        .values(revision=Case.revision + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        return False
    session.expire_all()
    redraw(session, case_id, now)
    return True


def touch(session: Session, case_id: int, now: datetime) -> None:
    """Say that something shown on the case changed without moving its state."""
    session.execute(
        update(Case)
        .where(Case.id == case_id)
        .values(revision=Case.revision + 1)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    redraw(session, case_id, now)


def redraw(session: Session, case_id: int, now: datetime) -> None:
    """Owe every face that shows this case a new picture of it."""
    session.execute(
        update(Notification)
        .where(Notification.case_id == case_id, Notification.kind == "card")
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )
