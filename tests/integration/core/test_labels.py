"""What people say of judgements in passing: each decision on a draft, and topics set right."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.assess import TOPICS
from monitor.cases.labels import label, topics_said
from monitor.models import Case, Draft, Label
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, OTTO, World, comment, review

pytestmark = on_sqlite


def said(world: World) -> list[tuple[Any, ...]]:
    return [
        (row.mention_id, row.revision, row.complaint, row.topics, row.origin, row.by)
        for row in world.rows(Label)
    ]


def reject(world: World, case_id: int, reason: str) -> None:
    draft = world.view(case_id).draft
    assert draft is not None
    outcome = world.queue.reject(
        case_id, draft_version=draft.version, reason=reason, note="", actor=MARA
    )
    assert outcome.done


class TestDecisions:
    def test_an_approved_draft_says_that_it_is_a_complaint(self, world: World) -> None:
        world.approve(world.drafted())
        mention = world.mention("m1")
        assert said(world) == [(mention.id, 1, True, None, "draft", "Mara (web)")]
        assert world.row(Label).at == world.clock()

    def test_not_a_complaint_says_so(self, world: World) -> None:
        reject(world, world.drafted(), "not_a_complaint")
        mention = world.mention("m1")
        assert said(world) == [(mention.id, 1, False, None, "case", "Mara (web)")]

    @pytest.mark.parametrize("reason", ["no_answer", "another_draft"])
    def test_other_rejections_say_nothing_of_the_judgement(self, world: World, reason: str) -> None:
        reject(world, world.drafted(), reason)
        assert said(world) == []

    def test_what_was_not_approved_says_nothing(self, world: World) -> None:
        case_id = world.drafted()
        world.queue.approve(case_id, draft_version=1, text_hash="0" * 16, actor=MARA)
        assert said(world) == []

    def test_the_revision_is_the_one_that_was_answered(self, world: World) -> None:
        case_id = world.drafted()
        world.hear(review("m1", "bad in another way"))
        world.do("prepare")
        assert world.approve(case_id).done
        assert [row.revision for row in world.rows(Label)] == [2]

    def test_answering_a_further_word_says_nothing_and_dismissing_it_is_of_that_word(
        self, world: World
    ) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "Which address do you mean?"))
        world.do("prepare")
        assert world.approve(case_id).done
        world.do("publish")
        assert len(said(world)) == 1  # of the first answer
        world.hear(comment("c2", "m1", "Ok then, and do you sell beans?"))
        world.do("prepare")
        reject(world, case_id, "not_a_complaint")
        assert said(world)[1:] == [
            (world.mention("c2").id, 1, False, None, "case", "Mara (web)"),
        ]


class TestTopics:
    def test_corrected_topics_are_shown_from_then_on(self, world: World) -> None:
        case_id = world.drafted(text="bad wait")
        assert world.view(case_id).topics == ("waiting",)
        before = world.view(case_id).revision

        outcome = world.queue.correct_topics(case_id, ["staff", "parking", "staff"], MARA)

        assert outcome.done
        assert outcome.case is not None
        assert outcome.case.topics == ("staff", "parking")
        assert outcome.case.revision > before
        assert outcome.case.events[-1].summary == "said what it is about: staff, parking"
        mention = world.mention("m1")
        assert said(world) == [(mention.id, 1, None, ["staff", "parking"], "topics", "Mara (web)")]

    def test_the_last_word_counts_and_none_is_a_word_too(self, world: World) -> None:
        case_id = world.drafted(text="bad wait")
        world.queue.correct_topics(case_id, ["staff"], MARA)
        assert world.queue.correct_topics(case_id, [], OTTO).done
        assert world.view(case_id).topics == ()

    def test_a_new_text_is_judged_anew(self, world: World) -> None:
        case_id = world.drafted(text="bad wait")
        world.queue.correct_topics(case_id, ["staff"], MARA)
        world.hear(review("m1", "bad wait, and a long one"))
        assert world.view(case_id).topics == ("waiting",)

    def test_drafts_are_made_for_the_corrected_topics(self, world: World) -> None:
        case_id = world.drafted(text="bad wait")
        world.queue.correct_topics(case_id, ["price"], MARA)
        with world.db.read() as session:
            facts = world.desk.facts(session, session.get_one(Case, case_id), 1).drafting
        assert facts.topics == ("price",)

    def test_an_unknown_topic_is_refused_with_the_known_ones(self, world: World) -> None:
        case_id = world.drafted()
        outcome = world.queue.correct_topics(case_id, ["staff", "tea\x00cup"], MARA)
        assert (outcome.done, outcome.code) == (False, "blocked")
        assert "teacup" in outcome.message
        assert "parking" in outcome.message
        assert said(world) == []

    def test_the_known_ones_are_the_shipped_ones_and_the_brands_own(self, world: World) -> None:
        assert world.view(world.drafted()).known_topics == (*TOPICS, "parking")

    def test_of_what_is_deleted_nothing_is_said(self, world: World) -> None:
        case_id = world.drafted()
        world.board.delete("m1")
        world.poll()
        assert world.queue.correct_topics(case_id, ["staff"], MARA).code == "stale"
        assert said(world) == []

    def test_it_changes_no_draft(self, world: World) -> None:
        case_id = world.drafted()
        assert world.queue.correct_topics(case_id, ["staff"], MARA).done
        assert [row.state for row in world.rows(Draft)] == ["proposed"]
        assert world.approve(case_id).done


class TestLabel:
    def test_a_label_says_something_and_where_it_was_said(self, world: World) -> None:
        world.hear(review("m1"))
        mention, now = world.mention("m1"), world.clock()
        with world.write() as session:
            with pytest.raises(ValueError, match="says whether"):
                label(session, mention.id, 1, origin="case", by="Mara", at=now)
            with pytest.raises(ValueError, match="unknown origin"):
                label(session, mention.id, 1, complaint=True, origin="slip", by="Mara", at=now)
        assert said(world) == []

    def test_a_word_on_the_complaint_alone_says_nothing_of_the_topics(self, world: World) -> None:
        world.hear(review("m1"))
        mention = world.mention("m1")
        with world.write() as session:
            label(
                session, mention.id, 1, topics=("staff",), origin="topics", by="M", at=world.clock()
            )
            label(session, mention.id, 1, complaint=True, origin="case", by="M", at=world.clock())
        with world.db.read() as session:
            assert topics_said(session, mention.id, 1) == ("staff",)
            assert topics_said(session, mention.id, 2) is None
