"""Reads the promises that are still open, and whether they are overdue at this moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, literal, or_, select, text
from sqlalchemy.orm import Session

from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.facts import topics_of
from monitor.reports.measures import Part

IS_ALIVE = text("clock.state IN ('running', 'paused')")
"""Written out, for an index on some rows serves no condition that is told only later."""


class Alive(NamedTuple):
    """One open promise, and what it is counted under."""

    case_id: int
    started_at: datetime
    overdue: bool
    values: tuple[str, ...]


def read_alive(
    session: Session, target: str, part: Part, begin: datetime, end: datetime, now: datetime
) -> list[Alive]:
    """Return the open promises of a target that started from `begin` until before `end`.

    One that stands still is overdue if its deadline had passed before.
    """
    overdue = or_(
        Clock.breached_at.is_not(None), and_(Clock.state == "running", Clock.due_at < now)
    )
    query = select(
        Clock.case_id, Clock.started_at, overdue.label("overdue"), _value(part).label("value")
    ).where(
        IS_ALIVE,
        Clock.target == target,
        Clock.started_at >= begin,
        Clock.started_at < end,
    )
    if part != "all":
        query = query.join(Case, Case.id == Clock.case_id)
    if part == "source":
        query = query.join(Source, Source.id == Case.source_id)
    elif part in ("brand", "location"):
        query = query.join(Brand, Brand.id == Case.brand_id)
        query = query.outerjoin(Location, Location.id == Case.location_id)
    elif part == "language":
        query = query.join(Mention, Mention.id == Case.mention_id)
    elif part == "policy":
        query = query.join(SlaPolicy, SlaPolicy.id == Case.policy_id)
    rows = session.execute(query).all()
    if part != "topic":
        return [Alive(row.case_id, row.started_at, bool(row.overdue), (row.value,)) for row in rows]
    topics = topics_of(session, select(Case.mention_id).where(Case.id.in_(_alive_cases(target))))
    return [
        Alive(row.case_id, row.started_at, bool(row.overdue), topics.get(row.value) or ("",))
        for row in rows
    ]


def _alive_cases(target: str) -> Any:
    return select(Clock.case_id).where(IS_ALIVE, Clock.target == target)


def _value(part: Part) -> Any:
    """Return the column that tells which one of a part a case is; its mention for topics."""
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
