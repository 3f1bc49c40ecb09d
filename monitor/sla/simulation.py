"""What if: the same cases and the same answers, counted by other promises or other hours.

A replay changes no answer: who answered when stays as it was. People who know of a shorter target
may answer sooner, and a replay cannot know that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.hours import Calendar
from monitor.sla.deadline import Segment, as_utc, due_with_pauses
from monitor.sla.history import CaseHistory, Run
from monitor.sla.measures import Attainment, attainment_of
from monitor.sla.outcomes import State
from monitor.sla.policy import Facts, Target
from monitor.sla.snapshot import Snapshot, make_snapshot

Choose = Callable[[CaseHistory, Run], Snapshot]
"""Gives the promise under which a run of a case is counted."""

LATE: tuple[State, ...] = ("breached", "overdue")
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Replayed:
    """One run under both promises.

    `before` is None where no clock ran because the target was not promised then, `after` where
    the other policy does not promise it. `reproduced` tells whether counting it again by its own
    promise gives what was recorded.
    """

    case_id: int
    target: Target
    source: str
    policy_before: str
    policy_after: str
    before: State | None
    after: State | None
    due_before: datetime | None
    due_after: datetime | None
    started_at: datetime
    stopped_at: datetime | None
    reproduced: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """How promises fared as recorded, and under the other policy."""

    now: Attainment
    then: Attainment

    @property
    def change(self) -> float | None:
        """The attainment then less now, overdue ones counted as missed; None without either."""
        before, after = self.now.share_with_overdue, self.then.share_with_overdue
        return None if before is None or after is None else after - before

    @property
    def small(self) -> bool:
        """Whether one of the two stands on few clocks."""
        return self.now.small or self.then.small


def judge(
    snapshot: Snapshot,
    target: Target,
    start: datetime,
    *,
    now: datetime,
    stopped_at: datetime | None = None,
    pauses: tuple[Segment, ...] = (),
) -> tuple[State, datetime | None]:
    """Return the state and the due time that `outcome` gives, without measuring the time taken.

    A replay asks this a million times. Raises `NoTarget` when `target` is not promised.
    """
    end = as_utc(now if stopped_at is None else stopped_at)
    known: tuple[Segment, ...] = pauses
    if pauses and stopped_at is not None:
        known = tuple(
            replace(each, end=max(each.start, end)) if each.end is None else each for each in pauses
        )
    due = due_with_pauses(snapshot, target, start, known)
    late = due is not None and end > due
    if stopped_at is not None:
        return ("breached" if late else "met"), due
    if late:
        return "overdue", due
    still = any(each.start <= end and (each.end is None or end < each.end) for each in known)
    return ("paused" if still else "running"), due


def replay(case: CaseHistory, choose: Choose, now: datetime) -> Iterator[Replayed]:
    """Yield every run of a case under the promise that `choose` gives, as of `now`.

    Runs that neither promise has are yielded too: they were somebody's work.
    """
    for run in case.runs:
        snapshot, own = choose(case, run), case.promise_of(run)
        after: State | None = None
        due: datetime | None = None
        if run.target in snapshot.targets:
            # By its own promise a clock starts when it did, whatever was learned since.
            same = snapshot.policy.start == own.policy.start
            start = run.started_at if same else run.started_by(snapshot.policy)
            after, due = _judged(snapshot, run, now, start)
        yield Replayed(
            case_id=case.id,
            target=run.target,
            source=case.facts.source,
            policy_before=own.policy.key,
            policy_after=snapshot.policy.key,
            before=run.state,
            after=after,
            due_before=run.due_at,
            due_after=due,
            started_at=run.started_at,
            stopped_at=run.stopped_at,
            reproduced=_is_reproduced(own, run, now, snapshot, after),
        )


class Recount:
    """Gives the promises of another choice, counted by other hours.

    `hours` are found by the key of the calendar they replace; `for_all` replaces every calendar.
    """

    def __init__(
        self, base: Choose, hours: Mapping[str, Calendar], for_all: Calendar | None = None
    ) -> None:
        self._base = base
        self._hours = hours
        self._for_all = for_all
        self._made: dict[str, Snapshot] = {}

    def __call__(self, case: CaseHistory, run: Run) -> Snapshot:
        """Return the promise of a run by the other hours."""
        told = self._base(case, run)
        made = self._made.get(told.digest)
        if made is None:
            other = self._for_all or self._hours.get(told.calendar.key) or told.calendar
            made = make_snapshot(replace(told.policy, calendar=other.key), other)
            self._made[told.digest] = made
        return made


def by_facts(choose: Callable[[Facts], Snapshot]) -> Choose:
    """Return what asks `choose`, such as a policy book, for the facts of each case."""
    return lambda case, _: choose(case.facts)


def as_promised(case: CaseHistory, run: Run) -> Snapshot:
    """Return the promise that a run was counted by when it ran."""
    return case.promise_of(run)


@dataclass
class Comparison:
    """Adds up replayed runs; holds a few numbers for each name, and no run but the examples."""

    examples: int = EXAMPLES
    newly_promised: int = 0
    no_longer_promised: int = 0
    irreproducible: int = 0
    saved: int = 0
    lost: int = 0
    saved_examples: list[Replayed] = field(default_factory=list)
    lost_examples: list[Replayed] = field(default_factory=list)
    _now: dict[tuple[str, str], Counter[State]] = field(default_factory=dict)
    _then: dict[tuple[str, str], Counter[State]] = field(default_factory=dict)

    def add(self, run: Replayed) -> None:
        """Count one run. Late under one promise and not under the other, it flips.

        One that neither promise has is left out.
        """
        if run.before is None and run.after is None:
            return
        self.irreproducible += not run.reproduced
        self.newly_promised += run.before is None
        self.no_longer_promised += run.after is None
        if run.before is not None:
            self._count(self._now, run, run.policy_before, run.before)
        if run.after is not None:
            self._count(self._then, run, run.policy_after, run.after)
        if run.before is None or run.after is None:
            return
        if run.before in LATE and run.after not in LATE:
            self.saved += 1
            if len(self.saved_examples) < self.examples:
                self.saved_examples.append(run)
        elif run.after in LATE and run.before not in LATE:
            self.lost += 1
            if len(self.lost_examples) < self.examples:
                self.lost_examples.append(run)

    @property
    def total(self) -> Pair:
        """Over all runs."""
        return self._pair(("all", ""))

    def by(self, kind: str) -> list[tuple[str, Pair]]:
        """Return the figures by ``target``, ``policy`` or ``source``, in the names' order.

        A policy's runs of now are those it was recorded for; of then, those it would take.
        """
        names = {name for of, name in (*self._now, *self._then) if of == kind}
        return [(name, self._pair((kind, name))) for name in sorted(names)]

    def _pair(self, key: tuple[str, str]) -> Pair:
        now, then = self._now.get(key, Counter()), self._then.get(key, Counter())
        return Pair(attainment_of(now), attainment_of(then))

    def _count(
        self,
        side: dict[tuple[str, str], Counter[State]],
        run: Replayed,
        policy: str,
        state: State,
    ) -> None:
        for key in (
            ("all", ""),
            ("target", run.target),
            ("policy", policy),
            ("source", run.source),
        ):
            counts = side.get(key)
            if counts is None:
                counts = side[key] = Counter()
            counts[state] += 1


def _judged(
    snapshot: Snapshot, run: Run, now: datetime, start: datetime
) -> tuple[State, datetime | None]:
    return judge(
        snapshot,
        run.target,
        start,
        now=now,
        stopped_at=run.stopped_at,
        pauses=run.pauses,
    )


def _is_reproduced(
    own: Snapshot, run: Run, now: datetime, chosen: Snapshot, after: State | None
) -> bool:
    if run.state is None:
        return True
    if run.target not in own.targets:
        return False  # the policy was changed while this clock ran
    if chosen.digest == own.digest:
        return after == run.state
    return _judged(own, run, now, run.started_at)[0] == run.state
