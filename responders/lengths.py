"""Counts the length of a reply in the unit its platform counts in."""

from __future__ import annotations

from collections.abc import Callable

from connectors.base import Capabilities


def measure_of(capabilities: Capabilities) -> Callable[[str], int]:
    """Return the function that measures a text for this platform.

    A connector with a rule of its own (a link counts 23) measures again before it sends.
    """
    return len if capabilities.length_unit == "characters" else _bytes


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))
