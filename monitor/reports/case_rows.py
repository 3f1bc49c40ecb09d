"""What a list shows of a case: where it stands, and one of its promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.alive import counted_by
from monitor.reports.fact import topics_of
from monitor.reports.report import Behind
from monitor.sla import TARGETS


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One clock of a case, or one case, as a list shows it. Times that there are none of are None.

    `business_seconds` is open time without pauses. A case to which nothing was promised yet has no
    `target` and was `started_at` when it was opened.
    """

    case_id: int
    target: str
    state: str
    case_state: str
    source: str
    brand: str
    location: str
    person: str
    language: str
    policy: str
    topics: tuple[str, ...]
    urgency: str
    opened_at: datetime
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    visible_at: datetime | None
    business_seconds: float | None


def place_of(row: CaseRow, behind: Behind) -> tuple[datetime, int]:
    """Return where a row stands in the list: promises by their start, all else by the opening."""
    return row.started_at if behind.measure in TARGETS else row.opened_at, row.case_id


def rows_from(cases_and_clocks: Any) -> Any:
    """Return the query for what is shown, from a join of cases with the clocks that are meant."""
    person = func.coalesce(func.nullif(Clock.stopped_by, ""), Case.assignee).label("person")
    location = func.coalesce(Brand.key + "/" + Location.key, "").label("location")
    return (
        select(
            Case.id.label("case_id"),
            Clock.target,
            Clock.state,
            Clock.started_at,
            Clock.due_at,
            Clock.stopped_at,
            Clock.breached_at,
            Clock.visible_at,
            Clock.business_seconds,
            Case.state.label("case_state"),
            Case.opened_at,
            Case.urgency,
            Case.mention_id,
            Source.key.label("source"),
            Brand.key.label("brand"),
            SlaPolicy.key.label("policy"),
            Mention.language,
            location,
            person,
        )
        .select_from(cases_and_clocks)
        .join(Source, Source.id == Case.source_id)
        .join(Brand, Brand.id == Case.brand_id)
        .outerjoin(Location, Location.id == Case.location_id)
        .join(SlaPolicy, SlaPolicy.id == counted_by())
        .join(Mention, Mention.id == Case.mention_id)
    )


def read_rows(session: Session, behind: Behind, query: Any) -> list[CaseRow]:
    """Return what a query of `rows_from` finds, with topics, the newest first."""
    rows: Sequence[Any] = session.execute(query).all()
    topics = topics_of(session, [row.mention_id for row in rows])
    found = [_row(row, topics.get(row.mention_id, ())) for row in rows]
    return sorted(found, key=lambda row: place_of(row, behind), reverse=True)


def _row(row: Any, topics: tuple[str, ...]) -> CaseRow:
    return CaseRow(
        case_id=row.case_id,
        target=row.target or "",
        state=row.state or "",
        case_state=row.case_state,
        source=row.source,
        brand=row.brand,
        location=row.location,
        person=row.person,
        language=row.language,
        policy=row.policy,
        topics=topics,
        urgency=row.urgency,
        opened_at=row.opened_at,
        started_at=row.started_at or row.opened_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        breached_at=row.breached_at,
        visible_at=row.visible_at,
        business_seconds=row.business_seconds,
    )
