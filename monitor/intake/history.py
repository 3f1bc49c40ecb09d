"""Tells what was said before we began to listen: it is stored, and opens no case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import FoundMention
from monitor.intake.sighting import Sighting, fraction
from monitor.models import Assessment, Mention, Source

LISTED_LATE = timedelta(days=1)
"""What shows up after the first walk has ended is news although it was said so much earlier:
platforms list late what they look through, and many tell the day and no hour."""


class Beginning(NamedTuple):
    """When we began to listen to a source, as of one page.

    What was last said before `since` is history (None: nothing is). `untimed` tells that what
    carries no time is history too. `walked`: all that stood there at first has been read.
    """

    since: datetime | None
    untimed: bool
    walked: bool = False

    def comes_after(self, found: FoundMention, *, new: bool = False) -> bool:
        """Tell whether this was last said before we began to listen.

        `new`: it was never listed before, so that it may have been listed late.
        """
        if self.since is None:
            return False
        said = found.edited_at or found.created_at
        if said is None:
            return self.untimed
        return said < self.since - (LISTED_LATE if new and self.walked else timedelta())


def beginning_of(source: Source, now: datetime) -> Beginning:
    """Return when we began to listen to a source.

    Where the platform tells no time, what is found before the first walk through all that
    stands there has ended is history. A walk that is interrupted goes on, so it ends once.
    """
    since, walked = source.backfill_since, False
    if since is None and source.begins_with_history:
        since, walked = source.watched_since or now, source.caught_up_at is not None
    return Beginning(since, source.begins_with_history and source.caught_up_at is None, walked)


NEWS = Beginning(None, untimed=False)
"""Nothing is history: the platform told of it by itself."""


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
