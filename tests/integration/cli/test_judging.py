"""At the terminal: second looks, what was missed, and what a case is about."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from monitor.clock import utc_now
from monitor.models import Case, Label, Mention, SecondLook
from tests.integration.cli.conftest import Call
from tests.integration.cli.test_commands import import_rows, prepare
from tests.integration.cli.test_publishing import store


@pytest.fixture
def number(folder: Path, rapport: Call) -> int:
    """The number of the one look that waits: at the praise, which opened no case."""
    import_rows(folder, rapport)
    with store(folder) as session:
        mention = session.scalars(select(Mention).where(Mention.rating == 5)).one()
        mention.author_name = "Ben\x1b[31m Okafor"
        session.execute(delete(SecondLook))
        look = SecondLook(mention_id=mention.id, revision=1, reason="sample", drawn_at=utc_now())
        session.add(look)
        session.flush()
        return look.id


def labels(folder: Path) -> list[tuple[bool | None, list[str] | None, str, str]]:
    with store(folder) as session:
        rows = session.scalars(select(Label).order_by(Label.id))
        return [(row.complaint, row.topics, row.origin, row.by) for row in rows]


def me() -> str:
    return f"{getpass.getuser()} (terminal)"


def test_nothing_waits_at_first(folder: Path, rapport: Call) -> None:
    done = rapport("looks")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["nothing waits for a second look", "next: rapport queue"]
    assert rapport("looks", "--json").stdout == ""


def test_what_waits_is_listed_and_shown(folder: Path, rapport: Call, number: int) -> None:
    lines = rapport("looks").stdout.splitlines()
    assert lines[0].startswith("look")
    assert f"L-{number}" in lines[1]
    assert "M-" in lines[1]
    assert "drawn at random" in lines[1]
    assert "Lovely bread" in lines[1]
    assert lines[-2:] == [
        "1 shown of 1 that waits for a second look",
        f"next: rapport look L-{number}",
    ]
    (told,) = [json.loads(line) for line in rapport("looks", "--json").stdout.splitlines()]
    assert (told["ref"], told["reason"], told["verdict"]) == (f"L-{number}", "sample", "")
    shown = rapport("look", f"l-{number}").stdout
    assert "  | Lovely bread and a friendly team." in shown
    assert "Ben\\u001b[31m Okafor" in shown
    assert "Drawn at random, to learn what is missed:" in shown
    assert shown.splitlines()[-1] == f"next: rapport look L-{number} complaint"


def test_a_complaint_opens_a_case(folder: Path, rapport: Call, number: int) -> None:
    done = rapport("look", f"L-{number}", "complaint")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"L-{number}: a complaint; C-3 is opened, and a draft is being made",
        "next: rapport show C-3",
    ]
    assert labels(folder) == [(True, None, "look", me())]
    prepare(folder)
    assert "drafted" in rapport("show", "C-3").stdout


@pytest.mark.parametrize(("word", "said"), [("no", [False]), ("skip", [])])
def test_no_and_skip_open_nothing(
    folder: Path, rapport: Call, number: int, word: str, said: list[bool]
) -> None:
    done = rapport("look", f"L-{number}", word)
    assert done.stdout.splitlines()[-1] == "next: rapport looks"
    assert [each[0] for each in labels(folder)] == said
    assert "nothing waits" in rapport("looks").stdout
    assert f"says {me()}" in rapport("look", str(number)).stdout


def test_a_second_word_is_told_of_the_first(folder: Path, rapport: Call, number: int) -> None:
    rapport("look", f"L-{number}", "no")
    done = rapport("look", f"L-{number}", "complaint")
    assert done.returncode == 3
    assert f"was judged no complaint by {me()}" in done.stderr
    assert rapport("look", "L-999", "no").returncode == 1
    assert rapport("look", "L-999").returncode == 1
    wrong = rapport("look", "C-1", "no")
    assert wrong.returncode == 2
    assert "look like L-3" in wrong.stderr
    assert rapport("look", f"L-{number}", "perhaps").returncode == 2


def test_any_mention_may_be_called_a_complaint(folder: Path, rapport: Call, number: int) -> None:
    ref = json.loads(rapport("looks", "--json").stdout)["mention_ref"]
    done = rapport("complaint", ref)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "next: rapport show C-3"
    assert labels(folder) == [(True, None, "case", me())]
    again = rapport("complaint", ref)
    assert again.returncode == 0
    assert "belongs to C-3 already" in again.stdout
    with store(folder) as session:
        assert len(session.scalars(select(Case)).all()) == 3
    assert "no mention M-9999" in rapport("complaint", "M-9999").stderr
    assert rapport("complaint", "L-3").returncode == 2


def test_topics_are_shown_and_set_right(folder: Path, rapport: Call, number: int) -> None:
    assert number
    shown = rapport("topics", "C-1").stdout.splitlines()
    assert shown[0].startswith("C-1 is about ")
    assert "waiting, staff, quality" in shown[1]
    done = rapport("topics", "C-1", "waiting, staff")
    assert done.stdout.splitlines() == ["C-1 is about waiting, staff", "next: rapport show C-1"]
    assert "  About: waiting, staff" in rapport("show", "C-1").stdout
    refused = rapport("topics", "C-1", "tea")
    assert refused.returncode == 1
    assert "unknown topic tea; known: waiting, " in refused.stderr
    assert rapport("topics", "C-1", "").stdout.startswith("C-1 is about nothing known")
    assert rapport("topics", "C-99", "staff").returncode == 1
    assert [each[1] for each in labels(folder)] == [["waiting", "staff"], []]


def test_a_case_is_taken_given_away_and_let_go(folder: Path, rapport: Call, number: int) -> None:
    assert folder
    assert number
    mine = me().partition(" (")[0]
    done = rapport("take", "C-1")
    assert done.stdout.splitlines() == [f"C-1 is with {mine} now", "next: rapport show C-1"]
    assert rapport("assign", "C-1", "Otto").stdout.startswith("C-1 is with Otto now")
    assert "C-1" in rapport("queue", "--with", "Otto").stdout
    assert "C-1" not in rapport("queue", "--with", "").stdout
    assert rapport("queue", "--mine").stdout.startswith(f"no case waits that is with {mine}")
    refused = rapport("take", "C-1")
    assert refused.returncode == 1
    assert "C-1 is with Otto; `rapport take C-1 --over` takes it" in refused.stderr
    assert rapport("take", "C-1", "--over").returncode == 0
    assert rapport("release", "C-1").stdout.startswith("C-1 is with nobody now")
    assert rapport("take", "C-99").returncode == 1
    assert rapport("assign", "C-1", " ").returncode == 1


def test_a_case_is_put_off_woken_and_noted(folder: Path, rapport: Call, number: int) -> None:
    assert number
    prepare(folder)
    done = rapport("snooze", "C-1", "2h")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("C-1 is put off until 20")
    assert "C-1" in rapport("queue", "--state", "snoozed").stdout
    assert "C-1" not in rapport("queue", "--state", "drafted").stdout
    assert rapport("wake", "C-1").stdout.startswith("C-1 is in the queue again")
    assert "until the customer writes" in rapport("snooze", "C-1", "customer").stdout
    wrong = rapport("snooze", "C-1", "some", "day")
    assert wrong.returncode == 2
    assert "'some day' is no time; write how long (30m, 2h, 3d)" in wrong.stderr
    assert rapport("note", "C-1", "She called.").returncode == 0
    shown = rapport("show", "C-1").stdout
    assert "noted: She called." in shown
    assert rapport("note", "C-1", " ").returncode == 1


def test_an_approved_reply_is_taken_back(folder: Path, rapport: Call, number: int) -> None:
    assert number
    prepare(folder)
    assert rapport("undo", "C-1").returncode == 3
    shown = json.loads(rapport("show", "C-1", "--json").stdout)
    done = rapport("approve", "C-1", "--yes", "--version", str(shown["draft"]["version"]))
    assert done.returncode == 0, done.stderr
