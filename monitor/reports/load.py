"""When cases come in, by weekday and hour, against the hours in which somebody works."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from monitor.charts import HeatMap
from monitor.charts.definitions import DAYS, HOURS
from monitor.hours import Calendar, between
from monitor.reports.measures import MEASURES
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Cell, Column, Figure, Line, Section, Table

CASES = "opened within this hour, on all days of the period"
STAFFED = (
    "on which days somebody works at least half of this hour in a usual week, without holidays"
)
Grid = Sequence[Sequence[float | None]]


def load(reader: Reader, asked: Asked, now: datetime, staffed: Sequence[Calendar]) -> Section:
    """Return how many cases came in within the period, and how many an hour on each weekday.

    A period has more of some weekdays than of others, so each hour has the mean of its own.
    """
    counts = _count(reader, asked)
    total = sum(map(sum, counts))
    if not total:
        return Section(
            "load", "When cases come in", empty="No case was opened in this time; try a longer one."
        )
    days = _days(asked.period, now)
    means = [
        [round(count / of, 3) if of else None for count, of in zip(*pair, strict=True)]
        for pair in zip(counts, days, strict=True)
    ]
    shares = _staffed(asked, staffed)
    few, many = min(map(max, days)), max(map(max, days))
    chart = HeatMap(
        title="When cases come in",
        unit="cases an hour",
        load=tuple(map(tuple, means)),
        staffed=tuple(shares),
        n=total,
        note="The mean of each weekday, of which the period has "
        f"{few if few == many else f'{few} or {many}'}; framed where somebody works in a usual "
        "week, without holidays.",
        tabled=False,
    )
    arrivals = MEASURES["arrivals"]
    behind = asked.within(arrivals.key)
    figure = Figure("arrivals", arrivals.name, total, "number", arrivals.counted, behind=behind)
    return Section(
        "load",
        "When cases come in",
        figures=(figure,),
        charts=(chart,),
        tables=(_table(counts, means, shares),),
    )


def _count(reader: Reader, asked: Asked) -> list[list[int]]:
    counts = [[0] * HOURS for _ in DAYS]
    for day, told in reader.days("arrivals", asked.scope):
        for hours in told.times:
            # They are sorted: where the next hour begins tells how many are before it.
            ends = [bisect_left(hours, hour) for hour in range(1, HOURS + 1)]
            for hour, (begin, end) in enumerate(pairwise((0, *ends))):
                counts[day.weekday()][hour] += end - begin
    return counts


def _days(period: Period, now: datetime) -> list[list[int]]:
    """Return how often each hour of each weekday has begun within the period."""
    here = now.astimezone(period.zone)
    last = min(period.last, here.date())
    found = Counter(
        (period.first + timedelta(days=number)).weekday()
        for number in range((last - period.first).days + 1)
    )
    days = [[found[weekday]] * HOURS for weekday in range(len(DAYS))]
    if last == here.date():
        today = days[last.weekday()]
        today[here.hour + 1 :] = [count - 1 for count in today[here.hour + 1 :]]
    return days


def _staffed(asked: Asked, calendars: Sequence[Calendar]) -> list[tuple[float, ...]]:
    """Return for each weekday and hour which share of it somebody works, in a usual week.

    It is a week without holidays, the last whole one before the period's end; of several
    calendars the one that is open longer.
    """
    if not calendars:
        return [(0.0,) * HOURS for _ in DAYS]
    usual = [replace(each, holidays=frozenset(), names={}) for each in calendars]
    last = asked.period.last
    monday = last - timedelta(days=last.weekday() + 7)
    return [
        tuple(max(_open_share(asked, day, hour, each) for each in usual) for hour in range(HOURS))
        for day in (monday + timedelta(days=number) for number in range(len(DAYS)))
    ]


def _open_share(asked: Asked, day: date, hour: int, calendar: Calendar) -> float:
    start = datetime(day.year, day.month, day.day, hour, tzinfo=asked.period.zone)
    return between(calendar, start, start.astimezone(start.tzinfo) + timedelta(hours=1)) / 3600


def _table(counts: Sequence[Sequence[int]], means: Grid, staffed: Grid) -> Table:
    columns = (
        Column("cases", "Cases", "number", CASES),
        *(Column(day.lower(), day, "number") for day in DAYS),
        Column("staffed", "Somebody works", "text", STAFFED),
    )
    lines = []
    for hour in range(HOURS):
        there = [day for day, line in zip(DAYS, staffed, strict=True) if (line[hour] or 0) >= 0.5]
        lines.append(
            Line(
                f"{hour:02d}:00",
                (
                    Cell(sum(line[hour] for line in counts)),
                    *(Cell(line[hour]) for line in means),
                    Cell(", ".join(there)),
                ),
            )
        )
    title = "Cases an hour, the mean of each weekday"
    return Table("load", title, "Hour", columns, tuple(lines))
