"""Which cases are open at this moment, how long they have waited, and which are overdue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.alive import IS_ALIVE
from monitor.reports.fact import topics_of
from monitor.reports.measures import Part
from monitor.reports.scope import Scope

OPEN_NOW = "open_now"
"""What lists and links call the cases that are open at this moment."""

OPEN = ("opened", "drafted", "approved")
AGES = (
    ("age0", "under 4 hours", timedelta(hours=4)),
    ("age1", "4 to 24 hours", timedelta(days=1)),
    ("age2", "1 to 3 days", timedelta(days=3)),
    ("age3", "3 to 7 days", timedelta(days=7)),
    ("age4", "over 7 days", timedelta.max),
)
"""Key, name, and what a case of this age has not waited longer than."""

WAITS = (
    "",
    "overdue",
    *(f"{key}{state}" for key, _, _ in AGES for state in ("", *(f"-{each}" for each in OPEN))),
)
"""How those that are open may be told apart: ``overdue``, ``age1``, ``age1-drafted``."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that is open; `age` is one of `AGES`. `overdue`: a deadline that runs has passed."""

    case_id: int
    state: str
    opened_at: datetime
    age: str
    overdue: bool

    def fares(self, wait: str) -> bool:
        """Tell whether it is one of those that one of `WAITS` names."""
        if wait == "overdue":
            return self.overdue
        age, _, state = wait.partition("-")
        return age in ("", self.age) and state in ("", self.state)


def read_waiting(session: Session, scope: Scope, now: datetime) -> Iterator[Waiting]:
    """Yield the cases of a scope that are open, the newest first."""
    due = (  # for each open case alone: closed ones have running clocks too, and many more
        select(func.min(Clock.due_at))
        .where(IS_ALIVE, Clock.state == "running", Clock.case_id == Case.id)
        .scalar_subquery()
        .label("due_at")
    )
    value = _column_of(scope.part).label("value")
    query = (
        select(Case.id, Case.state, Case.opened_at, due, value)
        .where(Case.state.in_(OPEN))
        .order_by(Case.opened_at.desc(), Case.id.desc())
    )
    if scope.part == "source":
        query = query.join(Source, Source.id == Case.source_id)
    elif scope.part in ("brand", "location"):
        query = query.join(Brand, Brand.id == Case.brand_id)
        query = query.outerjoin(Location, Location.id == Case.location_id)
    elif scope.part == "language":
        query = query.join(Mention, Mention.id == Case.mention_id)
    elif scope.part == "policy":
        query = query.join(SlaPolicy, SlaPolicy.id == Case.policy_id)
    topics: dict[int, tuple[str, ...]] = {}
    if scope.part == "topic":
        topics = topics_of(session, select(Case.mention_id).where(Case.state.in_(OPEN)))
    for row in session.execute(query):
        values = (topics.get(row.value) or ("",)) if scope.part == "topic" else (row.value,)
        if any(map(scope.holds, values)):
            age = now - row.opened_at
            key = next(key for key, _, limit in AGES if age <= limit)
            late = row.due_at is not None and row.due_at < now
            yield Waiting(row.id, row.state, row.opened_at, key, late)


def _column_of(part: Part) -> Any:
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
