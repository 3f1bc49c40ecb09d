"""The seam between due work and whatever wakes it up.

An engine runs ticks at intervals and carries claims to workers. It may lose, delay or double
them: correctness rests on `monitor.due` alone. The composition root hands an engine two
callables and never learns how they are run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from monitor.due import Claim

Perform = Callable[[Claim], None]
"""Does one claimed piece of work from begin to finish; never raises."""

Tick = Callable[[], None]

WORKERS: Mapping[str, int] = {
    "poll": 8,
    "prepare": 2,
    "notify": 2,
    "inbound": 2,
    "publish": 4,
    "clock": 1,
}
"""Threads per kind of work in one process: polls cannot starve replies."""


class Engine(Protocol):
    """Runs ticks and claims until it is stopped."""

    def every(self, seconds: float, tick: Tick, name: str) -> None:
        """Run `tick` about every `seconds`, never twice at once per daemon; before `run`."""

    def submit(self, claims: Sequence[Claim]) -> None:
        """Carry a batch of claims of one kind to workers. Returns at once."""

    def room(self, kind: str) -> int:
        """How many more claims of `kind` would find a worker soon."""

    def run(self) -> None:
        """Work until `stop` is called, from any thread or a signal handler."""

    def stop(self, grace: float = 10.0) -> None:
        """Take no more work, let what runs end within `grace` seconds, then return from run."""
