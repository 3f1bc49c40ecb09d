"""What if more or fewer people were on duty: a queue that is served by so many.

This is a model, not a replay. All work on one list, either what is due first or what came first;
nobody is interrupted, all work through the staffed hours and do nothing else, and the list is
empty when the time begins. How long an answer takes is read off the approvals of the past. So that
a reader can see how far to trust it, the present number of people is modelled too, to be held
beside what really happened.

Where what came first is served first and all answers take alike, one person more never makes it
worse. Else it can, rarely and by an answer or two: what is begun sooner may stand before something
urgent that comes a moment later. That is true of people too.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.hours import Calendar, NeverOpen, add, between
from monitor.sla.measures import SMALL, Attainment, attainment_of, median
from monitor.sla.outcomes import State

Order = Literal["due", "arrival"]
"""Which answer comes first: the one that is due first, or the one that came first."""

BREAK = timedelta(minutes=30)
"""A longer gap between two approvals of one person is taken for a break, not for handling."""


@dataclass(frozen=True, slots=True)
class Job:
    """One answer that was owed. `due_at` and `state` are by the promise that is looked at.

    Where it promises nothing both are None: such an answer takes its time and is not judged.
    `approved_at` and `by` are None and empty where nobody has answered yet.
    """

    arrived_at: datetime
    due_at: datetime | None
    state: State | None
    approved_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the past says of the people.

    `people` is the median number of different approvers on a day with approvals, in the staffed
    hours' time zone; `handling_seconds` the median handling time over `gaps` gaps. `small` flags
    fewer than `SMALL` gaps or days. Both are None when there is nothing to read them off.
    `jobs` are the promised answers, `unpromised` those that only take their time.
    """

    jobs: int
    unpromised: int
    people: int | None
    days: int
    handling_seconds: float | None
    gaps: int

    @property
    def small(self) -> bool:
        """Whether the figures stand on little."""
        return self.gaps < SMALL or self.days < SMALL


@dataclass(frozen=True, slots=True)
class Staffed:
    """How promises would have fared with so many `people`.

    `busy` is the share of the staffed time, from the first arrival to the last answer or to now,
    that they spend on answers.
    """

    people: int
    attainment: Attainment
    busy: float


