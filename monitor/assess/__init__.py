"""Judge what customers say: language, sentiment, complaint or not, urgency, and why.

Pure: nothing here reads a clock, a database or the network. `make_assessor` is the way in;
another classifier replaces it by keeping the `Assessor` contract.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.assess.assessor import WordsAssessor
from monitor.assess.base import INTENTS, TOPICS, URGENCIES, Assessment, Assessor, Utterance

__all__ = [
    "INTENTS",
    "TOPICS",
    "URGENCIES",
    "Assessment",
    "Assessor",
    "Utterance",
    "make_assessor",
]


def make_assessor(threshold: float = 0.5, languages: Sequence[str] | None = None) -> Assessor:
    """The shipped assessor.

    ``threshold`` is the probability from which a text counts as a complaint; ``languages`` are
    the ISO 639-1 codes to choose between (all that are known when None or empty). Raises
    ValueError for a threshold outside 0..1.
    """
    return WordsAssessor(threshold, languages)
