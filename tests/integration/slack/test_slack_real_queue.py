"""The whole line with the real queue: a row in a file, a card, a click, a posted answer.

It runs on both databases, as composed for the daemon.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from connectors.base import FoundMention, Page
from monitor import due
from monitor.app import App, compose
from monitor.cases.elsewhere import hear_answer
from monitor.config import load
from monitor.models import Case, Inbound, Label, Mention, Notification, SecondLook, Source
from responders.views import CaseView
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate, migrated_database
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

CONFIG = """\
version: 1
database: {database}
engine: embedded
brands:
  - key: harbour
    name: Harbour Coffee
    signature: "Mara, Harbour Coffee"
    contact: "hello@harbour.example"
    languages: [en]
inbox: {{path: inbox, brand: harbour, every: 5s}}
slack:
  bot_token: file:{folder}/bot
  app_token: file:{folder}/app
  channel: {channel}
  api_url: {api_url}
  approvers: [{mara}, {otto}]
"""
ASSIGN = ["rapport_take", "rapport_assign"]
READ = ["rapport_show_all"]
ROWS = """\
id,author,rating,text,date
1,Dana P.,1,"The tea was cold, nobody cared and <!channel> I want my money back.",2026-03-01
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, tmp_path: Path, slack: SlackServer
) -> Iterator[tuple[App, HandClock]]:
    (tmp_path / "bot").write_text(slack.workspace.bot_token)
    (tmp_path / "app").write_text(slack.workspace.app_token)
    (tmp_path / "inbox").mkdir()
    with ExitStack() as stack:
        database = f"sqlite:///{tmp_path}/rapport.db"
        if request.param == "postgresql":
            database = stack.enter_context(migrated_database())
        (tmp_path / "config.yaml").write_text(
            CONFIG.format(
                database=database,
                folder=tmp_path,
                channel=CHANNEL,
                api_url=slack.api_url,
                mara=MARA,
                otto=OTTO,
            )
        )
        clock: HandClock = slack.hand_clock
        made = compose(load(tmp_path / "config.yaml"), clock)
        stack.callback(made.close)
        migrate(made.database)
        made.sync()
        assert made.slack is not None
        stack.callback(made.slack.stop)
        yield made, clock


def work(app: App, clock: HandClock, patience: float = 10) -> None:
    """Do what is due, moving the clock on to what is due within `patience` seconds."""
    end = clock() + timedelta(seconds=patience)
    while True:
        with app.database.glance() as connection:
            waiting = due.due_kinds(connection, clock(), [*app.handlers])
        claims = []
        with app.database.write() as session:
            for kind in waiting:
                claims += due.claim_due(session, kind, clock(), 10)
        for claim in claims:
            with app.database.write() as session:
                begun = due.begin(session, claim, clock())
            if begun is not None:
                app.handlers[claim.kind](begun)
        if claims:
            continue
        with app.database.read() as session:
            times = [
                at
                for table in (Case, Inbound, Notification, Source)
                for at in session.scalars(select(table.next_at))
                if at is not None
            ]
        following = min(times, default=end)
        if following >= end:
            return
        clock.move(seconds=(following - clock()).total_seconds())


def complained(rapport: App, clock: HandClock, slack: SlackServer, folder: Path) -> Message:
    """Hear one complaint and listen; return its card."""
    assert rapport.slack is not None
    (folder / "inbox" / "reviews.csv").write_text(ROWS)
    work(rapport, clock)
    (card,) = slack.workspace.messages(CHANNEL)
    rapport.slack.start()
    slack.until(lambda: slack.hub.links)
    return card


