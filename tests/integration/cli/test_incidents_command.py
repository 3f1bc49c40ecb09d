"""``rapport incidents``: the list, its empty state, and one incident."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call

LETTER = (
    "The coat came apart on the second day and nobody wants to take it back although I have "
    "the receipt. Never again."
)


def import_copies(folder: Path, rapport: Call) -> None:
    said = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    rows = (
        f"id,author,rating,text,date\n1,Ines Roth,1,{LETTER},{said}\n2,Ada May,1,{LETTER},{said}\n"
    )
    (folder / "reviews.csv").write_text(rows, encoding="utf-8")
    assert rapport("import", "reviews.csv").returncode == 0
    from monitor.app import compose
    from monitor.config import load

    app = compose(load(folder / "config.yaml"))
    try:
        assert app.incidents.run().opened == 1
    finally:
        app.close()


def test_an_empty_list_says_so_and_what_is_next(rapport: Call) -> None:
    done = rapport("incidents")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["no incident is open", "next: rapport incidents --all"]
    assert rapport("incidents", "--all").stdout.startswith("there was no incident yet")
    assert rapport("incidents", "--json").stdout == ""


def test_an_incident_is_listed_and_shown_with_its_cases(folder: Path, rapport: Call) -> None:
    import_copies(folder, rapport)
    listed = rapport("incidents").stdout.splitlines()
    assert listed[1].split()[:3] == ["I-1", "copies", "2"]
    assert listed[-1] == "next: rapport incidents show I-1"
    told = json.loads(rapport("incidents", "--json").stdout)
    assert (told["ref"], told["size"], told["ended_at"]) == ("I-1", 2, None)

    shown = rapport("incidents", "show", "I-1").stdout
    assert "one text 2 times, word for word or nearly so" in shown
    assert "under 2 names" in shown
    assert "C-1" in shown
    assert shown.splitlines()[-1] == "next: rapport show C-1"
    whole = json.loads(rapport("incidents", "show", "1", "--json").stdout)
    assert [each["case_id"] for each in whole["members"]] == [1, 2]


@pytest.mark.parametrize(("ref", "code"), [("I-7", 1), ("C-1", 2), ("x", 2), ("9" * 30, 2)])
def test_what_is_no_incident_is_said_in_one_line(rapport: Call, ref: str, code: int) -> None:
    done = rapport("incidents", "show", ref)
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "rapport incidents" in done.stderr
