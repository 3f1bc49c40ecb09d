"""Tells values in a chart's form, and finds the round marks of a scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from monitor.charts.definitions import Form, Value

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_TIMES = (
    1, 5, 10, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY,
    50 * DAY, 100 * DAY,
)  # fmt: skip
GAP = "–"
MARKS = 4
"""A scale has at most so many marks above zero."""


def tell(value: Value, form: Form) -> str:
    """Return a value as people read it; a dash for a gap."""
    if value is None:
        return GAP
    if form == "seconds":
        return _time(value)
    if form == "share":
        return f"{_plain(value * 100)} %"
    return _plain(value)


def tell_short(value: float, form: Form) -> str:
    """Return a value in few letters, for a mark or above a bar: ``1.4k``, ``2 h``, ``50 %``."""
    if form == "seconds":
        return _time(value, short=True)
    if form == "share":
        return f"{round(value * 100)} %"
    if value < 1_000:
        return _plain(value)
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            part = value / size
            return f"{part:.1f}".removesuffix(".0") + name if part < 9.95 else f"{part:.0f}{name}"
    return _plain(value)


def tell_mean(value: Value) -> str:
    """Return a mean as reports tell it."""
    return GAP if value is None else f"{value:.2f}"


def marks(highest: float, form: Form) -> tuple[float, ...]:
    """Return the marks of a scale from zero; the last is not below `highest`."""
    if form == "share" and 0.5 < highest <= 1:
        return (0, 0.25, 0.5, 0.75, 1)
    if highest <= 0:
        return (0, {"share": 1.0, "seconds": HOUR}.get(form, 2.0))
    step = _time_step(highest) if form == "seconds" else _step(highest / MARKS)
    if form == "number" and highest > MARKS / 2:
        step = max(1, step)  # most numbers count something, and half a case is no mark
    return tuple(step * each for each in range(max(1, ceil(highest / step - 1e-9)) + 1))


def even_step(highest: float, parts: int, *, whole: bool) -> float:
    """Return a round step of which at most so many reach the highest; `whole` makes it whole."""
    if highest <= 0:
        return 1
    step = _step(highest / parts, (1, 1.5, 2, 3, 4, 5, 6, 8, 10))
    return float(ceil(max(1, step))) if whole else step


def _step(least: float, steps: Sequence[float] = (1, 2, 5, 10)) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... (and below) that is not under `least`."""
    size = 10.0 ** floor(log10(least))
    found = next(each for each in steps if each * size >= least * (1 - 1e-9))
    return found * size


def _time_step(highest: float) -> float:
    for step in _TIMES:
        if step * MARKS >= highest:
            return step
    return DAY * _step(highest / DAY / MARKS)


def _time(seconds: float, *, short: bool = False) -> str:
    whole = round(seconds)
    days, rest = divmod(whole, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, left = divmod(rest, MINUTE)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    if minutes:
        # Between whole minutes two marks of a scale must not read the same.
        return f"{whole} s" if short and left and minutes < 3 else f"{minutes} min"
    return "0" if short and not left else f"{left} s"


def _plain(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    told = f"{value:,.1f}" if value >= 1 else f"{value:.2g}"
    return told.removesuffix(".0")
