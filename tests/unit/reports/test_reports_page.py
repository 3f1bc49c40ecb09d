"""docs/reference/reports.md says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.asking import NAMES
from monitor.reports import aftermath, people, promises, stages
from monitor.reports.catalog import TITLES
from monitor.reports.lists import FARED
from monitor.reports.measures import MEASURES
from monitor.reports.report import BY, Column
from monitor.reports.waiting import AGES, OPEN, OPEN_NOW

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/reports.md").read_text("utf-8")
COLUMNS = (*promises.COLUMNS, *stages.COLUMNS, *aftermath.COLUMNS, *people.COLUMNS)


@pytest.mark.parametrize("key", MEASURES)
def test_every_measure_stands_there_as_it_is_counted(key: str) -> None:
    each = MEASURES[key]
    told = (each.name, f"`{each.key}`", each.counted, each.met or "–", each.time or "–")
    assert f"| {' | '.join(told)} |" in PAGE


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_column_stands_there_with_its_definition(column: Column) -> None:
    assert f"| {column.name} | `{column.key}` | {column.definition or '–'} |" in PAGE


def test_every_report_question_and_list_is_named() -> None:
    for key, title in TITLES.items():
        assert f"| {title} | `/reports/{key}` | `rapport report {key}` |" in PAGE
    names = (*NAMES, *BY, *(fared for fared in FARED if fared), OPEN_NOW)
    assert [name for name in names if f"`{name}" not in PAGE] == []
    assert [key for key in (AGES[0][0], AGES[-1][0]) if f"`{key}`" not in PAGE] == []
    assert [state for state in OPEN if f"`-{state}`" not in PAGE] == []
