"""Leaves a model alone that fails again and again, so that drafts do not wait for it each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from monitor.clock import Clock
from responders.llm.trouble import NoAnswer, NotAsked

PATIENCE = 3
"""Failures in a row before it is left alone."""

FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)

Alarm = Callable[[str | None], None]
"""Told once in words when the model fails, and with None once it answers again."""


def _silent(_words: str | None) -> None:
    return None


class Rest:
    """Counts failures in a row, in this process. Safe to call from any thread."""

    def __init__(self, clock: Clock, alarm: Alarm = _silent) -> None:
        self._clock = clock
        self._alarm = alarm
        self._lock = Lock()
        self._failures = 0
        self._until: datetime | None = None
        # A daemon that was restarted may have left an alert behind, so the first success tells.
        self._is_told_well = False

    def check(self) -> None:
        """Raise `NotAsked` while the model is left alone."""
        with self._lock:
            until = self._until
            if until is not None and self._clock() < until:
                raise NotAsked(f"it is left alone until {until:%H:%M} UTC, for it failed")

    def failed(self, error: NoAnswer) -> None:
        """Count a failure, and rest where there were enough, or where the endpoint asks for it."""
        with self._lock:
            self._failures += 1
            rest = min(error.retry_after or timedelta(), LONGEST_REST)
            over = self._failures - PATIENCE
            if over >= 0:
                rest = max(rest, min(FIRST_REST * 2 ** min(over, 10), LONGEST_REST))
            if rest > timedelta():
                self._until = self._clock() + rest
            loud = self._failures == PATIENCE
            if loud:
                self._is_told_well = False
        if loud:
            self._alarm(f"the language model does not answer: {error}; templates are used")

    def worked(self) -> None:
        """Forget the failures: it answered."""
        with self._lock:
            self._failures, self._until = 0, None
            told, self._is_told_well = self._is_told_well, True
        if not told:
            self._alarm(None)
