"""Reads one calendar from a file of its own: YAML or JSON, as under `calendars:` or near to it.

Whoever checks a deadline may bring hours that another program wrote. So some other names of keys
and other ways to write hours are understood here, and only here: config.yaml is strict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.config.calendars import DAYS, Calendar, is_link
from monitor.config.explain import explain
from monitor.config.icals import check_ical
from monitor.config.loading import read_text
from monitor.config.problems import ConfigError, Problem, nearest, shown
from monitor.config.problems import Path as KeyPath
from monitor.config.yamlnodes import Node, target
from monitor.config.yamltree import Document, Unreadable, read

_NAMES: Mapping[str, tuple[str, ...]] = {
    "timezone": ("time_zone", "timeZone", "time-zone", "tz", "zone"),
    "hours": ("week", "opening_hours", "business_hours", "working_hours", "open_hours"),
    "key": ("id", "name"),
    "holidays": ("closed_on",),
    "region": ("subdivision", "state", "province"),
}
"""Other names of the keys of a calendar."""

_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MANY = {"daily": (0, 6), "weekdays": (0, 4), "weekend": (5, 6)}
_REMARKS = ("name", "title", "description", "comment")
"""Keys that say nothing of hours."""

_CLOSED = ("", "closed")
_ALL_DAY = ("24h", "24/7", "all day", "open")

_PAIRS = (("start", "end"), ("from", "to"), ("open", "close"), ("opens", "closes"))
_CLOCK = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?(?::00)?", re.ASCII)
_SPAN = re.compile(r"\s*([0-9:]{1,8})\s*(?:[-–—]|to|until)\s*([0-9:]{1,8})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One calendar as it was told, where its file stands, and what its holidays are called."""

    calendar: Calendar
    folder: Path
    names: Mapping[date, str]


