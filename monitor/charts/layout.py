"""Turns a chart's definition into shapes."""

from __future__ import annotations

from monitor.charts.bars import lay_out_bars
from monitor.charts.definitions import (
    BarsByName,
    Chart,
    HeatMap,
    LineWithBand,
    MeanLine,
    StackedBars,
)
from monitor.charts.heat import lay_out_heat
from monitor.charts.lines import lay_out_line, lay_out_spark
from monitor.charts.means import lay_out_means
from monitor.charts.names import lay_out_names
from monitor.charts.shapes import Drawing, Size


def lay_out(chart: Chart, size: Size) -> Drawing:
    """Return the shapes of a chart."""
    if isinstance(chart, StackedBars):
        return lay_out_bars(chart, size)
    if isinstance(chart, LineWithBand):
        return lay_out_line(chart, size)
    if isinstance(chart, MeanLine):
        return lay_out_means(chart, size)
    if isinstance(chart, BarsByName):
        return lay_out_names(chart, size)
    if isinstance(chart, HeatMap):
        return lay_out_heat(chart, size)
    return lay_out_spark(chart, size)
