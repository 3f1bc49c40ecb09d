"""Intervals that keep their promise where little was seen.

The interval of Clopper and Pearson (Biometrika 26, 1934) contains the true share at least as often
as it says, however few were looked at; where none of n was found, its upper end is the rule of
three. It is read off the beta distribution, so it also takes sizes that are no whole numbers: the
effective size of a weighted sample (Korn and Graubard, Survey Methodology 24, 1998).
"""

from __future__ import annotations

import math
from typing import NamedTuple

_STEPS = 500
_TINY = 1e-300
_CLOSE = 1e-15


class Interval(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float


def clopper_pearson(found: float, size: float, level: float = 0.9) -> Interval:
    """Return the interval of a share of which `found` of `size` were seen.

    Raises ValueError unless ``0 <= found <= size`` and ``0 < level < 1``.
    """
    if not 0 <= found <= size or not 0 < level < 1:
        raise ValueError(f"no interval at {level} of {found} found among {size}")
    outside = (1 - level) / 2
    low = beta_quantile(outside, found, size - found + 1) if found > 0 else 0.0
    high = beta_quantile(1 - outside, found + 1, size - found) if found < size else 1.0
    return Interval(low, high)


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return the value below which `share` of the beta distribution with `a` and `b` lies."""
    low, high = 0.0, 1.0
    # Halving is slow and cannot fail; sixty times is all that a float can tell apart.
    for _ in range(60):
        middle = (low + high) / 2
        if beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(value: float, a: float, b: float) -> float:
    """Return the share of the beta distribution below `value`: the incomplete beta function."""
    if value <= 0:
        return 0.0
    if value >= 1:
        return 1.0
    # The fraction converges quickly on one side of the mean; the other side is its mirror.
    if value > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(1 - value, b, a)
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(value)
        + b * math.log1p(-value)
    )
    return front * _continued_fraction(value, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1.0 / _off_zero(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            total *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return total


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
