"""Learns a layer from what staff said, puts it in use where it is better, and takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monitor.assess import LocalLayer, Utterance
from monitor.assess.calibration import prior_shift, sound
from monitor.assess.fitting import Labelled
from monitor.assess.layer import layer_of
from monitor.assess.learning import Lesson, TooFewLabels, learn
from monitor.assess.model import load_model
from monitor.assess.topic_lessons import Corrected, TopicLesson, learn_topics
from monitor.clock import Clock
from monitor.db import Database
from monitor.judging.layered import ACTIVE
from monitor.judging.taught import Lessons, Taught, TaughtTopics, read_lessons, read_topics
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

    def topics_found(self, said: Utterance) -> tuple[list[str], frozenset[str]]:
        """The words of a text, and the topics found in it."""
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
    """The layer in force: its row, itself where this model can use it, and the last labels of
    either sort that it was learned from."""

    id: int
    layer: LocalLayer | None
    last_label: int
    last_topics: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned beside what was in force.

    ``lesson`` is None where ``too_few`` labels of complaints were there, ``topics`` where too few
    topics were set right. ``layer`` is what is worth using of both, on top of what was in force,
    or what was refused, learned up to ``last_label`` and ``last_topics``; ``layer_id`` is its row,
    None where none was stored.
    """

    lessons: Lessons
    before: LocalLayer | None
    lesson: Lesson | None
    too_few: str
    topics: TopicLesson | None
    layer: LocalLayer
    last_label: int
    last_topics: int
    layer_id: int | None = None

    @property
    def better(self) -> bool:
        """Whether something of it is worth using."""
        return any(each is not None and each.better for each in (self.lesson, self.topics))

    @property
    def objection(self) -> str:
        """Why nothing of it is used; nothing where something is."""
        if self.better:
            return ""
        return self.too_few if self.lesson is None else self.lesson.objection

    def as_measures(self) -> dict[str, Any]:
        """What is kept beside the layer: how it was learned, and what it was worth."""
        return {
            **(self.lesson.measures.as_json() if self.lesson else {}),
            "objection": self.objection,
            "origins": self.lessons.origins,
            "last_label": self.last_label,
            "last_topics": self.last_topics,
            "topics": self.topics._asdict() if self.topics else None,
        }

    def moved(self, most: int = 10) -> list[tuple[str, float, float]]:
        """The words whose weights moved most: each with what it was and is."""
        was = self.before.words if self.before else {}
        now = self.layer.words
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

        Complaints and topics are two lessons of one layer: each is used where it is better, and
        leaves of what is in force what it does not better. Raises
        `monitor.assess.learning.TooFewLabels` when there is too little for either, and
        `LayerChanged` when another layer came into use meanwhile; then nothing is stored.
        """
        with self._database.read() as session:
            lessons, corrections = read_lessons(session), read_topics(session)
            in_use = self._in_use(session)
        learned = self._learn(lessons, corrections, in_use)
        if dry_run:
            return learned
        layer_id = self._store(learned, in_use.id if in_use else None, by)
        return replace(learned, layer_id=layer_id)

    def _learn(
        self, lessons: Lessons, corrections: Sequence[TaughtTopics], in_use: InUse | None
    ) -> Learned:
        before = in_use.layer if in_use else None
        # An unusable layer judged nothing here: everything is new to the model in use.
        usable = in_use if in_use and before else InUse(0, None, 0, 0)
        layer = before or LocalLayer("")
        labelled = [self._labelled(each, usable.last_label) for each in lessons.taught]
        corrected = [self._corrected(each, usable.last_topics) for each in corrections]
        topics = learn_topics(corrected, layer.topics)
        lesson, too_few = None, ""
        try:
            lesson = learn(labelled, before, self._threshold)
        except TooFewLabels as error:
            if topics is None:
                raise
            too_few = str(error)
        better = bool((lesson and lesson.better) or (topics and topics.better))
        # What is refused is kept as it was learned.
        takes_lesson = lesson is not None and (lesson.better or not better)
        takes_topics = topics is not None and (topics.better or not better)
        if lesson is not None and takes_lesson:
            layer = lesson.layer._replace(topics=layer.topics)
        if topics is not None and takes_topics:
            layer = layer._replace(topics=topics.topics)
        return Learned(
            lessons=lessons,
            before=before,
            lesson=lesson,
            too_few=too_few,
            topics=topics,
            layer=layer,
            last_label=_last(lessons.taught) if takes_lesson else usable.last_label,
            last_topics=_last(corrections) if takes_topics else usable.last_topics,
        )

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
        told = row.measures
        last_label, last_topics = (int(told.get(name, 0)) for name in ("last_label", "last_topics"))
        return InUse(row.id, layer, last_label, last_topics)

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

    def _corrected(self, taught: TaughtTopics, seen_until: int) -> Corrected:
        words, found = self._shipped.topics_found(taught.said)
        return Corrected(words, found, taught.topics, seen=taught.label_id <= seen_until)

    def _store(self, learned: Learned, compared: int | None, by: str) -> int:
        now = self._clock()
        made = Layer(
            base_model=self._shipped.version,
            content={},
            measures=learned.as_measures(),
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
                made.content = {**learned.layer.as_json(), "version": version}
                if learned.better:
                    if row is not None:
                        row.state, row.ended_by, row.ended_at = REPLACED, by, now
                        session.flush()  # at most one is active, at every moment
                    made.state = ACTIVE
                session.flush()
                return made.id
        except IntegrityError:
            raise LayerChanged from None


def _last(said: Sequence[Taught | TaughtTopics]) -> int:
    return max((each.label_id for each in said), default=0)


def _active() -> Select[Layer]:
    return select(Layer).where(Layer.state == ACTIVE)
