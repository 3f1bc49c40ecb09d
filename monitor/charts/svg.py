"""Paints a chart as SVG that stands in a page: no colours, no scripts, no style attributes.

The plot is stretched to the page's width; letters, and lines' widths, are not. One path for each
role holds all its shapes, so that a year of days stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil

from monitor.charts.definitions import Chart, Sparkline
from monitor.charts.layout import lay_out
from monitor.charts.shapes import PAGE, Area, Box, Drawing, Hover, Line, Size, Words
from monitor.charts.telling import describe

PAD = 8
"""Margins come in steps of so many pixels, each a class of the style sheet."""
LARGEST = 12
MANY = 40
"""Above so many boxes in a path its numbers are whole."""


def paint_svg(chart: Chart, *, size: Size = PAGE) -> str:
    """Return the chart as an ``<svg>`` element for ``charts.css``; its name says what it shows."""
    drawing = lay_out(chart, size)
    kind = "spark" if isinstance(chart, Sparkline) else "full"
    classes = f"chart {kind} left-{_pad(drawing.left)} right-{_pad(drawing.right)}"
    height = _number(drawing.height)
    return "".join(
        [
            f'<svg class="{classes}" role="img" aria-label="{escape(describe(chart))}" ',
            f'width="100%" height="{height}">',
            f'<svg viewBox="0 0 {drawing.grain} {height}" preserveAspectRatio="none" ',
            f'width="100%" height="{height}">',
            *_paths(drawing),
            *_hits(drawing.hovers, drawing.grain),
            "</svg>",
            *(_text(each) for each in drawing.words),
            "</svg>",
        ]
    )


def _paths(drawing: Drawing) -> Iterable[str]:
    """Yield one path for each role, in the order in which the roles first come."""
    groups: dict[tuple[str, str], list[Box | Line | Area]] = {}
    for shape in drawing.shapes:
        sort = "line" if isinstance(shape, Line) else "fill"
        groups.setdefault((sort, shape.role), []).append(shape)
    for (sort, role), shapes in groups.items():
        yield f'<path class="{sort}-{role}" d="{_path(shapes, drawing.grain)}"/>'


def _path(shapes: Sequence[Box | Line | Area], grain: int) -> str:
    """Return the steps of a path; each begins where the last one began or ended."""
    boxes = [shape for shape in shapes if isinstance(shape, Box)]
    if len(boxes) > MANY:
        # Among many boxes nobody sees less than a pixel, and the page is lighter.
        return _whole_boxes(boxes, grain)
    steps = []
    here = (0.0, 0.0)
    for shape in shapes:
        if isinstance(shape, Box):
            left, right = round(shape.left * grain, 1), round(shape.right * grain, 1)
            top, bottom = round(shape.top, 1), round(shape.bottom, 1)
            steps.append(f"m{_pair(left - here[0], bottom - here[1])}")
            steps.append(f"v{_number(top - bottom)}h{_number(right - left)}")
            steps.append(f"v{_number(bottom - top)}z")
            here = (left, bottom)
            continue
        first, *others = [
            (round(across * grain, 1), round(down, 1)) for across, down in shape.points
        ]
        steps.append(f"m{_pair(first[0] - here[0], first[1] - here[1])}")
        here = first
        if not others:
            steps.append("h0")
        for point in others:
            across, down = point[0] - here[0], point[1] - here[1]
            if not round(down, 1):
                steps.append(f"h{_number(across)}")
            else:
                steps.append(f"l{_pair(across, down)}")
            here = point
        if isinstance(shape, Area):
            steps.append("z")
            here = first
    return "".join(steps)


def _whole_boxes(boxes: Sequence[Box], grain: int) -> str:
    """Return the path of many boxes in whole numbers."""
    steps = []
    x = y = 0
    for box in boxes:
        left, bottom = round(box.left * grain), round(box.bottom)
        tall, down = bottom - round(box.top), bottom - y
        apart = " " if down >= 0 else ""
        wide = round(box.right * grain) - left
        steps.append(f"m{left - x}{apart}{down}v{-tall}h{wide}v{tall}z")
        x, y = left, bottom
    return "".join(steps)


def _hits(hovers: Sequence[Hover], grain: int) -> Iterable[str]:
    """Yield the parts that tell their values where a pointer rests on them."""
    if not hovers:
        return
    yield '<g class="hits">'
    for each in hovers:
        left, top = round(each.left * grain), round(each.top)
        across, tall = round(each.right * grain) - left, round(each.bottom) - top
        place = f"M{left} {top}h{across}v{tall}H{left}z"
        yield f'<path d="{place}"><title>{escape(each.text, quote=False)}</title></path>'
    yield "</g>"


def _text(words: Words) -> str:
    """Return one line of text."""
    classes = f"word-{words.role}{'' if words.where == 'always' else f' {words.where}'}"
    across = _number(words.across * 100)
    place = (
        f'x="{across}%" y="{_number(words.down)}"'
        if words.across
        else (f'x="0" y="{_number(words.down)}"')
    )
    aside = f' dx="{_number(words.aside)}"' if words.aside else ""
    anchor = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    text = escape(words.text, quote=False)
    return f'<text class="{classes}" {place}{aside}{anchor}>{text}</text>'


def _pad(margin: float) -> int:
    return min(LARGEST, ceil(margin / PAD))


def _number(value: float) -> str:
    """Return a number in as few letters as a path needs."""
    whole = int(value)
    if whole == value:
        return str(whole)
    return f"{value:.1f}".removesuffix(".0")


def _pair(across: float, down: float) -> str:
    second = _number(down)
    return f"{_number(across)}{'' if second.startswith('-') else ' '}{second}"
