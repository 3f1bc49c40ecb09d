"""Kept figures are those of a recount, whatever happened, and in whatever order it was heard of."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from monitor.changes import case_changed
from monitor.models import Case, Clock, Reply, ReportChange, Rollup, RollupSpan
from monitor.reports import sla_report
from monitor.reports.keeping import Keeper
from monitor.reports.measures import PARTS
from monitor.reports.period import Grain, Period
from monitor.reports.reading import Reader
from monitor.reports.scope import Scope
from monitor.sla import TARGETS
from tests.support.cases import OTTO
from tests.support.core_world import World, comment, review

BERLIN = "Europe/Berlin"


@pytest.fixture
def keeper(world: World) -> Keeper:
    return Keeper(world.db, world.clock, BERLIN)


def live_through(world: World, seed: int = 7, cases: int = 8) -> None:
    """Hear, answer, close and leave complaints open over three weeks, at random."""
    chance = random.Random(seed)
    world.add_source("other")
    for number in range(cases):
        key = chance.choice(["board", "other"])
        found = review(f"m{number}", chance.choice(["bad tea", "bad wait", "fine now"]))
        world.hear(found, key=key)
        world.do("prepare")
        world.clock.move(hours=chance.randrange(1, 30))
        lines = world.queue.lines(state="open")
        if lines and chance.random() < 0.7:
            world.approve(chance.choice(lines).id)
            world.work()
        if chance.random() < 0.3:
            world.hear(comment(f"c{number}", f"m{number}", "this is still bad"), key=key)
        if lines and chance.random() < 0.2:
            world.queue.assign(chance.choice(lines).id, to="Otto", actor=OTTO)
        world.clock.move(hours=chance.randrange(0, 12))


def period(world: World, days: int = 40) -> Period:
    return Period.back(world.clock(), days, ZoneInfo(BERLIN))


def test_a_day_that_somebody_else_makes_meanwhile_is_counted_again(world: World) -> None:
    class Slow(Keeper):
        """Lets another make its days between its own look and its writing."""

        def _count(self, day):  # type: ignore[no-untyped-def]  # as its parent
            counted = super()._count(day)
            with world.db.write() as session:
                session.execute(update(Clock).values(state="voided", stopped_at=world.clock()))
                session.add(ReportChange(case_id=session.scalars(select(Case.id)).first()))
            Keeper(world.db, world.clock, BERLIN).run()
            return counted

    live_through(world, cases=1)
    Keeper(world.db, world.clock, BERLIN).run()
    with world.db.write() as session:
        session.add(ReportChange(case_id=session.scalars(select(Case.id)).first()))
    world.clock.move(hours=1)
    slow = Slow(world.db, world.clock, BERLIN)
    slow.run()
    assert slow.differences() == []


def test_a_day_that_is_as_it_was_keeps_its_version(world: World, keeper: Keeper) -> None:
    live_through(world, cases=2)
    keeper.run()
    with world.db.read() as session:
        before = session.execute(select(RollupSpan.span, RollupSpan.version)).all()
    with world.db.write() as session:
        session.add_all(ReportChange(case_id=each) for each in session.scalars(select(Case.id)))
    assert keeper.run() > 0
    with world.db.read() as session:
        assert session.execute(select(RollupSpan.span, RollupSpan.version)).all() == before


def test_nothing_happened_and_nothing_is_kept(world: World, keeper: Keeper) -> None:
    assert keeper.run() == 0
    assert keeper.run() == 0
    assert keeper.differences() == []
    assert rollups(world) == []


def test_kept_figures_are_those_of_a_recount(world: World, keeper: Keeper) -> None:
    keeper.run()
    live_through(world)
    assert keeper.run() > 0
    assert rollups(world)
    assert keeper.differences() == []
    assert world.rows(ReportChange) == []


def test_a_rebuild_from_nothing_gives_the_same_rows(world: World, keeper: Keeper) -> None:
    live_through(world)
    keeper.run()
    kept = rollups(world)
    told: list[tuple[int, int]] = []
    assert keeper.rebuild(lambda done, of: told.append((done, of))) > 0
    assert rollups(world) == kept
    assert told[-1][0] == told[-1][1]


def test_they_are_settled_only_when_all_are_made(world: World, keeper: Keeper) -> None:
    live_through(world)
    told: list[datetime | None] = []

    def look(_done: int, _of: int) -> None:
        told.append(settled(world))

    assert settled(world) is None
    keeper.run(look)
    assert settled(world) == world.clock()
    keeper.rebuild(look)
    assert set(told) == {None}
    assert settled(world) == world.clock()


def test_what_is_taken_in_day_by_day_leaves_them_settled(world: World, keeper: Keeper) -> None:
    case_id = world.drafted()
    keeper.run()
    world.clock.move(hours=1)
    world.approve(case_id)
    told: list[datetime | None] = []
    keeper.run(lambda _done, _of: told.append(settled(world)))
    assert told
    assert None not in told
    assert settled(world) == world.clock()


def settled(world: World) -> datetime | None:
    with world.db.read() as session:
        return Reader(session, period(world), world.clock()).settled_at


def rollups(world: World) -> list[tuple[object, ...]]:
    columns = Rollup.__table__.columns
    with world.db.read() as session:
        return sorted(tuple(row) for row in session.execute(select(*columns)))


def test_a_difference_is_found(world: World, keeper: Keeper) -> None:
    world.answered()
    keeper.run()
    with world.write() as session:
        session.execute(update(Clock).values(business_seconds=Clock.business_seconds + 7))
    assert any("first_response all" in line for line in keeper.differences())


def test_an_answer_weeks_later_counts_for_the_day_received(world: World, keeper: Keeper) -> None:
    case_id = world.drafted()
    day = world.clock().astimezone(ZoneInfo(BERLIN)).date()
    keeper.run()
    world.clock.move(days=20)
    world.approve(case_id)
    world.work()
    keeper.run()
    with world.db.read() as session:
        reader = Reader(session, period(world), world.clock())
        assert [told for told, _ in reader.over_time("first_response", "day")] == [day]
        assert reader.total("first_response").attainment.missed == 1
    assert keeper.differences() == []


def test_months_are_added_up_once_they_are_over(world: World, keeper: Keeper) -> None:
    live_through(world)
    world.clock.move(days=70)
    keeper.run()
    with world.db.read() as session:
        assert session.scalars(select(RollupSpan).where(RollupSpan.grain == "month")).all()
    whole = period(world, 120)
    with world.db.read() as session:
        from_months = Reader(session, whole, world.clock())
        told = {
            (measure, part): from_months.by_part(measure, part)
            for measure in TARGETS
            for part in PARTS
        }
    with world.write() as session:
        session.execute(delete(RollupSpan).where(RollupSpan.grain == "month"))
    with world.db.read() as session:
        from_days = Reader(session, whole, world.clock())
        for (measure, part), figures in told.items():
            assert from_days.by_part(measure, part) == figures


def test_a_month_whose_days_changed_is_not_read(world: World, keeper: Keeper) -> None:
    case_id = world.drafted()
    world.clock.move(days=70)
    keeper.run()
    world.approve(case_id)
    world.work()
    keeper.run()
    with world.db.read() as session:
        reader = Reader(session, period(world, 120), world.clock())
        assert reader.total("first_response").answered == 1


def test_days_of_another_zone_are_counted_anew(world: World, keeper: Keeper) -> None:
    live_through(world)
    keeper.run()
    elsewhere = Keeper(world.db, world.clock, "Pacific/Auckland")
    assert elsewhere.run() > 0
    assert elsewhere.differences() == []
    assert keeper.differences() != []


@pytest.mark.parametrize("seed", range(2))
def test_what_is_read_from_rollups_is_what_the_rows_say(
    world: World, keeper: Keeper, seed: int
) -> None:
    live_through(world, seed)
    keeper.run()
    world.clock.move(hours=5)
    whole = period(world)
    with world.db.read() as session:
        naive = sla_report(session, world.clock(), whole.begin, BERLIN)
        reader = Reader(session, whole, world.clock())
        for told in naive.targets:
            assert reader.total(told.target) == told.total
            assert tuple(reader.over_time(told.target, "day")) == told.by_day
            assert dict(reader.by_part(told.target, "source")) == dict(told.by_source)
            for key, figures in told.by_source:
                assert reader.total(told.target, Scope("source", (key,))) == figures


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("scope", [Scope(), Scope("topic", ("",)), Scope("person", ("",))])
def test_one_that_is_late_does_not_make_those_beside_it_late(
    world: World, keeper: Keeper, grain: Grain, scope: Scope
) -> None:
    late = world.drafted("m1")
    world.clock.move(minutes=10)
    for beside in ("m2", "m3"):
        world.drafted(beside)
    keeper.run()
    now = world.clock_of(late, "first_response").due_at + timedelta(minutes=5)
    with world.db.read() as session:
        reader = Reader(session, period(world), now)
        ((_, at_that_time),) = reader.over_time("first_response", grain, scope)
        for figures in (at_that_time, reader.total("first_response", scope)):
            kept = figures.attainment
            assert (kept.open_overdue, kept.open_in_time) == (1, 2)


def test_a_customer_who_comes_back_changes_the_day_of_their_first_case(
    world: World, keeper: Keeper
) -> None:
    world.answered("m1", author_id="a1")
    world.clock.move(days=3)
    keeper.run()
    world.hear(review("m2", author_id="a1"))
    keeper.run()
    with world.db.read() as session:
        returned = Reader(session, period(world), world.clock()).sum("returned")
    assert (returned.counted, returned.met) == (1, 1)
    assert keeper.differences() == []
    assert len(world.rows(Case)) == 2


def test_a_reply_of_ours_is_no_mention_though_it_was_heard_before_we_knew(
    world: World, keeper: Keeper
) -> None:
    case_id = world.answered()
    world.clock.move(days=2)
    world.hear(comment("found-later", "m1", "we are sorry", author_id="us"))
    keeper.run()
    with world.db.read() as session:
        assert Reader(session, period(world), world.clock()).sum("mentions").counted == 2
    with world.write() as session:
        session.execute(
            update(Reply).where(Reply.case_id == case_id).values(external_id="found-later")
        )
        case_changed(session, case_id)
    keeper.run()
    whole = period(world)
    with world.db.read() as session:
        assert Reader(session, whole, world.clock()).sum("mentions").counted == 1
        assert sla_report(session, world.clock(), whole.begin, BERLIN).mentions == 1
    assert keeper.differences() == []
