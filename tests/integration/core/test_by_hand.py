"""Replies that a person posts: why, whether they are seen there, and when they could not be posted.

And replies that a platform took and does not show: asked after, then told to a person.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import ConnectorKind
from connectors.errors import Gone, Rejected, Unavailable
from monitor.cases.elsewhere import hear_answer
from monitor.models import Alert, Mention
from responders.ledger import FOLLOW_FOR
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.scripted_platform import Written, kind_of

pytestmark = on_sqlite

WEEK = FOLLOW_FOR


def stand(world: World, text: str) -> None:
    """Have a reply stand under the first mention, as a person posts it."""
    world.board.written.append(Written("r9", "m1", text, "", world.clock()))


def alerts(world: World) -> list[tuple[str, bool]]:
    return [(row.key, row.resolved_at is None) for row in world.rows(Alert)]


class TestPostedByHand:
    @pytest.fixture
    def case_id(self, world: World) -> int:
        world.board.mode = "manual"
        case_id = world.drafted()
        world.approve(case_id)
        return case_id

    def test_the_reason_and_the_page_are_told(self, world: World, case_id: int) -> None:
        view = world.view(case_id)
        assert view.reply is not None
        assert view.reply.by_hand
        assert view.reply.why_by_hand == "no program can publish on Scripted board"
        assert world.events(case_id)[-2:] == ["approved", "handed_over"]

    def test_the_clock_of_the_customer_runs_until_it_is_seen(
        self, world: World, case_id: int
    ) -> None:
        world.clock.move(hours=1)
        posted = world.clock()
        outcome = world.queue.mark_posted(case_id, actor=OTTO)
        assert "looks when it becomes visible" in outcome.message
        world.pass_time(minutes=30)
        view = world.view(case_id)
        assert view.reply is not None
        assert view.reply.is_unseen
        assert view.reply.looks_on
        assert world.clock_of(case_id, "first_response").stopped_at == posted

        stand(world, world.reply(case_id).text)
        world.pass_time(hours=1)
        reply = world.reply(case_id)
        assert (reply.state, reply.submitted_at) == ("published", posted)
        assert reply.visible_at is not None
        assert reply.visible_at > posted
        assert world.events(case_id)[-1] == "seen"

    def test_where_the_platform_does_not_tell_it_says_so(self, world: World, case_id: int) -> None:
        world.board.can_find = False
        outcome = world.queue.mark_posted(case_id, actor=OTTO)
        assert "does not tell Rapport whether it is visible" in outcome.message
        view = world.view(case_id)
        assert view.reply is not None
        assert (view.reply.state, view.reply.is_unseen) == ("published", True)
        assert not view.reply.looks_on

    @pytest.mark.parametrize("can_find", [True, False])
    def test_the_listing_may_show_it_in_other_words(
        self, world: World, case_id: int, can_find: bool
    ) -> None:
        world.board.can_find = can_find
        world.queue.mark_posted(case_id, actor=OTTO)
        world.clock.move(minutes=5)
        with world.write() as session:
            mention = session.get_one(Mention, world.mention("m1").id)
            mention.our_reply = "Dear Dana, as posted with a word more."
            hear_answer(session, mention, "", world.clock())
        reply = world.reply(case_id)
        assert (reply.state, reply.visible_at) == ("published", world.clock())
        assert world.view(case_id).obstacle is None

    def test_nobody_can_tell_any_more(self, world: World, case_id: int) -> None:
        world.queue.mark_posted(case_id, actor=OTTO)
        world.board.can_find = False
        world.pass_time(minutes=5)
        assert world.events(case_id)[-1] == "not_told"
        assert world.reply(case_id).next_at is None

    def test_one_that_could_not_be_posted_is_on_the_table_again(
        self, world: World, case_id: int
    ) -> None:
        text = world.reply(case_id).text
        assert world.queue.could_not_post(case_id, actor=OTTO, reason="  ").code == "blocked"
        outcome = world.queue.could_not_post(case_id, actor=OTTO, reason="the page is down")
        assert outcome.done
        view = world.view(case_id)
        assert view.draft is not None
        assert (view.state, view.draft.version, view.draft.text) == ("drafted", 2, text)
        assert view.events[-1].summary == "could not post the reply: the page is down"
        assert world.clock_states(case_id)["first_response"] == "running"
        assert world.approve(case_id).done
        assert world.queue.mark_posted(case_id, actor=MARA).done

    def test_one_that_was_posted_cannot_be_called_not_posted(
        self, world: World, case_id: int
    ) -> None:
        world.queue.mark_posted(case_id, actor=OTTO)
        stand(world, world.reply(case_id).text)
        world.pass_time(minutes=5)
        outcome = world.queue.could_not_post(case_id, actor=MARA, reason="no")
        assert outcome.code == "taken"
        assert "posted_by_hand by Otto" in outcome.message

    def test_a_connectors_own_word_and_page_are_shown(self, world: World) -> None:
        plain = kind_of(world.board)
        world.board.mode = "manual"
        kind = ConnectorKind(
            name=plain.name,
            title="Guide",
            category=plain.category,
            summary=plain.summary,
            settings=plain.settings,
            capabilities=plain.capabilities,
            capabilities_of=plain.capabilities_of,
            build=plain.build,
            advice={"NotSupported": "Ask Guide for partner access."},
            answer_page=lambda _settings, ref: f"https://biz.guide.example/{ref.external_id}",
        )
        world._platforms["board"].kind = kind
        view = world.view(world.drafted("m7"))
        assert view.why_by_hand.endswith("as this source is set up. Ask Guide for partner access")
        assert view.answer_page == "https://biz.guide.example/m7"

    def test_what_may_stand_there_can_be_called_not_there(self, world: World) -> None:
        world.board.mode, world.board.can_find = "append", False
        case_id = world.drafted("m5")
        world.approve(case_id)
        world.board.lose_answers()
        world.do("publish")
        world.board.written.clear()
        world.pass_time(minutes=2)
        assert world.view(case_id).reply.is_unclear  # type: ignore[union-attr]
        assert world.queue.could_not_post(case_id, actor=OTTO, reason="it is not there").done
        assert world.approve(case_id).done
        world.pass_time(minutes=2)
        assert len(world.board.standing("m5")) == 1

    def test_an_edit_meanwhile_makes_another_draft(self, world: World) -> None:
        world.board.mode, world.board.can_find = "append", False
        case_id = world.drafted("m5")
        world.approve(case_id)
        world.board.lose_answers()
        world.do("publish")
        world.pass_time(minutes=2)
        world.hear(review("m5", "bad in another way"))
        assert world.case(case_id).state == "approved"
        assert world.queue.could_not_post(case_id, actor=OTTO, reason="it is not there").done
        assert world.case(case_id).state == "opened"
        world.work()
        assert world.drafts(case_id)[-1].mention_revision == 2


class TestRefusedByThePlatform:
    def test_a_person_may_post_it_by_hand_and_sees_why(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        world.board.fail("reply", Rejected("replies to this thread are restricted"))
        world.work()
        view = world.view(case_id)
        assert view.refused_because == "replies to this thread are restricted"
        assert world.approve(case_id, by_hand=True).done
        reply = world.view(case_id).reply
        assert reply is not None
        assert (reply.state, reply.why_by_hand) == (
            "handed_over",
            "the platform refused the last reply: replies to this thread are restricted",
        )
        world.work()
        assert world.board.count("reply") == 1


class TestTakenAndNotShown:
    @pytest.fixture
    def case_id(self, world: World) -> int:
        world.board.moderated = True
        return world.answered()

    def test_turned_down_later_it_is_as_if_nothing_had_been_said(
        self, world: World, case_id: int
    ) -> None:
        due_at = world.clock_of(case_id, "first_response").due_at
        world.pass_time(("publish",), hours=2)
        world.board.written[0].turned_down = "against the guidelines"
        world.pass_time(hours=7)
        assert world.reply(case_id).state == "refused"
        view = world.view(case_id)
        assert view.state == "drafted"
        assert view.refused_because == "against the guidelines"
        clock = world.clock_of(case_id, "first_response")
        assert (clock.state, clock.due_at, clock.stopped_at) == ("running", due_at, None)
        assert clock.breached_at == due_at

    def test_turned_down_after_the_case_was_closed_it_is_open_again(
        self, world: World, case_id: int
    ) -> None:
        world.pass_time(days=4)
        assert world.case(case_id).state == "closed"
        world.board.written[0].turned_down = "against the guidelines"
        world.pass_time(days=1)
        assert world.case(case_id).state == "drafted"
        assert set(world.clock_states(case_id).values()) == {"running"}

    @pytest.mark.parametrize("look", ["waits", "fails"])
    def test_after_a_week_a_person_is_asked_to_look(
        self, world: World, case_id: int, look: str
    ) -> None:
        if look == "fails":
            world.board.break_down("find_reply", Unavailable("down"))
        world.pass_time(("publish",), days=WEEK.days + 1)
        assert world.events(case_id).count("not_seen") == 1
        assert alerts(world) == [(f"unseen:C-{case_id}", True)]
        assert "after 7 days" in world.row(Alert).message
        view = world.view(case_id)
        assert view.reply is not None
        assert (view.reply.state, view.reply.looks_on) == ("accepted", False)
        asked = world.board.count("find_reply")
        world.pass_time(("publish",), days=30)
        assert world.board.count("find_reply") == asked

    def test_a_person_may_see_it(self, world: World, case_id: int) -> None:
        world.pass_time(("publish",), days=8)
        assert world.queue.mark_seen(case_id, actor=MARA).done
        reply = world.reply(case_id)
        assert (reply.state, reply.visible_at) == ("published", world.clock())
        assert alerts(world) == [(f"unseen:C-{case_id}", False)]
        assert world.queue.mark_seen(case_id, actor=OTTO).code == "taken"

    def test_a_person_may_find_it_missing(self, world: World, case_id: int) -> None:
        world.pass_time(("publish",), days=8)
        outcome = world.queue.could_not_post(case_id, actor=MARA, reason="it is not there")
        assert outcome.done
        assert alerts(world) == [(f"unseen:C-{case_id}", False)]
        world.do("prepare")
        assert world.case(case_id).state == "drafted"
        assert world.clock_states(case_id)["first_response"] == "running"

    def test_a_mention_that_is_gone_ends_the_asking(self, world: World, case_id: int) -> None:
        world.board.delete("m1", listed=False)
        world.board.fail("find_reply", Gone("404"))
        world.pass_time(("publish",), minutes=5)
        assert world.mention("m1").state == "deleted"
        assert world.case(case_id).state == "closed"
        assert world.reply(case_id).next_at is None

    def test_a_reply_called_gone_under_a_mention_that_stands_is_asked_after(
        self, world: World, case_id: int
    ) -> None:
        world.board.fail("find_reply", Gone("404"))
        world.pass_time(("publish",), minutes=2)
        world.board.written[0].visible = True
        world.pass_time(("publish",), minutes=5)
        assert world.reply(case_id).state == "published"

    def test_turned_down_after_another_answer_was_given_the_case_stays_answered(
        self, world: World, case_id: int
    ) -> None:
        world.hear(comment("c1", "m1", "still bad"))
        world.board.moderated = False
        world.do("prepare")
        world.approve(case_id)
        world.do("publish")
        assert world.case(case_id).state == "answered"
        world.board.written[0].turned_down = "against the guidelines"
        world.pass_time(("publish",), hours=3)
        assert [reply.state for reply in world.replies(case_id)] == ["refused", "published"]
        assert world.case(case_id).state == "answered"

    def test_seen_by_a_person_while_a_worker_looks_it_is_told_once(
        self, world: World, case_id: int
    ) -> None:
        world.board.written[0].visible = True
        world.board.during["find_reply"] = lambda: world.queue.mark_seen(case_id, actor=MARA)
        world.pass_time(("publish",), minutes=2)
        assert world.reply(case_id).state == "published"
        assert world.reply(case_id).next_at is None
        kinds = world.events(case_id)
        assert kinds.count("seen_by") == 1
        assert kinds.count("published") == 1

    def test_the_intervals_grow(self, world: World, case_id: int) -> None:
        gaps = []
        for _ in range(6):
            due = world.reply(case_id).next_at
            assert due is not None
            gaps.append(due - world.clock())
            world.clock.move(seconds=gaps[-1].total_seconds())
            world.do("publish")
        assert gaps == sorted(gaps)
        assert gaps[0] == timedelta(minutes=1)
        assert gaps[-1] > timedelta(minutes=10)
