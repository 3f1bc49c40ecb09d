"""The report on where the time goes: from what was written to what the customer could see."""

from __future__ import annotations

from monitor.charts import BarsByName, NamedBar
from monitor.reports.cells import Sum, percentile, percentiles
from monitor.reports.measures import MEASURES, STAGES
from monitor.reports.parts import by_part
from monitor.reports.reading import Reader
from monitor.reports.report import (
    Asked,
    Behind,
    Cell,
    Column,
    Line,
    Section,
    Table,
)

COLUMNS = (
    Column("n", "Cases", "number", "how many have come through the stage"),
    Column("median", "Median", "seconds", "the time that half of the cases did not exceed"),
    Column("p90", "90 % within", "seconds", "the time that nine tenths did not exceed"),
)


def stages(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return how long each stage on the way to the first answer took, by the wall clock."""
    sums = [(stage, reader.sum(stage, asked.scope)) for stage in STAGES]
    if not any(told.counted for _, told in sums):
        return (
            Section(
                "stages",
                "Where the time goes",
                empty="No case was opened in this time; try a longer one.",
            ),
        )
    lines = tuple(
        Line(MEASURES[stage].name, _cells(told, asked.within(stage))) for stage, told in sums
    )
    tables = [Table("stages", "Stage by stage", "Stage", COLUMNS, lines)]
    if asked.scope.part == "all":
        columns = [
            Column(each, f"{MEASURES[each].name}, median", "seconds", MEASURES[each].time)
            for each in STAGES
        ]
        tables.append(by_part(reader, asked, columns, _median))
    return (
        Section(
            "stages",
            "Where the time goes",
            charts=(_chart(sums),),
            tables=tuple(tables),
            note="; ".join(f"{MEASURES[stage].name}: {MEASURES[stage].time}" for stage in STAGES)
            + ". All by the wall clock, for the first answer to cases opened in this time. The "
            "medians of stages do not add up to the median of the whole way.",
        ),
    )


def _cells(told: Sum, behind: Behind) -> tuple[Cell, ...]:
    median, p90 = percentiles(told.times, 0.5, 0.9)
    n = told.counted
    return (Cell(n, behind), Cell(median, behind, n), Cell(p90, behind, n))


def _chart(sums: list[tuple[str, Sum]]) -> BarsByName:
    return BarsByName(
        title="How long each stage takes",
        unit="median, all hours",
        rows=tuple(
            NamedBar(MEASURES[stage].name, percentile(told.times, 0.5), "one", told.counted)
            for stage, told in sums
        ),
        n=max(told.counted for _, told in sums),
        form="seconds",
    )


def _median(told: Sum) -> int | None:
    return percentile(told.times, 0.5)
