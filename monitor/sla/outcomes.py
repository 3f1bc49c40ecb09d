"""What became of a promise: kept, broken, or still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from monitor.sla.deadline import Elapsed, Segment, as_utc, due_with_pauses, elapsed, used
from monitor.sla.policy import Target
from monitor.sla.snapshot import Snapshot

State = Literal["met", "breached", "running", "overdue", "paused"]
"""``met`` and ``breached`` clocks have stopped; the others have not.

A clock stopped at its due time to the microsecond is met; an unstopped one is overdue after it.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of one clock.

    `breached_at` is the deadline itself, whenever it was noticed; None unless it was missed.
    `due_at` is None while a pause without an end keeps it open. `left` is in seconds of the
    time that the target is counted in, and below zero when late. `elapsed` runs to the stop, or
    to now.
    """

    state: State
    due_at: datetime | None
    breached_at: datetime | None
    left: float
    elapsed: Elapsed


def outcome(
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    *,
    now: datetime,
    stopped_at: datetime | None = None,
    pauses: Iterable[Segment] = (),
) -> Outcome:
    """Judge a clock that started at `start`, as of `now`, or for good once it has stopped.

    Raises `NoTarget` when the policy does not promise `target`.
    """
    known = list(pauses)
    end = as_utc(now if stopped_at is None else stopped_at)
    if stopped_at is not None:
        # The stop also ends a pause: what counts is where the deadline would have been.
        known = [
            replace(each, end=max(each.start, end)) if each.end is None else each for each in known
        ]
    due = due_with_pauses(snapshot, target, start, known)
    taken = elapsed(snapshot, start, end, known)
    late = due is not None and end > due
    state: State
    if stopped_at is not None:
        state = "breached" if late else "met"
    elif late:
        state = "overdue"
    elif any(each.start <= end and (each.end is None or end < each.end) for each in known):
        state = "paused"
    else:
        state = "running"
    return Outcome(
        state=state,
        due_at=due,
        breached_at=due if late else None,
        left=snapshot.seconds(target) - used(snapshot, target, taken),
        elapsed=taken,
    )
