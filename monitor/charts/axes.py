"""The parts that charts over periods share: the scale, the names of periods, the gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor
from typing import NamedTuple

from monitor.charts.definitions import Form, Period
from monitor.charts.numbers import marks, tell_short
from monitor.charts.shapes import Anchor, Box, Line, Size, Where, Words

HOVERED = 120
"""Above so many periods the parts are too narrow to point at, and their words too heavy."""


class Scale(NamedTuple):
    """A scale from zero at `floor` to `top` values at `ceiling` (both pixels down)."""

    floor: float
    ceiling: float
    top: float

    def down(self, value: float) -> float:
        """Return where a value is, in pixels from above."""
        return self.floor - (self.floor - self.ceiling) * value / self.top


def lay_out_scale(
    highest: float, form: Form, size: Size
) -> tuple[Scale, list[Box | Line | Words], float]:
    """Return the scale, its lines with their numbers, and the margin that the numbers need."""
    ticks = marks(highest, form)
    ceiling = size.letter * 1.6
    scale = Scale(floor=ceiling + size.plot, ceiling=ceiling, top=ticks[-1])
    shapes: list[Box | Line | Words] = []
    for tick in ticks:
        y = scale.down(tick)
        shapes.append(Line("grid" if tick else "axis", ((0, y), (1, y))))
        shapes.append(
            Words(
                "mark",
                0,
                y + size.letter * 0.35,
                tell_short(tick, form),
                "end",
                aside=-size.letter * 0.5,
            )
        )
    longest = max(len(tell_short(tick, form)) for tick in ticks)
    return scale, shapes, size.letter * (0.62 * longest + 0.9)


def name_periods(periods: Sequence[Period], down: float, size: Size, margins: float) -> list[Words]:
    """Name as many periods as fit, counted from the newest; more of them where there is room."""
    count = len(periods)
    if not count:
        return []
    needs = size.letter * (0.56 * max(len(each.short) for each in periods) + 1.2)
    # A name may hang over the edge by a letter: beside the plot there is a margin.
    over = size.letter * 1.6 / needs
    roomy, tight = (
        _spread(count, needs / (width - margins), over) for width in (size.wide, size.narrow)
    )
    often = roomy.step
    seldom = often * ceil(tight.step / often)
    named = []
    for place in range((count - 1) % often, count, often):
        if place in roomy.crowded:
            continue
        across = (place + 0.5) / count
        anchor: Anchor = "middle"
        # A name that would hang over it further begins, or ends, at the edge.
        if across < tight.edge:
            across, anchor = 0, "start"
        elif 1 - across < tight.edge:
            across, anchor = 1, "end"
        kept = (count - 1 - place) % seldom == 0 and place not in tight.crowded
        where: Where = "always" if kept else "roomy"
        named.append(Words("name", across, down, periods[place].short, anchor, where=where))
    return named


class _Spread(NamedTuple):
    step: int
    edge: float
    crowded: range
    """The places whose names would touch the newest's, which ends at the edge."""


def _spread(count: int, share: float, over: float) -> _Spread:
    """Return how names are spread that each take this share of the width."""
    edge = share * max(0.0, 0.5 - over)
    crowded = range(0)
    if 0.5 / count < edge:
        crowded = range(max(0, floor((1 - share * 1.4) * count)), count - 1)
    return _Spread(max(1, ceil(count * share)), edge, crowded)


def find_gaps(known: Iterable[bool], count: int, top: float, bottom: float) -> list[Box]:
    """Return a box over each stretch of periods of which nothing is known."""
    boxes = []
    begun: int | None = None
    for place, there in enumerate([*known, True]):
        if not there and begun is None:
            begun = place
        elif there and begun is not None:
            boxes.append(Box("gap", begun / count, top, place / count, bottom))
            begun = None
    return boxes
