"""Late work and long outages are told once, and end when they end."""

from __future__ import annotations

from sqlalchemy import update

from connectors.errors import Unavailable
from monitor.models import Alert, Case
from monitor.overdue import watch_backlog, watch_outages
from tests.support.core_world import World, review


def open_alerts(world: World) -> list[str]:
    return [row.key for row in world.rows(Alert, Alert.resolved_at.is_(None))]


def watch(world: World) -> list[str]:
    with world.write() as session:
        watch_backlog(session, world.clock())
        watch_outages(session, world.clock())
    return open_alerts(world)


def test_a_short_outage_is_no_alarm_and_a_long_one_is_one(world: World) -> None:
    world.poll()
    world.clock.move(minutes=30)
    world.board.fail("fetch", Unavailable("down"), Unavailable("down"))
    world.do("poll")
    assert watch(world) == []
    world.clock.move(hours=30)
    assert watch(world) == ["outage:board"]
    assert watch(world) == ["outage:board"]
    told = world.row(Alert, Alert.key == "outage:board")
    assert "Unavailable: down" in told.message

    world.pass_time(("poll",), hours=7)
    world.pass_time(("poll",), hours=7)
    assert watch(world) == []
    assert len(world.rows(Alert)) == 1


def test_work_that_nobody_does_is_an_alarm_until_it_is_done(world: World) -> None:
    world.hear(review("m1", "Cold soup and rude staff, never again", rating=1))
    with world.write() as session:
        session.execute(update(Case).values(next_at=world.clock()))
    world.clock.move(minutes=14)
    assert watch(world) == []
    world.clock.move(minutes=2)
    assert watch(world) == ["overdue:prepare"]
    world.do("prepare")
    assert watch(world) == []
