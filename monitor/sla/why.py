"""The whole story of one clock: why it holds, why it started then, its deadline, what came of it.

The deadline itself is told by `monitor.sla.story`; every number here is one that was stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from monitor.hours import closed_holidays, open_intervals
from monitor.sla.deadline import Segment, due_with_pauses, elapsed, left, merged, running
from monitor.sla.policy import Conditions, Target
from monitor.sla.snapshot import Snapshot
from monitor.sla.story import explain, say_duration, say_time

ENDED = ("stopped", "voided")


@dataclass(frozen=True, slots=True)
class Ran:
    """What is stored of one clock. `pauses` in the order they were made."""

    target: Target
    state: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    noticed_at: datetime | None = None
    written_at: datetime | None = None
    seen_at: datetime | None = None
    start_reason: str = ""
    stopped_by: str = ""
    answered: bool = False
    visible_at: datetime | None = None
    pauses: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a deadline came about, in numbers. `due` is None while a pause keeps it open."""

    due: datetime | None
    spans: tuple[tuple[datetime, datetime], ...]
    holidays: tuple[str, ...]
    pauses: tuple[Segment, ...]


def counted_pauses(ran: Ran) -> list[Segment]:
    """Return the pauses that the stored deadline of a clock was counted with.

    What stood still when it ended moved no deadline: the clock stopped where that pause began.
    """
    if ran.state not in ENDED:
        return list(ran.pauses)
    stopped = ran.stopped_at or ran.due_at
    return [each for each in ran.pauses if each.end is not None and each.start < stopped]


def reckon(snapshot: Snapshot, ran: Ran) -> Reckoned:
    """Return the stretches that the deadline of a clock is made of."""
    calendar = snapshot.counts_by(ran.target)
    known = merged(counted_pauses(ran), ran.started_at)
    due = due_with_pauses(snapshot, ran.target, ran.started_at, known)
    held = next((each.start for each in known if each.end is None), ran.started_at)
    end = due or held
    return Reckoned(
        due,
        tuple(
            span
            for begun, ended in running(ran.started_at, end, known)
            for span in open_intervals(calendar, begun, ended)
        ),
        tuple(day.isoformat() for day in closed_holidays(calendar, ran.started_at, end)),
        tuple(each for each in known if each.start < end or each.end is None),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A clock in words, a line each: how its deadline came about, and what came of it."""

    deadline: tuple[str, ...]
    ending: tuple[str, ...]


def tell(snapshot: Snapshot, ran: Ran, now: datetime, *, zone: tzinfo | None = None) -> Told:
    """Tell a clock from its start to what came of it. Times are in `zone`, or the calendar's."""
    zone = zone or snapshot.calendar.zone
    policy, *deadline = explain(
        snapshot, ran.target, ran.started_at, counted_pauses(ran), zone=zone
    )
    started, *rest = deadline
    return Told(
        (
            policy,
            f"It holds for {say_conditions(snapshot.policy.when)}.",
            started,
            *_tell_start(snapshot, ran, zone),
            *rest,
        ),
        tuple(_tell_end(snapshot, ran, now, zone)),
    )


def say_conditions(when: Conditions) -> str:
    """Say which cases a policy holds for: ``urgency high or urgent, and rating at most 2``."""
    said = []
    for name in ("source", "brand", "location", "urgency", "language", "topic", "tier"):
        values = getattr(when, name)
        if values:
            said.append(f"{name} {' or '.join(values)}")
    if when.rating_at_least is not None:
        said.append(f"rating at least {when.rating_at_least:g}")
    if when.rating_at_most is not None:
        said.append(f"rating at most {when.rating_at_most:g}")
    if when.reach_at_least is not None:
        said.append(f"at least {when.reach_at_least} followers")
    return "cases with " + ", and ".join(said) if said else "every case"


def _tell_start(snapshot: Snapshot, ran: Ran, zone: tzinfo) -> list[str]:
    """Tell why the clock started then, and how late that was heard."""
    if ran.seen_at is None:
        return []
    late = ""
    if ran.written_at is not None and ran.seen_at > ran.written_at:
        waited = _say_late((ran.seen_at - ran.written_at).total_seconds())
        written = say_time(ran.written_at.replace(microsecond=0), zone)
        late = f"; by the platform it was written on {written}, {waited} before"
    if snapshot.policy.start == "written" and not ran.start_reason:
        seen = say_time(ran.seen_at.replace(microsecond=0), zone)
        return [f"That is when it was written, by the platform's time; Rapport saw it on {seen}."]
    if ran.start_reason:
        return [
            "The policy counts from when it was written, but "
            f"{ran.start_reason}: it started when Rapport saw it{late}."
        ]
    return [f"That is when Rapport saw it{late}."]


def _tell_end(snapshot: Snapshot, ran: Ran, now: datetime, zone: tzinfo) -> list[str]:
    lines = []
    if ran.warned_at is not None:
        lines.append(f"Staff were warned on {_said(ran.warned_at, zone)}.")
    if ran.state == "voided":
        at = f" on {_said(ran.stopped_at, zone)}" if ran.stopped_at else ""
        return [*lines, f"The promise ended{at}: it counts neither as kept nor as broken."]
    if ran.state == "stopped" and ran.stopped_at is not None:
        return [*lines, *_tell_stop(snapshot, ran, ran.stopped_at, zone)]
    if ran.breached_at is not None or (ran.state == "running" and now > ran.due_at):
        late = say_duration(max(0, round((now - ran.due_at).total_seconds())))
        noticed = f", noticed on {_said(ran.noticed_at, zone)}" if ran.noticed_at else ""
        return [*lines, f"It is overdue since then, by {late} now{noticed}."]
    if ran.state == "running":
        over = round(left(snapshot, ran.target, ran.started_at, now, ran.pauses))
        time = "wall time" if ran.target in snapshot.policy.wall else "open time"
        lines.append(f"It runs, with {say_duration(max(0, over))} of {time} left.")
    return lines


def _tell_stop(snapshot: Snapshot, ran: Ran, stopped_at: datetime, zone: tzinfo) -> list[str]:
    """Tell what stopped it, whether that was in time, and since when the customer could see it."""
    by = f" by the answer that {ran.stopped_by or 'a person'} approved" if ran.answered else ""
    taken = elapsed(snapshot, ran.started_at, stopped_at, ran.pauses)
    kept = "too late" if ran.breached_at is not None else "in time"
    if ran.breached_at is not None:
        kept += f", by {say_duration(round((stopped_at - ran.due_at).total_seconds()))}"
    lines = [
        f"Stopped on {_said(stopped_at, zone)}{by}, {kept}: after "
        f"{say_duration(round(taken.business))} of open time, {say_duration(round(taken.wall))} "
        "of wall time."
    ]
    if ran.answered and ran.visible_at is not None:
        later = round((ran.visible_at - stopped_at).total_seconds())
        after = f", {say_duration(later)} later" if later > 0 else ""
        lines.append(f"The customer can see it since {_said(ran.visible_at, zone)}{after}.")
    elif ran.answered:
        lines.append("Nobody has seen it there yet, as far as is known.")
    return lines


def _say_late(seconds: float) -> str:
    """Say how late something was heard, to the minute, and to the day once that is long."""
    if seconds >= 2 * 86_400:
        return f"{seconds // 86_400:.0f} days"
    return say_duration(round(seconds) if seconds < 3600 else round(seconds / 60) * 60)


def _said(at: datetime, zone: tzinfo) -> str:
    return say_time(at.replace(microsecond=0), zone)
