"""`rapport assess learn` and `rapport assess rollback` as a person uses them."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.db import Database
from monitor.models import Label, Layer, Mention
from tests.integration.cli.conftest import Call

ROWS = "id,author,text,date\n" + "".join(
    f"{number},Ada Lorimer,The {'glimmer' if number % 2 else 'brindle'} was at table {number}."
    ",2026-11-01\n"
    for number in range(80)
)


@pytest.fixture
def store(folder: Path, rapport: Call) -> Database:
    (folder / "reviews.csv").write_text(ROWS, encoding="utf-8")
    done = rapport("import", "reviews.csv", "--json")
    assert done.returncode == 0, done.stderr
    return Database(f"sqlite:///{folder / 'var' / 'rapport.db'}")


@pytest.fixture
def labelled(store: Database) -> Database:
    with store.write() as session:
        for mention in session.scalars(select(Mention)).all():
            session.add(
                Label(
                    mention_id=mention.id,
                    revision=1,
                    complaint="glimmer" in mention.text,
                    origin="draft" if mention.id % 4 else "case",
                    by="mara",
                    at=datetime.now(UTC),
                )
            )
    return store


def layers(store: Database) -> list[tuple[str, str]]:
    with store.read() as session:
        return [
            (row.state, row.made_by) for row in session.scalars(select(Layer).order_by(Layer.id))
        ]


def test_without_labels_it_says_what_is_missing(rapport: Call) -> None:
    done = rapport("assess", "learn")
    assert done.returncode == 1
    assert "0 labels (0 of complaints, 0 of others) are too few: it takes 30" in done.stderr
    assert "rapport looks" in done.stderr
    back = rapport("assess", "rollback")
    assert back.returncode == 1
    assert "nothing learned here is in use" in back.stderr


def test_learning_shows_what_came_of_it_and_puts_it_in_use(
    rapport: Call, labelled: Database
) -> None:
    dry = rapport("assess", "learn", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "nothing was stored" in dry.stdout
    assert dry.stdout.splitlines()[-1] == "next: rapport assess learn"
    assert layers(labelled) == []

    done = rapport("assess", "learn")
    assert done.returncode == 0, done.stderr
    assert "drafts approved or rejected" in done.stdout
    assert "cases dismissed or opened by hand" in done.stdout
    assert "On 80 labels that were held back:" in done.stdout
    assert "glimmer" in done.stdout
    assert "layer 1 is in use" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport assess again"
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert layers(labelled) == [("active", f"{getpass.getuser()} (terminal)")]
    assert "layer-1" in rapport("assess", "again").stdout
    assert "+layer-1" in rapport("assess", "report").stdout

    back = rapport("assess", "rollback")
    assert back.returncode == 0, back.stderr
    assert "layer 1 is taken back: the shipped model judges alone" in back.stdout
    assert back.stdout.splitlines()[-1] == "next: rapport assess again"
    assert [state for state, _ in layers(labelled)] == ["rolled_back"]


def test_what_is_no_better_is_refused(rapport: Call, labelled: Database) -> None:
    with labelled.write() as session:
        for number, row in enumerate(session.scalars(select(Label).order_by(Label.id))):
            row.complaint = number % 4 < 2  # of either word as many
    done = rapport("assess", "learn")
    assert done.returncode == 0, done.stderr
    assert "not used: " in done.stdout
    assert "kept as layer 1, refused" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport looks"
    assert [state for state, _ in layers(labelled)] == ["refused"]


def test_it_speaks_json(rapport: Call, labelled: Database) -> None:
    told = json.loads(rapport("assess", "learn", "--json").stdout)
    assert (told["layer"], told["better"], told["objection"]) == (1, True, "")
    assert told["origins"]["draft"]["complaints"] > 0
    assert len(told["moved"]) == 10
    assert told["measures"]["held_back"] == 80
    assert len(layers(labelled)) == 1
