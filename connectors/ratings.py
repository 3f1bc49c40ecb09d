"""Reads a rating however it is written: ``4,5``, ``4/5``, ``5 stars``, ``★★★☆☆``, ``FOUR``."""

from __future__ import annotations

import math
import re
from typing import Any

_WORDS = {
    word: float(number)
    for number, words in enumerate(
        (
            "zero",
            "one eins un uno una um uma",
            "two zwei deux dos due dois",
            "three drei trois tres tre três",
            "four vier quatre cuatro quattro quatro",
            "five fünf fuenf cinq cinco cinque",
        )
    )
    for word in words.split()
}
_NUMBER = r"(\d{1,3}(?:[.,]\d{1,3})?)"
_OUT_OF = re.compile(
    rf"^\D{{0,12}}{_NUMBER}\s*(?:/|von|out of|of|sur|de|di|su|van|из)\s*{_NUMBER}\b", re.I
)
_LEADING = re.compile(rf"^\D{{0,12}}?(-?){_NUMBER}\s*(%|[^\d\s]|\s|$)")
_MISSING = frozenset({"", "-", "na", "n/a", "nan", "none", "null", "no rating", "keine"})
_KNOWN: dict[str, tuple[float | None, float | None]] = {}


def parse_rating(value: Any) -> tuple[float | None, float | None]:
    """Return (rating, top of its scale), each None where `value` does not tell.

    A percentage has the scale 100, filled and empty stars count themselves. Never raises.
    """
    if isinstance(value, bool) or value is None:
        return None, None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:  # JSON may hold an integer of a thousand digits
            return None, None
        return (number, None) if math.isfinite(number) else (None, None)
    if not isinstance(value, str):
        return None, None
    # A column holds the same few spellings thousands of times over.
    known = _KNOWN.get(value)
    if known is None:
        known = _parse(value)
        if len(_KNOWN) < 10_000 and len(value) <= 40:
            _KNOWN[value] = known
    return known


def _parse(value: str) -> tuple[float | None, float | None]:
    text = " ".join(value.split())
    if text.casefold() in _MISSING or len(text) > 80:
        return None, None
    stars = text.count("★") + text.count("⭐") + text.count("🌟")
    if stars:
        empty = text.count("☆")
        return float(stars), float(stars + empty) if empty else None
    if match := _OUT_OF.match(text):
        return _number(match[1]), _number(match[2])
    if match := _LEADING.match(text):
        if match[1]:
            return None, None
        return _number(match[2]), 100.0 if match[3] == "%" else None
    first = re.split(r"[\s_-]", text.casefold(), maxsplit=1)[0]
    return _WORDS.get(first), None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def likely_top(highest: float) -> float:
    """Return the usual scale (5, 10 or 100) that holds a rating of `highest`."""
    return 5.0 if highest <= 5 else 10.0 if highest <= 10 else 100.0
