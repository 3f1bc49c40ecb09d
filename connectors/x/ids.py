"""X's ids hold the moment at which they were made."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_FIRST = 29_700_859_247
"""Ids below were counted up one by one and tell no time."""
_ID = re.compile(r"^\d{1,20}\Z")


def is_id(ident: object) -> bool:
    """Tell whether this is the id of a post or user."""
    return isinstance(ident, str) and bool(_ID.match(ident))


def made_at(ident: str) -> datetime | None:
    """Return when an id was made, or None where it does not tell."""
    number = int(ident)
    if number < _FIRST:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=number >> 22)
    except OverflowError:
        return None


def id_at(moment: datetime) -> str:
    """Return an id below all that were made from `moment` on."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return str(max(1, (milliseconds << 22) - 1)) if milliseconds > 0 else "1"


def later(first: str, second: str) -> str:
    """Return the later of two ids; nothing counts as the earliest."""
    return max(first, second, key=lambda ident: int(ident or 0))
