"""``rapport digest``: what Slack is told, at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call

ROWS = """\
id,author,rating,text,date
1,Dana,1,"The delivery came an hour late and nobody cared. Never again!",2026-03-01
"""


def test_an_empty_store_says_so(folder: Path, rapport: Call) -> None:
    done = rapport("digest")
    assert done.returncode == 0, done.stderr
    assert "Daily digest, " in done.stdout
    assert "Nothing new: no complaint came, and none waits. 0 mentions were heard." in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport queue"


def test_what_waits_is_shown_with_its_case(folder: Path, rapport: Call) -> None:
    (folder / "reviews.csv").write_text(ROWS, encoding="utf-8")
    assert rapport("import", "reviews.csv").returncode == 0
    done = rapport("digest", "--weekly", "--zone", "UTC")
    assert done.returncode == 0, done.stderr
    assert "Weekly digest, " in done.stdout
    assert " UTC\n" in done.stdout
    assert "C-1" in done.stdout
    told = json.loads(rapport("digest", "--json").stdout)
    assert told["new"] == 1
    assert told["waiting"][0]["case_id"] == 1


def test_the_picture_is_written(folder: Path, rapport: Call) -> None:
    pytest.importorskip("PIL")
    done = rapport("digest", "--png", "day.png")
    assert "the picture is in day.png" in done.stdout
    assert (folder / "day.png").read_bytes().startswith(b"\x89PNG")
    done = rapport("digest", "--png", "nowhere/day.png")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_an_unknown_zone_is_refused(folder: Path, rapport: Call) -> None:
    done = rapport("digest", "--zone", "Mars/Olympus")
    assert done.returncode == 2
    assert "is not a time zone" in done.stderr
