"""A table with a cell of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from monitor.exports import Cell, Column, Head, Sheet

AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
HEAD = Head(
    "Cases",
    AT,
    "Europe/Berlin",
    {"Period": "90 days", "Source": "board"},
    [("In time", "met ÷ (met + missed + overdue)")],
)
COLUMNS = (
    Column("case", "Case"),
    Column("count", "Mentions", "integer"),
    Column("rating", "Rating", "number", "stars"),
    Column("first", "First response", "seconds"),
    Column("share", "In time", "share"),
    Column("opened", "Opened", "time"),
)
ROW: tuple[Cell, ...] = ("C-1", 3, 4.5, 5_400, 0.875, AT)
NOTHING: tuple[Cell, ...] = (None,) * 6


def sheet(*rows: Sequence[Cell], name: str = "Cases") -> Sheet:
    return Sheet(name, COLUMNS, iter(rows))


def texts(*rows: str, name: str = "Words") -> Sheet:
    return Sheet(name, (Column("said", "Said"),), iter([(each,) for each in rows]))


def many(count: int) -> Iterable[Sequence[Cell]]:
    return ((f"C-{each}", each, 4.5, each * 1.5, 0.5, AT) for each in range(count))
