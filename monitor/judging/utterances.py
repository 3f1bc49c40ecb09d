"""A stored mention as the assessor is asked about it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from monitor.assess import Utterance
from monitor.judging.ratings import fraction
from monitor.judging.shares import learned_share


def utterance_of(row: Row[Any]) -> Utterance:
    """What is judged of a row with a mention, its assessment's language, its source and brand."""
    return Utterance(
        text=row.text,
        title=row.title,
        rating=fraction(row.rating, row.rating_min, row.rating_max),
        # What the platform said of the language is not kept beside what was judged of it.
        language="" if row.language == "und" else row.language,
        kind=row.kind,
        share=learned_share(row.judged, row.complaint_share),
        brand=row.brand,
    )
