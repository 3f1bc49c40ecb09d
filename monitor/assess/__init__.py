"""Judge what customers say: language, sentiment, complaint or not, urgency, and why.

Pure: nothing here reads a clock, a database or the network. `make_assessor` is the way in;
another classifier replaces it by keeping the `Assessor` contract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.assess.assessor import WordsAssessor
from monitor.assess.base import (
    DEFAULT_THRESHOLD,
    DEFAULT_UNSURE,
    INTENTS,
    TOPICS,
    URGENCIES,
    Assessment,
    Assessor,
    Details,
    Utterance,
)
from monitor.assess.layer import LocalLayer

__all__ = [
    "INTENTS",
    "TOPICS",
    "URGENCIES",
    "Assessment",
    "Assessor",
    "Details",
    "LocalLayer",
    "Utterance",
    "make_assessor",
]


def make_assessor(
    threshold: float = DEFAULT_THRESHOLD,
    languages: Sequence[str] | None = None,
    *,
    unsure_within: float = DEFAULT_UNSURE,
    layer: LocalLayer | None = None,
    topics: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> WordsAssessor:
    """The shipped assessor.

    ``threshold`` is the probability from which a text counts as a complaint; ``languages`` are
    the ISO 639-1 codes to choose between (all that are known when None or empty). A text whose
    probability lies within ``unsure_within`` of the threshold is unsure. ``layer`` is what was
    learned from staff; ``topics`` maps a brand's key to its own topics and their patterns. Raises
    ValueError for a threshold outside 0..1 and for a pattern that cannot be read.
    """
    return WordsAssessor(
        threshold, languages, unsure_within=unsure_within, layer=layer, topics=topics
    )
