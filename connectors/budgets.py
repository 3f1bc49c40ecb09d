"""Budgets: how much an account may use of a platform, and the meter that keeps count.

A connector declares its budgets and says what it is about to use; the host keeps the count for
all sources of the account and all daemons. A budget that is used up raises `RateLimited` before
anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """`amount` of `unit` in every span of `per`, refilled evenly; at most `burst` at once.

    Without `burst` the whole amount may be used at once. The count follows the generic cell
    rate algorithm: within any `per` at most ``burst + amount`` are used, and evenly after that.

    >>> Budget("calls", 300, timedelta(days=1)).seconds_each
    288.0
    """

    name: str
    amount: float
    per: timedelta
    unit: str = "calls"
    burst: float | None = None

    @property
    def seconds_each(self) -> float:
        """Seconds in which one unit is refilled."""
        return self.per.total_seconds() / self.amount


class Meter(Protocol):
    """Keeps count of one account's budgets. Safe to call from any thread."""

    def spend(self, budget: str, amount: float = 1.0) -> None:
        """Book `amount` of the budget called `budget` before it is used.

        Raises `RateLimited` with the time until there is room; nothing is booked then.
        An amount of 0 only asks whether there is room.
        """

    def charge(self, budget: str, amount: float) -> None:
        """Book what has been used already and could not be known before. Never raises.

        A negative amount gives back what was booked and not used.
        """


class FreeMeter:
    """Counts nothing: for trials and tests."""

    def spend(self, budget: str, amount: float = 1.0) -> None:
        return None

    def charge(self, budget: str, amount: float) -> None:
        return None
