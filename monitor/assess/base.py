"""What a judgement of one text looks like, and the contract of those who judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

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

DEFAULT_THRESHOLD = 0.45
"""Where a missed complaint costs a little more than a false alarm."""

DEFAULT_UNSURE = 0.12

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


class Details(NamedTuple):
    """What is worked out of a judgement when it is first asked for; see `Assessment`."""

    sentiment: float
    urgency: str
    urgency_score: float
    topics: tuple[str, ...]
    intent: str
    signals: tuple[str, ...]
    reasons: tuple[str, ...]


class Assessment:
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

    Deciding costs a third of what explaining does: the fields of `Details` are worked out when
    one of them is first read, and kept. They depend on nothing but the text that was judged.
    """

    __slots__ = (
        "_details",
        "complaint",
        "complaint_probability",
        "language",
        "language_confidence",
        "model",
        "spam",
        "threshold",
        "unsure",
    )

    FIELDS = (
        "language",
        "language_confidence",
        "sentiment",
        "complaint_probability",
        "threshold",
        "complaint",
        "unsure",
        "urgency",
        "urgency_score",
        "topics",
        "intent",
        "spam",
        "signals",
        "reasons",
        "model",
    )

    def __init__(
        self,
        language: str,
        language_confidence: float,
        complaint_probability: float,
        threshold: float,
        complaint: bool,
        unsure: bool,
        spam: bool,
        model: str,
        details: Details,
    ) -> None:
        self.language = language
        self.language_confidence = language_confidence
        self.complaint_probability = complaint_probability
        self.threshold = threshold
        self.complaint = complaint
        self.unsure = unsure
        self.spam = spam
        self.model = model
        self._details = details

    @property
    def details(self) -> Details:
        """Everything that explains the decision."""
        return self._details

    @property
    def sentiment(self) -> float:
        """How kind the text is, -1..1."""
        return self.details.sentiment

    @property
    def urgency(self) -> str:
        """One of `URGENCIES`."""
        return self.details.urgency

    @property
    def urgency_score(self) -> float:
        """The urgency as a number, 0..1."""
        return self.details.urgency_score

    @property
    def topics(self) -> tuple[str, ...]:
        """What it is about."""
        return self.details.topics

    @property
    def intent(self) -> str:
        """One of `INTENTS`."""
        return self.details.intent

    @property
    def signals(self) -> tuple[str, ...]:
        """What was seen, by name."""
        return self.details.signals

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words."""
        return self.details.reasons

    @property
    def mixed(self) -> bool:
        """Whether praise and grievance stand in one text."""
        return MIXED in self.signals

    @property
    def contradiction(self) -> bool:
        """Whether the rating says one thing and the words another."""
        return CONTRADICTION in self.signals

    def __iter__(self) -> Iterator[Any]:
        """Every field, in the order of `FIELDS`."""
        return (getattr(self, name) for name in self.FIELDS)

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, in the order of `FIELDS`."""
        return dict(zip(self.FIELDS, self, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assessment) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.language, self.complaint_probability, self.model))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.as_dict().items())
        return f"Assessment({fields})"


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
