"""Values of an iCal file as days: each in the zone of its own event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

Event = Any
"""An event of the library: a mapping whose values are of thirty types."""


class BadFeed(ValueError):
    """The text is no iCal file that can be used. `line` counts from 1; 0 means all of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Zone:
    """The time zone of an event: none for one of plain dates. `unknown` names one we lack.

    A zone that the file itself describes counts as unknown, unless its name is one of Windows:
    its rules come from outside, and following them may take for ever. `described` is how the
    file describes it.
    """

    zone: tzinfo | None = None
    unknown: str = ""
    described: tzinfo | None = None

    def day_of(self, value: Any, what: str, line: int) -> date:
        """Return the date that `value` is on for the event. Raises `BadFeed` for what is none."""
        if not isinstance(value, datetime):
            if isinstance(value, date):
                return value
            raise BadFeed(f"{what} of an event is no date", line)
        return self.local(value, what, line).date()

    def local(self, value: datetime, what: str, line: int) -> datetime:
        """Return a time as the clock of the event's zone shows it. Raises `BadFeed`."""
        if value.tzinfo is None or value.tzinfo is self.zone or value.tzinfo is self.described:
            return value.replace(tzinfo=None)
        unknown = self.unknown or ("" if _is_known(value.tzinfo) else str(value.tzinfo)[:60])
        if unknown:
            raise BadFeed(
                f"{what} of an event is in another zone than its DTSTART, and one of them, "
                f"{unknown!r}, is not known; name zones such as Europe/Berlin",
                line,
            )
        # At the very ends of time, where a rule may end that is to go on for ever, a day more or
        # less is none that anybody asks for.
        with suppress(OverflowError):
            value = value.astimezone(self.zone or value.tzinfo)
        return value.replace(tzinfo=None)

    def days_of(self, found: Any, what: str, line: int) -> Iterator[date]:
        """Yield the dates of all lines of one name, such as EXDATE. Raises `BadFeed`."""
        for each in listed(found):
            for one in each.dts:
                value = one.dt
                yield self.day_of(value[0] if isinstance(value, tuple) else value, what, line)


def zone_of(event: Event) -> Zone:
    """Return the zone in which an event begins."""
    start = event.get("DTSTART")
    value = getattr(start, "dt", None)
    if not isinstance(value, datetime):
        return Zone()
    if value.tzinfo is not None and _is_known(value.tzinfo):
        return Zone(value.tzinfo)
    # Imported here: few calendars have an iCal file, and it takes a while to load.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = str(start.params.get("TZID", ""))
    if name in WINDOWS_TO_OLSON:  # as Outlook and Exchange call zones
        return Zone(ZoneInfo(WINDOWS_TO_OLSON[name]), described=value.tzinfo)
    return Zone(value.tzinfo, name[:60])


def _is_known(zone: tzinfo) -> bool:
    return isinstance(zone, (ZoneInfo, timezone))


def span_of(start: date | datetime, end: Any, zone: Zone, line: int, name: str) -> timedelta:
    """Return how long an event is by the wall clock of its zone. Raises `BadFeed`."""
    if not isinstance(end, date):
        raise BadFeed(f"DTEND of the event {name!r} is no date", line)
    # By the wall clock: a day is a day also when the clock changes in it.
    if isinstance(start, datetime) and isinstance(end, datetime):
        return zone.local(end, "DTEND", line) - start.replace(tzinfo=None)
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise BadFeed(f"the event {name!r} begins with a date and ends with a time", line)
    return end - start


def listed(found: Any) -> list[Any]:
    """Return what a name stands for as a list: the library has one only where there are two."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
