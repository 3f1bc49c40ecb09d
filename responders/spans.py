"""Says a length of time in words."""

from __future__ import annotations


def span(seconds: float) -> str:
    """Return a length of time in two units: ``1 h 20 min``."""
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    told = [f"{amount} {unit}" for amount, unit in parts if amount]
    return " ".join(told[:2]) or "under a minute"
