"""What authors do to their reviews after our reply: who sees it, and which clocks run."""

from __future__ import annotations

import pytest

from responders.follow_up import follow_up_words
from tests.support.core_stores import on_sqlite
from tests.support.core_world import World, comment, review
from tests.support.invariants import check_invariants

pytestmark = on_sqlite


@pytest.fixture
def case_id(world: World) -> int:
    case_id = world.answered(rating=2.0, text="bad tea")
    world.clock.move(hours=3, minutes=20)
    return case_id


@pytest.fixture(autouse=True)
def _sound(world: World) -> object:
    yield
    with world.db.read() as session:
        check_invariants(session)


def told(world: World, case_id: int) -> str:
    view = world.view(case_id)
    return follow_up_words(view.follow_up) if view.follow_up else ""


def lines(world: World, case_id: int) -> str:
    return "\n".join(event.summary for event in world.view(case_id).events)


def test_a_raised_rating_is_told_with_who_replied_and_how_long_before(
    world: World, case_id: int
) -> None:
    world.hear(review("m1", "they made it good", rating=4.0))
    expected = "2 → 4 stars after your reply (Mara replied 3 h 20 min before)"
    assert told(world, case_id) == expected
    assert f"raised the rating: {expected}" in lines(world, case_id)
    assert world.case(case_id).state == "closed"
    assert "next_response" not in world.clock_states(case_id)


def test_raised_and_still_a_complaint_starts_no_clock(world: World, case_id: int) -> None:
    world.hear(review("m1", "still bad", rating=3.0))
    assert told(world, case_id).startswith("2 → 3 stars")
    assert world.case(case_id).state == "answered"
    assert "next_response" not in world.clock_states(case_id)


def test_lowered_with_a_complaint_starts_the_next_response(world: World, case_id: int) -> None:
    world.hear(review("m1", "bad, and worse by now", rating=1.0))
    expected = "2 → 1 stars after your reply (Mara replied 3 h 20 min before)"
    assert told(world, case_id) == expected
    assert f"lowered the rating: {expected}" in lines(world, case_id)
    assert world.clock_states(case_id)["next_response"] == "running"
    world.do("prepare")
    assert world.case(case_id).state == "drafted"
    assert told(world, case_id) == expected


def test_lowered_without_a_complaint_starts_no_clock(world: World) -> None:
    case_id = world.answered("m2", rating=5.0, text="bad tea, good place")
    world.hear(review("m2", "a good place", rating=4.0))
    assert told(world, case_id).startswith("5 → 4 stars")
    assert world.case(case_id).state == "answered"
    assert "next_response" not in world.clock_states(case_id)


def test_another_text_with_the_same_stars_is_told(world: World, case_id: int) -> None:
    world.hear(review("m1", "bad in another way", rating=2.0))
    expected = "after your reply (Mara replied 3 h 20 min before)"
    assert told(world, case_id) == f"Edited {expected}"
    assert f"edited the text {expected}" in lines(world, case_id)


def test_an_edit_before_any_reply_follows_none(world: World) -> None:
    case_id = world.drafted("m3", rating=2.0)
    world.hear(review("m3", "bad all the same", rating=1.0))
    assert told(world, case_id) == ""
    assert "lowered the rating: 2 → 1 stars" in lines(world, case_id)
    assert "after your reply" not in lines(world, case_id)


def test_a_later_reply_begins_anew(world: World, case_id: int) -> None:
    world.hear(review("m1", "bad, and worse by now", rating=1.0))
    world.do("prepare")
    assert world.approve(case_id).done
    world.work()
    assert told(world, case_id) == ""
    world.clock.move(minutes=5)
    world.hear(review("m1", "good now", rating=5.0))
    assert told(world, case_id) == "1 → 5 stars after your reply (Mara replied 5 min before)"


def test_an_answer_of_somebody_else_is_called_theirs(world: World) -> None:
    case_id = world.drafted("m4", our_reply="We have called you.", rating=2.0)
    assert world.leave(case_id).done
    world.clock.move(hours=1)
    world.hear(review("m4", "good", rating=5.0, our_reply="We have called you."))
    assert "somebody on the platform replied" in told(world, case_id)


def test_the_word_of_a_later_comment_is_no_edit(world: World, case_id: int) -> None:
    world.hear(comment("m5", "m1", "this is still bad"))
    assert told(world, case_id) == ""
