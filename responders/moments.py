"""Reads until when a case is put off, as people write it: ``2h``, ``tomorrow 14:30``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.config.durations import parse_duration

CUSTOMER_WORDS = frozenset({"customer", "until customer", "reply"})
MORNING = time(9)
"""When a day begins that was named without a time."""

HELP = "write how long (30m, 2h, 3d), when (tomorrow, 14:30, 2026-12-01 09:00), or customer"

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2}|today|tomorrow)(?:[ t]+(\S+))?", re.ASCII)


def read_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the time that `text` names, in UTC; None for the customer's next word.

    Days and times are those of `zone`. A time without a day is the next such time. Raises
    `ValueError`, which says what can be written, for anything else.
    """
    words = " ".join(text.lower().split())
    if words in CUSTOMER_WORDS:
        return None
    try:
        return now + parse_duration(words)
    except ValueError:
        found = _named(words, now.astimezone(zone))
    if found is None:
        raise ValueError(f"{text.strip()[:60]!r} is no time; {HELP}")
    return found.astimezone(UTC)


def _named(words: str, here: datetime) -> datetime | None:
    clock = _CLOCK.fullmatch(words)
    if clock is not None:
        today = _at(here, here.date().isoformat(), clock[0])
        if today is not None and today <= here:
            tomorrow = here.date() + timedelta(days=1)
            return _at(here, tomorrow.isoformat(), clock[0])
        return today
    day = _DAY.fullmatch(words)
    if day is None:
        return None
    named = {
        "today": here.date().isoformat(),
        "tomorrow": (here.date() + timedelta(days=1)).isoformat(),
    }
    return _at(here, named.get(day[1], day[1]), day[2] or f"{MORNING:%H:%M}")


def _at(here: datetime, day: str, clock: str) -> datetime | None:
    if not _CLOCK.fullmatch(clock):
        return None
    hour, minute = clock.split(":")
    try:
        date = datetime.fromisoformat(day)
    except ValueError:
        return None
    return date.replace(hour=int(hour), minute=int(minute), tzinfo=here.tzinfo)
