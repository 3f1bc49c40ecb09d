"""What happens at the platform beside us: locked threads, answers of others, what they lead to."""

from __future__ import annotations

import pytest

from connectors.errors import UnknownOutcome
from monitor.cases.elsewhere import hear_answer
from monitor.intake.purging import withhold
from monitor.models import Mention, ReplyAttempt
from tests.support.core_world import MARA, OTTO, World, comment, review

THEIRS = "We are sorry. A manager has called you. The Harbour team"


@pytest.fixture
def case_id(world: World) -> int:
    return world.drafted()


def hear(world: World, answer: str, external_id: str = "m1") -> None:
    """Take in an answer as a poll of the listing does."""
    with world.write() as session:
        mention = session.get_one(Mention, world.mention(external_id).id)
        before, mention.our_reply = mention.our_reply, answer
        mention.our_reply_at = world.clock()
        hear_answer(session, mention, before, world.clock())


class TestALockedThread:
    def test_the_text_goes_back_to_a_person_with_the_reason(
        self, world: World, case_id: int
    ) -> None:
        text = world.view(case_id).draft.text  # type: ignore[union-attr]
        world.approve(case_id)
        world.board.edit("m1", listed=False, locked="comments are turned off")

        world.work()

        view = world.view(case_id)
        assert view.state == "drafted"
        assert view.draft is not None
        assert (view.draft.version, view.draft.text) == (2, text)
        assert view.obstacle is not None
        assert view.obstacle.locked == "comments are turned off"
        assert view.reply is None
        assert any("comments are turned off" in event.summary for event in view.events)
        assert world.board.count("reply") == 0
        assert world.clock_states(case_id)["first_response"] == "running"

    def test_it_is_not_approved_without_a_word_on_the_lock(
        self, world: World, case_id: int
    ) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, locked="closed")
        world.work()

        outcome = world.approve(case_id)
        assert (outcome.code, "closed" in outcome.message) == ("blocked", True)
        # Our own account may be allowed what others are not: whoever insists, tries.
        assert world.go_on(case_id).done
        world.work()
        assert world.case(case_id).state == "answered"
        assert len(world.board.standing("m1")) == 1

    def test_another_lock_than_the_one_seen_is_shown_first(
        self, world: World, case_id: int
    ) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, locked="closed")
        world.work()
        key = world.view(case_id).obstacle.key  # type: ignore[union-attr]
        world.go_on(case_id)
        world.board.edit("m1", listed=False, locked="archived")
        world.work()
        assert world.case(case_id).state == "drafted"
        assert world.approve(case_id, despite=key).code == "stale"

    def test_a_thread_that_opens_again_needs_no_word(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, locked="closed")
        world.work()
        world.go_on(case_id)
        world.board.edit("m1", listed=False, locked="")
        world.work()
        assert world.case(case_id).state == "answered"

    def test_an_edit_under_a_lock_makes_another_draft(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, locked="closed", text="bad and worse")
        world.work()
        assert world.case(case_id).state == "drafted"
        assert world.drafts(case_id)[-1].mention_revision == 2


