"""Lists the cases behind a number, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, join, outerjoin

from monitor.models import Case, Clock, Source
from monitor.reports.alive import IS_ALIVE, looked_up, names_of
from monitor.reports.case_facts import Cases
from monitor.reports.case_rows import CaseRow, place_of, read_rows, rows_from
from monitor.reports.fact import Stretch, is_meant, topics_of
from monitor.reports.facts import read_facts_of
from monitor.reports.measures import STAGES
from monitor.reports.period import Period
from monitor.reports.report import Behind
from monitor.reports.scope import Scope
from monitor.reports.waiting import OPEN_NOW, read_waiting
from monitor.reports.walking import FIRST, walk_back
from monitor.sla import TARGETS

VERDICTS = ("met", "missed", "overdue", "open", "answered", "unanswered", "decided", "voided")
"""How those behind a number may have fared; without one all are meant that are counted."""

AT_FIRST, AT_ONCE = 60, 500
"""So many rows are read together: first as many as a page shows, and at most so many for a file."""
FIRST_IDS = timedelta(hours=4)
"""So far back promises are looked for at first: until one is shown, only its id is read."""
IDS_TO_A_ROW = 10
"""So many ids that are looked through for a topic count as one that is found."""
FIRST_RARE = timedelta(hours=3)
"""So far back is looked at first for what only some customers did."""
FEW = 200
"""A source of fewer cases is small: all of them are looked up in no time."""


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

    def look(stretch: Stretch) -> tuple[int, Sequence[int]]:
        within = select(Clock.id).where(stretch.holds(Clock.started_at), *these, *meant)
        newest_first = within.order_by(Clock.started_at.desc(), Clock.case_id.desc())
        ids = session.scalars(newest_first).all()
        found = _about(session, behind.scope, ids, within)
        return max(len(found), len(ids) // IDS_TO_A_ROW), found

    for some in _batches(walk_back(period, after, latest, look, FIRST_IDS)):
        query = rows_from(join(Case, Clock, Clock.case_id == Case.id))
        yield from read_rows(session, behind, query.where(Clock.id.in_(some)))


def _about(
    session: Session, scope: Scope, clock_ids: Sequence[int], same: Select[int]
) -> Sequence[int]:
    """Leave out promises on other topics, before all is read that is shown of them.

    The query finds the `same` clocks, for a long list of ids costs more than to look once more.
    """
    if scope.part != "topic":
        return clock_ids
    theirs = join(Case, Clock, Clock.case_id == Case.id)
    mention_of = select(Clock.id, Case.mention_id).select_from(theirs).where(Clock.id.in_(same))
    mentions: dict[int, int] = dict(session.execute(mention_of).all())
    topics = topics_of(session, mention_of.with_only_columns(Case.mention_id))
    return [
        each for each in clock_ids if any(map(scope.holds, topics.get(mentions[each]) or ("",)))
    ]


def _is_of(session: Session, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that a promise is of a scope. Topics are told apart by `_about`."""
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

    def look(stretch: Stretch) -> tuple[int, Sequence[int]]:
        cases = Cases(session, stretch, with_topics=behind.scope.part == "topic")
        meant = {
            fact.case_id
            for fact in read_facts_of(session, stretch, cases, behind.measure)
            if behind.verdict in ("", fact.verdict) and is_meant(behind.scope, fact.parts)
        }
        newest_first = sorted(
            meant, key=lambda each: (cases.rows[each].opened_at, each), reverse=True
        )
        return len(cases.rows), newest_first

    first = FIRST if behind.measure in (*STAGES, "arrivals") else FIRST_RARE
    return _first_promises(session, behind, walk_back(period, after, latest, look, first))


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
    session: Session, behind: Behind, case_ids: Iterable[int], *, alive: bool = False
) -> Iterator[CaseRow]:
    """Yield cases in their order, each with the first of its promises, or of those still open."""
    for some in _batches(case_ids):
        first = select(func.min(Clock.id)).where(Clock.case_id.in_(some))
        if alive:
            first = first.where(IS_ALIVE)
        its_own = and_(Clock.case_id == Case.id, Clock.id.in_(first.group_by(Clock.case_id)))
        query = rows_from(outerjoin(Case, Clock, its_own)).where(Case.id.in_(some))
        yield from read_rows(session, behind, query)


def _batches(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    """Yield ids a few at a time, few at first: whoever shows a page stops then."""
    rest, number = iter(ids), AT_FIRST
    while some := list(islice(rest, number)):
        yield some
        number = min(4 * number, AT_ONCE)
