"""Lists the cases behind a number, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, join, outerjoin

from monitor.models import Brand, Case, Clock, Location, Mention, SlaPolicy, Source
from monitor.reports.alive import IS_ALIVE, counted_by, looked_up, names_of
from monitor.reports.case_facts import Cases
from monitor.reports.fact import Stretch, is_meant, topics_of
from monitor.reports.facts import read_facts_of
from monitor.reports.period import Period
from monitor.reports.report import Behind
from monitor.reports.scope import Scope
from monitor.reports.waiting import OPEN_NOW, read_waiting
from monitor.reports.walking import walk_back
from monitor.sla import TARGETS

VERDICTS = ("met", "missed", "overdue", "open", "answered", "unanswered", "decided", "voided")
"""How those behind a number may have fared; without one all are meant that are counted."""

AT_FIRST, AT_ONCE = 60, 500
"""So many rows are read with all that is shown of them: first for a page, then for a file."""
FEW = 200
"""A source of fewer cases is small: all of them are looked up in no time."""


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


def list_cases(
    session: Session, behind: Behind, now: datetime, limit: int, after: tuple[datetime, int] | None
) -> list[CaseRow]:
    """Return up to `limit` of the cases behind a number.

    They come newest first; `after` is the `place_of` the last one shown. A number of something
    other than a promise shows the first promise of each case.
    """
    found: list[CaseRow] = []
    for row in stream_cases(session, behind, now, after=after):
        found.append(row)
        if len(found) == limit:
            break
    return found


def place_of(row: CaseRow, behind: Behind) -> tuple[datetime, int]:
    """Return where a row stands in the list: promises by their start, all else by the opening."""
    return row.started_at if behind.measure in TARGETS else row.opened_at, row.case_id


def stream_cases(
    session: Session,
    behind: Behind,
    now: datetime,
    *,
    after: tuple[datetime, int] | None = None,
) -> Iterator[CaseRow]:
    """Yield the cases behind a number, newest first, a few at a time from the store."""
    if behind.measure == OPEN_NOW:
        yield from _open_now(session, behind, now, after)
        return
    if behind.period is None:
        return
    if behind.measure in TARGETS:
        found = _promises(session, behind, behind.period, now, after)
    else:
        found = _by_fact(session, behind, behind.period, after)
    for row in found:
        if after is None or place_of(row, behind) < after:
            yield row


def _promises(
    session: Session,
    behind: Behind,
    period: Period,
    now: datetime,
    after: tuple[datetime, int] | None,
) -> Iterator[CaseRow]:
    these = (Clock.target == behind.measure, *_fared(behind.verdict, now))
    meant = _is_of(session, behind.scope)

    def latest(before: datetime) -> datetime | None:
        started = select(func.max(Clock.started_at)).where(Clock.started_at < before)
        return session.scalar(started.where(*these))

    def look(stretch: Stretch) -> tuple[int, Iterator[CaseRow]]:
        within = select(Clock.id).where(stretch.holds(Clock.started_at), *these, *meant)
        newest_first = within.order_by(Clock.started_at.desc(), Clock.case_id.desc())
        ids = session.scalars(newest_first).all()
        return len(ids), _promised(session, behind, ids)

    return walk_back(period, after, latest, look)


def _promised(session: Session, behind: Behind, clock_ids: Sequence[int]) -> Iterator[CaseRow]:
    for some in _batches(clock_ids):
        query = _select(join(Case, Clock, Clock.case_id == Case.id)).where(Clock.id.in_(some))
        for row in _rows_of(session, behind, session.execute(query).all()):
            if behind.scope.part != "topic" or any(map(behind.scope.holds, row.topics or ("",))):
                yield row


def _is_of(session: Session, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that a promise is of a scope. Topics are told apart afterwards."""
    if scope.part in ("all", "topic"):
        return []
    if scope.part == "source" and not scope.others:
        theirs = select(Case.id).join(Source, Source.id == Case.source_id)
        theirs = theirs.where(Source.key.in_(scope.values))
        few = session.scalars(theirs.limit(FEW)).all()
        if len(few) < FEW:  # all of them are found at once, and time is not walked through
            return [Clock.case_id.in_(few)]
    value = looked_up(scope.part)
    names = names_of(session, scope.part)
    if not names:
        meant: ColumnElement[bool] = value.in_(scope.values)
        return [~meant if scope.others else meant]
    ids = [each for each, name in names.items() if scope.holds(name)]
    meant = value.in_([each for each in ids if each is not None])
    return [or_(meant, value.is_(None)) if None in ids else meant]


