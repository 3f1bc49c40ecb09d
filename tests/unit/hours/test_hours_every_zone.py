"""Opening hours in every zone of the tz database, held against somebody who watches the clock.

The watcher knows nothing of gaps and folds. Each minute he reads the clock on the wall, writes
down the latest time that it has shown so far, and asks whether the shop is open at that time.
That is the rule of `monitor.hours.timeline` told from the other side: a bound is the first
moment at which the clock shows that time or a later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.hours import Calendar, add, between, is_open, next_open, open_intervals, parse_week

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86_400))
WATCH = timedelta(hours=30)
"""Watching begins so long before it matters; no clock was ever put back by more than a day."""

ZONES = sorted(
    name
    for name in available_timezones()
    if name != "localtime" and not name.startswith(("right/", "posix/"))
)
WEEKS = {
    "a shop with a break": {
        d: ["09:00-12:30", "13:30-18:00"] for d in ("mon", "tue", "wed", "sun")
    },
    "a night shift": {d: ["22:00-06:00"] for d in ("thu", "sat", "sun")},
    "around two and three": {
        d: ["00:00-01:15", "01:45-02:10", "02:30-02:40", "02:50-03:20", "23:10-24:00"]
        for d in ("sun", "thu", "fri")
    },
    "whole days": {d: ["00:00-24:00"] for d in ("fri", "sun", "mon")},
    "night and day": {"sat": ["20:00-04:30"], "sun": ["04:30-05:00", "21:00-24:00"], "mon": []},
}
HOLIDAYS = frozenset({date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2027, 3, 14)})


def changes_of(zone: ZoneInfo, first: date, last: date) -> Iterator[datetime]:
    """Yield the moments, to the minute, at which a zone's offset changes."""
    at, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last))
    while at < end:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            low, high = at, at + DAY
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high
        at += DAY


def watched(
    calendar: Calendar, start: datetime, end: datetime, step: timedelta = MINUTE
) -> list[bool]:
    """Tell for each step from `start` to `end` whether the shop is open, by watching the clock."""
    zone = ZoneInfo(calendar.timezone)
    latest = datetime(1, 1, 1)  # noqa: DTZ001 - what a clock on the wall shows
    seen = []
    at = start - WATCH
    while at < end:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        if at >= start:
            seen.append(open_at(calendar, latest))
        at += step if at >= start else min(MINUTE, start - at)
    return seen


def open_at(calendar: Calendar, wall: datetime) -> bool:
    """Tell whether a shift that began today or yesterday, and on no holiday, is on."""
    for back in (0, 1):
        day = (wall - back * DAY).date()
        if day in calendar.holidays:
            continue
        since = (wall - datetime(day.year, day.month, day.day)).total_seconds()  # noqa: DTZ001
        if any(60 * a <= since < 60 * b for a, b in calendar.week[day.weekday()]):
            return True
    return False


def assert_agrees(
    calendar: Calendar, start: datetime, end: datetime, step: timedelta = MINUTE
) -> None:
    seen = watched(calendar, start, end, step)
    told = [False] * len(seen)
    for opened, closed in open_intervals(calendar, start, end):
        assert (opened - start) % step == (closed - start) % step == timedelta()
        first, last = (opened - start) // step, (closed - start) // step
        told[first:last] = [True] * (last - first)
    where = (calendar.timezone, start, end)
    assert told == seen, where
    assert between(calendar, start, end) == step.total_seconds() * sum(seen), where
    # The same from the other side: each open minute is the one in which the sum reaches it.
    for reached, number in enumerate([n for n, is_on in enumerate(seen) if is_on], 1):
        if reached % 97 == 1:
            due = add(calendar, start, reached * step.total_seconds())
            assert due == start + (number + 1) * step, where


