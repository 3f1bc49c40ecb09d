"""Gives an open case to a person, or lets it go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.trail import record, touch
from monitor.intake.sighting import cleaned
from monitor.models import Case
from responders.editing import in_the_way_of, release
from responders.escalation.acknowledging import acknowledge_call
from responders.views import Actor
from responders.waiting import Told

ASSIGNABLE = ("opened", "drafted", "approved", "answered")
"""The states of a case that somebody may have to look after."""

NAME_MAX = 100


def hand_case(
    session: Session, case: Case, to: str, seen_revision: int | None, actor: Actor, now: datetime
) -> Told:
    """Give a case to a person by name, to nobody with an empty one."""
    name = cleaned(to).strip()[:NAME_MAX]
    if case.state not in ASSIGNABLE:
        return "taken", f"{case.ref} is {case.state}: there is nothing left to take"
    held = case.assignee
    if held == name:
        if name == actor.name and in_the_way_of(case, actor, now) is not None:
            release(case)
            record(session, case.id, "taken", str(actor), now, to=name, held=held)
            session.flush()
            touch(session, case.id, now)
        if name == actor.name:
            acknowledge_call(session, case, actor, now)
        return "done", f"{case.ref} is with {held or 'nobody'}"
    shown = seen_revision is None or seen_revision == case.revision
    if held not in ("", actor.name) and not shown:
        return "taken", f"{case.ref} is with {held} by now"
    case.assignee = name
    if name == actor.name:
        release(case)  # whoever takes a case over goes on with it
    kind = "released" if not name else "taken" if name == actor.name else "assigned"
    record(session, case.id, kind, str(actor), now, to=name, held=held or "nobody")
    session.flush()
    touch(session, case.id, now)
    if kind == "taken":  # who takes a case sees to what others were called for
        acknowledge_call(session, case, actor, now)
    return "done", f"{case.ref} is with {name or 'nobody'} now"
