"""Tells whether what a source brings, or how it is judged, has changed lately.

Shares are compared by the test of two proportions with one success and one failure added to each
side (Agresti and Caffo, The American Statistician 54, 2000), which keeps it honest near 0 and 1;
mean probabilities by Welch's. As every source is tested every hour on several measures, a change
must be very improbable and also large enough to matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

FEWEST = 100
"""With fewer texts on either side nothing is said."""

RAISED_AT = 4.0
"""Standard errors from which a change counts. By chance 1 of 16,000 comparisons shows as many."""

ENDED_AT = 3.0
"""Below so many it has ended: between the two an alarm stays as it is."""

MATTERS = 0.05
"""A change by less than five points is nobody's business, however certain it is."""


class Span(NamedTuple):
    """Sums over the texts of one source in one span of time.

    `wordless` texts have no word that the model knows.
    """

    texts: int = 0
    complaints: int = 0
    unsure: int = 0
    unknown: int = 0
    wordless: int = 0
    probability: float = 0.0
    squares: float = 0.0


class Change(NamedTuple):
    """One measure before and lately, and by how many standard errors they differ."""

    measure: str
    before: float
    lately: float
    errors: float

    @property
    def words(self) -> str:
        """The change for a person: ``complaints went from 12 % to 31 %``."""
        return f"{self.measure} went from {self.before:.0%} to {self.lately:.0%}"

    @property
    def strong(self) -> bool:
        """Whether it is an alarm."""
        return self.errors >= RAISED_AT and abs(self.lately - self.before) >= MATTERS

    @property
    def gone(self) -> bool:
        """Whether an alarm over it would be over."""
        return self.errors < ENDED_AT or abs(self.lately - self.before) < MATTERS / 2


class Drift(NamedTuple):
    """What became of a source: `state` is ``too few``, ``steady``, ``unclear`` or ``drifted``.

    ``unclear`` is a change too small for an alarm and too large to end one. `change` is the one
    that tells most; None where there are too few texts.
    """

    state: str
    change: Change | None


def drift_between(before: Span, lately: Span) -> Drift:
    """Compare what came lately with what came before."""
    if min(before.texts, lately.texts) < FEWEST:
        return Drift("too few", None)
    changes = sorted(changes_between(before, lately), key=lambda each: (each.strong, each.errors))
    most = changes[-1]
    if most.strong:
        return Drift("drifted", most)
    return Drift("steady" if all(each.gone for each in changes) else "unclear", most)


def changes_between(before: Span, lately: Span) -> Iterator[Change]:
    """Yield every measure's change; the shares first."""
    for measure, field in (
        ("complaints", "complaints"),
        ("texts too close to call", "unsure"),
        ("texts in an unknown language", "unknown"),
        ("texts without a known word", "wordless"),
    ):
        counts = getattr(before, field), getattr(lately, field)
        yield Change(
            measure,
            counts[0] / before.texts,
            counts[1] / lately.texts,
            _errors_of_shares(counts[0], before.texts, counts[1], lately.texts),
        )
    yield Change(
        "the mean complaint probability",
        before.probability / before.texts,
        lately.probability / lately.texts,
        _errors_of_means(before, lately),
    )


def _errors_of_shares(first: int, of_first: int, second: int, of_second: int) -> float:
    p, n = (first + 1) / (of_first + 2), of_first + 2
    q, m = (second + 1) / (of_second + 2), of_second + 2
    return abs(p - q) / math.sqrt(p * (1 - p) / n + q * (1 - q) / m)


def _errors_of_means(before: Span, lately: Span) -> float:
    means, variance = [], 0.0
    for span in (before, lately):
        mean = span.probability / span.texts
        means.append(mean)
        spread = max(0.0, span.squares / span.texts - mean**2)
        # One text more at the far end: probabilities that hardly differ are not for that certain.
        variance += (spread + 1 / span.texts) / span.texts
    return abs(means[0] - means[1]) / math.sqrt(variance)
