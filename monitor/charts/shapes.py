"""The shapes that a chart is made of, for the painters. Places across are shares of the width.

So one drawing fits every width: a page stretches what has edges and leaves the letters as they
are, and a picture multiplies. Places down, and all sizes, are pixels of the size asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Anchor = Literal["start", "middle", "end"]
Where = Literal["always", "roomy", "tight"]
"""Whether words stand in every chart, in wide ones only, or in narrow ones only."""


class Size(NamedTuple):
    """What a layout is made for: the height of the plot, of a letter, and the least width."""

    plot: float
    letter: float
    narrow: float
    """The narrowest the chart may become: what must always be read fits into it."""
    wide: float
    """The width from which on the words that are only shown where there is room are shown."""
    margins: float
    """What is left free beside plots when it is reckoned how many names of periods fit, so that
    charts beside each other name the same ones."""


PAGE = Size(plot=180, letter=12, narrow=264, wide=560, margins=120)
PICTURE = Size(plot=400, letter=28, narrow=1000, wide=1000, margins=0)


class Box(NamedTuple):
    """A filled box."""

    role: str
    left: float
    top: float
    right: float
    bottom: float


class Line(NamedTuple):
    """A line through points (across, down); a single point is a dot."""

    role: str
    points: tuple[tuple[float, float], ...]


class Area(NamedTuple):
    """A filled area with corners."""

    role: str
    points: tuple[tuple[float, float], ...]


class Words(NamedTuple):
    """A line of text whose base line is at `down`, moved by `aside` pixels."""

    role: str
    across: float
    down: float
    text: str
    anchor: Anchor = "start"
    aside: float = 0
    where: Where = "always"


class Hover(NamedTuple):
    """What is told of the part between `left` and `right` where a pointer rests."""

    left: float
    right: float
    text: str
    top: float = 0
    bottom: float = 0


class Key(NamedTuple):
    """One entry of the legend: its role, its name and what it comes to."""

    role: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart laid out: back to front, with the margins in pixels around the plot."""

    height: float
    top: float = 0
    bottom: float = 0
    left: float = 0
    right: float = 0
    grain: int = 1_000
    """Into how many steps the width is best divided so that edges fall on whole numbers."""
    shapes: tuple[Box | Line | Area, ...] = ()
    words: tuple[Words, ...] = ()
    hovers: tuple[Hover, ...] = ()
    keys: tuple[Key, ...] = field(default=())