class _Renamed(Document):
    """The file as if its keys had the names of config.yaml: a problem is placed where it stands."""

    def _step(self, node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
        found = super()._step(node, step)
        where = target(node)
        known = self._indexed.get(where, {}) if found is None and where is not None else {}
        for name in sorted(known, key=lambda name: len(_days(name))):
            if name in _NAMES.get(str(step), ()) or step in _days(name):
                return known[name]
        return found


def read_calendar_file(path: Path, key: str = "") -> CalendarFile:
    """Return the calendar in a file, the one called `key` where there are several.

    Raises `ConfigError` with all problems; a calendar whose holidays are a link is one, since
    nothing is fetched.
    """
    text, problem = read_text(path)
    if problem is not None:
        # What is said of `rapport init` and --config is of another file than this.
        said = problem.message.partition("; run ")[0].removesuffix(" with --config")
        raise ConfigError([replace(problem, message=said)])
    if text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCALENDAR"):
        message = "holds holidays and no hours"
        expected = f"a calendar that names it: `ical: {path.name}` beside `timezone` and `hours`"
        raise ConfigError([Problem(str(path), 0, 0, "", message, expected=expected)])
    try:
        document = _Renamed(str(path), read(text, str(path)).root)
    except Unreadable as error:
        raise ConfigError([error.problem]) from None
    if document.problems:
        raise ConfigError(document.problems)
    at, raw = _pick(document, key)
    given, names = _plain(raw, path)
    problems = list(_given_twice(document, at, raw))
    calendar: Calendar | None = None
    try:
        calendar = Calendar.model_validate(given)
    except ValidationError as error:
        problems += explain(error, document, Calendar, at)
    problems += [p for p in check_ical(document, given, at) if p.severity == "error"]
    if calendar is not None and calendar.ical is not None and is_link(calendar.ical):
        message = "is a link, and nothing is fetched here"
        expected = "the file that stands there, saved beside this one"
        problems.append(document.problem((*at, "ical"), message, expected=expected))
    if problems or calendar is None:
        raise ConfigError(sorted(problems, key=lambda found: (found.line, found.column)))
    return CalendarFile(calendar, path.absolute().parent, names)


def _pick(document: Document, key: str) -> tuple[KeyPath, dict[str, Any]]:
    """Return place and values of the calendar that is asked for. Raises `ConfigError`."""
    root = document.value
    found: list[tuple[KeyPath, str, dict[str, Any]]] = []
    at: KeyPath = ()
    if isinstance(root, dict) and isinstance(root.get("calendar"), dict):
        at, root = ("calendar",), root["calendar"]
    if isinstance(root, dict) and "calendars" in root:
        at, root = (*at, "calendars"), root["calendars"]
        if isinstance(root, dict):
            # By their keys, as some write it.
            found = [
                ((*at, name), name, {"key": name, **each})
                for name, each in root.items()
                if isinstance(each, dict)
            ]
    elif isinstance(root, dict):
        found = [(at, _key_of(root), root)]
    if isinstance(root, list):
        found = [
            ((*at, i), _key_of(each), each) for i, each in enumerate(root) if isinstance(each, dict)
        ]
    if not found:
        raise _refuse(document, at, "holds no calendar", "`timezone` and `hours`")
    if not key and len(found) == 1:
        return found[0][0], found[0][2]
    keys = [name for _, name, _ in found if name]
    few = ", ".join(f"`{document.name}#{name}`" for name in keys[:8])
    few = f"one of {few}" if few else f"a `key` in each, to pick one as `{document.name}#KEY`"
    if not key:
        raise _refuse(document, at, f"holds {len(found)} calendars", few)
    for place, name, raw in found:
        if name == key or (len(found) == 1 and not name):
            return place, raw
    close = nearest(key, keys)
    message = f"holds no calendar {shown(key)!r}"
    raise _refuse(document, at, message, "" if close else few, close)


def _key_of(raw: dict[str, Any]) -> str:
    return next((str(raw[name]) for name in ("key", *_NAMES["key"]) if name in raw), "")


def _refuse(
    document: Document, at: KeyPath, message: str, expected: str, suggestion: str = ""
) -> ConfigError:
    return ConfigError([document.problem(at, message, expected=expected, suggestion=suggestion)])


def _plain(raw: dict[str, Any], path: Path) -> tuple[dict[str, Any], dict[date, str]]:
    """Return the values as config.yaml would hold them, and what holidays are called."""
    given = dict(raw)
    for name, others in _NAMES.items():
        for other in others:
            if name not in given and other in given:
                given[name] = given.pop(other)
    for remark in _REMARKS:
        given.pop(remark, None)
    given["key"] = _slug(str(given.get("key") or "")) or _slug(path.stem) or "calendar"
    if isinstance(given.get("hours"), list):
        given["hours"] = _by_day(given["hours"])
    if isinstance(given.get("hours"), dict):
        given["hours"] = _hours(given["hours"])
    if isinstance(given.get("region"), str):
        given["region"] = given["region"].removeprefix(f"{given.get('country')}-")
    holidays, names = _holidays(given.get("holidays"))
    if holidays is not None:
        given["holidays"] = holidays
    # What a case keeps of its calendar tells the names apart from the dates.
    _, kept = _holidays(given.pop("names", None))
    return given, {**kept, **names}


def _by_day(given: list[Any]) -> Any:
    """Return entries such as ``{day: mon, from: .., to: ..}`` as hours by day, else themselves.

    Entries of one day add up; those for fewer days count in the place of those for more.
    """
    found: dict[str, dict[int, list[Any]]] = {}
    for entry in given:
        rest = dict(entry) if isinstance(entry, dict) else {}
        days = rest.pop("days", None) or rest.pop("day", None) or rest.pop("weekday", None)
        if not days or not rest:
            return given
        spans = rest.pop("hours", None) or rest.pop("spans", None) or [rest]
        for name in days if isinstance(days, list) else [days]:
            meant = _days(name) if isinstance(name, str) else []
            if not meant:
                return given
            for day in meant:
                told = found.setdefault(day, {}).setdefault(len(meant), [])
                told.extend(spans if isinstance(spans, list) else [spans])
    return {day: told[min(told)] for day, told in found.items()}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:60]


