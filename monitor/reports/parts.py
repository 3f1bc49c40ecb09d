"""Tables that tell measures apart by source, person or what else is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.reports.cells import Sum
from monitor.reports.reading import Reader
from monitor.reports.report import (
    PART_NAMES,
    Asked,
    Cell,
    Column,
    Line,
    Table,
    Value,
    named,
    scope_of,
)


def by_part(
    reader: Reader,
    asked: Asked,
    columns: Sequence[Column],
    value_of: Callable[[Sum], Value],
) -> Table:
    """Return a line for each source, or what else is asked for, in the order of the alphabet.

    Each column is a measure by its key, of which `value_of` tells one value.
    """
    part, name = asked.part
    found = {each.key: dict(reader.counts(each.key, part, name)) for each in columns}
    lines = []
    for value in sorted({value for groups in found.values() for value in groups}):
        scope = scope_of(asked.by, value, asked.teams)
        cells = []
        for column in columns:
            told = found[column.key].get(value)
            behind = asked.within(column.key, scope=scope)
            cells.append(Cell(value_of(told), behind, told.counted) if told else Cell(None))
        lines.append(Line(named(asked.by, value), tuple(cells), only=f"{asked.by}:{value}"))
    title = PART_NAMES[asked.by]
    return Table("by_part", f"By {title.lower()}", title, tuple(columns), tuple(lines))
