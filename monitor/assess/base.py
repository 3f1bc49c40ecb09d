"""What a judgement of one text looks like, and the contract of those who judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

URGENCIES = ("low", "normal", "high", "urgent")

TOPICS = (
    "waiting",
    "staff",
    "quality",
    "price",
    "billing",
    "delivery",
    "cleanliness",
    "booking",
    "app_fault",
    "refund",
    "safety",
    "legal",
    "discrimination",
    "distress",
    "other",
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was judged of one text; every number comes with reasons a person can read.

    ``language`` is an ISO 639-1 code or ``und``; ``language_confidence`` and
    ``complaint_probability`` lie in 0..1, ``sentiment`` in -1..1. ``complaint`` is true when the
    probability reaches the assessor's threshold. ``urgency`` is one of `URGENCIES`, ``topics``
    are some of `TOPICS` and may be empty: ``other`` is a complaint about none of the rest;
    ``legal``, ``discrimination`` and ``distress`` are urgent matters, which an answer must
    treat with care. ``reasons`` is never empty for a complaint. ``model``
    names the version that judged, so that a later model can judge again.
    """

    language: str
    language_confidence: float
    sentiment: float
    complaint_probability: float
    complaint: bool
    urgency: str
    topics: tuple[str, ...]
    spam: bool
    reasons: tuple[str, ...]
    model: str


class Assessor(Protocol):
    """Judges texts. Pure: equal input gives an equal assessment, and no input raises."""

    version: str

    def assess(
        self, text: str, *, title: str = "", rating: float | None = None, language: str = ""
    ) -> Assessment:
        """Judge one text.

        ``rating`` is normalised to 0..1 (one star of five is 0, five stars are 1) or None;
        ``language`` is a hint such as ``de`` or ``en_US``, or empty.
        """
        ...

    def assess_many(self, items: Sequence[tuple[str, str, float | None, str]]) -> list[Assessment]:
        """Judge many (text, title, rating, language), in order; the same as `assess` of each."""
        ...
