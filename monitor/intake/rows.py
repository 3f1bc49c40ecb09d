"""The rows that a sighting becomes, as the platform's terms let us keep it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from monitor.intake.sighting import Sighting
from monitor.intake.terms import reasons_to_keep, recheck_and_end

NO_WORDS: dict[str, Any] = {
    "state": "withheld",
    "author_id": None,
    "author_name": "",
    "title": "",
    "text": "",
    "rating": None,
    "rating_min": 1.0,
    "rating_max": 5.0,
    "our_reply": "",
    "raw": None,
}
"""What is stored of a mention whose platform lets us keep its id and link only."""


OPTIONAL = (
    "location_id",
    "author_id",
    "rating",
    "created_at",
    "edited_at",
    "our_reply_at",
    "recheck_at",
    "keep_until",
    "raw",
)
"""The columns that may be empty, and are on many platforms."""


class Keeping(NamedTuple):
    """What the writing of many rows needs to know of their source, read once."""

    source_id: int
    keep_seconds: float | None
    may_store: bool


def mention_row(
    source: Keeping,
    sighting: Sighting,
    now: datetime,
    *,
    location_id: int | None,
    author_id: int | None,
    history: bool,
) -> dict[str, Any]:
    """Return the row of a new mention."""
    found = sighting.found
    recheck_at, keep_until = recheck_and_end(source.keep_seconds, now)
    row: dict[str, Any] = {
        "source_id": source.source_id,
        "external_id": found.external_id,
        "location_id": location_id,
        "author_id": author_id,
        "kind": found.kind,
        "parent_external_id": found.parent_external_id,
        "author_name": found.author_name,
        "title": found.title,
        "text": found.text,
        "rating": found.rating,
        "rating_min": found.rating_min,
        "rating_max": found.rating_max,
        "language": sighting.judged.language,
        "url": found.url,
        "created_at": found.created_at,
        "edited_at": found.edited_at,
        "first_seen_at": now,
        "content_hash": sighting.hash,
        "state": "present",
        "history": history,
        "our_reply": found.our_reply,
        "our_reply_at": found.our_reply_at,
        "addressed_to_us": found.addressed_to_us,
        "locked": found.locked,
        "recheck_at": recheck_at,
        "keep_until": keep_until,
        "raw": found.raw,
    }
    return row if source.may_store else row | NO_WORDS


def without_empty_columns(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Leave out of rows, in place, the columns that none of them fills; return them.

    All rows of one insertion have the same columns, and each costs a conversion a row.
    """
    columns = zip(*map(itemgetter(*OPTIONAL), rows), strict=True)
    empty = [
        name
        for name, values in zip(OPTIONAL, columns, strict=False)  # without rows, no columns
        if values.count(None) == len(rows)
    ]
    for row in rows:
        for name in empty:
            del row[name]
    return rows


def assessment_row(
    source: Keeping, sighting: Sighting, now: datetime, mention_id: int, revision: int
) -> dict[str, Any]:
    """Return the row of what was judged of one revision."""
    judgement = sighting.judged
    details = judgement.details
    return {
        "mention_id": mention_id,
        "revision": revision,
        "language": judgement.language,
        "sentiment": details.sentiment,
        "complaint_probability": judgement.complaint_probability,
        "threshold": judgement.threshold,
        "complaint": judgement.complaint,
        "unsure": judgement.unsure,
        "urgency": details.urgency,
        "urgency_score": details.urgency_score,
        "topics": details.topics,
        "intent": details.intent,
        "spam": judgement.spam,
        "signals": details.signals,
        "reasons": reasons_to_keep(details.reasons, may_store=source.may_store),
        "model": judgement.model,
        "assessed_at": now,
    }
