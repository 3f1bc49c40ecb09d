from __future__ import annotations

import io
import re
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from monitor.exports import Cell, Head, Sheet, write_xlsx
from tests.unit.exports.examples import AT, HEAD, NOTHING, ROW, many, sheet, texts

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Book:
    """Reads a workbook as Excel would, without Excel."""

    def __init__(self, head: Head, *sheets: Sheet, last_row: int = 1_048_576) -> None:
        raw = b"".join(write_xlsx(head, sheets, last_row=last_row))
        self._file = zipfile.ZipFile(io.BytesIO(raw))
        assert self._file.testzip() is None
        book = self._xml("xl/workbook.xml")
        self.names = [each.get("name") for each in book.iterfind(".//m:sheet", MAIN)]
        self.ranges = self._file.read("xl/workbook.xml").decode()
        self.styles = self._xml("xl/styles.xml")

    def _xml(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._file.read(name))  # our own file

    def page(self, number: int = 1) -> ElementTree.Element:
        return self._xml(f"xl/worksheets/sheet{number}.xml")

    def rows(self, number: int = 1) -> list[list[str | float]]:
        return [
            [self._cell(cell) for cell in row.iterfind("m:c", MAIN)]
            for row in self.page(number).iterfind(".//m:row", MAIN)
        ]

    def form(self, reference: str) -> str:
        """Return the number format of a cell."""
        cell = next(c for c in self.page().iterfind(".//m:c", MAIN) if c.get("r") == reference)
        xf = self.styles.findall(".//m:cellXfs/m:xf", MAIN)[int(cell.get("s", "0"))]
        forms = {
            each.get("numFmtId"): each.get("formatCode", "")
            for each in self.styles.iterfind(".//m:numFmt", MAIN)
        }
        ident = xf.get("numFmtId")
        return forms.get(ident, f"built-in {ident}")

    @staticmethod
    def _cell(cell: ElementTree.Element) -> str | float:
        assert cell.find("m:f", MAIN) is None, "a formula"
        if cell.get("t") == "inlineStr":
            return "".join(each.text or "" for each in cell.iterfind(".//m:t", MAIN))
        value = cell.find("m:v", MAIN)
        return "" if value is None else float(value.text or "nan")


def test_a_row_keeps_its_kinds() -> None:
    book = Book(HEAD, sheet(ROW, NOTHING))

    heading, first = book.rows()
    assert heading == [
        "Case", "Mentions", "Rating (stars)", "First response (h:mm)", "In time",
        "Opened (Europe/Berlin)",
    ]  # fmt: skip
    day = (datetime(2026, 3, 2, 8, 30, tzinfo=UTC) - datetime(1899, 12, 30, tzinfo=UTC)).days
    assert first[:3] == ["C-1", 3, 4.5]
    assert first[3] == pytest.approx(1.5 / 24)
    assert first[4] == 0.875
    assert first[5] == pytest.approx(day + 8.5 / 24)
    assert book.form("D2") == "[h]:mm"
    assert book.form("E2") == "0.0%"
    assert book.form("F2") == "yyyy\\-mm\\-dd hh:mm:ss" or book.form("F2") == "yyyy-mm-dd hh:mm:ss"


def test_the_header_is_frozen_and_filters() -> None:
    book = Book(HEAD, sheet(ROW, ROW, ROW))

    pane = book.page().find(".//m:pane", MAIN)
    assert pane is not None
    assert pane.get("ySplit") == "1"
    assert pane.get("state") == "frozen"
    found = book.page().find("m:autoFilter", MAIN)
    assert found is not None
    assert found.get("ref") == "A1:F4"


def test_columns_are_as_wide_as_what_they_hold_within_reason() -> None:
    book = Book(HEAD, texts("x" * 40, "y" * 400))

    width = book.page().find(".//m:col", MAIN)
    assert width is not None
    assert 55 < float(width.get("width", "0")) < 65


