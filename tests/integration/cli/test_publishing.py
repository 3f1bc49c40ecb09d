"""At the terminal: answers of others, replies posted by hand, what changed since a draft."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.app import compose
from monitor.config import load
from monitor.models import Case, Mention, Reply
from tests.integration.cli.conftest import Call
from tests.integration.cli.test_commands import ROWS, import_rows, prepare

THEIRS = "We have called you.\x1b[31m The manager"


@contextmanager
def store(folder: Path) -> Iterator[Session]:
    app = compose(load(folder / "config.yaml"))
    try:
        with app.database.write() as session:
            yield session
    finally:
        app.close()


@pytest.fixture
def drafted(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)


def stand(folder: Path, **values: str) -> None:
    """Have the first case's mention stand as it does at the platform."""
    with store(folder) as session:
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        for name, value in values.items():
            setattr(session.get_one(Mention, case.mention_id), name, value)


@pytest.mark.usefixtures("drafted")
def test_an_answer_of_somebody_else_is_shown_and_left(folder: Path, rapport: Call) -> None:
    stand(folder, our_reply=THEIRS)
    shown = rapport("show", "C-1").stdout
    assert "Somebody has answered on the platform." in shown
    assert "  | We have called you.\\u001b[31m The manager" in shown
    assert shown.splitlines()[-1] == "next: rapport leave C-1"

    refused = rapport("approve", "C-1", "--yes")
    assert refused.returncode == 1
    assert "replace that answer, or leave it" in refused.stderr
    left = rapport("leave", "C-1", stdin="y\n", terminal=True)
    assert left.returncode == 0, left.stderr
    assert "The manager" in left.stdout
    assert "C-1  answered" in rapport("show", "C-1").stdout
    assert rapport("leave", "C-1", "--yes").returncode == 3


@pytest.mark.usefixtures("drafted")
def test_one_goes_on_with_the_key_that_was_shown(folder: Path, rapport: Call) -> None:
    stand(folder, locked="comments are turned off")
    shown = rapport("show", "C-1").stdout
    assert "The platform takes no answer there: comments are turned off." in shown
    (line,) = [each for each in shown.splitlines() if "--despite" in each]
    key = line.rpartition(" ")[2]
    stand(folder, locked="archived")
    assert rapport("approve", "C-1", "--yes", "--despite", key).returncode == 3
    stand(folder, locked="comments are turned off")
    assert rapport("approve", "C-1", "--yes", "--despite", key).returncode == 0


@pytest.mark.usefixtures("drafted")
def test_asked_one_sees_what_stands_there(folder: Path, rapport: Call) -> None:
    stand(folder, our_reply="We have called you.")
    done = rapport("approve", "C-1", stdin="y\n", terminal=True)
    assert done.returncode == 0, done.stderr
    assert "  | We have called you." in done.stdout
    assert "Approve ours all the same" in done.stdout


@pytest.mark.usefixtures("drafted")
def test_a_reply_by_hand_tells_why_and_where_and_can_be_called_off(
    folder: Path, rapport: Call
) -> None:
    assert "It is posted by hand:" in rapport("show", "C-1").stdout
    rapport("approve", "C-1", "--yes")
    shown = rapport("show", "C-1").stdout
    assert "By hand, because" in shown
    assert "Post it on" in shown
    assert shown.splitlines()[-1] == "next: rapport posted C-1"
    off = rapport("unposted", "C-1", "--reason", "the page is down")
    assert off.returncode == 0, off.stderr
    assert "could not post the reply: the page is down" in rapport("show", "C-1").stdout
    rapport("approve", "C-1", "--yes")
    posted = rapport("posted", "C-1")
    assert "does not tell Rapport whether it is visible" in posted.stdout
    assert "this platform does not tell Rapport" in rapport("show", "C-1").stdout
    seen = rapport("seen", "C-1")
    assert seen.returncode == 0, seen.stderr
    assert "Visible since" in rapport("show", "C-1").stdout
    assert rapport("seen", "C-1").returncode == 3


@pytest.mark.usefixtures("drafted")
def test_what_changed_since_the_draft_is_marked(folder: Path, rapport: Call) -> None:
    (folder / "reviews.csv").write_text(ROWS.replace("cold", "ice cold"), encoding="utf-8")
    rapport("import", "reviews.csv")
    shown = rapport("show", "C-1").stdout
    assert "What changed since version 1 of the draft" in shown
    assert "{+ice+} cold" in shown


@pytest.mark.usefixtures("drafted")
def test_a_reply_that_waits_says_when_it_goes_out(folder: Path, rapport: Call) -> None:
    rapport("approve", "C-1", "--yes")
    with store(folder) as session:
        reply = session.scalars(select(Reply)).one()
        reply.state, reply.failures = "owed", 1
        reply.next_at = reply.approved_at + timedelta(hours=5)
        reply.last_error = "RateLimited: the budget of 5 replies in 1 d is used up"
    shown = rapport("show", "C-1").stdout
    assert "it waits and goes out by itself: the budget of 5 replies in 1 d is used up" in shown
    assert "It goes out about 20" in shown
    assert " UTC" in shown


@pytest.mark.usefixtures("drafted")
def test_a_published_reply_is_corrected_and_withdrawn(folder: Path, rapport: Call) -> None:
    assert rapport("correct", "C-1").returncode == 3
    assert rapport("approve", "C-1", "--yes").returncode == 0
    assert rapport("posted", "C-1").returncode == 0
    assert "To put it right: rapport correct C-1" in rapport("show", "C-1").stdout

    corrected = rapport("correct", "C-1")
    assert corrected.returncode == 0, corrected.stderr
    assert corrected.stdout.splitlines()[-1] == "next: rapport edit C-1"
    assert "A published reply is being put right" in rapport("show", "C-1").stdout
    assert rapport("reject", "C-1", "--reason", "spam").returncode == 1
    kept = rapport("reject", "C-1", "--reason", "keep_reply")
    assert "answered by what stands" in kept.stdout

    refused = rapport("withdraw", "C-1", "--reason", "the wrong shop", "--yes")
    assert refused.returncode == 1
    assert "remove it there yourself" in refused.stderr
    asked = rapport("withdraw", "C-1", "--reason", "x", "--by-hand", stdin="n\n", terminal=True)
    assert asked.returncode != 0
    gone = rapport("withdraw", "C-1", "--reason", "the wrong shop", "--by-hand", "--yes")
    assert "stands there no more" in gone.stdout
    with store(folder) as session:
        assert session.scalars(select(Reply.state)).all() == ["removed"]
        assert session.get_one(Case, 1).state == "opened"
