"""Holidays from an iCal file: the days that its all-day events cover.

What counts as a holiday: an event of whole days, also one written from midnight to midnight; its
end is exclusive, and each day of a longer one counts. An event with other times is no day off
and is left out, with a warning. Cancelled events do not count. Repeated ones are expanded
(RRULE, RDATE, EXDATE), and a single repetition that was moved or cancelled is taken as it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from monitor.hours.ical_events import Holiday, read_events
from monitor.hours.ical_values import BadFeed
from monitor.hours.repeats import LONGEST_RULE, Work

__all__ = ["MAX_BYTES", "BadFeed", "Feed", "read_feed"]

MAX_BYTES = 2_000_000
MOST_LINES = 50_000
MOST_EVENTS = 5_000
"""More of either is no list of holidays, and would take seconds to read."""

_RULE = re.compile(r"\s*RRULE\b", re.IGNORECASE)
_BEGIN = re.compile(r"BEGIN:VEVENT\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """The holidays of one file. `warnings` tell what was left out, a line each."""

    holidays: tuple[Holiday, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def days(self, first: date, last: date) -> dict[date, str]:
        """Return the holidays from `first` to `last` with their names; raise `BadFeed`."""
        found: dict[date, str] = {}
        work = Work()
        for holiday in self.holidays:
            for day in holiday.days(first, last, work):
                found.setdefault(day, holiday.name)
        return found


def read_feed(data: bytes) -> Feed:
    """Read an iCal file. Raises `BadFeed` with its line for what is none, is cut off, or is broken.

    Nothing is guessed: a file with one event that cannot be read is refused as a whole, since a
    holiday that is silently missing is a broken promise to come.
    """
    from icalendar import Calendar

    if len(data) > MAX_BYTES:
        raise BadFeed(f"is larger than {MAX_BYTES:,} bytes; keep only the holidays")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadFeed("is not UTF-8 text; save it as UTF-8", line) from None
    if "BEGIN:VCALENDAR" not in text[:10_000].upper():
        raise BadFeed("is no iCal file: it has no BEGIN:VCALENDAR", 1)
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise BadFeed(f"has more than {MOST_LINES:,} lines; keep only the holidays", MOST_LINES + 1)
    # A calendar that was cut off is dropped by the library without a word.
    marks = [line.strip().upper() for line in lines]
    for what in ("VCALENDAR", "VEVENT"):
        begun, ended = marks.count(f"BEGIN:{what}"), marks.count(f"END:{what}")
        if begun != ended:
            raise BadFeed(f"is cut off: {begun} BEGIN:{what}, {ended} END:{what}", len(lines))
    places = [number for number, line in enumerate(lines, 1) if _BEGIN.fullmatch(line)]
    if len(places) > MOST_EVENTS:
        raise BadFeed(
            f"holds more than {MOST_EVENTS:,} events; keep only the holidays", places[MOST_EVENTS]
        )
    for number, one in enumerate(lines, 1):
        if len(one) > LONGEST_RULE and _RULE.match(one):
            raise BadFeed(f"has an RRULE of {len(one):,} characters; write a shorter one", number)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        events = [event for each in calendars for event in each.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise BadFeed(f"cannot be read: {_short(error)}", _line_of(str(error), lines)) from None
    if len(events) != len(places):
        raise BadFeed("cannot be read: its events are not told apart")
    holidays, warnings = read_events(list(zip(places, events, strict=True)))
    if not holidays:
        # An emptied feed would quietly turn every holiday into a working day.
        raise BadFeed("; ".join(["holds no holiday", *warnings[:1]]))
    return Feed(tuple(holidays), tuple(warnings))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _line_of(message: str, lines: list[str]) -> int:
    """Return the line that a message of the library quotes, or 0."""
    quoted = re.search(r"parts: '(.{1,200}?)'", message)
    if quoted is None:
        return 0
    return next((n for n, line in enumerate(lines, 1) if line.startswith(quoted[1][:60])), 0)
