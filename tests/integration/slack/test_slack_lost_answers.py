"""A post whose answer is lost stands there exactly once, whatever lost it."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import update

from monitor import due
from monitor.models import Notification
from tests.integration.slack.world import CHANNEL, MARA, World


@pytest.mark.parametrize("loss", ["drop_after", "reset_after", "truncate", "broken"])
def test_a_lost_answer_leaves_exactly_one_card(world: World, loss: str) -> None:
    world.slack.fault("chat.postMessage", loss)
    case_id = world.open_case()
    world.work()
    assert world.row(case_id).state == "unknown"
    world.work(patience=60)
    assert world.row(case_id).message_ts == world.card().ts
    assert world.slack.calls["chat.postMessage"] == 1


@pytest.mark.parametrize("loss", ["drop_before", "unavailable", "error:internal_error"])
def test_a_post_that_never_arrived_is_sent_again_after_two_looks(world: World, loss: str) -> None:
    world.slack.fault("chat.postMessage", loss)
    case_id = world.open_case()
    world.work(patience=60)
    assert len(world.cards()) == 1
    assert world.slack.calls["conversations.history"] == 2
    assert world.row(case_id).state == "sent"


def test_two_losses_in_a_row_still_leave_one_card(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_before", "drop_after")
    world.open_case()
    world.work(patience=120)
    assert len(world.cards()) == 1


def test_a_doubled_card_is_reduced_to_the_earlier(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    world.open_case()
    world.work()
    first = world.card()
    channel = world.slack.workspace.channels[CHANNEL]
    twin = type(first)(world.slack.workspace.next_ts(), CHANNEL, dict(first.body))
    channel.messages.append(twin)
    world.work(patience=60)
    assert [card.ts for card in world.cards()] == [first.ts]


def test_a_killed_daemon_finds_the_card_it_had_posted(world: World) -> None:
    case_id = world.open_case()
    client = world.face.client
    call = client.call

    def killed(method: str, arguments: dict[str, object]) -> object:
        call(method, arguments)
        raise SystemExit("kill -9 came before the answer was written down")

    client.call = killed  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        world.work()
    assert world.row(case_id).state == "started"
    world.new_face()
    with world.db.write() as session:
        due.release_owner(session, "worker")
    world.work(patience=60)
    assert len(world.cards()) == 1
    assert world.row(case_id).state == "sent"


def test_a_daemon_killed_before_the_call_posts_after_the_restart(world: World) -> None:
    case_id = world.open_case()
    world.face.client.call = _die  # type: ignore[method-assign,assignment]
    with pytest.raises(SystemExit):
        world.work()
    world.new_face()
    with world.db.write() as session:
        due.release_owner(session, "worker")
    world.work(patience=60)
    assert len(world.cards()) == 1
    assert world.row(case_id).state == "sent"


def test_a_case_changed_while_its_card_is_searched_shows_the_change(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    case_id = world.open_case()
    world.work()
    world.change_case(case_id, urgency="urgent")
    world.work()
    assert world.slack.calls["conversations.history"] == 0  # re-arming does not hurry the search
    world.work(patience=60)
    assert "urgent" in str(world.card().blocks)


def test_a_forbidden_search_sends_no_second_card_until_it_may_look(world: World) -> None:
    workspace = world.slack.workspace
    workspace.scopes = workspace.scopes.replace(",channels:history", "")
    world.slack.fault("chat.postMessage", "drop_after")
    case_id = world.open_case()
    world.work(patience=1200)
    assert world.slack.calls["chat.postMessage"] == 1
    assert world.row(case_id).state == "unknown"
    (told,) = [told for key, told in world.alerts if told and key.startswith("slack:channel")]
    assert "channels:history" in told
    workspace.scopes += ",channels:history"
    world.work(patience=1200)
    assert world.row(case_id).message_ts == world.card().ts


def test_a_click_on_a_card_whose_answer_was_lost_names_it(world: World) -> None:
    world.slack.fault("chat.postMessage", "drop_after")
    case_id = world.open_case()
    world.work()
    world.listen()
    card = world.card()
    world.slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    world.work(patience=2)
    assert world.row(case_id).message_ts == card.ts
    assert world.replies() == ["Sorry, Dana."]
    assert world.slack.calls["conversations.history"] == 0


def test_a_lost_line_in_a_thread_is_said_once(world: World) -> None:
    case_id = world.open_case()
    world.work()
    with world.db.write() as session:
        world.face.remark(session, case_id, "warned", "Due soon.", world.clock())
    world.slack.fault("chat.postMessage", "reset_after")
    world.work(patience=60)
    assert len(world.slack.workspace.thread(CHANNEL, world.card().ts)) == 1


def test_a_lost_answer_to_an_update_is_simply_repeated(world: World) -> None:
    case_id = world.open_case()
    world.work()
    world.clock.move(seconds=5)
    world.slack.fault("chat.update", "drop_after")
    world.change_case(case_id, urgency="urgent")
    world.work(patience=60)
    assert len(world.cards()) == 1
    assert world.row(case_id).shown_revision == world.case(case_id).revision


@pytest.mark.parametrize("seed", range(2))
def test_under_random_faults_and_kills_every_case_has_one_true_card(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    losses = ["drop_after", "reset_after", "truncate", "broken", "drop_before", "unavailable"]
    refusals = ["limit:2", "error:internal_error", "error:not_in_channel"]
    cases = [world.open_case() for _ in range(6)]
    for _ in range(12):
        method = chance.choice(["chat.postMessage", "chat.update", "conversations.history"])
        world.slack.fault(method, chance.choice(losses + refusals))
        world.change_case(chance.choice(cases), urgency=chance.choice(["low", "high"]))
        if chance.random() < 0.4:
            call = world.face.client.call
            world.face.client.call = _dies_after(call, chance.randrange(3))  # type: ignore[method-assign]
            with suppress(SystemExit):
                world.work(patience=chance.choice([1, 5, 30]))
            world.new_face()
            with world.db.write() as session:
                due.release_owner(session, "worker")
        world.work(patience=chance.choice([1, 5, 30]))
    world.face.client._limited_until.clear()
    world.work(patience=3600)
    assert len(world.cards()) == len(cases)
    for case_id in cases:
        row, case = world.row(case_id), world.case(case_id)
        assert (row.state, row.next_at) == ("sent", None)
        assert row.shown_revision == case.revision
        card = world.slack.workspace.message(CHANNEL, row.message_ts)
        assert card is not None
        assert f"C-{case_id} · revision {case.revision}" in str(card.blocks)


def test_a_lost_claim_writes_nothing(world: World) -> None:
    case_id = world.open_case()
    call = world.face.client.call

    def overtaken(method: str, arguments: dict[str, object]) -> object:
        with world.db.write() as session:
            session.execute(update(Notification).values(claim_token="someone:else"))
        return call(method, arguments)

    world.face.client.call = overtaken  # type: ignore[method-assign]
    with pytest.raises(due.ClaimLost):
        world.work()
    assert world.row(case_id).state == "started"


def _dies_after(call: Any, calls: int) -> Any:
    left = [calls]

    def dying(method: str, arguments: dict[str, object]) -> object:
        result = call(method, arguments)
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit("kill -9")
        return result

    return dying


def _die(method: str, arguments: dict[str, object]) -> object:
    raise SystemExit("kill -9")
