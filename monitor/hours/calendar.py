"""A calendar: the opening hours of a week in one time zone, less its holidays."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from monitor.hours.timeline import Timeline, timeline
from monitor.hours.week import DAYS, Interval, Week, check_week

_LONGEST_NAME = 80


@dataclass(frozen=True)
class Calendar:
    """When clocks run. Equal calendars share one cache of opening times; instances are frozen.

    `week` maps a weekday (Monday 0) to intervals in minutes of that local day; a missing day is
    closed. A date in `holidays` loses the intervals that begin on it; a night shift that began
    the evening before goes on to its end. `names` says what holidays are called, where that is
    known: it moves no deadline, so calendars that differ in nothing else are equal.

    Raises ValueError for an unknown time zone, a wrong week, and a week that is never open: an
    empty calendar is a mistake in the configuration, since nothing would ever fall due by it.
    """

    key: str
    timezone: str
    week: Week
    holidays: frozenset[date] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict, compare=False, repr=False)
    _timeline: Timeline = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = check_week(self.week)
        if not any(self.week.values()):
            problems.append("it is never open; expected at least one interval in the week")
        problems += [
            f"holiday {day!r} is not a date"
            for day in self.holidays
            if not isinstance(day, date) or isinstance(day, datetime)
        ]
        zone = _find_zone(self.timezone, problems)
        if problems or zone is None:
            raise ValueError(f"calendar {self.key!r}: " + "; ".join(problems))
        days: tuple[tuple[Interval, ...], ...] = tuple(
            tuple(sorted((start, end) for start, end in self.week.get(day, ()))) for day in range(7)
        )
        # The caller's dict may change later; the calendar must not.
        object.__setattr__(self, "week", MappingProxyType(dict(enumerate(days))))
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        told = {name: " ".join(name.split())[:_LONGEST_NAME] for name in set(self.names.values())}
        known = {
            day: told[name]
            for day, name in self.names.items()
            if told[name] and day in self.holidays
        }
        object.__setattr__(self, "names", MappingProxyType(known))
        object.__setattr__(self, "_timeline", timeline(zone, days, self.holidays))

    def __hash__(self) -> int:
        return hash((self.key, self.timezone, tuple(self.week.values()), self.holidays))

    def __reduce__(self) -> tuple[type[Calendar], tuple[object, ...]]:
        # A mapping proxy can be neither copied nor pickled; the arguments can.
        return Calendar, (
            self.key,
            self.timezone,
            dict(self.week),
            self.holidays,
            dict(self.names),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the hours are written."""
        return self._timeline.zone

    def to_json(self, *, names: bool = True) -> dict[str, Any]:
        """Return JSON-able data from which `from_json` makes an equal calendar.

        Without `names` it holds what the calendar promises, and no more.
        """
        said: dict[str, Any] = {
            "key": self.key,
            "timezone": self.timezone,
            "week": {DAYS[day]: [list(pair) for pair in self.week[day]] for day in range(7)},
            "holidays": sorted(day.isoformat() for day in self.holidays),
        }
        if self.names and names:
            said["names"] = {day.isoformat(): self.names[day] for day in sorted(self.names)}
        return said

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calendar:
        """Make the calendar that `to_json` wrote. Raises ValueError when `data` is not one."""
        try:
            return cls(
                key=data["key"],
                timezone=data["timezone"],
                week={
                    DAYS.index(name): tuple((int(start), int(end)) for start, end in intervals)
                    for name, intervals in data["week"].items()
                },
                holidays=frozenset(date.fromisoformat(day) for day in data.get("holidays", ())),
                names={
                    date.fromisoformat(day): str(name)
                    for day, name in data.get("names", {}).items()
                },
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored calendar: {error!r}") from error


def _find_zone(name: str, problems: list[str]) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        near = difflib.get_close_matches(str(name), sorted(available_timezones()), 1)
        hint = f"did you mean {near[0]!r}?" if near else "expected one such as 'Europe/Berlin'"
        problems.append(f"unknown time zone {name!r}; {hint}")
        return None


ALWAYS = Calendar("always", "UTC", dict.fromkeys(range(7), ((0, 1440),)))
"""Open day and night, in UTC: for targets in wall time."""
