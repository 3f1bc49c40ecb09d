"""In Slack: replies taken back, cases put off and dismissed, two who approve, other channels."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import App
from monitor.hours import DAYS
from monitor.models import Case, Inbound
from responders.phrases import languages
from responders.slack.buttons import OPENED
from responders.slack.modals import LANGUAGE_NAMES, TONE_NAMES
from responders.slack.setup import verify
from responders.wishes import TONES
from tests.integration.slack.test_slack_real_queue import app, complained, view_of, work
from tests.integration.slack.world import CHANNEL, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

__all__ = ["app"]

SOON = 1.0
"""Seconds of work: less than a reply waits before it leaves."""


@pytest.fixture
def card(app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path) -> Message:
    """The card of a complaint that waits, with somebody listening."""
    rapport, clock = app
    return complained(rapport, clock, slack, tmp_path)


def lines(slack: SlackServer, card: Message) -> str:
    return "\n".join(line.text for line in slack.workspace.thread(CHANNEL, card.ts))


def opened_forms(rapport: App) -> int:
    with rapport.database.read() as session:
        kept = session.query(Inbound.payload).all()
    return sum(payload["action"] == OPENED for (payload,) in kept)


def until_edited(rapport: App, clock: HandClock, slack: SlackServer) -> None:
    """Work until it is known that somebody has the draft open."""

    def known() -> bool:
        work(rapport, clock, SOON)
        return view_of(rapport).editing is not None

    slack.until(known)


def test_a_case_is_put_off_and_comes_back(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card.ts, "rapport_snooze", MARA)
    modal = slack.view_of(MARA)
    assert "Choose how long" in slack.submit(modal.id, {}, MARA)["errors"]["span"]
    past = int(clock().timestamp()) - 60
    assert "has passed" in slack.submit(modal.id, {"until": past}, MARA)["errors"]["until"]
    assert slack.submit(modal.id, {"span": "14400"}, MARA) == {}
    work(rapport, clock, SOON)
    assert "Put off until" in str(card.blocks)
    assert "rapport_wake" in buttons(card.blocks)
    assert "rapport_approve" in buttons(card.blocks)
    assert rapport.queue.lines() == []
    clock.move(hours=4)
    work(rapport, clock, SOON)
    assert "Put off until" not in str(card.blocks)
    assert len(rapport.queue.lines()) == 1
    assert "put the case off until" in lines(slack, card)
    assert "brought the case back" in lines(slack, card)


def test_until_the_customer_writes_and_woken_by_hand(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card.ts, "rapport_snooze", MARA)
    assert slack.submit(slack.view_of(MARA).id, {"span": "customer"}, MARA) == {}
    work(rapport, clock, SOON)
    assert "Put off until the customer writes" in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_wake", OTTO)
    work(rapport, clock, SOON)
    assert view_of(rapport).snooze == ""
    at = int((clock() + timedelta(days=1)).timestamp())
    slack.click(CHANNEL, card.ts, "rapport_snooze", OTTO)
    assert slack.submit(slack.view_of(OTTO).id, {"until": at, "span": "3600"}, OTTO) == {}
    work(rapport, clock, SOON)
    until = view_of(rapport).snoozed_until
    assert until is not None
    assert int(until.timestamp()) == at


def test_another_draft_is_asked_for_in_a_tone_shorter_and_in_a_language(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    before = view_of(rapport).draft
    assert before is not None
    slack.click(CHANNEL, card.ts, "rapport_other", MARA)
    wish = {"tone": "formal", "shorter": ["shorter"], "language": "de"}
    assert slack.submit(slack.view_of(MARA).id, wish, MARA) == {}
    work(rapport, clock, 5)
    after = view_of(rapport).draft
    assert after is not None
    assert (after.version, after.language) == (2, "de")
    assert len(after.text) < len(before.text)
    assert "(formal, shorter, in de)" in lines(slack, card)
    slack.click(CHANNEL, card.ts, "rapport_other", OTTO)
    assert slack.submit(slack.view_of(OTTO).id, {}, OTTO) == {}
    work(rapport, clock, 5)
    assert view_of(rapport).draft.version == 3  # type: ignore[union-attr]


def test_while_somebody_edits_the_others_leave_the_text_alone(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card.ts, "rapport_edit", OTTO)
    modal = slack.view_of(OTTO)
    until_edited(rapport, clock, slack)
    assert "Otto is editing it" in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    work(rapport, clock, SOON)
    assert "Otto is editing this text" in str(slack.workspace.ephemerals[-1]["blocks"])
    assert view_of(rapport).state == "drafted"
    slack.click(CHANNEL, card.ts, "rapport_edit", MARA)
    assert "Otto may be editing this text, too" in str(slack.view_of(MARA).body)
    slack.until(lambda: opened_forms(rapport) == 2)
    work(rapport, clock, SOON)
    held = view_of(rapport).editing
    assert held is not None
    assert held.by == "Otto"  # who comes second takes nothing away

    slack.close(modal.id, OTTO)
    work(rapport, clock, SOON)
    assert "is editing it" not in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_edit", OTTO)
    until_edited(rapport, clock, slack)
    clock.move(minutes=10)  # who walks away holds nobody up
    work(rapport, clock, SOON)
    assert "is editing it" not in str(card.blocks)
    slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    work(rapport, clock, SOON)
    assert view_of(rapport).state == "approved"


def test_who_takes_a_case_over_may_go_on_while_another_edits(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card.ts, "rapport_edit", OTTO)
    until_edited(rapport, clock, slack)
    slack.click(CHANNEL, card.ts, "rapport_take", MARA)
    work(rapport, clock, SOON)
    slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    work(rapport, clock, SOON)
    assert view_of(rapport).state == "approved"


def test_a_press_that_only_opens_a_page_is_not_answered(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    action = {"type": "button", "action_id": "rapport_open", "action_ts": "3.3"}
    slack.click(CHANNEL, card.ts, "rapport_take", MARA, actions=[action])
    work(rapport, clock, SOON)
    assert slack.workspace.ephemerals == []


def test_every_language_of_the_templates_can_be_asked_for() -> None:
    assert set(LANGUAGE_NAMES) == set(languages())
    assert set(TONE_NAMES) == set(TONES)


def test_a_case_is_dismissed_from_the_menu(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    slack.click(CHANNEL, card.ts, "rapport_more", MARA, choice="Spam")
    slack.click(CHANNEL, card.ts, "rapport_more", OTTO, choice="Not a complaint")
    work(rapport, clock, SOON)
    assert view_of(rapport).state == "dismissed"
    assert "rejected version 1: spam" in lines(slack, card).replace("\u200b", "")
    (told,) = slack.workspace.ephemerals
    assert (told["user"], "rejected by Mara" in str(told["blocks"])) == (OTTO, True)


def test_what_was_never_in_the_menu_is_told_so(
    app: tuple[App, HandClock], slack: SlackServer, card: Message
) -> None:
    rapport, clock = app
    forged = {"type": "overflow", "action_id": "rapport_more", "action_ts": "1.1"}
    forged["selected_option"] = {"value": '{"c":1,"r":1,"v":1,"h":"","m":"delete"}'}  # type: ignore[assignment]
    slack.click(CHANNEL, card.ts, "rapport_more", MARA, choice="Spam", actions=[forged])
    work(rapport, clock, SOON)
    assert view_of(rapport).state == "drafted"
    assert "not one of ours" in str(slack.workspace.ephemerals[-1]["blocks"])


def test_two_people_approve_where_a_rule_says_so(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    rapport, clock = recomposed(app, tmp_path, RULES)
    try:
        card = complained(rapport, clock, slack, tmp_path)
        assert "Two people must approve this text (health)." in str(card.blocks)
        slack.click(CHANNEL, card.ts, "rapport_approve", OTTO)
        work(rapport, clock, SOON)
        assert "Otto (slack) has approved it" in str(card.blocks)
        slack.click(CHANNEL, card.ts, "rapport_approve", OTTO)
        work(rapport, clock, SOON)
        assert "you have approved it" in str(slack.workspace.ephemerals[-1]["blocks"])
        assert view_of(rapport).state == "drafted"
        slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
        work(rapport, clock, SOON)
        assert view_of(rapport).state == "approved"
    finally:
        assert rapport.slack is not None
        rapport.slack.stop()
        rapport.close()


def test_a_route_sends_the_card_elsewhere_and_clicks_find_it(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    slack.workspace.add_channel("C0OTHER", "one-star")
    route = "  routes: [{when: {rating_at_most: 1}, channel: C0OTHER}]\n"
    rapport, clock = recomposed(app, tmp_path, route)
    try:
        (tmp_path / "inbox" / "reviews.csv").write_text(ROWS)
        work(rapport, clock)
        assert rapport.slack is not None
        rapport.slack.start()
        slack.until(lambda: slack.hub.links)
        (elsewhere,) = slack.workspace.messages("C0OTHER")
        (here,) = slack.workspace.messages(CHANNEL)
        assert ("Dana P." in elsewhere.text, "Kim A." in here.text) == (True, True)
        slack.click("C0OTHER", elsewhere.ts, "rapport_take", MARA)
        work(rapport, clock, SOON)
        assert "Take over" in str(elsewhere.blocks)
        channels = ("C0OTHER", CHANNEL)
        assert [len(slack.workspace.messages(each)) for each in channels] == [1, 1]
        with rapport.database.read() as session:
            assert session.query(Case).filter(Case.assignee == "Mara").count() == 1
    finally:
        assert rapport.slack is not None
        rapport.slack.stop()
        rapport.close()


RULES = f"""\
people:
  - {{name: Mara, slack: {MARA}, manager: true}}
  - {{name: Otto, slack: {OTTO}}}
