"""What must hold for every calendar and every time, and agreement with a slow oracle.

The oracle shares nothing with the code: it watches the local clock minute by minute and has no
notion of offsets, gaps or folds. Its rule is the documented one: a bound is reached when the
clock first shows it or a later time, so it looks at the latest time the clock has shown so far.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from monitor.hours import (
    ALWAYS,
    Calendar,
    NeverOpen,
    add,
    between,
    is_open,
    next_open,
    open_intervals,
    parse_week,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ODD_ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Nuuk",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Chatham",
    "Antarctica/Troll",
)
WEEKS = (
    parse_week(
        {day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    ),
    parse_week({day: ["22:00-02:30"] for day in ("thu", "fri", "sat", "sun")}),
    parse_week({day: ["00:00-02:30", "02:30-24:00"] for day in ("mon", "wed", "sun")}),
    parse_week({"sun": ["01:15-01:45", "02:10-02:50"], "sat": ["23:30-00:30"]}),
)
HOLIDAYS = frozenset({date(2011, 12, 30), date(2026, 3, 29), date(2026, 10, 25), date(2026, 1, 1)})
CALENDARS = [
    Calendar("c", zone, week, holidays)
    for zone in ODD_ZONES
    for week in WEEKS
    for holidays in (frozenset(), HOLIDAYS)
]

known = settings(max_examples=50, deadline=None)
fresh = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])

calendars = st.sampled_from([ALWAYS, *CALENDARS])
# A few years only: what a calendar has worked out once serves every example.
this_year = st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
samoa = st.datetimes(datetime(2011, 12, 20), datetime(2012, 1, 10), timezones=st.just(UTC))  # noqa: DTZ001
instants = st.one_of(this_year, samoa)


def ordered(count: int) -> st.SearchStrategy[list[datetime]]:
    """Draw times of one neighbourhood, the earliest first."""
    return st.one_of(
        st.lists(this_year, min_size=count, max_size=count).map(sorted),
        st.lists(samoa, min_size=count, max_size=count).map(sorted),
    )


targets = st.one_of(
    st.integers(0, 60 * 86_400),
    st.integers(0, 10**12).map(lambda count: count / 1_000_000),
)


def oracle(calendar: Calendar, start: datetime, end: datetime, primed: timedelta) -> list[bool]:
    """Tell for each minute from `start` whether the shop is open, watching since `primed` before.

    Watching must begin before any repeated hour that matters.
    """
    zone = ZoneInfo(calendar.timezone)
    hours = {
        day.toordinal() * 1440 + minute
        for day in (start.date() + n * DAY for n in range(-4, (end - start).days + 4))
        if day not in calendar.holidays
        for begin, finish in calendar.week[day.weekday()]
        for minute in range(begin, finish)
    }
    shown = []
    latest = 0
    instant = start - primed
    while instant < end:
        wall = instant.astimezone(zone)
        latest = max(latest, wall.toordinal() * 1440 + wall.hour * 60 + wall.minute)
        if instant >= start:
            shown.append(latest in hours)
        instant += MINUTE
    return shown


def assert_agrees(calendar: Calendar, start: datetime, end: datetime, primed: timedelta) -> None:
    seen = oracle(calendar, start, end, primed)
    told = [False] * len(seen)
    for opened, closed in open_intervals(calendar, start, end):
        first, last = (opened - start) // MINUTE, (closed - start) // MINUTE
        told[first:last] = [True] * (last - first)
    assert told == seen, (calendar, start, end)
    assert between(calendar, start, end) == 60 * sum(seen)


@st.composite
def any_calendar(draw: st.DrawFn) -> Calendar:
    """Draw any valid calendar that is open for an hour a week or more."""
    marks = sorted(draw(st.sets(st.integers(0, 7 * 1440), min_size=2, max_size=16)))
    week: dict[int, tuple[tuple[int, int], ...]] = {}
    for begin, finish in zip(marks[::2], marks[1::2], strict=False):
        day, minute = divmod(begin, 1440)
        if day < 7:
            week[day] = (*week.get(day, ()), (minute, min(minute + finish - begin, minute + 1440)))
    assume(sum(b - a for pairs in week.values() for a, b in pairs) >= 60)
    holidays = draw(st.frozensets(st.dates(date(2025, 12, 1), date(2027, 2, 1)), max_size=5))
    zone = draw(st.one_of(st.sampled_from(ODD_ZONES), st.timezone_keys(allow_prefix=False)))
    return Calendar("any", zone, week, holidays)


@known
@given(calendars, instants, targets)
@example(CALENDARS[0], datetime(2026, 3, 27, 16, 59, 59, 999_999, tzinfo=UTC), 0.000001)
def test_what_is_added_is_found_between(calendar: Calendar, start: datetime, n: float) -> None:
    assert between(calendar, start, add(calendar, start, n)) == n


@fresh
@given(any_calendar(), instants, st.integers(0, 5 * 86_400))
def test_what_is_added_is_found_between_by_any_calendar(
    calendar: Calendar, start: datetime, n: int
) -> None:
    try:
        due = add(calendar, start, n)
    except NeverOpen:
        assert n > 60
        return
    assert between(calendar, start, due) == n


@known
@given(calendars, instants, st.integers(0, 30 * 86_400), st.integers(0, 30 * 86_400))
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: datetime, a: int, b: int):
    assert add(calendar, add(calendar, start, a), b) == add(calendar, start, a + b)


@known
@given(calendars, ordered(3))
def test_spans_add_up(calendar: Calendar, times: list[datetime]) -> None:
    a, b, c = times
    assert round(between(calendar, a, b) + between(calendar, b, c), 6) == between(calendar, a, c)


@known
@given(calendars, ordered(2), targets, targets)
def test_later_or_longer_is_never_due_earlier(
    calendar: Calendar, times: list[datetime], a: float, b: float
) -> None:
    early, late = times
    short, long = sorted((a, b))
    assert add(calendar, early, a) <= add(calendar, late, a)
    assert add(calendar, early, short) <= add(calendar, early, long)
    assert (add(calendar, early, short) < add(calendar, early, long)) is (
        round(short * 1_000_000) < round(long * 1_000_000)
    )


@known
@given(calendars, instants, st.integers(1, 30 * 86_400))
def test_a_deadline_is_the_earliest_moment_that_will_do(
    calendar: Calendar, start: datetime, n: int
) -> None:
    due = add(calendar, start, n)
    just_before = due - timedelta(microseconds=1)
    assert between(calendar, start, just_before) < n
    assert is_open(calendar, just_before)


@known
@given(calendars, instants)
def test_the_next_opening_is_open_and_nothing_opens_before_it(
    calendar: Calendar, at: datetime
) -> None:
    found = next_open(calendar, at)
    assert is_open(calendar, found)
    assert found >= at
    assert between(calendar, at, found) == 0
    assert (found == at) is is_open(calendar, at)


@known
@given(calendars, ordered(2))
def test_open_stretches_add_up_and_stand_apart(calendar: Calendar, span: list[datetime]) -> None:
    start, end = span
    stretches = list(open_intervals(calendar, start, end))
    total = sum((b - a for a, b in stretches), timedelta())
    assert total == timedelta(seconds=between(calendar, start, end))
    flat = [moment for stretch in stretches for moment in stretch]
    assert flat == sorted(set(flat))


@fresh
@given(any_calendar(), st.integers(0, 390), st.integers(0, 1439))
def test_any_calendar_agrees_with_the_oracle(calendar: Calendar, day: int, minute: int) -> None:
    start = datetime(2025, 12, 20, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    assert_agrees(calendar, start, start + 2 * DAY, primed=timedelta(hours=4))


def test_every_zone_agrees_with_the_oracle_around_a_clock_change() -> None:
    chance = random.Random(20260329)
    bounds = "00:00-00:40 01:10-01:20 01:50-02:10 02:30-02:45 02:55-03:05 03:20-23:10 23:25-24:00"
    intervals = parse_week({"mon": bounds.split()})[0]
    changes = 0
    for name in sorted(available_timezones()):
        if name == "localtime" or name.startswith("right/"):  # `right` clocks count leap seconds
            continue
        zone = ZoneInfo(name)
        changed = _a_change(zone, chance.randrange(1975, 2038))
        if changed is None:
            continue
        changes += 1
        start, end = changed - timedelta(hours=4), changed + timedelta(hours=4)
        days = {at.astimezone(zone).weekday() for at in (start, end)}
        calendar = Calendar(name, name, dict.fromkeys(days, intervals))
        assert_agrees(calendar, start, end, primed=timedelta(hours=4))
    assert changes > 100


def test_the_skipped_day_of_samoa_agrees_with_the_oracle() -> None:
    start = datetime(2011, 12, 28, tzinfo=UTC)
    for calendar in CALENDARS:
        if calendar.timezone == "Pacific/Apia":
            assert_agrees(calendar, start, start + 5 * DAY, primed=timedelta(hours=4))


def _a_change(zone: ZoneInfo, year: int) -> datetime | None:
    """Find a moment in `year` at which the zone's offset changes, to the minute."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    for _ in range(365):
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            low, high = at, at + DAY
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            return high
        at += DAY
    return None
