"""Reads the promises that are still open, and whether they are overdue at this moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Integer, and_, column, func, literal, or_, select, text, values
from sqlalchemy.orm import Session

from monitor.db import UtcDateTime
from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.fact import topics_of
from monitor.reports.measures import Part
from monitor.reports.scope import Scope

IS_ALIVE = text("clock.state IN ('running', 'paused')")
"""Written out, for an index on some rows serves no condition that is told only later."""


Overdue = Counter[bool]
"""How many open promises are overdue (True), and how many are not."""


class Alive:
    """The open promises of a target that started within some time, as they are at one moment.

    One that stands still is overdue if its deadline had passed before.
    """

    def __init__(
        self, session: Session, target: str, begin: datetime, end: datetime, now: datetime
    ) -> None:
        self._session = session
        self._these = (
            IS_ALIVE,
            Clock.target == target,
            Clock.started_at >= begin,
            Clock.started_at < end,
        )
        self._overdue = or_(
            Clock.breached_at.is_not(None), and_(Clock.state == "running", Clock.due_at < now)
        ).label("overdue")

    def by_value(self, part: Part) -> dict[str, Overdue]:
        """Return how many there are by source, person or what else `part` says."""
        found: dict[str, Overdue] = defaultdict(Counter)
        if part == "topic":
            topics = self._topics
            for mention_id, overdue, number in self._counted(part):
                for topic in topics.get(mention_id) or ("",):
                    found[topic][bool(overdue)] += number
            return found
        for value, overdue, number in self._counted(part):
            found[value][bool(overdue)] += number
        return found

    def by_time(
        self, scope: Scope, times: Mapping[date, tuple[datetime, datetime]]
    ) -> dict[date, Overdue]:
        """Return how many of a scope started in each of `times`: from one moment until another."""
        names = list(times)
        rows = [(number, *times[name]) for number, name in enumerate(names)]
        of_time = values(
            column("number", Integer),
            column("since", UtcDateTime),
            column("until", UtcDateTime),
            name="times",
        )
        time = of_time.data(rows).cte("times").c
        within = and_(Clock.started_at >= time.since, Clock.started_at < time.until)
        query = select(time.number, self._overdue, looked_up(scope.part), func.count())
        found: dict[date, Overdue] = defaultdict(Counter)
        topics = self._topics if scope.part == "topic" else {}
        for number, overdue, told, count in self._session.execute(
            query.join(Clock, within).where(*self._these).group_by("number", "overdue", "value")
        ):
            mine = (topics.get(told) or ("",)) if scope.part == "topic" else (told,)
            if any(map(scope.holds, mine)):
                found[names[number]][bool(overdue)] += count
        return found

    def _counted(self, part: Part) -> Any:
        query = select(looked_up(part), self._overdue, func.count()).where(*self._these)
        return self._session.execute(query.group_by("value", "overdue"))

    @cached_property
    def _topics(self) -> dict[int, tuple[str, ...]]:
        mentions = select(Case.mention_id).join(Clock, Clock.case_id == Case.id)
        return topics_of(self._session, mentions.where(*self._these))


def looked_up(part: Part) -> Any:
    """Return what tells a promise from others, looked up for each promise.

    For those of which there are few: a join would have a store read all cases instead. A promise
    is of the person who kept it, and as long as nobody has, of whom its case is assigned to.
    """
    if part == "all":
        return literal("").label("value")
    column = column_of(part)
    if part == "person":
        column = func.coalesce(func.nullif(Clock.stopped_by, ""), Case.assignee)
    case = select(column).select_from(Case).where(Case.id == Clock.case_id)
    if part == "source":
        case = case.join(Source, Source.id == Case.source_id)
    elif part in ("brand", "location"):
        case = case.join(Brand, Brand.id == Case.brand_id)
        case = case.outerjoin(Location, Location.id == Case.location_id)
    elif part == "language":
        case = case.join(Mention, Mention.id == Case.mention_id)
    elif part == "policy":
        case = case.join(SlaPolicy, SlaPolicy.id == counted_by())
    return case.correlate(Clock).scalar_subquery().label("value")


def counted_by() -> Any:
    """Return the column of the policy that a clock is counted by."""
    return func.coalesce(Clock.policy_id, Case.policy_id)


def column_of(part: Part) -> Any:
    """Return the column that tells one of a part from another; the mention for topics."""
    columns: dict[Part, Any] = {
        "all": literal(""),
        "source": Source.key,
        "brand": Brand.key,
        "location": func.coalesce(Brand.key + "/" + Location.key, ""),
        "person": Case.assignee,
        "topic": Case.mention_id,
        "language": Mention.language,
        "policy": SlaPolicy.key,
    }
    return columns[part]
