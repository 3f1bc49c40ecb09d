"""Reads a digest from the rows; the figures are those of the SLA report (`monitor.reports`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Assessment, Brand, Case, Clock, Label, Location, Mention, Source
from monitor.reports import TargetReport, sla_report
from responders.digest.facts import Bar, Digest, Kind, Topic, Waiting

OPEN = ("opened", "drafted", "approved")
LISTED = 5
TOPICS = 6
DAYS, WEEKS = 14, 8
"""How many bars a picture has."""

MOMENT = timedelta(microseconds=1)
"""Periods end before the moment at which the next one begins."""


def read_digest(
    session: Session, kind: Kind, since: datetime, until: datetime, now: datetime, zone: str
) -> Digest:
    """Read what happened from `since` until `until`, and what waits `now`.

    Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
    """
    report = sla_report(session, until - MOMENT, since, zone)
    first = _first_response(report.targets)
    before = since - (until - since)
    topics = _topics(session, since, until)
    earlier = _topics(session, before, since)
    open_count, overdue_count, waiting = _waiting(session, now)
    return Digest(
        kind=kind,
        at=now,
        since=since,
        until=until,
        zone=zone,
        mentions=report.mentions,
        new=report.cases,
        new_before=_opened(session, before, since),
        answered=_answered(session, since, until),
        first=first.total,
        open_count=open_count,
        overdue_count=overdue_count,
        waiting=waiting,
        topics=tuple(
            Topic(name, count, earlier[name]) for name, count in topics.most_common(TOPICS)
        ),
        sources=_sources(session, since, until),
        bars=_bars(session, kind, until, zone),
    )


def _first_response(targets: Sequence[TargetReport]) -> TargetReport:
    return next(each for each in targets if each.target == "first_response")


def _opened(session: Session, since: datetime, until: datetime) -> int:
    counted = select(func.count()).where(Case.opened_at >= since, Case.opened_at < until)
    return session.scalars(counted).one()


def _answered(session: Session, since: datetime, until: datetime) -> int:
    counted = select(func.count()).where(
        Clock.target == "first_response",
        Clock.state == "stopped",
        Clock.stopped_at >= since,
        Clock.stopped_at < until,
    )
    return session.scalars(counted).one()


def _topics(session: Session, since: datetime, until: datetime) -> Counter[str]:
    """Count what the cases of a period are about; what a person last said of one counts first."""
    period = (Case.opened_at >= since, Case.opened_at < until)
    # The latest word on the topics of a revision has the highest number.
    words = session.execute(
        select(Label.mention_id, Label.topics)
        .join(Mention, (Mention.id == Label.mention_id) & (Mention.revision == Label.revision))
        .join(Case, Case.mention_id == Mention.id)
        .where(Label.topics.is_not(None), *period)
        .order_by(Label.id)
    )
    said: dict[int, list[str]] = {mention_id: topics or [] for mention_id, topics in words}
    judged = session.execute(
        select(Mention.id, Assessment.topics)
        .join(Case, Case.mention_id == Mention.id)
        .outerjoin(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .where(*period)
    )
    counted: Counter[str] = Counter()
    for mention_id, topics in judged:
        counted.update(set(said.get(mention_id, topics or [])))
    # The same count in the order of the alphabet, so that a picture is the same twice.
    return Counter(dict(sorted(counted.items())))


def _sources(session: Session, since: datetime, until: datetime) -> tuple[tuple[str, int], ...]:
    rows = session.execute(
        select(Source.title, Source.key, func.count())
        .join(Case, Case.source_id == Source.id)
        .where(Case.opened_at >= since, Case.opened_at < until)
        .group_by(Source.id, Source.title, Source.key)
        .order_by(func.count().desc(), Source.key)
    )
    return tuple((title or key, count) for title, key, count in rows)


def _waiting(session: Session, now: datetime) -> tuple[int, int, tuple[Waiting, ...]]:
    """Return how many cases are open, how many of them overdue, and the most pressing few."""
    due = (
        select(Clock.case_id, func.min(Clock.due_at).label("due_at"))
        .where(Clock.state == "running")
        .group_by(Clock.case_id)
        .subquery()
    )
    pressing = (
        select(
            Case.id,
            Case.urgency,
            Case.assignee,
            Case.opened_at,
            Source.title,
            Source.key,
            Brand.name,
            Location.name.label("location"),
            due.c.due_at,
        )
        .join(Source, Source.id == Case.source_id)
        .join(Brand, Brand.id == Case.brand_id)
        .outerjoin(Location, Location.id == Case.location_id)
        .outerjoin(due, due.c.case_id == Case.id)
        .where(Case.state.in_(OPEN))
        .order_by(due.c.due_at.is_(None), due.c.due_at, Case.opened_at, Case.id)
        .limit(LISTED)
    )
    waiting = tuple(
        Waiting(
            case_id=row.id,
            place=", ".join(
                part for part in (row.title or row.key, row.location or row.name) if part
            ),
            urgency=row.urgency,
            assignee=row.assignee,
            opened_at=row.opened_at,
            due_at=row.due_at,
        )
        for row in session.execute(pressing)
    )
    open_count = session.scalars(select(func.count()).where(Case.state.in_(OPEN))).one()
    overdue = (
        select(func.count())
        .select_from(Case)
        .join(due, due.c.case_id == Case.id)
        .where(Case.state.in_(OPEN), due.c.due_at < now)
    )
    return open_count, session.scalars(overdue).one(), waiting


def _bars(session: Session, kind: Kind, until: datetime, zone: str) -> tuple[Bar, ...]:
    """Return the last days, or weeks, in order; those without a complaint are there as well.

    The newest is one of which at least half has passed: told in the morning, today would look as
    if hardly anything came.
    """
    step, count = (7, WEEKS) if kind == "weekly" else (1, DAYS)
    half = timedelta(days=step) / 2
    last = _begin((until - half).astimezone(ZoneInfo(zone)).date(), step)
    begins = [last - timedelta(days=step * back) for back in range(count - 1, -1, -1)]
    start = datetime.combine(begins[0], datetime.min.time(), ZoneInfo(zone))
    report = sla_report(session, until - MOMENT, start, zone)
    bars = {begin: Bar(begin, 0, 0, 0, 0) for begin in begins}
    for day, figures in _first_response(report.targets).by_day:
        begin = _begin(day, step)
        if begin in bars:
            told, bar = figures.attainment, bars[begin]
            bars[begin] = Bar(
                begin,
                bar.met + told.met,
                bar.missed + told.missed,
                bar.overdue + told.open_overdue,
                bar.in_time + told.open_in_time,
            )
    return tuple(bars.values())


def _begin(day: date, step: int) -> date:
    return day if step == 1 else day - timedelta(days=day.weekday())
