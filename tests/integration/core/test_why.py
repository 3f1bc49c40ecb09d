"""The story of each promise is told in the very numbers that were counted with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.cases.policies import PolicyBook
from monitor.intake.store import PageStore
from monitor.levels.applying import apply
from monitor.models import Clock
from monitor.sla import Conditions, Policy
from monitor.sla.story import say_time
from responders.views import StoryView
from tests.support.core_world import HOUR, OTTO, POLICY, World, comment
from tests.support.scripted_platform import Written


def story(world: World, case_id: int, target: str) -> StoryView:
    return [each for each in world.view(case_id).stories if each.target == target][-1]


def check_told(world: World, case_id: int) -> None:
    """Hold every story against the row that it tells of."""
    rows = world.rows(Clock, Clock.case_id == case_id)
    stories = world.view(case_id).stories
    assert [each.target for each in stories] == [row.target for row in rows]
    for row, told in zip(rows, stories, strict=True):
        assert (told.due_at, told.started_at, told.state) == (
            row.due_at,
            row.started_at,
            row.state,
        )
        counted = sum((end - start).total_seconds() for start, end in told.spans)
        if row.state == "paused":
            assert any("it has no due time until" in line for line in told.deadline)
            assert counted <= told.promised_seconds
            continue
        said = say_time(row.due_at, _zone(told))
        assert told.deadline[-1].startswith(f"Due on {said}, after "), told.deadline
        assert told.spans[-1][1] == row.due_at
        assert counted == told.promised_seconds


def _zone(told: StoryView) -> ZoneInfo:

    return ZoneInfo(told.timezone)


def test_a_running_clock_tells_what_is_left(world: World) -> None:
    case_id = world.drafted(created_at=world.clock() - timedelta(minutes=90))
    world.clock.move(hours=2)

    check_told(world, case_id)
    told = story(world, case_id, "first_response")
    assert told.lines[1] == "It holds for every case."
    assert told.lines[3].startswith("That is when Rapport saw it; by the platform it was written ")
    assert told.lines[3].endswith("1 h 30 min before.")
    assert told.ending == ("It runs, with 6 h of open time left.",)


def test_the_conditions_that_chose_the_policy_are_told(world: World) -> None:
    when = Conditions(rating_at_most=1, brand=("harbour",), topic=("waiting", "safety"))
    world.book = PolicyBook([replace(POLICY, key="angry", when=when), POLICY], {})
    world.store = PageStore(world.db, world.assessor, world.book)
    world._wire()
    case_id = world.drafted(text="bad: a long wait")

    told = story(world, case_id, "first_response")
    assert told.policy == "angry"
    assert told.lines[1] == (
        "It holds for cases with brand harbour, and topic waiting or safety, and rating at most 1."
    )


def test_a_clock_that_was_stopped_tells_by_whom_and_when_it_was_seen(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted()
    world.clock.move(hours=1)
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    assert story(world, case_id, "first_response").ending[-1] == (
        "Nobody has seen it there yet, as far as is known."
    )
    world.pass_time(minutes=30)
    written = Written("r9", "m1", world.reply(case_id).text, "", world.clock())
    world.board.written.append(written)
    world.pass_time(hours=1)

    check_told(world, case_id)
    stopped, seen = story(world, case_id, "first_response").ending
    assert stopped.startswith("Stopped on ")
    assert "by the answer that Mara approved, in time: after 1 h of open time" in stopped
    assert seen.startswith("The customer can see it since ")
    assert seen.endswith(" later.")


def test_a_missed_deadline_tells_by_how_much(world: World) -> None:
    case_id = world.drafted()
    world.pass_time(hours=9)
    told = story(world, case_id, "first_response")
    assert told.ending[0].startswith("Staff were warned on ")
    assert told.ending[1].startswith("It is overdue since then, by 1 h now, noticed on ")

    world.approve(case_id)
    world.do("publish")
    check_told(world, case_id)
    assert "too late, by 1 h: after 9 h" in story(world, case_id, "first_response").ending[1]


def test_a_whole_life_is_told_as_it_was_counted(world: World) -> None:
    case_id = world.answered()
    check_told(world, case_id)
    world.pass_time(hours=20)
    world.hear(comment("c1", "m1", "bad again, where is my money?"))
    check_told(world, case_id)
    world.do("prepare")
    world.approve(case_id, OTTO)
    world.do("publish")
    check_told(world, case_id)
    world.pass_time(hours=30)
    world.hear(comment("c2", "m1", "thanks, bye"))
    assert world.case(case_id).state == "closed"
    check_told(world, case_id)
    resolution = story(world, case_id, "resolution")
    assert [reason for _, _, reason in resolution.pauses] == ["waiting for the customer"]
    world.hear(comment("c3", "m1", "bad: it is broken again, what now?"))
    check_told(world, case_id)
    assert len(world.view(case_id).stories) == 5


def test_an_answer_that_was_lost_leaves_the_time_it_stood_uncounted(world: World) -> None:
    world.board.mode, world.board.can_find = "manual", False
    case_id = world.drafted()
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    world.pass_time(days=4)
    assert world.case(case_id).state == "closed"
    assert world.queue.could_not_post(case_id, actor=OTTO, reason="it is not there").done

    check_told(world, case_id)
    resolution = world.clock_of(case_id, "resolution")
    assert resolution.state == "running"
    assert resolution.due_at == resolution.started_at + timedelta(days=3 + 3)


def test_a_policy_that_was_applied_is_the_one_that_is_told(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=2)
    other = Policy("other", resolution=200 * HOUR, next_response=HOUR)
    apply(world.db, PolicyBook([other], {}), case_id, "Otto", world.clock())
    world.hear(comment("c1", "m1", "bad again, where is my money?"))

    check_told(world, case_id)
    assert {each.target: each.policy for each in world.view(case_id).stories} == {
        "first_response": "standard",
        "resolution": "other",
        "next_response": "other",
    }


def test_a_promise_that_ended_without_an_answer_says_so(world: World) -> None:
    case_id = world.drafted()
    world.board.delete("m1")
    world.poll()

    assert world.case(case_id).state == "closed"
    check_told(world, case_id)
    (ending,) = story(world, case_id, "first_response").ending
    assert ending.startswith("The promise ended on ")
    assert ending.endswith(": it counts neither as kept nor as broken.")


def test_a_start_that_fell_back_tells_why(world: World) -> None:
    world.book = PolicyBook([replace(POLICY, start="written")], {})
    world.store = PageStore(world.db, world.assessor, world.book)
    world._wire()
    fell = story(world, world.drafted("m1"), "first_response").lines[3]
    assert fell == (
        "The policy counts from when it was written, but the platform does not tell when it was "
        "written: it started when Rapport saw it."
    )
    written: datetime = world.clock() - timedelta(hours=2)
    began = story(world, world.drafted("m2", created_at=written), "first_response").lines[3]
    assert began.startswith("That is when it was written, by the platform's time; Rapport saw it")
