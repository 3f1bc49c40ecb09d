"""The message of the day on second looks: one click each, and what becomes of the message."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from monitor.cases.looks import end_looks
from monitor.models import Case, Label, Mention, Notification, SecondLook
from responders.slack import buttons
from responders.views import Actor
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO, World
from tests.support.slack_server.people import buttons as shown_buttons
from tests.support.slack_server.workspace import Message

YES, NO, SKIP = buttons.COMPLAINT, buttons.NO_COMPLAINT, buttons.SKIP
WEB = Actor("web", "otto", "Otto")


def tell(world: World) -> bool:
    with world.db.write() as session:
        return world.face.tell_of_looks(session, world.clock())


def posted(world: World, count: int = 5, text: str = "Is it worth the way, {}?") -> Message:
    """Have so many wait and the channel told of them, with somebody listening."""
    for number in range(count):
        world.doubt(text.format(number))
    world.clock.move(hours=3)
    assert tell(world)
    world.work()
    world.listen()
    return world.card()


def press(world: World, message: Message, action: str, user: str) -> None:
    world.slack.click(CHANNEL, message.ts, action, user)
    world.work(patience=5)


def rows(world: World, model: type[Any]) -> list[Any]:
    with world.db.read() as session:
        found = session.scalars(select(model).order_by(model.id)).all()
        session.expunge_all()
        return list(found)


def test_one_message_lists_what_waits_with_its_buttons(world: World) -> None:
    message = posted(world, 7)
    assert message.text.startswith("7 mentions are waiting for a second look")
    told = str(message.blocks)
    assert [f"the way, {number}?" in told for number in range(7)] == [True] * 5 + [False] * 2
    assert shown_buttons(message.blocks) == [YES, NO, SKIP] * 5
    assert "2 more: in the web queue" in told
    assert world.slack.calls["chat.postMessage"] == 1


def test_there_is_one_message_in_a_day_at_most(world: World) -> None:
    posted(world)
    for _ in range(20):
        world.clock.move(hours=1)
        tell(world)
        world.work()
    assert len(world.cards()) == 1
    world.clock.move(hours=4)
    assert tell(world)
    world.work()
    assert len(world.cards()) == 2


def test_nothing_waits_and_nothing_is_said(world: World) -> None:
    assert not tell(world)
    world.work()
    assert world.cards() == []


def test_no_complaint_is_one_click_and_the_message_is_redrawn(world: World) -> None:
    message = posted(world)
    press(world, message, NO, MARA)
    (label,) = rows(world, Label)
    assert (label.complaint, label.origin, label.by) == (False, "look", "Mara (slack)")
    assert shown_buttons(message.blocks) == [YES, NO, SKIP] * 4
    told = str(message.blocks)
    assert "no complaint, says Mara (slack)" in told
    assert "the way, 0?" not in told
    assert message.text.startswith("4 mentions are waiting")
    assert world.slack.workspace.ephemerals == []


def test_a_complaint_opens_a_case_at_one_click(world: World) -> None:
    message = posted(world)
    press(world, message, YES, MARA)
    (case,) = rows(world, Case)
    assert case.state == "opened"
    assert f"a complaint, says Mara (slack); {case.ref}" in str(message.blocks)


def test_all_five_can_be_judged_from_one_message(world: World) -> None:
    message = posted(world)
    for action in (YES, NO, SKIP, NO, YES):
        press(world, message, action, MARA)
    assert shown_buttons(message.blocks) == []
    assert message.text == "No mention is waiting for a second look"
    assert [row.verdict for row in rows(world, SecondLook)] == [
        "complaint",
        "no_complaint",
        "skipped",
        "no_complaint",
        "complaint",
    ]
    assert len(rows(world, Case)) == 2
    assert len(rows(world, Label)) == 4


def test_the_second_is_told_who_was_first(world: World) -> None:
    message = posted(world)
    world.slack.click(CHANNEL, message.ts, NO, MARA)
    world.slack.click(CHANNEL, message.ts, YES, OTTO)
    world.work(patience=5)
    assert "was judged no complaint by Mara (slack)" in world.told(OTTO)
    assert world.told(MARA) == ""
    assert len(rows(world, Label)) == 1


def test_pressing_twice_is_pressing_once(world: World) -> None:
    message = posted(world)
    for _ in range(2):
        world.slack.click(CHANNEL, message.ts, YES, MARA)
    world.work(patience=5)
    assert len(rows(world, Label)) == len(rows(world, Case)) == 1
    assert world.told(MARA) == ""


def test_whoever_may_not_decide_is_told_and_decides_nothing(world: World) -> None:
    message = posted(world)
    press(world, message, YES, EVE)
    assert "not on the list" in world.told(EVE)
    assert rows(world, Label) == []
    assert len(shown_buttons(message.blocks)) == 15


def test_what_was_judged_elsewhere_is_redrawn(world: World) -> None:
    message = posted(world)
    first = rows(world, SecondLook)[0]
    world.looks.judge(first.id, "no_complaint", WEB)
    world.work(patience=5)
    assert "no complaint, says Otto (web)" in str(message.blocks)
    assert len(shown_buttons(message.blocks)) == 12


def test_what_was_deleted_leaves_the_message_and_a_late_click_is_told_why(world: World) -> None:
    message = posted(world, 5, "secret {}")
    old = [dict(block) for block in message.blocks]
    with world.db.write() as session:
        mention = session.scalars(select(Mention).order_by(Mention.id)).first()
        assert mention is not None
        mention.state, mention.text = "deleted", ""
        end_looks(session, [mention.id], world.clock())
    world.work(patience=5)
    assert "secret 0" not in str(message.blocks)
    assert "edited or deleted since" in str(message.blocks)
    message.body["blocks"] = old
    press(world, message, YES, MARA)
    assert "deleted" in world.told(MARA)
    assert rows(world, Label) == []
    assert "secret 0" not in str(message.blocks)


def test_a_button_that_is_not_ours_is_answered(world: World) -> None:
    message = posted(world)
    element = message.blocks[2]["elements"][0]
    for value in ('{"l": "x"}', '{"l": 99999999999999999999}', "[]", '{"l": 4711}', ""):
        element["value"] = value
        press(world, message, YES, MARA)
        message.body["blocks"][2]["elements"] = [element]
    told = world.told(MARA)
    assert "not one of ours" in told
    assert "no second look L-4711" in told
    assert rows(world, Label) == []


@pytest.mark.parametrize("loss", ["drop_after", "reset_after", "truncate", "broken"])
def test_a_lost_answer_leaves_exactly_one_message(world: World, loss: str) -> None:
    world.slack.fault("chat.postMessage", loss)
    message_count = len(world.cards())
    for number in range(5):
        world.doubt(f"Is it worth the way, {number}?")
    assert tell(world)
    world.work()
    world.looks.judge(rows(world, SecondLook)[0].id, "no_complaint", WEB)
    world.work(patience=60)
    assert len(world.cards()) == message_count + 1
    assert "says Otto (web)" in str(world.card().blocks)
    (row,) = rows(world, Notification)
    assert (row.state, row.next_at) == ("sent", None)


def test_a_click_during_the_redrawing_is_drawn_too(world: World) -> None:
    message = posted(world)
    call, judged = world.face.client.call, []

    def busy(method: str, arguments: dict[str, object]) -> object:
        result = call(method, arguments)
        if method == "chat.update" and not judged:
            judged.append(True)
            world.looks.judge(rows(world, SecondLook)[1].id, "skipped", WEB)
        return result

    world.face.client.call = busy  # type: ignore[method-assign]
    press(world, message, NO, MARA)
    world.work(patience=10)
    assert len(shown_buttons(message.blocks)) == 9
    assert "skipped, says Otto (web)" in str(message.blocks)


def test_a_message_that_somebody_deleted_stays_deleted(world: World) -> None:
    message = posted(world)
    world.slack.workspace.channels[CHANNEL].messages.remove(message)
    world.looks.judge(rows(world, SecondLook)[0].id, "skipped", WEB)
    world.work(patience=30)
    assert world.cards() == []
    (row,) = rows(world, Notification)
    assert row.next_at is None
