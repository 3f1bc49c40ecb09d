"""Praise and grievance in one text: "food great, waiter rude"."""

from __future__ import annotations

from collections.abc import Sequence

_CLEAR = 500  # hundredths of log-odds that a run of words says, from which it is clear


def speaks_clearly(weights: Sequence[int]) -> bool:
    """Whether one run of words clearly says what the weights stand for.

    ``weights`` are what each word says, in its order, in hundredths of a log-odd. A text is mixed
    that speaks clearly for praise in one run and for a complaint in another.
    """
    return best_run(weights) >= _CLEAR


def best_run(weights: Sequence[int]) -> int:
    """The greatest sum of neighbours, 0 at least (Kadane's algorithm)."""
    best = rising = 0
    for weight in weights:
        rising += weight
        if rising < 0:
            rising = 0
        elif rising > best:
            best = rising
    return best
