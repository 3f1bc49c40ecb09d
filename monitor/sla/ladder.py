"""Who is told next, and when: the arithmetic of escalation.

A ladder has rungs. Each is reached at a moment of the clock itself, counted as its deadline is: in
open time, less pauses. What is said at a rung is a call; a rung may call several times. A call
that falls outside its hours waits until they open, and whoever wakes up late gives one call, the
highest, for all that were missed.

Pure: the moments of a clock in, what to do now and when to look again out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.sla.deadline import Segment, reach, warnings_at
from monitor.sla.policy import Target
from monitor.sla.snapshot import Snapshot

LATE = timedelta(seconds=1)
"""A stop at the deadline itself is in time, so nobody is called for it before this has passed."""


@dataclass(frozen=True, slots=True)
class Rung:
    """When somebody is called, and how often.

    `after` are seconds on the clock past the deadline; None is at each warning of the policy.
    `times` more calls follow, `repeat` seconds apart, but none once the next rung is reached.
    Raises ValueError for a time before the deadline and for repetitions without a distance.
    """

    after: int | None = 0
    repeat: int = 0
    times: int = 0

    def __post_init__(self) -> None:
        if (self.after is not None and self.after < 0) or self.repeat < 0 or self.times < 0:
            raise ValueError("a rung is reached at the deadline or after it; nothing is negative")
        if self.times and (not self.repeat or self.after is None):
            raise ValueError("only a rung at or after the deadline repeats, some time apart")


@dataclass(frozen=True, slots=True)
class Call:
    """The call number `turn` of a rung, both counted from 0, and when it is due, in UTC."""

    at: datetime
    rung: int
    turn: int


@dataclass(frozen=True, slots=True)
class Move:
    """What to do now, and when to look again (None: there is nothing left to do).

    `calls` are given now: one, or several that are due at the very same moment. `missed` are those
    that they stand for. `again` tells that the one call was given before, and that its
    acknowledgement has run out. `is_released` tells that an acknowledgement has run out.
    """

    calls: tuple[Call, ...] = ()
    missed: tuple[Call, ...] = ()
    next_at: datetime | None = None
    again: bool = False
    is_released: bool = False


Opens = Callable[[int, datetime], datetime]
"""Returns when a rung may call that would like to at a moment: then, or later."""


def plan(
    rungs: Sequence[Rung],
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    pauses: Iterable[Segment] = (),
) -> list[Call]:
    """Return every call of a ladder in the order in which they are given.

    What a pause without an end keeps from coming is left out. Raises `NoTarget` when the policy
    does not promise `target`.
    """
    known = list(pauses)
    moments = [_moments(rung, snapshot, target, start, known) for rung in rungs]
    calls = []
    for number, own in enumerate(moments):
        following = (each[0] for each in moments[number + 1 :] if each and own)
        end = next((first for first in following if first > own[0]), None)
        calls += [
            Call(at, number, turn)
            for turn, at in enumerate(own)
            if turn == 0 or end is None or at < end
        ]
    return sorted(calls, key=lambda call: (call.at, call.rung, call.turn))


def climb(
    calls: Sequence[Call],
    told: Collection[tuple[int, int]],
    now: datetime,
    opens: Opens,
    held_until: datetime | None = None,
) -> Move:
    """Return what to do at `now`.

    `calls` is the `plan`; `told` are the rung and turn of each call that was given or missed.
    An acknowledgement holds everything until `held_until`. Then what was due meanwhile is given,
    or, where nothing is left, the highest call once more: somebody said that they would see to
    it, and did not.
    """
    if held_until is not None and now < held_until:
        return Move(next_at=held_until)
    last = max((i for i, call in enumerate(calls) if (call.rung, call.turn) in told), default=-1)
    left = calls[last + 1 :]
    if held_until is not None and not left and last >= 0:
        highest = calls[last]
        at = opens(highest.rung, held_until)
        if now < at:
            return Move(next_at=at)
        return Move((Call(held_until, highest.rung, highest.turn),), again=True, is_released=True)
    released = held_until is not None
    ripe = max((i for i, call in enumerate(left) if opens(call.rung, call.at) <= now), default=-1)
    later = left[ripe + 1 :]
    next_at = min((opens(call.rung, call.at) for call in later), default=None)
    if ripe < 0:
        return Move(next_at=next_at, is_released=released)
    given = tuple(
        call
        for call in left[: ripe + 1]
        if call.at == left[ripe].at and opens(call.rung, call.at) <= now
    )
    missed = tuple(call for call in left[: ripe + 1] if call not in given)
    return Move(given, missed, next_at, is_released=released)


def _moments(
    rung: Rung, snapshot: Snapshot, target: Target, start: datetime, pauses: list[Segment]
) -> list[datetime]:
    if rung.after is None:
        return [at for at, _ in warnings_at(snapshot, target, start, pauses)]
    promised = snapshot.seconds(target)
    reached = (
        reach(snapshot, target, start, promised + rung.after + turn * rung.repeat, pauses)
        for turn in range(rung.times + 1)
    )
    return [at + LATE for at in reached if at is not None]