@pytest.mark.parametrize("mode", ["replace", "keyed", "append"])
class TestAnAnswerOfSomebodyElse:
    @pytest.fixture(autouse=True)
    def _in_mode(self, world: World, mode: str) -> None:
        world.board.mode = mode  # type: ignore[assignment]

    def meet(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, our_reply=THEIRS, our_reply_at=world.clock())
        world.work()

    def test_it_is_never_overwritten_or_spoken_over(
        self, world: World, case_id: int, mode: str
    ) -> None:
        self.meet(world, case_id)
        view = world.view(case_id)
        assert view.state == "drafted"
        assert view.obstacle is not None
        assert view.obstacle.answer == THEIRS
        assert view.obstacle.replaces is (mode == "replace")
        assert world.approve(case_id).code == "blocked"
        assert world.board.written == []
        assert world.board.overwritten == []

    def test_a_person_may_replace_it(self, world: World, case_id: int, mode: str) -> None:
        self.meet(world, case_id)
        assert world.go_on(case_id).done
        world.work()
        assert world.case(case_id).state == "answered"
        assert len(world.board.standing("m1")) == 1
        assert world.board.overwritten == ([THEIRS] if mode == "replace" else [])

    def test_but_not_another_one_that_came_meanwhile(self, world: World, case_id: int) -> None:
        self.meet(world, case_id)
        world.go_on(case_id)
        world.board.edit("m1", listed=False, our_reply="I have written again. Kim")
        world.work()
        assert world.board.written == []
        assert world.view(case_id).obstacle.answer == "I have written again. Kim"  # type: ignore[union-attr]

    def test_a_person_may_leave_it(self, world: World, case_id: int) -> None:
        answered = world.clock()
        self.meet(world, case_id)
        world.clock.move(hours=2)
        assert world.leave(case_id, OTTO).done

        view = world.view(case_id)
        assert view.state == "answered"
        assert view.reply is not None
        assert (view.reply.text, view.reply.approved_by) == (THEIRS, "Otto (terminal)")
        clock = world.clock_of(case_id, "first_response")
        assert (clock.state, clock.stopped_at) == ("stopped", answered)
        assert world.board.written == []

    def test_leaving_needs_the_answer_that_was_shown(self, world: World, case_id: int) -> None:
        self.meet(world, case_id)
        view = world.view(case_id)
        assert view.draft is not None
        outcome = world.queue.keep_answer(
            case_id, draft_version=view.draft.version, despite="", actor=MARA
        )
        assert outcome.code == "stale"
        assert world.leave(case_id).done
        again = world.queue.keep_answer(
            case_id, draft_version=view.draft.version, despite="x", actor=MARA
        )
        assert again.code == "taken"

    def test_a_case_left_to_it_reopens_when_the_customer_writes_again(
        self, world: World, case_id: int
    ) -> None:
        self.meet(world, case_id)
        world.leave(case_id)
        world.hear(comment("c1", "m1", "still bad"))
        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id)["next_response"] == "running"

    def test_the_very_text_standing_there_is_not_said_again(
        self, world: World, case_id: int
    ) -> None:
        world.approve(case_id)
        text = world.reply(case_id).text
        world.board.edit("m1", listed=False, our_reply=f"@dana {text}", our_reply_at=world.clock())
        world.work()
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 0
        assert "found_there" in world.events(case_id)

    def test_our_own_earlier_answer_stands_against_nothing(
        self, world: World, case_id: int
    ) -> None:
        world.board.shows_replies = True
        world.approve(case_id)
        world.work()
        world.hear(review("m1", "bad in another way"))
        world.work()
        assert world.view(case_id).obstacle is None
        assert world.approve(case_id).done
        world.work()
        assert world.case(case_id).state == "answered"
        assert world.board.count("reply") == 2


class TestWhereNothingCanBeRead:
    def test_what_the_listing_tells_holds(self, world: World, case_id: int) -> None:
        world.board.can_read = False
        world.approve(case_id)
        hear(world, THEIRS)
        world.work()
        assert world.board.written == []
        assert world.view(case_id).obstacle.answer == THEIRS  # type: ignore[union-attr]
        assert world.go_on(case_id).done
        world.work()
        assert world.case(case_id).state == "answered"


