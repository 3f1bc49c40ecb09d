"""A published reply is put right: on the table, to its platform, and back when it is given up."""

from __future__ import annotations

import pytest

from connectors.errors import Rejected
from responders.views import Outcome
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.invariants import check_invariants
from tests.support.scripted_platform import Killed

pytestmark = on_sqlite

BETTER = "Dear Dana, we were wrong about the opening hours. Mara, Harbour Coffee"


def edited(world: World, case_id: int, text: str = BETTER) -> None:
    draft = world.view(case_id).draft
    assert draft is not None
    outcome = world.queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=text, actor=OTTO
    )
    assert outcome.done, outcome.message


def give_up(world: World, case_id: int, reason: str = "keep_reply") -> Outcome:
    draft = world.view(case_id).draft
    assert draft is not None
    return world.queue.reject(
        case_id, draft_version=draft.version, reason=reason, note="", actor=OTTO
    )


@pytest.fixture
def case_id(world: World) -> int:
    return world.answered()


@pytest.fixture(autouse=True)
def _sound(world: World) -> object:
    yield
    with world.db.read() as session:
        check_invariants(session)


@pytest.mark.parametrize("mode", ["append", "keyed", "replace"])
class TestEveryMode:
    @pytest.fixture(autouse=True)
    def _in_mode(self, world: World, mode: str) -> None:
        world.board.mode = mode  # type: ignore[assignment]

    def test_the_published_text_is_edited_approved_and_published(
        self, world: World, case_id: int, mode: str
    ) -> None:
        first, before = world.reply(case_id).text, world.clock_of(case_id, "first_response")
        world.clock.move(hours=2)
        assert world.queue.correct(case_id, actor=OTTO).done

        view = world.view(case_id)
        assert (view.state, view.draft and view.draft.text) == ("drafted", first)
        assert view.draft is not None
        assert view.draft.made_by == "Otto"
        assert view.correction is not None
        assert view.correction.replaces == (mode == "replace")
        assert ("beside the first" in view.publish_label) == (mode != "replace")
        edited(world, case_id)
        assert world.approve(case_id).done
        world.work()

        assert world.case(case_id).state == "answered"
        standing = [BETTER] if mode == "replace" else [first, BETTER]
        assert world.board.standing("m1") == standing
        states = [reply.state for reply in world.replies(case_id)]
        assert states == ["replaced" if mode == "replace" else "published", "published"]
        after = world.clock_of(case_id, "first_response")
        assert (after.id, after.state, after.stopped_at) == (
            before.id,
            "stopped",
            before.stopped_at,
        )
        assert "next_response" not in world.clock_states(case_id)

    def test_no_clock_runs_while_it_is_put_right(self, world: World, case_id: int) -> None:
        assert world.queue.correct(case_id, actor=OTTO).done
        world.pass_time(days=9)
        assert world.clock_states(case_id) == {"first_response": "stopped", "resolution": "paused"}
        assert "breached" not in world.events(case_id)
        assert world.case(case_id).state == "drafted"

    def test_giving_up_leaves_what_stands(self, world: World, case_id: int) -> None:
        world.queue.correct(case_id, actor=OTTO)
        edited(world, case_id)
        outcome = give_up(world, case_id)
        assert outcome.done, outcome.message
        assert world.case(case_id).state == "answered"
        assert world.board.count("reply") == 1
        assert world.events(case_id)[-1] == "kept_standing"
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"

    def test_killed_on_the_way_it_stands_there_once(self, world: World, case_id: int) -> None:
        world.queue.correct(case_id, actor=OTTO)
        edited(world, case_id)
        assert world.approve(case_id).done
        world.board.after_write.append(Killed())
        (claim,) = world.claim("publish")
        with pytest.raises(Killed):
            world.handlers["publish"](claim)
        world.pass_time(minutes=5)
        assert world.board.standing("m1").count(BETTER) == 1
        assert world.reply(case_id).state == "published"
        assert world.case(case_id).state == "answered"


