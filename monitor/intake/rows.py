"""The rows that a sighting becomes, as the platform's terms let us keep it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.intake.sighting import Sighting
from monitor.intake.terms import reasons_to_keep, recheck_and_end
from monitor.models import Source

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


def mention_row(
    source: Source,
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
    row = {
        "source_id": source.id,
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


def assessment_row(
    source: Source, sighting: Sighting, now: datetime, mention_id: int, revision: int
) -> dict[str, Any]:
    """Return the row of what was judged of one revision."""
    judgement = sighting.judged
    return {
        "mention_id": mention_id,
        "revision": revision,
        "language": judgement.language,
        "sentiment": judgement.sentiment,
        "complaint_probability": judgement.complaint_probability,
        "complaint": judgement.complaint,
        "urgency": judgement.urgency,
        "topics": list(judgement.topics),
        "spam": judgement.spam,
        "reasons": reasons_to_keep(judgement.reasons, may_store=source.may_store),
        "model": judgement.model,
        "assessed_at": now,
    }
