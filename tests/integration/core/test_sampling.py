"""Each week, a few of those that passed as no complaint are put before a person."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update

from connectors.base import FoundMention
from monitor.db import Database
from monitor.judging.drawing import chances_of
from monitor.judging.sampling import beginning_of_week, draw_sample
from monitor.models import Assessment, Label, Mention, SecondLook, Source
from tests.support.core_world import World, comment, review
from tests.support.told_assessor import ToldAssessor

PASSED = 60


@pytest.fixture
def world(database: Database) -> World:
    return World(database, assessor=ToldAssessor())


def said(external_id: str, text: str = "fine tea") -> FoundMention:
    return review(external_id, text, rating=None, author_id=external_id)


def hear_some(world: World, count: int = PASSED, prefix: str = "m") -> None:
    world.hear(*[said(f"{prefix}{n}", f"{n % 40} % bad") for n in range(count)])


def draw(world: World, wanted: int = 10, seed: int = 1) -> int:
    return draw_sample(world.db, world.clock(), wanted, Random(seed))


def drawn(world: World) -> set[str]:
    mentions = {row.id: row.external_id for row in world.rows(Mention)}
    return {mentions[row.mention_id] for row in world.rows(SecondLook)}


def test_a_week_is_drawn_once_with_the_chance_of_each(world: World) -> None:
    hear_some(world)
    assert draw(world) == 10
    looks = world.rows(SecondLook)
    probabilities = [row.complaint_probability for row in world.rows(Assessment)]
    mentions = [row.id for row in world.rows(Mention)]
    expected = dict(zip(mentions, chances_of(probabilities, 10), strict=True))
    for look in looks:
        assert (look.reason, look.verdict, look.revision) == ("sample", "", 1)
        assert look.chance == pytest.approx(expected[look.mention_id])
        assert look.drawn_at == world.clock()
    world.clock.move(hours=1)
    hear_some(world, prefix="n")
    assert draw(world, seed=2) == 0


def test_the_next_week_draws_from_what_came_since_and_what_was_missed_is_a_week_at_most(
    world: World,
) -> None:
    hear_some(world)
    draw(world)
    world.clock.move(hours=6)
    hear_some(world, 5, "later")
    world.clock.move(days=6, hours=12)
    assert draw(world, 100) == 5
    hear_some(world, 30, "long ago")
    world.clock.move(days=30)
    hear_some(world, 4, "now")
    world.clock.move(hours=1)
    assert draw(world, 100) == 4


def test_a_draw_in_the_middle_of_a_week_leaves_the_next_its_own_mentions(world: World) -> None:
    world.clock.move(days=3)
    hear_some(world)
    assert draw(world) == 10
    first = drawn(world)
    world.clock.move(days=2)
    hear_some(world, 3, "new")
    world.clock.move(days=2, hours=1)
    assert world.clock() >= beginning_of_week(world.clock()) > world.clock() - timedelta(days=1)
    assert draw(world, 100) == 3
    assert drawn(world) - first == {"new0", "new1", "new2"}


def test_what_needs_no_second_look_is_not_drawn(world: World) -> None:
    world.hear(
        said("bad", "90 % bad"),
        said("close", "40 % bad, unsure"),
        said("advert", "spam"),
        said("edited"),
        said("told"),
        said("gone"),
        said("old"),
        said("hidden"),
        said("plain"),
    )
    world.hear(comment("thanks", "bad", "you are right", author_id="bad"))
    world.hear(said("edited", "20 % bad"), review("gone", deleted=True))
    world.board.items.pop("gone", None)
    with world.write() as session:
        for key, values in {
            "old": {"history": True},
            "hidden": {"state": "withheld", "text": ""},
        }.items():
            session.execute(update(Mention).where(Mention.external_id == key).values(**values))
        session.execute(
            update(Mention).where(Mention.external_id == "gone").values(state="deleted")
        )
        session.add(
            Label(
                mention_id=world.mention("told").id,
                revision=1,
                complaint=False,
                origin="case",
                by="Mara",
                at=world.clock(),
            )
        )
    draw(world, 100)
    sampled = {row.mention_id for row in world.rows(SecondLook, SecondLook.reason == "sample")}
    assert sampled == {world.mention("edited").id, world.mention("plain").id}
    assert world.row(SecondLook, SecondLook.mention_id == world.mention("edited").id).revision == 2


def test_our_own_answers_are_not_drawn(world: World) -> None:
    world.answered("m1", text="90 % bad", rating=None)
    world.hear(comment("r1", "m1", "We are sorry", author_id="harbour"), said("plain"))
    draw(world, 100)
    sampled = {row.mention_id for row in world.rows(SecondLook)}
    assert sampled == {world.mention("plain").id}


def test_a_week_in_which_nothing_passed_is_looked_at_again(world: World) -> None:
    assert draw(world) == 0
    hear_some(world, 3)
    assert draw(world) == 3


def test_none_are_drawn_where_none_are_wanted(world: World) -> None:
    hear_some(world)
    assert draw(world, 0) == 0
    assert world.rows(SecondLook) == []


def test_of_several_daemons_one_draws(world: World) -> None:
    hear_some(world)
    begin = threading.Barrier(4)
    counts: list[int] = []

    def daemon(seed: int) -> None:
        begin.wait()
        counts.append(draw(world, seed=seed))

    threads = [threading.Thread(target=daemon, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 10]
    assert len(world.rows(SecondLook)) == 10


def test_what_a_source_lost_the_right_to_keep_is_never_shown(world: World) -> None:
    world.add_source("silent", may_store=False)
    world.hear(said("s1"), key="silent")
    assert world.row(Source, Source.key == "silent").may_store is False
    assert draw(world) == 0
