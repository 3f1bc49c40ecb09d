"""Counts the open promises that are overdue at this moment, and tells promises apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import CTE, Integer, and_, bindparam, column, func, literal, or_, select, text
from sqlalchemy.orm import Session

from monitor.db import UtcDateTime
from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.fact import topics_of
from monitor.reports.measures import Part
from monitor.reports.scope import Scope

IS_ALIVE = text("clock.state IN ('running', 'paused')")
"""Written out, for an index on some rows serves no condition that is told only later."""


class Overdue:
    """The overdue promises of a target that started within some time, as they are at one moment.

    How many are open follows from what was received and decided, and needs no counting.
    One that stands still is overdue if its deadline had passed before.
    """

    def __init__(
        self, session: Session, target: str, begin: datetime, end: datetime, now: datetime
    ) -> None:
        self._session = session
        self._overdue = (
            IS_ALIVE,
            Clock.target == target,
            Clock.started_at >= begin,
            Clock.started_at < end,
            or_(Clock.breached_at.is_not(None), and_(Clock.state == "running", Clock.due_at < now)),
        )

    def by_value(self, part: Part) -> Counter[str]:
        """Return how many are overdue by source, person or what else `part` says."""
        found: Counter[str] = Counter()
        names = names_of(self._session, part)
        topics = self._topics if part == "topic" else {}
        value = looked_up(part).label("value")
        query = select(value, func.count()).where(*self._overdue).group_by("value")
        for told, number in self._session.execute(query):
            values = (topics.get(told) or ("",)) if part == "topic" else (names.get(told, told),)
            found.update(dict.fromkeys(values, number))
        return found

    def by_time(
        self, scope: Scope, times: Mapping[date, tuple[datetime, datetime]]
    ) -> Counter[date]:
        """Return how many overdue ones of a scope started in each of `times`: since, and until."""
        begins = list(times)
        time = _times(len(begins)).c
        told: dict[str, datetime] = {}
        for number, begin in enumerate(begins):
            told[f"since{number}"], told[f"until{number}"] = times[begin]
        within = and_(Clock.started_at >= time.column2, Clock.started_at < time.column3)
        value = looked_up(scope.part).label("value")
        query = select(time.column1, value, func.count()).join(Clock, within)
        found: Counter[date] = Counter()
        topics = self._topics if scope.part == "topic" else {}
        names = names_of(self._session, scope.part)
        for at, one, number in self._session.execute(
            query.where(*self._overdue).group_by("column1", "value"), told
        ):
            name = names.get(one, one)
            mine = (topics.get(one) or ("",)) if scope.part == "topic" else (name,)
            if any(map(scope.holds, mine)):
                found[begins[at]] += number
        return found

    @cached_property
    def _topics(self) -> dict[int, tuple[str, ...]]:
        mentions = select(Case.mention_id).join(Clock, Clock.case_id == Case.id)
        return topics_of(self._session, mentions.where(*self._overdue))


@lru_cache(maxsize=32)
def _times(number: int) -> CTE:
    """Return a table of so many times: its place, ``since`` and ``until``, told when it is asked.

    Both databases call the columns of a list of values `column1` and so on. Written out as text,
    for SQLAlchemy's own `values` is compiled anew each time, which takes longer than the query.
    """
    rows = ", ".join(f"({at}, :since{at}, :until{at})" for at in range(number))
    told = [f"{name}{at}" for at in range(number) for name in ("since", "until")]
    listed = text(f"VALUES {rows}").bindparams(
        *(bindparam(each, type_=UtcDateTime) for each in told)
    )
    columns = (
        column("column1", Integer),
        column("column2", UtcDateTime),
        column("column3", UtcDateTime),
    )
    return listed.columns(*columns).cte("times")


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
