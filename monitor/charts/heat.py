"""Lays out the load by weekday and hour, with the edge of the staffed hours drawn around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from monitor.charts.definitions import DAYS, HOURS, HeatMap
from monitor.charts.numbers import even_step, tell, tell_short
from monitor.charts.shapes import Box, Drawing, Hover, Key, Line, Size, Words

SHADES = 5
ROW = 2.0
"""Height of a row, in letters."""


def lay_out_heat(chart: HeatMap, size: Size) -> Drawing:
    """Return the shapes of the map."""
    row = size.letter * ROW
    top = size.letter * 1.6
    known = [each for line in chart.load for each in line if each is not None]
    highest = max(known, default=0)
    step = even_step(highest, SHADES, whole=all(each == int(each) for each in known))
    shapes: list[Box | Line] = []
    hovers = []
    for day, line in enumerate(chart.load):
        y = top + day * row
        for hour, value in enumerate(line):
            box = (hour / HOURS, y, (hour + 1) / HOURS, y + row)
            shapes.append(Box(_shade(value, step), *_shrunk(*box)))
            staffed = chart.staffed[day][hour]
            who = "staffed" if staffed >= 1 else "partly staffed" if staffed > 0 else "nobody there"
            told = f"{DAYS[day]} {hour:02d}:00: {tell(value, chart.form)} {chart.unit}, {who}"
            if value:
                hovers.append(Hover(box[0], box[2], told, y, y + row))
    shapes += _edges(chart.staffed, top, row)
    words = [
        Words(
            "name",
            0,
            top + day * row + row / 2 + size.letter * 0.35,
            name,
            "end",
            aside=-size.letter * 0.5,
        )
        for day, name in enumerate(DAYS)
    ]
    words += [
        Words(
            "name",
            hour / HOURS,
            size.letter,
            f"{hour:02d}",
            where="roomy" if hour % 6 else "always",
        )
        for hour in range(0, HOURS, 3)
    ]
    return Drawing(
        height=top + len(DAYS) * row + size.letter * 0.4,
        left=size.letter * 2.6,
        right=size.letter * 0.3,
        grain=HOURS * 20,
        shapes=tuple(shapes),
        words=tuple(words),
        hovers=tuple(hovers),
        keys=(*_keys(highest, step, chart), Key("staffed", "staffed hours", "")),
    )


def _shade(value: float | None, step: float) -> str:
    """Return the role of a cell: zero is a shade of its own, and so is what is not known."""
    if value is None:
        return "gap"
    return f"load-{ceil(value / step - 1e-9)}" if value else "load-0"


def _keys(highest: float, step: float, chart: HeatMap) -> Iterator[Key]:
    yield Key("load-0", f"no {chart.unit}" if not highest else "none", "")
    for shade in range(1, ceil(highest / step - 1e-9) + 1):
        low, high = (tell_short(step * each, chart.form) for each in (shade - 1, shade))
        yield Key(f"load-{shade}", f"{low} to {high}" if shade > 1 else f"up to {high}", "")


def _shrunk(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    gap = 1 / (HOURS * 20)
    return left + gap, top + 1, right - gap, bottom - 1


def _edges(staffed: Sequence[Sequence[float]], top: float, row: float) -> Iterator[Line]:
    """Yield the edge between staffed and other hours; half an hour and more counts as staffed."""

    def there(day: int, hour: int) -> bool:
        inside = 0 <= day < len(DAYS) and 0 <= hour < HOURS
        return inside and staffed[day][hour] >= 0.5

    for day in range(len(DAYS) + 1):
        y = top + day * row
        for begin, end in _stretches([there(day, h) != there(day - 1, h) for h in range(HOURS)]):
            yield Line("staffed", ((begin / HOURS, y), (end / HOURS, y)))
    for hour in range(HOURS + 1):
        x = hour / HOURS
        for begin, end in _stretches(
            [there(d, hour) != there(d, hour - 1) for d in range(len(DAYS))]
        ):
            yield Line("staffed", ((x, top + begin * row), (x, top + end * row)))


def _stretches(marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begun: int | None = None
    for place, each in enumerate([*marked, False]):
        if each and begun is None:
            begun = place
        elif not each and begun is not None:
            yield begun, place
            begun = None
