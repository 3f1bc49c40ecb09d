"""What is counted, for which time, and what it is counted under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from monitor.models import Assessment, Label, Mention
from monitor.reports.measures import Part, Verdict
from monitor.reports.scope import Scope

Parts = tuple[tuple[Part, str], ...]
ALIVE = ("running", "paused")
CURRENT = and_(Assessment.mention_id == Mention.id, Assessment.revision == Mention.revision)


class Fact(NamedTuple):
    """One thing counted under one measure, for each of the parts it belongs to."""

    measure: str
    parts: Parts
    verdict: Verdict
    time: int | None = None
    wall: int | None = None
    case_id: int = 0
    mention_id: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time from `begin` until before `end`, both in UTC; hours of the day are of `zone`."""

    begin: datetime
    end: datetime
    zone: ZoneInfo

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a column's time lies within."""
        return and_(column >= self.begin, column < self.end)


def topics_of(session: Session, mentions: Any) -> dict[int, tuple[str, ...]]:
    """Return what mentions are about; what a person last said of one counts first.

    `mentions` are ids, or the query of them.
    """
    found: dict[int, tuple[str, ...]] = {}
    for mention_id, topics in session.execute(
        select(Mention.id, Assessment.topics)
        .join(Assessment, CURRENT)
        .where(Mention.id.in_(mentions))
    ):
        found[mention_id] = tuple(sorted(set(topics or ())))
    for mention_id, said in session.execute(
        select(Label.mention_id, Label.topics)
        .join(Mention, and_(Mention.id == Label.mention_id, Mention.revision == Label.revision))
        .where(Label.topics.is_not(None), Label.mention_id.in_(mentions))
        .order_by(Label.id)
    ):
        found[mention_id] = tuple(sorted(set(said or ())))
    return found


def is_meant(scope: Scope, parts: Parts) -> bool:
    """Tell whether what is counted under these parts belongs to a scope."""
    return any(part == scope.part and scope.holds(value) for part, value in parts)


def seconds_from(begin: datetime, end: datetime) -> int:
    """Return whole seconds from one time to another; a clock ahead of ours makes it none."""
    return max(0, int((end - begin).total_seconds()))
