"""A later model judges what is stored, and changes nothing but the judgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.base import FoundMention
from monitor.assess import Assessment as Judgement
from monitor.assess import Utterance
from monitor.db import Database
from monitor.intake.purging import withhold
from monitor.judging import again
from monitor.judging.again import Outcome, Reassessor, Wanted
from monitor.models import Assessment, Case, Mark, Mention, SecondLook, Source
from tests.support.core_world import World, review
from tests.support.told_assessor import ToldAssessor


@pytest.fixture
def world(database: Database) -> World:
    return World(database, assessor=ToldAssessor())


@pytest.fixture
def newer() -> ToldAssessor:
    """A model that finds everything twenty points worse."""
    return ToldAssessor("told-2", shift=0.2)


def said(external_id: str, text: str, **values: object) -> FoundMention:
    return review(external_id, text, **({"rating": None, "author_id": external_id} | values))


def judge(world: World, assessor: ToldAssessor, **wanted: object) -> Outcome:
    asked = Wanted(world.clock() - timedelta(days=90), **wanted)  # type: ignore[arg-type]
    return Reassessor(world.db, assessor, world.clock).run(asked, "walk", lambda _outcome: None)


def judged(world: World, external_id: str) -> Assessment:
    mention = world.mention(external_id)
    return world.row(
        Assessment,
        Assessment.mention_id == mention.id,
        Assessment.revision == mention.revision,
    )


def test_the_judgement_becomes_that_of_the_newer_model(world: World, newer: ToldAssessor) -> None:
    world.hear(said("m1", "10 % bad", title="Tea", rating=4.0, kind="review", language="en_GB"))
    world.clock.move(hours=1)
    outcome = judge(world, newer)
    assert (outcome.judged, outcome.to_complaint, outcome.left) == (1, 0, 0)
    row = judged(world, "m1")
    assert (row.model, row.complaint_probability) == ("told-2", pytest.approx(0.3))
    assert row.assessed_at == world.clock()
    assert newer.asked == [Utterance("10 % bad", "Tea", 0.75, "en_GB", "review", None, "harbour")]


def test_what_becomes_a_complaint_waits_for_a_person_and_no_case_is_opened(
    world: World, newer: ToldAssessor
) -> None:
    world.hear(said("m1", "40 % bad"), said("m2", "40 % bad"), said("m3", "40 % bad, spam"))
    with world.write() as session:
        session.execute(update(Mention).where(Mention.external_id == "m2").values(history=True))
    outcome = judge(world, newer)
    assert (outcome.to_complaint, outcome.looks) == (2, 1)
    look = world.row(SecondLook)
    assert (look.mention_id, look.revision) == (world.mention("m1").id, 1)
    assert (look.reason, look.chance, look.verdict) == ("changed", 1.0, "")
    assert world.rows(Case) == []
    assert judge(world, newer, everything=True).looks == 0


def test_what_is_no_complaint_any_more_keeps_its_case(world: World) -> None:
    world.hear(said("m1", "60 % bad"))
    case = world.case_of("m1")
    outcome = judge(world, ToldAssessor("told-2", shift=-0.2))
    assert (outcome.from_complaint, outcome.looks) == (1, 0)
    assert judged(world, "m1").complaint is False
    assert world.case_of("m1").revision == case.revision
    assert world.rows(SecondLook) == []


def test_only_what_another_model_judged_is_judged_unless_all_is_wanted(
    world: World, newer: ToldAssessor
) -> None:
    world.add_source("other")
    world.hear(said("m1", "1 % bad"))
    world.hear(said("o1", "1 % bad"), key="other")
    assert judge(world, newer, source_id=world.source_id("other")).judged == 1
    assert judge(world, newer).judged == 1
    assert judge(world, newer).judged == 0
    assert judge(world, newer, everything=True).judged == 2
    world.clock.move(days=100)
    assert judge(world, newer, everything=True).judged == 0


def test_words_that_may_not_be_kept_are_left_out(world: World, newer: ToldAssessor) -> None:
    world.hear(said("m1", "1 % bad"), said("m2", "1 % bad"), said("m3", "1 % bad"))
    with world.write() as session:
        withhold(session, world.source_id(), [world.mention("m1").id], world.clock())
        session.execute(update(Mention).where(Mention.external_id == "m2").values(state="deleted"))
    assert judge(world, newer).judged == 1
    assert [each.text for each in newer.asked] == ["1 % bad"]
    assert judged(world, "m1").model == "told-1"


def test_the_newest_revision_is_judged_and_earlier_ones_stay(
    world: World, newer: ToldAssessor
) -> None:
    world.hear(said("m1", "1 % bad"))
    world.hear(said("m1", "2 % bad"))
    judge(world, newer)
    models = {row.revision: row.model for row in world.rows(Assessment)}
    assert models == {1: "told-1", 2: "told-2"}


class Interrupting(ToldAssessor):
    """Does something of its own while it judges."""

    def __init__(self, meanwhile: object) -> None:
        super().__init__("told-2", shift=0.2)
        self._meanwhile = meanwhile

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Judgement]:
        found = super().assess_many(utterances)
        assert callable(self._meanwhile)
        self._meanwhile()
        return found


def test_what_changes_while_it_is_judged_is_left_as_it_became(world: World) -> None:
    world.hear(said("m1", "40 % bad"), said("m2", "40 % bad"), said("m3", "40 % bad"))
    withheld = world.mention("m2").id

    def meanwhile() -> None:
        world.hear(said("m1", "45 % bad"))
        with world.write() as session:
            withhold(session, world.source_id(), [withheld], world.clock())

    outcome = judge(world, Interrupting(meanwhile))
    assert (outcome.judged, outcome.left) == (1, 2)
    assert judged(world, "m1").complaint_probability == pytest.approx(0.45)
    assert "bad" not in "".join(judged(world, "m2").reasons)
    assert [row.mention_id for row in world.rows(SecondLook)] == [world.mention("m3").id]


def test_a_walk_that_is_interrupted_goes_on_where_it_was(
    world: World, newer: ToldAssessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "CHUNK", 10)
    world.hear(*[said(f"m{number}", f"{number} % bad") for number in range(35)])
    wanted = Wanted(world.clock() - timedelta(days=1), everything=True)
    reassessor = Reassessor(world.db, newer, world.clock)
    name = reassessor.walk_name("90d", None, True)
    assert reassessor.begin(wanted, name) == (0, 35)

    def stop(so_far: Outcome) -> None:
        if so_far.judged == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reassessor.run(wanted, name, stop)
    after, left = reassessor.begin(wanted, name)
    assert left == 15
    with world.db.read() as session:
        assert after == session.get_one(Mark, name).value
    assert reassessor.begin(wanted, reassessor.walk_name("1d", None, True)) == (0, 35)
    seen: list[int] = []
    assert reassessor.run(wanted, name, lambda so_far: seen.append(so_far.judged)).judged == 15
    assert seen == [10, 15]
    assert len(newer.asked) == 35
    with world.db.read() as session:
        assert session.get(Mark, name) is None


def test_the_share_of_the_source_is_judged_by_and_not_learned_from_again(
    world: World, newer: ToldAssessor
) -> None:
    world.hear(*[said(f"m{number}", "30 % bad") for number in range(60)])
    before = world.row(Source)
    judge(world, newer)
    assert {each.share for each in newer.asked} == {before.complaint_share}
    after = world.row(Source)
    assert (after.judged, after.complaint_share) == (60, before.complaint_share)
