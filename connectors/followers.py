"""Reads how many people follow an author, as platforms tell it."""

from __future__ import annotations

from typing import Any

MOST = 10**12
"""More than there are people: a number above it is none."""


def read_followers(value: Any) -> int | None:
    """Return a count of followers; None for what is none. Some servers hide it as -1."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:20])
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST else None
