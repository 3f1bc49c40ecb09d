"""The soft lock while somebody edits a draft: others see it, and do not publish under their hands.

It holds for ten minutes at most. Saving, closing the form, a decision, and somebody who takes the
case over end it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from monitor.cases.trail import touch
from monitor.models import Case
from responders.views import Actor, EditingView

HOLDS = timedelta(minutes=10)


def begin_edit(session: Session, case: Case, actor: Actor, now: datetime) -> None:
    """Note that an actor edits the draft from now on, unless somebody else does already."""
    held = editing_of(case, now)
    if case.state != "drafted" or (held is not None and held.by != actor.name):
        return
    case.editor, case.editing_until = actor.name, now + HOLDS
    session.flush()
    touch(session, case.id, now)


def end_edit(session: Session, case: Case, actor: Actor, now: datetime) -> None:
    """Note that an actor edits no longer."""
    if case.editor != actor.name:
        return
    release(case)
    session.flush()
    touch(session, case.id, now)


def release(case: Case) -> None:
    """Take the lock off a case, whoever holds it."""
    case.editor, case.editing_until = "", None


def editing_of(case: Case, now: datetime) -> EditingView | None:
    """Return who edits the draft of a case now; None when nobody does."""
    if not case.editor or case.editing_until is None or case.editing_until <= now:
        return None
    return EditingView(case.editor, case.editing_until)


def in_the_way_of(case: Case, actor: Actor, now: datetime) -> tuple[str, str] | None:
    """Say that somebody else edits the text that an actor would decide on; None when nobody."""
    held = editing_of(case, now)
    if held is None or held.by == actor.name:
        return None
    until = f"{held.until:%H:%M} UTC"
    return "taken", f"{held.by} is editing this text, until {until} at most; take it over to go on"
