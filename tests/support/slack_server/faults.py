"""Things that go wrong between an app and Slack, switched on by a test."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Sequence
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


ANY = (
    "drop_after",
    "reset_after",
    "truncate",
    "broken",
    "unavailable",
    "drop_before",
    "limit:1",
    "delay:0.4",
)
"""Everything that a network and a busy Slack do to a call, none of it for good."""


class Faults:
    """Faults per method, used up in order; and, when switched on, faults at random."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued: dict[str, deque[Fault]] = {}
        self._share = 0.0
        self._kinds: Sequence[str] = ANY
        self._dice = random.Random(0)
        self.struck: Counter[str] = Counter()
        """How many calls each fault has struck at random."""

    def at_random(self, share: float, seed: int, kinds: Sequence[str] = ANY) -> None:
        """Have this share of all calls go wrong, each in one of `kinds`; 0 ends it."""
        with self._lock:
            self._share, self._kinds, self._dice = share, kinds, random.Random(seed)

    def add(self, method: str, *kinds: str) -> None:
        with self._lock:
            self._queued.setdefault(method, deque()).extend(Fault(kind) for kind in kinds)

    def waiting(self, method: str) -> int:
        """Return how many faults of a method are not used up."""
        with self._lock:
            return len(self._queued.get(method, ()))

    def next(self, method: str) -> Fault | None:
        with self._lock:
            queued = self._queued.get(method)
            if queued:
                return queued.popleft()
            if self._share and self._dice.random() < self._share:
                kind = self._dice.choice(self._kinds)
                self.struck[kind] += 1
                return Fault(kind)
            return None
