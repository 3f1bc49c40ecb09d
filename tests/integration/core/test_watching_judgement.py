"""What is learned of a source, and the alarm when it changes."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update

from connectors.base import FoundMention
from monitor.db import Database
from monitor.judging.watch import JudgementWatch, watch_drift
from monitor.models import Alert, Mention, SecondLook, Source
from tests.support.core_world import World, review
from tests.support.told_assessor import ToldAssessor


@pytest.fixture
def assessor() -> ToldAssessor:
    return ToldAssessor()


@pytest.fixture
def world(database: Database, assessor: ToldAssessor) -> World:
    return World(database, assessor=assessor)


def said(external_id: str, text: str, rating: float | None = None) -> FoundMention:
    return review(external_id, text, rating=rating, author_id=external_id)


def hear(world: World, prefix: str, *texts: str) -> None:
    world.hear(*[said(f"{prefix}{number}", text) for number, text in enumerate(texts)])


def alarms(world: World) -> list[str]:
    watch_drift(world.db, world.clock())
    return [row.key for row in world.rows(Alert, Alert.resolved_at.is_(None))]


def test_the_share_is_learned_with_the_page_and_judged_by_from_fifty_texts_on(
    world: World, assessor: ToldAssessor
) -> None:
    hear(world, "a", *["20 % bad"] * 30)
    hear(world, "b", *["40 % bad"] * 30)
    assert {each.share for each in assessor.asked} == {None}
    source = world.row(Source)
    assert source.judged == 60
    assert source.complaint_share == pytest.approx(0.3)
    hear(world, "c", "10 % bad")
    assert assessor.asked[-1].share == pytest.approx(0.3)
    assert assessor.asked[-1].brand == "harbour"


def test_what_is_known_already_teaches_nothing_and_stars_teach_most(world: World) -> None:
    world.hear(said("m1", "10 % bad", rating=2.0), said("m2", "10 % bad", rating=4.0))
    world.hear(said("m1", "10 % bad", rating=2.0), said("m2", "10 % bad", rating=4.0))
    source = world.row(Source)
    assert (source.judged, source.complaint_share) == (2, pytest.approx(0.5))


def test_a_page_that_is_not_stored_teaches_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(world, "a", "10 % bad")
    before = world.row(Source)

    def fail(_session: object) -> None:
        raise RuntimeError("the claim was lost")

    from connectors.base import Page

    with pytest.raises(RuntimeError, match="lost"):
        world.store.store(
            world.source_id(),
            Page((said("b", "90 % bad"),), {}),
            world.clock(),
            saved=fail,
            confirm_deletion=lambda _ref: True,
        )
    after = world.row(Source)
    assert (after.judged, after.complaint_share) == (before.judged, before.complaint_share)


def listen(world: World, weeks: int, prefix: str, *texts: str) -> None:
    """Hear these texts in each of so many weeks."""
    for week in range(weeks):
        hear(world, f"{prefix}{week}-", *texts)
        world.clock.move(days=7)


USUAL = ["5 % bad"] * 100 + ["80 % bad"] * 10
UNUSUAL = ["5 % bad"] * 70 + ["80 % bad"] * 50


def test_drift_is_told_once_and_ends_once(world: World) -> None:
    listen(world, 4, "usual", *USUAL)
    hear(world, "more", *USUAL)
    assert alarms(world) == []
    world.clock.move(days=7)
    hear(world, "unusual", *UNUSUAL)
    assert alarms(world) == ["drift:board"]
    assert alarms(world) == ["drift:board"]
    told = world.row(Alert)
    assert told.kind == "drift"
    assert told.source_id == world.source_id()
    assert "complaints went from 9% to 42%" in told.message
    world.clock.move(days=7, hours=1)
    hear(world, "again", *USUAL)
    assert alarms(world) == []
    assert len(world.rows(Alert)) == 1


def test_few_texts_raise_no_alarm_and_an_alarm_that_nobody_can_confirm_ends(world: World) -> None:
    listen(world, 4, "usual", *USUAL)
    hear(world, "few", *["80 % bad"] * 99)
    assert alarms(world) == []
    hear(world, "one-more", "80 % bad")
    assert alarms(world) == ["drift:board"]
    world.clock.move(days=8)
    assert alarms(world) == []


def test_another_language_is_drift_and_history_is_not(world: World) -> None:
    listen(world, 4, "usual", *USUAL)
    hear(world, "welsh", *["Welsh"] * 200)
    with world.write() as session:
        recent = Mention.first_seen_at > world.clock() - timedelta(days=1)
        session.execute(update(Mention).where(recent).values(history=True))
    assert alarms(world) == []
    with world.write() as session:
        session.execute(update(Mention).values(history=False))
    assert alarms(world) == ["drift:board"]
    assert "an unknown language went from 0% to 100%" in world.row(Alert).message


def test_the_watch_draws_and_looks_for_drift(world: World) -> None:
    listen(world, 4, "usual", *USUAL)
    hear(world, "unusual", *UNUSUAL)
    watch = JudgementWatch(world.db, world.clock, 20, Random(1))
    watch.run()
    watch.run()
    assert len(world.rows(SecondLook)) == 20
    assert [row.key for row in world.rows(Alert)] == ["drift:board"]
