"""What a case and its clocks do when the customer, a person or time acts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.errors import Unavailable
from monitor.assess import make_assessor
from monitor.cases.words import is_closing_word
from monitor.models import Clock, Draft, Pause, Reply
from monitor.reports import sla_report
from monitor.sla import Policy
from tests.support.core_world import HOUR, MARA, World, comment, review

DAY = 24 * HOUR


def reject(world: World, case_id: int, reason: str) -> None:
    view = world.view(case_id)
    assert view.draft is not None
    outcome = world.queue.reject(
        case_id, draft_version=view.draft.version, reason=reason, note="", actor=MARA
    )
    assert outcome.done


class TestBeforeADecision:
    def test_an_edit_makes_the_draft_anew(self, world: World) -> None:
        case_id = world.drafted()

        world.hear(review("m1", "bad and cold"))

        assert world.case(case_id).state == "opened"
        assert [draft.state for draft in world.drafts(case_id)] == ["superseded"]
        world.do("prepare")
        assert [draft.state for draft in world.drafts(case_id)] == ["superseded", "proposed"]
        assert world.drafts(case_id)[-1].mention_revision == 2

    def test_an_edit_while_a_draft_is_made_voids_the_draft(self, world: World) -> None:
        world.hear(review("m1"))
        case_id = world.case_of("m1").id
        (claim,) = world.claim("prepare")
        drafting = world.preparer._drafter.draft

        class Slow:
            name = "slow"

            def draft(self, facts):  # type: ignore[no-untyped-def]
                world.hear(review("m1", "bad, edited meanwhile"))
                return drafting(facts)

        keep, world.preparer._drafter = world.preparer._drafter, Slow()
        world.preparer.handle(claim)
        world.preparer._drafter = keep

        assert world.drafts(case_id) == []
        assert world.case(case_id).state == "opened"
        world.do("prepare")
        assert world.drafts(case_id)[0].mention_revision == 2

    def test_a_further_word_makes_the_draft_anew_and_it_answers_that_word(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.clock.move(minutes=1)
        world.hear(comment("c1", "m1", "bad cake too"))
        world.do("prepare")

        assert world.approve(case_id).done
        assert world.reply(case_id).mention_id == world.mention("c1").id

    def test_a_further_word_that_is_deleted_again_leaves_the_first_to_be_answered(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.hear(comment("c1", "m1", "bad cake too"))
        world.do("prepare")
        before = world.view(case_id)
        assert before.draft is not None
        world.board.delete("c1")
        world.poll()

        stale = world.queue.approve(
            case_id,
            draft_version=before.draft.version,
            text_hash=before.draft.text_hash,
            actor=MARA,
        )
        assert stale.code == "stale"
        world.do("prepare")
        assert world.approve(case_id).done
        assert world.reply(case_id).mention_id == world.mention("m1").id

    def test_a_deletion_closes_the_case_and_its_promises_count_for_nothing(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.board.delete("m1")
        world.poll()

        case = world.case(case_id)
        assert (case.state, case.next_at) == ("closed", None)
        assert case.closed_at == world.clock()
        assert set(world.clock_states(case_id).values()) == {"voided"}
        assert [draft.state for draft in world.drafts(case_id)] == ["superseded"]
        with world.db.read() as session:
            report = sla_report(session, world.clock(), world.clock() - timedelta(days=1))
        first = report.targets[0]
        assert (first.total.received, first.voided) == (0, 1)


class TestApprovedAndNotYetSent:
    def test_an_edit_takes_the_reply_back(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)

        world.hear(review("m1", "bad in another way"))

        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "opened"
        assert "reply_withdrawn" in world.events(case_id)
        assert world.clock_states(case_id)["first_response"] == "running"
        world.work()
        assert world.board.written == []
        assert world.case(case_id).state == "drafted"

    def test_a_further_complaint_takes_the_reply_back(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.hear(comment("c1", "m1", "bad cake too"))
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "opened"

    def test_thanks_do_not_take_the_reply_back(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.hear(comment("c1", "m1", "thanks anyway"))
        assert world.reply(case_id).state == "owed"
        world.work()
        assert world.case(case_id).state == "answered"

    def test_a_deletion_takes_the_reply_back_and_closes(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.board.delete("m1")
        world.poll()
        assert world.reply(case_id).state == "withdrawn"
        assert world.case(case_id).state == "closed"

    def test_a_reply_to_a_word_that_is_deleted_is_taken_back(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "still bad"))
        world.do("prepare")
        world.approve(case_id)
        world.board.delete("c1")
        world.poll()

        assert [reply.state for reply in world.replies(case_id)] == ["published", "withdrawn"]
        assert world.case(case_id).state == "answered"
        assert world.clock_states(case_id)["next_response"] == "voided"
        assert world.clock_states(case_id)["resolution"] == "paused"


class TestWhileTheReplyIsOnItsWay:
    """The platform has the reply, or may have; the customer acts before we know."""

    def test_a_further_question_is_not_lost(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.clock.move(minutes=1)
        world.board.during["reply"] = lambda: world.hear(comment("c1", "m1", "and my refund?"))

        world.do("publish")

        assert world.reply(case_id).state == "published"
        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id)["first_response"] == "stopped"
        assert world.clock_states(case_id)["next_response"] == "running"

    def test_thanks_need_no_further_answer(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.clock.move(minutes=1)
        world.board.during["reply"] = lambda: world.hear(comment("c1", "m1", "thanks anyway"))
        world.do("publish")
        assert world.case(case_id).state == "answered"

    def test_a_new_complaint_by_edit_is_not_lost(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.board.during["reply"] = lambda: world.hear(review("m1", "bad, and rude staff"))
        world.do("publish")
        assert world.case(case_id).state == "opened"

    def test_a_new_complaint_by_edit_of_an_earlier_word_is_not_lost(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "when?"))
        world.do("prepare")
        world.approve(case_id)
        world.board.during["reply"] = lambda: world.hear(review("m1", "bad, and rude staff"))
        world.do("publish")
        assert world.case(case_id).state == "opened"

    def test_a_question_judged_before_the_approval_and_stored_after_it_is_not_lost(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        heard_at = world.clock()
        world.clock.move(seconds=1)
        world.approve(case_id)

        def store_late() -> None:
            now = world.clock()
            world.clock.move(seconds=(heard_at - now).total_seconds())
            world.hear(comment("c1", "m1", "and my refund?"))
            world.clock.move(seconds=(now - heard_at).total_seconds())

        world.board.during["reply"] = store_late
        world.do("publish")
        assert world.case(case_id).state == "opened"

    def test_a_raised_rating_needs_no_further_answer(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.board.during["reply"] = lambda: world.hear(review("m1", "bad then", rating=4.0))
        world.do("publish")
        assert world.case(case_id).state == "answered"

    def test_a_deletion_waits_for_the_outcome_and_then_the_case_ends(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)

        def delete() -> None:
            world.board.delete("m1")
            world.poll()

        world.board.during["reply"] = delete
        world.do("publish")
        assert world.case(case_id).state == "answered"
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"


class TestAnswered:
    def test_the_clocks_stop_and_the_resolution_stands_still(self, world: World) -> None:
        case_id = world.drafted()
        world.clock.move(hours=2)
        world.approve(case_id)
        world.do("publish")

        first = world.clock_of(case_id, "first_response")
        assert (first.state, first.stopped_at) == ("stopped", world.clock())
        assert first.business_seconds == 2 * HOUR
        assert first.breached_at is None
        assert world.clock_states(case_id)["resolution"] == "paused"
        assert world.row(Pause).reason == "waiting for the customer"

    def test_silence_closes_it_and_the_time_of_waiting_is_not_ours(self, world: World) -> None:
        case_id = world.drafted()
        world.clock.move(hours=2)
        world.approve(case_id)
        world.do("publish")

        world.pass_time(days=2, hours=23)
        assert world.case(case_id).state == "answered"
        world.pass_time(hours=2)

        assert world.case(case_id).state == "closed"
        resolution = world.clock_of(case_id, "resolution")
        assert (resolution.state, resolution.business_seconds) == ("stopped", 2 * HOUR)
        assert resolution.breached_at is None

    def test_a_raised_rating_closes_it(self, world: World) -> None:
        case_id = world.answered()
        world.hear(review("m1", "they made it good", rating=5.0))
        assert world.case(case_id).state == "closed"
        assert world.events(case_id)[-2:] == ["rating_raised", "closed"]

    def test_a_raised_rating_that_still_complains_leaves_it_answered(self, world: World) -> None:
        case_id = world.answered()
        world.hear(review("m1", "still bad", rating=2.0))
        assert world.case(case_id).state == "answered"

    def test_a_fresh_complaint_by_edit_reopens_it(self, world: World) -> None:
        case_id = world.answered()
        world.hear(review("m1", "bad, and now rude"))
        case = world.case(case_id)
        assert (case.state, case.closed_at) == ("opened", None)

    def test_a_mere_correction_leaves_it_answered(self, world: World) -> None:
        case_id = world.answered()
        world.hear(review("m1", "the tea was cold", rating=2.0))
        assert world.case(case_id).state == "answered"

    def test_closing_words_close_it(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "thanks, bye"))
        assert world.case(case_id).state == "closed"

    def test_a_question_reopens_it_with_a_clock_for_the_next_response(self, world: World) -> None:
        case_id = world.answered()
        world.clock.move(hours=1)
        world.hear(comment("c1", "m1", "when?"))

        assert world.case(case_id).state == "opened"
        clock = world.clock_of(case_id, "next_response")
        assert (clock.state, clock.started_at) == ("running", world.clock())
        assert clock.due_at == world.clock() + timedelta(hours=4)

    def test_a_resolution_clock_goes_on_with_its_deadline_moved_by_the_pause(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        due = world.clock_of(case_id, "resolution").due_at
        world.clock.move(hours=2)
        world.approve(case_id)
        world.do("publish")
        world.clock.move(hours=5)

        world.hear(comment("c1", "m1", "when?"))

        resolution = world.clock_of(case_id, "resolution")
        assert (resolution.state, resolution.due_at) == ("running", due + timedelta(hours=5))

    def test_the_story_of_a_deadline_ends_with_the_deadline_shown(self, world: World) -> None:
        case_id = world.answered()
        world.clock.move(hours=5)
        world.hear(comment("c1", "m1", "when?"))
        with world.write() as session:
            session.execute(
                update(Clock)
                .where(Clock.target == "next_response")
                .values(state="voided", stopped_at=world.clock(), next_at=None)
            )

        view = world.view(case_id)

        assert view.next_clock is not None
        assert view.next_clock.target == "resolution"
        shown = view.next_clock.due_at.strftime("%Y-%m-%d %H:%M")
        assert shown in view.why_due[-1]
        assert any("waiting for the customer" in line for line in view.why_due)

    def test_a_deletion_closes_it_and_the_answer_still_counts(self, world: World) -> None:
        case_id = world.answered()
        world.board.delete("m1")
        world.poll()
        assert world.case(case_id).state == "closed"
        assert world.clock_states(case_id) == {
            "first_response": "stopped",
            "resolution": "voided",
        }

    def test_a_further_word_that_is_deleted_leaves_it_answered(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "when?"))
        world.board.delete("c1")
        world.poll()
        assert world.case(case_id).state == "answered"
        assert world.clock_states(case_id)["next_response"] == "voided"
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"


class TestEnded:
    def test_a_closed_case_reopens_at_a_question(self, world: World) -> None:
        case_id = world.answered()
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"

        world.hear(comment("c1", "m1", "so when?"))

        case = world.case(case_id)
        assert (case.state, case.closed_at) == ("opened", None)
        states = [(row.target, row.state) for row in world.rows(Clock)]
        assert states == [
            ("first_response", "stopped"),
            ("resolution", "stopped"),
            ("next_response", "running"),
            ("resolution", "running"),
        ]

    def test_thanks_leave_a_closed_case_closed(self, world: World) -> None:
        case_id = world.answered()
        world.pass_time(days=4)
        world.hear(comment("c1", "m1", "thanks"))
        assert world.case(case_id).state == "closed"
        assert "customer_wrote" in world.events(case_id)

    def test_a_case_closed_without_an_answer_reopens_with_its_first_response_owed(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        reject(world, case_id, "no_answer")
        assert set(world.clock_states(case_id).values()) == {"voided"}

        world.hear(comment("c1", "m1", "hello?"))

        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id) == {
            "first_response": "running",
            "resolution": "running",
        }

    def test_a_dismissed_case_reopens_when_it_turns_into_a_complaint(self, world: World) -> None:
        case_id = world.drafted()
        reject(world, case_id, "not_a_complaint")
        assert world.case(case_id).state == "dismissed"
        world.hear(review("m1", "bad indeed"))
        assert world.case(case_id).state == "opened"

    def test_a_deletion_leaves_an_ended_case_ended(self, world: World) -> None:
        case_id = world.drafted()
        reject(world, case_id, "no_answer")
        closed_at = world.case(case_id).closed_at
        world.clock.move(hours=1)
        world.board.delete("m1")
        world.poll()
        assert world.case(case_id).closed_at == closed_at

    def test_a_word_between_the_quiet_and_its_closing_wins(self, world: World) -> None:
        case_id = world.answered()
        world.clock.move(days=3, seconds=1)
        (claim,) = world.claim("prepare")
        world.hear(comment("c1", "m1", "when?"))
        world.preparer.handle(claim)
        assert "closed" not in world.events(case_id)
        assert world.case(case_id).state == "drafted"


class TestClocks:
    def test_a_warning_comes_before_the_deadline_and_a_breach_after_it(self, world: World) -> None:
        case_id = world.drafted()
        start = world.clock()

        world.pass_time(hours=6, minutes=1)
        clock = world.clock_of(case_id, "first_response")
        assert clock.warned_at == start + timedelta(hours=6)
        assert clock.breached_at is None

        world.pass_time(hours=2)
        clock = world.clock_of(case_id, "first_response")
        assert clock.breached_at == clock.due_at == start + timedelta(hours=8)
        assert clock.next_at is None
        assert [kind for kind in world.events(case_id) if kind in ("warned", "breached")] == [
            "warned",
            "breached",
        ]

    def test_a_breach_noticed_late_happened_at_the_deadline(self, world: World) -> None:
        case_id = world.drafted()
        world.clock.move(hours=20)

        world.do("clock")

        clock = world.clock_of(case_id, "first_response")
        assert clock.breached_at == clock.due_at
        assert clock.noticed_at == world.clock()
        assert clock.warned_at is None
        assert "warned" not in world.events(case_id)

    def test_an_answer_at_the_deadline_itself_is_in_time(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.clock.move(hours=8)
        world.do("publish")
        assert world.clock_of(case_id, "first_response").breached_at is None

    def test_an_answer_too_late_is_a_breach_that_no_watcher_needs_to_see(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.clock.move(hours=8, seconds=1)
        world.do("publish")
        clock = world.clock_of(case_id, "first_response")
        assert (clock.breached_at, clock.noticed_at) == (clock.due_at, world.clock())

    def test_a_resumed_clock_warns_and_breaches_by_its_moved_deadline(self, world: World) -> None:
        case_id = world.answered()
        start = world.clock()
        world.pass_time(hours=60)
        assert world.case(case_id).state == "answered"
        world.hear(comment("c1", "m1", "when?"))

        moved = start + timedelta(hours=60 + 72)
        assert world.clock_of(case_id, "resolution").due_at == moved
        world.pass_time(("clock",), hours=72, minutes=1)
        resolution = world.clock_of(case_id, "resolution")
        assert resolution.warned_at == start + timedelta(hours=60 + 54)
        assert resolution.breached_at == moved

    def test_a_paused_clock_neither_warns_nor_breaches(self, world: World) -> None:
        case_id = world.answered()
        world.clock.move(days=2, hours=22)
        world.work(("clock",))
        assert "breached" not in world.events(case_id)

    def test_a_platform_whose_clock_is_ahead_makes_no_breach(self, world: World) -> None:
        world.board.shift = timedelta(hours=9)
        case_id = world.answered()
        clock = world.clock_of(case_id, "first_response")
        assert (clock.stopped_at, clock.breached_at) == (world.clock(), None)

    def test_a_platform_whose_clock_is_behind_does_not_hide_a_breach(self, world: World) -> None:
        world.board.shift = -timedelta(hours=9)
        case_id = world.drafted()
        world.clock.move(hours=9)
        world.approve(case_id)
        world.do("publish")
        assert world.clock_of(case_id, "first_response").breached_at is not None

    def test_a_policy_without_a_target_starts_no_clock_for_it(self, world: World) -> None:
        world.policies = (Policy("one", "always", first_response=HOUR),)
        only_first(world)
        case_id = world.answered()
        assert world.clock_states(case_id) == {"first_response": "stopped"}
        world.hear(comment("c1", "m1", "when?"))
        assert world.clock_states(case_id) == {"first_response": "stopped"}
        assert world.case(case_id).state == "opened"


def only_first(world: World) -> None:
    from monitor.cases.policies import PolicyBook
    from monitor.intake.store import PageStore

    world.store = PageStore(world.db, world.assessor, PolicyBook(world.policies, {}))
    world._wire()


class TestModeration:
    """A platform that takes a reply and shows it later, or never."""

    @pytest.fixture(autouse=True)
    def _moderated(self, world: World) -> None:
        world.board.moderated = True

    def test_the_clock_stops_when_the_platform_takes_the_reply(self, world: World) -> None:
        case_id = world.answered()
        assert world.reply(case_id).state == "accepted"
        assert world.reply(case_id).visible_at is None
        assert world.clock_states(case_id)["first_response"] == "stopped"

    def test_it_is_published_when_it_is_seen(self, world: World) -> None:
        case_id = world.answered()
        submitted = world.reply(case_id).submitted_at
        world.board.written[0].visible = True
        world.pass_time(minutes=5)
        reply = world.reply(case_id)
        assert (reply.state, reply.submitted_at) == ("published", submitted)
        assert reply.visible_at is not None
        assert world.events(case_id).count("accepted") == 1

    def test_waiting_to_be_seen_fills_no_trail_and_asks_ever_less_often(self, world: World) -> None:
        case_id = world.answered()
        before, revision = world.events(case_id), world.case(case_id).revision
        world.pass_time(("publish",), days=2)
        assert world.events(case_id) == before
        assert world.case(case_id).revision == revision
        assert world.board.count("find_reply") < 30

    def test_being_seen_late_does_not_stop_the_clock_of_the_next_response(
        self, world: World
    ) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "when?"))
        assert world.clock_states(case_id)["next_response"] == "running"
        world.board.written[0].visible = True

        world.pass_time(("publish",), minutes=5)

        assert [reply.state for reply in world.replies(case_id)] == ["published"]
        assert world.clock_states(case_id)["next_response"] == "running"
        assert world.clock_states(case_id)["resolution"] == "running"

    def test_a_reply_refused_after_all_leaves_the_customer_unanswered(self, world: World) -> None:
        case_id = world.answered()
        due = world.clock_of(case_id, "first_response").due_at
        world.board.written[0].turned_down = "it names a person"
        world.clock.move(minutes=2)

        world.do("publish")

        assert world.reply(case_id).state == "refused"
        assert world.case(case_id).state == "opened"
        clock = world.clock_of(case_id, "first_response")
        assert (clock.state, clock.due_at, clock.stopped_at) == ("running", due, None)
        assert world.clock_states(case_id)["resolution"] == "running"
        assert world.row(Reply).draft_id == world.row(Draft).id
        world.do("prepare")
        assert world.case(case_id).state == "drafted"

    def test_a_reply_refused_after_the_customer_wrote_again_changes_no_clock(
        self, world: World
    ) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "when?"))
        world.board.written[0].turned_down = "no"
        world.clock.move(minutes=2)
        world.do("publish")
        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id)["next_response"] == "running"

    def test_a_platform_that_never_tells_is_asked_no_more(self, world: World) -> None:
        world.board.can_find = False
        case_id = world.answered()
        world.clock.move(minutes=2)
        world.do("publish")
        assert world.reply(case_id).next_at is None

    def test_a_failed_look_changes_nothing(self, world: World) -> None:
        case_id = world.answered()
        world.board.fail("find_reply", Unavailable("later"))
        world.clock.move(minutes=2)
        world.do("publish")
        assert world.reply(case_id).state == "accepted"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("thanks, bye", True),
        ("Danke, das hat geklappt.", True),
        ("Merci beaucoup !", True),
        ("👍", True),
        ("", True),
        ("and when?", False),
        ("それで？", False),
        ("bad, still bad", False),
        ("x" * 121, False),
        ("Bitte rufen Sie mich an.", False),
        ("Can you tell me when it will be fixed", False),
        ("You can reach me at +44 20 7946 0018.", False),
        ("Great, write to dana@shop.example", False),
        ("Yes, Saturday evening, table by the window.", False),
        ("Yes!", False),
        ("No.", False),
    ],
)
def test_closing_words_are_those_that_ask_and_tell_nothing(text: str, ends: bool) -> None:
    judged = make_assessor().assess(text)
    assert is_closing_word(text, intent=judged.intent) is ends


def test_words_whose_intent_nobody_knows_are_seen_by_a_person() -> None:
    assert not is_closing_word("thanks", intent="")
