"""When a clock starts: when we saw what was said, or when the platform says it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.sla.deadline import as_utc
from monitor.sla.policy import Policy

OLDEST = timedelta(days=7)
"""What was written longer before we saw it is history that came in late: nobody was slow."""

NOT_TOLD = "the platform does not tell when it was written"
AHEAD = "the platform's time lies ahead of ours"
TOO_OLD = f"it was written more than {OLDEST.days} days before it was seen"


@dataclass(frozen=True, slots=True)
class Start:
    """When a clock starts, in UTC and whole seconds.

    `reason` is why it does not start when it was written although the policy says so.
    """

    at: datetime
    reason: str = ""


def start_of(policy: Policy, seen_at: datetime, written_at: datetime | None) -> Start:
    """Return when the clock starts of what was written then and seen then.

    A policy that starts when something was written falls back to when it was seen where the
    platform's time is missing, lies ahead, or is older than `OLDEST`.
    """
    # Whole seconds: a deadline that people read has no use for less.
    seen = as_utc(seen_at).replace(microsecond=0)
    if policy.start == "seen":
        return Start(seen)
    if written_at is None:
        return Start(seen, NOT_TOLD)
    written = as_utc(written_at).replace(microsecond=0)
    if written > seen:
        return Start(seen, AHEAD)
    if seen - written > OLDEST:
        return Start(seen, TOO_OLD)
    return Start(written)
