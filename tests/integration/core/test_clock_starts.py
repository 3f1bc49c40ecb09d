"""Clocks that start when something was written; and policies for tiers, topics and reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.cases.policies import PolicyBook
from monitor.intake.store import PageStore
from monitor.levels.facts import facts_now
from monitor.levels.tiers import set_tier, tiers
from monitor.models import Author, Case, Clock, Customer, Event, SlaPolicy
from monitor.sla import Conditions, Policy
from monitor.sla.starting import AHEAD, NOT_TOLD, TOO_OLD
from tests.support.core_world import POLICY, World, comment, review

WRITTEN = replace(POLICY, start="written")


@pytest.fixture
def early(world: World) -> World:
    """Have new cases be counted from when they were written."""
    return ruled(world, WRITTEN)


def ruled(world: World, *policies: Policy) -> World:
    """Have new cases be opened by these policies."""
    world.book = PolicyBook(policies, {})
    world.store = PageStore(world.db, world.assessor, world.book)
    world._wire()
    return world


def first(world: World, case_id: int) -> Clock:
    return world.clock_of(case_id, "first_response")


def test_a_clock_starts_when_it_was_written(early: World) -> None:
    written = early.clock() - timedelta(hours=3)
    case_id = early.drafted(created_at=written)

    clock = first(early, case_id)
    assert clock.started_at == written.replace(microsecond=0)
    assert clock.due_at == clock.started_at + timedelta(hours=8)
    assert (clock.written_at, clock.seen_at) == (written, early.clock())
    assert clock.start_reason == ""
    opened = early.view(case_id).events[0].summary
    assert opened.startswith("opened the case; written ")
    assert opened.endswith("seen 3 h later")


@pytest.mark.parametrize(
    ("ago", "reason"),
    [(None, NOT_TOLD), (timedelta(hours=-1), AHEAD), (timedelta(days=8), TOO_OLD)],
)
def test_a_time_that_cannot_be_counted_from_leaves_its_reason(
    early: World, ago: timedelta | None, reason: str
) -> None:
    written = None if ago is None else early.clock() - ago
    case_id = early.drafted(created_at=written)

    clock = first(early, case_id)
    assert clock.started_at == early.clock().replace(microsecond=0)
    assert (clock.written_at, clock.start_reason) == (written, reason)


def test_both_times_are_kept_where_clocks_start_at_first_sight(world: World) -> None:
    written = world.clock() - timedelta(hours=3)
    case_id = world.drafted(created_at=written)

    clock = first(world, case_id)
    assert clock.started_at == world.clock().replace(microsecond=0)
    assert (clock.written_at, clock.seen_at, clock.start_reason) == (written, world.clock(), "")


def test_a_later_word_is_counted_from_when_it_was_written(early: World) -> None:
    case_id = early.answered(created_at=early.clock())
    early.clock.move(hours=5)
    written = early.clock() - timedelta(hours=1)
    early.hear(comment("c1", "m1", "bad again, where is my money?", created_at=written))

    clock = early.clock_of(case_id, "next_response")
    assert clock.started_at == written.replace(microsecond=0)
    assert clock.due_at == clock.started_at + timedelta(hours=4)
    assert (clock.written_at, clock.seen_at) == (written, early.clock())


def test_a_deadline_that_had_passed_before_it_was_seen_is_missed_at_its_time(
    early: World,
) -> None:
    written = early.clock() - timedelta(hours=20)
    case_id = early.drafted(created_at=written)

    early.work(("clock",))
    early.pass_time(minutes=1)

    clock = first(early, case_id)
    assert clock.breached_at == clock.due_at == clock.started_at + timedelta(hours=8)
    assert clock.noticed_at is not None
    assert clock.noticed_at > clock.due_at


def test_an_edit_that_makes_a_complaint_is_counted_from_the_edit(early: World) -> None:
    early.hear(review("m1", "nice tea", rating=5.0, created_at=early.clock()))
    early.clock.move(hours=6)
    edited = early.clock() - timedelta(minutes=20)
    early.board.edit("m1", text="bad tea", rating=1.0, edited_at=edited)
    early.poll()

    assert first(early, early.case_of("m1").id).started_at == edited.replace(microsecond=0)


def test_an_edit_without_a_time_is_counted_from_first_sight(early: World) -> None:
    early.hear(review("m1", "nice tea", rating=5.0, created_at=early.clock()))
    early.clock.move(hours=6)
    early.board.edit("m1", text="bad tea", rating=1.0)
    early.poll()

    clock = first(early, early.case_of("m1").id)
    assert clock.started_at == early.clock().replace(microsecond=0)
    assert clock.start_reason == NOT_TOLD


def chosen(world: World, case_id: int) -> str:
    case = world.case(case_id)
    return world.row(SlaPolicy, SlaPolicy.id == case.policy_id).key


def test_a_policy_may_ask_for_a_topic(world: World) -> None:
    ruled(world, replace(POLICY, key="slow", when=Conditions(topic=("waiting",))), POLICY)

    assert chosen(world, world.drafted("m1", text="bad: a long wait")) == "slow"
    assert chosen(world, world.drafted("m2", text="bad tea")) == "standard"


@pytest.mark.parametrize(("reach", "key"), [(10_000, "known"), (9_999, "standard"), (None, None)])
def test_a_policy_may_ask_how_many_follow(world: World, reach: int | None, key: str | None) -> None:
    ruled(world, replace(POLICY, key="known", when=Conditions(reach_at_least=10_000)), POLICY)

    case_id = world.drafted(author_reach=reach)

    assert chosen(world, case_id) == (key or "standard")
    assert world.row(Author).reach == reach


def test_the_reach_of_an_author_is_the_newest_that_was_told(world: World) -> None:
    world.drafted("m1", author_reach=10)
    world.drafted("m2", author_reach=20)
    world.drafted("m3")

    assert world.row(Author).reach == 20


def test_a_policy_may_ask_for_a_tier(world: World) -> None:
    ruled(world, replace(POLICY, key="gold", when=Conditions(tier=("gold",))), POLICY)
    case_id = world.drafted("m1")
    assert chosen(world, case_id) == "standard"

    with world.write() as session:
        assert set_tier(session, case_id, "gold", "Otto", world.clock()) == "Dana Petrova"

    assert chosen(world, world.drafted("m2")) == "gold"
    assert chosen(world, world.drafted("m3", author_id="kim", author_name="Kim")) == "standard"
    assert world.view(case_id).events[-1].summary == "said which tier the customer has: gold"
    with world.db.read() as session:
        (found,) = tiers(session)
        assert (found.tier, found.name, len(found.cases)) == ("gold", "Dana Petrova", 2)


def test_a_tier_said_twice_is_written_once_and_can_be_taken_away(world: World) -> None:
    case_id = world.drafted()
    for tier in ("gold", "gold", ""):
        with world.write() as session:
            set_tier(session, case_id, tier, "Otto", world.clock())

    assert world.events(case_id).count("tier_set") == 2
    assert world.row(Customer).tier == ""


def test_nobody_has_the_tier_of_a_case_that_is_not_there(world: World) -> None:
    with world.write() as session:
        assert set_tier(session, 4_000_000, "gold", "Otto", world.clock()) is None


def test_a_stored_case_gives_policies_what_the_new_one_gave(world: World) -> None:
    case_id = world.drafted(text="bad: a long wait", author_reach=7, rating=2.0)
    with world.write() as session:
        set_tier(session, case_id, "gold", "Otto", world.clock())
    with world.db.read() as session:
        facts = facts_now(session, session.get_one(Case, case_id))

    assert (facts.source, facts.brand, facts.rating) == ("board", "harbour", 2.0)
    assert (facts.topics, facts.tier, facts.reach) == (("waiting",), "gold", 7)


def test_the_trail_keeps_when_it_was_written(world: World) -> None:
    written = world.clock() - timedelta(hours=3)
    world.drafted(created_at=written)

    opened = world.rows(Event, Event.kind == "opened")[0]
    assert opened.detail["written_at"] == written.isoformat()
