"""When cases come in: means of each weekday, against the hours of a usual week."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from monitor.charts import HeatMap
from monitor.hours import Calendar
from monitor.reports.cells import Sum
from monitor.reports.load import load
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Section

ZONE = ZoneInfo("Europe/Berlin")
WORKDAYS = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
LATER = datetime(2027, 6, 1, tzinfo=UTC)


class Read:
    """Reads the hours at which cases came in."""

    def __init__(self, hours: dict[date, Sequence[int]]) -> None:
        self.hours = hours

    def days(self, *_asked: object) -> list[tuple[date, Sum]]:
        return [
            (day, Sum(len(hours), 0, 0, 0, sum(hours), (array("i", hours),), ()))
            for day, hours in self.hours.items()
        ]


def loaded(
    first: date,
    last: date,
    hours: dict[date, Sequence[int]],
    *calendars: Calendar,
    now: datetime = LATER,
) -> Section:
    return load(cast(Reader, Read(hours)), Asked(Period(first, last, ZONE), "day"), now, calendars)


def heat_of(section: Section) -> HeatMap:
    chart = section.charts[0]
    assert isinstance(chart, HeatMap)
    return chart


def every_day(first: date, days: int) -> dict[date, Sequence[int]]:
    return {first + timedelta(days=number): (9, 9, 14) for number in range(days)}


def test_even_arrivals_have_no_peaks_though_some_weekdays_come_more_often() -> None:
    first = date(2026, 10, 1)
    section = loaded(first, date(2026, 10, 30), every_day(first, 30))
    for line in heat_of(section).load:
        assert [line[9], line[14], line[15]] == [2, 1, 0]
    assert heat_of(section).n == 90
    assert "4 or 5" in heat_of(section).note


def test_the_hours_of_today_that_are_yet_to_come_do_not_lower_the_mean() -> None:
    first = date(2026, 10, 5)
    hours = {**every_day(first, 7), first + timedelta(days=7): (9, 9)}
    now = datetime(2026, 10, 12, 10, 30, tzinfo=ZONE)
    monday = heat_of(loaded(first, date(2026, 10, 20), hours, now=now)).load[0]
    assert [monday[9], monday[14]] == [2, 1]


def test_a_weekday_that_the_period_does_not_have_is_not_known() -> None:
    day = date(2026, 10, 5)
    grid = heat_of(loaded(day, day, {day: (9,)})).load
    assert grid[0][9] == 1
    assert set(grid[1]) == {None}


def test_a_usual_week_has_no_holidays() -> None:
    christmas = frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)})
    calendar = Calendar("desk", "Europe/Berlin", WORKDAYS, christmas)
    day = date(2026, 11, 2)
    section = loaded(date(2026, 11, 1), date(2027, 1, 3), {day: (9,)}, calendar)
    staffed = heat_of(section).staffed
    assert [line[9] for line in staffed] == [1, 1, 1, 1, 1, 0, 0]
    assert [line[17] for line in staffed] == [0] * 7


def test_of_several_calendars_the_longer_one_counts() -> None:
    early = Calendar("early", "Europe/Berlin", {0: ((6 * 60, 7 * 60),)})
    late = Calendar("late", "Europe/Berlin", {0: ((7 * 60, 7 * 60 + 15),)})
    day = date(2026, 11, 2)
    monday = heat_of(loaded(day, day, {day: (9,)}, early, late)).staffed[0]
    assert [monday[6], monday[7], monday[8]] == [1, 0.25, 0]


def test_the_table_has_every_hour_and_who_is_there() -> None:
    first = date(2026, 10, 1)
    calendar = Calendar("desk", "Europe/Berlin", {0: ((9 * 60, 17 * 60),), 4: ((9 * 60, 600),)})
    section = loaded(first, date(2026, 10, 30), every_day(first, 30), calendar)
    (table,) = section.tables
    told = {line.name: [cell.value for cell in line.cells] for line in table.lines}
    assert list(told) == [f"{hour:02d}:00" for hour in range(24)]
    assert told["09:00"] == [60, 2, 2, 2, 2, 2, 2, 2, "Mon, Fri"]
    assert told["14:00"] == [30, 1, 1, 1, 1, 1, 1, 1, "Mon"]
    assert Counter(told["03:00"]) == {0: 8, "": 1}
    assert [column.name for column in table.columns[:3]] == ["Cases", "Mon", "Tue"]
