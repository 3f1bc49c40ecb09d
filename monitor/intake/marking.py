"""Makes a case of a stored mention that a person calls a complaint."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.labels import topics_said
from monitor.cases.opening import Complaint, written_at
from monitor.intake.sighting import stars
from monitor.models import Assessment, Brand, Location, Mention, Source

BY_HAND = "a person says that it is a complaint"


def complaint_of(session: Session, mention: Mention, opened_by: str) -> Complaint:
    """Return what `monitor.cases.opening` needs to open a case for `mention` as it reads now."""
    source = session.get_one(Source, mention.source_id)
    brand_key = session.scalars(select(Brand.key).where(Brand.id == source.brand_id)).one()
    location = session.get(Location, mention.location_id) if mention.location_id else None
    judged = session.scalars(
        select(Assessment).where(
            Assessment.mention_id == mention.id, Assessment.revision == mention.revision
        )
    ).first()
    topics = topics_said(session, mention.id, mention.revision)
    if topics is None:
        topics = tuple(judged.topics) if judged is not None else ()
    return Complaint(
        mention_id=mention.id,
        source_id=source.id,
        source_key=source.key,
        brand_id=source.brand_id,
        brand_key=brand_key,
        location_id=mention.location_id,
        location_key=location.key if location is not None else "",
        author_id=mention.author_id,
        stars=stars(mention.rating, mention.rating_min, mention.rating_max),
        language=mention.language,
        urgency=judged.urgency if judged is not None else "normal",
        reasons=(BY_HAND,),
        opened_by=opened_by,
        topics=topics,
        reach=mention.author.reach if mention.author else None,
        written_at=written_at(mention),
    )
