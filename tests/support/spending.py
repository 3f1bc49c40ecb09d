"""A meter that counts what a connector uses, and has no room where it is told so."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import RateLimited


class CountingMeter:
    """Keeps what was spent of each budget in `spent`."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._refused: set[str] = set()

    def refuse(self, budget: str) -> None:
        """Have no room for `budget` from now on."""
        self._refused.add(budget)

    def spend(self, budget: str, amount: float = 1.0) -> None:
        if budget in self._refused:
            raise RateLimited(f"the budget {budget} is used up", timedelta(minutes=5))
        self.spent[budget] = self.spent.get(budget, 0) + amount

    def charge(self, budget: str, amount: float) -> None:
        self.spent[budget] = self.spent.get(budget, 0) + amount
