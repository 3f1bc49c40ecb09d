"""Keeps posts to one a second per channel, which is what Slack allows."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

GAP = timedelta(seconds=1)
BURST = 3


class Pacer:
    """A token bucket per channel: a short burst at once, then one post a second."""

    def __init__(self, gap: timedelta = GAP, burst: int = BURST) -> None:
        self._gap = gap
        self._burst = burst
        self._lock = threading.Lock()
        self._next: dict[str, datetime] = {}

    def reserve(self, channel: str, now: datetime) -> datetime:
        """Take one post's place in `channel` and return when it may be sent, `now` or later."""
        with self._lock:
            earliest = now - self._gap * (self._burst - 1)
            place = max(self._next.get(channel, earliest), earliest)
            self._next[channel] = place + self._gap
            return max(place, now)