def test_every_zone_agrees_around_each_of_its_changes_from_2025_to_2027() -> None:
    names = list(WEEKS)
    known: dict[tuple[object, ...], str] = {}
    changed = 0
    for at, name in enumerate(ZONES):
        zone = ZoneInfo(name)
        changes = list(changes_of(zone, date(2025, 1, 1), date(2028, 1, 1)))
        offset = datetime(2025, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset()
        # Zones with one history in these years are one zone here.
        if known.setdefault((offset, *changes), name) != name:
            continue
        for number, change in enumerate(changes or [datetime(2026, 3, 29, 1, tzinfo=UTC)]):
            week = WEEKS[names[(at + number) % len(names)]]
            start = change - 5 * HOUR
            weekdays = {(start + n * DAY).astimezone(zone).weekday() for n in range(2)}
            # The shop is open on the days that matter, whatever day of the week they are.
            spans = parse_week({"mon": next(iter(week.values()))})[0]
            calendar = Calendar(name, name, dict.fromkeys(weekdays, spans), HOLIDAYS)
            assert_agrees(calendar, start, change + 7 * HOUR)
            changed += bool(changes)
    assert len(known) > 60
    assert changed > 150


def test_every_offset_agrees_over_the_new_year() -> None:
    # Opening times are kept by years of UTC: what is open over the seam must not come apart.
    midnight = datetime(2027, 1, 1, tzinfo=UTC)
    offsets = {midnight.astimezone(ZoneInfo(name)).utcoffset(): name for name in ZONES}
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = parse_week({day: ["10:00-19:00", "21:30-06:00"] for day in days})
    for name in offsets.values():
        assert_agrees(Calendar(name, name, week), midnight - 36 * HOUR, midnight + 36 * HOUR)
    assert len(offsets) > 30


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(ZONES),
    st.sampled_from(sorted(WEEKS)),
    st.integers(0, 3 * 365 * 1440 - 1),
    st.integers(1, 30),
)
def test_any_zone_agrees_at_any_time(zone: str, week: str, minute: int, hours: int) -> None:
    calendar = Calendar("any", zone, parse_week(WEEKS[week]), HOLIDAYS)
    start = datetime(2025, 1, 1, tzinfo=UTC) + minute * MINUTE
    assert_agrees(calendar, start, start + hours * HOUR)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(sorted(WEEKS)),
    st.integers(0, 3 * 365 * 86_400),
    st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=2),
)
def test_sums_fit_together_in_every_zone(zone: str, week: str, at: int, parts: list[int]) -> None:
    calendar = Calendar("any", zone, parse_week(WEEKS[week]), HOLIDAYS)
    start = datetime(2025, 1, 1, tzinfo=UTC) + at * SECOND
    one, two = parts
    middle = add(calendar, start, one)
    end = add(calendar, start, one + two)

    assert between(calendar, start, middle) == one
    assert add(calendar, middle, two) == end
    assert start <= middle <= end
    assert between(calendar, start, end) == one + between(calendar, middle, end)
    assert add(calendar, start + SECOND, one) >= middle
    if one:
        assert between(calendar, start, middle - SECOND) == one - 1
    found = next_open(calendar, end)
    assert is_open(calendar, found)
    assert between(calendar, end, found) == 0


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Australia/Lord_Howe", date(2026, 4, 4), date(2026, 4, 6)),
        ("Australia/Lord_Howe", date(2026, 10, 3), date(2026, 10, 5)),
        ("Antarctica/Troll", date(2026, 3, 28), date(2026, 3, 30)),
        ("Antarctica/Troll", date(2026, 10, 24), date(2026, 10, 26)),
        ("Africa/Casablanca", date(2026, 2, 14), date(2026, 2, 16)),
        ("Africa/Casablanca", date(2026, 3, 21), date(2026, 3, 23)),
        ("Pacific/Apia", date(2011, 12, 28), date(2012, 1, 1)),  # without the 30th
        ("Pacific/Kwajalein", date(1993, 8, 19), date(1993, 8, 23)),  # without the 21st
        ("America/Juneau", date(1983, 10, 29), date(1983, 10, 31)),  # back by two hours
        ("Asia/Manila", date(1844, 12, 29), date(1845, 1, 2)),  # without the 31st
    ],
)
def test_the_odd_ones_agree_with_each_week(zone: str, first: date, last: date) -> None:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last))
    offset = start.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    # Where the clock is some seconds off the hour, so are our minutes.
    start += timedelta(seconds=-offset.total_seconds() % 60)
    end += timedelta(seconds=-offset.total_seconds() % 60)
    for week in WEEKS.values():
        for day in ("wed", "sat"):
            calendar = Calendar(zone, zone, parse_week({**week, day: ["00:30-23:30"]}), HOLIDAYS)
            assert_agrees(calendar, start, end)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Africa/Monrovia", "1972-01-07T00:44:30+00:00"),  # from -00:44:30 to UTC
        ("Europe/Amsterdam", "1937-06-30T23:40:28+00:00"),  # from +01:19:32 to +01:20
        ("Europe/Dublin", "1916-05-21T02:25:21+00:00"),  # from -00:25:21 to +00:34:39
    ],
)
def test_offsets_with_seconds_are_exact_to_the_second(zone: str, change: str) -> None:
    at = datetime.fromisoformat(change)
    bounds = ["00:00-00:20", "00:25-00:30", "00:44-00:45", "01:00-01:10", "02:25-02:50"]
    for week in (bounds, ["23:50-00:10"]):
        days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), week)
        calendar = Calendar(zone, zone, parse_week(days))
        assert_agrees(calendar, at - 90 * MINUTE, at + 90 * MINUTE, step=SECOND)
