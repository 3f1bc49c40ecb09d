"""What the daemon does every hour to watch the judgement: draws samples, looks for drift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import ColumnElement, String, and_, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.alerts import raise_alert, resolve_alerts
from monitor.clock import Clock
from monitor.db import Database
from monitor.judging.drift import Change, Drift, Span, drift_between
from monitor.judging.sampling import draw_sample
from monitor.log import logger
from monitor.models import Assessment, Mention, Source

log = logger(__name__)

LATELY = timedelta(days=7)
BEFORE = timedelta(days=28)

UNKNOWN_LANGUAGE = "und"
WORDLESS = "no_known_words"
"""The signal of a text in which the model knows no word."""


class JudgementWatch:
    """Watches how is judged. Every daemon may run one; each thing is done once."""

    def __init__(
        self, database: Database, clock: Clock, sample_per_week: int, random: Random
    ) -> None:
        self._database = database
        self._clock = clock
        self._sample_per_week = sample_per_week
        self._random = random

    def run(self) -> None:
        """Draw this week's sample if that is due, and raise or resolve alarms of drift."""
        now = self._clock()
        drawn = draw_sample(self._database, now, self._sample_per_week, self._random)
        if drawn:
            log.info("drew %d mentions for a second look", drawn)
        watch_drift(self._database, now)


def watch_drift(database: Database, now: datetime) -> None:
    """Raise one alert per source that has drifted, and resolve those of sources that have not."""
    with database.read() as session:
        drifts = drifts_of(session, now)
        sources = session.execute(
            select(Source.id, Source.key).where(Source.state != "removed")
        ).all()
    over = []
    with database.write() as session:
        for source_id, source_key in sources:
            drift = drifts.get(source_id, Drift("too few", None))
            key = f"drift:{source_key}"
            if drift.state == "drifted" and drift.change is not None:
                told = _told(source_key, drift.change)
                raise_alert(session, key, "drift", told, now, source_id)
            elif drift.state != "unclear":
                over.append(key)
        resolve_alerts(session, over, now)


def _told(source_key: str, change: Change) -> str:
    return (
        f"{source_key} reads unlike it did: {change.words}, the last {LATELY.days} days beside the "
        f"{BEFORE.days} before; look whether it is judged rightly, with `rapport assess report`"
    )


def drifts_of(session: Session, now: datetime) -> Mapping[int, Drift]:
    """Return the drift of every source from which anything came in the last five weeks."""
    spans = _spans(session, now)
    return {
        source_id: drift_between(
            spans.get((source_id, False), Span()), spans.get((source_id, True), Span())
        )
        for source_id in {source_id for source_id, _ in spans}
    }


def _spans(session: Session, now: datetime) -> dict[tuple[int, bool], Span]:
    """Return the sums of each source, lately (True) and before; history is left out."""
    lately = case((Mention.first_seen_at > now - LATELY, 1), else_=0)
    probability = Assessment.complaint_probability

    def count(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    rows = session.execute(
        select(
            Mention.source_id,
            lately.label("lately"),
            func.count(),
            count(and_(Assessment.complaint, ~Assessment.spam)),
            count(Assessment.unsure),
            count(Assessment.language == UNKNOWN_LANGUAGE),
            # A list of names in JSON, in either database: the quotes are part of the name.
            count(cast(Assessment.signals, String).contains(f'"{WORDLESS}"')),
            func.sum(probability),
            func.sum(probability * probability),
        )
        .join(
            Assessment,
            and_(Assessment.mention_id == Mention.id, Assessment.revision == Mention.revision),
        )
        .where(
            Mention.first_seen_at > now - LATELY - BEFORE,
            Mention.first_seen_at <= now,
            Mention.history.is_(False),
        )
        .group_by(Mention.source_id, "lately")
    ).all()
    return {
        (row[0], bool(row[1])): Span(*(int(each) for each in row[2:7]), *map(float, row[7:9]))
        for row in rows
    }
