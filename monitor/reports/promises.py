"""The report on promises: how many were kept, how fast, for whom, and how many are still open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from monitor.charts import LineWithBand, Series, StackedBars
from monitor.reports.measures import MEASURES
from monitor.reports.reading import Reader
from monitor.reports.report import (
    PART_NAMES,
    Asked,
    Behind,
    Cell,
    Column,
    Figure,
    Line,
    Section,
    Table,
    named,
    scope_of,
)
from monitor.reports.steps import step_of, steps_of, within
from monitor.sla import TARGETS, Summary

IN_TIME = (
    "met ÷ (met + missed + overdue and not answered): leaving late cases unanswered cannot raise it"
)
RECEIVED = "counted for the period in which they came, whenever they are answered"
ANSWERED = "of those received in the period, the share that ever got an answer; it may still grow"
MEDIAN = "the time that half of the answered did not exceed; always one that a case really took"
P90 = "the time that nine tenths of the answered did not exceed"
OPEN_HOURS = "counted only while the calendar of the case's policy is open, without pauses"
VOIDED = "dismissed, deleted or closed without an answer: in no other figure of this report"
ALL_TIME = "by the wall clock, without pauses"

COLUMNS = (
    Column("received", "Received", "number", RECEIVED),
    Column("met", "Met", "number", "stopped no later than the deadline"),
    Column("missed", "Missed", "number", "stopped after the deadline"),
    Column("overdue", "Overdue", "number", "not answered, and the deadline has passed"),
    Column("open", "Open in time", "number", "not answered, and the deadline has not passed"),
    Column("in_time", "In time", "share", IN_TIME),
    Column("answered", "Answered", "share", ANSWERED),
    Column("median_business", "Median, open hours", "seconds", f"{MEDIAN}; {OPEN_HOURS}"),
    Column("p90_business", "90 %, open hours", "seconds", f"{P90}; {OPEN_HOURS}"),
    Column("median_wall", "Median, all hours", "seconds", f"{MEDIAN}; {ALL_TIME}"),
    Column("p90_wall", "90 %, all hours", "seconds", f"{P90}; {ALL_TIME}"),
)


def promises(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return how the promise asked for fared, and the others in a line each."""
    measure = MEASURES[asked.measure]
    total = reader.total(asked.measure, asked.scope)
    if not total.received:
        note = "Nothing that this promise is made for was received in this time; try a longer one."
        return (Section("promise", measure.name, empty=note),)
    over_time = dict(reader.over_time(asked.measure, asked.grain, asked.scope))
    charts = (_kept(asked, over_time), _times(asked, over_time))
    tables = [_by_time(asked, over_time)]
    if asked.scope.part == "all":
        tables.append(_by_part(reader, asked))
    return (
        Section(
            "promise",
            measure.name,
            figures=(*_figures(asked, total), _voided(reader, asked)),
            charts=charts,
            tables=tuple(tables),
            note=f"Counted are {measure.counted}; times are {measure.time}.",
        ),
        Section("others", "All promises", tables=(_all_promises(reader, asked, total),)),
    )


def cells_of(figures: Summary, behind: Callable[[str], Behind]) -> tuple[Cell, ...]:
    """Return the cells of `COLUMNS` for one group."""
    kept = figures.attainment
    decided = kept.met + kept.missed + kept.open_overdue
    answered = behind("answered")
    return (
        Cell(figures.received, behind("")),
        Cell(kept.met, behind("met")),
        Cell(kept.missed, behind("missed")),
        Cell(kept.open_overdue, behind("overdue")),
        Cell(kept.open_in_time, behind("open")),
        Cell(kept.share_with_overdue, behind("decided"), decided),
        Cell(figures.response_rate, behind(""), figures.received),
        Cell(figures.median_business, answered, figures.answered),
        Cell(figures.p90_business, answered, figures.answered),
        Cell(figures.median_wall, answered, figures.answered),
        Cell(figures.p90_wall, answered, figures.answered),
    )


RESTS_ON = {"in_time": "decided", "answered": ""}
"""Which of those received a share rests on; times rest on the answered."""


