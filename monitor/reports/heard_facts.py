"""Reads what was heard: mentions, their ratings and how they sound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.orm import Session

from monitor.intake.sighting import stars
from monitor.models import (
    Assessment,
    Brand,
    Case,
    Label,
    Location,
    Mention,
    Reply,
    Source,
)
from monitor.reports.fact import CURRENT, Fact, Parts, Stretch, topics_of


def heard_within(stretch: Stretch) -> Any:
    """Return the query of the mentions that belong to this time, our own replies among them."""
    return union(
        select(Mention.id).where(stretch.holds(Mention.first_seen_at), ~_is_dated_history()),
        select(Mention.id).where(stretch.holds(Mention.created_at), _is_dated_history()),
    )


def latest_heard(session: Session, before: datetime) -> datetime | None:
    """Return a time before another that no mention between the two belongs to."""
    heard = select(func.max(Mention.first_seen_at)).where(Mention.first_seen_at < before)
    written = select(func.max(Mention.created_at)).where(Mention.created_at < before)
    found = session.scalar(heard), session.scalar(written.where(_is_dated_history()))
    return max((at for at in found if at is not None), default=None)


def our_own(ids: Any) -> Any:
    """Return the query of those mentions that are replies of ours, heard on the platform again."""
    return (
        select(Mention.id)
        .join(Reply, Reply.external_id == Mention.external_id)
        .join(Case, and_(Case.id == Reply.case_id, Case.source_id == Mention.source_id))
        .where(Mention.parent_external_id != "", Mention.id.in_(ids))
    )


def read_heard(session: Session, stretch: Stretch) -> Iterator[Fact]:
    """Yield what counts of the mentions that belong to this time; our own replies do not."""
    ids = heard_within(stretch)
    ours = set(session.scalars(our_own(ids)))
    topics = topics_of(session, ids)
    labels = _said_complaints(session, ids)
    for row in session.execute(
        select(
            Mention.id,
            Mention.language,
            Mention.rating,
            Mention.rating_min,
            Mention.rating_max,
            Source.key.label("source_key"),
            Brand.key.label("brand_key"),
            Location.key.label("location_key"),
            Assessment.complaint,
            Assessment.spam,
            Assessment.sentiment,
        )
        .join(Source, Source.id == Mention.source_id)
        .join(Brand, Brand.id == Source.brand_id)
        .outerjoin(Location, Location.id == Mention.location_id)
        .outerjoin(Assessment, CURRENT)
        .where(Mention.id.in_(ids))
    ):
        if row.id in ours:
            continue
        parts: Parts = (
            ("all", ""),
            ("source", row.source_key),
            ("brand", row.brand_key),
            ("location", f"{row.brand_key}/{row.location_key}" if row.location_key else ""),
            *(("topic", topic) for topic in topics.get(row.id) or ("",)),
            ("language", row.language),
        )
        complaint = labels.get(row.id, bool(row.complaint) and not row.spam)
        yield Fact("mentions", parts, "met" if complaint else "open", mention_id=row.id)
        rating = stars(row.rating, row.rating_min, row.rating_max)
        if rating is not None:
            yield Fact("rating", parts, "met", round(rating * 100), mention_id=row.id)
        if row.sentiment is not None and not row.spam:
            yield Fact("sentiment", parts, "met", round(row.sentiment * 100), mention_id=row.id)


def _is_dated_history() -> ColumnElement[bool]:
    return and_(Mention.history.is_(True), Mention.created_at.is_not(None))


def _said_complaints(session: Session, mentions: Any) -> dict[int, bool]:
    """Return what people last said of mentions: is it a complaint."""
    said = session.execute(
        select(Label.mention_id, Label.complaint)
        .join(Mention, and_(Mention.id == Label.mention_id, Mention.revision == Label.revision))
        .where(Label.complaint.is_not(None), Label.mention_id.in_(mentions))
        .order_by(Label.id)
    )
    return {mention_id: bool(complaint) for mention_id, complaint in said}
