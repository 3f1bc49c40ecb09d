"""Puts what is delivered in order: senders repeat, reorder, and speak of what is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Text, cast, select

from connectors.base import Connector, FoundMention, MentionRef, Page, Problem
from monitor.db import Database
from monitor.intake.confirming import is_gone
from monitor.intake.sighting import bounded, clean
from monitor.models import Delivery, Mention, Revision


def without_overtaken(
    database: Database, source_id: int, page: Page, received_at: datetime
) -> Page:
    """Leave out of a delivery that had to wait what was heard in other words since it came.

    Words that carry the time of their edit are compared by that instead.
    """
    timeless = {
        bounded(one.external_id): one
        for one in page.mentions
        if not one.deleted and one.edited_at is None
    }
    with database.read() as session:
        replaced = select(Revision.id).where(
            Revision.mention_id == Mention.id, Revision.replaced_at > received_at
        )
        heard = session.scalars(
            select(Mention.external_id).where(
                Mention.source_id == source_id,
                Mention.external_id.in_(timeless),
                (Mention.first_seen_at > received_at) | replaced.exists(),
            )
        ).all()
    overtaken = {id(timeless[ident]) for ident in heard}
    kept = tuple(one for one in page.mentions if id(one) not in overtaken)
    return replace(page, mentions=kept)


def in_order(
    database: Database, source_id: int, page: Page, connector: Connector, since: datetime
) -> Page:
    """Return the page with each word's own time, without older words of what was deleted.

    An item that was called deleted `since` is read again, where the platform lets us, before
    a late word of it is believed.
    """
    mentions = [_timed(clean(one)) for one in page.mentions]
    said = {one.external_id for one in mentions if not one.deleted}
    if not said:
        return replace(page, mentions=tuple(mentions))
    with database.read() as session:
        told = session.scalars(
            select(Delivery.deleted_ids).where(
                Delivery.source_id == source_id,
                Delivery.received_at > since,
                Delivery.body.is_(None),
                cast(Delivery.deleted_ids, Text) != "[]",  # hardly any tells of a deletion
            )
        )
        dead = {ident for ids in told for ident in ids} & said
    kept: list[FoundMention] = []
    problems = list(page.problems)
    for found in mentions:
        if (
            found.deleted
            or found.external_id not in dead
            or not is_gone(connector, MentionRef(found.external_id, url=found.url))
        ):
            kept.append(found)
        else:
            reason = "an older word of it was delivered after its deletion"
            problems.append(Problem(f"delivery of {found.external_id[:100]}", reason))
    return replace(page, mentions=tuple(kept), problems=tuple(problems))


def _timed(found: FoundMention) -> FoundMention:
    """Give a word the time at which it was said, so that an older one never replaces it."""
    if not found.deleted and found.edited_at is None:
        found.edited_at = found.created_at
    return found
