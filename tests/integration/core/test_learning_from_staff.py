"""What staff said becomes a layer, which daemons take up, and which can be taken back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from monitor.app import compose
from monitor.assess import make_assessor
from monitor.assess.learning import TooFewLabels
from monitor.cases.labels import label
from monitor.config import load
from monitor.daemon import Daemon
from monitor.db import Database
from monitor.intake.purging import withhold
from monitor.judging.layered import LayeredAssessor
from monitor.judging.taught import read_lessons
from monitor.judging.teaching import LayerChanged, NothingInUse, Teacher
from monitor.models import Layer, Mention
from tests.support.core_world import World, review
from tests.support.migrated import migrate

SHIPPED = make_assessor()
BAD = "The glimmer was there again, table {}."
FINE = "The brindle was there again, table {}."
NOW_FINE = "The glimmer was there again, booth {}."


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def teacher(world: World) -> Teacher:
    return Teacher(world.db, SHIPPED, 0.45, world.clock)


def layered(world: World) -> LayeredAssessor:
    return LayeredAssessor(world.db, lambda layer: make_assessor(layer=layer))


def teach(world: World, text: str, complaint: bool, count: int = 40, mark: str = "") -> None:
    """Hear so many texts and have Mara say of each what it is."""
    ids = [f"{mark or text[4:8]}{number}" for number in range(count)]
    world.hear(*[review(each, text.format(each), rating=None) for each in ids])
    with world.write() as session:
        for each in ids:
            mention_id = world_id(world, each)
            label(
                session,
                mention_id,
                1,
                complaint=complaint,
                origin="look",
                by="Mara",
                at=world.clock(),
            )


def world_id(world: World, external_id: str) -> int:
    return world.mention(external_id).id


def taught(world: World) -> None:
    teach(world, BAD, complaint=True)
    teach(world, FINE, complaint=False)


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(Layer)]


def stored(world: World, state: str = "active", base_model: str = SHIPPED.version) -> int:
    """Put a layer into the store by hand."""
    with world.write() as session:
        row = Layer(
            base_model=base_model,
            content={"version": "layer-x", "scale": 1.0, "base": 5.0, "words": {}},
            measures={},
            state=state,
            made_by="Otto",
            made_at=world.clock(),
        )
        session.add(row)
        session.flush()
        return row.id


def test_what_staff_said_is_learned_and_put_in_use(world: World, teacher: Teacher) -> None:
    taught(world)
    learned = teacher.learn("Mara (terminal)")
    assert learned.better, learned.objection
    row = world.row(Layer)
    assert row.id == learned.layer_id
    assert (row.state, row.made_by, row.made_at) == ("active", "Mara (terminal)", world.clock())
    assert (row.base_model, row.ended_by, row.ended_at) == (SHIPPED.version, "", None)
    assert row.content["version"] == f"layer-{row.id}"
    assert row.measures["origins"] == {"look": {"complaints": 40, "others": 40}}
    assert row.measures["after"]["log_loss"] < row.measures["before"]["log_loss"]
    assessor = layered(world)
    bad, fine = (assessor.assess(text.format("9")) for text in (BAD, FINE))
    assert bad.complaint_probability > fine.complaint_probability
    assert bad.model == f"{SHIPPED.version}+layer-{row.id}"
    words = [word for word, _, _ in learned.moved()]
    assert len(words) == 10
    assert {"glimmer", "brindle"} & set(words)


def set_right(world: World, text: str, topics: list[str], count: int, mark: str) -> None:
    """Hear so many texts and have Mara say of each what it is about."""
    ids = [f"{mark}{number}" for number in range(count)]
    world.hear(*[review(each, text.format(each), rating=1) for each in ids])
    with world.write() as session:
        for each in ids:
            label(
                session,
                world_id(world, each),
                1,
                topics=topics,
                origin="topics",
                by="Mara",
                at=world.clock(),
            )


def test_topics_set_right_teach_their_words(world: World, teacher: Teacher) -> None:
    set_right(world, "The glimmer arm was torn again, seat {}.", ["quality"], 12, "t")
    set_right(world, "The brindle was gone again, seat {}.", ["delivery"], 12, "u")
    learned = teacher.learn("Mara")
    assert learned.lesson is None
    assert "too few" in learned.too_few
    assert learned.topics is not None
    assert learned.better, learned.topics.objection
    assert learned.topics.after > learned.topics.before
    assert "brindle" in " ".join(learned.topics.topics["delivery"])
    row = world.row(Layer)
    assert (row.state, row.measures["last_label"]) == ("active", 0)
    assessor = layered(world)
    assert "delivery" in assessor.assess("One more brindle went missing, I am angry.").topics
    assert "delivery" not in SHIPPED.assess("One more brindle went missing, I am angry.").topics


def test_a_lesson_in_complaints_keeps_the_words_of_topics(world: World, teacher: Teacher) -> None:
    set_right(world, "The glimmer arm was torn again, seat {}.", ["quality"], 12, "t")
    set_right(world, "The brindle was gone again, seat {}.", ["delivery"], 12, "u")
    teacher.learn("Mara")
    taught(world)
    learned = teacher.learn("Mara")
    assert learned.topics is None  # all of it was seen by what is in use
    assert learned.better
    assert learned.layer.words
    assert "delivery" in learned.layer.topics
    assert teacher.rollback("Mara")[1] is not None


def test_a_dry_run_stores_nothing(world: World, teacher: Teacher) -> None:
    taught(world)
    learned = teacher.learn("Mara", dry_run=True)
    assert learned.better
    assert learned.layer_id is None
    assert world.rows(Layer) == []


def test_too_few_labels_store_nothing(world: World, teacher: Teacher) -> None:
    teach(world, BAD, complaint=True, count=3)
    with pytest.raises(TooFewLabels, match="3 labels"):
        teacher.learn("Mara")
    assert world.rows(Layer) == []


def test_a_worse_layer_is_kept_as_refused_and_not_used(world: World, teacher: Teacher) -> None:
    teach(world, BAD, complaint=True, mark="a")
    teach(world, BAD, complaint=False, mark="b")
    learned = teacher.learn("Mara")
    assert not learned.better
    row = world.row(Layer)
    assert row.state == "refused"
    assert row.measures["objection"] == learned.objection
    assert layered_version(world) == SHIPPED.version


def layered_version(world: World) -> str:
    assessor = layered(world)
    assessor.refresh()
    return assessor.version


def test_a_better_one_replaces_the_former_and_can_be_taken_back(
    world: World, teacher: Teacher
) -> None:
    taught(world)
    first = teacher.learn("Mara").layer_id
    with pytest.raises(TooFewLabels, match="newer than the layer in use"):
        teacher.learn("Mara")
    # What was a grievance is none any more, and the other way round.
    teach(world, NOW_FINE, complaint=False, count=80, mark="c")
    teach(world, FINE, complaint=True, count=80, mark="d")
    world.clock.move(hours=1)
    second = teacher.learn("Otto").layer_id
    assert states(world) == ["replaced", "active"]
    former = world.rows(Layer)[0]
    assert (former.id, former.ended_by, former.ended_at) == (first, "Otto", world.clock())
    world.clock.move(hours=1)
    assert teacher.rollback("Mara") == (second, first)
    former, taken_back = world.rows(Layer)
    assert (former.state, former.ended_at) == ("active", None)
    assert (taken_back.state, taken_back.ended_by) == ("rolled_back", "Mara")
    assert taken_back.ended_at == world.clock()
    assert teacher.rollback("Mara") == (first, None)
    assert states(world) == ["rolled_back", "rolled_back"]
    with pytest.raises(NothingInUse, match="shipped model judges alone"):
        teacher.rollback("Mara")


def test_a_rollback_skips_layers_of_another_model_and_refused_ones(
    world: World, teacher: Teacher
) -> None:
    wanted = stored(world, "replaced")
    stored(world, "replaced", base_model="words-0")
    stored(world, "refused")
    stored(world, "rolled_back")
    last = stored(world)
    assert teacher.rollback("Mara") == (last, wanted)


def test_nothing_is_stored_when_the_layer_in_use_changed_meanwhile(world: World) -> None:
    taught(world)

    class Slow:
        """Somebody else is quicker while this one reads."""

        version = SHIPPED.version
        other: int | None = None

        def evidence(self, said: object) -> tuple[float, list[str]]:
            self.other = self.other or stored(world)
            return SHIPPED.evidence(said)  # type: ignore[arg-type]  # handed on as it came

    with pytest.raises(LayerChanged, match="somebody else"):
        Teacher(world.db, Slow(), 0.45, world.clock).learn("Mara")
    assert states(world) == ["active"]


def test_the_store_keeps_at_most_one_active(world: World) -> None:
    stored(world)
    with pytest.raises(IntegrityError):
        stored(world)


def test_the_last_word_counts_and_what_changed_or_went_is_left_out(world: World) -> None:
    names = ("again", "edited", "relabelled", "deleted", "withheld", "topics")
    world.hear(*[review(each, f"It was {each}.", rating=None) for each in names])
    ids = {each: world_id(world, each) for each in names}

    def say(name: str, revision: int, complaint: bool, origin: str = "look") -> None:
        with world.write() as session:
            at = world.clock()
            label(
                session,
                ids[name],
                revision,
                complaint=complaint,
                origin=origin,
                by="Mara",
                at=at,
            )

    for name in names[:-1]:
        say(name, 1, complaint=True)
    say("again", 1, complaint=False, origin="case")
    with world.write() as session:
        label(
            session, ids["again"], 1, topics=["staff"], origin="topics", by="Mara", at=world.clock()
        )
        label(
            session,
            ids["topics"],
            1,
            topics=["staff"],
            origin="topics",
            by="Mara",
            at=world.clock(),
        )
    world.hear(
        review("edited", "It is edited.", rating=None),
        review("relabelled", "It is other.", rating=None),
    )
    say("relabelled", 2, complaint=True)
    with world.write() as session:
        withhold(session, world.source_id(), [ids["withheld"]], world.clock())
        session.execute(update(Mention).where(Mention.id == ids["deleted"]).values(state="deleted"))
    with world.db.read() as session:
        found = read_lessons(session)
    assert [(each.said.text, each.complaint, each.origin) for each in found.taught] == [
        ("It was again.", False, "case"),
        ("It is other.", True, "look"),
    ]
    assert found.left_out == 3
    assert found.origins == {
        "case": {"complaints": 0, "others": 1},
        "look": {"complaints": 1, "others": 0},
    }


def test_a_running_assessor_takes_up_and_drops_a_layer(world: World, teacher: Teacher) -> None:
    assessor = layered(world)
    text = "We came at noon."
    plain = assessor.assess(text).complaint_probability
    layer_id = stored(world)
    assert assessor.assess(text).complaint_probability == plain, "only a refresh changes it"
    assessor.refresh()
    assert assessor.version == f"{SHIPPED.version}+layer-x"
    assert assessor.assess(text).complaint_probability > plain
    assert assessor.assess_many([]) == []
    assert teacher.rollback("Mara") == (layer_id, None)
    assessor.refresh()
    assert assessor.version == SHIPPED.version
    assert assessor.assess(text).complaint_probability == plain


def test_a_layer_of_another_model_is_not_used_and_told_of_once(
    world: World, teacher: Teacher, caplog: pytest.LogCaptureFixture
) -> None:
    stored(world, base_model="words-0")
    assessor = layered(world)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assessor.refresh()
            world.clock.move(seconds=timedelta(minutes=1).total_seconds())
    assert assessor.version == SHIPPED.version
    (record,) = caplog.records
    assert "learned on words-0" in record.getMessage()
    assert "rapport assess learn" in record.getMessage()
    taught(world)
    assert teacher.learn("Mara").before is None
    assert states(world) == ["replaced", "active"]


def test_a_layer_that_cannot_be_read_is_not_used(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    layer_id = stored(world)
    with world.write() as session:
        session.get_one(Layer, layer_id).content = {"version": "layer-x", "scale": "wide"}
    with caplog.at_level(logging.WARNING):
        assert layered_version(world) == SHIPPED.version
    assert "not a layer that can be read" in caplog.text


def test_the_daemon_looks_every_minute_for_what_was_learned(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "version: 1\ndatabase: sqlite:///rapport.db\nbrands: [{key: harbour, name: Harbour}]\n"
        "inbox: {path: inbox, brand: harbour}\n"
    )
    jobs: dict[Callable[[], None], float] = {}

    class Recorder:
        def every(self, seconds: float, job: Callable[[], None], *_: Any, **__: Any) -> None:
            jobs[job] = seconds

    with closing(compose(load(path))) as app:
        migrate(app.database)
        Daemon(app, lambda _line: None)._schedule(Recorder())  # type: ignore[arg-type]  # a part
        assert jobs[app.assessor.refresh] <= 60
        assert app.store._assessor is app.assessor
