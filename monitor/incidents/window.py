"""Reads what was heard lately of a brand, what is usual there, and which incidents stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from monitor.assess.alike import words_of
from monitor.assess.causes import ANY_TOPIC
from monitor.assess.rates import FEWEST_HOURS, Usual
from monitor.assess.voices import LOWEST, Heard
from monitor.assess.waves import LOWEST_KEY
from monitor.incidents.changes import Standing
from monitor.intake.sighting import fraction
from monitor.models import Assessment, Incident, IncidentMention, Location, Mention, Source

LATELY = timedelta(days=7)
"""Copies are found among what was said in this time."""

JUST_NOW = timedelta(hours=24)
"""Bursts are found among what was said in this time; what was said before tells what is usual."""

BEFORE = timedelta(days=28)
MOST_LATELY = 5_000
MOST_BEFORE = 20_000
MOST_BACKGROUND = 400
"""At most so many mentions of a brand are read, the newest first, so that a flood of them cannot
make the job slow."""

DAY_ONLY = timedelta(hours=36)

WORTH_READING = or_(
    and_(Assessment.complaint, Assessment.spam.is_(False)),
    Mention.rating - Mention.rating_min <= LOWEST * (Mention.rating_max - Mention.rating_min),
)
"""Holds of complaints and of lowest ratings."""


def read_lately(session: Session, brand_id: int, now: datetime) -> list[Heard]:
    """Return the complaints and lowest ratings heard of a brand in the last days."""
    rows = session.execute(
        _mentions(brand_id)
        .where(
            Mention.first_seen_at >= now - LATELY,
            Mention.history.is_(False),
            WORTH_READING,
        )
        .order_by(Mention.first_seen_at.desc(), Mention.id.desc())
        .limit(MOST_LATELY)
    ).all()
    known = _known_authors(session, rows)
    return [_heard(row, known=row.author_id in known) for row in rows]


def read_background(session: Session, brand_id: int, now: datetime) -> list[Heard]:
    """Return some of what was said of a brand before, good or bad, history or not."""
    rows = session.execute(
        _mentions(brand_id)
        .where(Mention.first_seen_at < now - JUST_NOW)
        .order_by(Mention.first_seen_at.desc(), Mention.id.desc())
        .limit(MOST_BACKGROUND)
    )
    return [_heard(row) for row in rows]


def read_usual(session: Session, brand_id: int, now: datetime) -> tuple[Usual, set[int]]:
    """Return what is usual of a brand, and the sources that were listened to for long enough.

    What belongs to an incident is not usual, and is left out. Of a source that is new nobody
    knows what is usual there: it counts on neither side.
    """
    until = now - JUST_NOW
    in_incident = (
        select(IncidentMention.mention_id).where(IncidentMention.mention_id == Mention.id).exists()
    )
    rows = session.execute(
        _mentions(brand_id, *_COUNTED)
        .where(
            Mention.first_seen_at < until,
            Mention.first_seen_at >= now - BEFORE,
            Mention.history.is_(False),
            WORTH_READING,
            ~in_incident,
        )
        .order_by(Mention.first_seen_at.desc(), Mention.id.desc())
        .limit(MOST_BEFORE)
    ).all()
    since = now - BEFORE if len(rows) < MOST_BEFORE else rows[-1].first_seen_at
    hours = _hours_heard(session, brand_id, since, until, rows)
    keys: Counter[str] = Counter()
    per_hour: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        if row.source_id in hours:
            for key in _keys(row):
                keys[key] += 1
                per_hour[key] += 1 / hours[row.source_id]
    return Usual(dict(keys), dict(per_hour), max(hours.values(), default=0.0)), set(hours)


def read_standing(session: Session, brand_id: int) -> list[Standing]:
    """Return the open incidents of a brand, the oldest first."""
    rows = session.scalars(
        select(Incident)
        .where(Incident.brand_id == brand_id, Incident.ended_at.is_(None))
        .order_by(Incident.id)
    ).all()
    members: defaultdict[int, set[int]] = defaultdict(set)
    pairs = select(IncidentMention.incident_id, IncidentMention.mention_id).where(
        IncidentMention.incident_id.in_([row.id for row in rows])
    )
    for incident_id, mention_id in session.execute(pairs):
        members[incident_id].add(mention_id)
    return [
        Standing(
            id=row.id,
            kind=row.kind,
            topic=row.topic,
            words=tuple(row.detail.get("words", ())),
            last_at=row.last_at,
            mentions=frozenset(members[row.id]),
        )
        for row in rows
    ]


def read_told(session: Session, mentions: Collection[int]) -> dict[str, set[int]]:
    """Return which of these mentions belong to an incident that has ended, by its kind."""
    told: dict[str, set[int]] = {}
    ids = sorted(mentions)
    for start in range(0, len(ids), 1_000):
        rows = session.execute(
            select(Incident.kind, IncidentMention.mention_id)
            .join(Incident, Incident.id == IncidentMention.incident_id)
            .where(
                IncidentMention.mention_id.in_(ids[start : start + 1_000]),
                Incident.ended_at.is_not(None),
            )
        )
        for kind, mention_id in rows:
            told.setdefault(kind, set()).add(mention_id)
    return told


_READ = (
    Mention.id,
    Mention.source_id,
    Mention.author_id,
    Mention.author_name,
    Mention.title,
    Mention.text,
    Mention.rating,
    Mention.rating_min,
    Mention.rating_max,
    Mention.created_at,
    Mention.first_seen_at,
    Assessment.complaint,
    Assessment.spam,
    Assessment.topics,
    Location.name.label("place"),
)
_COUNTED = (
    Mention.source_id,
    Mention.first_seen_at,
    Mention.rating,
    Mention.rating_min,
    Mention.rating_max,
    Assessment.complaint,
    Assessment.spam,
    Assessment.topics,
)


AS_READ_NOW = and_(Assessment.mention_id == Mention.id, Assessment.revision == Mention.revision)


def _mentions(brand_id: int, *columns: Any) -> Select[Any]:
    """Select the mentions of a brand as they read now, with how they were judged."""
    return (
        select(*(columns or _READ))
        .join(Source, Source.id == Mention.source_id)
        .join(Assessment, AS_READ_NOW)
        .outerjoin(Location, Location.id == Mention.location_id)
        .where(Source.brand_id == brand_id, Mention.state == "present")
    )


def _heard(row: Row[Any], *, known: bool = False) -> Heard:
    title = "" if row.text.startswith(row.title) else row.title
    return Heard(
        mention=row.id,
        said_at=said_at(row.created_at, row.first_seen_at),
        words=words_of(f"{title} {row.text}"),
        complaint=row.complaint and not row.spam,
        topics=tuple(row.topics),
        rating=fraction(row.rating, row.rating_min, row.rating_max),
        author="" if row.author_id is None else str(row.author_id),
        name=row.author_name,
        known=known,
        source=row.source_id,
        location=row.place or "",
    )


def said_at(created_at: datetime | None, first_seen_at: datetime) -> datetime | None:
    """Return when something was said, as well as that is known; None where it is not.

    A platform that tells the day alone shows midnight; what we heard soon after was said when
    we heard it. Without any time, many rows of one file would look like one moment.
    """
    if created_at is None:
        return None
    day_only = (created_at.hour, created_at.minute, created_at.second) == (0, 0, 0)
    if created_at > first_seen_at or (day_only and first_seen_at - created_at <= DAY_ONLY):
        return first_seen_at
    return created_at


def _known_authors(session: Session, rows: Sequence[Row[Any]]) -> set[int]:
    """Return the authors of these mentions who were heard before all of these were."""
    authors = sorted({row.author_id for row in rows if row.author_id is not None})
    if not authors:
        return set()
    first: dict[int, datetime] = {}
    for row in rows:
        if row.author_id is not None:
            first[row.author_id] = min(
                row.first_seen_at, first.get(row.author_id, row.first_seen_at)
            )
    known: set[int] = set()
    for start in range(0, len(authors), 1_000):
        earliest = session.execute(
            select(Mention.author_id, func.min(Mention.first_seen_at))
            .where(Mention.author_id.in_(authors[start : start + 1_000]))
            .group_by(Mention.author_id)
        )
        known |= {author for author, at in earliest if author and at < first[author]}
    return known


def _hours_heard(
    session: Session,
    brand_id: int,
    since: datetime,
    until: datetime,
    rows: Sequence[Row[Any]],
) -> dict[int, float]:
    """Return for how many hours each source was listened to before, of those that are not new."""
    first_heard: dict[int, datetime] = {}
    for row in rows:
        first_heard[row.source_id] = row.first_seen_at  # the newest come first
    watched = session.execute(
        select(Source.id, Source.watched_since).where(Source.brand_id == brand_id)
    )
    hours = {}
    for source_id, began in watched:
        start = max(since, began or first_heard.get(source_id, until))
        span = (until - start).total_seconds() / 3600
        if span >= FEWEST_HOURS:
            hours[source_id] = span
    return hours


def _keys(row: Row[Any]) -> set[str]:
    keys = {*row.topics, ANY_TOPIC} if row.complaint and not row.spam else set()
    share = fraction(row.rating, row.rating_min, row.rating_max)
    if share is not None and share <= LOWEST:
        keys.add(LOWEST_KEY)
    return keys
