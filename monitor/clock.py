"""The only place that asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware, in UTC. Tests pass their own."""

    def __call__(self) -> datetime:
        """Return the current time."""


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
