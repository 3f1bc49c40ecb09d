"""How opening hours are written."""

from __future__ import annotations

import copy
import pickle
from datetime import date, datetime

import pytest

from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.hours.week import write_interval

NINE_TO_FIVE = {0: ((540, 1020),)}


def test_a_week_is_read_into_minutes_of_the_day() -> None:
    week = parse_week({"mon": ["13:30-18:00", "9:00-12:30"], "fri": ["22:00-02:00"], "sun": None})

    assert week == {0: ((540, 750), (810, 1080)), 4: ((1320, 1560),)}


@pytest.mark.parametrize(
    ("written", "interval"),
    [
        ("00:00-24:00", (0, 1440)),
        ("22:00-24:00", (1320, 1440)),
        ("22:00-00:00", (1320, 1440)),
        ("22:00-02:00", (1320, 1560)),
        ("09:00 \u2013 12:30", (540, 750)),
    ],
)
def test_midnight_and_past_it_can_be_written(written: str, interval: tuple[int, int]) -> None:
    assert parse_week({"sat": [written]}) == {5: (interval,)}


@pytest.mark.parametrize("interval", [(0, 1440), (540, 750), (1320, 1560), (1320, 1440)])
def test_an_interval_is_written_the_way_it_is_read(interval: tuple[int, int]) -> None:
    assert parse_week({"mon": [write_interval(*interval)]}) == {0: (interval,)}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"monday": ["09:00-17:00"]}, "unknown day 'monday', did you mean 'mon'?"),
        ({"mon": "09:00-17:00"}, "mon: '09:00-17:00' is not a list of intervals; expected"),
        ({"mon": ["9-5"]}, "mon: cannot read '9-5'; expected"),
        ({"mon": [540]}, "mon: cannot read 540; expected"),
        ({"mon": ["09:00-25:00"]}, "mon: '09:00-25:00' has no such time of day"),
        ({"mon": ["09:60-10:00"]}, "mon: '09:60-10:00' has no such time of day"),
        ({"mon": ["24:00-02:00"]}, "mon: '24:00-02:00' has no such time of day"),
        ({"mon": ["09:00-09:00"]}, "mon: '09:00-09:00' is empty; a whole day is"),
        ({"mon": ["09:00-12:00", "11:59-13:00"]}, "mon 09:00-12:00 and mon 11:59-13:00 overlap"),
        ({"mon": ["22:00-02:00"], "tue": ["01:00-03:00"]}, "mon 22:00-02:00 and tue 01:00-03:00"),
        ({"sun": ["22:00-02:00"], "mon": ["01:00-03:00"]}, "sun 22:00-02:00 and mon 01:00-03:00"),
    ],
)
def test_wrong_hours_are_refused_with_what_was_expected(
    mapping: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_week(mapping)

    assert said in str(refused.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"unknown day 'x'.*cannot read '9-5'.*cannot read 'noon'"):
        parse_week({"x": [], "tue": ["9-5", "noon"]})


def test_intervals_may_touch() -> None:
    assert parse_week({"mon": ["09:00-12:00", "12:00-24:00"], "tue": ["00:00-01:00"]})


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ({}, "never open"),
        ({0: (), 1: ()}, "never open"),
        ({7: ((0, 60),)}, "weekday 7 is not a number from 0"),
        ({0: ((60, 60),)}, "minutes 60 to 60 are no interval"),
        ({0: ((-60, 60),)}, "minutes -60 to 60 are no interval"),
        ({0: ((1439, 2880),)}, "minutes 1439 to 2880 are no interval"),
    ],
)
def test_a_calendar_refuses_a_wrong_week(week: dict[int, tuple[tuple[int, int], ...]], said: str):
    with pytest.raises(ValueError, match=said):
        Calendar("office", "Europe/Berlin", week)


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "../etc/passwd", "/etc/passwd", "CET-1\0"])
def test_a_calendar_refuses_an_unknown_time_zone(zone: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        Calendar("office", zone, NINE_TO_FIVE)


def test_the_nearest_time_zone_is_offered() -> None:
    with pytest.raises(ValueError, match="did you mean 'Europe/Berlin'"):
        Calendar("office", "Europe/Berln", NINE_TO_FIVE)


def test_a_holiday_must_be_a_date() -> None:
    with pytest.raises(ValueError, match="is not a date"):
        Calendar("office", "UTC", NINE_TO_FIVE, frozenset({datetime(2026, 1, 1)}))  # noqa: DTZ001


def test_a_calendar_survives_json_copies_and_pickles() -> None:
    calendar = Calendar(
        "office", "Asia/Kathmandu", {4: ((1320, 1560),), 0: ((540, 750),)}, frozenset({date.max})
    )

    for twin in (
        Calendar.from_json(calendar.to_json()),
        copy.deepcopy(calendar),
        pickle.loads(pickle.dumps(calendar)),
    ):
        assert twin == calendar
        assert hash(twin) == hash(calendar)
        assert twin.to_json() == calendar.to_json()
    assert calendar != Calendar("office", "Asia/Kathmandu", {4: ((1320, 1560),)})


@pytest.mark.parametrize("data", [{}, {"key": "a", "timezone": "UTC", "week": {"mon": [[1]]}}, []])
def test_what_is_no_stored_calendar_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a stored calendar|unpack"):
        Calendar.from_json(data)


def test_a_calendar_does_not_change_with_the_dict_it_was_made_from() -> None:
    week = {0: ((540, 1020),)}
    calendar = Calendar("office", "UTC", week)
    week[1] = ((540, 1020),)

    assert calendar.week[1] == ()


def test_always_is_open_all_week() -> None:
    assert ALWAYS.key == "always"
    assert all(ALWAYS.week[day] == ((0, 1440),) for day in range(7))
