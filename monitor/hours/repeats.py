"""How an all-day event repeats: the rule of an iCal file, and the days that it names.

Reckoned here rather than by a library, since a rule comes from outside: what is looked at is
counted, and a rule that finds nothing ends at the last day that is asked for.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

MOST_WORK = 500_000
"""How many days are looked at to work out one file: about a second."""

LONGEST_RULE = 1000
"""Characters; a rule of a holiday has a few dozen."""

_REPEATS = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OUTERMOST = {"BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_KNOWN = frozenset({"FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", "BYMONTH", "BYDAY", *_OUTERMOST})
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")


class BadRule(ValueError):
    """The rule cannot be followed; the message says why."""


class Work:
    """Counts the days that are looked at, and ends what takes too long."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self._left = most

    def spend(self, days: int) -> None:
        """Note that so many days are looked at. Raises `BadRule` when they are too many."""
        self._left -= days
        if self._left < 0:
            raise BadRule("takes too long to work out; write fewer or simpler repetitions")


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE for days, as of RFC 5545. What is empty does not limit."""

    often: str
    start: date
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_start: int = 0
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """Which of them (0: each; -1: the last), and the day of the week from Monday, 0."""
    positions: frozenset[int] = frozenset()

    def days(self, early: date, last: date, work: Work) -> Iterator[date]:
        """Yield the days from `early` to `last` in order. Raises `BadRule` for too much work."""
        end = min(last, self.until) if self.until is not None else last
        # What is counted has to be counted from the start; all else can begin where it is asked.
        number = 0 if self.count is not None else max(0, self._period_at(early))
        counted = 0
        while True:
            period = self._period(number, end)
            if period is None:
                return
            work.spend(max(1, len(period)))
            for day in self._placed([day for day in period if self._holds(day)]):
                if day < self.start:
                    continue
                if day > end or (self.count is not None and counted >= self.count):
                    return
                counted += 1
                if day >= early:
                    yield day
            number += 1

    def _period_at(self, day: date) -> int:
        """Return the number of the last period that begins on `day` or before."""
        if self.often == "YEARLY":
            return (day.year - self.start.year) // self.interval
        if self.often == "MONTHLY":
            return (_month(day) - _month(self.start)) // self.interval
        if self.often == "WEEKLY":
            return (day.toordinal() - self._first_week()) // (7 * self.interval)
        return (day - self.start).days // self.interval

    def _period(self, number: int, end: date) -> list[date] | None:
        """Return the days of a period that may be meant; None when it begins after `end`."""
        far = number * self.interval
        if self.often == "YEARLY":
            year = self.start.year + far
            if year > end.year:
                return None
            months = sorted(self.months) or range(1, 13)
            return [day for month in months for day in self._in_month(year, month)]
        if self.often == "MONTHLY":
            at = _month(self.start) + far
            if at > _month(end):
                return None
            year, month = divmod(at, 12)
            return self._in_month(year, month + 1)
        length = 7 if self.often == "WEEKLY" else 1
        first = self._first_week() if length == 7 else self.start.toordinal()
        first += far * length
        if first > end.toordinal():
            return None
        reach = range(max(first, 1), min(first + length, date.max.toordinal() + 1))
        return [date.fromordinal(day) for day in reach]

    def _in_month(self, year: int, month: int) -> list[date]:
        if self.months and month not in self.months:
            return []
        length = monthrange(year, month)[1]
        if not self.month_days:
            return [date(year, month, day) for day in range(1, length + 1)]
        named = {day if day > 0 else length + 1 + day for day in self.month_days}
        return [date(year, month, day) for day in sorted(named) if 1 <= day <= length]

    def _first_week(self) -> int:
        return self.start.toordinal() - (self.start.weekday() - self.week_start) % 7

    def _holds(self, day: date) -> bool:
        """Tell whether all that the rule asks of a day is true of it."""
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not self._counts(self.month_days, *_day_of_month(day)):
            return False
        if self.year_days and not self._counts(self.year_days, *_day_of_year(day)):
            return False
        if self.weeks and not self._counts(self.weeks, *_week_of_year(day, self.week_start)):
            return False
        return not self.weekdays or self._is_weekday(day)

    @staticmethod
    def _counts(wanted: frozenset[int], number: int, total: int) -> bool:
        return number in wanted or number - total - 1 in wanted

    def _is_weekday(self, day: date) -> bool:
        today = day.weekday()
        wanted = {which for which, weekday in self.weekdays if weekday == today}
        if not wanted or 0 in wanted or self.often in ("WEEKLY", "DAILY"):
            return bool(wanted)
        of_month = self.often == "MONTHLY" or bool(self.months)
        number, total = _day_of_month(day) if of_month else _day_of_year(day)
        return (number - 1) // 7 + 1 in wanted or -((total - number) // 7) - 1 in wanted

    def _placed(self, days: list[date]) -> list[date]:
        if not self.positions:
            return days
        size = len(days)
        places = {at - 1 if at > 0 else size + at for at in self.positions}
        return [days[at] for at in sorted(places) if 0 <= at < size]


def read_rule(given: Mapping[str, Any], start: date, until: date | None) -> Rule:
    """Return a rule as the library read it, for an event on `start`. Raises `BadRule`."""
    values = {
        str(name).upper(): list(each) if isinstance(each, (list, tuple)) else [each]
        for name, each in given.items()
    }
    for time in _TIMES:
        # An event of whole days has no hour; many programs write that of midnight.
        if values.pop(time, [0]) != [0]:
            raise BadRule(f"names an hour with {time}; a holiday is a whole day")
    if "BYWEEKDAY" in values:
        values.setdefault("BYDAY", values.pop("BYWEEKDAY"))
    often = next((str(each).upper() for each in values.get("FREQ", ())), "")
    if often not in _REPEATS:
        raise BadRule(f"repeats {often or 'never'}; expected {', '.join(_REPEATS)}")
    unknown = sorted(values.keys() - _KNOWN)
    if unknown:
        raise BadRule(f"has an RRULE with {unknown[0]}, which is not known here")
    months = _numbers(values, "BYMONTH", 1, 12)
    month_days, year_days, weeks, positions = (
        _numbers(values, name, -most, most) for name, most in _OUTERMOST.items()
    )
    weekdays = frozenset(_weekday(each) for each in values.get("BYDAY", ()))
    if not (month_days or year_days or weeks or weekdays):
        # What a rule does not say is as on the day of the event itself.
        if often == "YEARLY":
            months = months or frozenset({start.month})
        if often in ("YEARLY", "MONTHLY"):
            month_days = frozenset({start.day})
        if often == "WEEKLY":
            weekdays = frozenset({(0, start.weekday())})
    return Rule(
        often,
        start,
        _one(values, "INTERVAL") or 1,
        _one(values, "COUNT"),
        until,
        _weekday(values["WKST"][0])[1] if values.get("WKST") else 0,
        months,
        month_days,
        year_days,
        weeks,
        weekdays,
        positions,
    )


def _one(values: Mapping[str, list[Any]], name: str) -> int | None:
    if name not in values:
        return None
    found = values[name]
    if len(found) != 1 or int(found[0]) < 1:
        raise BadRule(f"has an RRULE with {name}={_said(found)}; expected a number from 1 up")
    return int(found[0])


def _numbers(values: Mapping[str, list[Any]], name: str, least: int, most: int) -> frozenset[int]:
    found = values.get(name, [])
    for each in found:
        # A month may be one of another calendar ("5L"), which no number tells.
        if not str(each).lstrip("+-").isdigit() or not least <= int(each) <= most or not int(each):
            raise BadRule(
                f"has an RRULE with {name}={_said(found)}; expected numbers from {least} to {most}"
            )
    return frozenset(int(each) for each in found)


def _weekday(given: Any) -> tuple[int, int]:
    text = str(given).upper()
    number, day = text[:-2].lstrip("+"), text[-2:]
    if day not in _WEEKDAYS or (number and not number.removeprefix("-").isdigit()):
        raise BadRule(f"has an RRULE with the day {_said([given])}; expected such as MO or -1FR")
    return int(number or 0), _WEEKDAYS.index(day)


def _said(found: list[Any]) -> str:
    return ",".join(str(each) for each in found[:4])[:40]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_of_month(day: date) -> tuple[int, int]:
    """Return the number of a day in its month, and how many days that has."""
    return day.day, monthrange(day.year, day.month)[1]


def _day_of_year(day: date) -> tuple[int, int]:
    """Return the number of a day in its year, and how many days that has."""
    return day.timetuple().tm_yday, 366 if isleap(day.year) else 365


def _week_of_year(day: date, week_start: int) -> tuple[int, int]:
    """Return the number of the week of a day, and how many its year has.

    A week is of the year that most of its days are in, so of the year of its fourth day.
    """
    begun = day.toordinal() - (day.weekday() - week_start) % 7
    fourth = date.fromordinal(min(max(begun + 3, 1), date.max.toordinal()))
    last = date(fourth.year, 12, 31)
    last -= timedelta(days=(last.weekday() - week_start - 3) % 7)
    return (_day_of_year(fourth)[0] - 1) // 7 + 1, (_day_of_year(last)[0] - 1) // 7 + 1
