"""A published reply is taken down at its platform, whatever becomes of the call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from monitor import due
from monitor.models import Alert, ReplyAttempt
from responders.views import Outcome
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.invariants import check_invariants
from tests.support.scripted_platform import Killed


def withdraw(world: World, case_id: int, *, answer: bool = True, by_hand: bool = False) -> Outcome:
    return world.queue.withdraw(
        case_id, reason="the wrong shop", actor=OTTO, answer=answer, by_hand=by_hand
    )


def outcomes(world: World) -> list[str]:
    return [row.outcome for row in world.rows(ReplyAttempt)][1:]


def killed(world: World) -> None:
    (claim,) = world.claim("publish")
    with pytest.raises(Killed):
        world.handlers["publish"](claim)


@pytest.fixture
def case_id(world: World) -> int:
    return world.answered()


@pytest.fixture(autouse=True)
def _sound(world: World) -> object:
    yield
    with world.db.read() as session:
        check_invariants(session)


@pytest.mark.parametrize(
    ("database", "mode"),
    [("sqlite", "append"), ("sqlite", "replace"), ("postgres", "append")],
    indirect=["database"],
)
class TestEveryMode:
    @pytest.fixture(autouse=True)
    def _in_mode(self, world: World, mode: str) -> None:
        world.board.mode = mode  # type: ignore[assignment]

    def test_an_answer_is_owed_again_and_its_clock_runs_on(
        self, world: World, case_id: int
    ) -> None:
        before = world.clock_of(case_id, "first_response")
        world.clock.move(hours=1)
        assert withdraw(world, case_id).done
        assert (world.case(case_id).state, world.reply(case_id).state) == (
            "answered",
            "withdrawing",
        )
        assert world.board.standing("m1") != []
        world.work()

        assert world.board.standing("m1") == []
        assert world.reply(case_id).state == "removed"
        assert world.case(case_id).state == "drafted"
        clock = world.clock_of(case_id, "first_response")
        assert (clock.id, clock.state, clock.due_at) == (before.id, "running", before.due_at)
        assert outcomes(world) == ["removed"]
        assert [kind for kind in world.events(case_id) if "remov" in kind or "asked" in kind] == [
            "withdrawal_asked",
            "removing",
            "removed",
        ]
        assert world.approve(case_id).done
        world.work()
        assert len(world.board.standing("m1")) == 1
        assert world.case(case_id).state == "answered"

    def test_or_the_case_is_closed(self, world: World, case_id: int) -> None:
        assert withdraw(world, case_id, answer=False).done
        world.work()
        case = world.case(case_id)
        assert (case.state, world.board.standing("m1")) == ("closed", [])
        assert case.closed_at is not None
        assert world.clock_states(case_id) == {"first_response": "stopped", "resolution": "voided"}
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"

    def test_killed_before_the_call_the_next_worker_makes_it(
        self, world: World, case_id: int
    ) -> None:
        withdraw(world, case_id)
        world.board.before_write.append(Killed())
        killed(world)
        assert world.reply(case_id).state == "withdrawing"
        world.pass_time(minutes=5)
        assert world.board.standing("m1") == []
        assert outcomes(world) == ["unknown", "removed"]

    def test_killed_after_the_call_it_is_harmlessly_repeated(
        self, world: World, case_id: int
    ) -> None:
        withdraw(world, case_id)
        world.board.after_write.append(Killed())
        killed(world)
        assert world.board.standing("m1") == []
        world.pass_time(minutes=5)
        assert world.reply(case_id).state == "removed"
        assert world.board.count("withdraw") == 2

    @pytest.mark.parametrize("error", [UnknownOutcome("cut off"), LayoutChanged("HTML")])
    def test_a_lost_answer_is_asked_for_again(
        self, world: World, case_id: int, error: Exception
    ) -> None:
        withdraw(world, case_id)
        world.board.after_write.append(error)
        world.do("publish")
        assert world.reply(case_id).state == "withdrawing"
        world.pass_time(minutes=5)
        assert world.reply(case_id).state == "removed"
        assert outcomes(world) == ["unknown", "removed"]

    @pytest.mark.parametrize(
        "error",
        [Unavailable("down"), RateLimited("slow", timedelta(minutes=7)), AuthFailed("expired")],
    )
    def test_what_passes_is_tried_again(self, world: World, case_id: int, error: Exception) -> None:
        withdraw(world, case_id)
        world.board.fail("withdraw", error)
        world.do("publish")
        assert world.reply(case_id).state == "withdrawing"
        assert world.events(case_id)[-1] == "removal_failed"
        world.pass_time(hours=1)
        assert world.reply(case_id).state == "removed"
        assert not [alert for alert in world.rows(Alert) if alert.resolved_at is None]

    @pytest.mark.parametrize("error", [Rejected("not yours"), NotSupported("not with this plan")])
    def test_a_refusal_is_told_and_the_case_is_as_it_was(
        self, world: World, case_id: int, error: Exception
    ) -> None:
        withdraw(world, case_id)
        world.board.fail("withdraw", error)
        world.work()
        assert (world.case(case_id).state, world.reply(case_id).state) == ("answered", "published")
        assert str(error) in world.view(case_id).events[-1].summary
        assert withdraw(world, case_id).done
        world.work()
        assert world.board.standing("m1") == []

    def test_what_is_gone_already_counts_as_taken_down(self, world: World, case_id: int) -> None:
        world.board.written.clear()
        withdraw(world, case_id)
        world.board.fail("withdraw", Gone("404"))
        world.work()
        assert world.reply(case_id).state == "removed"

    def test_it_is_given_up_when_a_platform_stays_away(self, world: World, case_id: int) -> None:
        withdraw(world, case_id)
        world.board.break_down("withdraw", Unavailable("down"))
        world.pass_time(days=8)
        assert world.reply(case_id).state == "published"
        assert world.events(case_id).count("not_removed") == 1

    def test_a_slow_worker_that_lost_its_lease_changes_nothing(
        self, world: World, case_id: int
    ) -> None:
        def another_daemon_takes_over() -> None:
            world.clock.move(minutes=3)
            world.do("publish")

        withdraw(world, case_id)
        world.board.during["withdraw"] = another_daemon_takes_over
        (claim,) = world.claim("publish")
        with pytest.raises(due.ClaimLost):
            world.handlers["publish"](claim)
        assert world.reply(case_id).state == "removed"


def test_an_answer_of_somebody_else_is_never_taken_down(world: World, case_id: int) -> None:
    world.board.mode = "replace"
    world.board.items["m1"].our_reply = "A colleague wrote this."
    withdraw(world, case_id)
    world.work()
    assert world.board.count("withdraw") == 0
    assert world.reply(case_id).state == "published"
    assert "another answer" in world.view(case_id).events[-1].summary


def test_a_new_reply_takes_the_place_of_one_that_is_to_leave(world: World, case_id: int) -> None:
    world.board.mode = "replace"
    withdraw(world, case_id)
    world.board.break_down("withdraw", Unavailable("down"))
    world.do("publish")
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    assert world.approve(case_id).done
    world.board.mend()
    world.pass_time(hours=2)
    assert [reply.state for reply in world.replies(case_id)] == ["replaced", "published"]
    assert world.board.standing("m1") == [world.reply(case_id).text]


def waiting_beside_the_next(world: World, case_id: int) -> None:
    """Leave a removal undone while the customer's edit is answered: that one waits for approval."""
    world.board.mode = "replace"
    withdraw(world, case_id)
    world.board.break_down("withdraw", Unavailable("down"))
    world.do("publish")
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    world.board.mend()


