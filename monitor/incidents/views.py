"""What every face shows of incidents. A number here counts what can still be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from monitor.incidents.words import KIND_WORDS, one_of, signs_of
from monitor.intake.sighting import stars
from monitor.models import Brand, Case, Incident, IncidentMention, Mention, Source

EXCERPT = 200
MEMBERS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in a list."""

    id: int
    kind: str
    title: str
    topic: str
    brand: str
    size: int
    began_at: datetime
    last_at: datetime
    ended_at: datetime | None

    @property
    def ref(self) -> str:
        """The name people use for it, as in ``I-7``."""
        return f"I-{self.id}"

    @property
    def kind_words(self) -> str:
        """What kind it is, for people."""
        return KIND_WORDS.get(self.kind, self.kind)

    @property
    def one_of(self) -> str:
        """What the page of one of its mentions says: ``one of 42 about the same thing``."""
        return one_of(self.kind, self.size)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One mention of an incident, with its case where it has one."""

    mention_id: int
    case_id: int | None
    case_state: str
    author: str
    source: str
    stars: float | None
    said_at: datetime
    excerpt: str
    url: str

    @property
    def case_ref(self) -> str:
        """The name of its case, or nothing."""
        return f"C-{self.case_id}" if self.case_id is not None else ""


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with what it was recognised by and its first `MEMBERS_SHOWN` mentions."""

    line: IncidentLine
    signs: tuple[str, ...]
    members: tuple[MemberLine, ...]


def read_lines(
    session: Session, *, ended: bool = False, limit: int = 200
) -> Sequence[IncidentLine]:
    """Return the open incidents, or all where `ended` is wanted too, the latest first."""
    where = [] if ended else [Incident.ended_at.is_(None)]
    return _lines(session, *where, limit=limit)


def read_of_case(session: Session, case_id: int) -> Sequence[IncidentLine]:
    """Return the incidents that the mention of a case belongs to, the latest first."""
    mine = (
        select(IncidentMention.incident_id)
        .join(Case, Case.mention_id == IncidentMention.mention_id)
        .where(Case.id == case_id)
    )
    return _lines(session, Incident.id.in_(mine))


def read_line(session: Session, incident_id: int) -> tuple[IncidentLine, Sequence[str]] | None:
    """Return one incident in a line, and what it was recognised by; None where there is none."""
    lines = _lines(session, Incident.id == incident_id)
    if not lines:
        return None
    detail = session.scalars(select(Incident.detail).where(Incident.id == incident_id)).one()
    return lines[0], signs_of(detail)


def read_incident(session: Session, incident_id: int) -> IncidentView | None:
    """Return one incident; None where there is none of that number."""
    found = read_line(session, incident_id)
    if found is None:
        return None
    line, signs = found
    rows = session.execute(
        select(
            Mention,
            Case.id.label("case_id"),
            Case.state.label("case_state"),
            Source.title.label("source"),
            Source.key.label("source_key"),
        )
        .join(IncidentMention, IncidentMention.mention_id == Mention.id)
        .join(Source, Source.id == Mention.source_id)
        .outerjoin(Case, Case.mention_id == Mention.id)
        .where(IncidentMention.incident_id == incident_id, Mention.state == "present")
        .order_by(func.coalesce(Mention.created_at, Mention.first_seen_at), Mention.id)
        .limit(MEMBERS_SHOWN)
    )
    members = tuple(
        MemberLine(
            mention_id=row.Mention.id,
            case_id=row.case_id,
            case_state=row.case_state or "",
            author=row.Mention.author_name,
            source=row.source or row.source_key,
            stars=stars(row.Mention.rating, row.Mention.rating_min, row.Mention.rating_max),
            said_at=row.Mention.created_at or row.Mention.first_seen_at,
            excerpt=_excerpt(row.Mention),
            url=row.Mention.url,
        )
        for row in rows
    )
    return IncidentView(line, tuple(signs), members)


def _lines(
    session: Session, *where: ColumnElement[bool], limit: int | None = None
) -> Sequence[IncidentLine]:
    present = (
        select(func.count())
        .select_from(IncidentMention)
        .join(Mention, Mention.id == IncidentMention.mention_id)
        .where(IncidentMention.incident_id == Incident.id, Mention.state == "present")
        .scalar_subquery()
    )
    rows = session.execute(
        select(Incident, Brand.name, present.label("present"))
        .join(Brand, Brand.id == Incident.brand_id)
        .where(*where)
        .order_by(Incident.last_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    return [
        IncidentLine(
            id=row.Incident.id,
            kind=row.Incident.kind,
            title=row.Incident.title or "Nothing of it is kept",
            topic=row.Incident.topic,
            brand=row.name,
            size=row.present,
            began_at=row.Incident.began_at,
            last_at=row.Incident.last_at,
            ended_at=row.Incident.ended_at,
        )
        for row in rows
    ]


def _excerpt(mention: Mention) -> str:
    said = " ".join(f"{mention.title} {mention.text}".split())
    return said if len(said) <= EXCERPT else said[: EXCERPT - 1].rstrip() + "…"
