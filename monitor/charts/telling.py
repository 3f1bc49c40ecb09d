"""Says what a chart shows, for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.charts.definitions import (
    DAYS,
    BarsByName,
    Chart,
    Form,
    HeatMap,
    LineWithBand,
    MeanLine,
    Sparkline,
    StackedBars,
    Value,
)
from monitor.charts.numbers import tell, tell_mean

LONGEST = 500
"""Slack takes no longer description of a picture."""


Over = LineWithBand | MeanLine | Sparkline


def describe(chart: Chart) -> str:
    """Return the essence of a chart in a few sentences, at most 500 characters."""
    if isinstance(chart, StackedBars):
        told = _of_bars(chart)
    elif isinstance(chart, LineWithBand):
        told = _of_line(chart)
    elif isinstance(chart, MeanLine):
        told = f"Line over {_over(len(chart.periods))}, from {chart.low:g} to {chart.high:g}. "
        told += _newest(chart.name, chart.values, chart, tell_mean)
    elif isinstance(chart, BarsByName):
        told = _of_names(chart)
    elif isinstance(chart, HeatMap):
        told = _of_heat(chart)
    else:
        told = _newest(chart.values.name, chart.values.values, chart, _teller(chart.form))
    said = f"{chart.title}. {told} n = {chart.n:,}."
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"


def _of_bars(chart: StackedBars) -> str:
    totals = [
        (total, place) for place in range(len(chart.periods)) if (total := chart.total(place))
    ]
    if not totals:
        return f"Bars over {_over(len(chart.periods))}, all empty."
    highest, place = max(totals)
    said = f"Bars over {_over(len(chart.periods))}. "
    if chart.form == "number":
        parts = ", ".join(
            f"{tell(number, chart.form)} {each.name}"
            for each in chart.series
            if (number := sum(value or 0 for value in each.values))
        )
        said += f"In all {tell(sum(t for t, _ in totals), chart.form)} {chart.unit}: {parts}. "
    newest = tell(chart.total(len(chart.periods) - 1), chart.form)
    return (
        f"{said}The most, {tell(highest, chart.form)}, in {chart.periods[place].name}; "
        f"the newest, {chart.periods[-1].name}, {newest}."
    )


def _of_line(chart: LineWithBand) -> str:
    told = _teller(chart.form)
    lines = (_newest(each.name, each.values, chart, told) for each in (chart.middle, chart.upper))
    said = f"Line over {_over(len(chart.periods))}. {' '.join(lines)}"
    if chart.target is not None:
        said += f" The target is {tell(chart.target, chart.form)}."
    return said


def _of_names(chart: BarsByName) -> str:
    if not chart.rows:
        return "Nothing to show."
    told = "; ".join(f"{row.name} {tell(row.value, chart.form)}" for row in chart.rows[:5])
    more = len(chart.rows) - 5
    return f"Bars: {told}{f'; and {more} more' if more > 0 else ''}."


def _of_heat(chart: HeatMap) -> str:
    cells = [
        (value, -day, -hour)
        for day, row in enumerate(chart.load)
        for hour, value in enumerate(row)
        if value
    ]
    if not cells:
        return "A map of weekdays and hours, all empty."
    value, day, hour = max(cells)
    alone = sum(each for each, d, h in cells if chart.staffed[-d][-h] < 0.5)
    share = alone / sum(each for each, _, _ in cells)
    return (
        f"A map of weekdays and hours. The most, {tell(value, chart.form)} {chart.unit}, "
        f"on {DAYS[-day]} from {-hour:02d}:00. "
        f"Outside the staffed hours came {tell(round(share, 2), 'share')}."
    )


def _newest(name: str, values: Sequence[Value], chart: Over, told: Callable[[float], str]) -> str:
    known = [(value, place) for place, value in enumerate(values) if value is not None]
    if not known:
        return f"{name.capitalize()}: nothing known."
    value, place = known[-1]
    said = f"{name.capitalize()}: {told(value)} in {chart.periods[place].name}"
    earlier = [before for before, _ in known[:-1]]
    if not earlier:
        return f"{said}."
    low, high = told(min(earlier)), told(max(earlier))
    return f"{said}, {f'between {low} and {high}' if low != high else low} before."


def _over(count: int) -> str:
    return "one period" if count == 1 else f"{count:,} periods"


def _teller(form: Form) -> Callable[[float], str]:
    return lambda value: tell(value, form)
