"""The rows that a sighting becomes, as the platform's terms let us keep it."""

from __future__ import annotations

from datetime import datetime
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
    with_answer_time: bool,
) -> dict[str, Any]:
    """Return the row of a new mention.

    All rows of one insertion have the same columns, so `with_answer_time` is one for all of
    them. Columns that hardly any mention fills are left out: each costs a conversion a row.
    """
    found = sighting.found
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
        "addressed_to_us": found.addressed_to_us,
        "locked": found.locked,
        "raw": found.raw,
    }
    if source.keep_seconds is not None:
        row["recheck_at"], row["keep_until"] = recheck_and_end(source.keep_seconds, now)
    if with_answer_time:
        row["our_reply_at"] = found.our_reply_at
    return row if source.may_store else row | NO_WORDS


def assessment_row(
    source: Keeping, sighting: Sighting, now: datetime, mention_id: int, revision: int
) -> dict[str, Any]:
    """Return the row of what was judged of one revision."""
    judgement = sighting.judged
    reasons = list(judgement.reasons)
    return {
        "mention_id": mention_id,
        "revision": revision,
        "language": judgement.language,
        "sentiment": judgement.sentiment,
        "complaint_probability": judgement.complaint_probability,
        "threshold": judgement.threshold,
        "complaint": judgement.complaint,
        "unsure": judgement.unsure,
        "urgency": judgement.urgency,
        "urgency_score": judgement.urgency_score,
        "topics": list(judgement.topics),
        "intent": judgement.intent,
        "spam": judgement.spam,
        "signals": list(judgement.signals),
        "reasons": reasons if source.may_store else reasons_to_keep(reasons, may_store=False),
        "model": judgement.model,
        "assessed_at": now,
    }
