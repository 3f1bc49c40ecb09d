"""The holidays that the events of an iCal file are: which of them count, and on which days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from monitor.hours.ical_values import BadFeed, Event, Zone, listed, span_of, zone_of
from monitor.hours.repeats import BadRule, Rule, Work, read_rule

MOST_REPETITIONS = 20_000
"""A holiday comes round once a year; a rule that yields this many days is a mistake."""

_LONGEST_EVENT = 366
_TELLING = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS"}
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """One event of whole days, and when it comes again."""

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


def read_events(events: list[tuple[int, Event]]) -> tuple[list[Holiday], list[str]]:
    """Return the holidays among events with their lines, and what was left out. `BadFeed`."""
    for line, event in events:
        for what, said in event.errors:
            if what is None or what in _TELLING:
                raise BadFeed(f"{what or 'a line'} of an event cannot be read: {said}", line)
    holidays: list[Holiday] = []
    warnings: list[str] = []
    zones = {_uid(event): zone_of(event) for _, event in events if "RECURRENCE-ID" not in event}
    moved: dict[str, set[date]] = {}
    owners: list[str] = []
    for line, event in events:
        uid, instance = _uid(event), event.get("RECURRENCE-ID")
        if instance is not None:
            zone = zones.get(uid) or zone_of(event)
            moved.setdefault(uid, set()).add(zone.day_of(instance.dt, "RECURRENCE-ID", line))
        if str(event.get("STATUS", "")).strip().upper() == "CANCELLED":
            continue
        found = _read_event(line, event)
        if isinstance(found, str):
            warnings.append(f"line {line}: {found}")
            continue
        holidays.append(found)
        owners.append("" if instance is not None else uid)
    kept = [
        replace(holiday, without=holiday.without | moved[uid]) if uid in moved else holiday
        for holiday, uid in zip(holidays, owners, strict=True)
    ]
    return kept, warnings


def _uid(event: Event) -> str:
    return str(event.get("UID", ""))


def _read_event(line: int, event: Event) -> Holiday | str:
    """Return the holiday that an event is, or why it is none. Raises `BadFeed`."""
    name = " ".join(str(event.get("SUMMARY", "")).split()) or "holiday"
    if event.get("DTSTART") is None:
        raise BadFeed(f"the event {name!r} has no DTSTART", line)
    for once in ("DTSTART", "DTEND", "DURATION"):
        if isinstance(event.get(once), list):
            raise BadFeed(f"the event {name!r} has more than one {once}", line)
    start, zone = event["DTSTART"].dt, zone_of(event)
    first = zone.day_of(start, "DTSTART", line)
    if event.get("DTEND") is not None:
        span = span_of(start, event["DTEND"].dt, line, name)
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
    return Holiday(
        line,
        name,
        first,
        span.days,
        tuple(_rule(rule, first, zone, line, name) for rule in listed(event.get("RRULE"))),
        frozenset(zone.days_of(event.get("RDATE"), "RDATE", line)),
        frozenset(zone.days_of(event.get("EXDATE"), "EXDATE", line)),
    )


def _rule(rule: Any, start: date, zone: Zone, line: int, name: str) -> Rule:
    """Return a rule for an event that begins on `start`. Raises `BadFeed`."""
    ends = listed(rule.get("UNTIL"))
    # Of an event with a zone the end is written in UTC: the day is that of the event's own zone.
    until = zone.day_of(ends[0], "the UNTIL of the RRULE", line) if ends else None
    try:
        return read_rule(rule, start, until)
    except BadRule as error:
        raise BadFeed(f"{name!r} {error}", line) from None
