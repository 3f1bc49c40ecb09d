"""Writes tables as one JSON document, or one table as NDJSON; rows are objects by column key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from monitor.exports.tables import Cell, Column, Head, Sheet, aware, checked, number, pieces, whole


def write_json(head: Head, sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield one object in pieces: what was asked and what it means first, then the tables.

    Times are ISO 8601 in the zone of `head`, durations seconds, shares 0 to 1.
    """
    return pieces(_document(head, sheets))


def write_ndjson(head: Head, sheet: Sheet) -> Iterator[bytes]:
    """Yield one object a line, one line a row; there is no head."""
    return pieces(f"{_row(row, sheet.columns, head.place)}\n" for row in sheet.rows)


def _document(head: Head, sheets: Sequence[Sheet]) -> Iterator[str]:
    known: Mapping[str, Any] = {
        "title": head.title,
        "made_at": head.made_at.astimezone(head.place).isoformat(timespec="seconds"),
        "zone": head.zone,
        "filters": dict(head.filters),
        "definitions": [{"term": term, "meaning": told} for term, told in head.definitions],
    }
    yield f'{_dump(known)[:-1]}, "tables": ['
    for place, sheet in enumerate(sheets):
        columns = [
            {"key": each.key, "name": each.name, "kind": each.kind, "unit": each.unit}
            for each in sheet.columns
        ]
        begins = _dump({"name": sheet.name, "columns": columns})[:-1]
        yield f'{", " if place else ""}{begins}, "rows": ['
        for count, row in enumerate(sheet.rows):
            yield (",\n" if count else "\n") + _row(row, sheet.columns, head.place)
        yield "\n]}"
    yield "]}\n"


def _row(row: Sequence[Cell], columns: Sequence[Column], place: ZoneInfo) -> str:
    cells = zip(checked(row, columns), columns, strict=True)
    return _dump({column.key: _cell(value, column, place) for value, column in cells})


def _cell(value: Cell, column: Column, place: ZoneInfo) -> str | int | float | None:
    if value is None:
        return None
    if column.kind == "text":
        return str(value)
    if column.kind == "time":
        return aware(value, column).astimezone(place).isoformat()
    return number(value, column)


def _dump(value: Any) -> str:
    return whole(json.dumps(value, ensure_ascii=False, allow_nan=False))
