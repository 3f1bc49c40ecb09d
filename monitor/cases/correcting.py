"""Tells whether a case is open only because its published reply is being put right.

The trail tells: what was marked last decides. Such a case owes its customer nothing, so no
response clock runs on it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Case, Event, Reply

CORRECTING = "correcting"
"""The event that a published text was put on the table; it names the ``reply``, and since when
the case was closed (``closed_at``, ISO 8601)."""

KEPT = "kept_standing"
"""The event that a correction was given up: what stands there stays."""

REMOVED = "removed"
"""The event that a reply was taken down at its platform."""

NOT_THERE = "correction_moot"
"""The event that what was being put right never stood there: the text is an answer like others."""

_MARKS = (CORRECTING, KEPT, REMOVED, NOT_THERE, "reopened")
_OPEN = ("opened", "drafted", "approved")


def corrected_reply(session: Session, case: Case) -> Reply | None:
    """Return the reply that is being put right; None where none is."""
    mark = _correcting(session, case)
    return None if mark is None else session.get(Reply, mark.detail["reply"])


def closed_before(session: Session, case: Case) -> datetime | None:
    """Return since when a case was closed whose reply is being put right; None where it was not."""
    mark = _correcting(session, case)
    closed = mark.detail.get("closed_at") if mark is not None else None
    return datetime.fromisoformat(closed) if closed else None


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


def _correcting(session: Session, case: Case) -> Event | None:
    mark = _newest_mark(session, case.id) if case.state in _OPEN else None
    return mark if mark is not None and mark.kind == CORRECTING else None


def _newest_mark(session: Session, case_id: int, before: int | None = None) -> Event | None:
    marks = select(Event).where(Event.case_id == case_id, Event.kind.in_(_MARKS))
    if before is not None:
        marks = marks.where(Event.id < before)
    return session.scalars(marks.order_by(Event.id.desc()).limit(1)).first()
