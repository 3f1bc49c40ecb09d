"""Second looks: what comes before a person although it opened no case, and what they say of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from monitor.cases.trail import DAEMON
from monitor.intake.purging import withhold
from monitor.models import Case, Event, Label, Mention, Notification, SecondLook, Source
from responders.slack.owed import PATIENCE, owe_looks
from responders.views import Actor, LookView, Outcome
from tests.support.core_world import MARA, OTTO, World, comment, review

UNSURE = "unsure whether this is worth it"


def doubt(world: World, external_id: str = "m1", text: str = UNSURE) -> LookView:
    """Hear something that was judged too close, and return the look at it."""
    world.hear(review(external_id, text, rating=3.0))
    return world.looks.looks()[-1]


def waiting(world: World) -> list[str]:
    with world.db.read() as session:
        return list(
            session.scalars(
                select(Mention.external_id)
                .join(SecondLook, SecondLook.mention_id == Mention.id)
                .where(SecondLook.verdict == "")
                .order_by(SecondLook.id)
            )
        )


class TestWhatComesBeforeAPerson:
    def test_an_unsure_judgement_that_opened_no_case(self, world: World) -> None:
        look = doubt(world)
        row = world.row(SecondLook)
        assert (row.mention_id, row.revision) == (world.mention("m1").id, 1)
        assert (row.reason, row.chance, row.verdict, row.by) == ("unsure", 1.0, "", "")
        assert row.drawn_at == world.clock()
        assert world.rows(Case) == []
        assert look.is_waiting
        assert (look.ref, look.word.text, look.word.stars) == (f"L-{row.id}", UNSURE, 3.0)
        assert (look.likelihood, look.threshold) == (0.1, 0.5)
        assert (look.source, look.brand) == ("board", "Harbour Coffee")

    def test_nothing_else(self, world: World) -> None:
        world.hear(
            review("sure", "lovely", rating=5.0),
            review("complaint", "bad and unsure", rating=1.0),
            review("spam", "unsure spam", rating=5.0),
            review("alike", UNSURE, rating=5.0),
        )
        assert waiting(world) == ["alike"]
        assert len(world.rows(Case)) == 1

    def test_history_does_not(self, world: World) -> None:
        old = world.clock() - timedelta(days=400)
        world.add_source("old", backfill_since=world.clock())
        world.hear(review("m1", UNSURE, rating=3.0, created_at=old), key="old")
        assert world.mention("m1", "old").history
        assert waiting(world) == []

    def test_a_further_word_on_a_case_is_seen_there(self, world: World) -> None:
        world.answered()
        world.hear(comment("c1", "m1", "unsure what you mean, which address?"))
        assert waiting(world) == []

    def test_our_own_reply_does_not(self, world: World) -> None:
        case_id = world.answered()
        reply = world.reply(case_id)
        assert reply.external_id
        ours = comment(reply.external_id, "m1", "unsure", author_id="us", author_name="Harbour")
        world.hear(ours)
        world.hear(comment(reply.external_id, "m1", "unsure again", author_id="us"))
        assert world.mention(reply.external_id).revision == 2
        assert waiting(world) == []
        assert len(world.rows(Case)) == 1

    def test_a_word_under_something_that_has_no_case_does(self, world: World) -> None:
        world.hear(review("m1", "lovely", rating=5.0))
        world.hear(comment("c1", "m1", UNSURE, author_id="other"))
        assert waiting(world) == ["c1"]

    def test_they_are_inserted_with_one_statement_a_page_and_with_none_where_none_is(
        self, world: World
    ) -> None:
        said: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if "second_look" in statement:
                said.append(statement)

        event.listen(world.db.engine, "before_cursor_execute", note)
        try:
            world.hear(*(review(f"a{n}", UNSURE, rating=3.0) for n in range(30)))
            assert len(said) == 1
            assert said[0].startswith("INSERT")
            world.hear(*(review(f"b{n}", "lovely", rating=5.0) for n in range(30)))
            assert len(said) == 1
        finally:
            event.remove(world.db.engine, "before_cursor_execute", note)
        assert len(waiting(world)) == 30

    def test_what_has_waited_longest_stands_on_top(self, world: World) -> None:
        for name in ("a", "b", "c"):
            doubt(world, name)
            world.clock.move(minutes=1)
        assert [look.mention_id for look in world.looks.looks(2)] == [
            world.mention("a").id,
            world.mention("b").id,
        ]
        assert world.looks.look_counts() == {"unsure": 3}
        assert world.looks.waiting() == 3

    def test_nothing_waits_at_first(self, world: World) -> None:
        assert world.looks.looks() == []
        assert world.looks.look_counts() == {}
        assert world.looks.look(1) is None
        assert world.looks.these([]) == []


class TestJudging:
    def test_a_complaint_opens_a_case_with_its_clocks_and_its_draft(self, world: World) -> None:
        look = doubt(world)
        world.clock.move(hours=3)
        outcome = world.looks.judge(look.id, "complaint", MARA)
        assert outcome.done
        assert outcome.case is not None
        assert f"C-{outcome.case.id} is opened" in outcome.message
        case = world.case_of("m1")
        assert (case.state, case.opened_at, case.next_at) == (
            "opened",
            world.clock(),
            world.clock(),
        )
        assert world.clock_states(case.id) == {"first_response": "running", "resolution": "running"}
        assert world.clock_of(case.id, "first_response").due_at == world.clock() + timedelta(
            hours=8
        )
        assert world.row(Event, Event.kind == "opened").actor == "Mara (web)"
        label = world.row(Label)
        assert (label.mention_id, label.revision, label.complaint) == (case.mention_id, 1, True)
        assert (label.origin, label.by, label.topics) == ("look", "Mara (web)", None)
        row = world.row(SecondLook)
        assert (row.verdict, row.by, row.at) == ("complaint", "Mara (web)", world.clock())
        world.do("prepare")
        assert world.case(case.id).state == "drafted"
        assert world.card(case.id).state == "owed"
        judged = world.looks.look(look.id)
        assert judged is not None
        assert judged.case_ref == case.ref

    def test_no_complaint_says_so_and_opens_nothing(self, world: World) -> None:
        look = doubt(world)
        outcome = world.looks.judge(look.id, "no_complaint", MARA)
        assert (outcome.done, outcome.case) == (True, None)
        assert world.row(Label).complaint is False
        assert world.rows(Case) == []
        assert waiting(world) == []

    def test_a_skipped_one_waits_no_more_and_says_nothing(self, world: World) -> None:
        look = doubt(world)
        assert world.looks.judge(look.id, "skipped", MARA).done
        assert world.rows(Label) == []
        assert waiting(world) == []

    def test_the_second_is_told_who_was_first(self, world: World) -> None:
        look = doubt(world)
        world.looks.judge(look.id, "no_complaint", MARA)
        outcome = world.looks.judge(look.id, "complaint", OTTO)
        assert (outcome.done, outcome.code) == (False, "taken")
        assert "no complaint by Mara (web)" in outcome.message
        assert len(world.rows(Label)) == 1
        assert world.rows(Case) == []

    def test_saying_the_same_twice_is_saying_it_once(self, world: World) -> None:
        look = doubt(world)
        world.looks.judge(look.id, "complaint", MARA)
        assert world.looks.judge(look.id, "complaint", MARA).done
        assert len(world.rows(Label)) == len(world.rows(Case)) == 1
        assert world.looks.judge(look.id, "no_complaint", MARA).code == "taken"

    def test_of_many_at_once_one_wins(self, world: World) -> None:
        look = doubt(world)
        people = [Actor("web", f"p{n}", f"P{n}") for n in range(6)]
        outcomes: list[Outcome] = []
        start = threading.Barrier(len(people))

        def press(actor: Actor, verdict: str) -> None:
            start.wait()
            outcomes.append(world.looks.judge(look.id, verdict, actor))

        threads = [
            threading.Thread(target=press, args=(actor, ("complaint", "no_complaint")[at % 2]))
            for at, actor in enumerate(people)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcome.code for outcome in outcomes) == ["done"] + ["taken"] * 5
        assert len(world.rows(Label)) == 1
        assert len(world.rows(Case)) == int(world.row(SecondLook).verdict == "complaint")

    @pytest.mark.parametrize("number", [999, 2**62])
    def test_one_that_is_not_there_is_missing(self, world: World, number: int) -> None:
        assert world.looks.judge(number, "complaint", MARA).code == "missing"

    def test_an_unknown_verdict_is_refused(self, world: World) -> None:
        look = doubt(world)
        assert world.looks.judge(look.id, "perhaps", MARA).code == "refused"
        assert waiting(world) == ["m1"]


class TestWhatChangesMeanwhile:
    def test_an_edit_replaces_what_waits(self, world: World) -> None:
        old = doubt(world)
        world.clock.move(minutes=5)
        new = doubt(world, text="unsure, on second thoughts")
        assert new.id != old.id
        assert new.word.text == "unsure, on second thoughts"
        assert waiting(world) == ["m1"]
        outcome = world.looks.judge(old.id, "complaint", MARA)
        assert (outcome.done, outcome.code) == (False, "stale")
        assert "edited" in outcome.message
        assert world.rows(Label) == []
        past = world.looks.look(old.id)
        assert past is not None
        assert (past.verdict, past.by) == ("skipped", DAEMON)
        assert world.looks.judge(new.id, "no_complaint", MARA).done
        assert world.row(Label).revision == 2

    def test_an_edit_that_is_sure_ends_it(self, world: World) -> None:
        doubt(world)
        world.hear(review("m1", "lovely after all", rating=5.0))
        assert waiting(world) == []

    def test_an_edit_that_complains_ends_it_with_a_case(self, world: World) -> None:
        doubt(world)
        world.hear(review("m1", "unsure, no: bad", rating=1.0))
        assert waiting(world) == []
        assert world.case_of("m1").state == "opened"

    def test_an_edit_to_something_unsure_calls_for_a_look(self, world: World) -> None:
        world.hear(review("m1", "lovely", rating=5.0))
        doubt(world)
        assert world.row(SecondLook).revision == 2

    def test_an_edit_of_a_judged_one_leaves_the_word_that_was_given(self, world: World) -> None:
        look = doubt(world)
        world.looks.judge(look.id, "no_complaint", MARA)
        world.hear(review("m1", "lovely", rating=5.0))
        assert world.row(SecondLook).by == "Mara (web)"

    def test_a_deletion_ends_it(self, world: World) -> None:
        look = doubt(world)
        world.board.delete("m1")
        world.poll()
        assert world.mention("m1").state == "deleted"
        assert world.looks.looks() == []
        outcome = world.looks.judge(look.id, "complaint", MARA)
        assert (outcome.code, world.rows(Case)) == ("stale", [])
        assert "deleted" in outcome.message

    def test_what_may_be_kept_no_longer_cannot_be_judged_here(self, world: World) -> None:
        look = doubt(world)
        mention = world.mention("m1")
        with world.write() as session:
            assert withhold(session, mention.source_id, [mention.id], world.clock()) == 1
        assert world.looks.looks() == []
        outcome = world.looks.judge(look.id, "complaint", MARA)
        assert outcome.code == "stale"
        assert f"rapport complaint M-{mention.id}" in outcome.message
        assert world.looks.complain(mention.id, MARA).done

    def test_what_was_never_kept_is_read_there_and_judged_here(self, world: World) -> None:
        world.add_source("lent", may_store=False)
        world.hear(review("m1", UNSURE, rating=3.0, url="https://board.example/1"), key="lent")
        (look,) = world.looks.looks()
        assert UNSURE not in look.word.text
        assert look.url == "https://board.example/1"
        assert world.looks.judge(look.id, "complaint", MARA).done
        assert world.case_of("m1", "lent").state == "opened"

    @pytest.mark.parametrize("reason", ["sample", "changed"])
    def test_a_row_of_another_reason_is_a_look_like_any_other(
        self, world: World, reason: str
    ) -> None:
        world.hear(review("m1", "lovely", rating=5.0))
        mention = world.mention("m1")
        with world.write() as session:
            session.add(
                SecondLook(
                    mention_id=mention.id,
                    revision=1,
                    reason=reason,
                    chance=0.02,
                    drawn_at=world.clock(),
                )
            )
        (look,) = world.looks.looks()
        assert world.looks.look_counts() == {reason: 1}
        world.hear(review("m1", "lovely indeed", rating=5.0))
        assert world.looks.judge(look.id, "no_complaint", MARA).code == "stale"


class TestCallingItAComplaint:
    def test_any_stored_mention_may_be_one(self, world: World) -> None:
        world.hear(review("m1", "lovely", rating=5.0))
        outcome = world.looks.complain(world.mention("m1").id, OTTO)
        assert outcome.done
        case = world.case_of("m1")
        assert case.state == "opened"
        label = world.row(Label)
        assert (label.complaint, label.origin, label.by) == (True, "case", "Otto (terminal)")

    def test_its_waiting_look_is_settled_with_it(self, world: World) -> None:
        look = doubt(world)
        assert world.looks.complain(look.mention_id, OTTO).done
        assert (world.row(SecondLook).verdict, world.row(SecondLook).by) == (
            "complaint",
            "Otto (terminal)",
        )
        outcome = world.looks.judge(look.id, "no_complaint", MARA)
        assert "a complaint by Otto (terminal)" in outcome.message

    def test_one_with_a_case_keeps_it(self, world: World) -> None:
        case_id = world.drafted()
        outcome = world.looks.complain(world.mention("m1").id, OTTO)
        assert outcome.done
        assert f"belongs to C-{case_id} already" in outcome.message
        assert len(world.rows(Case)) == 1
        assert world.case(case_id).state == "drafted"

    def test_one_that_was_dismissed_is_opened_again(self, world: World) -> None:
        case_id = world.drafted()
        world.queue.reject(case_id, draft_version=1, reason="not_a_complaint", note="", actor=MARA)
        outcome = world.looks.complain(world.mention("m1").id, OTTO)
        assert outcome.done
        assert world.case(case_id).state == "opened"
        assert world.clock_states(case_id)["first_response"] == "running"
        assert world.events(case_id)[-2:] == ["called_complaint", "reopened"]
        assert [row.complaint for row in world.rows(Label)] == [False, True]

    def test_a_further_word_belongs_to_its_case(self, world: World) -> None:
        case_id = world.answered()
        world.hear(comment("c1", "m1", "Which address?"))
        world.looks.complain(world.mention("c1").id, OTTO)
        assert [row.id for row in world.rows(Case)] == [case_id]

    def test_deleted_words_our_own_and_unknown_ones_are_none(self, world: World) -> None:
        case_id = world.answered()
        ours = world.reply(case_id).external_id
        world.hear(comment(ours, "m1", "Sorry.", author_id="us"))
        assert world.looks.complain(world.mention(ours).id, OTTO).code == "refused"
        world.hear(review("m2", "lovely", rating=5.0))
        world.board.delete("m2")
        world.poll()
        assert world.looks.complain(world.mention("m2").id, OTTO).code == "stale"
        assert world.looks.complain(99_999, OTTO).code == "missing"
        assert len(world.rows(Case)) == 1


class TestTheMessageOfTheDay:
    def owe(self, world: World) -> bool:
        with world.write() as session:
            return owe_looks(session, "C0CARDS", world.clock())

    def test_it_is_owed_once_enough_wait_and_once_in_a_day(self, world: World) -> None:
        assert not self.owe(world)
        for number in range(4):
            doubt(world, f"m{number}")
        assert not self.owe(world)
        doubt(world, "m4")
        doubt(world, "m5")
        assert self.owe(world)
        row = world.row(Notification)
        assert len(row.detail["listed"]) == 5
        assert (row.kind, row.target, row.next_at) == ("looks", "C0CARDS", world.clock())
        world.clock.move(hours=23)
        assert not self.owe(world)
        world.clock.move(hours=1)
        assert self.owe(world)

    def test_a_single_one_waits_for_company_but_not_long(self, world: World) -> None:
        doubt(world)
        world.clock.move(seconds=PATIENCE.total_seconds() - 1)
        assert not self.owe(world)
        world.clock.move(seconds=1)
        assert self.owe(world)

    def test_whatever_happens_to_a_listed_one_has_it_drawn_anew(self, world: World) -> None:
        looks = [doubt(world, f"m{number}") for number in range(5)]
        assert self.owe(world)
        (first, second, third) = looks[:3]

        def drawn() -> bool:
            with world.write() as session:
                row = session.scalars(select(Notification)).one()
                owed, row.next_at = row.next_at, None
                return owed is not None

        assert drawn()
        world.looks.judge(first.id, "no_complaint", MARA)
        assert drawn()
        world.looks.judge(first.id, "complaint", OTTO)
        assert not drawn()
        world.board.delete("m1")
        world.poll()
        assert drawn()
        assert world.looks.judge(second.id, "complaint", MARA).code == "stale"
        world.hear(review("m2", "lovely", rating=5.0))
        assert drawn()
        assert world.looks.judge(third.id, "complaint", MARA).code == "stale"
        world.hear(review("m9", "lovely", rating=5.0))
        assert not drawn()

    def test_judging_while_the_source_is_read_does_not_wait_for_ever(self, world: World) -> None:
        look = doubt(world)
        done = threading.Event()

        def edit() -> None:
            world.hear(review("m1", "unsure, once more", rating=3.0))
            done.set()

        thread = threading.Thread(target=edit)
        thread.start()
        outcome = world.looks.judge(look.id, "no_complaint", MARA)
        thread.join(30)
        assert done.is_set()
        assert outcome.code in ("done", "stale")
        assert world.row(Source).id
