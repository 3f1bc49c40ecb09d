"""A clock that is moved by hand, or that runs with an offset."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class HandClock:
    """Stands still until it is moved. Threads may share it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now

    def move(self, **by: float) -> None:
        """Move by ``timedelta(**by)``; backwards where that is negative."""
        with self._lock:
            self._now += timedelta(**by)
