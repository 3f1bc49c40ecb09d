"""Each defect met in the closest peer, as a test that it is not one of ours.

The numbers are those of the field notes; what does not apply here (an engine that must be
downloaded, a redaction that eats order numbers) is left out.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import update

from connectors.errors import RateLimited, Unavailable
from monitor.app import App, compose
from monitor.assess import make_assessor
from monitor.checking import check
from monitor.cli.menu import COMMANDS, rapport
from monitor.config import ConfigError, load
from monitor.models import Author, Case, Mention, Misread, Notification, Revision, Source
from responders.views import Actor
from tests.support.core_stores import sqlite_store
from tests.support.core_world import World, review
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate
from tests.support.web import served

CONFIG = """\
version: 1
database: sqlite:///rapport.db
brands:
  - {key: harbour, name: Harbour Coffee, contact: hello@harbour.example}
inbox: {path: inbox, brand: harbour}
web: {listen: "127.0.0.1:0"}
"""
BAD = "We waited an hour, the coffee was cold and the staff were rude. Never again."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sqlite_store(tmp_path) as database:
        made = World(database)
        yield made
        made.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    made = compose(load(path), HandClock())
    migrate(made.database)
    made.make_inbox()
    made.sync()
    yield made
    made.close()


ages = count(60)


def drop(app: App, name: str, text: str) -> None:
    """Lay a file into the inbox, as if it had been there for a while."""
    folder = app.config.inbox_dir()
    assert folder is not None
    path = folder / name
    path.write_text(text, encoding="utf-8")
    # Every file has an age of its own, or a change of the same size would go unseen.
    at = time.time() - 3600 + next(ages)
    os.utime(path, (at, at))


def poll(app: App) -> None:
    with app.database.read() as session:
        (source_id,) = [row.id for row in session.query(Source)]
    app.poller.poll_now(source_id)


def csv(rows: list[tuple[int, str, str]]) -> str:
    return "id,author,text,rating\n" + "".join(
        f'{ident},{author},"{text}",1\n' for ident, author, text in rows
    )


class TestDefect1CheckSaysReadyAndRunFails:
    def test_check_opens_migrates_and_writes_the_store_that_run_will_use(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG, encoding="utf-8")
        app = compose(load(path))
        try:
            assert [found.said for found in check(app) if not found.ok] == []
            app.sync()
            with app.database.read() as session:
                assert session.query(Source).count() == 1
        finally:
            app.close()

    def test_a_store_that_does_not_open_is_one_line_and_not_ready(self, tmp_path: Path) -> None:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG, encoding="utf-8")
        (tmp_path / "rapport.db").write_bytes(b"no database " * 500)
        result = CliRunner().invoke(rapport, ["--config", str(path), "check"])
        assert result.exit_code != 0
        assert "file is not a database" in result.output
        assert "Traceback" not in result.output


class TestDefect2AFailingTargetResendsToTheHealthyOnes:
    def test_a_reply_that_stands_is_not_sent_again_because_another_failed(
        self, world: World
    ) -> None:
        other = world.add_source("other")
        for key in ("board", "other"):
            world.hear(*[review(f"m{n}", f"bad {n}") for n in range(5)], key=key)
        world.do("prepare")
        for case in world.rows(Case):
            assert world.approve(case.id).done
        other.break_down("reply", Unavailable("404 for days"))

        world.pass_time(("publish",), hours=6)

        assert world.board.count("reply") == 5
        assert len(world.board.written) == 5
        assert other.written == []


class TestDefect3WhatIsOverALimitIsNeverSent:
    def test_three_hundred_complaints_are_three_hundred_cases_cards_and_lines(
        self, world: World
    ) -> None:
        world.hear(*[review(f"m{n}", f"bad {n}", author_id=f"a{n}") for n in range(300)])
        for _ in range(4):
            world.do("prepare")
        assert len(world.rows(Case, Case.state == "drafted")) == 300
        cards = world.rows(Notification)
        assert len({card.case_id for card in cards}) == len(cards) == 300
        assert all(card.next_at is not None for card in cards)
        assert len(world.queue.lines(limit=1000)) == 300
        assert world.queue.counts() == {"drafted": 300}


class TestDefect4AnEditOfOneRowSendsAllAgain:
    def test_an_edited_row_without_a_date_is_one_revision_and_nothing_else(self, app: App) -> None:
        rows = [(n, f"Ann {n}", f"{BAD} Visit {n}.") for n in range(60)]
        drop(app, "reviews.csv", csv(rows))
        poll(app)
        with app.database.read() as session:
            cases = session.query(Case).count()
        rows[17] = (17, "Ann 17", f"{BAD} And they never answered.")
        drop(app, "reviews.csv", csv(rows))
        poll(app)

        with app.database.read() as session:
            assert session.query(Mention).count() == 60
            assert session.query(Revision).count() == 1
            assert session.query(Case).count() == cases
            edited = session.query(Mention).filter(Mention.revision > 1).one()
            assert edited.external_id.endswith("#17")


class TestDefect5TwoFilesWithTheSameIds:
    def test_their_rows_and_people_stay_apart(self, app: App) -> None:
        north = [(n, f"North {n}", f"{BAD} North {n}.") for n in range(1, 5)]
        south = [(n, f"South {n}", f"{BAD} South {n}.") for n in range(1, 5)]
        drop(app, "north.csv", csv(north))
        drop(app, "south.csv", csv(south))
        for _ in range(3):
            poll(app)

        with app.database.read() as session:
            assert session.query(Mention).count() == 8
            assert session.query(Revision).count() == 0
            names = {row.author_name for row in session.query(Mention)}
        assert names == {name for _, name, _ in north + south}

    def test_one_id_at_two_boards_is_two_people(self, world: World) -> None:
        world.add_source("other")
        world.hear(review("1", author_id="1", author_name="Ann"))
        world.hear(review("1", author_id="1", author_name="Bob"), key="other")
        assert len(world.rows(Author)) == len(world.rows(Mention)) == 2
        world.board.delete("1")
        world.poll()
        assert world.mention("1", "other").text == "bad tea"


class TestDefect7AnEditIsANewMessage:
    def test_an_edit_arms_the_same_card_again(self, world: World) -> None:
        case_id = world.drafted()
        card = world.card(case_id)
        with world.write() as session:
            session.execute(
                update(Notification).values(next_at=None, state="sent", message_ts="1.2")
            )
        world.clock.move(minutes=1)

        world.hear(review("m1", "bad, and rude staff"))
        world.do("prepare")

        after = world.card(case_id)
        assert (after.id, after.message_ts) == (card.id, "1.2")
        assert after.next_at is not None
        assert after.shown_revision < world.case(case_id).revision
        assert len(world.rows(Notification)) == 1


class TestDefect8ConfigurationErrorsHaveNoLine:
    def test_they_name_file_line_and_the_nearest_key(self, tmp_path: Path) -> None:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG.replace("contact:", "contatc:") + "engin: embedded\n")
        with pytest.raises(ConfigError) as caught:
            load(path)
        told = str(caught.value)
        assert "config.yaml:4" in told
        assert "config.yaml:7" in told
        assert "contact" in told
        assert "engine" in told
        assert "pydantic" not in told

    def test_all_of_them_are_told_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG.replace("harbour}", "harbor}") + "retention_days: soon\n")
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert len(caught.value.problems) >= 2


class TestDefect9MalformedInputIsAServerError:
    def test_nothing_a_browser_sends_is_answered_with_5xx(self, app: App) -> None:
        with served(app) as address, requests.Session() as session:
            for path in ("/cases/x", "/cases/99999999999999999999", "/%00", "/nope", "/"):
                for method in ("GET", "POST", "PUT"):
                    answer = session.request(
                        method, address + path, data=b"\xff{not json", allow_redirects=False
                    )
                    assert 300 <= answer.status_code < 500, (method, path)


class TestDefect10CommandsBesideARunningDaemon:
    def test_reading_and_deciding_work_while_another_process_writes(self, app: App) -> None:
        drop(app, "reviews.csv", csv([(1, "Ann", BAD)]))
        poll(app)
        stop, failed = threading.Event(), []

        def write_without_end() -> None:
            try:
                while not stop.is_set():
                    with app.database.write() as session:
                        session.execute(update(Source).values(title="busy"))
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=write_without_end)
        thread.start()
        beside = compose(load(app.config.path), app.clock)
        try:
            with beside.database.read() as session:
                case_id = session.query(Case).one().id
            claim_and_prepare(beside)
            view = beside.queue.view(case_id)
            assert view is not None
            assert view.draft is not None
            outcome = beside.queue.approve(
                case_id,
                draft_version=view.draft.version,
                text_hash=view.draft.text_hash,
                actor=Actor("terminal", "mara", "Mara"),
            )
            assert outcome.done, outcome.message
            drop(app, "more.csv", csv([(n, f"Bob {n}", f"{BAD} {n}") for n in range(50)]))
            poll(beside)
            with beside.database.read() as session:
                assert session.query(Mention).count() == 51
        finally:
            stop.set()
            thread.join()
            beside.close()
        assert failed == []


def claim_and_prepare(app: App) -> None:
    from monitor import due

    with app.database.write() as session:
        claims = due.claim_due(session, "prepare", app.clock(), 10)
        begun = [due.begin(session, claim, app.clock()) for claim in claims]
    for claim in begun:
        assert claim is not None
        app.handlers["prepare"](claim)


class TestDefect11NoJudgementWithoutAModelToDownload:
    def test_complaints_are_told_from_praise_at_once_and_with_reasons(self) -> None:
        assessor = make_assessor()
        complaint = assessor.assess(BAD, rating=0.0)
        praise = assessor.assess("Lovely coffee and friendly people, we will be back!", rating=1.0)
        assert complaint.complaint
        assert not praise.complaint
        assert complaint.reasons
        assert complaint.language == "en"


class TestDefect13OnlyTheWebhookBacksOff:
    def test_a_source_that_is_told_to_wait_waits(self, world: World) -> None:
        world.board.fail("fetch", RateLimited("429", timedelta(minutes=9)))
        world.do("poll")
        assert world.row(Source).next_at == world.clock() + timedelta(minutes=9)

    def test_polls_of_equal_pace_spread(self, world: World) -> None:
        for number in range(12):
            world.add_source(f"s{number}")
        world.do("poll")
        assert len({row.next_at for row in world.rows(Source)}) > 3


class TestDefect14HelpWithoutExamples:
    def test_every_command_has_examples(self) -> None:
        for name in COMMANDS:
            text = CliRunner().invoke(rapport, [name, "--help"]).output
            assert "Example" in text or "Commands:" in text, name


def test_a_misread_row_is_named_and_not_dropped(app: App) -> None:
    drop(app, "odd.csv", "id,author,text,rating\n1,Ann,,\n2,Bob,fine,5\n")
    poll(app)
    with app.database.read() as session:
        (row,) = session.query(Misread)
        assert row.place == "odd.csv:2"
        assert session.query(Mention).count() == 1
