"""The closest earlier case: what was answered to the same complaint of somebody else."""

from __future__ import annotations

import pytest

from monitor.models import Brand, Case, Reply
from responders.earlier import ANSWER, EXCERPT
from tests.support.core_world import MARA, World

FIRST = "Bad: we had to wait forty minutes for two coffees at the garden terrace."
ALIKE = "A bad wait of forty minutes, only two coffees, and the garden terrace was empty."
OTHER = "Bad parking, and the wait at the barrier after the concert ruined it."


@pytest.fixture
def earlier(world: World) -> int:
    return world.answered("m1", text=FIRST, author_id="dana", author_name="Dana Petrova")


def later(world: World, text: str = ALIKE, author_id: str = "kim") -> int:
    return world.drafted("m2", text=text, author_id=author_id, author_name="Kim Abel")


def test_it_shows_what_was_said_and_answered_then(world: World, earlier: int) -> None:
    found = world.view(later(world)).closest
    reply = world.reply(earlier)
    assert found is not None
    assert (found.case_id, found.ref) == (earlier, f"C-{earlier}")
    assert found.excerpt == FIRST
    assert found.answer == reply.text
    assert found.answered_by == reply.approved_by
    assert found.answered_at == reply.visible_at
    assert 0.5 <= found.similarity <= 1.0


def test_a_shared_topic_alone_is_not_near_enough(world: World, earlier: int) -> None:
    assert world.view(later(world, OTHER)).closest is None


def test_the_same_author_and_another_topic_are_passed_over(world: World, earlier: int) -> None:
    assert world.view(later(world, author_id="dana")).closest is None
    without = ALIKE.replace("wait", "time")
    assert world.view(world.drafted("m3", text=without, author_id="lee")).closest is None


@pytest.mark.parametrize("state", ["deleted", "withheld"])
def test_what_may_not_be_kept_is_never_shown(world: World, earlier: int, state: str) -> None:
    case_id = later(world)
    assert world.view(case_id).closest is not None
    with world.write() as session:
        mention = session.get_one(Case, earlier).mention
        mention.state, mention.text = state, ""
    assert world.view(case_id).closest is None


def test_an_answer_that_nobody_has_seen_is_no_example(world: World, earlier: int) -> None:
    with world.write() as session:
        session.get_one(Reply, world.reply(earlier).id).visible_at = None
    assert world.view(later(world)).closest is None


def test_another_brand_is_not_asked(world: World, earlier: int) -> None:
    case_id = later(world)
    with world.write() as session:
        other = Brand(key="cove", name="Cove Tea")
        session.add(other)
        session.flush()
        session.get_one(Case, earlier).brand_id = other.id
    assert world.view(case_id).closest is None


def test_the_nearest_of_several_is_shown_and_long_texts_are_cut(world: World, earlier: int) -> None:
    nearest = world.drafted("m4", text=ALIKE + " oh" * 100, author_id="lee")
    draft = world.view(nearest).draft
    assert draft is not None
    assert world.queue.edit(
        nearest,
        base_version=draft.version,
        base_hash=draft.text_hash,
        text="We are sorry about it. " * 50,
        actor=MARA,
    ).done
    assert world.approve(nearest).done
    world.do("publish")
    found = world.view(later(world)).closest
    assert found is not None
    assert found.case_id == nearest
    assert len(found.excerpt) == EXCERPT
    assert len(found.answer) == ANSWER


def test_nothing_is_looked_for_where_nothing_is_to_be_decided(world: World, earlier: int) -> None:
    case_id = later(world)
    assert world.approve(case_id).done
    assert world.view(case_id).closest is None
