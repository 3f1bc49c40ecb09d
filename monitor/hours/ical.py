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
MOST_LINES = 30_000
MOST_EVENTS = 5_000
"""More of either is no list of holidays, and would take seconds to read."""

_RULE = re.compile(r"\s*RRULE\b", re.IGNORECASE)
_MARK = re.compile(r"\s*(BEGIN|END)\s*:\s*([^\s:;]+)\s*", re.IGNORECASE)
_ODD_MARK = re.compile(r"\s*(BEGIN|END)\s*(;|:(?![^\s:;]+$))", re.IGNORECASE)
_BROKEN = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError)
"""What the library raises for what it cannot read."""

_Lines = list[tuple[int, str]]
"""Lines as they are meant, put together where they are folded, and where each begins."""


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
    lines = _lines_of(data)
    places = _check_marks(lines)
    for number, line in lines:
        if len(line) > LONGEST_RULE and _RULE.match(line):
            raise BadFeed(f"has an RRULE of {len(line):,} characters; write a shorter one", number)
    try:
        calendars = Calendar.from_ical("\n".join([*(line for _, line in lines), ""]), multiple=True)
        events = [event for each in calendars for event in each.walk("VEVENT")]
    except _BROKEN as error:
        raise BadFeed(f"cannot be read: {_short(error)}", _line_of(str(error), lines)) from None
    assert len(events) == len(places), "each event has a BEGIN of its own"
    holidays, warnings = read_events(list(zip(places, events, strict=True)))
    if not holidays:
        # An emptied feed would quietly turn every holiday into a working day.
        raise BadFeed("; ".join(["holds no holiday", *warnings[:1]]))
    return Feed(tuple(holidays), tuple(warnings))


def _lines_of(data: bytes) -> _Lines:
    """Return the lines of a file. Raises `BadFeed` for what is no iCal file, or a huge one."""
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")  # as on old computers
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[: error.start].count(b"\n") + 1
        raise BadFeed("is not UTF-8 text; save it as UTF-8", bad) from None
    if "BEGIN:VCALENDAR" not in text[:10_000].upper():
        raise BadFeed("is no iCal file: it has no BEGIN:VCALENDAR", 1)
    # Only these end a line here: `splitlines` knows more, which may stand in a name.
    written = text.removesuffix("\n").split("\n")
    if len(written) > MOST_LINES:
        raise BadFeed(f"has more than {MOST_LINES:,} lines; keep only the holidays", MOST_LINES + 1)
    found: list[tuple[int, list[str]]] = []
    for number, one in enumerate(written, 1):
        line = one.removesuffix("\r")
        if found and line[:1] in (" ", "\t"):
            found[-1][1].append(line[1:])
        elif line:
            mark = _MARK.fullmatch(line)
            found.append((number, [f"{mark[1]}:{mark[2]}".upper() if mark else line]))
    return [(number, "".join(parts)) for number, parts in found]


def _check_marks(lines: _Lines) -> list[int]:
    """Return where the events begin. Raises `BadFeed` where what begins and ends does not fit."""
    for number, line in lines:
        if _ODD_MARK.match(line):
            raise BadFeed("cannot be read; write such a line as BEGIN:VEVENT or END:VEVENT", number)
    marks = [(number, line) for number, line in lines if _MARK.fullmatch(line)]
    # A calendar that was cut off is dropped by the library without a word.
    said = [mark for _, mark in marks]
    for what in ("VCALENDAR", "VEVENT"):
        begun, ended = said.count(f"BEGIN:{what}"), said.count(f"END:{what}")
        if begun != ended:
            raise BadFeed(f"is cut off: {begun} BEGIN:{what}, {ended} END:{what}", lines[-1][0])
    open_ones: list[str] = []
    for number, mark in marks:
        which, _, what = mark.partition(":")
        if which == "BEGIN":
            open_ones.append(what)
        elif not open_ones or open_ones.pop() != what:
            raise BadFeed(f"has {mark} where nothing of that name was to end", number)
    places = [number for number, mark in marks if mark == "BEGIN:VEVENT"]
    if len(places) > MOST_EVENTS:
        raise BadFeed(
            f"holds more than {MOST_EVENTS:,} events; keep only the holidays", places[MOST_EVENTS]
        )
    return places


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _line_of(message: str, lines: _Lines) -> int:
    """Return the line that a message of the library quotes, or 0."""
    quoted = re.search(r"parts: '(.{1,200}?)'", message)
    if quoted is None:
        return 0
    return next((n for n, line in lines if line.startswith(quoted[1][:60])), 0)
