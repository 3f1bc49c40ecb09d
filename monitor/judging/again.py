"""Judges stored mentions again by the model in use.

The mentions are walked in the order of their ids, a chunk at a time: read, judged outside any
transaction, written in a short one that locks what intake locks and leaves out what was edited,
deleted or withheld meanwhile. How far a walk has come is written with each chunk, so an
interrupted one goes on there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from monitor.assess import Assessment as Judgement
from monitor.assess import Assessor
from monitor.cases.looks import WAITING
from monitor.changes import mentions_judged
from monitor.clock import Clock
from monitor.db import Database
from monitor.judging.utterances import utterance_of
from monitor.models import (
    Assessment,
    Brand,
    Case,
    CaseMention,
    Mark,
    Mention,
    SecondLook,
    Source,
)
from monitor.models.upsert import insert_missing

CHUNK = 500
REASON = "changed"

_CURRENT = (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mentions to judge again: of one source or of all, first seen after `since`.

    Those that the model in use has judged are left out, unless `everything`.
    """

    since: datetime
    source_id: int | None = None
    everything: bool = False


@dataclass(slots=True)
class Outcome:
    """What came of it so far.

    `to_complaint` mentions became complaints, of which `looks` were put before a person;
    `from_complaint` are none any more, and their cases stay as they are. `left` were edited,
    deleted or withheld while they were judged.
    """

    judged: int = 0
    to_complaint: int = 0
    from_complaint: int = 0
    looks: int = 0
    left: int = 0


class Reassessor:
    """Judges again. Works beside a running daemon; two at once only do the same work twice."""

    def __init__(self, database: Database, assessor: Assessor, clock: Clock) -> None:
        self._database = database
        self._assessor = assessor
        self._clock = clock

    def begin(self, wanted: Wanted, name: str) -> tuple[int, int]:
        """Return the id after which a walk called `name` goes on, and how many are left to judge.

        The id is 0 where no walk of that name was interrupted.
        """
        with self._database.read() as session:
            after = session.scalars(select(Mark.value).where(Mark.name == name)).first() or 0
            left = session.scalars(self._which(select(func.count()), wanted, after)).one()
        return after, left

    def run(self, wanted: Wanted, name: str, progress: Callable[[Outcome], None]) -> Outcome:
        """Walk to the end and return what came of it; `progress` is told after each chunk."""
        after, _ = self.begin(wanted, name)
        outcome = Outcome()
        while rows := self._read(wanted, after):
            found = self._assessor.assess_many([utterance_of(row) for row in rows])
            # Much of a judgement is worked out when it is asked for: here, not in the transaction.
            judged = [_values(each, self._clock()) for each in found]
            after = rows[-1].id
            with self._database.write() as session:
                _write(session, list(zip(rows, judged, strict=True)), self._clock(), outcome)
                _note(session, name, after)
            progress(outcome)
        with self._database.write() as session:
            session.execute(delete(Mark).where(Mark.name == name))
        return outcome

    def walk_name(self, *asked: object) -> str:
        """Return the name of the walk that was asked for so, by the model in use."""
        words = "\0".join(str(each) for each in (self._assessor.version, *asked))
        return f"assess:again:{blake2b(words.encode(), digest_size=16).hexdigest()}"

    def _read(self, wanted: Wanted, after: int) -> Sequence[Row[Any]]:
        columns = select(
            Mention.id,
            Mention.revision,
            Mention.source_id,
            Mention.text,
            Mention.title,
            Mention.rating,
            Mention.rating_min,
            Mention.rating_max,
            Mention.language,
            Mention.kind,
            Assessment.complaint,
            Assessment.spam,
            Source.judged,
            Source.complaint_share,
            Brand.key.label("brand"),
        )
        query = self._which(columns, wanted, after).order_by(Mention.id).limit(CHUNK)
        with self._database.read() as session:
            return session.execute(query).all()

    def _which(self, query: Any, wanted: Wanted, after: int) -> Any:
        query = (
            query.select_from(Mention)
            .join(Assessment, _CURRENT)
            .join(Source, Source.id == Mention.source_id)
            .join(Brand, Brand.id == Source.brand_id)
            .where(
                Mention.id > after,
                Mention.first_seen_at >= wanted.since,
                Mention.state == "present",
            )
        )
        if wanted.source_id is not None:
            query = query.where(Mention.source_id == wanted.source_id)
        if not wanted.everything:
            query = query.where(Assessment.model != self._assessor.version)
        return query


