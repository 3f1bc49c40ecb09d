"""Clicks and modals: who wins, who is told, and what the card shows then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from monitor.models import Inbound
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO, World
from tests.support.slack_server.checks import texts
from tests.support.slack_server.people import buttons

ASSIGN = ["rapport_take", "rapport_assign"]
READ = ["rapport_open", "rapport_show_all"]


@pytest.fixture
def card(world: World) -> str:
    """A posted card and a listening face; returns the card's timestamp."""
    world.open_case()
    world.work()
    world.listen()
    return world.card().ts


def rows(world: World) -> int:
    with world.db.read() as session:
        return session.scalar(select(func.count()).select_from(Inbound)) or 0


def test_approve_publishes_the_shown_draft_and_redraws_at_once(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert world.replies() == ["Sorry, Dana."]
    shown = world.card()
    assert buttons(shown.blocks) == READ
    assert "Mara (slack)" in str(shown.blocks)
    assert world.slack.workspace.ephemerals == []


def test_of_two_approvers_one_wins_and_the_other_is_told_who(world: World, card: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        clicks = [
            pool.submit(world.slack.click, CHANNEL, card, "rapport_approve", user)
            for user in (MARA, OTTO)
        ]
        for click in clicks:
            click.result()
    world.work()
    assert len(world.replies()) == 1
    told = {user: world.told(user) for user in (MARA, OTTO)}
    (loser,) = [user for user, words in told.items() if words]
    winner = "Mara" if loser == OTTO else "Otto"
    assert f"approved by {winner} (slack)" in told[loser]


def test_a_click_on_an_old_draft_publishes_nothing_and_is_answered(world: World, card: str) -> None:
    old = world.card().blocks
    with ThreadPoolExecutor(1):
        view = world.queue.view(1)
        assert view is not None
        assert view.draft is not None
    from responders.views import Actor

    world.queue.edit(
        1,
        base_version=1,
        base_hash=view.draft.text_hash,
        text="Better.",
        actor=Actor("web", "1", "Otto"),
    )
    assert world.card().blocks == old
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work(patience=5)
    assert world.replies() == []
    assert "version 2 is on the table" in world.told(MARA)
    assert "Better." in str(world.card().blocks)


def test_an_edit_makes_a_new_version_that_still_awaits_approval(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    answer = world.slack.submit(modal.id, {"text": "Dear Dana,\nsorry."}, MARA)
    assert answer == {}
    world.work(patience=5)
    assert world.replies() == []
    assert "Dear Dana,\nsorry." in texts(world.card().blocks)
    assert "rapport_approve" in buttons(world.card().blocks)


def test_an_edit_that_is_too_long_is_refused_in_the_modal(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    answer = world.slack.submit(modal.id, {"text": "x" * 401}, MARA)
    assert answer["errors"] == {"text": "Too long: 401 of 400 characters."}
    assert modal.is_open
    assert world.slack.submit(modal.id, {"text": "  "}, MARA)["response_action"] == "errors"


def test_an_edit_that_a_rule_forbids_is_refused_under_the_field(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    answer = world.slack.submit(
        modal.id, {"text": "Our lawyers will write to you, you idiot."}, MARA
    )
    assert answer["response_action"] == "errors"
    told = answer["errors"]["text"]
    assert "It reads as a threat: “Our lawyers will”" in told
    assert "It insults: “idiot”" in told
    assert modal.is_open
    assert world.slack.submit(modal.id, {"text": "We promise to look at it."}, MARA) == {}
    world.work(patience=5)
    assert "We promise to look at it." in texts(world.card().blocks)


def test_an_edit_that_comes_too_late_keeps_its_text(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    world.slack.click(CHANNEL, card, "rapport_approve", OTTO)
    world.work()
    answer = world.slack.submit(modal.id, {"text": "My long work."}, MARA)
    assert answer["response_action"] == "update"
    assert "My long work." in str(answer["view"])
    assert "Otto (slack)" in str(answer["view"])


def test_a_race_lost_after_the_submit_gives_the_text_back(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    assert world.slack.submit(modal.id, {"text": "My long work."}, MARA) == {}
    view = world.queue.view(1)
    assert view is not None
    assert view.draft is not None
    from responders.views import Actor

    world.queue.approve(
        1, draft_version=1, text_hash=view.draft.text_hash, actor=Actor("web", "2", "Otto")
    )
    world.work(patience=5)
    assert world.replies() == ["Sorry, Dana."]
    (private,) = world.slack.workspace.ephemerals
    assert "My long work." in str(private["blocks"])


def test_a_rejection_takes_a_reason_and_a_note(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_reject", MARA)
    modal = world.slack.view_of(MARA)
    missing = world.slack.submit(modal.id, {"reason": None}, MARA)
    assert missing["errors"] == {"reason": "Please choose a reason."}
    answer = world.slack.submit(modal.id, {"reason": "not_a_complaint", "note": "Praise."}, MARA)
    assert answer == {}
    world.work(patience=5)
    assert world.case(1).state == "dismissed"
    assert "not_a_complaint: Praise." in str(world.card().blocks)


def test_a_modal_on_an_old_card_says_what_changed(world: World, card: str) -> None:
    old = world.slack.workspace.message(CHANNEL, card)
    assert old is not None
    blocks = old.blocks
    world.slack.click(CHANNEL, card, "rapport_approve", OTTO)
    world.work()
    old.body["blocks"] = blocks  # a client that has not drawn the change yet
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    assert "Approved by Otto (slack)" in str(modal.body)
    world.work(patience=5)
    assert "rapport_edit" not in buttons(world.card().blocks)


def test_a_handed_over_reply_is_copied_and_marked_as_posted(world: World) -> None:
    world.queue.can_publish = False
    world.open_case()
    world.work()
    world.listen()
    card = world.card().ts
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert "rich_text_preformatted" in str(world.card().blocks)
    shown = ["rapport_posted", "rapport_missing", *ASSIGN, *READ]
    assert buttons(world.card().blocks) == shown
    world.slack.click(CHANNEL, card, "rapport_posted", MARA)
    modal = world.slack.view_of(MARA)
    refused = world.slack.submit(modal.id, {"link": "javascript:alert(1)"}, MARA)
    assert "no link" in refused["errors"]["link"]
    assert world.slack.submit(modal.id, {"link": None}, MARA) == {}
    world.work(patience=5)
    assert world.case(1).state == "answered"
    assert buttons(world.card().blocks) == [*READ, "rapport_standing"]


def test_show_all_opens_for_everybody_with_the_whole_text(world: World) -> None:
    text = "The tea was cold. " * 300
    world.open_case(text=text)
    world.work()
    world.listen()
    world.slack.click(CHANNEL, world.card().ts, "rapport_show_all", EVE)
    modal = world.slack.view_of(EVE)
    leaves = "".join(
        leaf["text"]
        for element in modal.body["blocks"][0]["elements"][1:]
        for leaf in element["elements"]
    )
    assert leaves.strip() == text.strip()


# -- rights ----------------------------------------------------------------------------------------


def test_someone_not_on_the_list_is_refused_privately(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", EVE)
    world.slack.click(CHANNEL, card, "rapport_edit", EVE)
    assert "not on the list" in str(world.slack.view_of(EVE).body)
    world.work()
    assert world.replies() == []
    assert "not on the list" in world.told(EVE)


def test_an_empty_list_means_nobody(world: World) -> None:
    world.new_face(approvers=())
    world.open_case()
    world.work()
    world.listen()
    world.slack.click(CHANNEL, world.card().ts, "rapport_approve", MARA)
    world.work()
    assert world.replies() == []
    assert "Nobody may decide" in world.told(MARA)


@pytest.mark.parametrize(
    "flag", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"]
)
def test_listed_guests_bots_and_deactivated_accounts_are_refused(
    world: World, card: str, flag: str
) -> None:
    world.slack.workspace.users[MARA][flag] = True
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert world.replies() == []
    assert world.told(MARA)


def test_people_of_another_workspace_are_refused(world: World, card: str) -> None:
    world.slack.workspace.users[MARA]["team_id"] = "T0OTHER"
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert world.replies() == []
    assert "this workspace" in world.told(MARA)


def test_rights_are_checked_again_at_submit(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    world.slack.until(lambda: rows(world) == 2)  # the press, and that the modal opened
    world.face.stop()
    world.new_face(approvers=(OTTO,))
    world.listen()
    answer = world.slack.submit(modal.id, {"text": "Mine."}, MARA)
    assert "not on the list" in str(answer["view"])
    assert rows(world) == 2


def test_slack_not_saying_who_it_is_decides_nothing_until_it_does(world: World, card: str) -> None:
    world.slack.fault("users.info", "unavailable")
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert world.replies() == []
    world.work(patience=60)
    assert world.replies() == ["Sorry, Dana."]


# -- delivery --------------------------------------------------------------------------------------


def test_a_redelivered_envelope_is_acknowledged_and_done_once(world: World, card: str) -> None:
    first = world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.slack.hub.redeliver(first).wait()
    world.work()
    world.slack.hub.redeliver(first).wait()
    world.work()
    assert world.replies() == ["Sorry, Dana."]
    assert rows(world) == 1
    assert world.slack.workspace.ephemerals == []


def test_a_redelivered_submission_is_taken_once(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    modal = world.slack.view_of(MARA)
    from tests.support.slack_server import people

    payload = people.submission(world.slack.workspace, modal.id, {"text": "Mine."}, MARA)
    for _ in range(2):
        delivery = world.slack.hub.send(world.slack.hub.envelope("interactive", payload))
        assert delivery.wait() == {}
        world.work(patience=5)
    view = world.queue.view(1)
    assert view is not None
    assert view.draft is not None
    assert view.draft.version == 2


def test_a_stored_click_survives_a_restart(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.face.stop()
    world.new_face()
    world.work()
    assert world.replies() == ["Sorry, Dana."]


def test_a_click_is_not_acknowledged_when_it_cannot_be_stored(world: World, card: str) -> None:
    store = world.face.receiver._store
    world.face.receiver._store = _fails  # type: ignore[method-assign,assignment]
    click = world.slack.click(CHANNEL, card, "rapport_approve", MARA, wait=False)
    with pytest.raises(TimeoutError):
        click.wait(0.3)
    world.face.receiver._store = store  # type: ignore[method-assign]
    world.slack.hub.redeliver(click).wait()
    world.work()
    assert world.replies() == ["Sorry, Dana."]


def test_a_modal_whose_trigger_is_too_old_is_explained(world: World, card: str) -> None:
    world.slack.fault("views.open", "error:expired_trigger_id")
    world.slack.click(CHANNEL, card, "rapport_edit", MARA)
    world.slack.until(lambda: world.slack.workspace.ephemerals)
    assert "press the button again" in world.told(MARA)


def test_a_private_answer_is_tried_again_but_the_decision_is_not(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", OTTO)
    world.slack.fault("chat.postEphemeral", "limit:5")
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    world.work()
    assert world.slack.workspace.ephemerals == []
    world.face.client._limited_until.clear()
    world.work(patience=30)
    assert "approved by Otto" in world.told(MARA)
    assert len(world.replies()) == 1


def test_what_is_stored_of_a_click_holds_no_token_and_no_card(world: World, card: str) -> None:
    world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    with world.db.read() as session:
        (payload,) = session.scalars(select(Inbound.payload))
    assert set(payload) == {"action", "value", "user", "team", "channel", "ts"}


def test_what_is_done_is_kept_for_a_week_and_what_is_owed_for_longer(
    world: World, card: str
) -> None:
    world.slack.click(CHANNEL, card, "rapport_show_all", MARA)
    world.slack.event("channel_archive", channel=CHANNEL).wait()
    world.clock.move(days=6)
    world.slack.click(CHANNEL, card, "rapport_show_all", MARA)
    assert rows(world) == 3
    world.clock.move(days=2)
    world.slack.click(CHANNEL, card, "rapport_show_all", MARA)
    assert rows(world) == 3, "the first click is gone; the event still owes its work"


def test_a_payload_for_another_app_is_dropped(world: World, card: str) -> None:
    world.slack.until(lambda: world.face.receiver.app_id)
    world.slack.click(CHANNEL, card, "rapport_approve", MARA, api_app_id="A0OTHER")
    world.work()
    assert (rows(world), world.replies()) == (0, [])


def test_a_forged_button_is_answered_and_does_nothing(world: World, card: str) -> None:
    delivery = world.slack.click(CHANNEL, card, "rapport_approve", MARA)
    payload = dict(delivery.message["payload"])
    payload["actions"] = [{**payload["actions"][0], "value": "{]", "action_ts": "9.9"}]
    world.slack.hub.send(world.slack.hub.envelope("interactive", payload)).wait()
    world.work()
    assert "not one of ours" in world.told(MARA)
    assert world.replies() == ["Sorry, Dana."]


def test_an_uninstalled_app_raises_an_alert(world: World, card: str) -> None:
    world.slack.event("app_uninstalled").wait()
    world.slack.event("channel_archive", channel=CHANNEL).wait()
    world.work()
    raised = {key for key, told in world.alerts if told}
    assert raised == {"slack:auth", f"slack:channel:{CHANNEL}"}


def _fails(*_arguments: object) -> bool:
    raise OSError("the disk is full")