def test_an_approval_that_a_rule_forbids_leaves_the_removal_owed(
    world: World, case_id: int
) -> None:
    waiting_beside_the_next(world, case_id)
    draft = world.view(case_id).draft
    assert draft is not None
    world.queue.edit(
        case_id,
        base_version=draft.version,
        base_hash=draft.text_hash,
        text="Call TODO.",
        actor=OTTO,
    )
    assert world.approve(case_id).code == "blocked"
    assert world.reply(case_id).state == "withdrawing"
    world.pass_time(hours=2)
    assert world.reply(case_id).state == "removed"
    assert world.board.standing("m1") == []


def test_what_is_to_leave_waits_for_the_next_and_leaves_when_that_one_comes_back(
    world: World, case_id: int
) -> None:
    waiting_beside_the_next(world, case_id)
    assert world.approve(case_id).done
    world.board.break_down("reply", Unavailable("down"))
    world.pass_time(hours=2)
    assert [reply.state for reply in world.replies(case_id)] == ["withdrawing", "owed"]
    assert world.queue.take_back(case_id, actor=OTTO).done
    world.pass_time(hours=2)
    assert [reply.state for reply in world.replies(case_id)] == ["removed", "withdrawn"]
    assert world.board.standing("m1") == []


def test_what_was_to_leave_still_does_when_moderation_turns_down_the_next(
    world: World, case_id: int
) -> None:
    waiting_beside_the_next(world, case_id)
    world.board.moderated = True
    assert world.approve(case_id).done
    world.board.written[0].visible = False
    world.pass_time(minutes=2)
    assert [reply.state for reply in world.replies(case_id)] == ["replaced", "accepted"]
    world.board.written[0].turned_down = "unkind"
    world.pass_time(hours=2)
    assert [reply.state for reply in world.replies(case_id)] == ["removed", "refused"]


