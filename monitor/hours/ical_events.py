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
_ONCE = ("UID", "RECURRENCE-ID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "DURATION")
_TELLING = frozenset({*_ONCE, "RRULE", "RDATE", "EXDATE"})
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


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event before it is known whether it counts. `instance` is which repetition it is of."""

    line: int
    event: Event
    uid: str
    instance: date | None
    version: int
    cancelled: bool


def read_events(events: list[tuple[int, Event]]) -> tuple[list[Holiday], list[str]]:
    """Return the holidays among events with their lines, and what was left out. `BadFeed`."""
    for line, event in events:
        _check(line, event)
    holidays: list[Holiday] = []
    warnings: list[str] = []
    zones = {_uid(event): zone_of(event) for _, event in events if "RECURRENCE-ID" not in event}
    entries = [_entry(line, event, zones) for line, event in events]
    moved: dict[str, set[date]] = {}
    for entry in entries:
        if entry.instance is not None:
            moved.setdefault(entry.uid, set()).add(entry.instance)
    for entry in _newest(entries):
        if entry.cancelled:
            continue
        found = _read_event(entry.line, entry.event)
        if isinstance(found, str):
            warnings.append(f"line {entry.line}: {found}")
        elif entry.instance is None and entry.uid in moved:
            holidays.append(replace(found, without=found.without | moved[entry.uid]))
        else:
            holidays.append(found)
    return holidays, warnings


def _check(line: int, event: Event) -> None:
    """Raise `BadFeed` where what tells of an event cannot be read, or is there twice."""
    for what, said in event.errors:
        if what is None or what in _TELLING:
            raise BadFeed(f"{what or 'a line'} of an event cannot be read: {said}", line)
    name = _name(event)
    for once in _ONCE:
        if isinstance(event.get(once), list):
            raise BadFeed(f"the event {name!r} has more than one {once}", line)
    if not isinstance(event.get("SEQUENCE", 0), int):
        raise BadFeed(f"SEQUENCE of the event {name!r} is no number", line)
    instance = event.get("RECURRENCE-ID")
    if instance is None:
        return
    if not _uid(event):
        raise BadFeed(
            f"the event {name!r} has a RECURRENCE-ID and no UID; "
            "give it the UID of the event that repeats",
            line,
        )
    if "RANGE" in instance.params:
        raise BadFeed(
            f"the event {name!r} changes all repetitions that follow (RANGE), which is not known "
            "here; end the old event with UNTIL and write a new one",
            line,
        )


def _entry(line: int, event: Event, zones: dict[str, Zone]) -> _Entry:
    uid, instance = _uid(event), event.get("RECURRENCE-ID")
    zone = zones.get(uid) or zone_of(event)
    return _Entry(
        line,
        event,
        uid,
        zone.day_of(instance.dt, "RECURRENCE-ID", line) if instance is not None else None,
        int(event.get("SEQUENCE", 0)),
        str(event.get("STATUS", "")).strip().upper() == "CANCELLED",
    )


def _newest(entries: list[_Entry]) -> Iterator[_Entry]:
    """Yield the events less those of which the file holds a later version, by their SEQUENCE."""
    latest: dict[tuple[str, date | None], _Entry] = {}
    for entry in entries:
        known = latest.get((entry.uid, entry.instance))
        if known is None or entry.version > known.version:
            latest[entry.uid, entry.instance] = entry
    for entry in entries:
        last = latest[entry.uid, entry.instance]
        whole = latest.get((entry.uid, None), last)
        # Two of one version are two holidays: some programs give the same UID to all.
        outdated = entry.version < last.version
        ended = whole.cancelled and entry.version < whole.version
        if not entry.uid or not (outdated or ended):
            yield entry


def _name(event: Event) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split()) or "holiday"


def _uid(event: Event) -> str:
    return str(event.get("UID", ""))


def _read_event(line: int, event: Event) -> Holiday | str:
    """Return the holiday that an event is, or why it is none. Raises `BadFeed`."""
    name = _name(event)
    if event.get("DTSTART") is None:
        raise BadFeed(f"the event {name!r} has no DTSTART", line)
    start, zone = event["DTSTART"].dt, zone_of(event)
    first = zone.day_of(start, "DTSTART", line)
    if event.get("DTEND") is not None:
        span = span_of(start, event["DTEND"].dt, zone, line, name)
    elif event.get("DURATION") is not None:
        span = event["DURATION"].dt
        if not isinstance(span, timedelta):
            raise BadFeed(f"DURATION of the event {name!r} is no length", line)
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
