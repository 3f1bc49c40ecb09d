"""Acknowledges a call: a person says that they see to it, and nobody else is called meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.escalations import acknowledge, open_ladders
from monitor.models import Case, Escalation
from responders.views import Actor


def acknowledge_call(session: Session, case: Case, actor: Actor, now: datetime) -> tuple[str, str]:
    """Hold the ladders of a case that have called somebody, and say until when."""
    held = _held_by_another(session, case, actor, now)
    if held is not None:
        until = f"{held.held_until:%Y-%m-%d %H:%M} UTC"
        return "taken", f"{case.ref}: {held.acknowledged_by} acknowledged it, until {until}"
    until_at = acknowledge(session, case, str(actor), now)
    if until_at is None:
        return "stale", f"{case.ref}: there is no call to acknowledge"
    said = f"{until_at:%Y-%m-%d %H:%M} UTC"
    return "done", f"{case.ref} is acknowledged: nobody else is called until {said}"


def _held_by_another(
    session: Session, case: Case, actor: Actor, now: datetime
) -> Escalation | None:
    rows = session.scalars(open_ladders(case.id)).all()
    held = [row for row in rows if row.held_until is not None and row.held_until > now]
    # Where one ladder of the case is free, there is something to acknowledge.
    others = [row for row in held if row.acknowledged_by != str(actor)]
    return others[0] if others and len(held) == len(rows) else None
