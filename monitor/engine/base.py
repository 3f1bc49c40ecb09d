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
    "delivery": 2,
    "clock": 1,
    "mail": 1,
    "escalate": 1,
}
"""Threads per kind of work in one process: polls cannot starve replies."""

IN_HAND: Mapping[str, int] = {
    "poll": 16,
    "prepare": 16,
    "notify": 4,
    "inbound": 8,
    "publish": 8,
    "delivery": 8,
    "clock": 16,
    "mail": 1,
    "escalate": 16,
}
"""Claims per kind that one process holds at once, at work or waiting.

Enough that no worker waits for the next tick, few enough that the last of them begins before
its lease ends and that another daemon finds something to do.
"""


def with_polls(threads: int) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return `WORKERS` and `IN_HAND` for a daemon that polls so many sources at once."""
    return {**WORKERS, "poll": threads}, {**IN_HAND, "poll": 2 * threads}


LOW = 0.5
"""Below this share of `IN_HAND` an engine asks for more without waiting for the next tick."""


class Engine(Protocol):
    """Runs ticks and claims until it is stopped. It is run once."""

    def every(self, seconds: float, tick: Tick, name: str, *, early: bool = False) -> None:
        """Run `tick` at once and then about every `seconds`; to be called before `run`.

        A tick is never run twice at once in one daemon; several daemons run theirs
        independently. An `early` tick also runs soon after `wake` and whenever workers that
        had work run low, so that a backlog flows as fast as it is worked. What a tick raises
        is logged when it begins and when it ends.
        """

    def submit(self, claims: Sequence[Claim]) -> None:
        """Carry a batch of claims of one kind to workers. Returns at once.

        Raises when it knows that they will not arrive, so that they can be freed.
        """

    def room(self, kind: str) -> int:
        """Return how many more claims of `kind` would find a worker soon."""

    def wake(self) -> None:
        """Say that something may have become due. A hint: from any thread, and safe to omit."""

    def run(self) -> None:
        """Work until `stop` is called."""

    def stop(self, grace: float = 10.0) -> None:
        """Ask `run` to return: no more work, and `grace` seconds for what is being done.

        Safe from any thread and from a signal handler, before `run` and again. A later call
        with less grace shortens the wait. What has not ended by then is left to its lease,
        or to `due.release_owner` after `run`.
        """


class NotRunning(Exception):
    """The engine takes no claims: it has not begun, or it is stopping."""
