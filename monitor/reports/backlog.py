"""The report on the backlog: what waits now and for how long, and when work comes in."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.charts import BarsByName, HeatMap, NamedBar
from monitor.hours import Calendar, between
from monitor.models import Case, Clock
from monitor.reports.alive import IS_ALIVE
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Cell, Column, Figure, Line, Section, Table

OPEN = ("opened", "drafted", "approved")
AGES = (
    ("under 4 hours", timedelta(hours=4)),
    ("4 to 24 hours", timedelta(days=1)),
    ("1 to 3 days", timedelta(days=3)),
    ("3 to 7 days", timedelta(days=7)),
    ("over 7 days", timedelta.max),
)
STATES = {"opened": "Draft being made", "drafted": "To approve", "approved": "On its way"}


def backlog(
    session: Session, reader: Reader, asked: Asked, now: datetime, staffed: Sequence[Calendar]
) -> tuple[Section, ...]:
    """Return what is open now, whatever the period, and when cases came in within the period.

    `staffed` are the calendars by whose hours somebody works.
    """
    return (_open_now(session, now), _load(reader, asked, staffed))


def _open_now(session: Session, now: datetime) -> Section:
    due = (  # for each open case alone: closed ones have running clocks too, and many more
        select(func.min(Clock.due_at))
        .where(IS_ALIVE, Clock.state == "running", Clock.case_id == Case.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Case.state, Case.opened_at, due).where(Case.state.in_(OPEN))
    ).all()
    if not rows:
        return Section("open", "Open now", empty="Nothing waits: every case has its answer.")
    ages: dict[str, Counter[str]] = {name: Counter() for name, _ in AGES}
    overdue = 0
    for state, opened_at, due_at in rows:
        age = now - opened_at
        ages[next(name for name, limit in AGES if age <= limit)][state] += 1
        overdue += due_at is not None and due_at < now
    oldest = min(opened_at for _, opened_at, _ in rows)
    columns = (
        Column("all", "Cases", "number"),
        *(Column(state, STATES[state], "number") for state in OPEN),
    )
    lines = tuple(
        Line(name, (Cell(counts.total()), *(Cell(counts[state]) for state in OPEN)))
        for name, counts in ages.items()
    )
    chart = BarsByName(
        title="How long open cases have waited",
        unit="cases, by the time since they were opened",
        rows=tuple(NamedBar(name, counts.total()) for name, counts in ages.items()),
        n=len(rows),
    )
    return Section(
        "open",
        "Open now",
        figures=(
            Figure("open", "Open cases", len(rows), "number", "not answered, dismissed or closed"),
            Figure("overdue", "Overdue", overdue, "number", "a deadline has passed"),
            Figure("oldest", "The oldest waits for", (now - oldest).total_seconds(), "seconds"),
        ),
        charts=(chart,),
        tables=(Table("ages", "By age", "Age", columns, lines),),
    )


def _load(reader: Reader, asked: Asked, staffed: Sequence[Calendar]) -> Section:
    load = [[0] * 24 for _ in range(7)]
    for day, told in reader.days("arrivals", asked.scope):
        for hours in told.times:
            # They are sorted: where the next hour begins tells how many are before it.
            ends = [bisect_left(hours, hour) for hour in range(1, 25)]
            for hour, (begin, end) in enumerate(pairwise((0, *ends))):
                load[day.weekday()][hour] += end - begin
    total = sum(map(sum, load))
    if not total:
        return Section("load", "When cases come in", empty="No case was opened in this time.")
    chart = HeatMap(
        title="When cases come in",
        unit="cases, by weekday and hour; framed where somebody works",
        load=tuple(map(tuple, load)),
        staffed=tuple(_staffed(asked, staffed)),
        n=total,
    )
    return Section("load", "When cases come in", charts=(chart,))


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
