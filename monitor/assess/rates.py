"""Whether so many are far more than usual, when the usual is known only from what was heard.

The number to expect in a span of hours is that of the time before, doubled: people complain in
the daytime, and rates drift. It is not certain either: who heard 3 complaints in a week may hear
twice as many in the next without any cause. So the test is Poisson's with a gamma belief about
the rate, which makes it a negative binomial: the less was heard so far, the more it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, lgamma, log, log1p
from typing import NamedTuple

UNUSUAL = 1e-4
RARE = 1e-6
"""How improbable a number must be to be looked into, and to be more than chance: a brand is looked
at in about 20,000 different ways a year."""

TIMES = 4.0
"""However improbable it is, less than so many times the usual is not far above it."""

SLACK = 2.0
PRIOR = 0.5
FEWEST_HOURS = 24.0
"""Who has listened for less than this knows no usual."""


class Part(NamedTuple):
    """A part of what has a key, such as that with certain words: `seen` of `of` earlier ones."""

    seen: int
    of: int

    @property
    def share(self) -> float:
        """How large it is, as far as so few can tell."""
        return (self.seen + PRIOR) / (self.of + 2 * PRIOR)


WHOLE = Part(1_000_000_000, 1_000_000_000)


class Usual(NamedTuple):
    """How often something of each key was heard before.

    `heard` counts it, `per_hour` is its rate (of several sources, the sum of theirs), `hours` is
    how long the source that was listened to longest has been listened to.
    """

    heard: Mapping[str, int]
    per_hour: Mapping[str, float]
    hours: float

    def expected(self, key: str, hours: float) -> float:
        """Return how many are usual in so many hours."""
        return self.per_hour.get(key, 0.0) * hours

    def chance(self, key: str, count: int, hours: float, part: Part = WHOLE) -> float:
        """Return the probability of `count` or more in so many hours without any cause."""
        if self.hours < FEWEST_HOURS:
            return 1.0
        mean = (self.expected(key, hours) + PRIOR * hours / self.hours) * part.share
        shape = self.heard.get(key, 0) + PRIOR
        return tail(count, min(shape, part.seen + PRIOR), SLACK * mean)

    def is_exceeded(self, key: str, count: int, hours: float, part: Part = WHOLE) -> bool:
        """Tell whether so many are far above what is usual of a key, or of a part of it."""
        return (
            count >= TIMES * self.expected(key, hours) * part.share
            and self.chance(key, count, hours, part) < RARE
        )


def usual_words(expected: float) -> str:
    """Say for people how many are usual."""
    return "next to none are usual" if expected < 0.1 else f"{expected:.2g} are usual"


def tail(count: int, shape: float, mean: float) -> float:
    """Return P(X >= count) of the negative binomial with this shape and mean."""
    if count <= 0:
        return 1.0
    if count <= mean:
        # The upper tail is more than what matters here, and long to add up.
        return max(0.0, 1.0 - _sum_below(count, shape, mean))
    share = mean / (shape + mean)
    term = _term(count, shape, mean)
    total, at = 0.0, count
    while term > total * 1e-12:
        total += term
        term *= (at + shape) / (at + 1) * share
        at += 1
    return min(1.0, total)


def _sum_below(count: int, shape: float, mean: float) -> float:
    return sum(_term(each, shape, mean) for each in range(count))


def _term(at: int, shape: float, mean: float) -> float:
    if mean <= 0:
        return 1.0 if at == 0 else 0.0
    return exp(
        lgamma(at + shape)
        - lgamma(at + 1)
        - lgamma(shape)
        - shape * log1p(mean / shape)
        + at * (log(mean) - log(shape + mean))
    )
