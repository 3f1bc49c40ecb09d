"""From evidence to a probability: the words, the rating, the kind of source and its habits.

Everything is added up in log-odds and turned into a probability at the end. The rating is one
addend that only falls as it rises: a lower rating can never make a complaint less probable.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

# Log-odds of the rating alone, at the five stars: certain at the ends, open in the middle.
_RATING = ((0.0, 4.2), (0.25, 3.0), (0.5, 0.5), (0.75, -2.2), (1.0, -3.3))
# Beside a rating the words are one voice of two: they overrule it only when they are very clear.
WORDS_BESIDE_RATING = 3.9
_LIMIT = 30.0
# The share of a source is itself judged by this model: it is believed by halves, and moves the
# evidence by no more than one clear word does.
_TRUST = 0.5
_MOST_SHIFTED = 0.8


def sound(rating: float | None) -> float | None:
    """A rating within 0..1; None for what is no number."""
    if rating is None or not math.isfinite(rating):
        return None
    return min(1.0, max(0.0, float(rating)))


def probability(evidence: float, stars: float | None) -> float:
    """The probability of a complaint by the words' evidence and the rating, to four digits."""
    if stars is not None:
        limit = WORDS_BESIDE_RATING
        evidence = min(limit, max(-limit, evidence)) + _rating_evidence(stars)
    if evidence > _LIMIT:
        return 1.0
    if evidence < -_LIMIT:
        return 0.0
    # The same as round(…, 4), at a quarter of its price.
    return int(10_000 / (1.0 + math.exp(-evidence)) + 0.5) / 10_000


def prior_shift(share: float | None, prior: float) -> float:
    """How far the evidence moves where ``share`` of a source's texts complain and not ``prior``.

    By Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a classifier to new
    a priori probabilities". Bounded, so that a source of nothing but praise is still heard.
    """
    if share is None or not math.isfinite(share):
        return 0.0
    share = min(0.99, max(0.01, share))
    shift = math.log(share / (1 - share)) - math.log(prior / (1 - prior))
    return min(_MOST_SHIFTED, max(-_MOST_SHIFTED, _TRUST * shift))


@lru_cache(maxsize=1_000)  # ratings come in few values
def _rating_evidence(stars: float) -> float:
    for (low, at_low), (high, at_high) in pairwise(_RATING):
        if stars <= high:
            return at_low + (at_high - at_low) * (stars - low) / (high - low)
    return _RATING[-1][1]
