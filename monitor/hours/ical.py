"""Holidays from an iCal file: the days that its all-day events cover.

What counts as a holiday: an event of whole days, also one written from midnight to midnight; its
end is exclusive, and each day of a longer one counts. An event with other times is no day off
and is left out, with a warning. Cancelled events do not count. Repeated ones are expanded
(RRULE, RDATE, EXDATE), and a single repetition that was moved or cancelled is taken as it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from monitor.hours.repeats import LONGEST_RULE, BadRule, Rule, Work, read_rule

MAX_BYTES = 2_000_000
MOST_LINES = 50_000
MOST_EVENTS = 5_000
"""More of either is no list of holidays, and would take seconds to read."""

MOST_REPETITIONS = 20_000
"""A holiday comes round once a year; a rule that yields this many days is a mistake."""

_LONGEST_EVENT = 366
_TELLING = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS"}
)
_RULE = re.compile(r"\s*RRULE\b", re.IGNORECASE)
_BEGIN = re.compile(r"BEGIN:VEVENT\s*", re.IGNORECASE)
_DAY = timedelta(days=1)

_Event = Any
"""An event of the library: a mapping whose values are of thirty types."""


class BadFeed(ValueError):
    """The text is no iCal file that can be used. `line` counts from 1; 0 means all of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class _Holiday:
    line: int
    name: str
    first: date
    length: int
    """In days."""
    rules: tuple[Rule, ...] = ()
    extra: frozenset[date] = frozenset()
    without: frozenset[date] = frozenset()

    def days(self, first: date, last: date, work: Work) -> Iterator[date]:
        """Yield the days from `first` to `last` on which it is; raise `BadFeed` for a wild rule."""
        # A repetition that began before `first` may reach into the span.
        early = first - (self.length - 1) * _DAY
        try:
            for begun in self._beginnings(early, last, work):
                work.spend(self.length)
                for number in range(self.length):
                    day = begun + number * _DAY
                    if day > last:
                        break
                    if first <= day:
                        yield day
        except BadRule as error:
            raise BadFeed(f"{self.name!r} {error}", self.line) from None

    def _beginnings(self, early: date, last: date, work: Work) -> Iterator[date]:
        found = {self.first, *self.extra}  # the first one counts even where a rule misses it
        for rule in self.rules:
            for repetition, day in enumerate(rule.days(early, last, work)):
                if repetition >= MOST_REPETITIONS:
                    raise BadRule("repeats too often for a holiday")
                found.add(day)
        return (day for day in sorted(found - self.without) if early <= day <= last)


@dataclass(frozen=True, slots=True)
class Feed:
    """The holidays of one file. `warnings` tell what was left out, a line each."""

    holidays: tuple[_Holiday, ...] = ()
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
    return _read_events(list(zip(places, events, strict=True)))


def _read_events(events: list[tuple[int, _Event]]) -> Feed:
    holidays: list[_Holiday] = []
    warnings: list[str] = []
    moved: dict[str, set[date]] = {}
    owners: list[str] = []
    for line, event in events:
        for what, said in event.errors:
            if what is None or what in _TELLING:
                raise BadFeed(f"{what or 'a line'} of an event cannot be read: {said}", line)
        uid, instance = str(event.get("UID", "")), event.get("RECURRENCE-ID")
        if instance is not None:
            moved.setdefault(uid, set()).add(_date_of(instance.dt))
        if str(event.get("STATUS", "")).strip().upper() == "CANCELLED":
            continue
        found = _read_event(line, event)
        if isinstance(found, str):
            warnings.append(f"line {line}: {found}")
            continue
        holidays.append(found)
        owners.append("" if instance is not None else uid)
    kept = tuple(
        replace(holiday, without=holiday.without | moved[uid]) if uid in moved else holiday
        for holiday, uid in zip(holidays, owners, strict=True)
    )
    if not kept:
        # An emptied feed would quietly turn every holiday into a working day.
        raise BadFeed("; ".join(["holds no holiday", *warnings[:1]]))
    return Feed(kept, tuple(warnings))


def _read_event(line: int, event: _Event) -> _Holiday | str:
    """Return the holiday that an event is, or why it is none. Raises `BadFeed`."""
    name = " ".join(str(event.get("SUMMARY", "")).split()) or "holiday"
    if event.get("DTSTART") is None:
        raise BadFeed(f"the event {name!r} has no DTSTART", line)
    for once in ("DTSTART", "DTEND", "DURATION"):
        if isinstance(event.get(once), list):
            raise BadFeed(f"the event {name!r} has more than one {once}", line)
    start = event["DTSTART"].dt
    if event.get("DTEND") is not None:
        span = _span(start, event["DTEND"].dt, line, name)
    elif event.get("DURATION") is not None:
        span = event["DURATION"].dt
    else:
        span = _DAY if not isinstance(start, datetime) else timedelta()
    midnight = not isinstance(start, datetime) or start.time() == time()
    if span == timedelta() and not isinstance(start, datetime):
        span = _DAY  # DTEND on the day itself is written by many, and means that day
    if not midnight or span % _DAY or span == timedelta():
        return f"{name!r} is not of whole days and is no holiday"
    if span < _DAY:
        raise BadFeed(f"the event {name!r} ends before it begins", line)
    if span.days > _LONGEST_EVENT:
        raise BadFeed(f"the event {name!r} is {span.days} days long", line)
    rules = tuple(_rule(rule, _date_of(start), line, name) for rule in _listed(event.get("RRULE")))
    return _Holiday(
        line,
        name,
        _date_of(start),
        span.days,
        rules,
        frozenset(_dates(event.get("RDATE"))),
        frozenset(_dates(event.get("EXDATE"))),
    )


def _span(start: date | datetime, end: date | datetime, line: int, name: str) -> timedelta:
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise BadFeed(f"the event {name!r} begins with a date and ends with a time", line)
    # By the wall clock: a day is a day also when the clock changes in it.
    return _wall(end) - _wall(start)


def _wall(at: date | datetime) -> datetime:
    if isinstance(at, datetime):
        return at.replace(tzinfo=None)
    return datetime.combine(at, time())


def _rule(rule: Any, start: date, line: int, name: str) -> Rule:
    """Return a rule for an event that begins on `start`. Raises `BadFeed`."""
    until = rule.get("UNTIL")
    end = _date_of(until[0] if isinstance(until, list) else until) if until else None
    try:
        return read_rule(rule, start, end)
    except BadRule as error:
        raise BadFeed(f"{name!r} {error}", line) from None


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _dates(found: Any) -> Iterator[date]:
    for each in _listed(found):
        for one in each.dts:
            value = one.dt
            yield _date_of(value[0] if isinstance(value, tuple) else value)


def _date_of(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _line_of(message: str, lines: list[str]) -> int:
    """Return the line that a message of the library quotes, or 0."""
    quoted = re.search(r"parts: '(.{1,200}?)'", message)
    if quoted is None:
        return 0
    return next((n for n, line in enumerate(lines, 1) if line.startswith(quoted[1][:60])), 0)
