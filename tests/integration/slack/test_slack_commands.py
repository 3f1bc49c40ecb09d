"""``/rapport`` over the socket, on both databases: what it answers, what it does, who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.models import Inbound, Source
from responders.slack.orders import (
    ACTING,
    READING,
    SEARCHING,
    case_of,
    nearest_verb,
    person_of,
    read_order,
)
from responders.views import Actor
from tests.integration.slack.test_slack_real_queue import app, complained, view_of, work
from tests.integration.slack.test_slack_waiting import SOON
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

__all__ = ["app"]


@pytest.fixture
def card(app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path) -> Message:
    rapport, clock = app
    return complained(rapport, clock, slack, tmp_path)


def said(answer: dict[str, Any]) -> str:
    return str(answer.get("blocks") or answer.get("text")).replace("\u200b", "")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "What can be typed"),
        ("help", "/rapport snooze C-12 2h"),
        ("queue", "To approve: 1 case"),
        ("QUEUE tea", "Dana P."),
        ("queue soup", "Nothing here."),
        ("late", "Overdue: 0 cases"),
        ("find cold tea", "Dana P."),
        ("find", "Say what to look for"),
        ("why C-1", "Why the draft reads so"),
        ("why 1", "Why it is due"),
        ("why C-99", "There is no case C-99"),
        ("why", "Say which case"),
        ("show C-x", "is no case; cases look like C-12"),
        ("report", "1 cases from 1 mentions"),
        ("report 24h", "How promises fared, 24h"),
        ("report soon", "is not a duration; try"),
        ("status", "To approve: 1."),
        ("duty", "Whoever takes one"),
        ("shwo C-1", "Did you mean “show”?"),
        ("<script>&amp;", "There is no"),
    ],
)
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_is_asked_is_answered_to_one_person(
    app: tuple[App, HandClock], slack: SlackServer, card: Message, typed: str, told: str
) -> None:
    assert card
    app[0].keeper.run()  # as the daemon does every few seconds
    answer = slack.command(typed, MARA, CHANNEL)
    if typed.split(" ")[0] in SEARCHING:  # the acknowledgement waits for no search
        assert answer == {}
        work(*app, SOON)
        (answer,) = slack.workspace.responses
        assert slack.checker.message(answer) == []
    else:
        assert slack.workspace.responses == []
    assert told.replace("Why it is due", "Due ") in said(answer)
    assert answer["response_type"] == "ephemeral"


def test_show_brings_the_card_with_its_buttons_and_they_work(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    shown = slack.command("show c-1", MARA, "C0ELSE")
    assert "rapport_approve" in buttons(shown["blocks"])
    value = next(
        each["value"]
        for block in shown["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
        if each["action_id"] == "rapport_take"
    )
    # Pressed in a private message in another channel: it is no card, and none is posted there.
    container = {
        "type": "message",
        "message_ts": "1.1",
        "channel_id": "C0ELSE",
        "is_ephemeral": True,
    }
    action = {"type": "button", "action_id": "rapport_take", "value": value, "action_ts": "2.2"}
    slack.click(CHANNEL, card.ts, "rapport_take", MARA, actions=[action], container=container)
    work(rapport, clock, SOON)
    assert view_of(rapport).assignee == "Mara"
    assert "Take over" in str(card.blocks)
    assert list(slack.workspace.channels) == [CHANNEL]


def test_acts_are_done_and_answered_where_only_one_person_sees_it(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app

    def do(typed: str, user: str = MARA) -> str:
        assert slack.command(typed, user, CHANNEL) == {}
        work(rapport, clock, SOON)
        return str(slack.workspace.responses[-1]).replace("\u200b", "")

    assert "C-1 is with Mara now" in do("take C-1")
    assert "C-1 is with Otto now" in do(f"assign C-1 <@{OTTO}|otto>")
    assert "With you: 1 case" in said(slack.command("mine", OTTO, CHANNEL)) or "With you: 1" in do(
        "mine", OTTO
    )
    assert "may not decide" in do(f"assign C-1 <@{EVE}>")
    assert "Say who with a mention" in do("assign C-1 @otto")
    assert "is with nobody now" in do("release C-1")
    assert "is put off until" in do("snooze C-1 2h")
    assert "is no time; write how long" in do("snooze C-1 soon")
    assert "is in the queue again" in do("wake C-1")
    assert "the note is kept" in do("note C-1 She &lt;b&gt; called &amp; cried.")
    assert view_of(rapport).events[-1].summary == "noted: She <b> called & cried."
    assert "Say which version" in do("approve C-1")
    assert "the draft changed" in do("approve C-1 7")
    assert "approved" in do("approve C-1 v1")
    assert view_of(rapport).state == "approved"
    assert "C-1 is approved" in do("undo C-1")  # a person posts it: it left Rapport's hands
    assert "there is no case C-99" in do("take C-99").lower() or "C-99" in do("take C-99")
    assert "rapport_posted" in buttons(card.blocks)


def test_a_source_is_paused_over_a_restart_and_goes_on(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    assert card
    for typed, told in [
        ("pause nowhere", "There is no source"),
        ("pause", "Say which source"),
        ("pause inbox", "is paused"),
        ("pause inbox", "is paused already by Mara"),
    ]:
        slack.command(typed, MARA, CHANNEL)
        work(rapport, clock, SOON)
        assert told in str(slack.workspace.responses[-1])
    rapport.sync()
    with rapport.database.read() as session:
        row = session.query(Source).one()
        assert (row.state, row.next_at) == ("paused", None)
    slack.command("resume inbox", OTTO, CHANNEL)
    work(rapport, clock, SOON)
    with rapport.database.read() as session:
        assert session.query(Source).one().state == "active"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_nobody_else_is_answered_and_nothing_of_theirs_is_kept(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, _ = app
    assert card
    for typed in ("queue", "show C-1", "take C-1", "status"):
        answer = slack.command(typed, EVE, CHANNEL)
        assert "not on the list" in said(answer)
        assert "Dana" not in said(answer)
    assert "What can be typed" in said(slack.command("help", EVE, CHANNEL))
    with rapport.database.read() as session:
        assert session.query(Inbound).filter(Inbound.kind == "command").count() == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_one_command_is_done_once_however_often_it_is_delivered(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    assert card
    assert rapport.slack is not None
    payload = {
        "command": "/rapport",
        "text": "note C-1 once",
        "user_id": MARA,
        "team_id": "T0TEAM",
        "channel_id": CHANNEL,
        "trigger_id": "1.2.3",
    }
    for _ in range(3):
        assert rapport.slack.receiver.receive("slash_commands", payload).body is None
    work(rapport, clock, SOON)
    assert [each.kind for each in view_of(rapport).events].count("noted") == 1
    # Without an address of its own the answer goes to the channel, to that person alone.
    assert slack.workspace.ephemerals[-1]["user"] == MARA


@pytest.mark.parametrize(
    ("typed", "kind", "told"),
    [
        ("note C-1 She called.", "noted", "That is done."),
        ("take C-1", "taken", "That is done."),
        ("approve C-1 1", "approved", "That is done."),
        ("pause inbox", "", "is paused already by Mara"),
    ],
)
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_command_whose_worker_died_before_it_could_answer_is_done_once(
    app: tuple[App, HandClock],
    slack: SlackServer,
    card: Message,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    kind: str,
    told: str,
) -> None:
    rapport, clock = app
    assert card
    assert rapport.slack is not None
    with monkeypatch.context() as patched:
        patched.setattr(rapport.slack.actions, "_answer", dies)
        assert slack.command(typed, MARA, CHANNEL) == {}
        with pytest.raises(KeyboardInterrupt):
            work(rapport, clock, SOON)
    assert slack.workspace.responses == []
    clock.move(minutes=2)  # the lease of the dead one ends
    work(rapport, clock, SOON)
    assert told in str(slack.workspace.responses[-1])
    if kind:
        assert [each.kind for each in view_of(rapport).events].count(kind) == 1


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_note_that_was_begun_is_kept_whatever_else_its_writer_wrote_since(
    app: tuple[App, HandClock],
    slack: SlackServer,
    card: Message,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rapport, clock = app
    assert card
    assert rapport.slack is not None
    with monkeypatch.context() as patched:
        patched.setattr(rapport.queue, "note", dies)
        assert slack.command("note C-1 Second.", MARA, CHANNEL) == {}
        with pytest.raises(KeyboardInterrupt):
            work(rapport, clock, SOON)
    clock.move(minutes=2)
    assert rapport.queue.note(1, text="First.", actor=Actor("slack", MARA, "Mara")).done
    work(rapport, clock, SOON)
    noted = [each.summary for each in view_of(rapport).events if each.kind == "noted"]
    assert noted == ["noted: First.", "noted: Second."]


def dies(*_args: object, **_values: object) -> None:
    raise KeyboardInterrupt


def test_what_is_typed_is_read() -> None:
    order = read_order({"text": "  Snooze C-1  2h ", "user_id": "U1", "trigger_id": "t"})
    assert (order.verb, order.rest) == ("snooze", "C-1  2h")
    assert read_order({}).verb == "help"
    assert read_order({"text": 7, "user_id": None}).verb == "help"
    assert case_of("c-12 and more") == (12, "and more")
    assert person_of("<@U0MARA|mara> please") == "U0MARA"
    assert nearest_verb("quue") == "queue"
    assert not READING.keys() & ACTING.keys()
    with pytest.raises(ValueError, match="say who"):
        person_of("mara")
