"""A promise was kept if the waiting ended in time, though a watcher had noted a breach before."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.reports import sla_report
from monitor.reports.keeping import Keeper
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from tests.support.core_world import World

BERLIN = "Europe/Berlin"


def colleague_answers(world: World) -> None:
    world.board.edit("m1", our_reply="Sorry, says the owner.", our_reply_at=world.clock())
    world.poll()


def left_late(world: World, target: str, answered_after: int) -> int:
    """Have a case left to an answer of so many hours, after its deadline passed unseen."""
    case_id = world.drafted()
    world.clock.move(hours=answered_after)
    colleague_answers(world)
    world.clock.move(hours=3)
    world.do("clock")
    assert world.clock_of(case_id, target).breached_at is not None
    assert world.leave(case_id).done
    return case_id


def test_an_answer_that_somebody_gave_in_time_is_taken_after_the_deadline(world: World) -> None:
    case_id = left_late(world, "first_response", 6)

    clock = world.clock_of(case_id, "first_response")
    assert (clock.breached_at, clock.noticed_at) == (None, None)
    assert clock.stopped_at == clock.due_at - timedelta(hours=2)
    kinds = world.events(case_id)
    assert kinds.index("breached") < kinds.index("kept_after_all")
    period = Period.back(world.clock(), 7, ZoneInfo(BERLIN))
    Keeper(world.db, world.clock, BERLIN).run()
    with world.db.read() as session:
        kept = Reader(session, period, world.clock()).total("first_response").attainment
        naive = sla_report(session, world.clock(), period.begin, BERLIN)
    assert (kept.met, kept.missed) == (1, 0)
    assert next(t for t in naive.targets if t.target == "first_response").total.attainment == kept


def test_an_answer_that_came_too_late_stays_a_breach(world: World) -> None:
    case_id = world.drafted()
    world.clock.move(hours=9)
    world.do("clock")
    colleague_answers(world)
    assert world.leave(case_id).done
    clock = world.clock_of(case_id, "first_response")
    assert clock.breached_at == clock.due_at
    assert "kept_after_all" not in world.events(case_id)


def test_a_clock_that_stood_still_before_its_deadline_goes_on_unbreached(world: World) -> None:
    case_id = left_late(world, "resolution", 71)
    clock = world.clock_of(case_id, "resolution")
    assert (clock.state, clock.breached_at) == ("paused", None)
    assert "kept_after_all" in world.events(case_id)