approval:
  rules: [{{when: {{rating_at_most: 2}}, needs: two_people, because: health}}]
"""
ROWS = """\
id,author,rating,text,date
1,Dana P.,1,"The tea was cold, nobody cared and I want my money back.",2026-03-01
2,Kim A.,3,"Cold soup again, rude staff, terrible service. I am very disappointed.",2026-03-01
"""


def recomposed(app: tuple[App, HandClock], folder: Path, further: str) -> tuple[App, HandClock]:
    """Return the application anew, with `further` lines at the end of its configuration."""
    from monitor.app import compose
    from monitor.config import load

    _, clock = app
    path = folder / "config.yaml"
    path.write_text(path.read_text() + further)
    return compose(load(path), clock), clock


ON_DUTY = f"""\
people:
  - {{name: Mara, slack: {MARA}}}
  - {{name: Otto, slack: {OTTO}}}
assignment:
  - {{how: load, duty: S0DUTY}}
"""


def test_who_is_on_duty_gets_the_case_and_is_called_once_the_hours_open(
    app: tuple[App, HandClock], slack: SlackServer, tmp_path: Path
) -> None:
    slack.workspace.groups["S0DUTY"] = [OTTO]
    slack.workspace.scopes += ",usergroups:read"
    hours = (
        "  mention_hours: late\n"
        "calendars: [{key: late, timezone: UTC, hours: {"
        + ", ".join(f"{day}: ['23:00-24:00']" for day in DAYS)
        + "}}]\n"
    )
    rapport, clock = recomposed(app, tmp_path, hours + ON_DUTY)
    try:
        card = complained(rapport, clock, slack, tmp_path)
        assert view_of(rapport).assignee == "Otto"
        told = slack.command("duty", MARA, CHANNEL)
        assert "Otto: to who has fewest open" in str(told["blocks"])
        assert f"<@{OTTO}>" not in lines(slack, card)
        wait = (23 - clock().hour) * 3600
        clock.move(seconds=wait)
        work(rapport, clock, 60)
        assert f"<@{OTTO}> This case is with you." in lines(slack, card)
        slack.click(CHANNEL, card.ts, "rapport_snooze", OTTO)
        assert slack.submit(slack.view_of(OTTO).id, {"span": "3600"}, OTTO) == {}
        work(rapport, clock, SOON)
        clock.move(hours=24)
        work(rapport, clock, 60)
        assert lines(slack, card).count(f"<@{OTTO}>") == 2  # called again when the case woke
        findings = verify(rapport.slack.client, rapport.slack.settings)  # type: ignore[union-attr]
        assert [each.what for each in findings if not each.ok] == []
        assert any("S0DUTY" in each.what for each in findings)
    finally:
        assert rapport.slack is not None
        rapport.slack.stop()
        rapport.close()
