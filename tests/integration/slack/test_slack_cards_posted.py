"""Cards, thread lines and notices, from the row to the channel."""

from __future__ import annotations

import pytest

from monitor.models import Alert
from tests.integration.slack.world import CHANNEL, World
from tests.support.slack_server.people import buttons


def test_a_case_gets_one_card_with_its_buttons(world: World) -> None:
    case_id = world.open_case()
    world.work()
    card = world.card()
    assert buttons(card.blocks) == [
        "rapport_approve",
        "rapport_edit",
        "rapport_other",
        "rapport_reject",
        "rapport_take",
        "rapport_assign",
        "rapport_snooze",
        "rapport_open",
        "rapport_show_all",
        "rapport_more",
    ]
    row = world.row(case_id)
    assert (row.state, row.message_ts, row.next_at) == ("sent", card.ts, None)


def test_announcing_a_case_twice_owes_one_card(world: World) -> None:
    case_id = world.open_case()
    with world.db.write() as session:
        world.face.announce(session, case_id, world.clock())
    world.work()
    assert len(world.cards()) == 1


def test_a_changed_case_redraws_its_card_in_place(world: World) -> None:
    case_id = world.open_case()
    world.work()
    world.change_case(case_id, urgency="urgent")
    world.work(patience=5)
    card = world.card()
    assert card.edits == 1
    assert "urgent" in str(card.blocks)
    assert world.row(case_id).shown_revision == world.case(case_id).revision


def test_many_changes_are_drawn_once_and_the_last_one_wins(world: World) -> None:
    case_id = world.open_case()
    world.work()
    for urgency in ("low", "high", "urgent"):
        world.change_case(case_id, urgency=urgency)
        world.work()  # less than two seconds after the last drawing: it waits
    assert world.card().edits == 0
    world.work(patience=5)
    assert world.card().edits == 1
    assert "urgent" in str(world.card().blocks)


def test_a_change_during_the_call_is_drawn_afterwards(world: World) -> None:
    case_id = world.open_case()
    call = world.face.client.call

    def busy(method: str, arguments: dict[str, object]) -> object:
        result = call(method, arguments)
        if method == "chat.postMessage":
            world.change_case(case_id, urgency="urgent")
        return result

    world.face.client.call = busy  # type: ignore[method-assign]
    world.work(patience=10)
    assert "urgent" in str(world.card().blocks)
    assert world.row(case_id).next_at is None


def test_what_happens_later_is_told_in_the_thread(world: World) -> None:
    case_id = world.open_case()
    world.work()
    world.clock.move(minutes=1)
    from responders.views import Actor

    actor = Actor("web", "1", "Otto")
    view = world.queue.view(case_id)
    assert view is not None
    assert view.draft is not None
    world.queue.approve(case_id, draft_version=1, text_hash=view.draft.text_hash, actor=actor)
    world.work(patience=60)
    (line,) = world.slack.workspace.thread(CHANNEL, world.card().ts)
    assert "approved — Otto (web)" in line.text
    assert "Approved" in str(world.card().blocks)


def test_a_line_waits_for_its_card_and_is_said_once(world: World) -> None:
    world.slack.fault("chat.postMessage", "error:not_in_channel")
    case_id = world.open_case()
    for _ in range(2):
        with world.db.write() as session:
            world.face.remark(session, case_id, "warned", "The reply is due soon.", world.clock())
    world.work(patience=3600)
    (line,) = world.slack.workspace.thread(CHANNEL, world.card().ts)
    assert line.text == "The reply is due soon."


def test_a_notice_is_redrawn_when_its_alert_is_resolved(world: World) -> None:
    with world.db.write() as session:
        alert = Alert(key="auth:board", kind="auth", message="-", raised_at=world.clock())
        session.add(alert)
        session.flush()
        alert_id = alert.id
    for _ in range(2):
        with world.db.write() as session:
            told = ("Board", "The key was refused.")
            world.face.notify(session, "auth:board", *told, world.clock(), alert_id=alert_id)
            session.get_one(Alert, alert_id).resolved_at = None if _ == 0 else world.clock()
        world.work(patience=5)
    (notice,) = world.cards()
    assert notice.edits == 1
    assert "Resolved: Board" in str(notice.blocks)


def test_a_deleted_card_of_an_open_case_is_posted_anew(world: World) -> None:
    case_id = world.open_case()
    world.work()
    lost = world.card()
    world.slack.workspace.channels[CHANNEL].messages.clear()
    world.change_case(case_id)
    world.work(patience=10)
    fresh = world.card()
    assert fresh.ts != lost.ts
    assert fresh.body["client_msg_id"] != lost.body["client_msg_id"]
    assert world.row(case_id).message_ts == fresh.ts


