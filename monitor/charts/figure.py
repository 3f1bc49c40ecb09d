"""Paints a chart as a figure of a page: caption, legend, picture, note, and the table behind it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from monitor.charts.definitions import Chart, HeatMap
from monitor.charts.layout import lay_out
from monitor.charts.shapes import PAGE, Key
from monitor.charts.svg import paint_svg
from monitor.charts.table import as_table


def paint_figure(chart: Chart, *, heading: int = 3) -> str:
    """Return the chart as a ``<figure>`` element, its title a heading of this level.

    Its table folds out beneath, each row's name a link where the definition gives one. Links are
    written as they are, so they must be addresses of ours and not text from outside.
    """
    keys = lay_out(chart, PAGE).keys
    note = f'<p class="chart-note">{escape(chart.note)}</p>' if chart.note else ""
    return "".join(
        [
            '<figure class="chart-figure"><figcaption>',
            f"<h{heading}>{escape(chart.title)}</h{heading}>",
            f"<small>{escape(chart.unit)}, n = {chart.n:,}</small></figcaption>",
            *_legend(keys),
            paint_svg(chart),
            note,
            "" if isinstance(chart, HeatMap) and not chart.tabled else _table(chart),
            "</figure>",
        ]
    )


def _legend(keys: tuple[Key, ...]) -> Iterable[str]:
    if not keys:
        return
    yield '<ul class="chart-keys">'
    for key in keys:
        told = f" <b>{escape(key.value)}</b>" if key.value else ""
        yield f'<li class="key-{key.role}">{escape(key.name)}{told}</li>'
    yield "</ul>"


def _table(chart: Chart) -> str:
    table = as_table(chart)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = []
    for place, (first, *cells) in enumerate(table.rows):
        link = table.links[place] if table.links else ""
        name = f'<a href="{escape(link)}">{escape(first)}</a>' if link else escape(first)
        told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{name}</th>{told}</tr>')
    label = escape(f"{chart.title}: the numbers")
    return (
        "<details><summary>The numbers</summary>"
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        f'<table class="numbers"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></details>"
    )
