"""What staff said of the texts that are stored: what a layer is learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Executable, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.assess import Utterance
from monitor.judging.utterances import utterance_of
from monitor.models import Assessment, Brand, Label, Mention, Source


@dataclass(frozen=True, slots=True)
class Taught:
    """One text, and the last word of a person on it; ``label_id`` orders the words in time."""

    label_id: int
    said: Utterance
    complaint: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Lessons:
    """All that can be learned from; ``left_out`` more were edited, deleted or kept no words of."""

    taught: Sequence[Taught]
    left_out: int

    @property
    def origins(self) -> dict[str, dict[str, int]]:
        """How many complaints and others were said where: ``{"look": {"complaints": 3, …}}``."""
        counts = Counter((each.origin, each.complaint) for each in self.taught)
        return {
            origin: {"complaints": counts[origin, True], "others": counts[origin, False]}
            for origin in sorted({each.origin for each in self.taught})
        }


class TaughtTopics(NamedTuple):
    """One text, and what a person last said it is about."""

    label_id: int
    said: Utterance
    topics: frozenset[str]


def read_lessons(session: Session) -> Lessons:
    """Read the last word on each mention that still reads as it did then."""
    rows = session.execute(_last_words(Label.complaint)).all()
    taught = [
        Taught(row.Label.id, utterance_of(row), bool(row.Label.complaint), row.Label.origin)
        for row in rows
        if _reads_as_then(row)
    ]
    return Lessons(taught, len(rows) - len(taught))


def read_topics(session: Session) -> list[TaughtTopics]:
    """Read what people last said of the topics of mentions that still read as they did then."""
    return [
        TaughtTopics(row.Label.id, utterance_of(row), frozenset(row.Label.topics))
        for row in session.execute(_last_words(Label.topics))
        if _reads_as_then(row)
    ]


def _last_words(said: InstrumentedAttribute[Any]) -> Executable:
    """The last label of each mention in which something was ``said``, with all about its text."""
    last = (
        select(func.max(Label.id).label("id"))
        .where(said.is_not(None))
        .group_by(Label.mention_id)
        .subquery()
    )
    return (
        select(
            Label,
            Mention.revision,
            Mention.state,
            Mention.text,
            Mention.title,
            Mention.rating,
            Mention.rating_min,
            Mention.rating_max,
            Mention.kind,
            Assessment.language,
            Source.judged,
            Source.complaint_share,
            Brand.key.label("brand"),
        )
        .join(last, last.c.id == Label.id)
        .join(Mention, Mention.id == Label.mention_id)
        .join(Source, Source.id == Mention.source_id)
        .join(Brand, Brand.id == Source.brand_id)
        .join(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .order_by(Label.id)
    )


def _reads_as_then(row: Row[Any]) -> bool:
    return bool(
        row.state == "present"
        and row.Label.revision == row.revision
        and (row.text.strip() or row.title.strip())
    )
