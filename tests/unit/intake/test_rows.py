from __future__ import annotations

from typing import Any

from monitor.intake.rows import OPTIONAL, without_empty_columns


def row(**filled: Any) -> dict[str, Any]:
    return {"external_id": "r1", "title": ""} | dict.fromkeys(OPTIONAL) | filled


def test_columns_that_no_row_fills_are_left_out_of_all() -> None:
    rows = without_empty_columns([row(rating=2.0), row(author_id=7)])
    assert rows == [
        {"external_id": "r1", "title": "", "rating": 2.0, "author_id": None},
        {"external_id": "r1", "title": "", "rating": None, "author_id": 7},
    ]


def test_a_rating_of_nought_and_an_empty_record_are_something() -> None:
    assert without_empty_columns([row(rating=0.0, raw={})]) == [
        {"external_id": "r1", "title": "", "rating": 0.0, "raw": {}}
    ]


def test_no_rows_are_no_rows() -> None:
    assert without_empty_columns([]) == []
