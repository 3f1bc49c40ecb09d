"""Lays out a line of means on a scale of its own, such as 1 to 5 stars."""

from __future__ import annotations

from monitor.charts.axes import HOVERED, NOT_WHOLE, draw_scale, find_gaps, name_periods
from monitor.charts.definitions import MeanLine
from monitor.charts.numbers import tell_mean, tell_short
from monitor.charts.runs import hollow, line_through, runs
from monitor.charts.shapes import Drawing, Hover, Key, Line, Size, Words

PARTS = 4
"""Into how many parts the marks divide a scale."""


def lay_out_means(chart: MeanLine, size: Size) -> Drawing:
    """Return the shapes of a line of means."""
    count = len(chart.periods)
    part = (chart.high - chart.low) / PARTS
    ticks = [chart.low + part * each for each in range(PARTS + 1)]
    scale, marked, margin = draw_scale(ticks, [tell_short(each, "number") for each in ticks], size)
    there = [value is not None for value in chart.values]
    lines = [each for each in marked if isinstance(each, Line)]
    words = [each for each in marked if isinstance(each, Words)]
    words += name_periods(chart.periods, scale.floor + size.letter * 1.5, size, margin)
    if not any(there):
        middle = (scale.floor + scale.ceiling) / 2
        words.append(Words("empty", 0.5, middle, "Nothing to show", "middle"))
    return Drawing(
        height=scale.floor + size.letter * 2,
        left=margin,
        right=size.letter * 0.5,
        grain=max(1, count) * 2,
        shapes=(
            *find_gaps(there, max(1, count), scale.ceiling, scale.floor),
            *lines,
            *(
                line_through("middle" if len(run) > 1 else "tip", run, scale)
                for run in runs(chart.values)
            ),
            *hollow(chart.periods, chart.values, scale),
        ),
        words=tuple(words),
        hovers=() if count > HOVERED else _hovers(chart, scale.floor),
        keys=(Key("hollow", NOT_WHOLE, ""),) if any(each.part for each in chart.periods) else (),
    )


def _hovers(chart: MeanLine, floor: float) -> tuple[Hover, ...]:
    count = len(chart.periods)
    return tuple(
        Hover(
            place / count,
            (place + 1) / count,
            f"{period.name}: {chart.name} {tell_mean(value)}, n = {n:,}",
            0,
            floor,
        )
        for place, (period, value, n) in enumerate(
            zip(chart.periods, chart.values, chart.counts, strict=True)
        )
    )
