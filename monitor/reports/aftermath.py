"""The report on what our answers did: who raised a rating, wrote again, came back, fell silent."""

from __future__ import annotations

from monitor.charts import BarsByName, NamedBar
from monitor.reports.cells import Sum
from monitor.reports.measures import AFTER, MEASURES
from monitor.reports.parts import by_part
from monitor.reports.reading import Reader
from monitor.reports.report import (
    Asked,
    Cell,
    Column,
    Line,
    Section,
    Table,
)

COLUMNS = (
    Column("counted", "Out of", "number", "the cases of which this can be told"),
    Column("met", "Cases", "number", "those of them whose customers did this"),
    Column("share", "Share", "share", "cases ÷ out of"),
)
NOTE = (
    "Each share has its own denominator, told beside it. Who was not answered differs from who "
    "was in more than the answer, so that the comparison is a hint and no proof. What happens "
    "later is counted for the day on which the case was opened, and may still grow."
)


def aftermath(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return what customers did after our first answer to cases opened in this time."""
    sums = [(measure, reader.sum(measure, asked.scope)) for measure in AFTER]
    if not any(told.counted for _, told in sums):
        return (
            Section(
                "after",
                "What our answers did",
                empty="No case was opened in this time; try a longer one.",
            ),
        )
    lines = tuple(_line(asked, measure, told) for measure, told in sums)
    tables = [Table("after", "After our first answer", "What happened", COLUMNS, lines)]
    if asked.scope.part == "all":
        columns = [
            Column(each, MEASURES[each].name, "share", f"of {MEASURES[each].counted}")
            for each in AFTER
        ]
        tables.append(by_part(reader, asked, columns, _share))
    return (
        Section(
            "after",
            "What our answers did",
            charts=(_chart(sums),),
            tables=tuple(tables),
            note=NOTE,
        ),
    )


def _share(told: Sum) -> float | None:
    return told.met / told.counted if told.counted else None


def _line(asked: Asked, measure: str, told: Sum) -> Line:
    words = MEASURES[measure]
    return Line(
        f"{words.name} (of {words.counted})",
        (
            Cell(told.counted, asked.within(measure)),
            Cell(told.met, asked.within(measure, "met")),
            Cell(_share(told), asked.within(measure), told.counted),
        ),
    )


def _chart(sums: list[tuple[str, Sum]]) -> BarsByName:
    return BarsByName(
        title="What customers did",
        unit="share of the cases each can be told of",
        rows=tuple(
            NamedBar(
                MEASURES[measure].name,
                _share(told),
                "middling" if measure == "raised_alone" else "one",
                told.counted,
            )
            for measure, told in sums
        ),
        n=max(told.counted for _, told in sums),
        form="share",
    )
