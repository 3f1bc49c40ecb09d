"""Charts: one definition for the browser, the Slack picture, the mail and print. Pure.

A definition (`monitor.charts.definitions`) says what is shown; `monitor.charts.layout` turns it
into shapes with roles instead of colours; two painters draw the shapes: `svg` for pages, whose
colours come from the style sheet, and `png` (the extra ``charts``) on a ground of its own.
`describe` and `as_table` say the same in words and in numbers.
"""

from monitor.charts.definitions import (
    BarsByName,
    Chart,
    HeatMap,
    LineWithBand,
    MeanLine,
    NamedBar,
    Period,
    Role,
    Series,
    Sparkline,
    StackedBars,
)
from monitor.charts.figure import paint_figure
from monitor.charts.periods import day, month, week
from monitor.charts.png import ChartsMissing, paint_png
from monitor.charts.svg import paint_svg
from monitor.charts.table import Table, as_table
from monitor.charts.telling import describe

__all__ = [
    "BarsByName",
    "Chart",
    "ChartsMissing",
    "HeatMap",
    "LineWithBand",
    "MeanLine",
    "NamedBar",
    "Period",
    "Role",
    "Series",
    "Sparkline",
    "StackedBars",
    "Table",
    "as_table",
    "day",
    "describe",
    "month",
    "paint_figure",
    "paint_png",
    "paint_svg",
    "week",
]
