"""The numbers behind a chart, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.charts.definitions import (
    DAYS,
    HOURS,
    BarsByName,
    Chart,
    HeatMap,
    LineWithBand,
    MeanLine,
    StackedBars,
)
from monitor.charts.numbers import tell, tell_mean


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows as text; the first cell of a row is its name, and links go with the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...] = ()


def as_table(chart: Chart) -> Table:
    """Return every value of a chart: nothing in the picture is missing here."""
    if isinstance(chart, StackedBars):
        return _of_bars(chart)
    if isinstance(chart, LineWithBand):
        return _of_line(chart)
    if isinstance(chart, MeanLine):
        return _of_means(chart)
    if isinstance(chart, BarsByName):
        return _of_names(chart)
    if isinstance(chart, HeatMap):
        return _of_heat(chart)
    values = zip(chart.periods, chart.values.values, strict=True)
    return Table(
        ("Period", chart.values.name),
        tuple((period.name, tell(value, chart.form)) for period, value in values),
    )


def _of_bars(chart: StackedBars) -> Table:
    several = len(chart.series) > 1
    rows = []
    for place, period in enumerate(chart.periods):
        cells = [tell(each.values[place], chart.form) for each in chart.series]
        total = [tell(chart.total(place), chart.form)] if several else []
        rows.append((period.name, *cells, *total))
    names = tuple(each.name for each in chart.series)
    return Table(("Period", *names, *(["all"] if several else [])), tuple(rows), chart.links)


def _of_line(chart: LineWithBand) -> Table:
    rows = [
        (
            period.name,
            tell(chart.middle.values[place], chart.form),
            tell(chart.upper.values[place], chart.form),
            f"{chart.counts[place]:,}",
        )
        for place, period in enumerate(chart.periods)
    ]
    return Table(("Period", chart.middle.name, chart.upper.name, "n"), tuple(rows), chart.links)


def _of_means(chart: MeanLine) -> Table:
    told = zip(chart.periods, chart.values, chart.counts, strict=True)
    rows = [(period.name, tell_mean(value), f"{n:,}") for period, value, n in told]
    return Table(("Period", chart.name, "n"), tuple(rows))


def _of_names(chart: BarsByName) -> Table:
    counted = any(row.n is not None for row in chart.rows)
    rows = []
    for row in chart.rows:
        count = [] if not counted else [tell(row.n, "number")]
        rows.append((row.name, tell(row.value, chart.form), *count))
    links = tuple(row.link for row in chart.rows)
    return Table(("Name", chart.unit, *(["n"] if counted else [])), tuple(rows), links)


def _of_heat(chart: HeatMap) -> Table:
    rows = [
        (
            f"{hour:02d}:00",
            *(
                tell(chart.load[day][hour], chart.form)
                + (" (staffed)" if chart.staffed[day][hour] >= 0.5 else "")
                for day in range(len(DAYS))
            ),
        )
        for hour in range(HOURS)
    ]
    return Table(("Hour", *DAYS), tuple(rows))
