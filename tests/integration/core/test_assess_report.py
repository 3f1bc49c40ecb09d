"""The report counts what the store holds."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update

from connectors.base import FoundMention
from monitor.cases.labels import label
from monitor.db import Database
from monitor.judging.calibration import FEWEST
from monitor.judging.report import Report, assess_report
from monitor.judging.sampling import draw_sample
from monitor.judging.watch import watch_drift
from monitor.models import Case, Layer, Mention, SecondLook
from tests.support.core_world import World, review
from tests.support.told_assessor import ToldAssessor


@pytest.fixture
def world(database: Database) -> World:
    return World(database, assessor=ToldAssessor())


def said(external_id: str, text: str, **values: object) -> FoundMention:
    return review(external_id, text, **({"rating": None, "author_id": external_id} | values))


def report(world: World, days: int = 30) -> Report:
    with world.db.read() as session:
        now = world.clock()
        return assess_report(session, now, now - timedelta(days=days))


def test_an_empty_store_has_an_empty_report(world: World) -> None:
    made = report(world)
    assert (made.kinds, made.models, made.labels) == ((), (), 0)
    assert made.calibration is None
    assert made.layer is None
    assert made.missed.too_few
    (source,) = made.sources
    assert (source.source, source.judged, source.share, source.missing) == ("board", 0, None, 50)
    assert source.drift.state == "too few"


def test_texts_are_counted_by_source_and_kind(world: World) -> None:
    world.add_source("other")
    world.hear(
        said("m1", "90 % bad"),
        said("m2", "45 % bad, unsure"),
        said("m3", "90 % bad, spam"),
        said("m4", "1 % bad", kind="post"),
    )
    world.hear(said("o1", "90 % bad"), key="other")
    world.hear(said("o1", "91 % bad"), key="other")
    counts = {
        (each.source, each.kind): (each.texts, each.complaints, each.unsure, each.cases)
        for each in report(world).kinds
    }
    assert counts == {
        ("board", "review"): (3, 1, 1, 1),
        ("board", "post"): (1, 0, 0, 0),
        ("other", "review"): (1, 1, 0, 1),
    }
    assert [(each.model, each.texts) for each in report(world).models] == [("told-1", 5)]
    world.clock.move(days=31)
    assert report(world).kinds == ()


def test_precision_is_of_what_staff_decided_and_their_last_word_counts(world: World) -> None:
    world.hear(*[said(f"m{number}", "90 % bad") for number in range(6)])
    states = ["dismissed", "answered", "closed", "approved", "opened", "dismissed"]
    with world.write() as session:
        for number, state in enumerate(states):
            case_id = world.case_of(f"m{number}").id
            session.execute(
                update(Case).where(Case.id == case_id).values(state=state, next_at=None)
            )
        for complaint in (False, True):
            label(
                session,
                world.mention("m5").id,
                1,
                complaint=complaint,
                origin="case",
                by="Mara",
                at=world.clock(),
            )
    (kind,) = report(world).kinds
    assert (kind.cases, kind.confirmed, kind.dismissed) == (6, 4, 1)
    assert kind.precision == pytest.approx(0.8)
    assert kind.few


def test_what_is_missed_is_estimated_from_the_looks_of_the_weeks(world: World) -> None:
    for week in range(3):
        world.clock.move(minutes=1)
        world.hear(*[said(f"w{week}-{n}", f"{n % 40} % bad") for n in range(100)])
        world.hear(*[said(f"bad{week}-{n}", "90 % bad") for n in range(9)])
        world.clock.move(days=7, minutes=-1)
        assert draw_sample(world.db, world.clock(), 20, Random(week)) == 20
    looks = world.rows(SecondLook)
    with world.write() as session:
        for look in looks:
            verdict = "complaint" if look.id == looks[0].id else "no_complaint"
            session.execute(
                update(SecondLook).where(SecondLook.id == look.id).values(verdict=verdict)
            )
        session.execute(
            update(SecondLook).where(SecondLook.id == looks[-1].id).values(verdict="skipped")
        )
    missed = report(world).missed
    assert (missed.drawn, missed.answered, missed.complaints) == (60, 59, 1)
    assert missed.passed == pytest.approx(300, rel=0.1)
    assert missed.per_week is not None
    assert missed.recall is not None
    assert missed.per_week.low < 1 / looks[0].chance / 3 < missed.per_week.high
    assert missed.recall.value == pytest.approx(9 / (9 + missed.per_week.value))
    assert report(world, days=1).missed.drawn == 20


def test_calibration_is_of_those_that_a_person_judged(world: World) -> None:
    world.hear(*[said(f"m{number}", "30 % bad") for number in range(FEWEST)])
    for number in range(FEWEST):
        with world.write() as session:
            mention = world.mention(f"m{number}")
            said_of = {"complaint": number % 2 == 0, "by": "Mara", "at": world.clock()}
            label(session, mention.id, 1, origin="look", **said_of)  # type: ignore[arg-type]
            label(session, mention.id, 1, topics=["waiting"], origin="topics", by="Otto",
                  at=world.clock())  # fmt: skip
    made = report(world)
    assert made.labels == FEWEST
    assert made.calibration is not None
    assert made.calibration.error == pytest.approx(0.2)


def test_the_layer_in_use_and_the_alarm_of_drift_are_shown(world: World) -> None:
    with world.write() as session:
        for state in ("replaced", "active", "refused"):
            session.add(
                Layer(
                    base_model="told-1",
                    content={},
                    measures={"f1": 0.9},
                    state=state,
                    made_by="Mara",
                    made_at=world.clock(),
                )
            )
    world.hear(*[said(f"a{number}", "5 % bad") for number in range(200)])
    world.clock.move(days=8)
    world.hear(*[said(f"b{number}", "80 % bad") for number in range(200)])
    watch_drift(world.db, world.clock())
    made = report(world)
    assert made.layer is not None
    assert made.layer.measures == {"f1": 0.9}
    (source,) = made.sources
    assert source.drift.state == "drifted"
    assert source.alarm_since == world.clock()
    assert source.share == pytest.approx(0.425)
    assert len(world.rows(Mention)) == 400
