"""Makes the calendars of a configuration into those that clocks run by, holidays and all.

Holidays are worked out for some years around today, so that a calendar is a plain set of dates
which a case can keep. The years are counted from the clock; `HolidayFeeds` has them counted anew
when a year ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from monitor.clock import Clock, utc_now
from monitor.config import Config
from monitor.config.calendars import Calendar as Told
from monitor.config.calendars import is_link
from monitor.config.icals import path_of, read_ical
from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.hours.countries import public_holidays
from monitor.hours.ical import BadFeed, Feed

YEARS_BACK = 3
"""Enough to play history again under other hours."""

YEARS_AHEAD = 10
"""Beyond any deadline that somebody promises."""


def calendar_of(config: Config, key: str, clock: Clock = utc_now) -> Calendar:
    """Return a configured calendar, or the one that is always open; raise `KeyError`.

    Raises `BadFeed` when its iCal file has become unreadable since the configuration was read.
    """
    if key == ALWAYS.key:
        return ALWAYS
    told = config.calendar(key)
    return make_calendar(told, config.base_dir, years_around(clock), kept_copy(config, told))


def calendars_of(config: Config, clock: Clock = utc_now) -> dict[str, Calendar]:
    """Return every configured calendar by its key; raise `BadFeed` as `calendar_of` does."""
    return {told.key: calendar_of(config, told.key, clock) for told in config.calendars}


def years_around(clock: Clock) -> range:
    """Return the years whose holidays are worked out: some back, more ahead."""
    year = clock().year
    return range(year - YEARS_BACK, year + YEARS_AHEAD + 1)


def make_calendar(
    told: Told,
    folder: Path,
    years: range,
    copy: Path | None = None,
    names: Mapping[date, str] | None = None,
) -> Calendar:
    """Return the calendar that is told, with the holidays of `years` and those given by hand.

    A relative iCal file starts at `folder`; `copy` holds what was fetched where it is a link, and
    without one a link gives no holidays. `names` are those of holidays by hand. Raises `BadFeed`.
    """
    feed = feed_of(told, folder, copy)
    found = {
        day: name for day, name in holidays_of(told, years, feed).items() if day not in told.open_on
    }
    found.update((day, (names or {}).get(day, found.get(day, ""))) for day in told.holidays)
    return Calendar(
        key=told.key,
        timezone=told.timezone,
        week=parse_week({day: [str(span) for span in spans] for day, spans in told.hours}),
        holidays=frozenset(found),
        names=found,
    )


def feed_of(told: Told, folder: Path, copy: Path | None) -> Feed | None:
    """Return what the iCal file of a calendar says, or the copy of its link; raise `BadFeed`."""
    if told.ical is None:
        return None
    file = copy if is_link(told.ical) else path_of(told.ical, folder)
    return read_ical(file) if file is not None else None


def holidays_of(told: Told, years: range, feed: Feed | None) -> dict[date, str]:
    """Return the holidays of `years` by country and iCal, with those on which work goes on."""
    found: dict[date, str] = {}
    if feed is not None:
        found = feed.days(date(years[0], 1, 1), date(years[-1], 12, 31))
    if told.country is not None:
        found |= public_holidays(told.country, told.region, years)
    return found


def place_of_copy(config: Config, told: Told) -> Path:
    """Return where the last good copy of a calendar's link is kept: another link, another file."""
    mark = hashlib.sha256((told.ical or "").encode()).hexdigest()[:12]
    return config.base_dir / "var" / "calendars" / f"{told.key}-{mark}.ics"


def kept_copy(config: Config, told: Told) -> Path | None:
    """Return the last good copy of a calendar's link, or None where there is none to be read."""
    if told.ical is None or not is_link(told.ical):
        return None
    place = place_of_copy(config, told)
    try:
        read_ical(place)
    except BadFeed:
        return None
    return place
