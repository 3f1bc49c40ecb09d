from __future__ import annotations

import gc
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.texts import write_csv
from monitor.intake.counts import Counts
from monitor.intake.importing import SELDOM, import_file
from monitor.models import Assessment, Mention
from tests.support.core_world import World

ROWS = 2500
"""More than two pages."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    write_csv(path, ROWS)
    return path


def test_each_row_is_stored_and_judged_once_however_often_it_is_imported(
    world: World, file: Path
) -> None:
    read: list[int] = []
    source_id = world.source_id()

    def note(position: int, _counts: Counts) -> None:
        read.append(position)

    first = import_file(world.store, source_id, file, world.clock, note)
    again = import_file(world.store, source_id, file, world.clock, note)
    assert (first.new, first.known, first.misread) == (ROWS, 0, 0)
    assert (again.new, again.known, again.edited, again.cases) == (0, ROWS, 0, 0)
    assert read == sorted(read[:3]) * 2, "as many pages, read to the end each time"
    assert read[-1] == file.stat().st_size
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Mention)) == ROWS
        assert session.scalar(select(func.count()).select_from(Assessment)) == ROWS


def test_python_looks_for_cycles_as_before_once_an_import_has_ended(
    world: World, file: Path
) -> None:
    usual = gc.get_threshold()
    assert usual[0] < SELDOM

    def fall(_position: int, _counts: Counts) -> None:
        assert gc.get_threshold()[0] == SELDOM
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_file(world.store, world.source_id(), file, world.clock, fall)
    assert gc.get_threshold() == usual