def _figures(asked: Asked, total: Summary) -> tuple[Figure, ...]:
    cells = cells_of(total, lambda verdict: asked.within(asked.measure, verdict))
    found = {
        column.key: Figure(
            column.key,
            column.name,
            cell.value,
            column.kind,
            column.definition,
            cell.n,
            cell.behind or asked.within(asked.measure, RESTS_ON.get(column.key, "answered")),
        )
        for column, cell in zip(COLUMNS, cells, strict=True)
    }
    order = ("in_time", "received", "met", "missed", "overdue", "open", "answered")
    times = ("median_business", "p90_business", "median_wall", "p90_wall")
    return tuple(found[key] for key in (*order, *times))


def _voided(reader: Reader, asked: Asked) -> Figure:
    """Return how many are in no other figure, so that dismissing cannot hide them."""
    number = reader.sum(asked.measure, asked.scope).voided
    behind = asked.within(asked.measure, "voided")
    return Figure("voided", "No longer promised", number, "number", VOIDED, behind=behind)


def _kept(asked: Asked, over_time: dict[date, Summary]) -> StackedBars:
    steps, begins = steps_of(asked.period, asked.grain)
    kept = [over_time[begin].attainment if begin in over_time else None for begin in begins]

    def series(name: str, role: str, field: str) -> Series:
        values = tuple(getattr(each, field) if each else None for each in kept)
        return Series(name, role, values)  # type: ignore[arg-type]  # the roles below are known

    return StackedBars(
        title=f"{MEASURES[asked.measure].name}: what became of what was received",
        unit=f"by {asked.grain} received",
        periods=steps,
        series=(
            series("Met", "met", "met"),
            series("Missed", "missed", "missed"),
            series("Overdue", "overdue", "open_overdue"),
            series("Open in time", "open", "open_in_time"),
        ),
        n=sum(each.received for each in over_time.values()),
    )


def _times(asked: Asked, over_time: dict[date, Summary]) -> LineWithBand:
    steps, begins = steps_of(asked.period, asked.grain)
    told = [over_time.get(begin) for begin in begins]
    business = asked.clock == "business"
    times = [
        (None, None)
        if each is None
        else (each.median_business, each.p90_business)
        if business
        else (each.median_wall, each.p90_wall)
        for each in told
    ]
    return LineWithBand(
        title=f"{MEASURES[asked.measure].name}: how long it took",
        unit="open hours" if business else "all hours",
        periods=steps,
        middle=Series("Median", "one", tuple(median for median, _ in times)),
        upper=Series("90 %", "one", tuple(p90 for _, p90 in times)),
        counts=tuple(each.answered if each else 0 for each in told),
        n=sum(each.answered for each in over_time.values()),
        note="Only answered ones have a time; the overdue stand in the bars.",
    )


def _by_time(asked: Asked, over_time: dict[date, Summary]) -> Table:
    def line(begin: date, figures: Summary) -> Line:
        part = within(begin, asked.grain, asked.period)

        def behind(verdict: str) -> Behind:
            return Behind(asked.measure, verdict, part, asked.scope)

        return Line(step_of(begin, asked.grain, asked.period).name, cells_of(figures, behind))

    newest_first = sorted(over_time.items(), reverse=True)
    return Table(
        "by_time",
        f"By {asked.grain} received",
        asked.grain.title(),
        COLUMNS,
        tuple(line(begin, figures) for begin, figures in newest_first),
    )


def _by_part(reader: Reader, asked: Asked) -> Table:
    def line(value: str, figures: Summary) -> Line:
        scope = scope_of(asked.by, value, asked.teams)

        def behind(verdict: str) -> Behind:
            return Behind(asked.measure, verdict, asked.period, scope)

        only = f"{asked.by}:{value}"
        return Line(named(asked.by, value), cells_of(figures, behind), only=only)

    part, name = asked.part
    name_of = PART_NAMES[asked.by]
    return Table(
        "by_part",
        f"By {name_of.lower()}",
        name_of,
        COLUMNS,
        tuple(line(*pair) for pair in reader.by_part(asked.measure, part, name)),
    )


def _all_promises(reader: Reader, asked: Asked, total: Summary) -> Table:
    lines = []
    for target in TARGETS:
        figures = total if target == asked.measure else reader.total(target, asked.scope)
        if figures.received:

            def behind(verdict: str, target: str = target) -> Behind:
                return asked.within(target, verdict)

            lines.append(Line(MEASURES[target].name, cells_of(figures, behind)))
    return Table("promises", "All promises", "Promise", COLUMNS, tuple(lines))