def test_the_same_words_are_not_published_again(world: World, case_id: int) -> None:
    world.queue.correct(case_id, actor=OTTO)
    outcome = world.approve(case_id)
    assert (outcome.code, world.board.count("reply")) == ("blocked", 1)


def test_only_what_is_published_is_corrected(world: World) -> None:
    case_id = world.drafted("m2")
    assert world.queue.correct(case_id, actor=OTTO).code == "taken"
    world.approve(case_id)
    assert world.queue.correct(case_id, actor=OTTO).code == "taken"
    assert give_up_reason(world, world.drafted("m3")) == "blocked"


def give_up_reason(world: World, case_id: int) -> str:
    return give_up(world, case_id).code


def test_a_case_with_a_reply_is_not_closed_without_an_answer(world: World, case_id: int) -> None:
    world.queue.correct(case_id, actor=OTTO)
    for reason in ("no_answer", "not_a_complaint", "spam"):
        assert give_up(world, case_id, reason).code == "blocked"
    assert give_up(world, case_id, "another_draft").done
    world.work()
    view = world.view(case_id)
    assert (view.state, view.correction is not None) == ("drafted", True)


def test_of_two_who_correct_the_second_is_told_who_was_first(world: World, case_id: int) -> None:
    assert world.queue.correct(case_id, actor=OTTO).done
    outcome = world.queue.correct(case_id, actor=MARA)
    assert (outcome.done, outcome.code) == (False, "taken")


def test_a_refused_correction_is_on_the_table_again(world: World, case_id: int) -> None:
    world.board.mode = "replace"
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    world.approve(case_id)
    world.board.fail("reply", Rejected("too rude"))
    world.work()
    view = world.view(case_id)
    assert (view.state, view.refused_because) == ("drafted", "too rude")
    assert view.draft is not None
    assert view.draft.text == BETTER
    assert view.correction is not None
    assert world.clock_states(case_id)["first_response"] == "stopped"
    assert give_up(world, case_id).done


def test_one_that_moderation_turns_down_is_on_the_table_again(world: World, case_id: int) -> None:
    world.board.mode, world.board.moderated = "replace", True
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    world.approve(case_id)
    world.board.written[0].visible = False
    world.do("publish")
    assert [reply.state for reply in world.replies(case_id)] == ["replaced", "accepted"]
    world.board.written[0].turned_down = "unkind"
    world.pass_time(minutes=5)
    view = world.view(case_id)
    assert (view.state, view.correction is not None) == ("drafted", True)
    assert world.clock_states(case_id)["first_response"] == "stopped"
    assert world.replies(case_id)[0].state == "published"


class TestTheCustomerActsMeanwhile:
    def test_a_complaint_counts_first_and_starts_the_next_response(
        self, world: World, case_id: int
    ) -> None:
        world.queue.correct(case_id, actor=OTTO)
        world.hear(comment("m2", "m1", "this is still bad"))
        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id)["next_response"] == "running"
        world.work()
        view = world.view(case_id)
        assert (view.state, view.correction) == ("drafted", None)

    def test_thanks_give_the_correction_up(self, world: World, case_id: int) -> None:
        world.queue.correct(case_id, actor=OTTO)
        world.hear(comment("m2", "m1", "thanks", rating=None))
        assert world.case(case_id).state == "closed"
        assert "next_response" not in world.clock_states(case_id)

    def test_an_approved_one_that_has_not_left_is_taken_back(
        self, world: World, case_id: int
    ) -> None:
        world.queue.correct(case_id, actor=OTTO)
        edited(world, case_id)
        world.approve(case_id)
        world.hear(review("m1", "it is all good now", rating=4.0))
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "closed"
        world.work()
        assert world.board.count("reply") == 1

    def test_an_edit_found_just_before_it_leaves(self, world: World, case_id: int) -> None:
        world.queue.correct(case_id, actor=OTTO)
        edited(world, case_id)
        world.approve(case_id)
        world.board.edit("m1", listed=False, text="worse and bad")
        world.work()
        assert world.board.count("reply") == 1
        assert world.case(case_id).state == "drafted"
        assert world.clock_states(case_id)["next_response"] == "running"

    def test_a_deletion_ends_the_case(self, world: World, case_id: int) -> None:
        world.queue.correct(case_id, actor=OTTO)
        world.board.delete("m1")
        world.poll()
        assert world.case(case_id).state == "closed"

    def test_after_thanks_the_reply_is_corrected_where_it_stands(
        self, world: World, case_id: int
    ) -> None:
        world.board.mode = "replace"
        world.hear(comment("m2", "m1", "thanks", rating=None))
        assert world.case(case_id).state == "closed"
        assert world.queue.correct(case_id, actor=OTTO).done
        edited(world, case_id)
        assert world.approve(case_id).done
        world.work()
        assert world.board.standing("m1") == [BETTER]
        assert world.board.standing("m2") == []


