"""Settles whether a promise was kept: by when the waiting ended, not by when that was heard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.trail import DAEMON, record
from monitor.models import Clock

TIME = "%Y-%m-%d %H:%M UTC"


def settle_breach(session: Session, clock: Clock, at: datetime, now: datetime) -> None:
    """Settle whether a clock that stops or stands still since `at` was late, at the moment `now`.

    A watcher may have noted a breach before anybody heard that the waiting had ended in time: it
    was none, and the trail says so.
    """
    noticed = clock.noticed_at
    note_breach(clock, at, now)
    if noticed is not None and clock.breached_at is None:
        record(
            session,
            clock.case_id,
            "kept_after_all",
            DAEMON,
            max(now, noticed),
            target=clock.target.replace("_", " "),
            due=clock.due_at.strftime(TIME),
        )


def note_breach(clock: Clock, at: datetime, now: datetime) -> None:
    """Note on a clock whether its deadline had passed before `at`, which is noticed `now`."""
    if at <= clock.due_at:
        clock.breached_at = clock.noticed_at = None
    elif clock.breached_at is None:
        clock.breached_at, clock.noticed_at = clock.due_at, now
