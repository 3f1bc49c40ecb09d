"""iCal files that the configuration names: read where they stand, and checked with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from monitor.config.calendars import is_link
from monitor.config.problems import Problem, shown
from monitor.config.yamltree import Document
from monitor.hours.ical import MAX_BYTES, BadFeed, Feed, read_feed

_EVER = (date(1970, 1, 1), date(2100, 1, 1))
_MOST_WARNINGS = 3


def read_ical(path: Path) -> Feed:
    """Read an iCal file. Raises `BadFeed` for one that is missing, broken, huge or wild."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadFeed("there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise BadFeed(f"cannot be read ({reason})") from None
    return proven(data)


def proven(data: bytes) -> Feed:
    """Read the content of an iCal file and try its rules. Raises `BadFeed`."""
    feed = read_feed(data)
    feed.days(*_EVER)  # a rule that runs wild is met here rather than when a case is opened
    return feed


def path_of(ical: str, folder: Path) -> Path:
    """Return the file that a calendar in a file of `folder` names."""
    return folder / Path(ical).expanduser()


def check_ical(
    document: Document, calendar: dict[str, Any], at: tuple[str | int, ...]
) -> Iterator[Problem]:
    """Yield what is wrong with the iCal file of one calendar, and what of it does not count.

    A link is not looked at: nothing is fetched while a configuration is read.
    """
    ical = calendar.get("ical")
    if not isinstance(ical, str) or not ical.strip() or is_link(ical) or "://" in ical:
        return
    try:
        feed = read_ical(path_of(ical, Path(document.name).absolute().parent))
    except BadFeed as error:
        place = f"{shown(ical)}:{error.line}" if error.line else shown(ical)
        yield document.problem((*at, "ical"), f"{place}: {error}")
        return
    for warning in feed.warnings[:_MOST_WARNINGS]:
        yield document.problem((*at, "ical"), f"{shown(ical)}: {warning}", severity="warning")
    if len(feed.warnings) > _MOST_WARNINGS:
        more = f"{len(feed.warnings) - _MOST_WARNINGS} more events are not of whole days"
        yield document.problem((*at, "ical"), f"{shown(ical)}: {more}", severity="warning")
