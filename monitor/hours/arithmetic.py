"""Sums with opening hours: is it open, when next, what falls due when, how long was that.

Every function takes aware times of any zone and returns UTC. `add` and `between` fit together
exactly, to the microsecond: ``between(c, s, add(c, s, n)) == n``.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from monitor.hours.calendar import Calendar
from monitor.hours.timeline import EPOCH, SECOND, first_moment, microseconds

SEARCH_YEARS = 100
"""How far ahead `add` and `next_open` look before they give up."""


class NeverOpen(ValueError):
    """The calendar does not open for long enough within `SEARCH_YEARS`."""


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Tell whether the calendar is open at `at`. An interval holds its start, not its end."""
    instant, line = microseconds(at), calendar._timeline
    if line.always:
        return True
    year = line.year(_utc_year(at))
    i = bisect_right(year.opens, instant) - 1
    return i >= 0 and instant < year.closes[i]


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """Return `at` itself when the calendar is open then, else the next moment that it opens.

    Raises `NeverOpen` when that is more than `SEARCH_YEARS` ahead.
    """
    instant, line = microseconds(at), calendar._timeline
    if line.always:
        return at.astimezone(UTC)
    first = _utc_year(at)
    for number in range(first, first + SEARCH_YEARS + 1):
        year = line.year(number)
        i = bisect_right(year.closes, instant)
        if i < len(year.closes):
            return _moment(max(year.opens[i], instant))
    raise NeverOpen(f"calendar {calendar.key!r} does not open in {SEARCH_YEARS} years after {at}")


def add(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """Return the first moment at which `seconds` of open time have passed since `start`.

    A target that is used up at closing time is due at closing time, not at the next opening;
    no seconds at all are due at `start`. Raises ValueError for a negative or infinite number,
    `NeverOpen` when the calendar does not open for so long within `SEARCH_YEARS`.
    """
    instant, line = microseconds(start), calendar._timeline
    if not 0 <= seconds < math.inf:
        raise ValueError(f"cannot add {seconds} seconds; expected a number from 0 up")
    needed = seconds * SECOND if isinstance(seconds, int) else round(seconds * SECOND)
    if line.always or not needed:
        try:
            return _moment(instant + needed)
        except OverflowError:
            raise NeverOpen(f"{seconds} seconds after {start} is beyond all calendars") from None
    number = _utc_year(start)
    last = number + SEARCH_YEARS
    year = line.year(number)
    needed += year.open_before(instant)
    while needed > year.total:
        needed -= year.total
        number += 1
        if number > last:
            raise NeverOpen(
                f"calendar {calendar.key!r} has no {seconds} open seconds "
                f"in the {SEARCH_YEARS} years after {start}"
            )
        year = line.year(number)
    i = bisect_left(year.sums, needed)
    return _moment(year.closes[i] - year.sums[i] + needed)


def between(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Return the seconds of open time from `start` to `end`: an int when they are whole.

    Raises ValueError when `end` is before `start`.
    """
    first, last, line = microseconds(start), microseconds(end), calendar._timeline
    if last < first:
        raise ValueError(f"the end {end} is before the start {start}")
    if line.always:
        return _seconds(last - first)
    from_year, to_year = _utc_year(start), _utc_year(end)
    total = line.year(to_year).open_before(last) - line.year(from_year).open_before(first)
    total += sum(line.year(number).total for number in range(from_year, to_year))
    return _seconds(total)


def open_intervals(
    calendar: Calendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open stretches between `start` and `end`, cut to them, in order, in UTC.

    Stretches that touch are one: a shop that never closes has one stretch. Their lengths add up
    to ``between(calendar, start, end)``.
    """
    first, last = microseconds(start), microseconds(end)
    waiting: tuple[int, int] | None = None
    for opened, closed in _stretches(calendar, start, end):
        opened, closed = max(opened, first), min(closed, last)
        if opened >= closed:
            continue
        if waiting and waiting[1] == opened:
            waiting = (waiting[0], closed)
            continue
        if waiting:
            yield _moment(waiting[0]), _moment(waiting[1])
        waiting = (opened, closed)
    if waiting:
        yield _moment(waiting[0]), _moment(waiting[1])


def closed_holidays(calendar: Calendar, start: datetime, end: datetime) -> list[date]:
    """List the holidays that took open time between `start` and `end` away, and no others."""
    first, last = (at.astimezone(calendar.zone).date() for at in (start, end))
    # A night shift that a holiday took may have begun the day before.
    first -= timedelta(days=1)
    begun, ended = microseconds(start), microseconds(end)
    return [
        day
        for day in sorted(calendar.holidays)
        if first <= day <= last and calendar._timeline.is_lost_to_holiday(day, begun, ended)
    ]


def day_begins(calendar: Calendar, day: date) -> datetime:
    """Return when a local date begins: at midnight, or where the clock jumps over midnight."""
    return _moment(first_moment(calendar.zone, day, 0))


def _stretches(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    line = calendar._timeline
    if line.always:
        yield microseconds(start), microseconds(end)
        return
    first, last = microseconds(start), microseconds(end)
    for number in range(_utc_year(start), _utc_year(end) + 1):
        year = line.year(number)
        reach = slice(bisect_right(year.closes, first), bisect_left(year.opens, last))
        yield from zip(year.opens[reach], year.closes[reach], strict=True)


def _utc_year(at: datetime) -> int:
    return at.year if at.tzinfo is UTC else at.astimezone(UTC).year


def _moment(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def _seconds(count: int) -> float:
    whole, rest = divmod(count, SECOND)
    return count / SECOND if rest else whole
