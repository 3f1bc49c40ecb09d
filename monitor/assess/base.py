"""What a judgement of one text looks like, and the contract of those who judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

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
"""The shipped taxonomy. A brand adds topics of its own in the configuration."""

INTENTS = ("complaint", "question", "suggestion", "praise", "closing", "spam", "other")
"""What a text is for. ``closing`` is how a conversation ends ("thanks, bye"); ``other`` is
everything that asks nothing of a business."""

MIXED = "mixed"
CONTRADICTION = "contradiction"


class Utterance(NamedTuple):
    """One text to judge, and what is known of it.

    ``rating`` is normalised to 0..1 (one star of five is 0, five stars are 1) or None;
    ``language`` is a hint such as ``de`` or ``en_US``, or empty. ``kind`` is the kind of mention
    (``review``, ``post``, ``comment``, ``mail``, …) or empty; ``share`` is the share of complaints
    among the texts of its source, 0..1, where that has been learned; ``brand`` is the brand's key,
    for topics of its own.
    """

    text: str
    title: str = ""
    rating: float | None = None
    language: str = ""
    kind: str = ""
    share: float | None = None
    brand: str = ""


class Assessment(NamedTuple):
    """What was judged of one text; every number comes with reasons a person can read.

    ``language`` is an ISO 639-1 code or ``und``; ``language_confidence``,
    ``complaint_probability``, ``threshold`` and ``urgency_score`` lie in 0..1, ``sentiment`` in
    -1..1. ``complaint`` is true when the probability reaches ``threshold``; ``unsure`` says that
    a person should look, whichever way it fell. ``urgency`` is one of `URGENCIES`, ``intent`` one
    of `INTENTS`. ``topics`` are some of `TOPICS` or of the brand's own, and may be empty:
    ``other`` is a complaint about none of the rest; ``legal``, ``discrimination`` and ``distress``
    are urgent matters, which an answer must treat with care. ``signals`` names what was seen: the
    rules of urgency that fired (``urgent:safety``), ``mixed`` (praise and grievance in one
    text), ``contradiction`` (stars and words disagree), signs of spam (``spam:link``) and of a
    review that may be fake (``fake:superlatives``). ``reasons`` is never empty for a complaint.
    ``model`` names the version that judged, so that a later model can judge again.

    A named tuple, because one is made for every text: a frozen dataclass of this size takes as
    long as judging a short text does.
    """

    language: str
    language_confidence: float
    sentiment: float
    complaint_probability: float
    threshold: float
    complaint: bool
    unsure: bool
    urgency: str
    urgency_score: float
    topics: tuple[str, ...]
    intent: str
    spam: bool
    signals: tuple[str, ...]
    reasons: tuple[str, ...]
    model: str

    @property
    def mixed(self) -> bool:
        """Whether praise and grievance stand in one text."""
        return MIXED in self.signals

    @property
    def contradiction(self) -> bool:
        """Whether the rating says one thing and the words another."""
        return CONTRADICTION in self.signals


class Assessor(Protocol):
    """Judges texts. Pure: equal input gives an equal assessment, and no input raises."""

    version: str

    def assess(
        self,
        text: str,
        *,
        title: str = "",
        rating: float | None = None,
        language: str = "",
        kind: str = "",
        share: float | None = None,
        brand: str = "",
    ) -> Assessment:
        """Judge one text; the arguments are those of `Utterance`."""
        ...

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        """Judge many, in order; the same as `assess` of each."""
        ...
