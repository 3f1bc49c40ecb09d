"""Writes tables as an Excel workbook: one sheet each, and one of what was asked and what it means.

The workbook is written to a temporary file, row by row, and sent when it is whole: its table of
contents stands at its end. A table of more rows than a sheet holds goes on in another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from monitor.exports.tables import PIECE, Cell, Column, Head, Sheet, aware, checked, number, whole

LAST_ROW = 1_048_576
LONGEST = 32_766
"""What a sheet and a cell can hold (less one letter); Excel counts letters in UTF-16."""

EXACT = 10**15
"""Excel keeps 15 digits: larger whole numbers, such as ids, are written as text."""

FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  # Excel's days have no zone
A_DAY = 86_400.0
FORMATS = {"seconds": "[h]:mm", "share": "0.0%", "time": "yyyy-mm-dd hh:mm:ss", "integer": "#,##0"}
WIDTHS = {"text": 12, "integer": 10, "number": 10, "seconds": 10, "share": 9, "time": 19}
WIDEST = 60
MEASURED = 500
"""Of so many rows the widths are taken."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_UNNAMEABLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
DEFINITIONS = "Definitions"


def write_xlsx(head: Head, sheets: Sequence[Sheet], *, last_row: int = LAST_ROW) -> Iterator[bytes]:
    """Yield the workbook in pieces. Durations are times of ``[h]:mm``, shares are per cent.

    Times are told in the zone of `head`, which the heading names, for Excel knows none.
    `last_row` is for tests.
    """
    with TemporaryDirectory(prefix="rapport-export-") as folder:
        file = Path(folder, "export.xlsx")
        _write(file, folder, head, sheets, last_row)
        with file.open("rb") as read:
            while piece := read.read(PIECE):
                yield piece


def _write(file: Path, folder: str, head: Head, sheets: Sequence[Sheet], last_row: int) -> None:
    # Imported here: it costs what most runs of Rapport never need.
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(file),
        {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    made = head.made_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": _text(head.title)[:255], "created": made})
    writer = _Writer(book, head, last_row)
    try:
        for sheet in sheets:
            writer.write(sheet)
        writer.explain(head)
        book.close()
    finally:
        # XlsxWriter leaves its own temporary files open where a row fails.
        for page in book.worksheets():
            page.row_data_fh.close()


class _Writer:
    """Fills a workbook."""

    def __init__(self, book: Any, head: Head, last_row: int) -> None:
        self._book = book
        self._place = head.place
        self._zone = head.zone
        self._last_row = last_row
        self._names = {DEFINITIONS.lower(), "history"}  # Excel keeps the second to itself
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            kind: book.add_format({"num_format": form}) for kind, form in FORMATS.items()
        }

    def write(self, sheet: Sheet) -> None:
        """Write a table, in as many sheets as it takes."""
        rows = iter(sheet.rows)
        part = 1
        more: Sequence[Cell] | None = next(rows, None)
        while part == 1 or more is not None:
            more = self._write_part(sheet, part, more, rows)
            part += 1

    def explain(self, head: Head) -> None:
        """Write the sheet that says what was asked and what the words mean."""
        page = self._book.add_worksheet(DEFINITIONS)
        page.set_column(0, 0, 28, self._wrapped)
        page.set_column(1, 1, 90, self._wrapped)
        made = head.made_at.astimezone(head.place)
        told = [
            ("Title", head.title),
            ("Made at", f"{made:%Y-%m-%d %H:%M:%S} {made.tzname()}"),
            ("Times are in", head.zone),
            *head.filters.items(),
            *head.definitions,
        ]
        for place, (term, meaning) in enumerate(told):
            page.write_string(place, 0, _text(term), self._bold)
            page.write_string(place, 1, _text(meaning), self._wrapped)

    def _write_part(
        self, sheet: Sheet, part: int, first: Sequence[Cell] | None, rows: Iterator[Sequence[Cell]]
    ) -> Sequence[Cell] | None:
        """Write one sheet; return the row that no longer fits, None when all are written."""
        page = self._book.add_worksheet(self._name(sheet.name, part))
        page.freeze_panes(1, 0)
        columns = sheet.columns
        headings = [_text(self._heading(column)) for column in columns]
        widths = [
            max(WIDTHS[column.kind], len(heading) + 3)
            for column, heading in zip(columns, headings, strict=True)
        ]
        for place, heading in enumerate(headings):
            page.write_string(0, place, heading, self._bold)
        line, row = 0, first
        while row is not None and line + 1 < self._last_row:
            line += 1
            for place, (value, column) in enumerate(
                zip(checked(row, columns), columns, strict=True)
            ):
                if value is None:
                    continue
                long = self._write_cell(page, line, place, value, column)
                if line <= MEASURED and long > widths[place]:
                    widths[place] = long
            row = next(rows, None)
        if columns:
            page.autofilter(0, 0, line, len(columns) - 1)
        for place, width in enumerate(widths):
            page.set_column(place, place, min(WIDEST, width))
        return row

    def _write_cell(self, page: Any, line: int, place: int, value: Cell, column: Column) -> int:
        """Write a value; return how many letters wide it is, 0 for what always fits."""
        kind = column.kind
        if kind == "text":
            text = _text(str(value))
            page.write_string(line, place, text)
            return len(text) + 2
        if kind == "time":
            there = aware(value, column).astimezone(self._place).replace(tzinfo=None)
            if there.year < 1900:  # before Excel's days begin
                page.write_string(line, place, there.isoformat(" ", "seconds"))
                return 0
            days = (there - FIRST_DAY).total_seconds() / A_DAY
            page.write_number(line, place, days, self._formats[kind])
            return 0
        told = number(value, column)
        if told is None:
            return 0
        if isinstance(told, int) and abs(told) >= EXACT:
            page.write_string(line, place, str(told))
            return len(str(told)) + 2
        page.write_number(
            line, place, told / A_DAY if kind == "seconds" else told, self._formats.get(kind)
        )
        return 0

    def _heading(self, column: Column) -> str:
        unit = {"seconds": "h:mm", "time": self._zone, "share": ""}.get(column.kind, column.unit)
        return f"{column.name} ({unit})" if unit else column.name

    def _name(self, wanted: str, part: int) -> str:
        """Return a name that Excel accepts and that no other sheet has."""
        bare = _UNNAMEABLE.sub(" ", _text(wanted)).strip(" '") or "Table"
        count = part
        while True:
            end = f" {count}" if count > 1 else ""
            name = _clip(bare, 31 - len(end)).strip(" '") + end
            if name.lower() not in self._names:
                self._names.add(name.lower())
                return name
            count += 1


def _text(text: str) -> str:
    """Return a text as a cell holds it: without control characters, and not too long."""
    bare = _clip(_UNSEEN.sub("", whole(text).replace("\r\n", "\n")), LONGEST)
    # What begins and ends like this, XlsxWriter takes for its own markup and does not escape.
    return f"{bare} " if bare.startswith("<r>") and bare.endswith("</r>") else bare


def _clip(text: str, longest: int) -> str:
    if len(text) * 2 <= longest or len(text.encode("utf-16-le")) // 2 <= longest:
        return text
    cut = text.encode("utf-16-le")[: (longest - 1) * 2].decode("utf-16-le", "ignore")
    return f"{cut}…"
