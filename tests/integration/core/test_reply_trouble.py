"""Whoever approved a reply that cannot leave sees why, once, and sees it leave in the end."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import AuthFailed, RateLimited, Unavailable
from tests.support.core_world import World


def test_the_first_failure_of_a_publication_stands_in_the_trail_and_no_other(world: World) -> None:
    case_id = world.drafted()
    world.approve(case_id)
    seen = world.case(case_id).revision
    world.board.fail("reply", *[Unavailable("down for repairs", timedelta(minutes=5))] * 3)
    for _ in range(3):
        world.do("publish")
        world.clock.move(minutes=6)
    told = [event for event in world.view(case_id).events if event.kind == "publish_failed"]
    assert [event.summary for event in told] == [
        "could not publish yet, and will try again: Unavailable: down for repairs"
    ]
    assert world.case(case_id).revision > seen, "open pages and cards show it"
    world.do("publish")
    assert world.reply(case_id).state == "published"


def test_a_failure_after_it_worked_is_told_anew(world: World) -> None:
    first, second = world.drafted("m1"), world.drafted("m2")
    for case_id, error in ((first, AuthFailed("expired")), (second, RateLimited("slow down"))):
        world.approve(case_id)
        world.board.fail("reply", error)
        world.do("publish")
        assert world.events(case_id).count("publish_failed") == 1
        world.pass_time(("publish",), hours=7)
        assert world.reply(case_id).state == "published"