class Floor:
    """Takes the jobs of the past, in any order, and serves them again with other people.

    It keeps forty bytes a job, and twice that while it sorts them. `hours` are those in which
    people work; nothing may have arrived before `since`.
    """

    def __init__(self, hours: Calendar, since: datetime, now: datetime) -> None:
        self._hours = hours
        self._now = now
        self._origin = since
        self._arrived = array("d")
        self._due = array("d")
        self._approved = array("d")
        self._person = array("l")
        self._people: dict[str, int] = {}
        self._at_work: set[tuple[int, int]] = set()
        self._states: Counter[State] = Counter()
        self._own = array("d")

    def add(self, job: Job) -> None:
        """Take one job. Raises ValueError when it arrived before `since`."""
        self._arrived.append(between(self._hours, self._origin, job.arrived_at))
        self._due.append(math.inf if job.due_at is None else job.due_at.timestamp())
        if job.due_at is not None and job.state is not None:
            self._states[job.state] += 1
        if job.approved_at is None or not job.by or job.approved_at < job.arrived_at:
            self._approved.append(math.nan)
            self._person.append(-1)
            return
        person = self._people.setdefault(job.by, len(self._people))
        day = job.approved_at.astimezone(self._hours.zone).toordinal()
        self._at_work.add((day, person))
        self._approved.append(between(self._hours, self._origin, job.approved_at))
        self._person.append(person)

    @property
    def real(self) -> Attainment:
        """How these promises fared in truth."""
        return attainment_of(self._states)

    def calibrate(self) -> Calibration:
        """Read people and handling times off the approvals.

        Handling runs from a person's last approval, or from the arrival when that was later, to
        the approval, in staffed time. Gaps longer than `BREAK` are left out, and so is what was
        approved outside the staffed hours.
        """
        last: dict[int, float] = {}
        self._own = array("d", [math.nan]) * len(self._arrived)
        approvals = [at for at, person in enumerate(self._person) if person >= 0]
        approvals.sort(key=self._approved.__getitem__)
        for at in approvals:
            person, approved = self._person[at], self._approved[at]
            before = last.get(person)
            last[person] = approved
            if before is None:
                continue
            gap = approved - max(before, self._arrived[at])
            if 0 < gap <= BREAK.total_seconds():
                self._own[at] = gap
        gaps = [each for each in self._own if not math.isnan(each)]
        days = Counter(day for day, _ in self._at_work)
        people = median(days.values())
        return Calibration(
            jobs=self._states.total(),
            unpromised=len(self._arrived) - self._states.total(),
            people=None if people is None else round(people),
            days=len(days),
            handling_seconds=median(gaps),
            gaps=len(gaps),
        )

    def fitting_order(
        self, people: int, handling_seconds: float, *, alike: bool = False
    ) -> tuple[Order, Staffed]:
        """Return the order that comes nearer to what happened, and what it gives."""
        tried: dict[Order, Staffed] = {
            order: self.serve(people, handling_seconds, order=order, alike=alike)
            for order in ("due", "arrival")
        }
        real = self.real.share_with_overdue or 0.0

        def miss(order: Order) -> float:
            return abs((tried[order].attainment.share_with_overdue or 0.0) - real)

        nearer: Order = min(tried, key=miss)
        return nearer, tried[nearer]

    def serve(
        self,
        people: int,
        handling_seconds: float,
        *,
        order: Order = "due",
        alike: bool = False,
    ) -> Staffed:
        """Serve all jobs again, once `calibrate` has been asked, with `people` at work at once.

        A job takes its own handling time where it is known and `handling_seconds` where it is
        not, or always when all jobs are `alike`. Raises ValueError unless there is at least one
        person and handling takes time.
        """
        if people < 1 or not handling_seconds > 0:
            raise ValueError(f"{people} people cannot answer in {handling_seconds} seconds each")
        line = sorted(range(len(self._arrived)), key=self._arrived.__getitem__)
        rank = self._due if order == "due" else self._arrived
        free = [0.0] * people
        waiting: list[tuple[float, int]] = []
        states: Counter[State] = Counter()
        following, start, spent, last = 0, 0.0, 0.0, 0.0
        while following < len(line) or waiting:
            # Whoever was idle begins no earlier than the moment that the list has come to.
            start = max(start, heapq.heappop(free))
            if not waiting:
                start = max(start, self._arrived[line[following]])
            while following < len(line) and self._arrived[line[following]] <= start:
                job = line[following]
                heapq.heappush(waiting, (rank[job], job))
                following += 1
            _, job = heapq.heappop(waiting)
            own = math.nan if alike or not self._own else self._own[job]
            took = handling_seconds if math.isnan(own) else own
            end = start + took
            heapq.heappush(free, end)
            spent, last = spent + took, max(last, end)
            if self._due[job] < math.inf:
                states[self._judged(self._due[job], end)] += 1
        return Staffed(people, attainment_of(states), self._busy(people, spent, last, line))

    def _judged(self, due: float, end: float) -> State:
        try:
            finished = add(self._hours, self._origin, round(end, 6)).timestamp()
        except NeverOpen:
            finished = math.inf
        now = self._now.timestamp()
        if finished > now:
            return "overdue" if due < now else "running"
        return "met" if finished <= due else "breached"

    def _busy(self, people: int, spent: float, last: float, line: Sequence[int]) -> float:
        if not line:
            return 0.0
        until = max(last, between(self._hours, self._origin, max(self._now, self._origin)))
        staffed = people * (until - self._arrived[line[0]])
        return min(1.0, spent / staffed) if staffed > 0 else 1.0
