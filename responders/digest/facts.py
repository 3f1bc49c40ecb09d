"""What a digest tells, as plain values. Pure: `responders.digest.reading` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from monitor.sla import Summary

Kind = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Topic:
    """What complaints were about: how many in this period, and in the one before."""

    name: str
    count: int
    before: int

    @property
    def grew(self) -> bool:
        """Whether it is worth saying so: at least three, and half as many again as before."""
        return self.count >= 3 and self.count - self.before >= max(2, self.before / 2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that is open: `due_at` is its nearest running deadline, None when nothing is due."""

    case_id: int
    place: str
    urgency: str
    assignee: str
    opened_at: datetime
    due_at: datetime | None

    @property
    def ref(self) -> str:
        """The name people use for the case."""
        return f"C-{self.case_id}"


@dataclass(frozen=True, slots=True)
class Bar:
    """Complaints that came on one day, or in the week that begins with it, and what became."""

    begins: date
    met: int
    missed: int
    overdue: int
    in_time: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.met + self.missed + self.overdue + self.in_time


@dataclass(frozen=True, slots=True)
class Digest:
    """How things stand at `at`, with what happened from `since` until `until` (exclusive).

    `first` are the first responses to the cases opened in the period, as the SLA report counts
    them: those whose promise no longer stood are in neither. `answered` counts the first answers
    given in the period, whenever their case was opened. `waiting` lists the overdue first, then
    by deadline, a few of `open_count`. `bars` go beyond the period, to show it among its like.
    """

    kind: Kind
    at: datetime
    since: datetime
    until: datetime
    zone: str
    mentions: int
    new: int
    new_before: int
    answered: int
    first: Summary
    open_count: int
    overdue_count: int
    waiting: tuple[Waiting, ...] = ()
    topics: tuple[Topic, ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    bars: tuple[Bar, ...] = field(default=())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came, nothing was answered and nothing waits."""
        return not (self.new or self.answered or self.open_count)
