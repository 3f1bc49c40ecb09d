"""A forecast of the breaches of one week, and how such forecasts would have done before.

Three parts make it. What has breached is counted. A clock that is open and falls due within the
week breaches as often as earlier clocks did that were still open when the same share of their
target was used up. And what has not arrived yet arrives, and breaches before the week is over, as
it did in the rest of the past weeks. A forecast knows only what could be known at its moment.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from monitor.sla.deadline import as_utc
from monitor.sla.measures import SMALL
from monitor.sla.policy import Target
from monitor.sla.survival import Hazard

WEEKS = 8
"""So many weeks are looked back."""

FEWEST_WEEKS = 4
WEEK = timedelta(days=7)
LEVEL = 0.9
"""The true number should lie in the interval this often."""

UsedAt = Callable[[datetime], float]


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one clock. `ended_at` is None while it is open.

    `used` is the share of the target that was used up at the end, and `used_at` gives it for any
    moment. A `voided` clock breached never, whenever it ended. A clock that stands still now,
    with time left, is `standing`: nobody knows when it falls due.
    """

    target: Target
    started_at: datetime
    due_at: datetime
    used_at: UsedAt
    ended_at: datetime | None = None
    used: float = 0.0
    voided: bool = False
    standing: bool = False

    def breach_by(self, at: datetime) -> datetime | None:
        """Return when it breached, if that was before `at`: at its due time, unless ended."""
        if self.due_at >= at or self.voided or self.standing:
            return None
        return self.due_at if self.ended_at is None or self.ended_at > self.due_at else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The breaches expected from `week_start` until `week_end`, as known at `at`.

    `breached` have happened, `open_due` open clocks fall due in what is left of the week and
    `open_expected` of them breach; `arrivals` more clocks start, of which `arrivals_expected`
    breach within the week. `standing` clocks stand still and are expected to breach never.

    The interval from `low` to `high` holds the number in nine of ten weeks if the rates are
    right: the quantiles of a Poisson distribution, widened by as much as past weeks varied more
    than Poisson's would. `reason` is not empty when there is too little history to forecast.
    """

    at: datetime
    week_start: datetime
    week_end: datetime
    breached: int
    open_due: int
    open_expected: float
    arrivals: float
    arrivals_expected: float
    standing: int
    low: int
    high: int
    weeks: int
    decided: int
    last_week: int
    reason: str = ""

    @property
    def expected(self) -> float:
        """All breaches of the week: those that happened and those to come."""
        return self.breached + self.open_expected + self.arrivals_expected

    @property
    def enough(self) -> bool:
        """Whether there is history enough for the figures to mean something."""
        return not self.reason


def week_start(at: datetime, zone: tzinfo) -> datetime:
    """Return when the week of `at` began in `zone`: on its Monday at midnight."""
    local = at.astimezone(zone)
    return _begins(local.date() - timedelta(days=local.weekday()), zone)


def weeks_before(start: datetime, count: int, zone: tzinfo) -> datetime:
    """Return the Monday `count` weeks before the one that is `start`, or after, below zero."""
    return _begins(start.astimezone(zone).date() - count * WEEK, zone)


@dataclass
class Forecaster:
    """Takes the courses of all clocks, in any order, one by one, and forecasts one week.

    It keeps a few hundred numbers however many clocks it is shown. What happened at `at` or
    later changes no forecast; it is only counted as `happened`, to hold a forecast against. One
    thing is known too early: a pause after `at` has moved the due time already.
    """

    at: datetime
    zone: tzinfo
    weeks: int = WEEKS
    happened: int = 0
    _breached: int = 0
    _standing: int = 0
    _open: Counter[tuple[Target, int]] = field(default_factory=Counter)
    _hazards: dict[Target, Hazard] = field(default_factory=dict)
    _all: Hazard = field(default_factory=Hazard)
    _arrived: Counter[date] = field(default_factory=Counter)
    _late: Counter[date] = field(default_factory=Counter)
    _breaches: Counter[date] = field(default_factory=Counter)
    _first: date | None = None

    def __post_init__(self) -> None:
        self.at = as_utc(self.at)
        self.start = week_start(self.at, self.zone)
        self.end = weeks_before(self.start, -1, self.zone)
        self.since = weeks_before(self.start, self.weeks, self.zone)
        self._monday = self.start.astimezone(self.zone).date()
        self._into_week = self._offset(self.at, self._monday)

    def add(self, course: Course) -> None:
        """Take one clock."""
        breach = course.breach_by(self.end)
        if breach is not None and breach >= self.start:
            self.happened += 1
        if course.started_at >= self.at:
            return
        if course.started_at >= self.since:
            self._learn(course)
        self._count_week(course)
        known = course.breach_by(self.at)
        if known is not None:
            self._breached += known >= self.start
        elif course.ended_at is None or course.ended_at >= self.at:
            if course.standing:
                self._standing += 1
            elif self.at <= course.due_at < self.end:
                self._open[course.target, Hazard.bin_of(course.used_at(self.at))] += 1

    def forecast(self) -> Forecast:
        """Return the forecast from what was added."""
        mondays = [(self._monday - back * WEEK) for back in range(1, self.weeks + 1)]
        # The week in which listening began is no whole one.
        seen = [day for day in mondays if self._first is not None and day > self._first]
        weeks = len(seen)
        arrivals = sum(self._arrived[day] for day in seen) / weeks if weeks else 0.0
        late = sum(self._late[day] for day in seen) / weeks if weeks else 0.0
        due = sum(
            count * self._hazard(target).breach_from(used)
            for (target, used), count in self._open.items()
        )
        low, high = counts_interval(due + late, _dispersion([self._breaches[day] for day in seen]))
        return Forecast(
            at=self.at,
            week_start=self.start,
            week_end=self.end,
            breached=self._breached,
            open_due=self._open.total(),
            open_expected=due,
            arrivals=arrivals,
            arrivals_expected=late,
            standing=self._standing,
            low=self._breached + low,
            high=self._breached + high,
            weeks=weeks,
            decided=self._all.ended,
            last_week=self._breaches[self._monday - WEEK],
            reason=_too_little(weeks, self._all.ended),
        )

    def _learn(self, course: Course) -> None:
        """Learn how clocks end: by a breach, or before it at some share of their target."""
        ended = course.ended_at
        hazards = (self._all, self._hazards.setdefault(course.target, Hazard()))
        if course.breach_by(self.at) is not None:
            for hazard in hazards:
                hazard.breach()
        elif ended is not None and ended < self.at:
            used = Hazard.bin_of(course.used)
            for hazard in hazards:
                hazard.end(used)
        else:
            used = Hazard.bin_of(course.used_at(self.at))
            for hazard in hazards:
                hazard.lose_sight(used)

    def _count_week(self, course: Course) -> None:
        """Count what the past weeks brought, in them all and after this point of the week."""
        local = course.started_at.astimezone(self.zone).date()
        monday = local - timedelta(days=local.weekday())
        breach = course.breach_by(self.start)
        if breach is not None and breach >= self.since:
            day = breach.astimezone(self.zone).date()
            self._breaches[day - timedelta(days=day.weekday())] += 1
        if course.started_at < self.since:
            self._first = self._monday - (self.weeks + 1) * WEEK
            return
        if self._first is None or monday < self._first:
            self._first = monday
        if monday == self._monday or self._offset(course.started_at, monday) < self._into_week:
            return
        self._arrived[monday] += 1
        if breach is not None and breach < weeks_before(_begins(monday, self.zone), -1, self.zone):
            self._late[monday] += 1

    def _offset(self, at: datetime, monday: date) -> timedelta:
        """How far into its week, by the clock on the wall: so that each Tuesday is a Tuesday."""
        local = at.astimezone(self.zone).replace(tzinfo=None)
        return local - datetime(monday.year, monday.month, monday.day)  # noqa: DTZ001 - wall time

    def _hazard(self, target: Target) -> Hazard:
        own = self._hazards.get(target)
        return own if own is not None and own.ended >= SMALL else self._all


def counts_interval(mean: float, dispersion: float = 1.0, level: float = LEVEL) -> tuple[int, int]:
    """Return the quantiles of a count: the smallest numbers that reach each tail's end.

    Poisson's for a `dispersion` (variance over mean) of 1, a negative binomial's above it.
    """
    tail = (1 - level) / 2
    if mean <= 0:
        return 0, 0
    if mean > 1_000:
        reach = 1.645 * math.sqrt(mean * max(1.0, dispersion))
        return max(0, math.floor(mean - reach)), math.ceil(mean + reach)
    low: int | None = None
    total, number = 0.0, 0
    while True:
        total += _chance(number, mean, dispersion)
        if low is None and total >= tail:
            low = number
        if total >= 1 - tail or number > 100 * (mean * max(1.0, dispersion) + 10):
            return (number if low is None else low), number
        number += 1


def _chance(number: int, mean: float, dispersion: float) -> float:
    if dispersion <= 1.001:
        return math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
    size = mean / (dispersion - 1)
    return math.exp(
        math.lgamma(number + size)
        - math.lgamma(size)
        - math.lgamma(number + 1)
        - size * math.log(dispersion)
        + number * math.log1p(-1 / dispersion)
    )


def _dispersion(counts: Sequence[int]) -> float:
    """Return variance over mean, at least Poisson's 1."""
    if len(counts) < 2 or not any(counts):
        return 1.0
    mean = sum(counts) / len(counts)
    return max(1.0, sum((each - mean) ** 2 for each in counts) / (len(counts) - 1) / mean)


def _too_little(weeks: int, decided: int) -> str:
    if weeks < FEWEST_WEEKS:
        return f"not enough history: {weeks} whole weeks, {FEWEST_WEEKS} are needed"
    if decided < SMALL:
        return f"not enough history: {decided} clocks have ended, {SMALL} are needed"
    return ""


def _begins(day: date, zone: tzinfo) -> datetime:
    return as_utc(datetime(day.year, day.month, day.day, tzinfo=zone))
