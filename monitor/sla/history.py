"""What happened on a case, as a replay under other promises needs it.

Where a target was promised, its clocks are taken as they ran. Where it was not, no clock ran, and
`runs_without_clock` tells from the case's own times when one would have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.sla.deadline import Segment
from monitor.sla.outcomes import State
from monitor.sla.policy import TARGETS, Facts, Policy, Target
from monitor.sla.snapshot import Snapshot
from monitor.sla.starting import start_of

Step = Literal["replied", "reopened", "closed"]
"""``replied``: a person's published answer was submitted. ``reopened``: the customer's further
word calls for an answer. ``closed``: an answered case ended."""

WAITING = "waiting for the customer"


@dataclass(frozen=True, slots=True)
class Run:
    """One stretch in which a promise was open: a clock that was not voided.

    `state` and `due_at` are as recorded, the state as of the moment the history was read; both
    are None where no clock ran because the target was not promised. `snapshot` is the promise
    the clock was counted by, where that is another one than its case's. `seen_at` and
    `written_at` are what a policy may start a clock by.
    """

    target: Target
    started_at: datetime
    stopped_at: datetime | None = None
    pauses: tuple[Segment, ...] = ()
    state: State | None = None
    due_at: datetime | None = None
    snapshot: Snapshot | None = None
    seen_at: datetime | None = None
    written_at: datetime | None = None

    def started_by(self, policy: Policy) -> datetime:
        """Return when the clock would have started by a policy; as it did where that is unknown."""
        if self.seen_at is None:
            return self.started_at
        return start_of(policy, self.seen_at, self.written_at).at


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's approval of a reply, by whom, and when the reply was submitted, if it was."""

    approved_at: datetime
    by: str
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """One case: what policies may ask of it, the promise it was opened by, and what ran.

    `voided` counts the clocks whose promise no longer stood; `voids` are those, for whoever asks
    how an open clock may end. They count neither as met nor as missed, under any policy.
    """

    id: int
    facts: Facts
    snapshot: Snapshot
    opened_at: datetime
    runs: tuple[Run, ...]
    answers: tuple[Answer, ...] = ()
    voids: tuple[Run, ...] = ()

    def promise_of(self, run: Run) -> Snapshot:
        """Return the promise that one of its runs was counted by."""
        return self.snapshot if run.snapshot is None else run.snapshot

    @property
    def voided(self) -> int:
        """How many of its clocks were voided."""
        return len(self.voids)


@dataclass
class _Going:
    """A run while its story is told."""

    target: Target
    started_at: datetime
    pauses: list[Segment] = field(default_factory=list)
    since: datetime | None = None
    """When the pause began that still lasts."""

    def ended(self, at: datetime | None) -> Run:
        """Return the run as it ended; one that stands still ends where its pause began."""
        pauses = list(self.pauses)
        stopped = at
        if self.since is not None:
            stopped = self.since if at is not None else None
            if at is None:
                pauses.append(Segment(self.since, None, WAITING))
        return Run(self.target, self.started_at, stopped, tuple(pauses))


def runs_without_clock(
    opened_at: datetime,
    steps: Iterable[tuple[datetime, Step]],
    *,
    ended: bool,
    wanted: Sequence[Target] = TARGETS,
) -> tuple[Run, ...]:
    """Return the runs that the `wanted` targets would have had, by the rules of real clocks.

    First response and resolution start at the opening. An answer stops the response and lets the
    resolution stand still; a reopening starts the next response (the first, where nothing was
    ever answered) and lets the resolution go on, or starts it anew; closing stops everything.
    What is still open when the case has `ended` was voided, and is left out.
    """
    response: _Going | None = _Going("first_response", opened_at)
    resolution: _Going | None = _Going("resolution", opened_at)
    done: list[Run] = []
    replied = False
    # At the same moment an answer comes before the reopening that it did not answer.
    for at, step in sorted(steps, key=lambda each: (each[0], each[1] != "replied")):
        if at < opened_at:
            continue
        if step == "reopened":
            if not replied or response is None:
                response = _Going("next_response" if replied else "first_response", at)
            if resolution is None:
                resolution = _Going("resolution", at)
            elif resolution.since is not None:
                resolution.pauses.append(Segment(resolution.since, at, WAITING))
                resolution.since = None
            continue
        if response is not None:
            done.append(response.ended(at))
            response = None
        if step == "replied":
            replied = True
            if resolution is not None and resolution.since is None:
                resolution.since = at
        elif resolution is not None:
            done.append(resolution.ended(at))
            resolution = None
    if not ended:
        done += [going.ended(None) for going in (response, resolution) if going is not None]
    return tuple(run for run in done if run.target in wanted)
