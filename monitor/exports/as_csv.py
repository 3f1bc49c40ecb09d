"""Writes a table as CSV (RFC 4180): commas, quotes where they are needed, CRLF, a header line.

It begins with a byte order mark, because Excel takes UTF-8 for the letters of Windows without one;
what reads it as ``utf-8-sig`` does not see it. A spreadsheet would run a text that begins like
a formula, so such a text gets an apostrophe in front; numbers, also negative ones, get none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

from monitor.exports.tables import Cell, Column, Head, Sheet, aware, checked, number, pieces, whole

MARK = "\ufeff"
_FORMULA = re.compile(r"[\s\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*\Z", re.ASCII)


def write_csv(head: Head, sheet: Sheet, *, mark: bool = True) -> Iterator[bytes]:
    """Yield the table in pieces; times are ISO 8601 in the zone of `head`, durations in seconds.

    Without `mark` there is no byte order mark.
    """
    return pieces(_lines(head, sheet, mark))


def _lines(head: Head, sheet: Sheet, mark: bool) -> Iterator[str]:
    held = StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    place = head.place
    writer.writerow([harmless(_heading(column)) for column in sheet.columns])
    yield (MARK if mark else "") + held.getvalue()
    for row in sheet.rows:
        held.seek(0)
        held.truncate()
        writer.writerow(_cells(checked(row, sheet.columns), sheet.columns, place))
        yield held.getvalue()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    text = whole(text)
    if _FORMULA.match(text) and not _NUMBER.match(text):
        return f"'{text}"
    return text


def _heading(column: Column) -> str:
    unit = {"seconds": "s", "share": "0 to 1"}.get(column.kind, column.unit)
    return f"{column.name} ({unit})" if unit else column.name


def _cells(row: Sequence[Cell], columns: Sequence[Column], place: ZoneInfo) -> list[str]:
    return [_cell(value, column, place) for value, column in zip(row, columns, strict=True)]


def _cell(value: Cell, column: Column, place: ZoneInfo) -> str:
    if value is None:
        return ""
    if column.kind == "text":
        return harmless(str(value))
    if column.kind == "time":
        return aware(value, column).astimezone(place).isoformat(timespec=_spec(value))
    told = number(value, column)
    return "" if told is None else repr(told)


def _spec(value: Cell) -> str:
    return "milliseconds" if isinstance(value, datetime) and value.microsecond else "seconds"
