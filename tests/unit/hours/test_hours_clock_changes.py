"""Days on which the clock is changed, and stranger ones."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from monitor.hours import (
    Calendar,
    add,
    between,
    day_begins,
    is_open,
    next_open,
    open_intervals,
    parse_week,
)

HOUR = 3600
DAILY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str) -> datetime:
    """Read a time with its offset, so that no rule of any zone is needed to know what it is."""
    return datetime.fromisoformat(text)


def daily(zone: str, *hours: str) -> Calendar:
    return Calendar("shop", zone, parse_week({day: list(hours) for day in DAILY}))


@pytest.mark.parametrize(
    ("zone", "date", "opens", "closes", "hours"),
    [
        # Berlin jumps from 02:00 to 03:00 on 2026-03-29, and back from 03:00 on 2026-10-25.
        ("Europe/Berlin", "2026-03-29", "00:00+01:00", "04:00+02:00", 3),
        ("Europe/Berlin", "2026-10-25", "00:00+02:00", "04:00+01:00", 5),
        # Ireland counts its winter as the deviation: the hour is the same.
        ("Europe/Dublin", "2026-03-29", "00:00+00:00", "04:00+01:00", 3),
        ("Europe/Dublin", "2026-10-25", "00:00+01:00", "04:00+00:00", 5),
        # Lord Howe moves by half an hour, at 02:00.
        ("Australia/Lord_Howe", "2026-04-05", "00:00+11:00", "04:00+10:30", 4.5),
        ("Australia/Lord_Howe", "2026-10-04", "00:00+10:30", "04:00+11:00", 3.5),
        # Morocco leaves its summer time for Ramadan.
        ("Africa/Casablanca", "2025-02-23", "00:00+01:00", "04:00+00:00", 5),
        ("Africa/Casablanca", "2025-04-06", "00:00+00:00", "04:00+01:00", 3),
        # Kathmandu moves never, but stands at 5:45.
        ("Asia/Kathmandu", "2026-03-29", "00:00+05:45", "04:00+05:45", 4),
    ],
)
def test_a_changed_night_is_as_long_as_it_is(
    zone: str, date: str, opens: str, closes: str, hours: float
) -> None:
    shop = daily(zone, "00:00-04:00")
    opened, closed = at(f"{date}T{opens}"), at(f"{date}T{closes}")

    assert between(shop, at(f"{date}T{opens}"), closed) == hours * HOUR
    assert add(shop, opened, hours * HOUR) == closed
    assert is_open(shop, opened)
    assert not is_open(shop, closed)


def test_a_bound_in_the_gap_is_the_moment_the_clock_jumps() -> None:
    jump = at("2026-03-29T03:00+02:00")
    opening = daily("Europe/Berlin", "02:30-05:00")
    closing = daily("Europe/Berlin", "00:00-02:30")

    assert next_open(opening, at("2026-03-29T00:00+01:00")) == jump
    assert between(opening, at("2026-03-29T00:00+01:00"), at("2026-03-29T12:00+02:00")) == 2 * HOUR
    assert add(closing, at("2026-03-29T00:00+01:00"), 2 * HOUR) == jump
    assert not is_open(closing, jump)


def test_hours_wholly_inside_the_gap_do_not_take_place() -> None:
    shop = daily("Europe/Berlin", "02:10-02:50")

    assert between(shop, at("2026-03-29T00:00+01:00"), at("2026-03-30T00:00+02:00")) == 0
    assert between(shop, at("2026-03-30T00:00+02:00"), at("2026-03-31T00:00+02:00")) == 40 * 60


def test_a_bound_in_the_repeated_hour_is_its_first_passing() -> None:
    opening = daily("Europe/Berlin", "02:30-05:00")
    closing = daily("Europe/Berlin", "00:00-02:30")
    midnight, noon = at("2026-10-25T00:00+02:00"), at("2026-10-25T12:00+01:00")

    assert list(open_intervals(opening, midnight, noon)) == [
        (at("2026-10-25T02:30+02:00"), at("2026-10-25T05:00+01:00"))
    ]
    assert list(open_intervals(closing, midnight, noon)) == [
        (at("2026-10-25T00:00+02:00"), at("2026-10-25T02:30+02:00"))
    ]


def test_hours_on_both_sides_of_a_bound_in_the_repeated_hour_leave_no_hole() -> None:
    shop = daily("Europe/Berlin", "00:00-02:30", "02:30-24:00")

    assert between(shop, at("2026-10-25T00:00+02:00"), at("2026-10-26T00:00+01:00")) == 25 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-28T22:00+01:00", "2026-03-29T04:00+02:00", 5),
        ("2026-10-24T22:00+02:00", "2026-10-25T04:00+01:00", 7),
        ("2026-06-06T22:00+02:00", "2026-06-07T04:00+02:00", 6),
    ],
)
def test_a_night_shift_over_the_change(start: str, end: str, hours: float) -> None:
    shop = daily("Europe/Berlin", "22:00-04:00")

    assert list(open_intervals(shop, at(start), at(end))) == [(at(start), at(end))]
    assert between(shop, at(start), at(end)) == hours * HOUR


def test_a_shop_that_never_closes_is_one_stretch_through_both_changes() -> None:
    shop = daily("Europe/Berlin", "00:00-24:00")
    start, end = at("2026-01-01T00:00+01:00"), at("2027-01-01T00:00+01:00")

    assert list(open_intervals(shop, start, end)) == [(start, end)]
    assert between(shop, start, end) == 365 * 24 * HOUR


def test_a_change_at_midnight_gives_the_day_before_its_hour() -> None:
    # In São Paulo the clock went from Sunday 00:00 back to Saturday 23:00.
    shop = Calendar("shop", "America/Sao_Paulo", parse_week({"sat": ["23:00-24:00"]}))
    start, end = at("2018-02-17T12:00-02:00"), at("2018-02-18T12:00-03:00")

    assert between(shop, start, end) == 2 * HOUR


def test_a_date_that_a_country_skipped_has_no_hours() -> None:
    # Samoa went from the end of Thursday the 29th straight to Saturday the 31st.
    shop = daily("Pacific/Apia", "09:00-17:00")

    assert add(shop, at("2011-12-29T16:00-10:00"), 2 * HOUR) == at("2011-12-31T10:00+14:00")
    assert between(shop, at("2011-12-29T00:00-10:00"), at("2012-01-01T00:00+14:00")) == 16 * HOUR


def test_a_night_shift_into_a_skipped_date_ends_where_the_date_would_have_begun() -> None:
    shop = Calendar("shop", "Pacific/Apia", parse_week({"thu": ["22:00-02:00"]}))
    start, end = at("2011-12-29T12:00-10:00"), at("2011-12-31T12:00+14:00")

    assert list(open_intervals(shop, start, end)) == [
        (at("2011-12-29T22:00-10:00"), at("2011-12-31T00:00+14:00"))
    ]


@pytest.mark.parametrize(
    ("day", "begins"),
    [("2018-11-04", "2018-11-04T01:00-02:00"), ("2018-11-05", "2018-11-05T00:00-02:00")],
)
def test_a_day_begins_where_the_clock_jumps_over_midnight(day: str, begins: str) -> None:
    shop = daily("America/Sao_Paulo", "09:00-17:00")

    assert day_begins(shop, date.fromisoformat(day)) == at(begins)


def test_a_holiday_is_a_date_of_the_calendar_not_of_utc() -> None:
    shop = Calendar(
        "shop",
        "Pacific/Auckland",
        parse_week({name: ["08:00-10:00"] for name in DAILY}),
        frozenset({date(2026, 3, 23)}),
    )

    assert not is_open(shop, at("2026-03-22T20:00+00:00"))  # 09:00 on the 23rd over there
    assert is_open(shop, at("2026-03-23T20:00+00:00"))
