"""The report on the backlog: what waits now and for how long, and when work comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.charts import BarsByName, NamedBar
from monitor.hours import Calendar
from monitor.models import ReportForecast
from monitor.reports.load import load
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Behind, Cell, Column, Figure, Line, Section, Table
from monitor.reports.waiting import AGES, OPEN, OPEN_NOW, read_waiting

BREACHED = "deadlines that passed this week, from Monday on, before they were met"
EXPECTED = "what happened, and what is expected of open clocks and of those that are yet to start"
OPEN_ONES = (
    "of clocks that are open and fall due this week, as earlier ones fared that were so late"
)
NEW_ONES = "of clocks that will start this week, as in the last eight weeks"
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
    return (
        _open_now(session, asked, now),
        *_forecast(session, asked.period.zone),
        load(reader, asked, now, staffed),
    )


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


def _forecast(session: Session, zone: ZoneInfo) -> tuple[Section, ...]:
    """Return how many breaches to expect this week, as the daemon last reckoned it.

    It is of everything, whatever the report is filtered by.
    """
    kept = session.get(ReportForecast, 1)
    if kept is None:
        return ()
    told = kept.body
    made = kept.made_at.astimezone(zone)
    as_of = f"Of all cases, whatever the filter and the period, as of {made:%a %H:%M %Z}. "
    figures = [Figure("breached", "Happened so far", told["breached"], "number", BREACHED)]
    if told["reason"]:
        note = f"{as_of}{told['reason']}, so only what is known stands here."
    else:
        note = (
            f"{as_of}Nine times in ten it will be {told['low']} to {told['high']}; the week before "
            f"brought {told['last_week']}. How good forecasts have been: "
            "rapport sla forecast --backtest 8"
        )
        still_open = round(told["open_expected"], 1)
        new = round(told["arrivals_expected"], 1)
        figures = [
            Figure("expected", "Breaches expected", round(told["expected"]), "number", EXPECTED),
            *figures,
            Figure("to_come", "Expected of those open", still_open, "number", OPEN_ONES),
            Figure("new", "Expected of those to come", new, "number", NEW_ONES),
        ]
    return (Section("forecast", "This week's breaches", figures=tuple(figures), note=note),)
