"""The App Home, and notes that people write in the thread of a card."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import App
from monitor.models import Event, Inbound, Notification
from responders.slack.home import PAGE, Place, home_view
from responders.views import CaseLine
from tests.integration.slack.test_slack_real_queue import app, complained, view_of, work
from tests.integration.slack.test_slack_waiting import SOON
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.slack_server.checks import Checker
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

__all__ = ["app"]


@pytest.fixture
def card(app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path) -> Message:
    rapport, clock = app
    return complained(rapport, clock, slack, tmp_path)


def home(slack: SlackServer, user: str = MARA) -> str:
    return str(slack.workspace.homes[user]["blocks"]).replace("\u200b", "")


def test_it_shows_ones_cases_and_those_of_the_team_and_stays_true(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.event("app_home_opened", user=MARA, channel="D1", tab="home").wait()
    work(rapport, clock, SOON)
    assert "No open case is with you" in home(slack)
    assert "To approve (1)" in home(slack)

    slack.click_in_home("tabs", "rapport_home_team", MARA)
    work(rapport, clock, SOON)
    assert "Dana P." in home(slack)

    slack.click_in_home("case:1", "rapport_show", MARA)
    modal = slack.view_of(MARA)
    assert "The tea was cold" in str(modal.body)
    block = next(each["block_id"] for each in modal.body["blocks"] if each["type"] == "actions")
    slack.click_in_modal(modal.id, block, "rapport_take", MARA)
    work(rapport, clock, SOON)
    assert view_of(rapport).assignee == "Mara"
    assert "Take over" in str(modal.body)  # the open modal shows what is true now
    assert "Take over" in str(card.blocks)
    clock.move(seconds=10)
    work(rapport, clock, SOON)
    assert "with Mara" in home(slack)
    slack.click_in_home("tabs", "rapport_home_mine", MARA)
    work(rapport, clock, SOON)
    assert "My cases (1)" in home(slack)
    published = slack.calls["views.publish"]
    clock.move(seconds=30)
    work(rapport, clock, SOON)
    assert slack.calls["views.publish"] == published  # nothing has changed


def test_a_modal_is_put_on_top_of_the_case_and_the_case_is_true_below(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    assert card
    slack.event("app_home_opened", user=OTTO, channel="D2", tab="home").wait()
    work(rapport, clock, SOON)
    slack.click_in_home("tabs", "rapport_home_team", OTTO)
    work(rapport, clock, SOON)
    slack.click_in_home("case:1", "rapport_show", OTTO)
    below = slack.view_of(OTTO)
    block = next(each["block_id"] for each in below.body["blocks"] if each["type"] == "actions")
    slack.click_in_modal(below.id, block, "rapport_snooze", OTTO)
    slack.until(lambda: slack.view_of(OTTO).id != below.id)
    assert slack.calls["views.push"] == 1
    answer = slack.submit(
        slack.view_of(OTTO).id, {"span": "customer"}, OTTO, previous_view_id=below.id
    )
    assert answer == {}
    work(rapport, clock, SOON)
    assert "Put off until the customer writes" in str(below.body)


def test_who_may_not_decide_sees_nothing_of_customers(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    assert card
    slack.event("app_home_opened", user=EVE, channel="D3", tab="home").wait()
    work(rapport, clock, SOON)
    assert "not on the list" in home(slack, EVE)
    assert "Dana" not in home(slack, EVE)


def test_a_home_that_nobody_looks_at_rests(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.event("app_home_opened", user=MARA, channel="D1", tab="home").wait()
    work(rapport, clock, SOON)
    clock.move(hours=2)
    published = slack.calls["views.publish"]
    slack.click(CHANNEL, card.ts, "rapport_take", OTTO)
    work(rapport, clock, 30)
    assert slack.calls["views.publish"] == published
    with rapport.database.read() as session:
        assert session.query(Notification).filter_by(kind="home").one().state == "resting"
    slack.event("app_home_opened", user=MARA, channel="D1", tab="home").wait()
    work(rapport, clock, SOON)
    assert slack.calls["views.publish"] == published + 1


def test_what_is_written_in_the_thread_is_a_note_and_is_not_said_again(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    told = {"channel": CHANNEL, "user": EVE, "thread_ts": card.ts}
    slack.event("message", text="She called &amp; &lt;cried&gt;", ts="9.1", **told).wait()
    for other in (
        {"text": "", "ts": "9.2"},
        {"text": "of a bot", "ts": "9.3", "bot_id": "B1"},
        {"text": "edited", "ts": "9.4", "subtype": "message_changed"},
        {"text": "elsewhere", "ts": "9.5", "thread_ts": "1.0"},
        {"text": "no thread", "ts": "9.6", "thread_ts": ""},
    ):
        slack.event("message", **{**told, **other}).wait()
    work(rapport, clock, 5)
    with rapport.database.read() as session:
        (event,) = session.query(Event).filter(Event.kind == "noted_in_thread")
        assert (event.actor, event.detail) == ("Eve (slack)", {"text": "She called & <cried>"})
        assert session.query(Inbound).filter(Inbound.kind == "event").count() == 1
    assert slack.workspace.thread(CHANNEL, card.ts) == []
    assert view_of(rapport).state == "drafted"  # nothing typed in a thread is ever published


def test_a_note_whose_worker_died_is_kept_once(
    app: tuple[App, HandClock],
    slack: SlackServer,
    card: Message,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rapport, clock = app
    assert rapport.slack is not None
    told = {"channel": CHANNEL, "user": EVE, "thread_ts": card.ts}
    slack.event("message", text="She called.", ts="9.1", **told).wait()
    with monkeypatch.context() as patched:
        patched.setattr(rapport.slack.actions, "_done", dies)
        with pytest.raises(KeyboardInterrupt):
            work(rapport, clock, 5)
    clock.move(minutes=2)  # the lease of the dead one ends
    work(rapport, clock, 5)
    with rapport.database.read() as session:
        assert session.query(Event).filter(Event.kind == "noted_in_thread").count() == 1


def dies(*_args: object) -> None:
    raise KeyboardInterrupt


def line(number: int) -> CaseLine:
    now = HandClock()()
    return CaseLine(
        id=number,
        ref=f"C-{number}",
        state="drafted",
        urgency="urgent",
        brand="Harbour Coffee",
        location="Quay <!here>",
        source="Board & more",
        author="*Dana* <@U1>",
        stars=1.0,
        excerpt="<!channel> `x` " * 10,
        opened_at=now,
        due_at=now - timedelta(hours=number),
        overdue=True,
        assignee="Mara",
        draft_version=1,
    )


@pytest.mark.parametrize("total", [0, 1, PAGE, PAGE + 1, 999])
def test_every_page_is_one_that_slack_takes(total: int) -> None:
    lines = [line(number + 1) for number in range(total)]
    for page in (0, 1, 49):
        view = home_view(Place("late", page), lines, {"late": total}, HandClock()())
        assert Checker().home(view) == []
        assert "<!channel>" not in str(view)


@pytest.mark.parametrize("value", ["", "[]", "null", '{"tab":"x","page":0}', '{"tab":"mine"}'])
def test_what_is_no_place_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not one of ours"):
        Place.unpack(value)
