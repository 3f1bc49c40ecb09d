"""What stopped a response clock: which reply, whose, and since when the customer can see it."""

from __future__ import annotations

from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, OTTO, World, comment
from tests.support.scripted_platform import Written

pytestmark = on_sqlite


def stand(world: World, text: str) -> None:
    """Have a reply stand under the first mention, as a person posts it."""
    world.board.written.append(Written("r9", "m1", text, "", world.clock()))


def test_a_published_reply_stops_both_clocks_at_once(world: World) -> None:
    case_id = world.answered()

    clock, reply = world.clock_of(case_id, "first_response"), world.reply(case_id)
    assert (clock.reply_id, clock.stopped_by) == (reply.id, "Mara")
    assert clock.stopped_at == reply.submitted_at
    assert clock.visible_at == reply.visible_at is not None


def test_the_customers_clock_stops_when_the_answer_is_shown(world: World) -> None:
    world.board.moderated = True
    case_id = world.drafted()
    assert world.approve(case_id).done
    world.do("publish")
    submitted = world.clock()
    clock = world.clock_of(case_id, "first_response")
    assert (clock.state, clock.stopped_at, clock.visible_at) == ("stopped", submitted, None)

    world.pass_time(minutes=30)
    for written in world.board.written:
        written.visible = True
    world.pass_time(hours=2)

    clock = world.clock_of(case_id, "first_response")
    assert clock.stopped_at == submitted
    assert clock.visible_at == world.reply(case_id).visible_at
    assert clock.visible_at is not None
    assert clock.visible_at > submitted


def test_what_a_person_posts_is_the_answer_of_who_approved_it(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted()
    world.approve(case_id, MARA)
    world.clock.move(hours=1)
    world.queue.mark_posted(case_id, actor=OTTO)
    clock = world.clock_of(case_id, "first_response")
    assert (clock.stopped_by, clock.visible_at) == ("Mara", None)

    stand(world, world.reply(case_id).text)
    world.pass_time(hours=1)
    assert world.clock_of(case_id, "first_response").visible_at == world.reply(case_id).visible_at


def test_where_the_platform_does_not_tell_nobody_knows(world: World) -> None:
    world.board.mode, world.board.can_find = "manual", False
    case_id = world.drafted()
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    world.pass_time(hours=5)

    clock = world.clock_of(case_id, "first_response")
    assert (clock.state, clock.visible_at) == ("stopped", None)
    assert world.queue.mark_seen(case_id, actor=OTTO).done
    assert world.clock_of(case_id, "first_response").visible_at == world.clock()


def test_an_answer_that_never_stood_there_has_stopped_nothing(world: World) -> None:
    world.board.mode = "manual"
    case_id = world.drafted()
    world.approve(case_id)
    world.queue.mark_posted(case_id, actor=OTTO)
    assert world.queue.could_not_post(case_id, actor=OTTO, reason="it was taken down").done

    clock = world.clock_of(case_id, "first_response")
    assert (clock.state, clock.reply_id, clock.stopped_by) == ("running", None, "")
    assert clock.visible_at is None


def test_closing_words_stop_no_response_and_are_nobodys_answer(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=1)
    world.hear(comment("c1", "m1", "thanks, bye"))

    assert world.case(case_id).state == "closed"
    clock = world.clock_of(case_id, "resolution")
    assert (clock.state, clock.reply_id, clock.stopped_by) == ("stopped", None, "")
    assert world.clock_of(case_id, "first_response").stopped_by == "Mara"


def test_the_next_answer_has_its_own_reply(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=1)
    world.hear(comment("c1", "m1", "bad again, where is my money?"))
    world.do("prepare")
    assert world.approve(case_id, OTTO).done
    world.do("publish")

    first, second = world.replies(case_id)
    clock = world.clock_of(case_id, "next_response")
    assert (clock.reply_id, clock.stopped_by) == (second.id, "Otto")
    assert world.clock_of(case_id, "first_response").reply_id == first.id
