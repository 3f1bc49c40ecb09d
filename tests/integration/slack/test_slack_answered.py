"""No press is silently ignored and no line is lost, whatever dies in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.models import Event
from responders.slack.inbound import NOT_OPENED
from tests.integration.slack.world import CHANNEL, MARA, OTTO, World
from tests.support.slack_server.people import buttons


@pytest.fixture
def card(world: World) -> str:
    """A posted card and a listening face; returns the card's timestamp."""
    world.open_case()
    world.work()
    world.listen()
    return world.card().ts


class Died(BaseException):
    """The process ends here."""


def die_in(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have the process die as it calls this of its actions, and start it anew."""

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(world.face.actions, name, die)
        with pytest.raises(Died):
            world.work()
    world.clock.move(minutes=2)  # its lease
    world.work()


def lines(world: World) -> list[str]:
    card = world.card()
    return [line.text for line in world.slack.workspace.thread(CHANNEL, card.ts)]


def test_who_decided_is_not_told_that_they_were_late_for_it(
    world: World, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    die_in(world, monkeypatch, "_redraw")
    assert len(world.replies()) == 1
    assert world.told(MARA) == ""
    assert buttons(world.card().blocks) == ["rapport_open", "rapport_show_all"]


def test_a_text_that_was_saved_is_not_said_to_be_lost(
    world: World, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    world.slack.submit(world.slack.view_of(MARA).id, {"text": "Dear Dana, sorry."}, MARA)
    die_in(world, monkeypatch, "_done")
    assert world.told(MARA) == ""
    assert "Dear Dana, sorry." in str(world.card().blocks)
    assert "version 2" in str(world.card().blocks)


def test_a_second_press_of_the_same_person_is_still_answered(world: World, card: str) -> None:
    old = dict(world.slack.click(CHANNEL, card, "rapport_approve", MARA).message["payload"])
    world.work()
    old["actions"] = [{**old["actions"][0], "action_ts": "9.9"}]
    world.slack.hub.send(world.slack.hub.envelope("interactive", old)).wait()
    world.work()
    assert "approved by Mara" in world.told(MARA)


def test_a_modal_that_does_not_open_is_told_of_until_slack_takes_it(
    world: World, card: str
) -> None:
    world.slack.fault("views.open", "unavailable")
    world.slack.fault("chat.postEphemeral", "unavailable", "drop_before")
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    world.slack.until(lambda: not world.slack.faults.waiting("views.open"))
    world.slack.until(lambda: world.slack.faults.waiting("chat.postEphemeral") == 1)
    world.work(patience=60)
    assert world.told(MARA) == f"C-1: {NOT_OPENED}"


def test_a_process_that_dies_before_the_modal_opens_leaves_its_press_owed(
    world: World, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.face.receiver, "_open", lambda _click: None)
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    world.work(patience=60)
    assert "press the button again" in world.told(MARA)


def test_a_modal_that_opened_leaves_nothing_owed(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_show_all", MARA)
    world.slack.view_of(MARA)
    world.slack.until(lambda: world.next_due() is None)
    world.work(patience=60)
    assert world.told(MARA) == ""


def test_slack_may_be_away_for_minutes_and_the_late_are_told_all_the_same(
    world: World, card: str
) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", OTTO)
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.slack.fault("chat.postEphemeral", *["unavailable"] * 9)
    world.work(patience=1800)
    assert "approved by Otto" in world.told(MARA)


def test_an_answer_names_the_case_it_is_about(world: World, card: str) -> None:
    payload = dict(world.slack.click(CHANNEL, card, "rapport_show_all", OTTO).message["payload"])
    stale = world.slack.workspace.message(CHANNEL, card)
    assert stale is not None
    old = [dict(block) for block in stale.blocks]
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    world.slack.submit(world.slack.view_of(MARA).id, {"text": "Another text."}, MARA)
    world.work()
    stale.body["blocks"] = old
    world.slack.click(CHANNEL, card, "rapport_approve", OTTO)
    world.work()
    assert world.told(OTTO).startswith("C-1: version 2")
    assert payload["user"]["id"] == OTTO


def test_what_is_typed_on_after_a_lost_answer_is_not_taken_for_the_first(
    world: World, card: str
) -> None:
    """The person saw "trouble connecting", wrote on in the open modal and sent that."""
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    world.slack.submit(modal.id, {"text": "Dear Dana, sorry."}, MARA)
    modal.is_open = True  # the answer never reached it
    world.work()
    told = world.slack.submit(modal.id, {"text": "Dear Dana, so sorry."}, MARA)
    assert told["response_action"] == "update"
    assert "Dear Dana, so sorry." in str(told["view"])


def test_what_happened_while_a_post_had_no_answer_is_told_in_the_thread(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    case_id = world.open_case()
    world.work()
    world.listen()
    world.slack.click(CHANNEL, world.card().ts, "rapport_approve", MARA)
    world.work(patience=60)
    assert world.row(case_id).state == "sent"
    assert any("approved" in line for line in lines(world))


def test_a_line_that_was_written_late_is_told_all_the_same(world: World, card: str) -> None:
    """Who waits for a lock writes a time that has passed when it is written."""
    world.change_case(1)
    with world.db.write() as session:
        session.add(Event(case_id=1, at=world.clock(), actor="Otto", kind="noted", detail={}))
    world.work(patience=10)
    with world.db.write() as session:
        before = world.clock() - timedelta(seconds=30)
        session.add(Event(case_id=1, at=before, actor="Mara", kind="topics", detail={}))
    world.change_case(1)
    world.work(patience=10)
    assert [line.partition(" ")[0] for line in lines(world)] == ["noted", "topics"]


def test_a_button_that_rapport_does_not_know_any_more_is_answered(world: World, card: str) -> None:
    pressed = world.slack.click(CHANNEL, card, "rapport_show_all", MARA)
    old = dict(pressed.message["payload"])
    for action, value in (("rapport_snooze_1", old["actions"][0]["value"]), ("rapport_x", "")):
        old["actions"] = [
            {**old["actions"][0], "action_id": action, "value": value, "action_ts": action}
        ]
        world.slack.hub.send(world.slack.hub.envelope("interactive", old)).wait()
    world.work()
    assert "does not know this button" in world.told(MARA)
    assert "not one of ours" in world.told(MARA)


def test_a_form_that_rapport_does_not_know_any_more_gives_the_text_back(
    world: World, card: str
) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    modal.body["callback_id"] = "rapport_edit_submit_2"
    told = world.slack.submit(modal.id, {"text": "Dear Dana, sorry."}, MARA)
    assert "Dear Dana, sorry." in str(told["view"])
