"""Lays out lines over periods: a median with its band, and the small line beside a figure."""

from __future__ import annotations

from monitor.charts.axes import HOVERED, NOT_WHOLE, Scale, find_gaps, lay_out_scale, name_periods
from monitor.charts.definitions import LineWithBand, Sparkline
from monitor.charts.numbers import tell, tell_short
from monitor.charts.runs import hollow, line_through, runs
from monitor.charts.shapes import Area, Box, Drawing, Hover, Key, Line, Size, Words

LABEL = 9
"""Letters that a name beside a line may have; the legend has the whole of it."""


def lay_out_line(chart: LineWithBand, size: Size) -> Drawing:
    """Return the shapes of a median's line in its band."""
    count = len(chart.periods)
    known = [each for each in (*chart.middle.values, *chart.upper.values) if each is not None]
    highest = max([*known, *([chart.target] if chart.target is not None and known else [])] or [0])
    scale, marked, margin = lay_out_scale(highest, chart.form, size)
    shapes: list[Box | Line | Area] = []
    shapes += find_gaps(
        (each is not None for each in chart.middle.values),
        max(1, count),
        scale.ceiling,
        scale.floor,
    )
    shapes += [each for each in marked if isinstance(each, Line) and each.role == "grid"]
    shapes += _bands(chart, scale)
    words = [each for each in marked if isinstance(each, Words)]
    if chart.target is not None and known:
        y = scale.down(chart.target)
        shapes.append(Line("target", ((0, y), (1, y))))
    shapes += [line_through("upper", run, scale) for run in runs(chart.upper.values)]
    # A period between two gaps has no line; a dot of its own is seen.
    shapes += [
        line_through("middle" if len(run) > 1 else "tip", run, scale)
        for run in runs(chart.middle.values)
    ]
    shapes += hollow(chart.periods, chart.middle.values, scale)
    shapes += [each for each in marked if isinstance(each, Line) and each.role == "axis"]
    labels, beside = _label_ends(chart, scale, size)
    words += labels
    words += name_periods(chart.periods, scale.floor + size.letter * 1.5, size, margin + beside)
    if not known:
        middle = (scale.floor + scale.ceiling) / 2
        words.append(Words("empty", 0.5, middle, "Nothing to show", "middle"))
    return Drawing(
        height=scale.floor + size.letter * 2,
        left=margin,
        right=beside,
        grain=max(1, count) * 2,
        shapes=tuple(shapes),
        words=tuple(words),
        hovers=_hovers(chart, scale),
        keys=_keys(chart),
    )


def lay_out_spark(chart: Sparkline, size: Size) -> Drawing:
    """Return the shapes of a line without axes; its newest value is a dot."""
    height = size.letter * 2
    pad = size.letter * 0.3
    highest = max((each for each in chart.values.values if each is not None), default=0)
    scale = Scale(floor=height - pad, ceiling=pad, top=highest or 1)
    shapes: list[Box | Line | Area] = [
        line_through("spark", run, scale) for run in runs(chart.values.values)
    ]
    count = len(chart.periods)
    newest = [place for place, each in enumerate(chart.values.values) if each is not None][-1:]
    for place in newest:
        value = chart.values.values[place] or 0
        shapes.append(Line("tip", (((place + 0.5) / count, scale.down(value)),)))
    return Drawing(
        height=height,
        left=size.letter * 0.3,
        right=size.letter * 0.3,
        grain=max(1, count) * 2,
        shapes=tuple(shapes),
    )


def _bands(chart: LineWithBand, scale: Scale) -> list[Area | Box]:
    """Return the band of each stretch of which both values are known."""
    both = [
        low if high is not None else None
        for low, high in zip(chart.middle.values, chart.upper.values, strict=True)
    ]
    above = [
        high if low is not None else None
        for low, high in zip(chart.middle.values, chart.upper.values, strict=True)
    ]
    half = 0.25 / max(1, len(chart.periods))
    bands: list[Area | Box] = []
    for low, high in zip(runs(both), runs(above), strict=True):
        if len(low) == 1:
            top, bottom = scale.down(high[0].value), scale.down(low[0].value)
            bands.append(Box("band", low[0].across - half, top, low[0].across + half, bottom))
            continue
        corners = [
            *line_through("band", high, scale).points,
            *reversed(line_through("band", low, scale).points),
        ]
        bands.append(Area("band", tuple(corners)))
    return bands


def _label_ends(chart: LineWithBand, scale: Scale, size: Size) -> tuple[list[Words], float]:
    """Write the name of each line beside its end; return the margin that the names need too."""
    ends = [
        (scale.down(known[-1]), role, series.name)
        for role, series in (("middle", chart.middle), ("upper", chart.upper))
        if (known := [value for value in series.values if value is not None])
    ]
    if ends and chart.target is not None:
        ends.append((scale.down(chart.target), "target", "target"))
    labels: list[Words] = []
    below = scale.floor + size.letter
    for y, role, name in sorted(ends, reverse=True):
        # No name stands on another; they move upwards, where there is always room.
        below = min(y + size.letter * 0.35, below - size.letter * 1.15)
        text = name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"
        labels.append(Words(role, 1, below, text, aside=size.letter * 0.4))
    longest = max((len(each.text) for each in labels), default=0)
    return labels, size.letter * (0.6 * longest + 0.6)


def _keys(chart: LineWithBand) -> tuple[Key, ...]:
    """Return the legend. The lines have no value there: none of theirs is that of the period."""
    keys = [Key("middle", chart.middle.name, ""), Key("band", f"up to {chart.upper.name}", "")]
    if chart.target is not None:
        keys.append(Key("target", "target", tell_short(chart.target, chart.form)))
    if any(each.part for each in chart.periods):
        keys.append(Key("hollow", NOT_WHOLE, ""))
    return tuple(keys)


def _hovers(chart: LineWithBand, scale: Scale) -> tuple[Hover, ...]:
    count = len(chart.periods)
    if count > HOVERED:
        return ()
    hovers = []
    for place, period in enumerate(chart.periods):
        middle, upper = chart.middle.values[place], chart.upper.values[place]
        told = (
            f"{period.name}: {chart.middle.name} {tell(middle, chart.form)}, "
            f"{chart.upper.name} {tell(upper, chart.form)}, n = {chart.counts[place]:,}"
        )
        hovers.append(Hover(place / count, (place + 1) / count, told, 0, scale.floor))
    return tuple(hovers)
