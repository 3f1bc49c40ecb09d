"""Open cases get the policies of now because a person says so, and the trail tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.cases.clocks import segments_of
from monitor.cases.policies import PolicyBook
from monitor.levels.applying import apply, open_case_ids, rehearse
from monitor.levels.planning import Plan
from monitor.models import Clock, Event, SlaPolicy
from monitor.sla import Conditions, Policy, Snapshot, due_with_pauses
from tests.support.core_world import HOUR, OTTO, POLICY, World, comment

SLOW = replace(POLICY, first_response=24 * HOUR, resolution=240 * HOUR)
QUICK = replace(POLICY, first_response=1 * HOUR)


def apply_to(world: World, case_id: int, *policies: Policy, only: str | None = None) -> Plan | None:
    return apply(world.db, PolicyBook(policies, {}), case_id, "Otto", world.clock(), only)


def version(world: World, case_id: int) -> Snapshot:
    case = world.case(case_id)
    return Snapshot.from_json(world.row(SlaPolicy, SlaPolicy.id == case.policy_id).body)


def first(world: World, case_id: int) -> Clock:
    return world.clock_of(case_id, "first_response")


def test_a_case_keeps_its_policy_until_another_is_applied(world: World) -> None:
    case_id = world.drafted()
    began, before = first(world, case_id).started_at, world.case(case_id).revision
    assert first(world, case_id).due_at == began + timedelta(hours=8)
    world.clock.move(hours=1)

    made = apply_to(world, case_id, SLOW)

    assert made is not None
    clock = first(world, case_id)
    assert (clock.started_at, clock.due_at) == (began, began + timedelta(hours=24))
    assert clock.next_at == began + timedelta(hours=18)
    assert version(world, case_id).policy == SLOW
    assert world.case(case_id).revision > before
    event = world.rows(Event, Event.kind == "policy_applied")[-1]
    assert (event.actor, event.detail["policy"], event.detail["version"]) == (
        "Otto",
        "standard",
        made.after.version,
    )
    assert event.detail["version_before"] == made.before.version != made.after.version
    assert event.detail["clocks"][0] == {
        "target": "first_response",
        "due_before": (began + timedelta(hours=8)).isoformat(),
        "due": (began + timedelta(hours=24)).isoformat(),
        "breach": "",
    }
    told = world.view(case_id).events[-1].summary
    assert told.startswith('applied policy "standard" (version ')
    assert "first response due" in told


def test_applying_twice_does_it_once(world: World) -> None:
    case_id = world.drafted()
    assert apply_to(world, case_id, SLOW) is not None
    events, revision = world.events(case_id), world.case(case_id).revision

    assert apply_to(world, case_id, SLOW) is None
    assert world.events(case_id) == events
    assert world.case(case_id).revision == revision


def test_a_rehearsal_changes_nothing(world: World) -> None:
    case_id = world.drafted()
    revision = world.case(case_id).revision

    ((number, planned),) = rehearse(
        world.db, PolicyBook([SLOW], {}), open_case_ids(world.db), world.clock()
    )

    assert number == case_id
    assert planned is not None
    assert planned.after.policy == SLOW
    assert world.case(case_id).revision == revision
    assert version(world, case_id).policy == POLICY


def test_a_missed_deadline_is_taken_back_where_the_new_one_has_not_passed(world: World) -> None:
    case_id = world.drafted()
    world.pass_time(hours=9)
    missed = first(world, case_id)
    assert missed.breached_at == missed.due_at

    made = apply_to(world, case_id, SLOW)

    assert made is not None
    assert made.clocks[0].breach == "taken_back"
    clock = first(world, case_id)
    assert (clock.breached_at, clock.noticed_at, clock.warned_at) == (None, None, None)
    world.pass_time(hours=16)
    clock = first(world, case_id)
    assert clock.breached_at == clock.due_at == clock.started_at + timedelta(hours=24)
    assert world.events(case_id).count("breached") == 2


def test_a_missed_deadline_stays_missed_where_the_new_one_has_passed_too(world: World) -> None:
    case_id = world.drafted()
    world.pass_time(hours=9)
    noticed = first(world, case_id).noticed_at

    apply_to(world, case_id, QUICK)

    clock = first(world, case_id)
    assert clock.breached_at == clock.due_at == clock.started_at + timedelta(hours=1)
    assert clock.noticed_at == noticed
    world.pass_time(hours=9)
    assert world.events(case_id).count("breached") == 1
    assert first(world, case_id).next_at is None


def test_a_deadline_that_the_new_policy_has_missed_is_noted_by_the_daemon(world: World) -> None:
    case_id = world.drafted()
    world.pass_time(hours=3)

    apply_to(world, case_id, QUICK)

    assert first(world, case_id).breached_at is None
    world.work(("clock",))
    world.pass_time(minutes=1)
    clock = first(world, case_id)
    assert clock.breached_at == clock.due_at == clock.started_at + timedelta(hours=1)
    assert world.events(case_id)[-1] == "breached"


def test_pauses_are_kept_and_go_on(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=10)
    began = world.clock_of(case_id, "resolution").started_at

    apply_to(world, case_id, SLOW)
    paused = world.clock_of(case_id, "resolution")
    assert (paused.state, paused.due_at) == ("paused", began + timedelta(hours=240))

    world.hear(comment("c1", "m1", "bad again, where is my money?"))
    clock = world.clock_of(case_id, "resolution")
    with world.db.read() as session:
        segments = segments_of(session, clock)
    assert clock.state == "running"
    assert clock.due_at == began + timedelta(hours=250)
    assert clock.due_at == due_with_pauses(
        version(world, case_id), "resolution", clock.started_at, segments
    )


def test_what_has_stopped_keeps_the_version_it_was_counted_by(world: World) -> None:
    case_id = world.answered()
    old, stopped = world.case(case_id).policy_id, first(world, case_id)

    apply_to(world, case_id, QUICK)
    apply_to(world, case_id, SLOW)

    clock = first(world, case_id)
    assert (clock.policy_id, clock.due_at, clock.stopped_at) == (
        old,
        stopped.due_at,
        stopped.stopped_at,
    )
    assert world.case(case_id).policy_id != old
    assert world.clock_of(case_id, "resolution").policy_id is None


def test_a_clock_that_runs_again_is_counted_by_its_own_version(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted()
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    due = first(world, case_id).due_at
    apply_to(world, case_id, SLOW)

    assert world.queue.could_not_post(case_id, actor=OTTO, reason="not there").done

    clock = first(world, case_id)
    assert (clock.state, clock.due_at, clock.next_at) == ("running", due, due - timedelta(hours=2))
    made = apply_to(world, case_id, SLOW)
    assert made is not None
    assert first(world, case_id).due_at == clock.started_at + timedelta(hours=24)
    assert first(world, case_id).policy_id is None
    assert apply_to(world, case_id, SLOW) is None


def test_a_target_that_is_promised_no_more_counts_as_nothing(world: World) -> None:
    case_id = world.drafted()

    apply_to(world, case_id, replace(POLICY, resolution=None))

    assert world.clock_states(case_id) == {"first_response": "running", "resolution": "voided"}
    assert "promised no more" in world.view(case_id).events[-1].summary


def test_a_target_that_was_not_promised_before_runs_from_the_opening(world: World) -> None:
    case_id = world.drafted()
    began = first(world, case_id).started_at
    apply_to(world, case_id, replace(POLICY, resolution=None))
    world.clock.move(hours=2)

    apply_to(world, case_id, POLICY)

    clock = world.clock_of(case_id, "resolution")
    assert (clock.state, clock.started_at) == ("running", began)
    assert clock.due_at == began + timedelta(hours=72)


def test_a_new_target_of_an_answered_case_waits_for_the_customer(world: World) -> None:
    case_id = world.answered()
    apply_to(world, case_id, replace(POLICY, resolution=None))
    world.clock.move(hours=2)

    apply_to(world, case_id, POLICY)

    clock = world.clock_of(case_id, "resolution")
    assert clock.state == "paused"
    assert world.clock_states(case_id)["first_response"] == "stopped"
    world.clock.move(hours=2)
    world.hear(comment("c1", "m1", "bad again, where is my money?"))
    clock = world.clock_of(case_id, "resolution")
    assert (clock.state, clock.due_at) == ("running", clock.started_at + timedelta(hours=76))


def test_the_policy_is_chosen_by_what_the_case_is_now(world: World) -> None:
    angry = replace(QUICK, key="angry", when=Conditions(rating_at_most=1))
    case_id = world.drafted(rating=1.0)

    made = apply_to(world, case_id, angry, POLICY)

    assert made is not None
    assert (made.before.policy.key, made.after.policy.key) == ("standard", "angry")


@pytest.mark.parametrize(("only", "done"), [("angry", True), ("standard", True), ("x", False)])
def test_only_cases_of_one_policy_can_be_asked_for(world: World, only: str, done: bool) -> None:
    angry = replace(QUICK, key="angry", when=Conditions(rating_at_most=1))
    case_id = world.drafted(rating=1.0)

    assert (apply_to(world, case_id, angry, POLICY, only=only) is not None) is done


def test_closed_cases_are_left_alone(world: World) -> None:
    case_id = world.answered()
    world.hear(comment("c1", "m1", "thanks, bye"))
    assert world.case(case_id).state == "closed"

    assert open_case_ids(world.db) == []
    assert apply_to(world, case_id, SLOW) is None


def test_a_card_is_owed_a_new_picture(world: World) -> None:
    case_id = world.drafted()
    with world.write() as session:
        session.get_one(type(world.card(case_id)), world.card(case_id).id).next_at = None
    world.clock.move(minutes=1)

    apply_to(world, case_id, SLOW)

    assert world.card(case_id).next_at == world.clock()


def test_the_deadline_told_is_the_deadline_kept(world: World) -> None:
    case_id = world.drafted()
    apply_to(world, case_id, replace(SLOW, wall=("first_response",)))

    due: datetime = first(world, case_id).due_at
    assert f"{due:%Y-%m-%d %H:%M}" in world.view(case_id).why_due[-1]
