"""Writes several tables as one file, in whatever format: for pages and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.exports.as_csv import write_csv
from monitor.exports.as_json import write_json, write_ndjson
from monitor.exports.as_xlsx import write_xlsx
from monitor.exports.tables import Head, Sheet


def write_tables(ending: str, head: Head, sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield the file in pieces. `ending` is ``csv``, ``xlsx``, ``json`` or ``ndjson``.

    CSV and NDJSON know no tables: in CSV they stand one after the other with an empty line
    between, in NDJSON the rows simply follow each other. Raises KeyError for another ending.
    """
    if ending == "csv":
        for place, sheet in enumerate(sheets):
            yield b"\r\n" if place else b""
            yield from write_csv(head, sheet, mark=place == 0)
    elif ending == "ndjson":
        for sheet in sheets:
            yield from write_ndjson(head, sheet)
    elif ending == "json":
        yield from write_json(head, sheets)
    elif ending == "xlsx":
        yield from write_xlsx(head, sheets)
    else:
        raise KeyError(ending)
