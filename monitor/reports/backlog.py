"""The report on the backlog: what waits now and for how long, and when work comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from monitor.charts import BarsByName, HeatMap, NamedBar
from monitor.hours import Calendar, between
from monitor.reports.measures import MEASURES
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Behind, Cell, Column, Figure, Line, Section, Table
from monitor.reports.waiting import AGES, OPEN, OPEN_NOW, read_waiting

STATES = {"opened": "Draft being made", "drafted": "To approve", "approved": "On its way"}
OPEN_CASES = "not answered, dismissed or closed"
OVERDUE = "open, and a deadline that runs has passed"
OLDEST = "the time since the oldest open case was opened, by the wall clock"


def backlog(
    session: Session, reader: Reader, asked: Asked, now: datetime, staffed: Sequence[Calendar]
) -> tuple[Section, ...]:
    """Return what is open now, whatever the period, and when cases came in within the period.

    `staffed` are the calendars by whose hours somebody works.
    """
    return (_open_now(session, asked, now), _load(reader, asked, staffed))


def _open_now(session: Session, asked: Asked, now: datetime) -> Section:
    cases = list(read_waiting(session, asked.scope, now))
    if not cases:
        return Section("open", "Open now", empty="Nothing waits: every case has its answer.")

    def behind(wait: str) -> Behind:
        return asked.within(OPEN_NOW, wait)

    ages: dict[str, Counter[str]] = {key: Counter() for key, _, _ in AGES}
    for case in cases:
        ages[case.age][case.state] += 1
    overdue = sum(case.overdue for case in cases)
    oldest = min(case.opened_at for case in cases)
    columns = (
        Column("all", "Cases", "number"),
        *(Column(state, STATES[state], "number") for state in OPEN),
    )
    lines = tuple(
        Line(
            name,
            (
                Cell(ages[key].total(), behind(key)),
                *(Cell(ages[key][state], behind(f"{key}-{state}")) for state in OPEN),
            ),
        )
        for key, name, _ in AGES
    )
    chart = BarsByName(
        title="How long open cases have waited",
        unit="cases, by the time since they were opened",
        rows=tuple(NamedBar(name, ages[key].total()) for key, name, _ in AGES),
        n=len(cases),
    )
    waits = (now - oldest).total_seconds()
    return Section(
        "open",
        "Open now",
        figures=(
            Figure("open", "Open cases", len(cases), "number", OPEN_CASES, behind=behind("")),
            Figure("overdue", "Overdue", overdue, "number", OVERDUE, behind=behind("overdue")),
            Figure("oldest", "The oldest waits for", waits, "seconds", OLDEST),
        ),
        charts=(chart,),
        tables=(Table("ages", "By age", "Age", columns, lines),),
        note="As things stand now, whatever the period.",
    )


def _load(reader: Reader, asked: Asked, staffed: Sequence[Calendar]) -> Section:
    load = [[0] * 24 for _ in range(7)]
    for day, told in reader.days("arrivals", asked.scope):
        for hours in told.times:
            for hour, number in Counter(hours).items():
                load[day.weekday()][hour] += number
    total = sum(map(sum, load))
    if not total:
        return Section(
            "load", "When cases come in", empty="No case was opened in this time; try a longer one."
        )
    chart = HeatMap(
        title="When cases come in",
        unit="cases, by weekday and hour; framed where somebody works",
        load=tuple(map(tuple, load)),
        staffed=tuple(_staffed(asked, staffed)),
        n=total,
    )
    arrivals = MEASURES["arrivals"]
    behind = asked.within(arrivals.key)
    figure = Figure("arrivals", arrivals.name, total, "number", arrivals.counted, behind=behind)
    return Section("load", "When cases come in", figures=(figure,), charts=(chart,))


def _staffed(asked: Asked, calendars: Sequence[Calendar]) -> list[tuple[float, ...]]:
    """Return for each weekday and hour which share of it somebody works, in a usual week.

    It is the last whole week of the period; of several calendars the one that is open longer.
    """
    if not calendars:
        return [(0.0,) * 24 for _ in range(7)]
    last = asked.period.last
    monday = last - timedelta(days=last.weekday() + 7)
    return [
        tuple(max(_open_share(asked, day, hour, each) for each in calendars) for hour in range(24))
        for day in (monday + timedelta(days=number) for number in range(7))
    ]


def _open_share(asked: Asked, day: date, hour: int, calendar: Calendar) -> float:
    start = datetime(day.year, day.month, day.day, hour, tzinfo=asked.period.zone)
    return between(calendar, start, start.astimezone(start.tzinfo) + timedelta(hours=1)) / 3600
