"""What lines over periods share: their stretches without a gap, and dots of what is not whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.charts.axes import Scale
from monitor.charts.definitions import Period, Value
from monitor.charts.shapes import Line


class Point(NamedTuple):
    """A value at its place across."""

    across: float
    value: float


def runs(values: Sequence[Value]) -> list[list[Point]]:
    """Return the stretches without a gap."""
    found: list[list[Point]] = []
    open_run = False
    for place, value in enumerate(values):
        if value is None:
            open_run = False
            continue
        if not open_run:
            found.append([])
            open_run = True
        found[-1].append(Point((place + 0.5) / len(values), value))
    return found


def line_through(role: str, run: Sequence[Point], scale: Scale) -> Line:
    """Return the line through a stretch."""
    return Line(role, tuple((point.across, scale.down(point.value)) for point in run))


def hollow(periods: Sequence[Period], values: Sequence[Value], scale: Scale) -> list[Line]:
    """Return a hollow dot for each value whose period is not whole."""
    places = [
        ((place + 0.5) / len(periods), scale.down(value))
        for place, (period, value) in enumerate(zip(periods, values, strict=True))
        if period.part and value is not None
    ]
    return [Line(role, (point,)) for role in ("ring", "hollow") for point in places]
