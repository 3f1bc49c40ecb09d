"""What stands beside a mention's own words: the brand's answer, a lock, whom it speaks to.

These change without an edit. A listing that shows no answer takes none away, for many listings
show none; locks are told by whoever knows of them, so a lock that is not told has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import FoundMention
from monitor.models import Mention

AT_ONCE = 500


def standing_otherwise(
    session: Session, found: Mapping[int, FoundMention]
) -> dict[int, FoundMention]:
    """Return those of `found`, by the mention's id, beside which something else is stored."""
    columns = (Mention.id, Mention.state, Mention.locked, Mention.our_reply)
    otherwise: dict[int, FoundMention] = {}
    for ids in _batches(found):
        rows = session.execute(select(*columns, Mention.addressed_to_us).where(Mention.id.in_(ids)))
        for row in rows:
            now = found[row.id]
            if (
                now.locked != row.locked
                or (now.addressed_to_us and not row.addressed_to_us)
                or (now.our_reply not in ("", row.our_reply) and row.state != "withheld")
            ):
                otherwise[row.id] = now
    return otherwise


def take_standing(mention: Mention, found: FoundMention) -> str:
    """Write down what stands beside a mention now; return the answer that stood there before."""
    before = mention.our_reply
    mention.locked = found.locked
    mention.addressed_to_us = mention.addressed_to_us or found.addressed_to_us
    if found.our_reply and mention.state != "withheld":
        mention.our_reply = found.our_reply
        mention.our_reply_at = found.our_reply_at
    return before


def _batches(ids: Mapping[int, FoundMention]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
