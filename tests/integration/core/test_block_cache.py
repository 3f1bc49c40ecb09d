"""Reports that keep what they have read tell the same as reports that read everything."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update

from monitor.changes import case_changed
from monitor.models import Clock
from monitor.reports.blocks import BlockCache, cut
from monitor.reports.keeping import Keeper
from monitor.reports.measures import MEASURES
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.scope import Scope
from tests.support.core_world import World, review

BERLIN = "Europe/Berlin"


@pytest.fixture
def keeper(world: World) -> Keeper:
    return Keeper(world.db, world.clock, BERLIN)


def period(world: World, days: int) -> Period:
    return Period.back(world.clock(), days, ZoneInfo(BERLIN))


def told(world: World, days: int, cache: BlockCache | None) -> list[Any]:
    """Return what reports read, of one period: of every third measure, for all are read alike."""
    found: list[Any] = []
    with world.db.read() as session:
        reader = Reader(session, period(world, days), world.clock(), cache)
        for measure in [*MEASURES][::3]:
            for part in ("all", "source", "topic"):
                found += reader.by_part(measure, part), reader.counts(measure, part)
            for scope in (Scope(), Scope("source", ("board",)), Scope("source", ("board",), True)):
                found += reader.total(measure, scope), reader.sum(measure, scope).counted
                for grain in ("day", "week", "month"):
                    found += reader.over_time(measure, grain, scope)
    return [_plain(each) for each in found]


def _plain(each: Any) -> Any:
    """Sums compared by what they say, not by how many runs their times are in."""
    if isinstance(each, list):
        return [(key, _plain(value)) for key, value in each]
    if hasattr(each, "walls"):
        times, walls = (sorted(t for run in runs for t in run) for runs in (each.times, each.walls))
        return each.counted, each.met, each.missed, each.voided, each.total, times, walls
    return each


def test_it_tells_the_same_whatever_happens_between_two_looks(world: World, keeper: Keeper) -> None:
    cache, chance = BlockCache(), random.Random(11)
    world.add_source("other")
    for number in range(8):
        world.hear(review(f"m{number}", "bad tea"), key=chance.choice(["board", "other"]))
        world.do("prepare")
        lines = world.queue.lines(state="open")
        if lines and chance.random() < 0.6:
            world.approve(chance.choice(lines).id)
            world.work()
        keeper.run()
        if number % 3 == 0:
            keeper.rebuild()
        for days in (7, 100):
            assert told(world, days, cache) == told(world, days, None)
        world.clock.move(days=chance.randrange(0, 14))


def test_a_rebuild_under_the_same_clock_is_noticed(world: World, keeper: Keeper) -> None:
    world.answered()
    keeper.run()
    cache = BlockCache()
    before = told(world, 7, cache)
    with world.write() as session:  # behind the back of whoever takes changes in
        session.execute(update(Clock).values(business_seconds=7))
    keeper.rebuild()
    assert told(world, 7, cache) == told(world, 7, None) != before


def test_only_weeks_that_changed_are_read_again(world: World, keeper: Keeper) -> None:
    first, _, last = (weeks_apart(world, name) for name in ("m1", "m2", "m3"))
    keeper.run()
    cache, whole = BlockCache(), period(world, 35)
    assert _rows_read(world, cache, whole) == [3]
    assert _rows_read(world, cache, whole) == []
    for case_id in (first, last):
        with world.write() as session:
            clock = update(Clock).where(Clock.case_id == case_id)
            session.execute(clock.values(business_seconds=7))
            case_changed(session, case_id)
    keeper.run()
    assert _rows_read(world, cache, whole) == [1, 1], "and not the week between them"
    assert _rows_read(world, cache, whole) == []


def weeks_apart(world: World, name: str) -> int:
    world.clock.move(days=10)
    return world.answered(name)


def _rows_read(world: World, cache: BlockCache, whole: Period) -> list[int]:
    """Return how many rollups each statement asked for while a figure was read."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM rollup \n" in statement:
            asked.append((statement, parameters))

    event.listen(world.db.engine, "before_cursor_execute", hear)
    with world.db.read() as session:
        Reader(session, whole, world.clock(), cache).sum("first_response")
    event.remove(world.db.engine, "before_cursor_execute", hear)
    with world.db.engine.connect() as connection:
        return [len(connection.exec_driver_sql(*each).fetchall()) for each in asked]


def test_a_period_is_cut_into_weeks_and_whole_months(world: World, keeper: Keeper) -> None:
    world.answered()
    world.clock.move(days=70)
    keeper.run()
    with world.db.read() as session:
        made = cut(session, period(world, 150))
    assert [block.grain for block in made.blocks].count("month") == 1
    for blocks in (made.blocks, made.days):
        whole = period(world, 150)
        assert blocks[0].first == whole.first.toordinal()
        assert blocks[-1].last == whole.last.toordinal()
        for one, next_one in pairwise(blocks):
            assert one.last + 1 == next_one.first, "no day is left out, and none is in two"
    assert {block.grain for block in made.days} == {"day"}
