"""Praise and grievance in one text: "food great, waiter rude"."""

from __future__ import annotations

from collections.abc import Sequence

_CLEAR = 500  # hundredths of log-odds that a run of words says, from which it is clear


def is_mixed(praise: Sequence[int], complaint: Sequence[int]) -> bool:
    """Whether one run of words clearly praises and another clearly complains.

    Both say what each word speaks for, in its order, in hundredths of a log-odd.
    """
    return best_run(praise) >= _CLEAR and best_run(complaint) >= _CLEAR


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
