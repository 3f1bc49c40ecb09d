"""A rating on one scale, whatever scale its platform uses."""

from __future__ import annotations


def fraction(rating: float | None, low: float, high: float) -> float | None:
    """Return a rating as a share 0..1 of its scale; None without a rating or a sane scale."""
    if rating is None or not high > low:
        return None
    return min(1.0, max(0.0, (rating - low) / (high - low)))
