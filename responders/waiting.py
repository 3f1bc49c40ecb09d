"""Acts on a case that decide nothing: put it off, wake it, note something, take a reply back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.elsewhere import put_back
from monitor.cases.snoozing import CUSTOMER, UNTIL, put_off, wake
from monitor.cases.trail import record, touch
from monitor.intake.sighting import cleaned
from monitor.models import Case, Clock, Reply
from responders.on_its_way import may_be_taken_back
from responders.views import Actor

NOTE_MAX = 2_000
"""Characters of a note that are kept."""

LONGEST_DAYS = 366

Told = tuple[str, str]
"""The code of an outcome and its words."""


def put_off_case(
    session: Session, case: Case, until: datetime | None, actor: Actor, now: datetime
) -> Told:
    """Put a case off that waits for a decision; say so when its answer is due before."""
    if case.state != "drafted":
        return "taken", f"{case.ref} is {case.state}: only what waits for a decision is put off"
    if until is not None and until <= now:
        return "blocked", "that time has passed; choose a later one"
    if until is not None and (until - now).days >= LONGEST_DAYS:
        return "blocked", f"a case is put off for at most {LONGEST_DAYS} days"
    put_off(session, case, until, str(actor), now)
    told = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until the customer writes"
    due = _due(session, case)
    if due is not None and (until is None or due < until):
        told += f"; its clock runs on, and the answer is due {due:%Y-%m-%d %H:%M} UTC"
    return "done", f"{case.ref} is put off {told}"


def wake_case(session: Session, case: Case, actor: Actor, now: datetime) -> Told:
    """Bring a case back that was put off."""
    if case.snooze not in (UNTIL, CUSTOMER):
        return "done", f"{case.ref} is not put off"
    wake(session, case, now, str(actor))
    return "done", f"{case.ref} is in the queue again"


def as_note(text: str) -> str:
    """Return what is kept of a word of staff: it is cut where it is too long."""
    said = cleaned(text).strip()
    return said if len(said) <= NOTE_MAX else said[: NOTE_MAX - 1] + "…"


def note(
    session: Session, case: Case, text: str, actor: Actor, now: datetime, *, in_thread: bool
) -> Told:
    """Keep a word of staff on a case. It is never published, nor shown to a customer."""
    said = as_note(text)
    if not said:
        return "blocked", "the note is empty"
    kind = "noted_in_thread" if in_thread else "noted"
    record(session, case.id, kind, str(actor), now, text=said)
    session.flush()
    touch(session, case.id, now)
    return "done", f"the note is kept on {case.ref}"


def take_back(session: Session, case: Case, actor: Actor, now: datetime) -> Told | None:
    """Take an approved reply back that has not left: its text is on the table again.

    None when there is nothing to take back.
    """
    reply = session.scalars(
        select(Reply)
        .where(Reply.case_id == case.id, Reply.state == "owed")
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()
    if case.state != "approved" or reply is None or not may_be_taken_back(session, reply):
        return None
    record(session, case.id, "taken_back", str(actor), now)
    session.flush()
    put_back(session, case, reply, now)
    return "done", f"{case.ref}: the reply did not leave, and its text is on the table again"


def _due(session: Session, case: Case) -> datetime | None:
    return session.scalars(
        select(Clock.due_at)
        .where(Clock.case_id == case.id, Clock.state == "running")
        .order_by(Clock.due_at)
        .limit(1)
    ).first()
