"""A meter that counts what a connector uses, and has no room where it is told so."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import RateLimited


class CountingMeter:
    """Keeps what was spent of each budget in `spent`."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._room: dict[str, float] = {}

    def refuse(self, budget: str, after: float = 0) -> None:
        """Have no room for `budget` once `after` more are spent."""
        self._room[budget] = self.spent.get(budget, 0) + after

    def spend(self, budget: str, amount: float = 1.0) -> None:
        if self.spent.get(budget, 0) + amount > self._room.get(budget, float("inf")):
            raise RateLimited(f"the budget {budget} is used up", timedelta(minutes=5))
        self.spent[budget] = self.spent.get(budget, 0) + amount

    def charge(self, budget: str, amount: float) -> None:
        self.spent[budget] = self.spent.get(budget, 0) + amount
