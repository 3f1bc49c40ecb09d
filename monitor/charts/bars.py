"""Lays out bars over periods."""

from __future__ import annotations

from monitor.charts.axes import HOVERED, NOT_WHOLE, Scale, find_gaps, lay_out_scale, name_periods
from monitor.charts.definitions import StackedBars
from monitor.charts.numbers import tell, tell_short
from monitor.charts.shapes import Box, Drawing, Hover, Key, Line, Size, Where, Words

STEPS = 12
"""Into how many steps a period's width is divided; the bar takes all but the gap."""
FEW = 6
"""Fewer bars than these are as wide as these, so that one day does not fill a page."""
LONG = 31
"""Above so many periods their short names are told."""


def lay_out_bars(chart: StackedBars, size: Size) -> Drawing:
    """Return the shapes of bars in parts."""
    count = len(chart.periods)
    totals = [chart.total(place) for place in range(count)]
    highest = max((total for total in totals if total is not None), default=0)
    scale, marked, margin = lay_out_scale(highest, chart.form, size)
    gaps = find_gaps(
        (total is not None for total in totals), max(1, count), scale.ceiling, scale.floor
    )
    axis = [each for each in marked if isinstance(each, Line)]
    words = [each for each in marked if isinstance(each, Words)]
    words += name_periods(chart.periods, scale.floor + size.letter * 1.5, size, margin)
    words += _label_bars(totals, scale, chart, size)
    if not highest:
        said = f"No {chart.unit}" if chart.form == "number" else "Nothing to show"
        middle = (scale.floor + scale.ceiling) / 2
        words.append(Words("empty", 0.5, middle, said, "middle"))
    bars = [box for place in range(count) for box in _stack(chart, place, scale, size)]
    stripes = [box for place in range(count) for box in _stripes(chart, place, scale, size)]
    below = [each for each in axis if each.role == "grid"]
    return Drawing(
        height=scale.floor + size.letter * 2,
        left=margin,
        right=size.letter * 0.5,
        grain=STEPS * max(1, count) if count >= FEW else 1_200,
        shapes=(*gaps, *below, *bars, *stripes, *(each for each in axis if each.role == "axis")),
        words=tuple(words),
        hovers=_hovers(chart, scale),
        keys=(
            *(
                Key(each.role, each.name, tell(sum(v or 0 for v in each.values), chart.form))
                if chart.form == "number"
                else Key(each.role, each.name, "")
                for each in chart.series
            ),
            *([Key("part", NOT_WHOLE, "")] if stripes else []),
        ),
    )


def _stack(chart: StackedBars, place: int, scale: Scale, size: Size) -> list[Box]:
    """Return the boxes of one bar, from zero upwards."""
    left, right = _edges(place, len(chart.periods))
    gap = size.letter / 12
    boxes: list[Box] = []
    base, floor = 0.0, scale.floor
    for each in chart.series:
        value = each.values[place]
        if not value:
            continue
        base += value
        # One among thousands is still seen, and a gap between two colours is seen without colour.
        top = min(scale.down(base), floor - 1.5)
        part = floor - top
        boxes.append(
            Box(each.role, left, top, right, floor - (gap if boxes and part > gap * 4 else 0))
        )
        floor = top
    return boxes


def _stripes(chart: StackedBars, place: int, scale: Scale, size: Size) -> list[Box]:
    """Return the stripes, in the colour of the ground, over a bar whose period is not whole."""
    total = chart.total(place)
    if not total or not chart.periods[place].part:
        return []
    left, right = _edges(place, len(chart.periods))
    edge, thick, apart = (size.letter * part / 12 for part in (1, 2, 5))
    room = scale.floor - scale.down(total) - 2 * edge - thick
    under = (scale.floor - edge - apart * each for each in range(int(room / apart + 1)))
    return [Box("part", left, y - thick, right, y) for y in under if room >= 0]


def _edges(place: int, count: int) -> tuple[float, float]:
    """Return where a bar begins and ends: on whole steps, with a gap to the next one."""
    if count < FEW:
        middle, half = (place + 0.5) / count, 0.4 / FEW
        return middle - half, middle + half
    space = 3 if count <= HOVERED else 2
    begin = place * STEPS + space // 2
    return begin / (count * STEPS), (begin + STEPS - space) / (count * STEPS)


def _label_bars(
    totals: list[float | None], scale: Scale, chart: StackedBars, size: Size
) -> list[Words]:
    """Write each bar's total over it where there is room, else the highest and the newest."""
    count = len(totals)
    known = [(total, place) for place, total in enumerate(totals) if total]
    if not known:
        return []
    longest = max(len(tell_short(total, chart.form)) for total, _ in known)
    needs = count * size.letter * (0.6 * longest + 0.6)
    # Of equals the newest.
    chosen = {max(known)[1], known[-1][1]}
    if count * 3 > size.narrow / size.letter:
        chosen = {max(known)[1]}
    labels = []
    for total, place in known:
        always = place in chosen
        if not always and needs > size.wide:
            continue
        role = "newest" if place == count - 1 else "value"
        down = scale.down(total) - size.letter * 0.4
        told = tell_short(total, chart.form)
        where: Where = "roomy" if needs > size.narrow and not always else "always"
        labels.append(Words(role, (place + 0.5) / count, down, told, "middle", where=where))
    return labels


def _hovers(chart: StackedBars, scale: Scale) -> tuple[Hover, ...]:
    count = len(chart.periods)
    if count > HOVERED:
        return ()
    hovers = []
    for place, period in enumerate(chart.periods):
        parts = [
            f"{tell(value, chart.form)} {each.name}"
            for each in chart.series
            if (value := each.values[place])
        ]
        empty = "nothing known" if chart.total(place) is None else tell(0, chart.form)
        name = period.name if count <= LONG or period.part else period.short
        told = f"{name}: {', '.join(parts) or empty}"
        hovers.append(Hover(place / count, (place + 1) / count, told, 0, scale.floor))
    return tuple(hovers)
