"""What a person may do with a case, from whichever face, and what the second one is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.models import Case, Clock, Draft, Event, Reply
from responders.deciding import EDIT_MAX, REJECT_REASONS
from responders.preparing import text_hash
from responders.views import Actor, DraftView, Outcome
from tests.support.core_world import MARA, OTTO, World, comment, review

GOOD = "We are sorry about the cold tea, Dana. Please write to us at hello@harbour.example."


def shown(world: World, case_id: int) -> DraftView:
    draft = world.view(case_id).draft
    assert draft is not None
    return draft


def edit(world: World, case_id: int, text: str, actor: Actor = MARA) -> Outcome:
    draft = shown(world, case_id)
    return world.queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=text, actor=actor
    )


def reject(world: World, case_id: int, reason: str, note: str = "", version: int = 1) -> Outcome:
    return world.queue.reject(case_id, draft_version=version, reason=reason, note=note, actor=MARA)


class TestApprove:
    def test_it_owes_exactly_the_shown_text_in_the_persons_name(self, world: World) -> None:
        case_id = world.drafted()
        draft = shown(world, case_id)

        outcome = world.approve(case_id)

        assert outcome.done
        assert outcome.case is not None
        assert outcome.case.state == "approved"
        reply = world.reply(case_id)
        assert (reply.state, reply.text, reply.approved_by) == ("owed", draft.text, "Mara (web)")
        assert reply.next_at == world.clock()
        assert world.case(case_id).assignee == "Mara"
        assert world.row(Event, Event.kind == "approved").detail == {"version": 1}

    def test_an_older_version_is_not_approved(self, world: World) -> None:
        case_id = world.drafted()
        old = shown(world, case_id)
        assert edit(world, case_id, GOOD).done

        outcome = world.queue.approve(
            case_id, draft_version=old.version, text_hash=old.text_hash, actor=OTTO
        )

        assert (outcome.done, outcome.code) == (False, "stale")
        assert "version 2 by Mara" in outcome.message
        assert world.rows(Reply) == []

    def test_a_text_that_was_not_shown_is_not_approved(self, world: World) -> None:
        case_id = world.drafted()
        outcome = world.queue.approve(case_id, draft_version=1, text_hash="0" * 16, actor=MARA)
        assert outcome.code == "stale"
        assert world.rows(Reply) == []

    def test_a_draft_to_a_text_that_was_edited_since_is_not_approved(self, world: World) -> None:
        case_id = world.drafted()
        old = shown(world, case_id)
        world.hear(review("m1", "bad in another way"))
        outcome = world.queue.approve(
            case_id, draft_version=old.version, text_hash=old.text_hash, actor=MARA
        )
        assert outcome.code == "stale"
        assert "waits for a new draft" in outcome.message

    def test_what_a_reply_rule_forbids_is_not_approved(self, world: World) -> None:
        case_id = world.drafted()
        assert edit(world, case_id, "Dear [NAME], we are sorry. Call {contact}.").done
        draft = shown(world, case_id)
        assert draft.is_blocked

        outcome = world.approve(case_id)

        assert outcome.code == "blocked"
        assert world.rows(Reply) == []
        assert world.case(case_id).state == "drafted"

    def test_what_is_too_long_for_the_platform_is_not_approved(self, world: World) -> None:
        case_id = world.drafted()
        world.board.max_length = 20
        assert world.approve(case_id).code == "blocked"

    def test_a_case_that_is_not_there_is_missing(self, world: World) -> None:
        outcome = world.queue.approve(999, draft_version=1, text_hash="x", actor=MARA)
        assert (outcome.code, outcome.case) == ("missing", None)
        assert world.queue.view(999) is None
        assert world.queue.mark_posted(2**62, actor=MARA).code == "missing"

    def test_the_second_is_told_who_was_first(self, world: World) -> None:
        case_id = world.drafted()
        draft = shown(world, case_id)
        world.approve(case_id, MARA)

        outcome = world.queue.approve(
            case_id, draft_version=draft.version, text_hash=draft.text_hash, actor=OTTO
        )

        assert outcome.code == "taken"
        assert "approved by Mara (web)" in outcome.message

    def test_a_deleted_mention_cannot_be_answered(self, world: World) -> None:
        case_id = world.drafted()
        draft = shown(world, case_id)
        world.board.delete("m1")
        world.poll()
        outcome = world.queue.approve(
            case_id, draft_version=draft.version, text_hash=draft.text_hash, actor=MARA
        )
        assert outcome.code == "taken"
        assert "deleted" in outcome.message

    def test_where_we_cannot_publish_the_text_is_handed_over(self, world: World) -> None:
        world.board.mode = "manual"
        case_id = world.drafted()
        outcome = world.approve(case_id)
        assert "by hand" in outcome.message
        reply = world.reply(case_id)
        assert (reply.state, reply.next_at) == ("handed_over", None)
        view = world.view(case_id)
        assert not view.can_publish
        assert "by hand" in view.publish_label

    def test_a_source_taken_out_of_the_configuration_is_answered_by_hand(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.forget_platform("board")
        assert world.approve(case_id).done
        assert world.reply(case_id).state == "handed_over"


class TestMarkPosted:
    @pytest.fixture
    def case_id(self, world: World) -> int:
        world.board.mode = "manual"
        case_id = world.drafted()
        world.approve(case_id)
        return case_id

    def test_it_answers_the_case_and_stops_the_clock(self, world: World, case_id: int) -> None:
        world.clock.move(hours=1)
        outcome = world.queue.mark_posted(case_id, actor=OTTO, url=" https://board.example/r/1 ")
        assert outcome.done
        reply = world.reply(case_id)
        assert (reply.state, reply.url) == ("accepted", "https://board.example/r/1")
        assert (reply.submitted_at, reply.visible_at) == (world.clock(), None)
        assert world.case(case_id).state == "answered"
        assert world.clock_of(case_id, "first_response").stopped_at == world.clock()
        assert world.events(case_id)[-1] == "posted_by_hand"

    def test_twice_is_told_once(self, world: World, case_id: int) -> None:
        world.queue.mark_posted(case_id, actor=OTTO)
        outcome = world.queue.mark_posted(case_id, actor=MARA)
        assert outcome.code == "taken"
        assert "posted_by_hand by Otto" in outcome.message

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "board.example/1", "\0"])
    def test_what_is_no_link_is_not_kept(self, world: World, case_id: int, url: str) -> None:
        outcome = world.queue.mark_posted(case_id, actor=OTTO, url=url)
        assert world.reply(case_id).url == ""
        assert outcome.done is (url == "\0")

    def test_a_question_that_came_before_it_reopens_the_case(
        self, world: World, case_id: int
    ) -> None:
        world.clock.move(minutes=5)
        world.hear(comment("c1", "m1", "hello?"))
        assert world.reply(case_id).state == "handed_over"
        assert world.queue.mark_posted(case_id, actor=OTTO).done
        assert world.case(case_id).state == "opened"

    def test_what_is_published_by_itself_cannot_be_marked(self, world: World) -> None:
        world.board.mode = "append"
        case_id = world.drafted("m2")
        world.approve(case_id)
        assert world.queue.mark_posted(case_id, actor=MARA).code == "taken"
        assert world.reply(case_id).state == "owed"


class TestEdit:
    def test_it_makes_a_version_that_awaits_approval(self, world: World) -> None:
        case_id = world.drafted()
        outcome = edit(world, case_id, f"  {GOOD}\r\n\r\nMara\r")
        assert outcome.done
        old, new = world.drafts(case_id)
        assert (old.state, new.state, new.version) == ("superseded", "proposed", 2)
        assert new.text == f"{GOOD}\n\nMara"
        assert new.text_hash == text_hash(new.text)
        assert new.made_by == "Mara"
        assert world.rows(Reply) == []
        assert world.case(case_id).state == "drafted"

    @pytest.mark.parametrize("text", ["", "  \n\t ", "\0"])
    def test_an_empty_text_is_no_draft(self, world: World, text: str) -> None:
        case_id = world.drafted()
        assert edit(world, case_id, text).code == "blocked"
        assert len(world.drafts(case_id)) == 1

    def test_a_text_without_end_is_no_draft(self, world: World) -> None:
        case_id = world.drafted()
        assert edit(world, case_id, "x" * (EDIT_MAX + 1)).code == "blocked"

    def test_lone_surrogates_and_nul_are_taken_out(self, world: World) -> None:
        case_id = world.drafted()
        assert edit(world, case_id, "Sorry\0 \ud800!").done
        assert world.drafts(case_id)[-1].text == "Sorry \ufffd!"

    def test_an_unchanged_text_makes_no_version(self, world: World) -> None:
        case_id = world.drafted()
        outcome = edit(world, case_id, shown(world, case_id).text)
        assert outcome.done
        assert len(world.drafts(case_id)) == 1

    def test_an_edit_of_an_older_version_does_not_overwrite_the_newer(self, world: World) -> None:
        case_id = world.drafted()
        old = shown(world, case_id)
        edit(world, case_id, GOOD, OTTO)
        outcome = world.queue.edit(
            case_id, base_version=old.version, base_hash=old.text_hash, text="Mine", actor=MARA
        )
        assert outcome.code == "stale"
        assert shown(world, case_id).text == GOOD

    def test_what_is_decided_cannot_be_edited(self, world: World) -> None:
        case_id = world.drafted()
        old = shown(world, case_id)
        world.approve(case_id)
        outcome = world.queue.edit(
            case_id, base_version=old.version, base_hash=old.text_hash, text=GOOD, actor=OTTO
        )
        assert outcome.code == "taken"


class TestReject:
    def test_another_draft_is_made_in_other_words(self, world: World) -> None:
        case_id = world.drafted()
        assert reject(world, case_id, "another_draft", "too stiff").done
        assert world.case(case_id).state == "opened"
        world.do("prepare")
        first, second = world.drafts(case_id)
        assert (first.state, second.state, second.version) == ("rejected", "proposed", 2)
        assert first.text != second.text
        event = world.row(Event, Event.kind == "rejected")
        assert (event.actor, event.detail["note"]) == ("Mara (web)", "too stiff")
        assert world.clock_states(case_id)["first_response"] == "running"

    @pytest.mark.parametrize(
        ("reason", "state"), [("no_answer", "closed"), ("not_a_complaint", "dismissed")]
    )
    def test_no_answer_ends_the_case(self, world: World, reason: str, state: str) -> None:
        case_id = world.drafted()
        assert reject(world, case_id, reason).done
        case = world.case(case_id)
        assert (case.state, case.closed_at) == (state, world.clock())
        assert {row.state for row in world.rows(Clock)} == {"voided"}
        assert world.drafts(case_id)[0].state == "rejected"

    def test_every_reason_has_words_in_the_trail(self, world: World) -> None:
        for number, (reason, words) in enumerate(REJECT_REASONS.items()):
            case_id = world.drafted(f"m{number}")
            assert reject(world, case_id, reason).done
            (line,) = [each for each in world.view(case_id).events if each.kind == "rejected"]
            assert words in line.summary

    def test_an_unknown_reason_changes_nothing(self, world: World) -> None:
        case_id = world.drafted()
        outcome = reject(world, case_id, "bored")
        assert outcome.code == "refused"
        assert "another_draft" in outcome.message
        assert world.case(case_id).state == "drafted"

    def test_an_older_version_is_not_rejected(self, world: World) -> None:
        case_id = world.drafted()
        edit(world, case_id, GOOD)
        assert reject(world, case_id, "no_answer", version=1).code == "stale"

    def test_what_is_decided_cannot_be_rejected(self, world: World) -> None:
        case_id = world.drafted()
        world.approve(case_id)
        assert reject(world, case_id, "no_answer").code == "taken"

    def test_a_hostile_note_is_kept_harmless(self, world: World) -> None:
        case_id = world.drafted()
        assert reject(world, case_id, "no_answer", "a\0b\udfff" + "x" * 5000).done
        note = world.row(Event, Event.kind == "rejected").detail["note"]
        assert note.startswith("ab\ufffd")
        assert len(note) == 2000


class TestAssign:
    def test_a_case_is_taken_given_away_and_let_go(self, world: World) -> None:
        case_id = world.drafted()
        assert (
            world.queue.assign(case_id, to="Mara", actor=MARA).message
            == f"C-{case_id} is with Mara now"
        )
        assert world.case(case_id).assignee == "Mara"
        assert world.queue.assign(case_id, to=" Otto ", actor=MARA).done
        assert world.case(case_id).assignee == "Otto"
        outcome = world.queue.assign(case_id, to="", actor=OTTO)
        assert outcome.message == f"C-{case_id} is with nobody now"
        told = [event.summary for event in world.view(case_id).events[-3:]]
        assert told == [
            "took the case",
            "gave the case to Otto",
            "let go of the case, which Otto had",
        ]

    def test_who_already_has_it_changes_nothing(self, world: World) -> None:
        case_id = world.drafted()
        world.queue.assign(case_id, to="Mara", actor=MARA)
        before = world.case(case_id).revision
        assert world.queue.assign(case_id, to="Mara", actor=MARA).done
        assert world.case(case_id).revision == before

    def test_who_takes_what_another_took_meanwhile_is_told(self, world: World) -> None:
        case_id = world.drafted()
        shown_revision = world.case(case_id).revision
        world.queue.assign(case_id, to="Mara", actor=MARA, seen_revision=shown_revision)
        late = world.queue.assign(case_id, to="Otto", actor=OTTO, seen_revision=shown_revision)
        assert (late.code, late.message) == ("taken", f"C-{case_id} is with Mara by now")
        now = world.case(case_id).revision
        assert world.queue.assign(case_id, to="Otto", actor=OTTO, seen_revision=now).done

    def test_a_case_that_ended_is_nobodys(self, world: World) -> None:
        case_id = world.drafted()
        reject(world, case_id, "not_a_complaint")
        outcome = world.queue.assign(case_id, to="Mara", actor=MARA)
        assert outcome.code == "taken"
        assert "dismissed" in outcome.message
        assert world.queue.assign(99, to="Mara", actor=MARA).code == "missing"

    def test_approving_leaves_it_with_whoever_has_it(self, world: World) -> None:
        case_id = world.drafted()
        world.queue.assign(case_id, to="Otto", actor=OTTO)
        world.approve(case_id)
        assert world.case(case_id).assignee == "Otto"


class TestTwoAtOnce:
    """Two people decide in the same moment: one wins, and the other is told who."""

    def both(self, acts: list[Callable[[], Outcome]]) -> list[Outcome]:
        outcomes: list[Outcome | BaseException] = [RuntimeError("never ran")] * len(acts)
        gate = threading.Barrier(len(acts))

        def run(at: int) -> None:
            gate.wait()
            try:
                outcomes[at] = acts[at]()
            except BaseException as error:
                outcomes[at] = error

        threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return outcomes  # type: ignore[return-value]  # the errors are raised

    def test_two_approvers_make_one_reply(self, world: World) -> None:
        for number in range(5):
            case_id = world.drafted(f"m{number}")
            draft = shown(world, case_id)

            def approve(actor: Actor, case_id: int = case_id, draft: DraftView = draft) -> Outcome:
                return world.queue.approve(
                    case_id, draft_version=draft.version, text_hash=draft.text_hash, actor=actor
                )

            outcomes = self.both([lambda: approve(MARA), lambda: approve(OTTO)] * 2)

            assert sorted(outcome.code for outcome in outcomes) == ["done"] + ["taken"] * 3
            (reply,) = world.replies(case_id)
            name = reply.approved_by
            assert all(name in one.message for one in outcomes if one.code == "taken")

    def test_an_approval_and_a_rejection_do_not_both_win(self, world: World) -> None:
        for number in range(5):
            case_id = world.drafted(f"m{number}")
            draft = shown(world, case_id)
            outcomes = self.both(
                [
                    lambda: world.approve(case_id),  # noqa: B023  run before the next round
                    lambda: reject(world, case_id, "no_answer"),  # noqa: B023
                    lambda: world.queue.edit(
                        case_id,  # noqa: B023
                        base_version=draft.version,  # noqa: B023
                        base_hash=draft.text_hash,  # noqa: B023
                        text=GOOD,
                        actor=OTTO,
                    ),
                ]
            )
            # An edit may come first; then the other two are told that the draft changed.
            assert sum(outcome.done for outcome in outcomes) in (1, 2)
            assert not (outcomes[0].done and outcomes[1].done)

    def test_an_approval_and_the_customers_edit_do_not_wait_for_each_other(
        self, world: World
    ) -> None:
        for number in range(8):
            case_id = world.drafted(f"m{number}")
            world.board.list_page(review(f"m{number}", f"bad, edited {number}"))
            draft = shown(world, case_id)

            def approve(case_id: int = case_id, draft: DraftView = draft) -> Outcome:
                return world.queue.approve(
                    case_id, draft_version=draft.version, text_hash=draft.text_hash, actor=MARA
                )

            def poll() -> Outcome:
                world.poll()
                return Outcome(True, "done", "", None)

            self.both([approve, poll])
            assert world.case(case_id).state == "opened"
            assert [reply.state for reply in world.replies(case_id)] in ([], ["withdrawn"])

    def test_publishing_and_the_customers_edit_do_not_wait_for_each_other(
        self, world: World
    ) -> None:
        world.board.can_read = False
        for number in range(8):
            case_id = world.drafted(f"m{number}")
            world.approve(case_id)
            world.board.list_page(review(f"m{number}", f"bad, edited {number}"))

            def publish() -> Outcome:
                world.do("publish")
                return Outcome(True, "done", "", None)

            def poll() -> Outcome:
                world.poll()
                return Outcome(True, "done", "", None)

            self.both([publish, poll])
            world.work()
            # Published before the edit or taken back by it; either way a new draft is owed.
            assert world.case(case_id).state == "drafted"
            assert len(world.board.standing(f"m{number}")) <= 1


class TestWording:
    def test_no_wording_comes_twice_in_a_row_on_a_source(self, world: World) -> None:
        world.hear(*[review(f"m{n}", "bad wait", author_id=f"a{n}") for n in range(12)])
        world.do("prepare")
        for case in world.rows(Case):
            assert world.approve(case.id).done
        world.work()
        texts = [row.text for row in world.board.written]
        assert len(texts) == 12
        assert all(one != other for one, other in pairwise(texts))
        assert len(set(texts)) == 12


class TestViews:
    def test_the_queue_shows_what_is_due_first_on_top(self, world: World) -> None:
        later = world.drafted("m1")
        world.clock.move(hours=1)
        first = world.drafted("m2")
        world.clock.move(hours=-2)
        earliest = world.drafted("m3")
        assert [line.id for line in world.queue.lines()] == [earliest, later, first]

    def test_a_line_tells_whether_it_is_overdue(self, world: World) -> None:
        world.drafted()
        assert not world.queue.lines()[0].overdue
        world.clock.move(hours=9)
        assert world.queue.lines()[0].overdue

    def test_the_queue_is_searched_in_texts_and_names(self, world: World) -> None:
        world.drafted("m1", text="bad 100%_sure")
        world.drafted("m2", author_name="Zoë Otter", author_id="zoe")
        assert [line.excerpt for line in world.queue.lines(search="100%_s")] == ["bad 100%_sure"]
        assert [line.author for line in world.queue.lines(search="OTTER")] == ["Zoë Otter"]
        assert len(world.queue.lines(search="%")) == 1
        assert world.queue.lines(search="\0 ") == world.queue.lines()

    def test_states_select(self, world: World) -> None:
        answered, waiting = world.answered("m1"), world.drafted("m2")
        assert [line.id for line in world.queue.lines(state="open")] == [waiting]
        assert [line.id for line in world.queue.lines(state="answered")] == [answered]
        assert len(world.queue.lines(state="all")) == 2
        assert world.queue.counts() == {"answered": 1, "drafted": 1}

    def test_a_reopened_case_does_not_show_the_draft_that_was_said(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "when?"))
        view = world.view(case_id)
        assert view.state == "opened"
        assert view.draft is None
        assert view.reply is not None

    def test_the_judgement_and_the_draft_are_of_what_the_customer_says_now(
        self, world: World
    ) -> None:
        case_id = world.drafted()
        world.hear(review("m1", "bad wait", rating=2.0))
        view = world.view(case_id)
        assert view.topics == ("waiting",)
        assert view.mention.text == "bad wait"
        assert [word.text for word in view.earlier_texts] == ["bad tea"]
        assert view.earlier_texts[0].stars == 1.0

    def test_a_deleted_text_is_shown_nowhere(self, world: World) -> None:
        case_id = world.drafted("m1", text="bad secret", title="secret")
        world.hear(review("m1", "bad secret two"))
        world.board.delete("m1")
        world.poll()
        view = world.view(case_id)
        shown_texts = repr((view.mention, view.earlier_texts, view.later_words, view.history))
        assert "secret" not in shown_texts

    def test_the_cards_of_a_changed_case_are_redrawn(self, world: World) -> None:
        case_id = world.drafted()
        row = world.card(case_id)
        with world.write() as session:
            session.get_one(type(row), row.id).next_at = None
        before = world.case(case_id).revision
        edit(world, case_id, GOOD)
        assert world.card(case_id).next_at == world.clock()
        assert world.case(case_id).revision > before

    def test_the_history_names_the_authors_other_cases(self, world: World) -> None:
        first = world.drafted("m1")
        second = world.drafted("m2")
        (line,) = world.view(second).history
        assert f"C-{first} drafted" in line


def test_a_drafted_case_of_a_crashed_preparer_is_prepared_by_the_next(world: World) -> None:
    world.hear(review("m1"))
    world.claim("prepare")
    assert world.do("prepare") == 0
    world.clock.move(minutes=2)
    assert world.do("prepare") == 1
    assert [draft.version for draft in world.rows(Draft)] == [1]


def test_an_answer_stops_the_clock_when_it_was_submitted(world: World) -> None:
    case_id = world.drafted()
    world.board.shift = -timedelta(seconds=20)
    world.clock.move(hours=1)
    world.approve(case_id)
    world.board.lose_answers()
    world.do("publish")
    sent = world.clock()
    world.pass_time(minutes=10)
    assert world.clock_of(case_id, "first_response").stopped_at == sent
