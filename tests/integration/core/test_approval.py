"""Taking an approved reply back, and replies that one person's word is not enough for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor import due
from monitor.models import Event, Reply
from monitor.sla import Conditions
from responders.approval import Approval, Rule
from responders.criteria import Criteria
from responders.people import People, Person
from responders.views import Actor
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, OTTO, World, comment, review

pytestmark = on_sqlite

PEOPLE = People([Person("Mara", "U0MARA", manager=True), Person("Otto"), Person("Ida")])
IDA = Actor("web", "ida", "Ida")
MARA_IN_SLACK = Actor("slack", "U0MARA", "Mara")
STRANGER = Actor("terminal", "root", "root")
SOON = Approval(undo_within=timedelta(seconds=10))
ALL = Criteria(Conditions(rating_at_most=2))


class TestTakingBack:
    def test_a_reply_waits_so_long_and_then_leaves(self, world: World) -> None:
        world.ask_for(SOON)
        case_id = world.drafted()
        outcome = world.approve(case_id)
        assert "10 seconds" in outcome.message
        assert world.do("publish") == 0
        world.clock.move(seconds=10)
        assert world.do("publish") == 1
        assert world.case(case_id).state == "answered"

    def test_a_reply_is_taken_back_and_its_text_is_on_the_table(self, world: World) -> None:
        world.ask_for(SOON)
        case_id = world.drafted()
        text = world.approve(case_id).case.draft.text  # type: ignore[union-attr]
        reply = world.view(case_id).reply
        assert reply is not None
        assert reply.may_be_taken_back

        outcome = world.queue.take_back(case_id, actor=OTTO)

        assert outcome.done
        view = world.view(case_id)
        assert (view.state, view.draft.version, view.draft.text) == ("drafted", 2, text)  # type: ignore[union-attr]
        world.pass_time(minutes=5)
        assert world.board.count("reply") == 0
        assert world.row(Event, Event.kind == "taken_back").actor == "Otto (terminal)"
        assert world.approve(case_id).done
        world.pass_time(seconds=10)
        assert world.case(case_id).state == "answered"

    def test_whoever_comes_too_late_is_told(self, world: World) -> None:
        case_id = world.answered()
        outcome = world.queue.take_back(case_id, actor=OTTO)
        assert (outcome.done, outcome.code) == (False, "taken")
        assert "approved by Mara" in outcome.message

    def test_a_worker_that_has_begun_does_not_send_what_is_taken_back(self, world: World) -> None:
        case_id = world.drafted()
        assert world.approve(case_id).done
        (claim,) = world.claim("publish")
        assert world.queue.take_back(case_id, actor=OTTO).done
        with pytest.raises(due.ClaimLost):
            world.deliverer.handle(claim)
        assert world.board.count("reply") == 0
        assert world.case(case_id).state == "drafted"

    def test_what_may_have_left_is_not_taken_back(self, world: World) -> None:
        case_id = world.drafted()
        assert world.approve(case_id).done
        world.board.lose_answers()
        world.do("publish")
        assert world.reply(case_id).state == "unknown"
        assert not world.queue.take_back(case_id, actor=OTTO).done


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def rules(self, world: World) -> None:
        world.ask_for(Approval([Rule("two_people", ALL, "it is about health")], PEOPLE))

    def test_two_must_approve_the_same_text(self, world: World) -> None:
        case_id = world.drafted()
        first = world.approve(case_id, MARA)
        assert first.done
        assert "a second person" in first.message
        assert world.rows(Reply) == []
        needed = world.view(case_id).approval
        assert needed is not None
        assert (needed.given_by, needed.because) == ("Mara (web)", "it is about health")

        second = world.approve(case_id, OTTO)

        assert second.done
        world.do("publish")
        assert world.case(case_id).state == "answered"
        assert world.reply(case_id).approved_by == "Otto (terminal)"

    def test_one_person_is_one_at_every_face(self, world: World) -> None:
        case_id = world.drafted()
        assert world.approve(case_id, MARA).done
        again = world.approve(case_id, MARA_IN_SLACK)
        assert (again.code, "you have approved it" in again.message) == ("refused", True)
        assert world.rows(Reply) == []

    def test_who_is_named_nowhere_counts_for_nothing(self, world: World) -> None:
        case_id = world.drafted()
        assert world.approve(case_id, STRANGER).code == "refused"
        assert world.approve(case_id, MARA).done
        assert world.approve(case_id, STRANGER).code == "refused"
        assert world.rows(Reply) == []

    def test_an_edit_begins_anew(self, world: World) -> None:
        case_id = world.drafted()
        assert world.approve(case_id, MARA).done
        draft = world.view(case_id).draft
        assert draft is not None
        text = "We are sorry, Dana. Please write to hello@harbour.example."
        assert world.queue.edit(
            case_id,
            base_version=draft.version,
            base_hash=draft.text_hash,
            text=text,
            actor=OTTO,
        ).done
        assert world.approve(case_id, OTTO).done
        assert world.rows(Reply) == []
        assert world.approve(case_id, IDA).done
        assert world.reply(case_id).text == text

    def test_other_cases_need_one_word_only(self, world: World) -> None:
        case_id = world.drafted("m2", text="bad", rating=3.0)
        assert world.view(case_id).approval is None
        assert world.approve(case_id, STRANGER).done
        assert len(world.rows(Reply)) == 1


class TestManagers:
    def test_a_manager_approves_and_nobody_else(self, world: World) -> None:
        world.ask_for(Approval([Rule("manager", ALL)], PEOPLE))
        case_id = world.drafted()
        refused = world.approve(case_id, OTTO)
        assert (refused.code, "only a manager may approve this: Mara" in refused.message) == (
            "refused",
            True,
        )
        assert world.approve(case_id, MARA_IN_SLACK).done
        assert len(world.rows(Reply)) == 1

    def test_of_two_one_is_a_manager(self, world: World) -> None:
        rules = [Rule("two_people", ALL), Rule("manager", ALL)]
        world.ask_for(Approval(rules, PEOPLE))
        case_id = world.drafted()
        assert world.approve(case_id, OTTO).done
        assert world.approve(case_id, IDA).code == "refused"
        assert world.approve(case_id, MARA).done
        assert len(world.rows(Reply)) == 1

    def test_conditions_speak_of_topics_and_alarms(self, world: World) -> None:
        rules = [
            Rule("manager", Criteria(topics=frozenset({"waiting"}))),
            Rule("manager", Criteria(alarms=frozenset({"legal"}))),
        ]
        world.ask_for(Approval(rules, PEOPLE))
        waited = world.drafted("m1", text="bad wait")
        other = world.drafted("m2", text="bad tea")
        assert world.approve(waited, OTTO).code == "refused"
        assert world.approve(other, OTTO).done


class TestGraveCases:
    """What a rule protects is not talked away: neither by a later word, nor by one person."""

    def test_a_later_word_without_a_rating_lowers_nothing(self, world: World) -> None:
        world.ask_for(Approval([Rule("two_people", ALL)], PEOPLE))
        case_id = world.drafted()
        world.hear(review("m1"), comment("c1", "m1", "hello?"))
        world.do("prepare")
        assert world.approve(case_id, OTTO).done
        assert world.rows(Reply) == []

    def test_who_corrects_the_topics_still_needs_a_second_person(self, world: World) -> None:
        rule = Rule("two_people", Criteria(topics=frozenset({"waiting"})))
        world.ask_for(Approval([rule], PEOPLE))
        case_id = world.drafted(text="bad wait")
        assert world.queue.correct_topics(case_id, [], OTTO).done
        assert world.approve(case_id, OTTO).done
        assert world.rows(Reply) == []


class TestEditing:
    def test_others_do_not_publish_a_text_that_somebody_edits(self, world: World) -> None:
        case_id = world.drafted()
        assert world.queue.begin_edit(case_id, actor=OTTO).done
        held = world.view(case_id).editing
        assert held is not None
        assert (held.by, held.until) == ("Otto", world.clock() + timedelta(minutes=10))
        refused = world.approve(case_id, MARA)
        assert (refused.code, "Otto is editing" in refused.message) == ("taken", True)
        world.queue.begin_edit(case_id, actor=MARA)  # who comes second takes nothing away
        assert world.view(case_id).editing == held
        world.queue.end_edit(case_id, actor=MARA)
        assert world.view(case_id).editing == held
        assert world.approve(case_id, OTTO).done  # whoever edits may publish what stands there
        assert world.view(case_id).editing is None

    def test_it_ends_by_saving_closing_taking_over_and_time(self, world: World) -> None:
        case_id = world.drafted()

        def edited() -> bool:
            world.queue.begin_edit(case_id, actor=OTTO)
            return world.view(case_id).editing is not None

        assert edited()
        world.queue.end_edit(case_id, actor=OTTO)
        assert world.view(case_id).editing is None
        assert edited()
        draft = world.view(case_id).draft
        assert draft is not None
        text = "We are sorry, Dana. Please write to hello@harbour.example."
        assert world.queue.edit(
            case_id, base_version=1, base_hash=draft.text_hash, text=text, actor=OTTO
        ).done
        assert world.view(case_id).editing is None
        assert edited()
        assert world.queue.assign(case_id, to="Mara", actor=MARA).done
        assert world.view(case_id).editing is None
        assert edited()
        assert world.queue.assign(case_id, to="Mara", actor=MARA).done  # it is hers already
        assert world.view(case_id).editing is None
        assert edited()
        world.clock.move(minutes=10)
        assert world.view(case_id).editing is None
        assert world.approve(case_id, MARA).done
