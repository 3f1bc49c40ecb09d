"""CSV, JSON and NDJSON."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.exports import Column, Head, Sheet, write_csv, write_json, write_ndjson, write_xlsx
from tests.unit.exports.examples import AT, COLUMNS, HEAD, NOTHING, ROW, many, sheet, texts

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
]


def read(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_csv_has_a_mark_a_header_with_units_and_one_line_a_row() -> None:
    raw = b"".join(write_csv(HEAD, sheet(ROW, NOTHING)))

    assert raw == (
        b"\xef\xbb\xbfCase,Mentions,Rating (stars),First response (s),In time (0 to 1),Opened\r\n"
        b"C-1,3,4.5,5400,0.875,2026-03-02T08:30:00+01:00\r\n"
        b",,,,,\r\n"
    )
    assert not b"".join(write_csv(HEAD, sheet(), mark=False)).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("said", FORMULAS)
def test_a_text_that_begins_like_a_formula_is_made_harmless(said: str) -> None:
    rows = read(b"".join(write_csv(HEAD, texts(said, said + " x"))))

    assert rows[1] == [f"'{said}"]


@pytest.mark.parametrize("said", ["-5", "+3.25", "-1,000", "plain = text", "3 - 4", ""])
def test_numbers_and_plain_words_stay_as_they_are(said: str) -> None:
    sheet_ = Sheet("x", (Column("said", "Said"), Column("n", "N", "integer")), [(said, -5)])

    assert read(b"".join(write_csv(HEAD, sheet_)))[1] == [said, "-5"]


def test_a_heading_is_made_harmless_too() -> None:
    raw = b"".join(write_csv(HEAD, Sheet("x", (Column("a", "=1+1"),), [])))
    assert read(raw) == [["'=1+1"]]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), max_size=8))
def test_what_csv_says_is_read_back_but_for_the_apostrophe(said: list[str]) -> None:
    rows = read(b"".join(write_csv(HEAD, texts(*said))))[1:]

    # The module writes a lone empty cell as "", so that no line is empty.
    assert [row[0].removeprefix("'") for row in rows] == [each.removeprefix("'") for each in said]
    for (cell,) in rows:
        assert (
            cell.lstrip()[:1] not in set("=+-@")
            or cell.lstrip("+-").replace(".", "").replace(",", "").isdigit()
        )


def test_json_tells_what_was_asked_before_the_rows() -> None:
    raw = b"".join(write_json(HEAD, [sheet(ROW, NOTHING), texts("ä\ud800", name="Words")]))
    told = json.loads(raw)

    assert list(told) == ["title", "made_at", "zone", "filters", "definitions", "tables"]
    assert told["made_at"] == "2026-03-02T08:30:00+01:00"
    assert told["filters"] == {"Period": "90 days", "Source": "board"}
    assert told["definitions"][0]["term"] == "In time"
    cases, words = told["tables"]
    assert cases["columns"][3] == {
        "key": "first", "name": "First response", "kind": "seconds", "unit": "",
    }  # fmt: skip
    assert cases["rows"][0] == {
        "case": "C-1", "count": 3, "rating": 4.5, "first": 5400, "share": 0.875,
        "opened": "2026-03-02T08:30:00+01:00",
    }  # fmt: skip
    assert set(cases["rows"][1].values()) == {None}
    assert words["rows"] == [{"said": "ä?"}]


def test_json_without_rows_or_tables_is_whole() -> None:
    assert json.loads(b"".join(write_json(HEAD, [sheet()])))["tables"][0]["rows"] == []
    assert json.loads(b"".join(write_json(HEAD, [])))["tables"] == []


def test_ndjson_is_one_object_a_line() -> None:
    lines = b"".join(write_ndjson(HEAD, sheet(ROW, ROW))).splitlines()

    assert [json.loads(line)["case"] for line in lines] == ["C-1", "C-1"]


def test_a_number_that_is_none_is_told_as_unknown() -> None:
    row = ("C-1", 3, float("nan"), float("inf"), None, AT)

    assert json.loads(next(write_ndjson(HEAD, sheet(row))))["rating"] is None
    assert b"C-1,3,,,,2026" in b"".join(write_csv(HEAD, sheet(row)))


WRITERS: dict[str, Callable[[Head, Sheet], Iterator[bytes]]] = {
    "csv": write_csv,
    "json": lambda head, sheet: write_json(head, [sheet]),
    "ndjson": write_ndjson,
    "xlsx": lambda head, sheet: write_xlsx(head, [sheet]),
}


@pytest.mark.parametrize("name", WRITERS)
def test_wrong_cells_are_refused_with_the_columns_name(name: str) -> None:
    naive = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    for row, told in (
        (("C-1", "three", 1.0, 1, 1, AT), "'count' holds 'three', which is no number"),
        (("C-1", True, 1.0, 1, 1, AT), "'count' holds True"),
        (("C-1", 3, 1.0, 1, 1, naive), "'opened' holds .* no time with a zone"),
        (("C-1",), f"a row has 1 cells for {len(COLUMNS)} columns"),
    ):
        with pytest.raises(ValueError, match=told):
            b"".join(WRITERS[name](HEAD, sheet(row)))


@pytest.mark.parametrize("name", WRITERS)
def test_rows_are_taken_as_they_are_written_and_not_all_held(name: str) -> None:
    rows = 30_000
    list(WRITERS[name](HEAD, sheet(ROW)))  # what is loaded once is not counted
    tracemalloc.start()
    try:
        written = sum(
            len(each) for each in WRITERS[name](HEAD, Sheet("Cases", COLUMNS, many(rows)))
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written > (rows * 10 if name != "xlsx" else rows)
    assert peak < 2_500_000


@pytest.mark.parametrize("name", ["csv", "json", "ndjson"])
def test_the_first_piece_comes_before_the_last_row_is_asked_for(name: str) -> None:
    asked = 0

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal asked
        for row in many(50_000):
            asked += 1
            yield tuple(row)

    next(WRITERS[name](HEAD, Sheet("Cases", COLUMNS, rows())))  # type: ignore[arg-type]
    assert asked < 5_000
