"""Things that go wrong between an app and Slack, switched on by a test."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault for one call.

    Before the call is processed: ``limit`` (429), ``unavailable`` (503 with a page), ``error:X``
    (``ok: false`` with X), ``drop_before``. After it: ``drop_after`` (closed without an answer),
    ``reset_after`` (RST), ``truncate`` (half an answer), ``broken`` (half an answer, declared
    whole), ``delay:S`` (answer after S seconds).
    """

    kind: str

    @property
    def name(self) -> str:
        return self.kind.partition(":")[0]

    @property
    def value(self) -> str:
        return self.kind.partition(":")[2]

    @property
    def prevents(self) -> bool:
        """Tell whether the call is not processed at all."""
        return self.name in ("limit", "unavailable", "error", "drop_before")


class Faults:
    """Faults per method, used up in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued: dict[str, deque[Fault]] = {}

    def add(self, method: str, *kinds: str) -> None:
        with self._lock:
            self._queued.setdefault(method, deque()).extend(Fault(kind) for kind in kinds)

    def next(self, method: str) -> Fault | None:
        with self._lock:
            queued = self._queued.get(method)
            return queued.popleft() if queued else None
