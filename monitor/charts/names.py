"""Lays out level bars, one a name: the name over its bar, so that it fits a telephone."""

from __future__ import annotations

from monitor.charts.definitions import BarsByName
from monitor.charts.numbers import tell
from monitor.charts.shapes import Box, Drawing, Hover, Size, Words


def lay_out_names(chart: BarsByName, size: Size) -> Drawing:
    """Return the shapes of bars by name."""
    highest = max((row.value for row in chart.rows if row.value is not None), default=0)
    top = 1 if chart.form == "share" and highest <= 1 else highest or 1
    step = size.letter * 2.6
    shapes: list[Box] = []
    words, hovers = [], []
    for place, row in enumerate(chart.rows):
        line = place * step + size.letter * 1.1
        over, under = line + size.letter * 0.4, line + size.letter * 1.1
        told = tell(row.value, chart.form)
        counted = "" if row.n is None else f" (n = {row.n:,})"
        words += _name(row.name, line, size, told + counted)
        words.append(Words("value", 1, line, told + counted, "end"))
        shapes.append(Box("track" if row.value is not None else "gap", 0, over, 1, under))
        if row.value:
            shapes.append(Box(row.role, 0, over, max(row.value / top, 0.004), under))
        hovers.append(Hover(0, 1, f"{row.name}: {told}{counted}", place * step, under))
    height = max(1, len(chart.rows)) * step
    if not chart.rows:
        words.append(Words("empty", 0.5, size.letter * 1.5, "Nothing to show", "middle"))
    return Drawing(
        height=height,
        shapes=tuple(shapes),
        words=tuple(words),
        hovers=tuple(hovers),
    )


def _name(name: str, down: float, size: Size, beside: str) -> list[Words]:
    """Write a name, cut to what fits beside its value; the table has the whole of it."""
    wide, narrow = _clip(name, size.wide, size, beside), _clip(name, size.narrow, size, beside)
    if wide == narrow:
        return [Words("row", 0, down, wide)]
    return [
        Words("row", 0, down, wide, where="roomy"),
        Words("row", 0, down, narrow, where="tight"),
    ]


def _clip(name: str, width: float, size: Size, beside: str) -> str:
    fits = max(8, int(width / size.letter / 0.58) - len(beside) - 2)
    return name if len(name) <= fits else name[: fits - 1].rstrip() + "…"
