"""Real exports, imported by the command and counted by somebody else: the csv module."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from monitor.app import App, compose
from monitor.cli.menu import rapport
from monitor.config import load
from monitor.migrate import upgrade
from monitor.models import Mention
from tests.support.running import make_place

ALL = "RAPPORT_TEST_ALL_DATA"
"""Set it to import the largest files too, for which `make test` takes no time."""

MANY = 2_000_000
"""Bytes of a file that is left out unless all are wanted."""

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
FILES = sorted(DATA.glob("*/*.csv")) if DATA.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="no folder `shared/data` beside the repository")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    place = make_place(tmp_path_factory.mktemp("real"))
    with closing(compose(load(place.config))) as app:
        upgrade(app.database)
        app.sync()
        yield app


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_row_of_a_real_export_is_stored_once_or_reported(path: Path, app: App) -> None:
    if path.stat().st_size > MANY and not os.environ.get(ALL):
        pytest.skip(f"takes long: set {ALL}=1 to import it")
    rows = count_rows(path)
    before = count_mentions(app)
    first = run_import(app, path)
    assert first["found"] + first["misread"] == rows
    assert (first["new"], first["edited"], first["known"]) == (first["found"], 0, 0)
    assert count_mentions(app) - before == first["found"]
    again = run_import(app, path)
    assert (again["new"], again["edited"], again["known"]) == (0, 0, first["found"])
    assert again["misread"] == first["misread"]
    assert count_mentions(app) - before == first["found"]


def run_import(app: App, path: Path) -> dict[str, Any]:
    config = str(app.config.base_dir / "config.yaml")
    told = CliRunner().invoke(rapport, ["--config", config, "import", str(path), "--json"])
    counts: dict[str, Any] = json.loads(told.stdout)
    problems = counts["problems"]
    assert len(problems) == counts["misread"]
    assert all(each["where"].startswith(f"{path.name}:") for each in problems), "file and line"
    assert told.exit_code == (1 if problems else 0)
    return counts


def count_rows(path: Path) -> int:
    """Count the rows that are not blank, as the csv module sees them."""
    text = path.read_bytes().decode("utf-8-sig")
    head = text.partition("\n")[0]
    delimiter = max(",;\t|", key=head.count)
    before = csv.field_size_limit(1 << 30)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return sum(any(row) for row in rows) - 1
    finally:
        csv.field_size_limit(before)


def count_mentions(app: App) -> int:
    with app.database.read() as session:
        return session.scalars(select(func.count()).select_from(Mention)).one()