class TestAnAnswerHeardByPolling:
    def test_it_is_told_on_a_case_that_waits(self, world: World, case_id: int) -> None:
        revision = world.case(case_id).revision
        hear(world, THEIRS)
        assert world.view(case_id).obstacle.answer == THEIRS  # type: ignore[union-attr]
        assert world.events(case_id)[-1] == "answered_elsewhere"
        assert world.case(case_id).revision > revision
        assert world.approve(case_id).code == "blocked"
        hear(world, THEIRS)
        assert world.events(case_id).count("answered_elsewhere") == 1

    def test_a_reply_under_moderation_is_seen_in_the_listing(
        self, world: World, case_id: int
    ) -> None:
        world.board.moderated = True
        world.approve(case_id)
        world.do("publish")
        submitted = world.reply(case_id).submitted_at
        world.clock.move(minutes=9)
        hear(world, world.reply(case_id).text)
        reply = world.reply(case_id)
        assert (reply.state, reply.submitted_at) == ("published", submitted)
        assert (reply.visible_at, reply.next_at) == (world.clock(), None)

    def test_an_answer_of_others_is_not_taken_for_ours(self, world: World, case_id: int) -> None:
        world.board.moderated = True
        world.approve(case_id)
        world.do("publish")
        hear(world, THEIRS)
        assert world.reply(case_id).state == "accepted"


class TestRepeatingWhatMayStandThere:
    """Nobody can look for a reply, and a read tells what stands there."""

    @pytest.fixture(autouse=True)
    def _blind(self, world: World) -> None:
        world.board.can_find = False

    def test_what_a_read_shows_is_not_sent_again(self, world: World, case_id: int) -> None:
        world.board.mode, world.board.shows_replies = "replace", True
        world.approve(case_id)
        world.board.lose_answers()
        world.work()
        world.pass_time(minutes=2)
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 1

    def test_an_answer_of_others_is_not_overwritten_by_a_repetition(
        self, world: World, case_id: int
    ) -> None:
        world.board.mode = "replace"
        world.approve(case_id)
        world.board.before_write.append(UnknownOutcome("cut off"))
        world.do("publish")
        world.board.edit("m1", listed=False, our_reply=THEIRS)
        world.pass_time(minutes=2)
        assert world.board.overwritten == []
        assert world.board.written == []
        assert world.case(case_id).state == "drafted"
        assert world.view(case_id).obstacle.answer == THEIRS  # type: ignore[union-attr]

    def test_beside_an_answer_of_others_a_person_looks(self, world: World, case_id: int) -> None:
        world.board.mode = "keyed"
        world.approve(case_id)
        world.board.lose_answers()
        world.do("publish")
        world.board.edit("m1", listed=False, our_reply=THEIRS)
        world.pass_time(minutes=2)
        view = world.view(case_id)
        assert view.reply is not None
        assert (view.reply.state, view.reply.is_unclear) == ("handed_over", True)
        assert len(world.board.standing("m1")) == 1