def _select(cases_and_clocks: Any) -> Any:
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


def _fared(verdict: str, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a verdict. Raises KeyError for an unknown one."""
    late: ColumnElement[bool] = or_(
        Clock.breached_at.is_not(None), and_(Clock.state == "running", Clock.due_at < now)
    )
    stopped = Clock.state == "stopped"
    alive: ColumnElement[bool] = IS_ALIVE  # type: ignore[assignment]  # written-out SQL
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "": [Clock.state != "voided"],
        "met": [stopped, Clock.breached_at.is_(None)],
        "missed": [stopped, Clock.breached_at.is_not(None)],
        "overdue": [alive, late],
        "open": [alive, ~late],
        "answered": [stopped],
        "unanswered": [alive],
        "decided": [or_(stopped, and_(alive, late))],
        "voided": [Clock.state == "voided"],
    }
    return conditions[verdict]


def _by_fact(
    session: Session, behind: Behind, period: Period, after: tuple[datetime, int] | None
) -> Iterator[CaseRow]:
    """Yield the cases counted under a measure, found as the measure itself counts them."""

    def latest(before: datetime) -> datetime | None:
        return session.scalar(select(func.max(Case.opened_at)).where(Case.opened_at < before))

    def look(stretch: Stretch) -> tuple[int, Iterator[CaseRow]]:
        cases = Cases(session, stretch)
        meant = {
            fact.case_id
            for fact in read_facts_of(session, stretch, cases, behind.measure)
            if behind.verdict in ("", fact.verdict) and is_meant(behind.scope, fact.parts)
        }
        newest_first = sorted(
            meant, key=lambda each: (cases.rows[each].opened_at, each), reverse=True
        )
        return len(cases.rows), _first_promises(session, behind, newest_first)

    return walk_back(period, after, latest, look)


def _open_now(
    session: Session, behind: Behind, now: datetime, after: tuple[datetime, int] | None
) -> Iterator[CaseRow]:
    """Yield the cases that are open at this moment, each with the first of its open promises."""
    ids = [
        case.case_id
        for case in read_waiting(session, behind.scope, now)
        if case.fares(behind.verdict) and (after is None or (case.opened_at, case.case_id) < after)
    ]
    yield from _first_promises(session, behind, ids, alive=True)


def _first_promises(
    session: Session, behind: Behind, case_ids: Sequence[int], *, alive: bool = False
) -> Iterator[CaseRow]:
    """Yield cases in their order, each with the first of its promises, or of those still open."""
    for some in _batches(case_ids):
        first = select(func.min(Clock.id)).where(Clock.case_id.in_(some))
        if alive:
            first = first.where(IS_ALIVE)
        its_own = and_(Clock.case_id == Case.id, Clock.id.in_(first.group_by(Clock.case_id)))
        query = _select(outerjoin(Case, Clock, its_own)).where(Case.id.in_(some))
        yield from _rows_of(session, behind, session.execute(query).all())


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids a few at a time, few at first: whoever shows a page stops then."""
    begin, number = 0, AT_FIRST
    while begin < len(ids):
        yield ids[begin : begin + number]
        begin, number = begin + number, AT_ONCE


def _rows_of(session: Session, behind: Behind, rows: Sequence[Any]) -> list[CaseRow]:
    """Return rows with their topics, the newest first."""
    these = Mention.id.in_([row.mention_id for row in rows])
    topics = topics_of(session, select(Mention.id).where(these))
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
