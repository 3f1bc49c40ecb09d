"""Whether probabilities mean what they say: of texts judged 0.8, eight of ten are complaints.

The expected calibration error is that of Naeini, Cooper and Hauskrecht (AAAI 2015): the mean
distance, over ten equal bins, between the mean probability and the share of complaints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BINS = 10
FEWEST = 50
"""With fewer labelled texts the error is mostly chance."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The texts with a probability from `low` to `high`: what was judged, what they were."""

    low: float
    high: float
    texts: int
    probability: float
    complaints: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins with any text in them, and the error over all."""

    texts: int
    error: float
    bins: tuple[Bin, ...]


def calibrate(labelled: Iterable[tuple[float, bool]]) -> Calibration | None:
    """Compare probabilities with what the texts were; None with fewer than `FEWEST` of them."""
    parts: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, complaint in labelled:
        parts[min(BINS - 1, int(probability * BINS))].append((probability, complaint))
    texts = sum(map(len, parts))
    if texts < FEWEST:
        return None
    bins = tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            texts=len(part),
            probability=sum(probability for probability, _ in part) / len(part),
            complaints=sum(complaint for _, complaint in part) / len(part),
        )
        for number, part in enumerate(parts)
        if part
    )
    error = sum(each.texts * abs(each.probability - each.complaints) for each in bins) / texts
    return Calibration(texts, error, bins)