class TestWhatThePlatformWouldRefuse:
    def test_an_objection_blocks_the_approval(self, world: World, case_id: int) -> None:
        world.board.refuses = "Harbour"
        outcome = world.approve(case_id)
        assert outcome.code == "blocked"
        draft = world.view(case_id).draft
        assert draft is not None
        assert "objection" in [finding.rule for finding in draft.findings]
        assert any("the word “Harbour”" in finding.message for finding in draft.findings)

    @pytest.mark.parametrize("shortened", [True, False])
    def test_it_is_looked_at_again_before_it_leaves(
        self, world: World, case_id: int, shortened: bool
    ) -> None:
        world.approve(case_id)
        if shortened:
            world.board.max_length = 5
        else:
            world.board.refuses = "Harbour"
        world.work()
        view = world.view(case_id)
        assert view.state == "drafted"
        assert view.draft is not None
        assert view.draft.is_blocked
        assert "set_aside" in world.events(case_id)
        assert world.board.count("reply") == 0
        assert world.rows(ReplyAttempt) == []

    def test_a_limit_in_any_unit_is_named(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.max_length = 5
        world.work()
        told = world.view(case_id).events[-1].summary
        assert "characters, and the platform takes 5" in told


class TestWhatTheCustomerEdited:
    def test_the_difference_to_the_draft_before_is_told(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.edit("m1", listed=False, text="bad tea and no cake")
        world.work()
        changes = world.view(case_id).changes
        assert changes is not None
        assert (changes.version, changes.before) == (1, "bad tea")
        assert changes.words == (("gone", "bad tea"), ("new", "bad tea and no cake")) or (
            "".join(words for kind, words in changes.words or () if kind != "gone")
            == "bad tea and no cake"
        )

    def test_it_is_told_until_somebody_decides(self, world: World, case_id: int) -> None:
        world.hear(review("m1", "bad tea and no cake"))
        assert world.view(case_id).changes is not None
        world.do("prepare")
        assert world.view(case_id).changes is not None
        world.approve(case_id)
        assert world.view(case_id).changes is None

    def test_it_is_told_of_a_reply_that_may_have_left(self, world: World, case_id: int) -> None:
        world.approve(case_id)
        world.board.lose_answers()
        world.do("publish")
        world.hear(review("m1", "bad tea and no cake"))
        changes = world.view(case_id).changes
        assert changes is not None
        assert changes.version == 1

    def test_a_raised_rating_alone_is_no_other_text(self, world: World, case_id: int) -> None:
        world.hear(review("m1", rating=1.5))
        assert world.view(case_id).changes is None


def test_a_summons_is_waited_for_only_where_the_platform_asks_it(world: World) -> None:
    world.board.needs_summons = True
    called, unasked = world.drafted("m1", addressed_to_us=True), world.drafted("m2")
    with world.write() as session:
        session.get_one(Mention, world.mention("m1").id).addressed_to_us = True

    assert world.view(called).can_publish
    world.approve(called)
    world.work()
    assert world.case(called).state == "answered"

    view = world.view(unasked)
    assert not view.can_publish
    assert "addressed us" in view.why_by_hand
    assert view.publish_label == "Approve, to post by hand on Scripted board"
    assert world.approve(unasked).done
    world.work()
    reply = world.view(unasked).reply
    assert reply is not None
    assert (reply.state, reply.why_by_hand) == ("handed_over", view.why_by_hand)
    assert world.board.count("reply") == 1


def test_a_summons_is_asked_for_again_before_it_leaves(world: World, case_id: int) -> None:
    world.approve(case_id)
    world.board.needs_summons = True
    world.work()
    assert world.reply(case_id).state == "handed_over"
    assert world.board.count("reply") == 0


def test_deleted_while_it_waits_for_a_decision_on_a_lock(world: World, case_id: int) -> None:
    world.approve(case_id)
    world.board.edit("m1", listed=False, locked="closed")
    world.work()
    world.board.delete("m1")
    world.poll()
    assert world.case(case_id).state == "closed"
    assert world.view(case_id).obstacle is None


def test_a_later_word_that_may_not_be_kept_is_still_the_one_to_answer(world: World) -> None:
    case_id = world.answered()
    world.hear(comment("c1", "m1", "still bad"))
    with world.write() as session:
        withhold(session, world.source_id(), [world.mention("c1").id], world.clock())
    world.work()
    assert world.approve(case_id).done
    world.work()
    assert world.reply(case_id).mention_id == world.mention("c1").id
    assert len(world.board.standing("c1")) == 1


class TestHeardByAPollWithoutAnEdit:
    def test_an_answer_of_others_and_a_lock_are_shown_on_the_case(
        self, world: World, case_id: int
    ) -> None:
        world.board.edit("m1", our_reply=THEIRS, locked="closed")
        revision = world.case(case_id).revision
        world.poll()
        obstacle = world.view(case_id).obstacle
        assert obstacle is not None
        assert (obstacle.answer, obstacle.locked) == (THEIRS, "closed")
        assert world.case(case_id).revision > revision
        assert world.approve(case_id).code == "blocked"

    def test_a_reply_under_moderation_is_seen(self, world: World, case_id: int) -> None:
        world.board.moderated = True
        world.approve(case_id)
        world.do("publish")
        world.board.edit("m1", our_reply=world.reply(case_id).text)
        world.poll()
        assert world.reply(case_id).state == "published"
