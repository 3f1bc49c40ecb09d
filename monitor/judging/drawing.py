"""Draws at random what a person should look at, and knows with which chance each was drawn.

One systematic draw with unequal chances (Madow, Annals of Mathematical Statistics 20, 1949). Half
of it is spread evenly, half after the square root of the complaint probability: with these chances
a total of rare complaints is estimated best where the probabilities are right (Särndal, Swensson
and Wretman, Model Assisted Survey Sampling, 1992, section 12.2). The even half keeps every chance
above half of a plain draw's, so that the estimate also holds where they are wrong. As the texts
stand in the order of their probability, the draw is stratified by it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

EVEN = 0.5
"""The share of a draw that goes evenly to all."""


class Drawn(NamedTuple):
    """The place of one that was drawn, and the chance with which it was."""

    place: int
    chance: float


def draw(probabilities: Sequence[float], wanted: int, random: Random) -> list[Drawn]:
    """Draw `wanted` of the texts with these complaint probabilities, or all where there are fewer.

    Over all draws, text i is drawn in exactly the share `chance` of them: so the sum of 1 / chance
    over those of a draw that turn out to be complaints is right on average (Horvitz and Thompson,
    Journal of the American Statistical Association 47, 1952).
    """
    if wanted <= 0:
        return []
    chances = chances_of(probabilities, wanted)
    order = sorted(range(len(chances)), key=lambda place: (probabilities[place], place))
    drawn = []
    # Points one apart, from a random start on, on a line where each text is as long as its chance.
    start, passed, end = random.random(), 0, 0.0
    for place in order:
        if chances[place] >= 1:
            drawn.append(Drawn(place, 1.0))
            continue
        end += chances[place]
        if end > start + passed:
            drawn.append(Drawn(place, chances[place]))
            passed += 1
    return drawn


def chances_of(probabilities: Sequence[float], wanted: int) -> list[float]:
    """Return the chance of each text; they add up to `wanted`, or all are 1 where it has fewer."""
    count = len(probabilities)
    if count <= wanted:
        return [1.0] * count
    weights = [math.sqrt(max(0.0, probability)) for probability in probabilities]
    chances = [0.0] * count
    open_places = list(range(count))
    left = wanted
    while True:
        total = math.fsum(weights[place] for place in open_places)
        even = left / len(open_places)
        for place in open_places:
            # Where no probability says anything, all of the draw is even.
            tilted = left * weights[place] / total if total else even
            chances[place] = EVEN * even + (1 - EVEN) * tilted
        certain = [place for place in open_places if chances[place] >= 1]
        if not certain:
            return chances
        # What is drawn for certain leaves its surplus to the others.
        for place in certain:
            chances[place] = 1.0
        left -= len(certain)
        open_places = [place for place in open_places if chances[place] < 1]
