"""The scripted week: who says what, when, and what they do once they are answered.

A script is a folder of YAML files, one a language: ``language: de`` and a list of ``entries``.
Times are story time: the week begins on Monday at 07:00, and ``at: tue 14:20`` is a moment in it.
``at: -3h`` is a moment before the week begins, so it stands there from the start. Durations are
written ``30m``, ``4h``, ``1d 6h``.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

SHIPPED = Path(__file__).with_name("week")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK_BEGINS = 7 * 3600
"""Story time zero, in seconds after midnight on Monday."""
WEEK = 7 * 86400

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"^\s*(?:\d+\s*[dhms]\s*)+$")
_PART = re.compile(r"(\d+)\s*([dhms])")
_MOMENT = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d)$")


class ScriptError(ValueError):
    """A script cannot be played; the message names the file and the entry."""


def read_duration(value: object) -> float:
    """Return the seconds in ``1d 6h`` or a plain number; raise `ValueError`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _DURATION.match(value):
        return float(sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(value)))
    raise ValueError(f"expected a duration such as 30m, 4h or 1d 6h, not {value!r}")


def read_moment(value: object) -> float:
    """Return story seconds for ``tue 14:20``, or a negative number for ``-3h``.

    Raises `ValueError`. A moment on Monday before 07:00 does not exist: the week begins then.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip().lower()
    if text.startswith("-"):
        return -read_duration(text[1:])
    found = _MOMENT.match(text)
    if not found:
        raise ValueError(f"expected a moment such as 'tue 14:20' or '-3h', not {value!r}")
    day, hours, minutes = found.groups()
    seconds = DAYS.index(day) * 86400 + int(hours) * 3600 + int(minutes) * 60 - WEEK_BEGINS
    if seconds < 0:
        raise ValueError("the week begins on Monday at 07:00")
    return float(seconds)


def name_moment(story: float) -> str:
    """Say a moment of the week in words: ``Tuesday 14:20``.

    >>> name_moment(0)
    'Monday 07:00'
    """
    seconds = int(story) + WEEK_BEGINS
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    day, rest = divmod(seconds, 86400)
    return f"{names[day % 7]} {rest // 3600:02d}:{rest % 3600 // 60:02d}"


Duration = Annotated[float, BeforeValidator(read_duration), Field(ge=0)]
Moment = Annotated[float, BeforeValidator(read_moment)]
Stars = Annotated[int, Field(ge=1, le=5)]
Board = Literal["reviews", "feed"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Edit(_Model):
    """The author changes what they wrote; what is not given stays."""

    after: Duration
    stars: Stars | None = None
    title: str | None = None
    text: str | None = None


class Deletion(_Model):
    """The author takes it down."""

    after: Duration


class Reaction(_Model):
    """What the author does once the business has answered, counted from the answer.

    ``raise_rating`` edits the review; ``thanks``, ``stay_angry`` and ``ask_again`` comment under
    the answer; ``delete`` takes the text down. A comment may have reactions of its own.
    """

    after: Duration
    do: Literal["raise_rating", "thanks", "stay_angry", "ask_again", "delete"]
    stars: Stars | None = None
    title: str | None = None
    text: str = ""
    when_answered: tuple[Reaction, ...] = ()


class Entry(_Model):
    """One thing that somebody says during the week.

    `under` names the entry that this one comments on. `repeat` says the text so many times over,
    for texts of absurd length.
    """

    key: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    at: Moment
    board: Board = "reviews"
    author: str
    stars: Stars | None = None
    title: str = ""
    text: str = ""
    language: str = ""
    location: Literal["", "quay", "mill", "app"] = ""
    under: str = ""
    repeat: Annotated[int, Field(ge=1, le=2000)] = 1
    edit: Edit | None = None
    delete: Deletion | None = None
    when_answered: tuple[Reaction, ...] = ()


def dump_reactions(reactions: tuple[Reaction, ...]) -> str:
    """Return reactions as JSON, for `read_reactions`."""
    return json.dumps([reaction.model_dump(exclude_defaults=True) for reaction in reactions])


def read_reactions(kept: str) -> tuple[Reaction, ...]:
    """Return the reactions in what `dump_reactions` wrote."""
    return tuple(Reaction.model_validate(raw) for raw in json.loads(kept))


def load_week(folder: Path = SHIPPED) -> tuple[Entry, ...]:
    """Return the entries of every ``*.yaml`` in `folder`, in the order in which they appear.

    Raises `ScriptError` when a file cannot be read, an entry is wrong, a key is used twice, or an
    entry comments on one that does not stand there before it.
    """
    if not folder.is_dir():
        raise ScriptError(f"{folder} is no folder of scripts")
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        entries.extend(_read_file(path))
    entries.sort(key=lambda entry: entry.at)
    seen: dict[str, Entry] = {}
    for entry in entries:
        if entry.key in seen:
            raise ScriptError(f"the key {entry.key!r} is used twice")
        if entry.under:
            above = seen.get(entry.under)
            if above is None or above.board != entry.board:
                raise ScriptError(f"{entry.key!r} comments on {entry.under!r}, not there before it")
        seen[entry.key] = entry
    return tuple(entries)


@cache
def shipped_week() -> tuple[Entry, ...]:
    """Return the week that comes with Rapport, read once."""
    return load_week(SHIPPED)


def _read_file(path: Path) -> list[Entry]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # many times faster where present
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScriptError(f"{path.name}: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("entries"), list):
        raise ScriptError(f"{path.name}: expected a language and a list of entries")
    entries = []
    for number, raw in enumerate(found["entries"], start=1):
        label = raw.get("key", f"number {number}") if isinstance(raw, dict) else f"number {number}"
        try:
            entry = Entry.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ScriptError(f"{path.name}: entry {label}: {where}: {first['msg']}") from error
        if not entry.language:
            entry = entry.model_copy(update={"language": str(found.get("language", ""))})
        entries.append(entry)
    return entries
