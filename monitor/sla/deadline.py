"""When a clock falls due, with the time in which it stood still taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.hours import ALWAYS, Calendar, add, between
from monitor.sla.policy import Target
from monitor.sla.snapshot import Snapshot
from monitor.sla.warning import Warn, used_up


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which a clock stood still, kept in UTC. `end` is None while it still does.

    Raises ValueError for naive times and for an end before the start.
    """

    start: datetime
    end: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            at = getattr(self, name)
            if at is not None:
                object.__setattr__(self, name, as_utc(at))
        if self.end is not None and self.end < self.start:
            raise ValueError(f"a pause ends at {self.end}, before it starts at {self.start}")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """How long something took, in seconds.

    `business` is open time by the policy's calendar less pauses, `wall` is all time less pauses,
    and `paused` is the time taken out; ``wall + paused`` is what the customer felt.
    """

    business: float
    wall: float
    paused: float


def due_at(snapshot: Snapshot, target: Target, start: datetime) -> datetime:
    """Return when a clock that starts at `start` and never pauses falls due, in UTC.

    Raises `NoTarget` when the policy does not promise `target`.
    """
    return add(snapshot.counts_by(target), start, snapshot.seconds(target))


def due_with_pauses(
    snapshot: Snapshot, target: Target, start: datetime, pauses: Iterable[Segment] = ()
) -> datetime | None:
    """Return when the clock falls due, in UTC; None while it stands still.

    Pauses may come in any order, overlap, and reach outside the clock's run; time that any of
    them covers does not count. A pause that begins at or after the deadline changes nothing.
    Raises `NoTarget` when the policy does not promise `target`.
    """
    return _reach(snapshot.counts_by(target), start, snapshot.seconds(target), pauses)


def warnings_at(
    snapshot: Snapshot, target: Target, start: datetime, pauses: Iterable[Segment] = ()
) -> list[tuple[datetime, Warn]]:
    """Return when the policy warns before the target is due, in UTC and in order.

    Shares are rounded to whole seconds, at least one. What a pause without an end keeps from
    coming is left out. Raises `NoTarget` as `due_at` does.
    """
    known = list(pauses)
    found = []
    for seconds, warning in used_up(snapshot.policy.warnings, snapshot.seconds(target)).items():
        at = reach(snapshot, target, start, seconds, known)
        if at is not None:
            found.append((at, warning))
    return found


def warn_at(
    snapshot: Snapshot, target: Target, start: datetime, pauses: Iterable[Segment] = ()
) -> datetime | None:
    """Return when the first warning is due, as `warnings_at` does; None where none is."""
    first = next(iter(warnings_at(snapshot, target, start, pauses)), None)
    return first[0] if first is not None else None


def reach(
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    seconds: float,
    pauses: Iterable[Segment] = (),
) -> datetime | None:
    """Return when a clock for `target` has run for `seconds`, in UTC; None while paused before."""
    snapshot.seconds(target)
    return _reach(snapshot.counts_by(target), start, seconds, pauses)


def elapsed(
    snapshot: Snapshot, start: datetime, end: datetime, pauses: Iterable[Segment] = ()
) -> Elapsed:
    """Measure from `start` to `end`. An end before the start is no time at all.

    That happens: a platform's clock may run behind ours.
    """
    business: float = 0
    wall: float = 0
    for begun, ended in running(start, end, pauses):
        business = round(business + between(snapshot.calendar, begun, ended), 6)
        wall = round(wall + between(ALWAYS, begun, ended), 6)
    whole = between(ALWAYS, start, max(as_utc(start), as_utc(end)))
    return Elapsed(business, wall, round(whole - wall, 6))


def left(
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    now: datetime,
    pauses: Iterable[Segment] = (),
) -> float:
    """Return the seconds that remain of `target` at `now`; below zero once it is overdue.

    They are of the time that the target is counted in: open time, or wall time.
    """
    return snapshot.seconds(target) - used(snapshot, target, elapsed(snapshot, start, now, pauses))


def used(snapshot: Snapshot, target: Target, taken: Elapsed) -> float:
    """Return how much of `target` was used up in a stretch that took so long, in seconds."""
    return taken.wall if target in snapshot.policy.wall else taken.business


def merged(pauses: Iterable[Segment], start: datetime) -> list[Segment]:
    """Return the pauses from `start` on, in order and apart; reasons of overlapping ones joined."""
    result: list[Segment] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.end is not None and pause.end <= max(start, pause.start):
            continue
        last = result[-1] if result else None
        if last is None or (last.end is not None and pause.start > last.end):
            result.append(Segment(max(pause.start, start), pause.end, pause.reason))
            continue
        end = None if last.end is None or pause.end is None else max(last.end, pause.end)
        said = [each for each in (last.reason, pause.reason) if each]
        result[-1] = Segment(last.start, end, "; ".join(dict.fromkeys(said)))
    return result


def running(
    start: datetime, end: datetime, pauses: Iterable[Segment]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches between `start` and `end` in which the clock runs, in order, in UTC."""
    at, end = as_utc(start), as_utc(end)
    for pause in merged(pauses, at):
        if at < min(pause.start, end):
            yield at, min(pause.start, end)
        if pause.end is None or pause.end >= end:
            return
        at = pause.end
    if at < end:
        yield at, end


def _reach(
    calendar: Calendar, start: datetime, seconds: float, pauses: Iterable[Segment]
) -> datetime | None:
    """Return the first moment at which the clock has run for `seconds` of open time."""
    at, needed = as_utc(start), seconds
    for pause in merged(pauses, at):
        available = between(calendar, at, pause.start)
        if available >= needed:
            break
        if pause.end is None:
            return None
        # To the microsecond, or the dust of the subtraction would outlast the pause.
        needed = round(needed - available, 6)
        at = pause.end
    return add(calendar, at, needed)


def as_utc(at: datetime) -> datetime:
    """Turn an aware time into UTC. Raises ValueError for a naive one.

    Python compares times of one local zone by their wall clock, blind to the hour that a clock
    change adds or takes; in UTC it cannot.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone; expected an aware datetime")
    return at.astimezone(UTC)
