"""How forecasts of past weeks would have done, against saying "the same as last week"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from monitor.sla.forecast import WEEKS, Forecast, Forecaster, week_start, weeks_before


@dataclass(frozen=True, slots=True)
class Tried:
    """The forecast made as one past week began, and how many breaches that week brought."""

    forecast: Forecast
    happened: int

    @property
    def held(self) -> bool:
        """Whether the interval held what happened."""
        return self.forecast.low <= self.happened <= self.forecast.high


@dataclass(frozen=True, slots=True)
class Backtest:
    """Past weeks, the oldest first; the errors are over those that had history enough."""

    weeks: tuple[Tried, ...]

    @property
    def counted(self) -> tuple[Tried, ...]:
        """The weeks that could be forecast."""
        return tuple(each for each in self.weeks if each.forecast.enough)

    @property
    def error(self) -> float | None:
        """The mean absolute error, in breaches a week; None when no week could be forecast."""
        return _mean([abs(each.forecast.expected - each.happened) for each in self.counted])

    @property
    def naive_error(self) -> float | None:
        """The same for the naive forecast: as many as in the week before."""
        return _mean([abs(each.forecast.last_week - each.happened) for each in self.counted])

    @property
    def held(self) -> int:
        """In how many weeks the interval held what happened."""
        return sum(each.held for each in self.counted)


def backtesters(now: datetime, zone: tzinfo, count: int, weeks: int = WEEKS) -> list[Forecaster]:
    """Return a forecaster for the beginning of each of the last `count` whole weeks.

    Show all of them every clock, then give them to `backtest`.
    """
    start = week_start(now, zone)
    return [
        Forecaster(weeks_before(start, back, zone), zone, weeks) for back in range(count, 0, -1)
    ]


def backtest(shown: Sequence[Forecaster]) -> Backtest:
    """Return what forecasters forecast beside what happened."""
    return Backtest(tuple(Tried(each.forecast(), each.happened) for each in shown))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
