"""Putting a case off: until a time, or until its customer writes.

Nothing but the queue is affected: clocks run on, and whatever happens to the case wakes it, for
`monitor.cases.trail.move` ends a snooze with every change of state.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.trail import DAEMON, record, touch
from monitor.models import Case

UNTIL, CUSTOMER = "until", "customer"
"""What a snooze waits for: a time, or the customer's next word."""


def put_off(
    session: Session, case: Case, until: datetime | None, actor: str, now: datetime
) -> None:
    """Put a drafted case off until a time; without one, until its customer writes."""
    case.snooze = UNTIL if until is not None else CUSTOMER
    case.snoozed_until = until
    case.next_at = until
    told = f"{until:%Y-%m-%d %H:%M} UTC" if until is not None else "the customer writes"
    record(session, case.id, "snoozed", actor, now, until=told)
    session.flush()
    touch(session, case.id, now)


def wake(session: Session, case: Case, now: datetime, actor: str = DAEMON) -> None:
    """End a case's snooze: it stands in the queue again."""
    case.snooze, case.snoozed_until, case.next_at = "", None, None
    record(session, case.id, "woken", actor, now)
    session.flush()
    touch(session, case.id, now)
