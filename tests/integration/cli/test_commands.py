"""The command line as a person uses it: one process a command, a real store, no daemon."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import due
from monitor.app import compose
from monitor.assess import Assessment
from monitor.config import load
from tests.integration.cli.conftest import Call
from tests.support.hand_clock import HandClock
from tests.support.postgres import fresh_database

ROWS = """\
id,author,rating,text,date
1,Ada Lorimer,1,We waited fifty minutes and the soup was cold. Never again.,2026-11-01
2,Ben Okafor,5,Lovely bread and a friendly team.,2026-11-02
3,Cleo Sand,2,"Charged twice, and nobody answers my mails about the refund.",2026-11-03
"""


def import_rows(folder: Path, rapport: Call, text: str = ROWS) -> None:
    (folder / "reviews.csv").write_text(text, encoding="utf-8")
    done = rapport("import", "reviews.csv", "--json")
    assert done.returncode == 0, done.stderr


def prepare(folder: Path) -> None:
    """Do the due work that a daemon would: drafts."""
    from monitor.due import claim_due
    from monitor.work import Worker

    app = compose(load(folder / "config.yaml"))
    try:
        worker = Worker(app.database, app.clock, app.handlers, "test")
        with app.database.write() as session:
            claims = claim_due(session, "prepare", app.clock(), 100, "test")
        for claim in claims:
            worker.perform(claim)
    finally:
        app.close()


def test_importing_tells_what_came_of_it_and_what_is_next(folder: Path, rapport: Call) -> None:
    (folder / "reviews.csv").write_text(ROWS, encoding="utf-8")
    done = rapport("import", "reviews.csv")
    assert done.returncode == 0, done.stderr
    assert "3 found: 3 new, 0 edited, 0 known" in done.stdout
    assert "2 cases opened" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport queue"


def test_importing_twice_adds_nothing_and_a_changed_row_is_an_edit(
    folder: Path, rapport: Call
) -> None:
    import_rows(folder, rapport)
    again = json.loads(rapport("import", "reviews.csv", "--json").stdout)
    assert (again["new"], again["edited"], again["known"]) == (0, 0, 3)
    changed = ROWS.replace("Lovely bread", "Lovely warm bread")
    (folder / "reviews.csv").write_text(changed, encoding="utf-8")
    edited = json.loads(rapport("import", "reviews.csv", "--json").stdout)
    assert (edited["new"], edited["edited"], edited["known"]) == (0, 1, 2)


def test_a_broken_row_is_reported_with_file_and_line_and_the_rest_goes_on(
    folder: Path, rapport: Call
) -> None:
    broken = ROWS + "4,Dan,3\n5,Eve Munro,5,Good tea.,2026-11-04\n"
    (folder / "reviews.csv").write_text(broken, encoding="utf-8")
    done = rapport("import", "reviews.csv")
    assert done.returncode == 1
    assert "reviews.csv:5" in done.stderr
    assert "4 new" in done.stdout
    assert "1 misread" in done.stdout


def test_status_tells_what_could_not_be_read_by_file_and_line(folder: Path, rapport: Call) -> None:
    (folder / "bad.csv").write_text(ROWS + "4,Dan,1\n" * 12, encoding="utf-8")
    rapport("import", "bad.csv")
    lines = rapport("status").stdout.splitlines()
    told = [line for line in lines if line.startswith("could not be read: ")]
    assert len(told) == 11
    assert told[0].startswith("could not be read: inbox: bad.csv:7: the row has 3 fields")
    assert told[-1] == "could not be read: 2 earlier ones"
    unread = json.loads(rapport("status", "--json").stdout)["unread"]
    assert [each["place"] for each in unread] == [f"bad.csv:{line}" for line in range(7, 17)]


def test_status_does_not_claim_to_know_where_daemons_of_a_shared_store_run(
    folder: Path, rapport: Call
) -> None:
    path = folder / "config.yaml"
    assert rapport("status").stdout.splitlines()[-1] == "next: rapport run"
    with fresh_database() as url:
        text = path.read_text(encoding="utf-8")
        text = text.replace("sqlite:///var/rapport.db", f"{url!r}\nengine: postgres")
        path.write_text(text, encoding="utf-8")
        done = rapport("status")
    assert done.returncode == 0, done.stderr
    assert "daemons may run on several machines" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[-1] == "next: rapport queue"


def test_the_queue_shows_approves_and_hands_over(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    listed = [json.loads(line) for line in rapport("queue", "--json").stdout.splitlines()]
    assert {line["ref"] for line in listed} == {"C-1", "C-2"}
    shown = rapport("show", "C-1")
    assert "cold" in shown.stdout
    assert "Why it is due then" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "next: rapport approve C-1"
    approved = rapport("approve", "C-1", "--yes")
    assert approved.returncode == 0, approved.stderr
    assert "by hand" in approved.stdout
    again = rapport("approve", "C-1", "--yes")
    assert again.returncode == 3
    assert "C-1 is approved" in again.stderr
    posted = rapport("posted", "C-1", "--url", "https://board.example/1")
    assert posted.returncode == 0, posted.stderr
    view = json.loads(rapport("show", "C-1", "--json").stdout)
    assert view["state"] == "answered"
    report = json.loads(rapport("report", "sla", "--json").stdout)
    first = next(each for each in report["targets"] if each["target"] == "first_response")
    assert first["total"]["answered"] == 1


def test_a_call_is_shown_and_acknowledged(folder: Path, rapport: Call) -> None:
    ladder = "escalation:\n  - {key: usual, steps: [{at: due, notify: channel}]}\n"
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(ladder)
    import_rows(folder, rapport)
    prepare(folder)
    assert rapport("ack", "C-1").returncode == 3
    later = HandClock(datetime.now(UTC) + timedelta(days=2))
    with closing(compose(load(folder / "config.yaml"), later)) as app:
        for kind in ("clock", "escalate"):
            with app.database.write() as session:
                claims = due.claim_due(session, kind, later(), 10)
            for claim in claims:
                with app.database.write() as session:
                    begun = due.begin(session, claim, later())
                assert begun is not None
                app.handlers[kind](begun)

    shown = rapport("show", "C-1").stdout
    assert "Who was told (first response, ladder usual)" in shown
    assert "told the team" in shown
    assert "next: nobody, the ladder has ended" in shown
    assert "called for and not acknowledged: C-1, C-2" in rapport("status").stdout
    acknowledged = rapport("ack", "C-1")
    assert acknowledged.returncode == 0, acknowledged.stderr
    assert "nobody else is called until" in acknowledged.stdout
    assert "called for and not acknowledged: C-2" in rapport("status").stdout
    assert "next: whoever was told last, once more" in rapport("show", "C-1").stdout


def test_editing_makes_a_new_version_and_the_old_one_cannot_be_approved(
    folder: Path, rapport: Call
) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    edited = rapport("edit", "C-2", "--text", "Hello Cleo, we are looking into the charge. Ada")
    assert edited.returncode == 0, edited.stderr
    stale = rapport("approve", "C-2", "--version", "1", "--yes")
    assert stale.returncode == 3
    assert "version 2" in stale.stderr
    assert rapport("approve", "C-2", "--version", "2", "--yes").returncode == 0


def test_rejecting_ends_or_asks_for_another_draft(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    assert rapport("reject", "C-1", "--reason", "not_a_complaint").returncode == 0
    assert json.loads(rapport("show", "C-1", "--json").stdout)["state"] == "dismissed"
    assert rapport("reject", "C-2").returncode == 0
    prepare(folder)
    second = json.loads(rapport("show", "C-2", "--json").stdout)
    assert second["draft"]["version"] == 2


def test_what_a_rule_objects_to_is_shown_in_its_place(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    assert rapport("edit", "C-1", "--text", "If so, our lawyers will write.").returncode == 0
    told = rapport("show", "C-1").stdout
    assert "[block] It reads as a threat: “our lawyers will”" in told
    assert "      If so, »our lawyers will« write." in told


def test_another_draft_is_asked_for_in_a_tone_a_language_and_shorter(
    folder: Path, rapport: Call
) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    first = json.loads(rapport("show", "C-1", "--json").stdout)["draft"]
    wish = ("--another", "--tone", "formal", "--shorter", "--language", "it")
    assert rapport("reject", "C-1", *wish).returncode == 0
    prepare(folder)
    second = json.loads(rapport("show", "C-1", "--json").stdout)["draft"]
    assert second["language"] == "it"
    assert len(second["text"]) < len(first["text"])
    assert {"formal in tone", "shorter, as asked"} <= set(second["reasons"])
    told = rapport("reject", "C-1", "--tone", "warm", "--reason", "no_answer")
    assert told.returncode == 2
    assert "do not go with --reason no_answer" in told.stderr
    assert rapport("reject", "C-1", "--language", "xx").returncode == 2


def test_mistakes_are_one_line_on_standard_error(folder: Path, rapport: Call) -> None:
    for arguments, code in (
        (("show", "nonsense"), 2),
        (("show", "C-99"), 1),
        (("bogus",), 2),
        (("poll", "nowhere"), 1),
        (("report", "sla", "--since", "soon"), 2),
    ):
        done = rapport(*arguments)
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("rapport: ")


def test_a_store_that_cannot_be_opened_is_one_line_too(folder: Path, rapport: Call) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "rapport.db").write_bytes(b"no database at all" * 100)
    for arguments in (("queue",), ("status",), ("migrate",)):
        done = rapport(*arguments)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "file is not a database; see `rapport check`" in done.stderr
    (folder / "blocked").write_text("a file where a folder should be", encoding="utf-8")
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(text.replace("///var/", "///blocked/"), encoding="utf-8")
    done = rapport("queue")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "blocked: the folder for the store cannot be made" in done.stderr


def test_what_became_of_drafts_is_reported_by_template(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    empty = rapport("report", "drafts")
    assert empty.returncode == 0
    assert "no draft was made in this time" in empty.stdout
    prepare(folder)
    assert rapport("edit", "C-1", "--text", "We are sorry about this.").returncode == 0
    assert rapport("approve", "C-1", "--yes").returncode == 0
    told = rapport("report", "drafts").stdout
    assert "template" in told
    assert "nothing in two answers or more" in told
    lines = json.loads(rapport("report", "drafts", "--json").stdout)["lines"]
    assert sum(line["changed"] for line in lines) == 1
    assert rapport("report", "drafts", "--since", "soon").returncode == 2


def test_a_group_without_a_command_shows_its_menu(rapport: Call) -> None:
    done = rapport("report")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: rapport report")


def test_the_next_command_keeps_the_configuration_that_was_named(
    folder: Path, rapport: Call
) -> None:
    (folder / "config.yaml").rename(folder / "mine.yaml")
    done = rapport("--config", "mine.yaml", "queue")
    assert done.stdout.splitlines()[-1] == "next: rapport --config mine.yaml status"


def test_a_search_without_a_hit_does_not_say_that_nothing_waits(rapport: Call) -> None:
    done = rapport("queue", "--search", "marmalade")
    assert "'marmalade'" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport queue --state all"


def test_an_edit_from_a_file_that_is_no_text_is_refused(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    (folder / "answer.txt").write_bytes("Sorry, Zoë".encode("utf-16"))
    done = rapport("edit", "C-1", "--file", "answer.txt")
    assert done.returncode == 2
    assert done.stderr == "rapport: answer.txt: is no text in UTF-8; save it as UTF-8\n"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("http://127.0.0.1:9/feed.xml", "add --allow-private if it is yours"),
        ("http://", "expected a web address"),
        ("http://[::", "not a web address"),
        (".", "is a folder; name a file in it"),
        ("ftp://x.example/feed", "neither a file nor a link"),
    ],
)
def test_a_place_that_cannot_be_tried_says_why(place: str, said: str, rapport: Call) -> None:
    done = rapport("try", place)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_a_broken_configuration_is_told_with_its_lines(folder: Path, rapport: Call) -> None:
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(text.replace("inbox:\n", "inbocks:\n"), encoding="utf-8")
    done = rapport("queue")
    assert done.returncode == 2
    assert "config.yaml:9" in done.stderr
    assert "did you mean" in done.stderr


def test_classify_streams_and_goes_on_after_a_bad_line(rapport: Call) -> None:
    lines = [
        '{"id": 1, "text": "Cold food and a rude waiter, never again", "rating": 1}',
        "not json",
        '{"id": "b", "text": "Lovely place, we will come back", "rating": 5, "language": "en"}',
    ]
    done = rapport("classify", stdin="\n".join(lines))
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert tuple(first) == ("id", *Assessment.FIELDS)
    assert first["complaint"] is True
    assert second["line"] == 2
    assert "error" in second
    assert third["complaint"] is False


def test_init_writes_a_configuration_that_check_accepts(folder: Path, rapport: Call) -> None:
    (folder / "config.yaml").unlink()
    done = rapport("init", "--brand", "Café Zoë", "--timezone", "Europe/Paris")
    assert done.returncode == 0, done.stderr
    refused = rapport("init", "--brand", "Another")
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    path = folder / "config.yaml"
    with socket.create_server(("127.0.0.1", 0)) as free:  # 8320 may be in use by a daemon
        port = free.getsockname()[1]
    path.write_text(path.read_text(encoding="utf-8").replace("8320", str(port)), encoding="utf-8")
    checked = rapport("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "ready" in checked.stdout.splitlines()


def test_init_asks_again_after_an_answer_that_cannot_be(folder: Path, rapport: Call) -> None:
    (folder / "config.yaml").unlink()
    answers = ["Quince", "Europe/Nowhere", "Europe/Vienna", "", "Ada", "a link", ""]
    done = rapport("init", stdin="\n".join(answers) + "\n", terminal=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'Europe/Nowhere' is no time zone" in done.stdout
    assert "a link is no link beginning with http(s)://" in done.stdout
    written = (folder / "config.yaml").read_text(encoding="utf-8")
    assert "timezone: Europe/Vienna" in written
    assert "sources: []" in written


def test_trying_a_file_stores_nothing_and_needs_no_configuration(
    folder: Path, rapport: Call
) -> None:
    (folder / "config.yaml").unlink()
    (folder / "reviews.csv").write_text(ROWS, encoding="utf-8")
    done = rapport("try", "reviews.csv")
    assert done.returncode == 0, done.stderr
    assert "3 looked at, 2 would open a case" in done.stdout
    assert not (folder / "var").exists()
    missing = rapport("try", "nowhere.csv")
    assert missing.returncode == 1
    assert "neither a file nor a link" in missing.stderr


class TestSecretKey:
    def test_a_key_is_printed_alone_and_nothing_is_stored(
        self, rapport: Call, folder: Path
    ) -> None:
        first, second = rapport("secret-key"), rapport("secret-key")
        assert (first.returncode, len(first.stdout.strip())) == (0, 44)
        assert first.stdout != second.stdout
        assert not (folder / "var").exists()

    def test_resealing_wants_a_key_and_says_what_it_did(
        self, rapport: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("RAPPORT_SECRET_KEY", raising=False)
        refused = rapport("secret-key", "--reseal")
        assert refused.returncode == 2
        assert "RAPPORT_SECRET_KEY is not set" in refused.stderr
        monkeypatch.setenv("RAPPORT_SECRET_KEY", rapport("secret-key").stdout.strip())
        done = rapport("secret-key", "--reseal", "--json")
        assert json.loads(done.stdout) == {"sealed": 0, "not_opened": [], "forgotten": False}

    def test_a_key_that_is_none_ends_a_command_with_words(
        self, rapport: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RAPPORT_SECRET_KEY", "hunter2")
        done = rapport("status")
        assert done.returncode != 0
        assert "rapport secret-key" in done.stderr
        assert "hunter2" not in done.stderr


def test_no_command_shows_what_may_no_longer_be_kept(rapport: Call, folder: Path) -> None:
    from contextlib import closing
    from datetime import timedelta

    from monitor.app import compose
    from monitor.clock import utc_now
    from monitor.config import load
    from monitor.models import Mention

    import_rows(folder, rapport)
    with closing(compose(load(folder / "config.yaml"))) as app:
        with app.database.write() as session:
            session.query(Mention).update(
                {"recheck_at": utc_now(), "keep_until": utc_now() - timedelta(hours=1)}
            )
        rapport("queue")
        with app.database.read() as session:
            assert {row.state for row in session.query(Mention)} == {"withheld"}
            assert {row.text for row in session.query(Mention)} == {""}
