"""Reads what a reckoning on the command line is given: a time, a length, a calendar.

Liberal in what is read, exact in what is counted: what had to be chosen, such as the reading of
a local time that the clock shows twice, is said in a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from monitor.cli.say import WRONG, fail
from monitor.hours import ALWAYS, Calendar, between, closed_holidays, open_intervals
from monitor.hours.ical import BadFeed
from monitor.hours.timeline import EPOCH, first_moment

LONGEST = 100 * 366 * 86_400
"""Seconds; no calendar is asked for more open time than this."""

_FIRST_YEAR, _LAST_YEAR = 3, 9997
"""A local date and a night shift must fit on either side of what Python calls a date."""

_PART = re.compile(
    r"\s*([0-9]{1,12}(?:[.,][0-9]{1,9})?)\s*"
    r"(ms|weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)",
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    r"P(?:(?P<w>N)W)?(?:(?P<d>N)D)?(?:T(?:(?P<h>N)H)?(?:(?P<m>N)M)?(?:(?P<s>N)S)?)?".replace(
        "N", r"[0-9]{1,12}(?:[.,][0-9]{1,9})?"
    ),
    re.ASCII,
)
_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_EXPECTED = "expected a length such as 4h, 1h30m, 45s, 2d (48 open hours), PT4H or seconds"
_TIME = "expected a time such as 2026-03-27T16:45+01:00, 2026-03-27T15:45Z or 2026-03-27T16:45"


class Unclear(ValueError):
    """What was given cannot be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, and the note that tells how it was read where it had to be chosen."""

    at: datetime
    note: str = ""


def read_length(text: str) -> Fraction:
    """Return the seconds that a length says: ``4h``, ``1h30m``, ``PT4H``, ``14400``.

    A day is 24 hours of open time, a week 168. Raises `Unclear`.
    """
    given = text.strip()
    found = _of_iso(given.upper()) if given[:1] in ("P", "p") else _of_parts(given)
    if found is None:
        minus = "a length cannot be below zero" if given.startswith(("-", "−")) else "cannot read"
        raise Unclear(f"{minus}: {text!r}; {_EXPECTED}")
    if found > LONGEST:
        raise Unclear(f"{text!r} is more than a hundred years")
    if (found * 1_000_000).denominator != 1:
        raise Unclear(f"{text!r} is finer than a microsecond")
    return found


def _of_parts(given: str) -> Fraction | None:
    if re.fullmatch(r"[0-9]{1,12}([.][0-9]{1,9})?", given, re.ASCII):
        return Fraction(given)
    total, at = Fraction(0), 0
    for part in _PART.finditer(given):
        if part.start() != at:
            return None
        at = part.end()
        unit = part[2].lower()
        amount = Fraction(part[1].replace(",", "."))
        total += amount / 1000 if unit == "ms" else amount * _UNITS[unit[0]]
    return total if at and not given[at:].strip() else None


def _of_iso(given: str) -> Fraction | None:
    found = _ISO.fullmatch(given)
    if found is None or given.endswith("T") or not any(found.groups()):
        return None
    return sum(
        (
            Fraction(amount.replace(",", ".")) * _UNITS[unit.lower()]
            for unit, amount in found.groupdict().items()
            if amount
        ),
        Fraction(0),
    )


def read_time(text: str, zone: ZoneInfo) -> Moment:
    """Return the time that `text` says, in ISO 8601; a local one is read in `zone`.

    A local time inside a gap of the clock is the moment at which the clock jumps; one that is
    shown twice is its first passing, as with the bounds of opening hours. Raises `Unclear`.
    """
    given = text.strip().replace("\u2212", "-")
    named = re.fullmatch(r"(.+?)\s*\[([A-Za-z0-9_+/-]+)\]", given)
    if named is not None:
        given = named[1]
        try:
            zone = ZoneInfo(named[2])
        except (ValueError, OSError, LookupError):
            raise Unclear(f"{text!r} names no time zone; {_TIME}") from None
    given = re.sub(r"\s*(UTC|GMT|[Zz])$", "Z", given)
    given = re.sub(r"\s+(?=[-+][0-9])", "", given)
    given, later = re.subn(r"(?<=[0-9][Tt ])24:?00(:?00([.,]0+)?)?(?![0-9:.,])", "00:00", given)
    try:
        # Weeks (2026-W13-5), dates alone and times without colons are ISO 8601 too.
        at = datetime.fromisoformat(given.upper())
        at += timedelta(days=later)
    except (ValueError, OverflowError):
        raise Unclear(f"cannot read {text!r}; {_TIME}") from None
    check_year(at)
    return _local(at, zone) if at.utcoffset() is None else Moment(at.astimezone(UTC))


def check_year(at: datetime) -> None:
    """Raise `Unclear` for a time that no calendar reaches."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Unclear(f"the year {at.year} is outside the years {_FIRST_YEAR} to {_LAST_YEAR}")


