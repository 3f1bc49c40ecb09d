"""How much of a text was changed, by words."""

from __future__ import annotations

MOST_WORDS = 400
"""Words that are compared; no platform takes an answer much longer."""


def edit_distance(before: str, after: str) -> float:
    """Return which share of the longer text's words must change to make one of the other.

    0.0 is unchanged, 1.0 has no word left in its place: Levenshtein's distance by words, over the
    number of words of the longer text. White space does not count.
    """
    old, new = before.split()[:MOST_WORDS], after.split()[:MOST_WORDS]
    longest = max(len(old), len(new))
    if old == new or not longest:
        return 0.0
    previous = list(range(len(new) + 1))
    for row, word in enumerate(old, 1):
        current = [row]
        for column, other in enumerate(new, 1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (word != other),
                )
            )
        previous = current
    return previous[-1] / longest
