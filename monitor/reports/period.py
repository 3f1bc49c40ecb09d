"""Whole days in one time zone, and the days, weeks and months in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

Grain = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of `zone`, both ends included.

    `today` is the day on which it is looked at, where that is known: what holds it is not over.
    Raises ValueError when it ends before it begins.
    """

    first: date
    last: date
    zone: ZoneInfo
    today: date | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")

    @classmethod
    def back(cls, now: datetime, days: int, zone: ZoneInfo) -> Period:
        """Return the last `days` days up to today."""
        today = now.astimezone(zone).date()
        return cls(today - timedelta(days=days - 1), today, zone)

    @property
    def begin(self) -> datetime:
        """The first moment of it, in UTC."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        after = self.last + timedelta(days=1)
        return datetime.combine(after, time.min, self.zone).astimezone(UTC)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """Return the period of the same length just before it."""
        last = self.first - timedelta(days=1)
        return Period(last - (self.last - self.first), last, self.zone)

    def cut(self, grain: Grain) -> dict[date, tuple[datetime, datetime]]:
        """Return its days, weeks or months, by their first day, each as far as it lies within."""
        days = (self.first + timedelta(days=number) for number in range(self.days))
        cut: dict[date, tuple[datetime, datetime]] = {}
        for begin, those in groupby(days, lambda day: begin_of(day, grain)):
            first, *rest = those
            part = Period(first, rest[-1] if rest else first, self.zone)
            cut[begin] = part.begin, part.end
        return cut


def begin_of(day: date, grain: Grain) -> date:
    """Return the first day of the day, week (from Monday) or month that holds `day`."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day