def test_the_last_sheet_says_what_was_asked_and_what_it_means() -> None:
    book = Book(HEAD, sheet(ROW))

    assert book.names == ["Cases", "Definitions"]
    assert ["Made at", "2026-03-02 08:30:00 CET"] in book.rows(2)
    assert ["Source", "board"] in book.rows(2)
    assert ["In time", "met ÷ (met + missed + overdue)"] in book.rows(2)


def test_rows_that_do_not_fit_go_on_in_another_sheet() -> None:
    book = Book(HEAD, Sheet("Cases", sheet().columns, many(10)), last_row=5)

    assert book.names == ["Cases", "Cases 2", "Cases 3", "Definitions"]
    cases = [row[0] for page in (1, 2, 3) for row in book.rows(page)[1:]]
    assert cases == [f"C-{each}" for each in range(10)]
    assert all(book.rows(page)[0][0] == "Case" for page in (1, 2, 3))


def test_a_sheet_that_is_just_full_has_no_empty_one_behind_it() -> None:
    book = Book(HEAD, Sheet("Cases", sheet().columns, many(4)), last_row=5)
    assert book.names == ["Cases", "Definitions"]


def test_an_empty_table_is_a_sheet_with_a_header() -> None:
    assert Book(HEAD, sheet()).rows()[0][0] == "Case"


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("=1+1", "=1+1"),
        ("https://example.org/x", "https://example.org/x"),
        ("{=SUM(A1)}", "{=SUM(A1)}"),
        ("123", "123"),
        ("a\x00b\x07c\x1bd\x85e", "abcde"),
        ("half \ud800 letter", "half ? letter"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("<r><t>bold</t></r>", "<r><t>bold</t></r> "),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_text_from_outside_is_data(said: str, held: str) -> None:
    book = Book(HEAD, texts(said))

    assert book.rows()[1] == [held]
    assert "hyperlink" not in ElementTree.tostring(book.page()).decode()


def test_what_looks_like_an_escape_of_excel_is_escaped() -> None:
    # Excel would show a line end for it; the underscore in front is written as its own escape.
    assert Book(HEAD, texts("_x000D_")).rows()[1] == ["_x005F_x000D_"]


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_text_longer_than_a_cell_is_cut_and_not_dropped(letter: str) -> None:
    (held,) = Book(HEAD, texts(letter * 40_000)).rows()[1]

    assert isinstance(held, str)
    assert held.endswith(f"{letter}…")
    assert 32_000 < len(held.encode("utf-16-le")) // 2 <= 32_767


def test_numbers_that_excel_would_round_are_text() -> None:
    row: tuple[Cell, ...] = ("C-1", 1234567890123456789, 1.0, 1, 1, AT)
    assert Book(HEAD, sheet(row)).rows()[1][1] == "1234567890123456789"


def test_a_time_before_excel_began_is_text() -> None:
    row: tuple[Cell, ...] = ("C-1", 1, 1.0, 1, 1, datetime(1850, 1, 1, tzinfo=UTC))
    assert str(Book(HEAD, sheet(row)).rows()[1][5]).startswith("1850-01-01")


def test_names_of_sheets_are_what_excel_accepts() -> None:
    long = "By source [all]: a/b*c? and a name that is far too long"
    book = Book(
        HEAD, *(texts("x", name=each) for each in (long, long, "", "'", "History", "DEFINITIONS"))
    )

    assert len({str(name).lower() for name in book.names}) == 7
    for name in book.names:
        assert name is not None
        assert 0 < len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)
        assert not name.startswith("'")


def test_nothing_is_left_behind_when_nobody_reads_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pieces = write_xlsx(HEAD, [Sheet("Cases", sheet().columns, many(20_000))])
    next(pieces)
    assert list(tmp_path.iterdir())
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_behind_when_a_row_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="cells for 6 columns"):
        list(write_xlsx(HEAD, [sheet(ROW, ("C-2",))]))
    assert not list(tmp_path.iterdir())
