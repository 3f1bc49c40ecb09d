"""`rapport assess` as a person uses it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.db import Database
from monitor.models import Alert, Assessment, Label, Layer, Mention, SecondLook, Source
from tests.integration.cli.conftest import Call

HEAD = "id,author,rating,text,date\n"
ROWS = HEAD + "".join(
    f"{number},Ada Lorimer,{5 if number % 3 else 1},"
    f"{'Lovely bread and a friendly team.' if number % 3 else 'Cold soup and never again.'}"
    f" Visit {number}.,2026-11-01\n"
    for number in range(90)
)


@pytest.fixture
def store(folder: Path, rapport: Call) -> Database:
    (folder / "reviews.csv").write_text(ROWS, encoding="utf-8")
    done = rapport("import", "reviews.csv", "--json")
    assert done.returncode == 0, done.stderr
    return Database(f"sqlite:///{folder / 'var' / 'rapport.db'}")


def pretend(store: Database, model: str = "words-0") -> None:
    """Say that an earlier model judged everything, and that nothing was a complaint."""
    with store.write() as session:
        session.execute(
            update(Assessment).values(model=model, complaint=False, complaint_probability=0.02)
        )


def test_a_report_of_nothing_says_so(rapport: Call) -> None:
    done = rapport("assess", "report")
    assert done.returncode == 0, done.stderr
    assert "no mention was first seen in this time" in done.stdout
    assert "no mention was drawn for a second look" in done.stdout
    assert "0 texts with a person's word are too few" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport queue"


def test_a_report_shows_what_was_judged_within_a_hundred_columns(
    rapport: Call, store: Database
) -> None:
    now = datetime.now(UTC)
    with store.write() as session:
        source = session.scalars(select(Source)).one()
        source.key = "a-source-with-a-key-of-very-many-letters-" + "x" * 60
        session.add(
            Alert(
                key="drift:x",
                source_id=source.id,
                kind="drift",
                message="it drifted",
                raised_at=now,
            )
        )
        session.add(
            Layer(
                base_model="words-1",
                content={},
                measures={},
                state="active",
                made_by="mara",
                made_at=now,
            )
        )
        for number, mention_id in enumerate(session.scalars(select(Mention.id)).all()):
            session.add(
                Label(
                    mention_id=mention_id,
                    revision=1,
                    complaint=number % 3 == 0,
                    origin="look",
                    by="mara",
                    at=now,
                )
            )
            if number % 3:
                session.add(
                    SecondLook(
                        mention_id=mention_id,
                        revision=1,
                        reason="sample",
                        chance=0.5,
                        drawn_at=now - timedelta(hours=1),
                        verdict="complaint" if number == 1 else "no_complaint",
                        by="mara",
                        at=now,
                    )
                )
    done = rapport("assess", "report", "--since", "2d")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100, "\n".join(lines)
    assert lines[0].endswith("UTC")
    assert any(line.split()[1:6] == ["review", "90", "30", "0", "30"] for line in lines)
    assert "of 60 mentions drawn at random 60 were looked at, 1 of them complaints" in done.stdout
    assert "1.7% (" in done.stdout
    assert "recall, the share of all complaints that is found" in done.stdout
    assert "Calibration on 90 texts" in done.stdout
    assert "learned here: layer 1 on words-1, made" in done.stdout
    assert "33.3%" in done.stdout


def test_a_report_in_json_has_it_all(rapport: Call, store: Database) -> None:
    made = json.loads(rapport("assess", "report", "--json").stdout)
    (kind,) = made["kinds"]
    assert (kind["texts"], kind["complaints"], kind["precision"], kind["few"]) == (
        90,
        30,
        None,
        True,
    )
    (source,) = made["sources"]
    assert source["share"] == pytest.approx(1 / 3)
    assert source["drift"] == "too few"
    assert made["missed"]["share"] is None
    assert made["models"][0]["model"] == made["model"]


def test_judging_again_tells_what_became_of_it(rapport: Call, store: Database) -> None:
    pretend(store)
    assert rapport("assess", "report").stdout.splitlines()[-1] == "next: rapport assess again"
    done = rapport("assess", "again")
    assert done.returncode == 0, done.stderr
    assert "judged 90 mentions again by" in done.stdout
    # Those that opened a case are on somebody's table already.
    assert "30 became complaints, 0 of them wait for a second look; 0 are none" in done.stdout
    assert "nothing to judge again" in rapport("assess", "again").stdout
    everything = json.loads(rapport("assess", "again", "--all", "--json").stdout)
    assert (everything["judged"], everything["to_complaint"]) == (90, 0)


def test_what_is_wrong_is_named_with_what_to_do(rapport: Call) -> None:
    for arguments, told in (
        (("report", "--since", "soon"), "--since 'soon': is not a duration"),
        (("again", "--since", "soon"), "--since 'soon': is not a duration"),
        (("again", "--source", "nowhere"), "'nowhere' names no source; see `rapport sources`"),
    ):
        done = rapport("assess", *arguments)
        assert done.returncode == 2
        assert told in done.stderr


def test_judging_again_works_while_somebody_else_writes(rapport: Call, store: Database) -> None:
    pretend(store)
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            with store.write() as session:
                session.execute(update(Source).values(title="busy"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert "judged 90 mentions again" in rapport("assess", "again").stdout
    finally:
        done.set()
        writer.join()
