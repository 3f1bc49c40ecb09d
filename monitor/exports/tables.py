"""What is exported: columns that know their kind, rows that come one by one, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["text", "integer", "number", "seconds", "share", "time"]
"""Kinds of columns: `share` is 0 to 1, `time` an aware datetime."""

Cell = str | int | float | datetime | None
"""A value; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` is its name for programs, `name` the one for people, `unit` what it counts.

    The units of `seconds` and `time` are added by the formats.
    """

    key: str
    name: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `rows` is gone through once; each row has one cell a column."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Head:
    """What an export is: when it was made, in which zone its times are told, what was chosen.

    `definitions` are (term, meaning). Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
    """

    title: str
    made_at: datetime
    zone: str = "UTC"
    filters: Mapping[str, str] = field(default_factory=dict)
    definitions: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)

    @property
    def place(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)


def checked(row: Sequence[Cell], columns: Sequence[Column]) -> Sequence[Cell]:
    """Return a row; raise `ValueError` when it does not have one cell a column."""
    if len(row) != len(columns):
        raise ValueError(f"a row has {len(row)} cells for {len(columns)} columns")
    return row


def aware(value: Cell, column: Column) -> datetime:
    """Return a time; raise `ValueError` where it is none or has no zone."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(f"{column.key!r} holds {value!r}, which is no time with a zone")
    return value


def number(value: Cell, column: Column) -> int | float | None:
    """Return a number, None for one that is not finite; raise `ValueError` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{column.key!r} holds {value!r}, which is no number")
    return value if isinstance(value, int) or isfinite(value) else None


def whole(text: str) -> str:
    """Return a text that UTF-8 can carry: half a letter becomes a question mark, no NUL is left."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


PIECE = 1 << 16
"""Pieces have about so many bytes: few enough to wait for, enough to be worth sending."""


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Put lines together to pieces of bytes."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()