def _write(
    session: Session,
    judged: Sequence[tuple[Row[Any], dict[str, Any]]],
    now: datetime,
    outcome: Outcome,
) -> None:
    """Write what was judged of those that still read so, and ask a person about new complaints."""
    history = _lock(session, [row for row, _ in judged])
    still = [pair for pair in judged if pair[0].id in history]
    outcome.left += len(judged) - len(still)
    outcome.judged += len(still)
    ids = dict(
        session.execute(
            select(Assessment.mention_id, Assessment.id)
            .join(Mention, _CURRENT)
            .where(Mention.id.in_([row.id for row, _ in still]))
        ).all()
    )
    if still:
        session.execute(
            update(Assessment), [{"id": ids[row.id], **values} for row, values in still]
        )
        mentions_judged(session, [row.id for row, _ in still])
    changed = []
    for row, values in still:
        was, is_now = _calls(row.complaint, row.spam), _calls(values["complaint"], values["spam"])
        outcome.to_complaint += is_now and not was
        outcome.from_complaint += was and not is_now
        if is_now and not was and not history[row.id]:
            changed.append(row)
    outcome.looks += _ask(session, changed, now)


def _lock(session: Session, rows: Sequence[Row[Any]]) -> dict[int, bool]:
    """Lock those that still read as they were judged; tell by id whether each is history.

    Sources come first, as everywhere: whoever writes a mention's words holds its source.
    """
    sources = sorted({row.source_id for row in rows})
    session.execute(
        select(Source.id)
        .where(Source.id.in_(sources))
        .order_by(Source.id)
        .with_for_update(key_share=True)
    )
    now = session.execute(
        select(Mention.id, Mention.revision, Mention.history)
        .where(Mention.id.in_([row.id for row in rows]), Mention.state == "present")
        .order_by(Mention.id)
    ).all()
    revisions = {row.id: row.revision for row in rows}
    return {each.id: each.history for each in now if revisions[each.id] == each.revision}


def _calls(complaint: bool, spam: bool) -> bool:
    """Tell whether a mention judged so calls for a case."""
    return complaint and not spam


def _values(found: Judgement, now: datetime) -> dict[str, Any]:
    return {
        "language": found.language,
        "sentiment": found.sentiment,
        "complaint_probability": found.complaint_probability,
        "threshold": found.threshold,
        "complaint": found.complaint,
        "unsure": found.unsure,
        "urgency": found.urgency,
        "urgency_score": found.urgency_score,
        "topics": list(found.topics),
        "intent": found.intent,
        "spam": found.spam,
        "signals": list(found.signals),
        "reasons": list(found.reasons),
        "model": found.model,
        "assessed_at": now,
    }


def _ask(session: Session, changed: Sequence[Row[Any]], now: datetime) -> int:
    """Put mentions that are on no case before a person; return how many."""
    ids = [row.id for row in changed]
    on_a_case = {
        *session.scalars(select(Case.mention_id).where(Case.mention_id.in_(ids))),
        *session.scalars(select(CaseMention.mention_id).where(CaseMention.mention_id.in_(ids))),
    }
    asked = set(
        session.execute(
            select(SecondLook.mention_id, SecondLook.revision).where(SecondLook.mention_id.in_(ids))
        ).all()
    )
    rows = [
        {
            "mention_id": row.id,
            "revision": row.revision,
            "reason": REASON,
            "chance": 1.0,
            "drawn_at": now,
            "verdict": WAITING,
            "by": "",
        }
        for row in changed
        if row.id not in on_a_case and (row.id, row.revision) not in asked
    ]
    insert_missing(session, SecondLook, rows)
    return len(rows)


def _note(session: Session, name: str, after: int) -> None:
    insert_missing(session, Mark, [{"name": name, "value": after}])
    session.execute(update(Mark).where(Mark.name == name).values(value=after))
