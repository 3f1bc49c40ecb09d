"""What a chart can show. A value of None is a gap: nothing is known, which is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Form = Literal["number", "seconds", "share"]
"""How values are told: ``1,240``, ``3 h 05 min``, ``87 %`` (a share is 0 to 1)."""

Role = Literal[
    "met", "missed", "overdue", "open", "good", "middling", "bad",
    "one", "two", "three", "four", "five", "six",
]  # fmt: skip
"""What a shape stands for. The style sheet and the palette give each its colour."""

Value = float | int | None


@dataclass(frozen=True, slots=True)
class Period:
    """One step on the axis of time: its full name, and a short one for under the axis.

    A `part` is not whole, so that less in it says nothing; its name says why.
    """

    name: str
    short: str
    part: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of value over all periods."""

    name: str
    role: Role
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        _check(self.values, self.name)


@dataclass(frozen=True, slots=True)
class StackedBars:
    """Bars from zero over periods, in parts that add up. `n` is how many there are in all.

    Every series has one value a period; a period is a gap where all are None.
    """

    title: str
    unit: str
    periods: tuple[Period, ...]
    series: tuple[Series, ...]
    n: int
    form: Form = "number"
    note: str = ""
    links: tuple[str, ...] = ()
    """Where the cases of each period are listed: empty, or one address a period."""

    def __post_init__(self) -> None:
        _check_lengths(self.periods, self.series, self.links)

    def total(self, place: int) -> float | None:
        """Return the height of one bar; None for a gap."""
        known = [value for each in self.series if (value := each.values[place]) is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class LineWithBand:
    """A line over periods (a median) with a band above it (up to the p90), from zero.

    `counts` says on how many cases each period's values rest. `target` is a level to keep below.
    """

    title: str
    unit: str
    periods: tuple[Period, ...]
    middle: Series
    upper: Series
    counts: tuple[int, ...]
    n: int
    form: Form = "seconds"
    target: float | None = None
    note: str = ""
    links: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_lengths(self.periods, (self.middle, self.upper), self.links)
        if len(self.counts) != len(self.periods):
            raise ValueError(f"{len(self.counts)} counts for {len(self.periods)} periods")


@dataclass(frozen=True, slots=True)
class MeanLine:
    """A line of means over periods, on the whole of a scale from `low` to `high`.

    `counts` says on how many each mean rests.
    """

    title: str
    unit: str
    periods: tuple[Period, ...]
    name: str
    values: tuple[Value, ...]
    low: float
    high: float
    counts: tuple[int, ...]
    n: int
    note: str = ""

    def __post_init__(self) -> None:
        if not len(self.values) == len(self.counts) == len(self.periods):
            raise ValueError(f"{self.title!r} has not one value and one count a period")
        for value in self.values:
            if value is not None and not self.low <= value <= self.high:
                raise ValueError(f"{self.title!r} holds {value}, outside its scale")


@dataclass(frozen=True, slots=True)
class NamedBar:
    """One row of `BarsByName`; `n` is on how many cases its value rests, None when it counts."""

    name: str
    value: Value
    role: Role = "one"
    n: int | None = None
    link: str = ""

    def __post_init__(self) -> None:
        _check((self.value,), self.name)


@dataclass(frozen=True, slots=True)
class BarsByName:
    """Level bars from zero, one a name, in the order given."""

    title: str
    unit: str
    rows: tuple[NamedBar, ...]
    n: int
    form: Form = "number"
    note: str = ""


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The load by weekday (Monday first) and hour, against the hours in which somebody works.

    `load` has seven rows of 24 values, `staffed` seven rows of 24 shares of the hour (0 to 1).
    """

    title: str
    unit: str
    load: tuple[tuple[Value, ...], ...]
    staffed: tuple[tuple[float, ...], ...]
    n: int
    form: Form = "number"
    note: str = ""
    tabled: bool = True
    """Whether the numbers fold out under the figure; not where a page has them in its own table."""

    def __post_init__(self) -> None:
        for name, grid in (("load", self.load), ("staffed", self.staffed)):
            if len(grid) != len(DAYS) or any(len(row) != HOURS for row in grid):
                raise ValueError(f"{name} must have 7 rows of 24 values")
            for row in grid:
                _check(row, name)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line without axes, for beside a figure."""

    title: str
    unit: str
    periods: tuple[Period, ...]
    values: Series
    n: int
    form: Form = "number"
    note: str = ""

    def __post_init__(self) -> None:
        _check_lengths(self.periods, (self.values,), ())


Chart = StackedBars | LineWithBand | MeanLine | BarsByName | HeatMap | Sparkline


def _check(values: Sequence[Value], name: str) -> None:
    """Refuse what cannot stand on an axis from zero: a drawing of it would lie."""
    for value in values:
        if value is not None and not (isfinite(value) and value >= 0):
            raise ValueError(f"{name!r} holds {value!r}: charts show numbers from zero on")


def _check_lengths(
    periods: Sequence[Period], series: Sequence[Series], links: Sequence[str]
) -> None:
    for each in series:
        if len(each.values) != len(periods):
            raise ValueError(
                f"{each.name!r} has {len(each.values)} values for {len(periods)} periods"
            )
    if links and len(links) != len(periods):
        raise ValueError(f"{len(links)} links for {len(periods)} periods")
