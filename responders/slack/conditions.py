"""Tells staff once when something breaks and once when it works again."""

from __future__ import annotations

import threading

from responders.slack.port import Alarm
from responders.slack.results import AuthDead

AUTH = "slack:auth"
DOWN = "slack:down"
SOCKET = "slack:socket"
SIGNATURE = "slack:signature"
PICTURES = "slack:pictures"


def auth_key(failure: AuthDead) -> str:
    """Return the key of a refusal: a missing scope stops some calls, a dead token stops all."""
    return scope_key(failure.needed) if failure.error == "missing_scope" else AUTH


def scope_key(scope: str) -> str:
    """Return the key of a missing scope. It is cleared at the start: a new scope needs one."""
    return f"slack:scope:{scope}"


class Conditions:
    """Calls the alarm on transitions only; safe to use from several threads.

    The first `clear` of a key after a start is passed on as well: the alert may have been
    raised by a predecessor of this process.
    """

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._lock = threading.Lock()
        self._holds: dict[str, bool] = {}

    def hold(self, key: str, message: str) -> None:
        """Say that the condition `key` holds."""
        if self._changes(key, holds=True):
            self._alarm(key, message)

    def clear(self, key: str) -> None:
        """Say that the condition `key` has ended, or does not hold."""
        if self._changes(key, holds=False):
            self._alarm(key, None)

    def _changes(self, key: str, *, holds: bool) -> bool:
        with self._lock:
            if self._holds.get(key) == holds:
                return False
            self._holds[key] = holds
            return True
