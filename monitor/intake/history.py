"""Tells what was said before we began to listen: it is stored, and opens no case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import FoundMention
from monitor.intake.sighting import Sighting, fraction
from monitor.models import Assessment, Mention, Source


def was_said_before_we_listened(source: Source, found: FoundMention, now: datetime) -> bool:
    """Tell whether this was last said before we began to listen to the source.

    Where the platform tells no time, what is found before the first walk through all that
    stands there has ended is history. A walk that is interrupted goes on, so it ends once.
    """
    since = source.backfill_since
    if since is None and source.begins_with_history:
        since = source.watched_since or now
    if since is None:
        return False
    said = found.edited_at or found.created_at
    if said is not None:
        return said < since
    return source.begins_with_history and source.caught_up_at is None


def stays_history(session: Session, mention: Mention, sighting: Sighting) -> bool:
    """Tell whether an edit, by its time, leaves an old mention what it is.

    Many platforms tell no time of an edit, and a page that is rendered anew looks like one. A
    lower rating, or words that have become a complaint, are the author's doing.
    """
    found = sighting.found
    if not mention.history:
        return False
    before = fraction(mention.rating, mention.rating_min, mention.rating_max)
    now = fraction(found.rating, found.rating_min, found.rating_max)
    if before is not None and now is not None and now < before:
        return False
    if not sighting.judged.complaint:
        return True
    was_complaint = session.scalars(
        select(Assessment.complaint).where(
            Assessment.mention_id == mention.id, Assessment.revision == mention.revision
        )
    ).first()
    return was_complaint is not False