def _hours(given: dict[str, Any]) -> dict[str, Any]:
    """Return hours by day. The name that means fewer days wins, whatever stands first."""
    found: dict[str, Any] = {}
    for name in sorted(given, key=lambda name: len(_days(name))):
        days = _days(name)
        for day in days or [name]:
            found.setdefault(day, _spans(given[name]) if days else given[name])
    return found


def _given_twice(document: Document, at: KeyPath, raw: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem where two names that mean equally many days both mean one of them."""
    hours = next((raw[name] for name in ("hours", *_NAMES["hours"]) if name in raw), None)
    first: dict[tuple[str, int], str] = {}
    for name in hours if isinstance(hours, dict) else ():
        days = _days(name)
        known = {day: first.setdefault((day, len(days)), name) for day in days}
        for day, other in known.items():
            if other != name:
                line, _ = document.locate((*at, "hours", other))
                message = f"{day} is given twice, first on line {line}"
                yield document.problem((*at, "hours", name), message, expected="one of the two")
                break


def _days(name: str) -> list[str]:
    """Return the days that a name means: ``Monday``, ``mon-fri``, ``weekdays``; else nothing."""
    text = name.strip().lower()
    if text in _MANY:
        first, last = _MANY[text]
        return list(DAYS[first : last + 1])
    ends = [_day(part.strip()) for part in re.split("[-–]", text)]
    if None in ends or len(ends) > 2:
        return []
    first, last = ends[0] or 0, ends[-1] or 0
    return [DAYS[at % 7] for at in range(first, last + 1 if last >= first else last + 8)]


def _day(text: str) -> int | None:
    for names in (DAYS, _FULL):
        if text in names:
            return names.index(text)
    return {"tues": 1, "thur": 3, "thurs": 3}.get(text)


def _spans(given: Any) -> Any:
    """Return the spans of a day as a list of texts; what cannot be read stays for the checks."""
    word = given.strip().lower() if isinstance(given, str) else given
    if word is None or word in _CLOSED:
        return []
    if isinstance(given, str) and word in _ALL_DAY:
        return ["00:00-24:00"]
    if isinstance(given, str):
        return [_span(part) for part in given.split(",")]
    if isinstance(given, dict):
        return [_span(given)]
    if isinstance(given, list):
        if len(given) == 2 and all(isinstance(e, str) and _CLOCK.fullmatch(e) for e in given):
            return [_span(given)]
        return [_span(each) for each in given]
    return given


def _span(given: Any) -> Any:
    if isinstance(given, dict):
        for first, last in _PAIRS:
            if given.keys() == {first, last}:
                given = [given[first], given[last]]
                break
    if isinstance(given, list) and len(given) == 2:
        first, last = given
        if isinstance(first, int) and isinstance(last, int) and last > 48:
            # Minutes of the day, as a case keeps them. Small numbers might be hours, also of the
            # next morning (22 to 26): refused.
            first, last = _of_minutes(first), _of_minutes(last if last <= 1440 else last - 1440)
        given = f"{first}-{last}" if isinstance(first, str) and isinstance(last, str) else given
    written = _SPAN.fullmatch(given) if isinstance(given, str) else None
    times = [_CLOCK.fullmatch(part) for part in written.groups()] if written else []
    known = [f"{time[1]}:{time[2] or '00'}" for time in times if time is not None]
    return "-".join(known) if len(known) == 2 else given


def _of_minutes(count: int) -> str:
    return f"{count // 60:02}:{count % 60:02}"


def _holidays(given: Any) -> tuple[Any, dict[date, str]]:
    """Return holidays as a list of dates, with their names where they are told."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(given, dict):
        pairs = list(given.items())
    elif isinstance(given, list):
        pairs = [
            (each.get("date"), each.get("name"))
            if isinstance(each, dict) and each.keys() <= {"date", "name"}
            else (each, "")
            for each in given
        ]
    elif given is not None:
        return given, {}
    names: dict[date, str] = {}
    for day, name in pairs:
        try:
            names[date.fromisoformat(day)] = str(name or "")
        except (ValueError, TypeError):
            continue  # the calendar's own check says what is wrong
    return [day for day, _ in pairs], {day: name for day, name in names.items() if name}
