"""Learns a layer from what staff said, puts it in use where it is better, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monitor.assess import LocalLayer, Utterance
from monitor.assess.calibration import prior_shift, sound
from monitor.assess.fitting import Labelled
from monitor.assess.layer import layer_of
from monitor.assess.learning import Lesson, learn
from monitor.assess.model import load_model
from monitor.clock import Clock
from monitor.db import Database
from monitor.judging.layered import ACTIVE
from monitor.judging.taught import Lessons, Taught, read_lessons
from monitor.models import Layer

REPLACED = "replaced"
ROLLED_BACK = "rolled_back"
REFUSED = "refused"


class Shipped(Protocol):
    """The shipped assessor, without a layer."""

    version: str

    def evidence(self, said: Utterance) -> tuple[float, list[str]]:
        """The evidence of a text's words, and its features."""
        ...


class LayerChanged(Exception):
    """Somebody else put a layer in use, or took one back, meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "the layer in use was changed by somebody else meanwhile; nothing was stored"
        )


class NothingInUse(Exception):
    """There is no layer to take back."""

    def __init__(self) -> None:
        super().__init__("nothing learned here is in use; the shipped model judges alone")


@dataclass(frozen=True, slots=True)
class InUse:
    """The layer in force: its row, itself where this model can use it, and what it has seen."""

    id: int
    layer: LocalLayer | None
    last_label: int


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson beside what was in force; ``layer_id`` is its row, None where none was stored."""

    lessons: Lessons
    before: LocalLayer | None
    lesson: Lesson
    layer_id: int | None

    def moved(self, most: int = 10) -> list[tuple[str, float, float]]:
        """The words whose weights moved most: each with what it was and is."""
        was = self.before.words if self.before else {}
        now = self.lesson.layer.words
        pairs = [(word, was.get(word, 0.0), now.get(word, 0.0)) for word in was.keys() | now.keys()]
        changed = [each for each in pairs if each[1] != each[2]]
        return sorted(changed, key=lambda each: (-abs(each[2] - each[1]), each[0]))[:most]


class Teacher:
    """Learns and takes back. Works beside a running daemon, which follows within a minute."""

    def __init__(
        self, database: Database, shipped: Shipped, threshold: float, clock: Clock
    ) -> None:
        self._database = database
        self._shipped = shipped
        self._threshold = threshold
        self._clock = clock
        english = load_model("en")
        assert english is not None, "the English model is shipped"
        self._prior = english.prior

    def learn(self, by: str, *, dry_run: bool = False) -> Learned:
        """Learn from all labels and store the layer: in use where it is better, else refused.

        Raises `monitor.assess.learning.TooFewLabels`, and `LayerChanged` when another layer came
        into use meanwhile; then nothing is stored.
        """
        with self._database.read() as session:
            lessons = read_lessons(session)
            in_use = self._in_use(session)
        before = in_use.layer if in_use else None
        # An unusable layer judged nothing here: everything is new to the model in use.
        seen_until = in_use.last_label if in_use and before else 0
        labelled = [self._labelled(each, seen_until) for each in lessons.taught]
        lesson = learn(labelled, before, self._threshold)
        if dry_run:
            return Learned(lessons, before, lesson, None)
        layer_id = self._store(lesson, lessons, in_use.id if in_use else None, by)
        return Learned(lessons, before, lesson, layer_id)

    def rollback(self, by: str) -> tuple[int, int | None]:
        """Take the layer in use back; return its id, and that of the one before, if any.

        The one before is the last that was replaced and was learned on this shipped model. Raises
        `NothingInUse`, and `LayerChanged` when somebody else did the same.
        """
        now = self._clock()
        try:
            with self._database.write() as session:
                row = session.scalars(_active().with_for_update()).first()
                if row is None:
                    raise NothingInUse
                row.state, row.ended_by, row.ended_at = ROLLED_BACK, by, now
                session.flush()  # at most one is active, at every moment
                former = session.scalars(
                    select(Layer)
                    .where(
                        Layer.state == REPLACED,
                        Layer.id < row.id,
                        Layer.base_model == self._shipped.version,
                    )
                    .order_by(Layer.id.desc())
                    .limit(1)
                ).first()
                if former is not None:
                    former.state, former.ended_by, former.ended_at = ACTIVE, "", None
                return row.id, former.id if former else None
        except IntegrityError:
            raise LayerChanged from None

    def _in_use(self, session: Session) -> InUse | None:
        row = session.scalars(_active()).first()
        if row is None:
            return None
        layer = None
        if row.base_model == self._shipped.version:
            try:
                layer = layer_of(row.content)
            except ValueError:
                layer = None  # it is not used for judging either
        return InUse(row.id, layer, int(row.measures.get("last_label", 0)))

    def _labelled(self, taught: Taught, seen_until: int) -> Labelled:
        said = taught.said
        evidence, features = self._shipped.evidence(said)
        return Labelled(
            evidence=evidence,
            features=features,
            complaint=taught.complaint,
            shift=prior_shift(said.share, self._prior),
            stars=sound(said.rating),
            seen=taught.label_id <= seen_until,
        )

    def _store(self, lesson: Lesson, lessons: Lessons, compared: int | None, by: str) -> int:
        now = self._clock()
        made = Layer(
            base_model=self._shipped.version,
            content={},
            measures={
                **lesson.measures.as_json(),
                "objection": lesson.objection,
                "origins": lessons.origins,
                "last_label": max(each.label_id for each in lessons.taught),
            },
            state=REFUSED,
            made_by=by,
            made_at=now,
        )
        try:
            with self._database.write() as session:
                row = session.scalars(_active().with_for_update()).first()
                if (row.id if row else None) != compared:
                    raise LayerChanged
                session.add(made)
                session.flush()
                version = f"layer-{made.id}"
                made.content = {**lesson.layer.as_json(), "version": version}
                if lesson.better:
                    if row is not None:
                        row.state, row.ended_by, row.ended_at = REPLACED, by, now
                        session.flush()  # at most one is active, at every moment
                    made.state = ACTIVE
                session.flush()
                return made.id
        except IntegrityError:
            raise LayerChanged from None


def _active() -> Select[Layer]:
    return select(Layer).where(Layer.state == ACTIVE)
