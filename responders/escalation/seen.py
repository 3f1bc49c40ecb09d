"""Reads who was told of a case and who is next, for the faces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.escalations import open_ladders
from monitor.models import Case, Clock, Escalation, EscalationCall
from responders.escalation.climbing import planned
from responders.escalation.ladders import Ladder
from responders.views import CallView, EscalationView


def escalation_of(session: Session, case: Case, now: datetime) -> tuple[EscalationView, ...]:
    """Return the ladders of a case whose clocks run, the one that was begun first on top."""
    return tuple(_view(session, case, row, now) for row in session.scalars(open_ladders(case.id)))


def _view(session: Session, case: Case, row: Escalation, now: datetime) -> EscalationView:
    clock = session.get_one(Clock, row.clock_id)
    ladder = Ladder.from_json(row.ladder)
    kept = session.scalars(
        select(EscalationCall)
        .where(EscalationCall.escalation_id == row.id)
        .order_by(EscalationCall.told_at, EscalationCall.id)
    ).all()
    known = {(each.rung, each.turn) for each in kept}
    calls = planned(session, case, clock, ladder)
    last = max((i for i, call in enumerate(calls) if (call.rung, call.turn) in known), default=-1)
    following = calls[last + 1 :]
    held = row.held_until is not None and row.held_until > now
    return EscalationView(
        target=clock.target,
        ladder=ladder.key,
        calls=tuple(
            CallView(each.told_at, each.state, each.who or each.instead_of, each.instead_of)
            for each in kept
            if each.state != "missed"
        ),
        missed=sum(each.state == "missed" for each in kept),
        next_at=row.next_at,
        next_who=ladder.steps[following[0].rung].meant if following else "",
        acknowledged_by=row.acknowledged_by if held else "",
        held_until=row.held_until if held else None,
    )