def test_a_correction_is_posted_by_hand_where_replies_are(world: World) -> None:
    world.board.mode, world.board.can_find = "manual", False
    case_id = world.drafted("m5")
    world.approve(case_id)
    assert world.queue.mark_posted(case_id, actor=MARA).done
    assert world.queue.correct(case_id, actor=OTTO).done
    edited(world, case_id)
    assert "by hand" in world.view(case_id).publish_label
    assert world.approve(case_id).done
    assert world.reply(case_id).state == "handed_over"
    assert world.queue.mark_posted(case_id, actor=MARA).done
    assert world.case(case_id).state == "answered"


def test_a_correction_that_never_reached_the_page_is_on_the_table_again(world: World) -> None:
    world.board.mode, world.board.can_find = "manual", False
    case_id = world.drafted("m6")
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=MARA)
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=MARA)
    assert world.queue.could_not_post(case_id, actor=MARA, reason="it reads as before").done
    view = world.view(case_id)
    assert view.draft is not None
    assert (view.state, view.draft.text) == ("drafted", BETTER)
    assert world.clock_states(case_id)["first_response"] == "stopped"
    assert give_up(world, case_id).done


def test_a_word_heard_while_a_correction_is_posted_by_hand_is_answered(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted("m7")
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=MARA)
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    world.approve(case_id)
    world.hear(comment("m8", "m7", "this is still bad"))
    assert world.case(case_id).state == "approved"
    assert world.queue.could_not_post(case_id, actor=MARA, reason="the form is gone").done
    assert world.clock_states(case_id)["next_response"] == "running"
    world.do("prepare")
    view = world.view(case_id)
    assert (view.state, view.correction) == ("drafted", None)


def test_a_word_heard_while_a_refused_correction_was_on_its_way_is_answered(
    world: World, case_id: int
) -> None:
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    world.approve(case_id)
    world.board.during["reply"] = lambda: world.hear(comment("m2", "m1", "this is still bad"))
    world.board.fail("reply", Rejected("too rude"))
    world.do("publish")
    assert world.case(case_id).state == "opened"
    assert world.clock_states(case_id)["next_response"] == "running"


def test_a_closed_case_is_closed_since_then_when_its_correction_is_given_up(
    world: World, case_id: int
) -> None:
    world.hear(comment("m2", "m1", "thanks", rating=None))
    closed = world.case(case_id).closed_at
    world.clock.move(hours=5)
    world.queue.correct(case_id, actor=OTTO)
    assert give_up(world, case_id).done
    case = world.case(case_id)
    assert (case.state, case.closed_at) == ("closed", closed)


def test_what_never_stood_there_is_not_corrected_but_answered(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted("m9")
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=MARA)
    world.queue.correct(case_id, actor=OTTO)
    edited(world, case_id)
    assert world.queue.could_not_post(case_id, actor=OTTO, reason="it is not there").done
    view = world.view(case_id)
    assert view.draft is not None
    assert (view.state, view.correction, view.draft.text) == ("drafted", None, BETTER)
    assert world.clock_states(case_id)["first_response"] == "running"
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=MARA)
    assert world.clock_states(case_id)["first_response"] == "stopped"
