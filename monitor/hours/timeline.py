"""The open stretches of a calendar as sorted integers, a UTC year at a time.

Local opening times become instants by one rule: **a bound is the first moment at which the
local clock shows that time or a later one.** So a bound inside the gap of a spring change is the
moment the clock jumps; a bound inside the hour that an autumn change repeats is its first
passing; and each interval is one unbroken stretch with no shop that closes for half an hour
because the clock was turned back.

Instants are integers: microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.hours.week import MINUTES_A_DAY, Interval

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 2, 9998
"""Years in which every local time has an instant that Python can hold."""

_YEARS_KEPT = 64
_DAY = timedelta(days=1)
_EPOCH_DAY = EPOCH.toordinal()


@dataclass(frozen=True, slots=True)
class Year:
    """The open stretches within one UTC year, disjoint, in order, cut at the year's ends.

    Stretch `i` runs from ``opens[i]`` to ``closes[i]``; ``sums[i]`` is the open time of the year
    up to its end, so that a deadline is two binary searches.
    """

    opens: list[int]
    closes: list[int]
    sums: list[int]
    total: int

    def open_before(self, at: int) -> int:
        """Return how much of this year's open time lies before `at`."""
        i = bisect_right(self.opens, at) - 1
        if i < 0:
            return 0
        rest = self.closes[i] - at
        return self.sums[i] - rest if rest > 0 else self.sums[i]


class Timeline:
    """The stretches of one set of hours; years are worked out when they are first asked for.

    Safe for threads without a lock: a year is built whole before it is kept, and two threads
    that build the same one build equal ones.
    """

    __slots__ = ("_days", "_holidays", "_years", "always", "zone")

    def __init__(
        self, zone: ZoneInfo, days: tuple[tuple[Interval, ...], ...], holidays: frozenset[date]
    ) -> None:
        self.zone = zone
        self._days = days
        self._holidays = holidays
        self._years: dict[int, Year] = {}
        self.always = not holidays and all(_covers_the_day(day) for day in days)

    def year(self, number: int) -> Year:
        """Return the stretches of a UTC year. Raises ValueError outside the years 2 to 9998."""
        found = self._years.get(number)
        if found is None:
            if not FIRST_YEAR <= number <= LAST_YEAR:
                raise ValueError(f"the year {number} is outside the calendar")
            found = self._build(number)
            if len(self._years) >= _YEARS_KEPT:
                self._years.clear()
            self._years[number] = found
        return found

    def _build(self, number: int) -> Year:
        begin = microseconds(datetime(number, 1, 1, tzinfo=UTC))
        finish = microseconds(datetime(number + 1, 1, 1, tzinfo=UTC))
        opens: list[int] = []
        closes: list[int] = []
        # Local dates reach a day into the neighbouring years, and shifts another day.
        day = date(number, 1, 1) - 3 * _DAY
        last = date(number, 12, 31) + 2 * _DAY
        while day <= last:
            for start, end in self.intervals_on(day):
                opened = max(first_moment(self.zone, day, start), begin)
                closed = min(first_moment(self.zone, day, end), finish)
                if opened >= closed:
                    continue
                if closes and closes[-1] == opened:
                    closes[-1] = closed
                else:
                    opens.append(opened)
                    closes.append(closed)
            day += _DAY
        sums: list[int] = []
        total = 0
        for opened, closed in zip(opens, closes, strict=True):
            total += closed - opened
            sums.append(total)
        return Year(opens, closes, sums, total)

    def intervals_on(self, day: date) -> tuple[Interval, ...]:
        """Return the intervals that begin on a local date; none on a holiday."""
        return () if day in self._holidays else self._days[day.weekday()]

    def is_lost_to_holiday(self, day: date, start: int, end: int) -> bool:
        """Tell whether `day` is a holiday that took open time between two instants away."""
        return day in self._holidays and any(
            max(first_moment(self.zone, day, opens), start)
            < min(first_moment(self.zone, day, closes), end)
            for opens, closes in self._days[day.weekday()]
        )


def first_moment(zone: ZoneInfo, day: date, minute: int) -> int:
    """Return the first instant at which the clock of `zone` shows this time of `day` or later.

    `minute` counts from the day's midnight and may run past the next one.
    """
    wall = (day.toordinal() - _EPOCH_DAY) * 86_400 + minute * 60
    later_days, minute = divmod(minute, MINUTES_A_DAY)
    if later_days:
        day += later_days * _DAY
    # This is the hot spot of a new calendar: building two times is faster than `replace`.
    hour, minute = divmod(minute, 60)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    again = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=1)
    before, after = _offset(local), _offset(again)
    if before >= after:  # An ordinary time, or one that is passed twice: the first passing.
        return (wall - before) * SECOND
    # The clock never shows this time. It jumps over it between the two readings.
    low, high = wall - after, wall - before
    while high - low > 1:
        middle = (low + high) // 2
        if _offset((EPOCH + timedelta(seconds=middle)).astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    return high * SECOND


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds


def microseconds(at: datetime) -> int:
    """Turn an aware time into microseconds since 1970. Raises ValueError for a naive one."""
    try:
        since = at - EPOCH
    except TypeError:
        raise ValueError(f"{at!r} has no time zone; expected an aware datetime") from None
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


@lru_cache(maxsize=256)
def timeline(
    zone: ZoneInfo, days: tuple[tuple[Interval, ...], ...], holidays: frozenset[date]
) -> Timeline:
    """Return the one timeline of these hours, so that equal calendars share their years."""
    return Timeline(zone, days, holidays)


def _covers_the_day(intervals: tuple[Interval, ...]) -> bool:
    reached = 0
    for start, end in intervals:
        if start > reached:
            return False
        reached = end
    return reached >= MINUTES_A_DAY
