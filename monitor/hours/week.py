"""A week of opening hours: how it is written, and what makes it a wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The names of the days in configuration and JSON; the index is the weekday, Monday 0."""

MINUTES_A_DAY = 1440
MINUTES_A_WEEK = 7 * MINUTES_A_DAY

Interval = tuple[int, int]
Week = Mapping[int, tuple[Interval, ...]]
"""Weekday (Monday 0) to opening intervals, in minutes of that local day.

An interval begins on its day, ``0 <= start < 1440``, and ends after it begins, at most 24 hours
later: an end of 1440 is 24:00, an end of 1560 is 02:00 on the next day.
"""

_WRITTEN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})\s*", re.ASCII)
_EXPECTED = 'expected "HH:MM-HH:MM", such as "09:00-12:30", "22:00-02:00" or "00:00-24:00"'


def parse_week(mapping: Mapping[str, object]) -> dict[int, tuple[Interval, ...]]:
    """Read hours as they are written: ``{"mon": ["09:00-12:30", "22:00-02:00"], ...}``.

    A missing day, an empty list or None means closed. An end at or before its start is on the
    next morning. Raises ValueError that names every problem and what was expected, among them
    overlapping intervals, also across midnight and from Sunday into Monday.
    """
    problems: list[str] = []
    week: dict[int, tuple[Interval, ...]] = {}
    for name, written in mapping.items():
        if name not in DAYS:
            problems.append(f"unknown day {name!r}{_nearest(name)}; expected {', '.join(DAYS)}")
        elif written is not None:
            week[DAYS.index(name)] = tuple(_read_day(name, written, problems))
    if not problems:
        problems = check_week(week)
    if problems:
        raise ValueError("; ".join(problems))
    return week


def check_week(week: Week) -> list[str]:
    """Say everything that is wrong with `week`; an empty list means nothing."""
    problems = []
    spans: list[tuple[int, int, str]] = []
    for day, intervals in week.items():
        if day not in range(7):
            problems.append(f"weekday {day!r} is not a number from 0 (Monday) to 6 (Sunday)")
            continue
        for start, end in intervals:
            shown = f"{DAYS[day]} {write_interval(start, end)}"
            if not (0 <= start < MINUTES_A_DAY and start < end <= start + MINUTES_A_DAY):
                problems.append(
                    f"{DAYS[day]}: minutes {start} to {end} are no interval; expected a start "
                    "from 0 to 1439 and an end at most 1440 minutes later"
                )
            else:
                spans.append((day * MINUTES_A_DAY + start, day * MINUTES_A_DAY + end, shown))
    spans.sort()
    if spans:
        first = spans[0]
        spans.append((first[0] + MINUTES_A_WEEK, first[1] + MINUTES_A_WEEK, first[2]))
    problems += [
        f"{one[2]} and {two[2]} overlap" for one, two in pairwise(spans) if two[0] < one[1]
    ]
    return problems


def write_interval(start: int, end: int) -> str:
    """Write minutes the way `parse_week` reads them: (1320, 1560) is ``22:00-02:00``."""
    late = end if end <= MINUTES_A_DAY else end - MINUTES_A_DAY
    return f"{start // 60:02}:{start % 60:02}-{late // 60:02}:{late % 60:02}"


def _read_day(name: str, written: object, problems: list[str]) -> list[Interval]:
    if not isinstance(written, (list, tuple)):
        problems.append(f"{name}: {written!r} is not a list of intervals; {_EXPECTED}")
        return []
    intervals = []
    for item in written:
        found = _WRITTEN.fullmatch(item) if isinstance(item, str) else None
        if found is None:
            problems.append(f"{name}: cannot read {item!r}; {_EXPECTED}")
            continue
        hour, minute, end_hour, end_minute = map(int, found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
            problems.append(f"{name}: {item!r} has no such time of day; {_EXPECTED}")
        elif start == end:
            problems.append(f'{name}: {item!r} is empty; a whole day is "00:00-24:00"')
        else:
            intervals.append((start, end if end > start else end + MINUTES_A_DAY))
    return sorted(intervals)


def _nearest(name: object) -> str:
    """Return ``, did you mean 'mon'?`` where a day is close to `name`, else nothing."""
    text = str(name).strip().lower()
    near = [day for day in DAYS if text.startswith(day)] or difflib.get_close_matches(text, DAYS, 1)
    return f", did you mean {near[0]!r}?" if near else ""
