"""Each outcome of publishing a reply, in each mode: said effectively once, or asked of a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.errors import (
    AuthFailed,
    BadSettings,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from monitor import due
from monitor.models import Account, Alert, Clock, ReplyAttempt
from tests.support.core_world import MARA, World, comment, review
from tests.support.scripted_platform import Killed


@pytest.fixture
def case_id(world: World) -> int:
    case_id = world.drafted()
    assert world.approve(case_id).done
    return case_id


def outcomes(world: World) -> list[str]:
    return [row.outcome for row in world.rows(ReplyAttempt)]


def killed(world: World) -> None:
    """Work on what is owed until the process dies."""
    (claim,) = world.claim("publish")
    with pytest.raises(Killed):
        world.handlers["publish"](claim)


@pytest.mark.parametrize(
    ("database", "mode"),
    [("sqlite", "append"), ("sqlite", "keyed"), ("sqlite", "replace"), ("postgres", "append")],
    indirect=["database"],
)
class TestEveryMode:
    @pytest.fixture(autouse=True)
    def _in_mode(self, world: World, mode: str) -> None:
        world.board.mode = mode  # type: ignore[assignment]

    def test_an_approved_reply_is_published_once_and_written_down(
        self, world: World, case_id: int
    ) -> None:
        world.work()
        world.pass_time(hours=1)

        reply = world.reply(case_id)
        assert (reply.state, reply.external_id) == ("published", "r1")
        assert reply.url == "https://board.example/r1"
        assert reply.submitted_at == reply.visible_at
        assert world.board.standing("m1") == [reply.text]
        assert world.board.count("reply") == 1
        assert outcomes(world) == ["visible"]
        assert world.events(case_id)[-3:] == ["approved", "publishing", "published"]

    def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(
        self, world: World, case_id: int
    ) -> None:
        world.board.lose_answers()
        world.do("publish")
        assert world.reply(case_id).state == "unknown"

        world.pass_time(minutes=2)

        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 1
        assert len(world.board.standing("m1")) == 1

    def test_a_call_that_never_arrived_is_made_again(self, world: World, case_id: int) -> None:
        world.board.before_write.append(UnknownOutcome("cut off on the way there"))
        world.do("publish")
        assert world.reply(case_id).state == "unknown"

        world.pass_time(minutes=2)

        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 2
        assert len(world.board.standing("m1")) == 1
        assert outcomes(world) == ["not_sent", "visible"]

    def test_killed_before_the_call_it_is_sent_by_the_next_worker(
        self, world: World, case_id: int
    ) -> None:
        world.board.before_write.append(Killed())
        killed(world)
        assert world.reply(case_id).state == "started"
        assert world.do("publish") == 0

        world.pass_time(minutes=5)

        assert world.reply(case_id).state == "published"
        assert len(world.board.standing("m1")) == 1

    def test_killed_between_the_call_and_its_receipt_it_is_not_sent_again(
        self, world: World, case_id: int
    ) -> None:
        world.board.after_write.append(Killed())
        killed(world)
        sent = world.clock()

        world.pass_time(minutes=5)

        reply = world.reply(case_id)
        assert (reply.state, reply.submitted_at) == ("published", sent)
        assert world.board.count("reply") == 1
        assert len(world.board.standing("m1")) == 1

    def test_a_slow_worker_that_lost_its_lease_sends_nothing_twice(
        self, world: World, case_id: int
    ) -> None:
        def another_daemon_takes_over() -> None:
            world.clock.move(minutes=3)
            world.do("publish")

        world.board.during["reply"] = another_daemon_takes_over
        (claim,) = world.claim("publish")
        with pytest.raises(due.ClaimLost):
            world.handlers["publish"](claim)
        world.pass_time(minutes=5)

        assert world.reply(case_id).state == "published"
        assert len(world.board.standing("m1")) == 1

    @pytest.mark.parametrize(
        "error",
        [
            Unavailable("out of order"),
            Unavailable("later", timedelta(minutes=7)),
            RateLimited("slow down"),
            RateLimited("slow down", timedelta(minutes=7)),
        ],
    )
    def test_what_passes_is_tried_again(self, world: World, case_id: int, error: Exception) -> None:
        world.board.fail("reply", error)
        world.do("publish")
        reply = world.reply(case_id)
        assert reply.state == "owed"
        assert reply.failures == 1
        assert world.board.standing("m1") == []
        wait = getattr(error, "retry_after", None)
        if wait is not None:
            assert reply.next_at == world.clock() + wait

        world.pass_time(hours=1)
        assert world.reply(case_id).state == "published"
        assert outcomes(world) == ["not_sent", "visible"]

    def test_a_refused_reply_goes_back_to_a_person(self, world: World, case_id: int) -> None:
        world.board.fail("reply", Rejected("too rude"))
        world.work()

        assert world.reply(case_id).state == "refused"
        assert world.case(case_id).state == "drafted"
        assert [draft.state for draft in world.drafts(case_id)] == ["superseded", "proposed"]
        assert world.clock_states(case_id)["first_response"] == "running"
        assert any("too rude" in event.summary for event in world.view(case_id).events)
        assert world.approve(case_id).done
        world.work()
        assert world.case(case_id).state == "answered"

    def test_a_platform_that_takes_no_replies_hands_it_over(
        self, world: World, case_id: int
    ) -> None:
        world.board.fail("reply", NotSupported("not with this plan"))
        world.work()
        assert world.reply(case_id).state == "handed_over"
        assert world.case(case_id).state == "approved"
        assert world.queue.mark_posted(case_id, actor=MARA).done

    def test_an_answer_that_cannot_be_read_may_mean_that_it_stands_there(
        self, world: World, case_id: int
    ) -> None:
        world.board.after_write.append(LayoutChanged("HTML instead of JSON"))
        world.do("publish")
        assert world.reply(case_id).state == "unknown"
        world.pass_time(minutes=2)
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 1


class TestWhereNobodyCanLook:
    @pytest.fixture(autouse=True)
    def _blind(self, world: World) -> None:
        world.board.can_find = False

    def test_a_person_is_asked_where_a_repetition_would_stand_there_twice(
        self, world: World, case_id: int
    ) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.pass_time(minutes=2)

        assert world.reply(case_id).state == "handed_over"
        assert "handed_over" in world.events(case_id)
        assert world.board.count("reply") == 1
        assert outcomes(world) == ["unknown"]
        assert world.queue.mark_posted(case_id, actor=MARA).done
        assert world.case(case_id).state == "answered"

    def test_what_may_stand_there_is_not_taken_back_for_another_draft(
        self, world: World, case_id: int
    ) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.pass_time(minutes=2)
        world.hear(review("m1", "bad in another way"))
        assert world.reply(case_id).state == "handed_over"
        assert world.case(case_id).state == "approved"

    def test_asking_waits_until_the_call_has_surely_ended(self, world: World, case_id: int) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.clock.move(seconds=10)
        world.do("publish")
        assert world.reply(case_id).state == "unknown"
        world.clock.move(seconds=21)
        world.do("publish")
        assert world.reply(case_id).state == "handed_over"

    @pytest.mark.parametrize("mode", ["keyed", "replace"])
    def test_a_harmless_repetition_is_sent_under_the_same_key(
        self, world: World, case_id: int, mode: str
    ) -> None:
        world.board.mode = mode  # type: ignore[assignment]
        world.board.lose_answers()
        world.work()
        world.pass_time(minutes=2)

        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 2
        assert [row.key for row in world.board.written] == [world.reply(case_id).key]
        assert outcomes(world) == ["unknown", "visible"]

    def test_a_key_is_not_trusted_for_ever(self, world: World, case_id: int) -> None:
        world.board.mode = "keyed"
        world.board.after_write.append(Killed())
        killed(world)
        world.clock.move(hours=2)

        world.do("publish")

        assert world.reply(case_id).state == "handed_over"
        assert world.board.count("reply") == 1

    @pytest.mark.parametrize(
        ("remembered", "sent"), [(timedelta(hours=3), 2), (timedelta(hours=1), 1), (None, 2)]
    )
    def test_the_platform_says_how_long_it_knows_a_key(
        self, world: World, case_id: int, remembered: timedelta | None, sent: int
    ) -> None:
        world.board.mode, world.board.key_remembered = "keyed", remembered
        world.board.after_write.append(Killed())
        killed(world)
        world.clock.move(hours=2)

        world.do("publish")

        assert world.board.count("reply") == sent
        assert len(world.board.standing("m1")) == 1

    def test_a_repetition_that_fails_does_not_forget_the_first_call(
        self, world: World, case_id: int
    ) -> None:
        world.board.mode = "keyed"
        world.board.lose_answers()
        world.do("publish")
        world.board.fail("reply", Unavailable("down"))
        world.clock.move(seconds=5)
        world.do("publish")
        assert world.reply(case_id).state == "unknown"
        world.hear(review("m1", "bad in another way"))
        assert world.reply(case_id).state == "unknown"
        world.pass_time(minutes=5)
        assert world.replies(case_id)[0].state == "published"
        assert len(world.board.standing("m1")) == 1


class TestLooking:
    @pytest.mark.parametrize(
        "error", [Unavailable("down"), RateLimited("slow"), AuthFailed("expired")]
    )
    def test_a_look_that_fails_sends_nothing(
        self, world: World, case_id: int, error: Exception
    ) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.board.break_down("find_reply", error)
        world.pass_time(minutes=20)
        assert world.reply(case_id).state == "unknown"
        assert world.board.count("reply") == 1
        world.board.mend()
        world.pass_time(hours=8)
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 1

    @pytest.mark.parametrize("error", [LayoutChanged("odd"), Rejected("no"), BadSettings("?")])
    def test_a_look_that_is_refused_for_good_asks_a_person(
        self, world: World, case_id: int, error: Exception
    ) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.board.break_down("find_reply", error)
        world.pass_time(minutes=2)
        assert world.reply(case_id).state == "handed_over"
        assert world.board.count("reply") == 1

    def test_a_mention_that_is_gone_ends_the_case(self, world: World, case_id: int) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.board.delete("m1", listed=False)
        world.board.fail("find_reply", Gone("it is not there"))
        world.pass_time(minutes=2)
        assert world.case(case_id).state == "closed"
        assert world.mention("m1").text == ""
        assert world.reply(case_id).state == "withdrawn"


class TestBeforeItLeaves:
    def test_a_mention_edited_meanwhile_goes_back_to_a_person_with_its_new_text(
        self, world: World, case_id: int
    ) -> None:
        world.board.edit("m1", listed=False, text="bad in another way")

        world.work()

        assert world.board.written == []
        assert world.reply(case_id).state == "withdrawn"
        assert world.mention("m1").text == "bad in another way"
        assert world.mention("m1").revision == 2
        assert world.case(case_id).state == "drafted"
        assert world.drafts(case_id)[-1].mention_revision == 2
        # The listing never tells of the edit, and still the next draft can be published.
        assert world.approve(case_id).done
        world.work()
        assert len(world.board.standing("m1")) == 1

    def test_a_mention_deleted_meanwhile_ends_the_case(self, world: World, case_id: int) -> None:
        world.board.delete("m1", listed=False)
        world.work()
        assert world.board.written == []
        assert world.case(case_id).state == "closed"
        assert world.reply(case_id).state == "withdrawn"
        assert world.mention("m1").state == "deleted"
        assert {row.state for row in world.rows(Clock)} == {"voided"}

    def test_a_mention_gone_at_the_call_itself_ends_the_case(
        self, world: World, case_id: int
    ) -> None:
        world.board.can_read = False
        world.board.fail("reply", Gone("404"))
        world.work()
        assert world.case(case_id).state == "closed"
        assert outcomes(world) == ["not_sent"]

    def test_a_call_that_calls_it_gone_is_not_believed_where_a_read_finds_it(
        self, world: World, case_id: int
    ) -> None:
        world.board.fail("reply", Gone("404 for another reason"))
        world.work()
        assert world.mention("m1").state == "present"
        assert world.reply(case_id).state == "refused"
        assert world.case(case_id).state == "drafted"

    def test_a_mention_edited_after_an_unknown_call_is_not_answered_by_the_old_text(
        self, world: World, case_id: int
    ) -> None:
        world.board.before_write.append(UnknownOutcome("cut off"))
        world.do("publish")
        world.board.edit("m1", listed=False, text="bad in another way")
        world.pass_time(minutes=2)
        assert world.board.written == []
        assert world.case(case_id).state == "drafted"

    @pytest.mark.parametrize(
        "error", [UnknownOutcome("cut off"), Unavailable("down"), RateLimited("slow down")]
    )
    @pytest.mark.parametrize("act", ["edit", "delete", "write"])
    def test_what_the_customer_does_during_a_call_that_fails_takes_the_reply_back(
        self, world: World, case_id: int, error: Exception, act: str
    ) -> None:
        def customer() -> None:
            if act == "edit":
                world.hear(review("m1", "bad in another way"))
            elif act == "write":
                world.hear(comment("c1", "m1", "bad cake too"))
            else:
                world.board.delete("m1")
                world.poll()

        world.board.during["reply"] = customer
        world.board.before_write.append(error)
        world.do("publish")
        world.pass_time(minutes=10)

        assert world.board.written == []
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == ("closed" if act == "delete" else "drafted")

    def test_a_word_deleted_during_a_call_that_fails_leaves_the_case_answered(
        self, world: World
    ) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "still bad"))
        world.do("prepare")
        world.approve(case_id)

        def delete() -> None:
            world.board.delete("c1")
            world.poll()

        world.board.during["reply"] = delete
        world.board.before_write.append(Unavailable("down"))
        world.do("publish")
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "answered"
        assert world.clock_states(case_id)["next_response"] == "voided"

    def test_what_is_refused_as_not_possible_goes_back_when_it_was_edited_meanwhile(
        self, world: World, case_id: int
    ) -> None:
        world.board.during["reply"] = lambda: world.hear(review("m1", "bad in another way"))
        world.board.before_write.append(NotSupported("not here"))
        world.do("publish")
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "opened"

    def test_a_read_that_may_work_later_waits(self, world: World, case_id: int) -> None:
        world.board.fail("read", Unavailable("down"))
        world.do("publish")
        assert world.reply(case_id).state == "owed"
        assert world.board.count("reply") == 0
        world.pass_time(minutes=10)
        assert world.reply(case_id).state == "published"

    def test_a_read_refused_for_good_hands_it_over(self, world: World, case_id: int) -> None:
        world.board.break_down("read", Rejected("no"))
        world.work()
        assert world.reply(case_id).state == "handed_over"
        assert world.board.count("reply") == 0

    def test_where_nothing_can_be_read_it_is_published(self, world: World, case_id: int) -> None:
        world.board.can_read = False
        world.work()
        assert world.reply(case_id).state == "published"

    def test_taken_back_while_it_was_read_it_does_not_leave(
        self, world: World, case_id: int
    ) -> None:
        world.board.list_page(review("m1", "bad in another way"))
        world.board.items["m1"] = review("m1")  # the read still shows the old text
        world.board.during["read"] = world.poll
        world.do("publish")
        assert world.board.written == []
        assert world.reply(case_id).state == "withdrawn"


class TestTheAccount:
    def test_refused_credentials_raise_one_alert_however_many_replies_wait(
        self, world: World
    ) -> None:
        cases = [world.drafted(f"m{number}") for number in range(3)]
        for case_id in cases:
            world.approve(case_id)
        world.board.break_down("reply", AuthFailed("token expired"))

        world.do("publish")
        world.pass_time(hours=1)

        (alert,) = world.rows(Alert)
        assert alert.key == "publish:board"
        assert "token expired" in alert.message
        assert "renew the token" in alert.message
        assert alert.resolved_at is None
        assert world.board.written == []

        world.board.mend()
        world.pass_time(hours=1)
        assert world.row(Alert).resolved_at is not None
        assert len(world.board.written) == 3

    def test_a_rate_limit_holds_back_every_reply_of_the_account(self, world: World) -> None:
        for number in range(3):
            world.approve(world.drafted(f"m{number}"))
        world.board.fail("reply", RateLimited("slow down", timedelta(minutes=5)))

        world.do("publish")

        assert world.board.count("reply") == 1
        assert world.row(Account).paused_until == world.clock() + timedelta(minutes=5)
        world.pass_time(minutes=6)
        assert len(world.board.written) == 3

    def test_a_rate_limit_of_replies_holds_back_the_polls_of_the_account(
        self, world: World, case_id: int
    ) -> None:
        world.board.fail("reply", RateLimited("slow down", timedelta(minutes=5)))
        world.do("publish")
        fetched = world.board.count("fetch")
        world.clock.move(minutes=2)
        world.do("poll")
        assert world.board.count("fetch") == fetched


class TestOthersGoOn:
    def test_a_healthy_target_is_not_sent_to_again_because_another_failed(
        self, world: World
    ) -> None:
        other = world.add_source("other")
        world.approve(world.drafted("m1"))
        world.hear(review("m1", "bad there"), key="other")
        world.do("prepare")
        world.approve(world.case_of("m1", "other").id)
        other.break_down("reply", Unavailable("down for days"))

        world.work(("publish",))
        world.pass_time(("publish",), days=1)

        assert world.board.count("reply") == 1
        assert other.count("reply") > 3
        assert len(world.board.written) == 1

    def test_a_reply_that_always_fails_blocks_no_other(self, world: World) -> None:
        for number in range(4):
            world.approve(world.drafted(f"m{number}"))
        world.board.fail("reply", RuntimeError("a fault of ours"))
        (first, *_) = world.claim("publish")
        with pytest.raises(RuntimeError):
            world.handlers["publish"](first)
        world.clock.move(minutes=3)
        world.do("publish")
        assert len(world.board.written) >= 3

    def test_a_fault_of_ours_after_the_write_is_looked_up(self, world: World, case_id: int) -> None:
        world.board.after_write.append(KeyError("id"))
        (claim,) = world.claim("publish")
        with pytest.raises(KeyError):
            world.handlers["publish"](claim)
        world.pass_time(minutes=5)
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 1


class TestASourceTakenOutOfTheConfiguration:
    def test_what_is_owed_is_handed_over(self, world: World, case_id: int) -> None:
        world.forget_platform("board")
        world.do("publish")
        assert world.reply(case_id).state == "handed_over"

    def test_what_may_have_left_is_handed_over_as_unclear(self, world: World, case_id: int) -> None:
        world.board.lose_answers()
        world.do("publish")
        world.forget_platform("board")
        world.clock.move(minutes=1)
        world.do("publish")
        assert world.reply(case_id).state == "handed_over"
        assert outcomes(world) == ["unknown"]

    def test_what_was_taken_stays_answered(self, world: World, case_id: int) -> None:
        world.board.moderated = True
        world.do("publish")
        world.forget_platform("board")
        world.clock.move(minutes=2)
        world.do("publish")
        assert world.reply(case_id).state == "accepted"
        assert world.case(case_id).state == "answered"
        assert world.reply(case_id).next_at is None


def test_what_is_handed_over_is_never_sent(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted()
    world.approve(case_id)
    world.board.mode = "append"
    with world.write() as session:
        session.execute(update(due.KINDS["publish"].table).values(next_at=world.clock()))
    world.do("publish")
    assert world.board.written == []
    assert world.reply(case_id).state == "handed_over"