def test_where_one_answer_has_room_nothing_is_left_when_the_last_is_withdrawn(
    world: World, case_id: int
) -> None:
    world.board.mode = "replace"
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    assert world.approve(case_id).done
    world.work()
    assert [reply.state for reply in world.replies(case_id)] == ["replaced", "published"]
    assert withdraw(world, case_id).done
    world.work()
    assert world.board.standing("m1") == []
    assert world.case(case_id).state == "drafted"
    assert world.clock_states(case_id)["next_response"] == "running"


def test_nothing_is_approved_in_the_moment_of_the_call(world: World, case_id: int) -> None:
    world.board.mode = "replace"
    withdraw(world, case_id)
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    answers: list[Outcome] = []
    world.board.during["withdraw"] = lambda: answers.append(world.approve(case_id))
    world.do("publish")
    assert [outcome.code for outcome in answers] == ["stale"]
    assert world.approve(case_id).done
    world.work()
    assert world.board.standing("m1") == [world.reply(case_id).text]


def test_the_customer_wrote_meanwhile_and_waits_for_the_next_answer(
    world: World, case_id: int
) -> None:
    withdraw(world, case_id)
    world.hear(comment("m2", "m1", "this is still bad"))
    assert world.clock_states(case_id)["next_response"] == "running"
    world.work()
    assert world.board.standing("m1") == []
    assert world.case(case_id).state == "drafted"
    assert world.clock_states(case_id)["first_response"] == "stopped"


def test_beside_a_correction_only_that_one_leaves(world: World, case_id: int) -> None:
    first = world.reply(case_id).text
    world.queue.correct(case_id, actor=OTTO)
    draft = world.view(case_id).draft
    assert draft is not None
    world.queue.edit(
        case_id,
        base_version=draft.version,
        base_hash=draft.text_hash,
        text="We were wrong about the hours. Mara",
        actor=OTTO,
    )
    world.approve(case_id)
    world.work()
    assert withdraw(world, case_id).done
    world.work()
    assert world.board.standing("m1") == [first]
    assert world.case(case_id).state == "answered"


def test_withdrawing_ends_a_correction(world: World, case_id: int) -> None:
    world.queue.correct(case_id, actor=OTTO)
    assert withdraw(world, case_id, answer=False).done
    world.work()
    assert world.case(case_id).state == "closed"


def test_where_no_program_can_a_person_says_that_it_is_gone(world: World, case_id: int) -> None:
    world.board.can_withdraw = False
    refused = withdraw(world, case_id)
    assert (refused.code, world.reply(case_id).state) == ("blocked", "published")
    assert "yourself" in refused.message
    assert withdraw(world, case_id, by_hand=True).done
    assert world.reply(case_id).state == "removed"
    assert world.clock_states(case_id)["first_response"] == "running"
    world.work()


def test_only_what_stands_there_is_withdrawn_once(world: World, case_id: int) -> None:
    nothing = world.drafted("m9")
    assert withdraw(world, nothing).code == "taken"
    assert world.queue.withdraw(case_id, reason=" ", actor=MARA).code == "blocked"
    assert withdraw(world, case_id).done
    again = withdraw(world, case_id)
    assert (again.code, "already" in again.message) == ("taken", True)
    assert world.queue.correct(case_id, actor=MARA).code == "taken"
    world.work()


def test_a_source_taken_out_of_the_configuration_leaves_it_standing(
    world: World, case_id: int
) -> None:
    withdraw(world, case_id)
    world.forget_platform("board")
    world.do("publish")
    assert world.reply(case_id).state == "published"
    assert "no longer configured" in world.view(case_id).events[-1].summary
