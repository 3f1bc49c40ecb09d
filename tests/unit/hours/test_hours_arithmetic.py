"""Open time on ordinary days: what falls due when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from monitor.hours import (
    ALWAYS,
    Calendar,
    NeverOpen,
    add,
    between,
    closed_holidays,
    is_open,
    next_open,
    open_intervals,
    parse_week,
)
from monitor.sla.story import tell_open_time

HOUR = 3600
BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar(
    "office",
    "Europe/Berlin",
    parse_week({day: ["09:00-12:30", "13:30-18:00"] for day in WORKDAYS}),
    frozenset({date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 6)}),
)
BAR = Calendar(
    "bar",
    "Europe/Berlin",
    parse_week({"fri": ["22:00-02:00"], "sat": ["22:00-02:00"]}),
    frozenset({date(2026, 12, 26)}),
)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-23 09:00", 1, "2026-03-23 10:00"),
        ("2026-03-23 12:00", 1, "2026-03-23 14:00"),  # over the lunch break
        ("2026-03-23 12:45", 1, "2026-03-23 14:30"),  # from within it
        ("2026-03-20 17:45", 0.5, "2026-03-23 09:15"),  # over the weekend
        ("2026-03-20 17:30", 0.5, "2026-03-20 18:00"),  # used up at closing: due at closing
        ("2026-03-21 11:00", 1, "2026-03-23 10:00"),  # from a closed day
        ("2026-03-21 11:00", 0, "2026-03-21 11:00"),  # nothing is due at once
        ("2026-03-27 16:45", 8, "2026-03-30 16:45"),  # over a clock change
        ("2026-04-02 16:45", 8, "2026-04-07 16:45"),  # over Easter
    ],
)
def test_a_target_is_counted_in_open_time(start: str, hours: float, due: str) -> None:
    assert add(OFFICE, berlin(start), hours * HOUR) == berlin(due)
    assert between(OFFICE, berlin(start), berlin(due)) == hours * HOUR


@pytest.mark.parametrize(
    ("at", "opened", "following"),
    [
        ("2026-03-23 08:59", False, "2026-03-23 09:00"),
        ("2026-03-23 09:00", True, "2026-03-23 09:00"),
        ("2026-03-23 12:30", False, "2026-03-23 13:30"),
        ("2026-03-23 17:59", True, "2026-03-23 17:59"),
        ("2026-03-23 18:00", False, "2026-03-24 09:00"),
        ("2026-04-02 18:00", False, "2026-04-07 09:00"),
        ("2026-12-31 18:00", False, "2027-01-01 09:00"),
    ],
)
def test_an_interval_holds_its_start_and_not_its_end(at: str, opened: bool, following: str):
    assert is_open(OFFICE, berlin(at)) is opened
    assert next_open(OFFICE, berlin(at)) == berlin(following)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    assert is_open(BAR, berlin("2026-12-26 01:59"))  # Friday's shift, though Saturday is a holiday
    assert not is_open(BAR, berlin("2026-12-26 23:00"))
    assert not is_open(BAR, berlin("2026-12-27 01:00"))  # the holiday's own shift
    assert add(BAR, berlin("2026-12-25 23:00"), 4 * HOUR) == berlin("2027-01-01 23:00")


def test_open_stretches_are_cut_to_the_asked_span() -> None:
    found = list(open_intervals(OFFICE, berlin("2026-03-20 12:00"), berlin("2026-03-23 09:30")))

    assert found == [
        (berlin("2026-03-20 12:00"), berlin("2026-03-20 12:30")),
        (berlin("2026-03-20 13:30"), berlin("2026-03-20 18:00")),
        (berlin("2026-03-23 09:00"), berlin("2026-03-23 09:30")),
    ]
    assert all(at.tzinfo is UTC for span in found for at in span)


def test_touching_stretches_are_one_also_over_new_year() -> None:
    nights = Calendar(
        "nights", "UTC", dict.fromkeys(range(7), ((0, 360), (1320, 1440))), frozenset()
    )
    start, end = datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)

    assert list(open_intervals(nights, start, end)) == [
        (datetime(2026, 12, 31, 22, tzinfo=UTC), datetime(2027, 1, 1, 6, tzinfo=UTC))
    ]


def test_an_empty_span_has_no_stretches() -> None:
    at = berlin("2026-03-20 12:00")
    assert list(open_intervals(OFFICE, at, at)) == []
    assert list(open_intervals(ALWAYS, at, at - timedelta(hours=1))) == []


def test_holidays_that_cost_open_time_are_listed() -> None:
    start, end = berlin("2026-04-03 12:00"), berlin("2026-04-06 09:01")

    # The fourth is a Saturday: nothing was lost.
    assert closed_holidays(OFFICE, start, end) == [date(2026, 4, 3), date(2026, 4, 6)]
    assert closed_holidays(OFFICE, start, start) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-04-03 18:00", "2026-04-06 09:00"),  # after hours, and before the others
        ("2026-04-02 17:00", "2026-04-03 09:00"),  # due the day before, or as it begins
        ("2026-04-03 12:30", "2026-04-03 13:30"),  # within its lunch break
    ],
)
def test_a_holiday_that_cost_nothing_is_not_listed(start: str, end: str) -> None:
    assert closed_holidays(OFFICE, berlin(start), berlin(end)) == []


def test_a_night_shift_of_a_holiday_is_lost_on_the_next_day_too() -> None:
    christmas = date(2026, 12, 25)
    bar = Calendar(
        "bar",
        "Europe/Berlin",
        parse_week({"fri": ["22:00-02:00"], "sat": ["22:00-04:00"]}),
        frozenset({christmas}),
    )
    begun = berlin("2026-12-26 00:30")

    due = add(bar, begun, HOUR)

    assert due == berlin("2026-12-26 23:00")
    assert closed_holidays(bar, begun, due) == [christmas]
    assert closed_holidays(bar, berlin("2026-12-26 02:00"), due) == []
    assert "Holiday skipped: Fri 2026-12-25 (Europe/Berlin)." in tell_open_time(bar, begun, due)


def test_a_shop_open_day_and_night_still_keeps_its_holidays() -> None:
    shop = Calendar(
        "shop",
        "Europe/Berlin",
        dict.fromkeys(range(7), ((0, 1440),)),
        frozenset({date(2026, 12, 25)}),
    )

    assert not is_open(shop, berlin("2026-12-25 12:00"))
    assert add(shop, berlin("2026-12-24 12:00"), 24 * HOUR) == berlin("2026-12-26 12:00")


def test_the_zone_of_the_question_does_not_matter() -> None:
    start = berlin("2026-03-20 17:45")
    kiribati = start.astimezone(timezone(timedelta(hours=14)))

    assert add(OFFICE, kiribati, HOUR) == add(OFFICE, start, HOUR)
    assert add(OFFICE, kiribati, HOUR).tzinfo is UTC
    assert next_open(ALWAYS, kiribati).tzinfo is UTC


def test_the_year_is_that_of_utc_wherever_one_asks() -> None:
    # In Kiribati it is already 2027 when the stretch in question still belongs to 2026.
    shop = Calendar("shop", "UTC", dict.fromkeys(range(7), ((720, 721),)))
    at = datetime(2026, 12, 31, 12, tzinfo=UTC).astimezone(timezone(timedelta(hours=14)))

    assert at.year == 2027
    assert is_open(shop, at)
    assert add(shop, at, 90) == datetime(2027, 1, 1, 12, 0, 30, tzinfo=UTC)


def test_sums_are_exact_to_the_microsecond() -> None:
    start = berlin("2026-03-20 17:59:59.250001")
    due = add(OFFICE, start, 1.5)

    assert due == berlin("2026-03-23 09:00:00.750001")
    assert between(OFFICE, start, due) == 1.5
    assert isinstance(between(OFFICE, start, add(OFFICE, start, 7)), int)


def test_ten_years_of_office_hours_are_exact() -> None:
    plain = Calendar("plain", "Europe/Berlin", dict.fromkeys(range(5), ((540, 1020),)))
    start, end = berlin("2020-01-01 00:00"), berlin("2030-01-01 00:00")
    weekdays = sum(
        (date(2020, 1, 1) + timedelta(days=n)).weekday() < 5 for n in range(365 * 10 + 3)
    )

    assert between(plain, start, end) == weekdays * 8 * HOUR
    assert add(plain, start, weekdays * 8 * HOUR) == berlin("2029-12-31 17:00")


@pytest.mark.parametrize("calendar", [ALWAYS, OFFICE])
def test_a_naive_time_is_refused(calendar: Calendar) -> None:
    naive, aware = datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)  # noqa: DTZ001

    for ask in (
        lambda: add(calendar, naive, 1),
        lambda: between(calendar, naive, aware),
        lambda: between(calendar, aware, naive),
        lambda: is_open(calendar, naive),
        lambda: next_open(calendar, naive),
        lambda: list(open_intervals(calendar, naive, aware)),
    ):
        with pytest.raises(ValueError, match="no time zone"):
            ask()


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_only_a_number_from_nought_up_can_be_added(seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot add"):
        add(OFFICE, berlin("2026-03-20 12:00"), seconds)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="before the start"):
        between(OFFICE, berlin("2026-03-20 12:00"), berlin("2026-03-20 11:59"))


def test_a_calendar_closed_by_holidays_for_ever_ends_the_search() -> None:
    first = date(2026, 1, 1)
    closed = Calendar(
        "closed",
        "UTC",
        {0: ((540, 1020),)},
        frozenset(first + timedelta(days=n) for n in range(102 * 366)),
    )

    with pytest.raises(NeverOpen, match="'closed' has no 60 open seconds in the 100 years"):
        add(closed, datetime(2026, 1, 1, tzinfo=UTC), 60)
    with pytest.raises(NeverOpen, match="'closed' does not open"):
        next_open(closed, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("calendar", [ALWAYS, OFFICE])
def test_an_absurd_target_is_refused_rather_than_searched_for(calendar: Calendar) -> None:
    with pytest.raises(NeverOpen):
        add(calendar, berlin("2026-03-20 12:00"), 10**15)


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_refused_clearly(year: int) -> None:
    with pytest.raises(ValueError, match=f"year {year} is outside"):
        add(OFFICE, datetime(year, 6, 1, tzinfo=UTC), 60)