def test_a_case_is_taken_taken_over_given_away_and_let_go(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    rapport, clock = app
    card = complained(rapport, clock, slack, tmp_path)

    slack.click(CHANNEL, card.ts, "rapport_take", MARA)
    slack.click(CHANNEL, card.ts, "rapport_take", OTTO)  # he saw that nobody had it
    work(rapport, clock)
    assert "took the case" in str(view_of(rapport).events)
    assert view_of(rapport).assignee == "Mara"
    assert "Take over" in str(card.blocks)

    (told,) = slack.workspace.ephemerals
    assert (told["user"], "is with Mara by now" in str(told)) == (OTTO, True)
    assert view_of(rapport).assignee == "Mara"

    slack.click(CHANNEL, card.ts, "rapport_take", OTTO)
    work(rapport, clock)
    assert view_of(rapport).assignee == "Otto"

    slack.click(CHANNEL, card.ts, "rapport_assign", OTTO)
    modal = slack.view_of(OTTO)
    refused = slack.submit(modal.id, {"person": EVE}, OTTO)
    assert "may decide" in refused["errors"]["person"]
    assert slack.submit(modal.id, {"person": MARA}, OTTO) == {}
    work(rapport, clock)
    assert view_of(rapport).assignee == "Mara"
    (line,) = [m for m in slack.workspace.thread(CHANNEL, card.ts) if f"<@{MARA}>" in m.text]
    assert "with you now, says Otto" in line.text
    assert {"type": "user", "user_id": MARA} in line.blocks[0]["elements"][0]["elements"]

    slack.click(CHANNEL, card.ts, "rapport_assign", MARA)
    assert slack.submit(slack.view_of(MARA).id, {"person": None}, MARA) == {}
    work(rapport, clock)
    assert view_of(rapport).assignee == ""
    assert [each.kind for each in view_of(rapport).events[-4:]] == [
        "taken", "taken", "assigned", "released",
    ]  # fmt: skip


def view_of(app: App) -> CaseView:
    view = app.queue.view(1)
    assert view is not None
    return view


def test_a_complaint_is_answered_from_slack(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    rapport, clock = app
    card = complained(rapport, clock, slack, tmp_path)
    assert "<!channel>" not in card.text
    assert "rapport_approve" in buttons(card.blocks)

    slack.click(CHANNEL, card.ts, "rapport_edit", OTTO)
    modal = slack.view_of(OTTO)
    text = "Dear Dana, cold tea is our fault. Write to hello@harbour.example. Mara, Harbour Coffee"
    assert slack.submit(modal.id, {"text": text}, OTTO) == {}
    work(rapport, clock)
    assert text in str(card.blocks)

    slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    slack.click(CHANNEL, card.ts, "rapport_approve", OTTO)
    work(rapport, clock)
    (told,) = slack.workspace.ephemerals
    assert told["user"] == OTTO
    assert "approved by Mara (slack)" in str(told["blocks"])
    shown = ["rapport_posted", "rapport_missing", *ASSIGN, *READ]
    assert buttons(card.blocks) == shown

    slack.click(CHANNEL, card.ts, "rapport_posted", MARA)
    link = "https://guide.example/answers/1"
    assert slack.submit(slack.view_of(MARA).id, {"link": link}, MARA) == {}
    work(rapport, clock)
    shown = ["rapport_seen", "rapport_missing", *ASSIGN, *READ]
    assert buttons(card.blocks) == shown
    assert "does not tell Rapport whether it is visible" in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_seen", MARA)
    work(rapport, clock)
    assert buttons(card.blocks) == [*READ, "rapport_standing"]
    assert "Published" in str(card.blocks)
    assert link in str(card.blocks)
    lines = "\n".join(line.text for line in slack.workspace.thread(CHANNEL, card.ts))
    assert "edited the draft" in lines
    assert "posted the reply by hand" in lines
    with rapport.database.read() as session:
        assert session.scalars(select(Case.state)).all() == ["answered"]


@pytest.fixture
def card(app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path) -> str:
    """The card of a complaint that waits, with somebody listening; its timestamp."""
    rapport, clock = app
    assert rapport.slack is not None
    (tmp_path / "inbox" / "reviews.csv").write_text(ROWS)
    work(rapport, clock)
    rapport.slack.start()
    slack.until(lambda: slack.hub.links)
    return slack.workspace.messages(CHANNEL)[0].ts


def test_a_second_look_in_slack_becomes_a_case_with_its_card(
    app: tuple[App, HandClock], slack: SlackServer
) -> None:
    rapport, clock = app
    assert rapport.slack is not None
    found = FoundMention("q1", "Is the quay open?", kind="post", created_at=clock())
    with rapport.database.write() as session:
        source = session.scalars(select(Source)).one()
    rapport.store.store(
        source.id,
        Page((found,), {}),
        clock(),
        saved=lambda session: None,
        confirm_deletion=lambda ref: True,
    )
    with rapport.database.write() as session:
        mention = session.scalars(select(Mention)).one()
        # The shipped model may be sure of it; a person is asked all the same.
        session.execute(delete(SecondLook))
        session.add(
            SecondLook(mention_id=mention.id, revision=1, reason="sample", drawn_at=clock())
        )
    rapport.announce_looks()
    work(rapport, clock)
    assert slack.workspace.messages(CHANNEL) == []
    clock.move(hours=3)
    rapport.announce_looks()
    work(rapport, clock)
    (message,) = slack.workspace.messages(CHANNEL)
    rapport.slack.start()
    slack.until(lambda: slack.hub.links)
    slack.click(CHANNEL, message.ts, "rapport_look_complaint", MARA)
    work(rapport, clock)
    assert buttons(message.blocks) == []
    _, card = slack.workspace.messages(CHANNEL)
    assert "rapport_approve" in buttons(card.blocks)
    with rapport.database.read() as session:
        case = session.scalars(select(Case)).one()
        assert case.state == "drafted"
        label = session.scalars(select(Label)).one()
        assert (label.complaint, label.origin, label.by) == (True, "look", "Mara (slack)")
    assert case.ref in str(message.blocks)


def stand(app: tuple[App, HandClock], answer: str) -> None:
    """Have an answer stand at the platform, as a poll hears it."""
    rapport, clock = app
    with rapport.database.write() as session:
        mention = session.scalars(select(Mention)).one()
        before, mention.our_reply = mention.our_reply, answer
        hear_answer(session, mention, before, clock())
    work(rapport, clock)


def test_an_answer_given_on_the_platform_is_left_from_slack(
    app: tuple[App, HandClock], slack: SlackServer, card: str
) -> None:
    rapport, clock = app
    stand(app, "We have <!here> called you.")
    (shown,) = slack.workspace.messages(CHANNEL)
    assert buttons(shown.blocks)[:2] == ["rapport_keep", "rapport_approve"]
    assert "We have <!here> called you." in str(shown.blocks)
    slack.click(CHANNEL, card, "rapport_keep", MARA)
    work(rapport, clock)
    with rapport.database.read() as session:
        assert session.scalars(select(Case.state)).all() == ["answered"]
    lines = "\n".join(line.text for line in slack.workspace.thread(CHANNEL, card))
    assert "left the answer that somebody gave" in lines


def test_going_on_from_an_old_card_does_nothing_to_a_newer_answer(
    app: tuple[App, HandClock], slack: SlackServer, card: str
) -> None:
    rapport, clock = app
    stand(app, "We have called you.")
    (shown,) = slack.workspace.messages(CHANNEL)
    old = list(shown.blocks)
    stand(app, "We have called you twice.")
    now, shown.body["blocks"] = shown.blocks, old
    slack.click(CHANNEL, card, "rapport_approve", MARA)
    work(rapport, clock)
    assert "something else by now" in str(slack.workspace.ephemerals[-1]["blocks"])
    with rapport.database.read() as session:
        assert session.scalars(select(Case.state)).all() == ["drafted"]
    assert now != old


def test_what_could_not_be_posted_comes_back_with_its_reason(
    app: tuple[App, HandClock], slack: SlackServer, card: str
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card, "rapport_approve", MARA)
    work(rapport, clock)
    slack.click(CHANNEL, card, "rapport_missing", OTTO)
    modal = slack.view_of(OTTO)
    assert "why" in slack.submit(modal.id, {"note": " "}, OTTO)["errors"]["note"]
    assert slack.submit(modal.id, {"note": "the page is <down>"}, OTTO) == {}
    work(rapport, clock)
    (shown,) = slack.workspace.messages(CHANNEL)
    assert "rapport_approve" in buttons(shown.blocks)
    lines = "\n".join(line.text for line in slack.workspace.thread(CHANNEL, card))
    assert "the page is &lt;down&gt;" in lines
    # The modal of whoever comes second says that it has changed.
    answer = slack.submit(modal.id, {"note": "again"}, OTTO) if modal.is_open else None
    assert answer is None or answer.get("response_action") == "update"


def test_a_published_reply_is_corrected_and_withdrawn_from_its_card(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    rapport, clock = app
    card = complained(rapport, clock, slack, tmp_path)
    slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    work(rapport, clock)
    slack.click(CHANNEL, card.ts, "rapport_posted", MARA)
    assert slack.submit(slack.view_of(MARA).id, {"link": None}, MARA) == {}
    work(rapport, clock)
    slack.click(CHANNEL, card.ts, "rapport_seen", MARA)
    work(rapport, clock)

    slack.click(CHANNEL, card.ts, "rapport_standing", OTTO, choice="Correct…")
    work(rapport, clock)
    view = view_of(rapport)
    assert (view.state, view.correction is not None) == ("drafted", True)
    assert "A published reply is being put right" in str(card.blocks)
    assert "rapport_more" not in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_reject", OTTO)
    modal = slack.view_of(OTTO)
    assert slack.submit(modal.id, {"reason": "keep_reply", "note": None}, OTTO) == {}
    work(rapport, clock)
    assert view_of(rapport).state == "answered"

    slack.click(CHANNEL, card.ts, "rapport_standing", EVE, choice="Withdraw…")
    assert "Not allowed" in str(slack.view_of(EVE).body)
    slack.click(CHANNEL, card.ts, "rapport_standing", MARA, choice="Withdraw…")
    modal = slack.view_of(MARA)
    assert "Remove it there yourself" in str(modal.body)
    faults = slack.submit(modal.id, {"reason": "close", "note": " "}, MARA)
    assert "why" in faults["errors"]["note"]
    assert slack.submit(modal.id, {"reason": "close", "note": "the wrong shop"}, MARA) == {}
    work(rapport, clock)
    view = view_of(rapport)
    assert view.reply is not None
    assert (view.state, view.reply.state) == ("closed", "removed")
    lines = "\n".join(line.text for line in slack.workspace.thread(CHANNEL, card.ts))
    assert "gave up the correction" in lines
    assert "wants the reply taken down" in lines
    assert "the wrong shop" in lines
    assert slack.workspace.violations == []
