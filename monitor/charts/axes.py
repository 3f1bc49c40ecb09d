"""The parts that charts over periods share: the scale, the names of periods, the gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from monitor.charts.definitions import Form, Period
from monitor.charts.numbers import marks, tell_short
from monitor.charts.shapes import Anchor, Box, Line, Size, Where, Words

HOVERED = 120
"""Above so many periods the parts are too narrow to point at, and their words too heavy."""

NOT_WHOLE = "not whole"
"""How a legend calls a period of which a part lies outside what is shown, or is yet to come."""


class Scale(NamedTuple):
    """A scale from `base` at `floor` to `top` at `ceiling` (both pixels down)."""

    floor: float
    ceiling: float
    top: float
    base: float = 0

    def down(self, value: float) -> float:
        """Return where a value is, in pixels from above."""
        return self.floor - (self.floor - self.ceiling) * (value - self.base) / (
            self.top - self.base
        )


def lay_out_scale(
    highest: float, form: Form, size: Size
) -> tuple[Scale, list[Box | Line | Words], float]:
    """Return the scale from zero, its lines with their numbers, and the margin that these need."""
    ticks = marks(highest, form)
    return draw_scale(ticks, [tell_short(tick, form) for tick in ticks], size)


def draw_scale(
    ticks: Sequence[float], told: Sequence[str], size: Size
) -> tuple[Scale, list[Box | Line | Words], float]:
    """Return the scale from the first mark to the last, as `lay_out_scale` does."""
    ceiling = size.letter * 1.6
    scale = Scale(ceiling + size.plot, ceiling, top=ticks[-1], base=ticks[0])
    shapes: list[Box | Line | Words] = []
    for tick, words in zip(ticks, told, strict=True):
        y = scale.down(tick)
        shapes.append(Line("axis" if tick in (0, ticks[0]) else "grid", ((0, y), (1, y))))
        shapes.append(
            Words(
                "mark",
                0,
                y + size.letter * 0.35,
                words,
                "end",
                aside=-size.letter * 0.5,
            )
        )
    longest = max(map(len, told))
    return scale, shapes, size.letter * (0.62 * longest + 0.9)


def name_periods(periods: Sequence[Period], down: float, size: Size, margins: float) -> list[Words]:
    """Name periods from the newest back, evenly; more of them where there is room.

    Charts of the same periods on a page name the same ones, whatever their margins are.
    """
    count = len(periods)
    if not count:
        return []
    letters = max(len(each.short) for each in periods)
    name = _Name(size.letter * 0.56 * letters, size.letter * 1.2)
    roomy, tight = (width - max(margins, size.margins) for width in (size.wide, size.narrow))
    # A name may hang over the edge by a letter: beside the plot there is a margin. The newest
    # that would hang over it further ends at the edge.
    ended = 0.5 * tight / count < name.length / 2 - size.letter
    often = name.step(roomy / count, ended=ended)
    seldom = often * ceil(name.step(tight / count, ended=ended) / often)
    named = []
    for place in range((count - 1) % often, count, often):
        across = (place + 0.5) / count
        anchor: Anchor = "middle"
        if ended and place == count - 1:
            across, anchor = 1.0, "end"
        elif across * roomy < name.length / 2 - size.letter:
            continue
        kept = (count - 1 - place) % seldom == 0 and across * tight >= name.length / 2 - size.letter
        where: Where = "always" if kept or place == count - 1 else "roomy"
        named.append(Words("name", across, down, periods[place].short, anchor, where=where))
    return named


class _Name(NamedTuple):
    length: float
    gap: float

    def step(self, wide: float, *, ended: bool) -> int:
        """Return how many periods, each so wide, lie between two names that do not touch.

        Where the newest name ends at the edge, it reaches further back than the others.
        """
        needs = self.length + self.gap
        if ended:
            needs = max(needs, self.length * 1.5 + self.gap - wide / 2)
        return max(1, ceil(needs / wide))


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
