"""Figures over many clocks, made so that the unanswered cannot hide behind the answered.

Percentiles are nearest-rank: always a time that some case really took, and the same figure that
a database's ``percentile_disc`` gives.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from monitor.sla.outcomes import State

SMALL = 20
"""Fewer cases than this are flagged: one case more or less moves the figures too far."""

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One clock as a report sees it. The times taken are None until it has stopped."""

    received_at: datetime
    state: State
    business: float | None = None
    wall: float | None = None


@dataclass(frozen=True, slots=True)
class Attainment:
    """How promises fared. Every clock is in exactly one of the four counts."""

    met: int
    missed: int
    open_in_time: int
    open_overdue: int

    @property
    def share(self) -> float | None:
        """``met / (met + missed)``: of the answered, the share in time. None if none is."""
        return _share(self.met, self.met + self.missed)

    @property
    def share_with_overdue(self) -> float | None:
        """Like `share`, with the overdue that nobody has answered yet counted as missed.

        It cannot be raised by leaving late cases unanswered.
        """
        return _share(self.met, self.met + self.missed + self.open_overdue)

    @property
    def small(self) -> bool:
        """Whether fewer than `SMALL` clocks have been decided."""
        return self.met + self.missed + self.open_overdue < SMALL


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one group of cases: its size, how many were answered, and how fast.

    The percentiles, in seconds, are over the answered alone; `attainment` holds the rest.
    `small` flags percentiles and shares over fewer than `SMALL` answered cases.
    """

    received: int
    answered: int
    attainment: Attainment
    median_business: float | None
    p90_business: float | None
    median_wall: float | None
    p90_wall: float | None

    @property
    def response_rate(self) -> float | None:
        """The share of the received that ever got an answer. It may still grow."""
        return _share(self.answered, self.received)

    @property
    def small(self) -> bool:
        """Whether the percentiles stand on fewer than `SMALL` answers."""
        return self.answered < SMALL


def nearest_rank(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of all values do not exceed.

    None when there are no values. Raises ValueError unless ``0 < share <= 1``.
    """
    if not 0 < share <= 1:
        raise ValueError(f"{share} is no share; expected above 0, at most 1")
    ordered = sorted(values)
    if not ordered:
        return None
    # Rounding first: 0.07 * 100 is rank 7, though floats make it 7.000000000000001.
    return ordered[max(1, math.ceil(round(share * len(ordered), 9))) - 1]


def median(values: Iterable[float]) -> float | None:
    """Return the nearest-rank median: the lower of the two middle ones. None without values."""
    return nearest_rank(values, 0.5)


def p90(values: Iterable[float]) -> float | None:
    """Return the nearest-rank 90th percentile. None without values."""
    return nearest_rank(values, 0.9)


def attainment(states: Iterable[State]) -> Attainment:
    """Count how promises fared. A paused clock is open in time."""
    return attainment_of(Counter(states))


def attainment_of(counts: Mapping[State, int]) -> Attainment:
    """Tell how promises fared whose states are counted already; a missing state counts none."""
    return Attainment(
        met=counts.get("met", 0),
        missed=counts.get("breached", 0),
        open_in_time=counts.get("running", 0) + counts.get("paused", 0),
        open_overdue=counts.get("overdue", 0),
    )


def summarise(samples: Iterable[Sample]) -> Summary:
    """Return the figures of a group of cases."""
    group = list(samples)
    business = [each.business for each in group if each.business is not None]
    wall = [each.wall for each in group if each.wall is not None]
    return Summary(
        received=len(group),
        answered=sum(each.state in ("met", "breached") for each in group),
        attainment=attainment(each.state for each in group),
        median_business=median(business),
        p90_business=p90(business),
        median_wall=median(wall),
        p90_wall=p90(wall),
    )


def cohorts(samples: Iterable[Sample], period: Period, zone: tzinfo) -> dict[date, list[Sample]]:
    """Group by the date received in `zone`, in order: each group under the day it begins.

    A week begins on Monday, a month on its first. A case stays in its group whenever it is
    answered, so a late answer cannot move it to a better week. Periods without a case are left
    out.
    """
    groups: dict[date, list[Sample]] = {}
    for sample in samples:
        day = sample.received_at.astimezone(zone).date()
        if period == "week":
            day -= timedelta(days=day.weekday())
        elif period == "month":
            day = day.replace(day=1)
        groups.setdefault(day, []).append(sample)
    return dict(sorted(groups.items()))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
