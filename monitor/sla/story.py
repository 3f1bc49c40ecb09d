"""A deadline told as a story, from the very stretches of time that were counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from monitor.hours import DAYS, Calendar, between, closed_holidays, day_begins, open_intervals
from monitor.sla.deadline import Segment, as_utc, due_with_pauses, merged, running
from monitor.sla.policy import Target
from monitor.sla.snapshot import Snapshot

_LONGEST = 14
"""A story lists no more open stretches than this; it says how many lie between."""

_Line = tuple[datetime, str]


def explain(
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    pauses: Iterable[Segment] = (),
    *,
    zone: tzinfo | None = None,
) -> list[str]:
    """Tell how the deadline came about, a line each: policy, start, open time, pauses, due.

    Every time carries its zone: `zone`, or else the calendar's. The open stretches add up to the
    target, or, while a pause keeps the deadline open, to what was used before it. Raises
    `NoTarget` when the policy does not promise `target`.
    """
    start, promised = as_utc(start), snapshot.seconds(target)
    policy, calendar = snapshot.policy, snapshot.counts_by(target)
    zone = zone or snapshot.calendar.zone
    wall = target in policy.wall
    known = merged(pauses, start)
    due = due_with_pauses(snapshot, target, start, known)
    held = next((each for each in known if each.end is None), None) if due is None else None
    end = due or (held.start if held else start)

    spans = [
        span
        for begun, ended in running(start, end, known)
        for span in open_intervals(calendar, begun, ended)
    ]
    used, counted = _tell_spans(calendar, spans, zone, "Counted" if wall else "Open")
    told = used + _tell_holidays(calendar, start, end)
    time = "wall time" if wall else "open time"
    told += _tell_pauses(calendar, known, end, zone, time)
    by = ", day and night" if wall else f' by calendar "{calendar.key}" ({calendar.timezone})'
    lines = [
        f'Policy "{policy.key}", version {snapshot.version}: {target.replace("_", " ")} '
        f"within {say_duration(promised)} of {time}{by}.",
        f"The clock started on {say_time(start, zone)}.",
        *(text for _, text in sorted(told, key=lambda line: line[0])),
    ]
    if due is not None:
        lines.append(f"Due on {say_time(due, zone)}, after {say_duration(counted)} of {time}.")
    elif held is not None:
        lines.append(
            f"Paused since {say_time(held.start, zone)}{_because(held)}: the clock stands still "
            f"with {say_duration(round(promised - counted, 6))} left; it has no due time until "
            "it goes on."
        )
    return lines


def tell_open_time(
    calendar: Calendar, start: datetime, end: datetime, *, zone: tzinfo | None = None
) -> list[str]:
    """Tell the open stretches and the lost holidays from `start` to `end`, a line each, in order.

    The lines are those of `explain`; the stretches add up to ``between(calendar, start, end)``.
    """
    zone = zone or calendar.zone
    spans = list(open_intervals(calendar, start, end))
    told = _tell_spans(calendar, spans, zone)[0] + _tell_holidays(calendar, start, end)
    return [text for _, text in sorted(told, key=lambda line: line[0])]


def say_time(at: datetime, zone: tzinfo) -> str:
    """Write an instant with its zone: ``Fri 2026-03-27 16:45 CET``; seconds when there are any."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    if local.microsecond:
        clock += f".{local:%f}".rstrip("0")
    name = local.tzname() or ""
    if not name.isalpha():  # Many zones have no letters, only a number such as +0545.
        offset = f"{local:%z}"
        name = f"UTC{offset[:3]}:{offset[3:5]}"
    return f"{DAYS[local.weekday()].title()} {local:%Y-%m-%d} {clock} {name}"


def say_duration(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds: ``8 h``, ``1 h 15 min``, ``40 s``."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (round(rest, 6), "s"))
    return " ".join(f"{count:.10g} {unit}" for count, unit in parts if count) or "0 s"


def _tell_spans(
    calendar: Calendar,
    spans: list[tuple[datetime, datetime]],
    zone: tzinfo,
    word: str = "Open",
) -> tuple[list[_Line], float]:
    """Tell the stretches that count, with the running total; return it too."""
    lines: list[_Line] = []
    total: float = 0
    hidden = range(_LONGEST - 2, len(spans) - 1) if len(spans) > _LONGEST else range(0)
    unsaid: float = 0
    for number, (opened, closed) in enumerate(spans):
        length = between(calendar, opened, closed)
        total = round(total + length, 6)
        if number in hidden:
            unsaid = round(unsaid + length, 6)
            if number == hidden[-1]:
                text = f"{len(hidden)} more {word.lower()} stretches: {say_duration(unsaid)}"
                lines.append((opened, f"{text}, {say_duration(total)} in all."))
            continue
        text = f"{word} from {say_time(opened, zone)} to {say_time(closed, zone)}"
        lines.append((opened, f"{text}: {say_duration(length)}, {say_duration(total)} in all."))
    return lines, total


def _tell_holidays(calendar: Calendar, start: datetime, end: datetime) -> list[_Line]:
    """Tell the holidays that cost open time; a date is one of the calendar's zone."""
    lines = []
    for day in closed_holidays(calendar, start, end):
        begun = max(day_begins(calendar, day), start)
        name = f"{DAYS[day.weekday()].title()} {day.isoformat()}"
        if day in calendar.names:
            name += f", {calendar.names[day]}"
        lines.append((begun, f"Holiday skipped: {name} ({calendar.timezone})."))
    return lines


def _tell_pauses(
    calendar: Calendar, pauses: list[Segment], end: datetime, zone: tzinfo, time: str
) -> list[_Line]:
    lines = []
    for pause in pauses:
        if pause.end is None or pause.start >= end:
            continue
        lost = say_duration(between(calendar, pause.start, pause.end))
        span = f"{say_time(pause.start, zone)} to {say_time(pause.end, zone)}"
        text = f"Paused from {span}{_because(pause)}: {lost} of {time} not counted."
        lines.append((pause.start, text))
    return lines


def _because(pause: Segment) -> str:
    return f" ({pause.reason})" if pause.reason else ""
