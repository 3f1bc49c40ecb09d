"""Whoever approved a reply that cannot leave sees why, once, and sees it leave in the end."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import AuthFailed, RateLimited, Unavailable
from monitor.models import Account
from tests.support.core_stores import on_sqlite
from tests.support.core_world import World

pytestmark = on_sqlite


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
    for case_id, error, told in (
        (first, AuthFailed("expired"), "publish_failed"),
        (second, RateLimited("slow down"), "publish_waits"),
    ):
        world.approve(case_id)
        world.board.fail("reply", error)
        world.do("publish")
        assert world.events(case_id).count(told) == 1
        world.pass_time(("publish",), hours=7)
        assert world.reply(case_id).state == "published"


def test_a_reply_over_the_daily_limit_stays_owed_and_says_when_it_goes_out(world: World) -> None:
    case_id = world.drafted()
    world.approve(case_id)
    full = RateLimited(
        "the budget of 5 replies in 1 d of the account board is used up",
        timedelta(hours=5),
        budget="replies",
    )
    world.board.fail("reply", full)
    world.do("publish")

    out = world.clock() + timedelta(hours=5)
    view = world.view(case_id)
    assert view.reply is not None
    assert (view.reply.state, view.reply.goes_out_at) == ("owed", out)
    assert view.reply.waits_for.startswith("the budget of 5 replies")
    assert view.events[-1].summary == (
        "waits for the platform's limit (the budget of 5 replies in 1 d of the account board is "
        f"used up); the reply goes out about {out:%Y-%m-%d %H:%M} UTC"
    )
    # What reads has budgets of its own and goes on.
    assert world.row(Account).paused_until is None
    world.pass_time(("publish",), hours=5, seconds=1)
    assert world.reply(case_id).state == "published"
    assert world.board.count("reply") == 2


def test_a_reply_that_waits_with_its_whole_account_says_so_once(world: World) -> None:
    case_id = world.drafted()
    with world.write() as session:
        account = session.get_one(Account, world.row(Account).id)
        account.paused_until = world.clock() + timedelta(hours=2)
    world.approve(case_id)
    world.do("publish")
    out = world.clock() + timedelta(hours=2)
    view = world.view(case_id)
    assert view.reply is not None
    assert (view.reply.goes_out_at, view.reply.state) == (out, "owed")
    assert "the account rests" in view.reply.waits_for
    assert world.events(case_id).count("publish_waits") == 1
    world.pass_time(("publish",), hours=2, seconds=1)
    assert world.events(case_id).count("publish_waits") == 1
    assert world.reply(case_id).state == "published"
