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
        names = names_of(self._session, part)
        for value, overdue, number in self._counted(part):
            found[names.get(value, value)][bool(overdue)] += number
        return found

    def by_time(
        self, scope: Scope, times: Mapping[date, tuple[datetime, datetime]]
    ) -> dict[date, Overdue]:
        """Return how many of a scope started in each of `times`: from one moment until another."""
        begins = list(times)
        rows = [(number, *times[begin]) for number, begin in enumerate(begins)]
        of_time = values(
            column("number", Integer),
            column("since", UtcDateTime),
            column("until", UtcDateTime),
            name="times",
        )
        time = of_time.data(rows).cte("times").c
        within = and_(Clock.started_at >= time.since, Clock.started_at < time.until)
        value = looked_up(scope.part).label("value")
        query = select(time.number, self._overdue, value, func.count())
        found: dict[date, Overdue] = defaultdict(Counter)
        topics = self._topics if scope.part == "topic" else {}
        names = names_of(self._session, scope.part)
        for number, overdue, told, count in self._session.execute(
            query.join(Clock, within).where(*self._these).group_by("number", "overdue", "value")
        ):
            one = names.get(told, told)
            mine = (topics.get(told) or ("",)) if scope.part == "topic" else (one,)
            if any(map(scope.holds, mine)):
                found[begins[number]][bool(overdue)] += count
        return found

    def _counted(self, part: Part) -> Any:
        value = looked_up(part).label("value")
        query = select(value, self._overdue, func.count()).where(*self._these)
        return self._session.execute(query.group_by("value", "overdue"))

    @cached_property
    def _topics(self) -> dict[int, tuple[str, ...]]:
        mentions = select(Case.mention_id).join(Clock, Clock.case_id == Case.id)
        return topics_of(self._session, mentions.where(*self._these))


def looked_up(part: Part) -> Any:
    """Return what tells a promise from others, looked up for each promise: an id or a value.

    For those of which there are few: a join would have a store read all cases instead. A promise
    is of the person who kept it, and as long as nobody has, of whom its case is assigned to.
    `names_of` tells what ids stand for.
    """
    if part == "all":
        return literal("")
    columns: dict[Part, Any] = {
        "source": Case.source_id,
        "brand": Case.brand_id,
        "location": Case.location_id,
        "person": func.coalesce(func.nullif(Clock.stopped_by, ""), Case.assignee),
        "topic": Case.mention_id,
        "language": Mention.language,
        "policy": counted_by(),
    }
    case = select(columns[part]).select_from(Case).where(Case.id == Clock.case_id)
    if part == "language":
        case = case.join(Mention, Mention.id == Case.mention_id)
    return case.correlate(Clock).scalar_subquery()


def names_of(session: Session, part: Part) -> dict[int | None, str]:
    """Return what the ids stand for that tell a part apart; nothing where they are no ids."""
    named: dict[Part, Any] = {
        "source": select(Source.id, Source.key),
        "brand": select(Brand.id, Brand.key),
        "location": select(Location.id, Brand.key + "/" + Location.key).join(
            Brand, Brand.id == Location.brand_id
        ),
        "policy": select(SlaPolicy.id, SlaPolicy.key),
    }
    if part not in named:
        return {}
    names: dict[int | None, str] = {row[0]: row[1] for row in session.execute(named[part])}
    return {**names, None: ""} if part == "location" else names


def counted_by() -> Any:
    """Return the column of the policy that a clock is counted by."""
    return func.coalesce(Clock.policy_id, Case.policy_id)
