"""Learns how many of a source's texts complain, from how they are judged.

What is learned is handed to the assessor with the next texts of the source, which judges by it, and
its probabilities are learned from in turn: expectation and maximisation, a page at a time (Saerens,
Latinne and Decaestecker, Neural Computation 14, 2002; Cappé and Moulines, Journal of the Royal
Statistical Society B 71, 2009). A rating says more of its text than any probability, so it counts
in its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from monitor.models import Brand, Source

REMEMBERED = 500
"""About so many of the last texts count; what lies further back fades."""

ENOUGH = 50
"""From so many texts on the share is worth judging by."""

UNHAPPY = 0.25
"""A rating of at most this share of its scale, two stars of five, is a complaint."""

# Built once: it is asked with every page that brings something new.
_KNOWN = (
    select(Source.judged, Source.complaint_share, Brand.key)
    .join(Brand, Brand.id == Source.brand_id)
    .where(Source.id == bindparam("source"))
)

Judged = tuple[float, float | None]
"""The complaint probability of a text, and its rating as a share 0..1 of its scale, if any."""


def learn_share(source: Source, texts: Iterable[Judged]) -> None:
    """Count newly judged texts of a source in; its row is written by whoever holds it."""
    judged = source.judged
    share = source.complaint_share or 0.0
    for probability, rating in texts:
        judged += 1
        told = probability if rating is None else float(rating <= UNHAPPY)
        share += (told - share) / min(judged, REMEMBERED)
    if judged != source.judged:
        source.judged, source.complaint_share = judged, share


def learned_share(judged: int, complaint_share: float | None) -> float | None:
    """Return the share to judge a source's texts by; None until enough of them were judged."""
    if complaint_share is None or judged < ENOUGH:
        return None
    return complaint_share


def share_and_brand(connection: Connection, source_id: int) -> tuple[float | None, str]:
    """Return what the texts of a source are judged with: its share, if learned, and its brand."""
    judged, complaint_share, brand = connection.execute(_KNOWN, {"source": source_id}).one()
    return learned_share(judged, complaint_share), brand
