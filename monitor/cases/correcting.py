"""Tells whether a case is open only because its published reply is being put right.

The trail tells: what was marked last decides. Such a case owes its customer nothing, so no
response clock runs on it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Case, Event, Reply

CORRECTING = "correcting"
"""The event that a published text was put on the table; it names the ``reply``."""

KEPT = "kept_standing"
"""The event that a correction was given up: what stands there stays."""

REMOVED = "removed"
"""The event that a reply was taken down at its platform."""

_MARKS = (CORRECTING, KEPT, REMOVED, "reopened")
_OPEN = ("opened", "drafted", "approved")


def corrected_reply(session: Session, case: Case) -> Reply | None:
    """Return the reply that is being put right; None where none is."""
    if case.state not in _OPEN:
        return None
    mark = _newest_mark(session, case.id)
    if mark is None or mark.kind != CORRECTING:
        return None
    return session.get(Reply, mark.detail["reply"])


def is_correction(session: Session, reply: Reply) -> bool:
    """Tell whether a reply was approved to put an earlier one right."""
    approvals = session.scalars(
        select(Event)
        .where(Event.case_id == reply.case_id, Event.kind == "approved")
        .order_by(Event.id.desc())
    )
    for event in approvals:
        if event.detail.get("version") == reply.draft.version:
            mark = _newest_mark(session, reply.case_id, before=event.id)
            return mark is not None and mark.kind == CORRECTING
    return False


def _newest_mark(session: Session, case_id: int, before: int | None = None) -> Event | None:
    marks = select(Event).where(Event.case_id == case_id, Event.kind.in_(_MARKS))
    if before is not None:
        marks = marks.where(Event.id < before)
    return session.scalars(marks.order_by(Event.id.desc()).limit(1)).first()
