"""A card is found, stands there once, and shows what is true, whatever was lost on the way."""

from __future__ import annotations

import threading

from sqlalchemy import select

from monitor.models import Notification
from responders.slack.client import SlackClient
from responders.slack.conditions import Conditions
from responders.slack.inbound import Ack
from responders.slack.socket import MODALS_AT_ONCE, SlackSocket
from tests.integration.slack.world import CHANNEL, MARA, World
from tests.support.slack_server.workspace import Message


def test_a_card_is_found_however_many_messages_came_after_it(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    case_id = world.open_case()
    world.work()
    (lost,) = world.cards()
    channel = world.slack.workspace.channels[CHANNEL]
    for _ in range(700):
        channel.messages.append(Message(world.slack.workspace.next_ts(), CHANNEL, {"text": "hm"}))
    world.work(patience=120)
    assert world.row(case_id).message_ts == lost.ts
    assert world.slack.calls["chat.postMessage"] == 1


def test_a_search_does_not_read_what_was_written_long_after_the_post(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    world.open_case()
    world.work()
    world.clock.move(hours=1)  # nobody was there to look
    channel = world.slack.workspace.channels[CHANNEL]
    for _ in range(700):
        channel.messages.append(Message(world.slack.workspace.next_ts(), CHANNEL, {"text": "hm"}))
    world.work(patience=120)
    assert world.slack.calls["conversations.history"] == 1
    assert world.slack.calls["chat.postMessage"] == 1


def test_a_doubled_card_that_slack_will_not_delete_yet_is_deleted_later(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    world.open_case()
    world.work()
    (first,) = world.cards()
    channel = world.slack.workspace.channels[CHANNEL]
    channel.messages.append(Message(world.slack.workspace.next_ts(), CHANNEL, dict(first.body)))
    world.slack.fault("chat.delete", "unavailable", "drop_before")
    world.work(patience=600)
    assert [card.ts for card in world.cards()] == [first.ts]


def test_being_told_to_wait_is_no_failure(world: World) -> None:
    """Else the pauses grow, and a card that somebody pressed rests long after Slack is back."""
    case_id = world.open_case()
    world.work()
    world.slack.fault("chat.update", "limit:600")
    world.change_case(case_id, assignee="Mara")
    world.work(patience=700)
    assert world.row(case_id).failures == 0
    world.face.client._limited_until.clear()
    world.work(patience=700)
    row = world.row(case_id)
    assert (row.failures, row.next_at) == (0, None)
    assert "Mara" in str(world.card().blocks)


def test_what_a_person_pressed_is_redrawn_before_a_flood_of_new_cards(world: World) -> None:
    world.open_case()
    world.work()
    world.listen()
    for _ in range(40):
        world.open_case()
    world.slack.click(CHANNEL, world.cards()[0].ts, "rapport_approve", MARA)
    world.clock.move(seconds=1)
    (claim,) = world.claim("inbound", 1)
    world.face.handlers["inbound"](claim)
    (claim,) = world.claim("notify", 1)
    with world.db.read() as session:
        assert session.scalars(
            select(Notification.case_id).where(Notification.id == claim.id)
        ).all() == [1]


def test_modals_that_slack_keeps_waiting_delay_no_acknowledgement(world: World) -> None:
    go_on = threading.Event()
    begun = threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        go_on.wait(30)

    def receive(_kind: str, payload: dict[str, object]) -> Ack:
        return Ack(after=hang if payload.get("modal") else None)

    conditions = Conditions(lambda _key, _told: None)
    socket = SlackSocket(SlackClient(world.settings), receive, world.clock, conditions)
    socket.start()
    try:
        hub = world.slack.hub
        world.slack.until(lambda: hub.links)
        for _ in range(20):
            hub.send(hub.envelope("interactive", {"modal": True})).wait()
        for _ in range(MODALS_AT_ONCE):
            assert begun.acquire(timeout=10)
        assert hub.send(hub.envelope("interactive", {})).wait() == {}
    finally:
        go_on.set()
        socket.stop(grace=5)