def _local(at: datetime, zone: ZoneInfo) -> Moment:
    name = zone.key
    first, second = at.replace(tzinfo=zone), at.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after or before is None or after is None:
        return Moment(first.astimezone(UTC), f"{at.isoformat()} was read as a time of {name}")
    if before > after:
        return Moment(
            first.astimezone(UTC),
            f"{at.isoformat()} is shown twice by the clock of {name}; read as the first, "
            f"{first.isoformat()}; for the second write {second.isoformat()}",
        )
    jump = EPOCH + timedelta(microseconds=first_moment(zone, at.date(), at.hour * 60 + at.minute))
    return Moment(
        jump,
        f"{at.isoformat()} is never shown by the clock of {name}; read as the moment at which it "
        f"jumps, {jump.astimezone(zone).isoformat()}",
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A calendar that was named on the command line, with the holidays of any years."""

    key: str
    zone: ZoneInfo
    note: str
    make: Callable[[range], Calendar]
    """Returns it with the holidays of some years. Raises `BadFeed`."""
    ical: str = ""

    def over(self, start: datetime, end: datetime) -> Calendar:
        """Return it with the holidays of every year that time between `start` and `end` is in.

        Ends where its iCal file cannot tell the holidays of these years.
        """
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        # A local date may be in the year before or after, and a night shift begins the day before.
        try:
            return self.make(range(max(first - 1, 1), min(last + 1, 9998) + 1))
        except BadFeed as error:
            place = f"{self.ical}:{error.line}" if error.line else self.ical
            advice = "correct the file, or give times nearer to each other and to today"
            fail(f"calendar {self.key}: {place}: {error}; {advice}", WRONG)


def read_calendar(ctx: click.Context, named: str) -> Told:
    """Return the calendar of the configuration, or in the file, that is named; else end.

    What is a file, or looks like one, is read as one: ``hours.yaml``, ``hours.json#office``.
    """
    if named == ALWAYS.key:
        return Told(ALWAYS.key, ALWAYS.zone, "", lambda _years: ALWAYS)
    path, _, key = named.rpartition("#") if "#" in named else (named, "", "")
    if _is_file(path):
        return _of_file(Path(path).expanduser(), key)
    return _of_config(ctx, named)


def _is_file(path: str) -> bool:
    looks = path.lower().endswith((".yaml", ".yml", ".json", ".ics")) or "/" in path
    return looks or "\\" in path or Path(path).is_file()


def _of_file(path: Path, key: str) -> Told:
    from monitor.calendars import make_calendar
    from monitor.config import ConfigError
    from monitor.config.calendar_files import read_calendar_file

    try:
        found = read_calendar_file(path, key)
    except ConfigError as error:
        end_with(error)
    told = found.calendar

    def make(years: range) -> Calendar:
        return make_calendar(told, found.folder, years, names=found.names)

    return Told(told.key, ZoneInfo(told.timezone), "", make, told.ical or "")


def _of_config(ctx: click.Context, key: str) -> Told:
    from monitor.calendars import kept_copy, make_calendar
    from monitor.config import ConfigError, default_config_path, load
    from monitor.config.calendars import is_link
    from monitor.config.problems import nearest

    path = default_config_path(ctx.obj)
    if not path.exists():
        fail(
            f"there is no file {key!r}, and no configuration {path} that could have a calendar of "
            "this name; give --calendar a file, or name the configuration with --config",
            WRONG,
        )
    try:
        config = load(path, with_secrets=False)
    except ConfigError as error:
        end_with(error)
    keys = [each.key for each in config.calendars]
    if key not in keys:
        near = nearest(key, [ALWAYS.key, *keys])
        hint = f"did you mean {near}?" if near else f"there are {', '.join([ALWAYS.key, *keys])}"
        fail(f"--calendar {key}: {path} has no calendar of this name; {hint}", WRONG)
    told = config.calendar(key)
    copy = kept_copy(config, told)
    note = ""
    if told.ical and is_link(told.ical) and copy is None:
        note = "the holidays of its link were not fetched yet and are missing; the daemon does so"

    def make(years: range) -> Calendar:
        return make_calendar(told, config.base_dir, years, copy)

    return Told(told.key, ZoneInfo(told.timezone), note, make, told.ical or "")


def end_with(error: Exception) -> NoReturn:
    """End with every problem of a configuration or a calendar file, one line each."""
    for line in str(error).splitlines():
        click.echo(line, err=True)
    fail("the calendar cannot be used", WRONG)


def seconds(count: Fraction | float) -> int | float:
    """Return a number of seconds as JSON writes it best: whole ones without a point."""
    return int(count) if count == int(count) else float(count)


def spans_of(calendar: Calendar, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the open stretches between two times as JSON tells them, in local time."""
    return [
        {
            "start": opened.astimezone(calendar.zone).isoformat(),
            "end": closed.astimezone(calendar.zone).isoformat(),
            "seconds": between(calendar, opened, closed),
        }
        for opened, closed in open_intervals(calendar, start, end)
    ]


def holidays_of(calendar: Calendar, start: datetime, end: datetime) -> list[dict[str, str]]:
    """Return the holidays that cost open time between two times as JSON tells them."""
    return [
        {"date": day.isoformat(), "name": calendar.names.get(day, "")}
        for day in closed_holidays(calendar, start, end)
    ]


def in_utc(at: datetime) -> str:
    """Write a time in UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