def test_a_deleted_card_of_a_finished_case_stays_deleted(world: World) -> None:
    case_id = world.open_case()
    world.work()
    world.slack.workspace.channels[CHANNEL].messages.clear()
    world.change_case(case_id, state="dismissed")
    world.work(patience=60)
    assert world.cards() == []
    assert world.row(case_id).next_at is None


def test_a_card_that_slack_finds_too_big_is_drawn_small(world: World) -> None:
    world.slack.fault("chat.postMessage", "error:msg_blocks_too_long")
    world.open_case(text="Cold tea. " * 400)
    world.work(patience=30)
    quoted = str(world.card().blocks)
    assert len(quoted) < 6000
    assert "rapport_approve" in quoted


def test_a_burst_of_cards_is_paced_to_one_a_second(world: World) -> None:
    for _ in range(6):
        world.open_case()
    started = world.clock()
    world.work(patience=60)
    assert len(world.cards()) == 6
    assert (world.clock() - started).total_seconds() >= 3


def test_slack_asking_to_wait_is_obeyed(world: World) -> None:
    world.slack.fault("chat.postMessage", "limit:30")
    case_id = world.open_case()
    world.work()
    assert world.cards() == []
    row = world.row(case_id)
    assert row.state == "owed"
    assert row.next_at is not None
    assert (row.next_at - world.clock()).total_seconds() == 30


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived"])
def test_a_closed_channel_is_alarmed_once_and_the_card_kept(world: World, error: str) -> None:
    world.slack.fault("chat.postMessage", *[f"error:{error}"] * 3)
    world.open_case()
    world.work(patience=11 * 60)
    (alert,) = [told for key, told in world.alerts if key == f"slack:channel:{CHANNEL}"]
    assert alert is not None
    assert error in alert
    world.work(patience=3600)
    assert len(world.cards()) == 1
    assert world.alerts[-1][1] is None


def test_one_message_that_slack_refuses_holds_up_no_other(world: World) -> None:
    world.slack.fault("chat.postMessage", "error:metadata_too_large", "error:metadata_too_large")
    first, second = world.open_case(), world.open_case()
    world.slack.faults.next("chat.postMessage")
    world.work(patience=60)
    assert {world.row(first).state, world.row(second).state} == {"owed", "sent"}
    (key,) = [key for key, told in world.alerts if told]
    assert key.startswith("slack:message:")
    world.work(patience=600)
    assert len(world.cards()) == 2
    assert (key, None) in world.alerts


def test_a_missing_scope_is_told_once_while_other_calls_go_on(world: World) -> None:
    workspace = world.slack.workspace
    world.open_case()
    world.work()
    workspace.scopes = workspace.scopes.replace("users:read,", "")
    world.listen()
    world.slack.click(CHANNEL, world.card().ts, "rapport_approve", "U0MARA")
    for _ in range(4):
        world.change_case(1)
        world.work(patience=60)
    assert world.replies() == []
    assert [key for key, told in world.alerts if told] == ["slack:scope:users:read"]


def test_a_revoked_token_is_alarmed_once_and_nothing_is_lost(world: World) -> None:
    world.slack.workspace.dead_token = "token_revoked"
    ticks = [0.0]
    world.face.client._monotonic = lambda: ticks[0]
    for _ in range(3):
        world.open_case()
    world.work()
    assert [key for key, told in world.alerts if told] == ["slack:auth"]
    assert world.slack.calls["chat.postMessage"] == 1  # then nothing is sent for a minute
    world.slack.workspace.dead_token = ""
    ticks[0] = 61.0
    world.work(patience=300)
    assert len(world.cards()) == 3
    assert ("slack:auth", None) in world.alerts


def test_a_missing_token_is_told_like_a_dead_one(world: World, tmp_path: object) -> None:
    from connectors.secrets import Secret

    world.new_face(bot_token=Secret("env:RAPPORT_TEST_NO_SUCH_TOKEN"))
    case_id = world.open_case()
    world.work()
    assert [key for key, told in world.alerts if told] == ["slack:auth"]
    assert world.row(case_id).next_at is not None


def test_slack_down_for_hours_loses_no_card(world: World) -> None:
    world.new_face(api_url="http://127.0.0.1:9/api/")
    case_id = world.open_case()
    world.work(patience=7200)
    assert world.row(case_id).state == "owed"
    assert [key for key, told in world.alerts if told] == ["slack:down"]
    world.new_face()
    world.work(patience=6 * 3600)
    assert len(world.cards()) == 1


def test_drafts_that_waited_before_slack_was_set_up_get_their_cards(world: World) -> None:
    for _ in range(2):
        world.open_case()
    world.work()
    world.slack.workspace.add_channel("C0OTHER")
    world.new_face(channel="C0OTHER")
    world.change_case(1, state="dismissed")
    world.face.start()
    world.work(patience=10)
    assert len(world.slack.workspace.messages("C0OTHER")) == 1
    with world.db.write() as session:
        assert world.face.catch_up(session, world.clock()) == 0
