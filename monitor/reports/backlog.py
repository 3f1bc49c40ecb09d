"""The report on the backlog: what waits now and for how long, and when work comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.charts import BarsByName, HeatMap, NamedBar
from monitor.hours import Calendar, between
from monitor.models import Case, Clock, ReportForecast
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
BREACHED = "deadlines that passed this week, from Monday on, before they were met"
EXPECTED = "what happened, and what is expected of open clocks and of those that are yet to start"
OPEN_ONES = (
    "of clocks that are open and fall due this week, as earlier ones fared that were so late"
)
NEW_ONES = "of clocks that will start this week, as in the last eight weeks"
STATES = {"opened": "Draft being made", "drafted": "To approve", "approved": "On its way"}


def backlog(
    session: Session, reader: Reader, asked: Asked, now: datetime, staffed: Sequence[Calendar]
) -> tuple[Section, ...]:
    """Return what is open now, whatever the period, and when cases came in within the period.

    `staffed` are the calendars by whose hours somebody works.
    """
    return (_open_now(session, now), *_forecast(session), _load(reader, asked, staffed))


def _open_now(session: Session, now: datetime) -> Section:
    due = (
        select(Clock.case_id, func.min(Clock.due_at).label("due_at"))
        .where(IS_ALIVE, Clock.state == "running")
        .group_by(Clock.case_id)
        .subquery()
    )
    rows = session.execute(
        select(Case.state, Case.opened_at, due.c.due_at)
        .outerjoin(due, due.c.case_id == Case.id)
        .where(Case.state.in_(OPEN))
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


def _forecast(session: Session) -> tuple[Section, ...]:
    """Return how many breaches to expect this week, as the daemon last reckoned it."""
    kept = session.get(ReportForecast, 1)
    if kept is None:
        return ()
    told = kept.body
    figures = [Figure("breached", "Happened so far", told["breached"], "number", BREACHED)]
    if told["reason"]:
        note = f"{told['reason']}, so only what is known stands here."
    else:
        note = (
            f"Nine times in ten it will be {told['low']} to {told['high']}; the week before "
            f"brought {told['last_week']}. How good forecasts have been: "
            "rapport sla forecast --backtest 8"
        )
        figures = [
            Figure("expected", "Breaches expected", round(told["expected"]), "number", EXPECTED),
            *figures,
            Figure("to_come", "Open now", round(told["open_expected"], 1), "number", OPEN_ONES),
            Figure("new", "Yet to arrive", round(told["arrivals_expected"], 1), "number", NEW_ONES),
        ]
    return (Section("forecast", "This week's breaches", figures=tuple(figures), note=note),)


def _load(reader: Reader, asked: Asked, staffed: Sequence[Calendar]) -> Section:
    load = [[0] * 24 for _ in range(7)]
    for day, told in reader.days("arrivals", asked.scope):
        for hours in told.times:
            for hour, number in Counter(hours).items():
                load[day.weekday()][hour] += number
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
