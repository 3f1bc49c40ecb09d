"""Where a clock stood still although the customer waited for us."""

from __future__ import annotations

from datetime import timedelta

from monitor.levels.standing import Standing, standing_pauses
from monitor.models import Pause
from tests.support.core_world import OTTO, World, comment


def found(world: World, longer_than: float = 0, **back: float) -> list[Standing]:
    now = world.clock()
    since = now - timedelta(**(back or {"days": 30}))
    return list(standing_pauses(world.db, since, now, longer_than))


def test_a_pause_in_which_the_customer_was_silent_is_not_listed(world: World) -> None:
    world.answered()
    world.pass_time(hours=5)

    assert world.rows(Pause)
    assert found(world) == []


def test_a_word_that_was_seen_late_is_listed_with_how_long_it_waited(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=5)
    written = world.clock() - timedelta(hours=2)
    world.hear(comment("c1", "m1", "bad again, where is my money?", created_at=written))

    (one,) = found(world)
    assert (one.case_id, one.target, one.reason) == (
        case_id,
        "resolution",
        "waiting for the customer",
    )
    assert one.end == world.clock()
    assert one.waited.seconds == 2 * 3600
    assert found(world, longer_than=2 * 3600) == []


def test_closing_words_wait_for_nothing(world: World) -> None:
    world.answered()
    world.clock.move(hours=5)
    written = world.clock() - timedelta(hours=2)
    world.hear(comment("c1", "m1", "thanks, bye", created_at=written))

    assert found(world) == []


def test_an_answer_that_was_never_there_is_no_answer(world: World) -> None:
    world.board.mode, world.board.can_find = "manual", False
    case_id = world.drafted()
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    world.pass_time(hours=10)
    assert found(world) == []
    world.queue.could_not_post(case_id, actor=OTTO, reason="it is not there")

    (one,) = found(world)
    assert one.waited.seconds == 10 * 3600


def test_what_was_over_before_is_left_out(world: World) -> None:
    world.answered()
    world.clock.move(hours=5)
    written = world.clock() - timedelta(hours=2)
    world.hear(comment("c1", "m1", "bad again, where is my money?", created_at=written))
    world.clock.move(days=3)

    assert len(found(world, days=4)) == 1
    assert found(world, days=2) == []
