"""The generic cell rate algorithm: how much of a budget may be used now, and when there is room.

A budget is one moment, its theoretical arrival time (`tat`): each unit that is booked moves it
on by the time in which one unit is refilled, and it may run ahead of now by `burst` units. So
within any span of `per` at most ``burst + amount`` units are used, and evenly after that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.budgets import Budget

MOMENT = timedelta(seconds=1)


class Full(Exception):
    """There is no room; after `wait` there is."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"no room for {wait}")
        self.wait = wait


def book(budget: Budget, tat: datetime | None, now: datetime, amount: float) -> datetime:
    """Return the arrival time after `amount` more units; raise `Full` where they do not fit.

    More than a burst at once fits when nothing is booked at all, or it would never fit. An
    amount of 0 fits where there is any room.
    """
    ahead = max(tat, now) - now if tat is not None else timedelta()
    most = span(budget, burst_of(budget))
    cost = span(budget, amount)
    if amount <= 0:
        if ahead >= most:
            raise Full(ahead - most + MOMENT)
    elif ahead + cost > most + _rounding(budget) and ahead > timedelta():
        raise Full(min(ahead + cost - most, ahead))
    return now + ahead + cost


def charge(budget: Budget, tat: datetime | None, now: datetime, amount: float) -> datetime:
    """Return the arrival time after `amount` units that were used already, or given back."""
    ahead = max(tat, now) - now if tat is not None else timedelta()
    return now + max(ahead + span(budget, amount), timedelta())


def span(budget: Budget, amount: float) -> timedelta:
    """Return the time in which `amount` units are refilled."""
    return amount * budget.per / budget.amount


def burst_of(budget: Budget) -> float:
    """Return how many units may be used at once."""
    return budget.amount if budget.burst is None else budget.burst


def _rounding(budget: Budget) -> timedelta:
    """Return what the microseconds of a whole burst may have been rounded up by."""
    return timedelta(microseconds=burst_of(budget))


def strictest(first: Budget, second: Budget) -> Budget:
    """Return the budget that keeps to both: two sources may know one account differently."""
    slower = first if first.seconds_each >= second.seconds_each else second
    burst = min(burst_of(first), burst_of(second))
    return Budget(slower.name, slower.amount, slower.per, slower.unit, burst)
