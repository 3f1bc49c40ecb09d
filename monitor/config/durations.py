"""Durations as people write them: ``30s``, ``15m``, ``4h``, ``2d``, ``1w``."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
PATTERN = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d|w)$"
LONGEST = timedelta(days=36500)

_WRITTEN = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(ms|s|m|h|d|w)\s*", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Return the length that `text` says, always above zero.

    One whole or decimal number and one unit: ``ms``, ``s``, ``m`` (minutes), ``h``, ``d`` (24 h)
    or ``w``. Raises `ValueError` for anything else, for zero and for more than a hundred years.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("is not a duration")
    amount, unit = float(written[1]), written[2]
    try:
        found = timedelta(seconds=amount * UNITS[unit] if unit != "ms" else amount / 1000)
    except OverflowError as error:
        raise ValueError("is too long") from error
    if found <= timedelta(0):
        raise ValueError("must be longer than zero")
    if found > LONGEST:
        raise ValueError("is too long")
    return found


def format_duration(length: timedelta) -> str:
    """Write `length` in the largest unit that divides it, so that `parse_duration` reads it back.

    >>> format_duration(timedelta(minutes=90))
    '90m'
    """
    if length % timedelta(seconds=1):
        return f"{length / timedelta(milliseconds=1):g}ms"
    seconds = length // timedelta(seconds=1)
    for unit in ("w", "d", "h", "m"):
        if seconds and seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    return f"{seconds}s"
