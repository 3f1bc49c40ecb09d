"""Ladders without Slack: several warnings, who would be told, pauses, reopening, acknowledging."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from monitor.models import Clock, Escalation, EscalationCall, Event, SlaPolicy
from monitor.overview import overview
from monitor.sla import Conditions, Lead, Policy
from monitor.sla.ladder import Rung
from responders.criteria import Criteria
from responders.escalation.climbing import Staff
from responders.escalation.ladders import Ladder, Step
from responders.people import People, Person
from tests.integration.core.test_life import reject
from tests.support.core_world import HOUR, MARA, OTTO, World, comment

PEOPLE = People([Person("Mara", manager=True), Person("Otto")])
LADDER = Ladder(
    "usual",
    (
        Step(Rung(None), "assignee"),
        Step(Rung(0, HOUR, 3), "channel"),
        Step(Rung(2 * HOUR), "Otto"),
        Step(Rung(4 * HOUR), "S0GROUP"),
        Step(Rung(6 * HOUR), "managers"),
    ),
)


@pytest.fixture
def climbing(world: World) -> World:
    world.escalate(LADDER, staff=Staff(PEOPLE))
    return world


def given(world: World) -> list[tuple[str, str, str]]:
    """Return each call: its state, who was told, and whom it was meant for."""
    return [(row.state, row.who, row.instead_of) for row in world.rows(EscalationCall)]


def test_without_slack_each_call_is_still_written_down_and_shown(climbing: World) -> None:
    case_id = climbing.drafted()
    climbing.queue.assign(case_id, to="Otto", actor=MARA)

    climbing.pass_time(hours=20)

    assert given(climbing) == [
        ("told", "Otto", ""),
        ("told", "the team", ""),
        ("told", "the team", ""),
        ("told", "Otto", ""),
        ("told", "the managers (Mara)", "S0GROUP"),
        ("told", "the managers (Mara)", ""),
    ]
    summaries = [e.summary for e in climbing.view(case_id).events if e.kind == "escalated"]
    assert summaries[0].startswith("told Otto: first response is due 2026-03-02 17:00 UTC")
    assert summaries[1].startswith("told the team: first response was due")
    (seen,) = climbing.view(case_id).escalations
    assert (seen.target, len(seen.calls), seen.next_at, seen.next_who) == (
        "first_response", 6, None, "",
    )  # fmt: skip
    assert climbing.queue.lines(state="all")[0].escalated
    with climbing.db.read() as session:
        assert overview(session, climbing.clock()).escalated == (f"C-{case_id}",)


def test_what_comes_next_and_when_is_known_before_it_comes(climbing: World) -> None:
    case_id = climbing.drafted()
    climbing.pass_time(hours=6, minutes=1)

    (seen,) = climbing.view(case_id).escalations

    due_at = climbing.clock_of(case_id, "first_response").due_at
    assert (seen.next_who, seen.next_at) == ("the team", due_at + timedelta(seconds=1))
    assert seen.may_be_acknowledged


def test_a_ladder_that_names_nobody_who_is_there_says_so(world: World) -> None:
    world.escalate(Ladder("empty", (Step(Rung(0), "assignee"), Step(Rung(HOUR), "Eve"))))
    case_id = world.drafted()

    world.pass_time(hours=10)

    assert [state for state, _, _ in given(world)] == ["nobody", "nobody"]
    assert world.events(case_id).count("escalated_to_nobody") == 2
    outcome = world.queue.acknowledge(case_id, actor=MARA)
    assert (outcome.code, "no call" in outcome.message) == ("stale", True)


def test_a_case_that_no_ladder_is_for_climbs_none(world: World) -> None:
    urgent = Criteria(Conditions(urgency=("urgent",)))
    world.escalate(Ladder("urgent", LADDER.steps, urgent))

    world.drafted()
    world.pass_time(hours=20)

    assert world.rows(Escalation) == []


def test_the_first_ladder_that_matches_is_taken(world: World) -> None:
    quay = Criteria(Conditions(source=("board",)))
    world.escalate(Ladder("one", LADDER.steps, quay), LADDER)

    case_id = world.drafted()
    world.pass_time(hours=7)

    assert [seen.ladder for seen in world.view(case_id).escalations] == ["one"]


def test_a_warning_that_stands_several_times_is_given_each_time_and_tells_which(
    world: World,
) -> None:
    policy = Policy("often", "always", first_response=8 * HOUR, warn_at=(0.25, 0.5, Lead(HOUR)))
    world.policies = (policy,)
    world.book._policies = (policy,)
    case_id = world.drafted()

    world.pass_time(hours=9)

    told = [row.detail for row in world.rows(Event, Event.kind == "warned")]
    assert [(each["warning"], each["of"], each["which"]) for each in told] == [
        (1, 3, "25 % of the time is used"),
        (2, 3, "50 % of the time is used"),
        (3, 3, "1 h of it is left"),
    ]
    clock = world.clock_of(case_id, "first_response")
    assert clock.warnings == 3
    assert clock.warned_at == clock.due_at - timedelta(hours=1)
    assert clock.breached_at == clock.due_at


def test_a_policy_stored_before_there_were_several_warnings_still_warns(world: World) -> None:
    case_id = world.drafted()
    body = world.row(SlaPolicy).body
    assert body["policy"]["warn_at"] == 0.75

    world.pass_time(hours=6, minutes=1)

    assert world.clock_of(case_id, "first_response").warnings == 1


def test_an_acknowledgement_holds_the_ladder_until_it_runs_out(climbing: World) -> None:
    case_id = climbing.drafted()
    climbing.pass_time(hours=8, minutes=1)

    outcome = climbing.queue.acknowledge(case_id, actor=OTTO)

    assert outcome.done
    assert "nobody else is called until 2026-03-02 18:01 UTC" in outcome.message
    (seen,) = climbing.view(case_id).escalations
    assert (seen.acknowledged_by, seen.may_be_acknowledged) == ("Otto (terminal)", False)
    with climbing.db.read() as session:
        assert overview(session, climbing.clock()).escalated == ()
    before = len(given(climbing))
    climbing.pass_time(minutes=59)
    assert len(given(climbing)) == before
    climbing.pass_time(minutes=2)
    assert given(climbing)[before:] == [("told", "the team", "")]
    assert "acknowledgement_ended" in climbing.events(case_id)


def test_another_who_acknowledges_is_told_who_has_and_the_same_may_hold_it_longer(
    climbing: World,
) -> None:
    case_id = climbing.drafted()
    climbing.pass_time(hours=8, minutes=1)
    climbing.queue.acknowledge(case_id, actor=OTTO)

    climbing.clock.move(minutes=30)
    second = climbing.queue.acknowledge(case_id, actor=MARA)
    longer = climbing.queue.acknowledge(case_id, actor=OTTO)

    assert (second.code, "Otto (terminal) acknowledged it" in second.message) == ("taken", True)
    assert "until 2026-03-02 18:31 UTC" in longer.message


def test_who_takes_the_case_acknowledges(climbing: World) -> None:
    case_id = climbing.drafted()
    climbing.pass_time(hours=8, minutes=1)

    climbing.queue.assign(case_id, to=MARA.name, actor=MARA)

    assert climbing.events(case_id)[-2:] == ["taken", "acknowledged"]


def test_an_ended_case_calls_nobody_and_a_reopened_one_begins_anew(climbing: World) -> None:
    case_id = climbing.drafted()
    climbing.pass_time(hours=8, minutes=1)
    reject(climbing, case_id, "no_answer")
    before = len(given(climbing))

    climbing.pass_time(hours=20)
    assert len(given(climbing)) == before
    assert climbing.row(Escalation).next_at is None

    climbing.hear(comment("c1", "m1", "this is still bad"))
    climbing.pass_time(hours=9)
    assert len(climbing.rows(Escalation)) == 2
    assert len(given(climbing)) == before + 2


def test_a_paused_clock_holds_its_ladder_and_goes_on_where_it_stood(climbing: World) -> None:
    case_id = climbing.answered()
    climbing.hear(comment("c1", "m1", "when?"))
    # The resolution clock warns after 54 of its 72 hours.
    climbing.pass_time(("clock", "escalate"), hours=55)
    resolution = climbing.clock_of(case_id, "resolution")
    (row,) = climbing.rows(Escalation, Escalation.clock_id == resolution.id)
    before = len(climbing.rows(EscalationCall, EscalationCall.escalation_id == row.id))
    assert before == 1
    climbing.work()
    assert climbing.approve(case_id).done
    climbing.do("publish")
    assert climbing.clock_of(case_id, "resolution").state == "paused"
    assert climbing.row(Escalation, Escalation.id == row.id).next_at is None

    climbing.pass_time(("clock", "escalate"), hours=48)
    climbing.hear(comment("c2", "m1", "and now?"))
    resumed = climbing.clock_of(case_id, "resolution")
    climbing.work(("clock", "escalate"))

    assert resumed.due_at == resolution.due_at + timedelta(hours=48)
    kept = climbing.row(Escalation, Escalation.id == row.id)
    assert kept.next_at == resumed.due_at + timedelta(seconds=1)
    assert len(climbing.rows(EscalationCall, EscalationCall.escalation_id == row.id)) == before


def test_a_breach_that_nobody_saw_before_a_pause_is_called_for_when_the_clock_goes_on(
    climbing: World,
) -> None:
    case_id = climbing.answered()
    climbing.hear(comment("c1", "m1", "when?"))
    climbing.work(("prepare",))
    climbing.clock.move(hours=80)  # the resolution was due after 72, and no daemon was there
    assert climbing.approve(case_id).done
    climbing.do("publish")
    assert climbing.clock_of(case_id, "resolution").breached_at is not None

    climbing.clock.move(hours=1)
    climbing.hear(comment("c2", "m1", "and now?"))
    climbing.work(("clock", "escalate"))

    resolution = climbing.clock_of(case_id, "resolution")
    assert climbing.events(case_id).count("breached") == 0
    assert len(climbing.rows(Escalation, Escalation.clock_id == resolution.id)) == 1


def test_a_ladder_that_was_begun_keeps_its_steps(climbing: World) -> None:
    climbing.drafted()
    climbing.pass_time(hours=7)

    climbing.escalate(Ladder("usual", (Step(Rung(0), "managers"),)))
    climbing.pass_time(hours=2)

    assert given(climbing)[-1] == ("told", "the team", "")


def test_an_old_breach_calls_nobody_after_an_upgrade(climbing: World) -> None:
    climbing.drafted()
    with climbing.write() as session:
        session.execute(
            update(Clock).values(breached_at=Clock.due_at, noticed_at=Clock.due_at, next_at=None)
        )

    climbing.pass_time(hours=20)

    assert climbing.rows(Escalation) == []
