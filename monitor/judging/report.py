"""How well is judged: what was judged, what people said of it, what is missed, what changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from monitor.cases.looks import COMPLAINT, NO_COMPLAINT
from monitor.judging.calibration import Calibration, calibrate
from monitor.judging.drift import Drift
from monitor.judging.missed import Look, Missed, estimate_missed
from monitor.judging.sampling import LATE, WEEK
from monitor.judging.sampling import REASON as SAMPLE
from monitor.judging.shares import ENOUGH, learned_share
from monitor.judging.watch import drifts_of
from monitor.models import Alert, Assessment, Case, Label, Layer, Mention, SecondLook, Source

_CURRENT = and_(Assessment.mention_id == Mention.id, Assessment.revision == Mention.revision)
CONFIRMED = ("approved", "answered", "closed")
FEW_DECIDED = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """The texts of one kind at one source, and what came of the cases opened for them.

    `confirmed` cases were answered or are about to be, `dismissed` ones were none to staff.
    """

    source: str
    kind: str
    texts: int
    complaints: int
    unsure: int
    cases: int
    confirmed: int
    dismissed: int

    @property
    def precision(self) -> float | None:
        """The share of decided cases that were complaints; None before any was decided."""
        decided = self.confirmed + self.dismissed
        return self.confirmed / decided if decided else None

    @property
    def few(self) -> bool:
        """Whether the precision rests on few decided cases."""
        return self.confirmed + self.dismissed < FEW_DECIDED


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one source: how many complain, and whether it reads as it did.

    `share` is None until `ENOUGH` texts were judged. `alarm_since` is when the alarm over its
    drift that stands now was raised.
    """

    source: str
    judged: int
    share: float | None
    drift: Drift
    alarm_since: datetime | None

    @property
    def missing(self) -> int:
        """How many texts are still to be judged before the share is used."""
        return max(0, ENOUGH - self.judged)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One version of the model: how many texts it judged, and when it last did."""

    model: str
    texts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LayerInUse:
    """The layer of what was learned here that judges now."""

    id: int
    base_model: str
    made_by: str
    made_at: datetime
    measures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of `rapport assess report`, for mentions first seen from `since` until `until`."""

    since: datetime
    until: datetime
    kinds: tuple[Kind, ...]
    sources: tuple[Learned, ...]
    models: tuple[ModelUse, ...]
    missed: Missed
    labels: int
    calibration: Calibration | None
    layer: LayerInUse | None


def assess_report(session: Session, now: datetime, since: datetime) -> Report:
    """Read the report. History counts as judged, and opens no case."""
    labelled = _labelled(session, since, now)
    return Report(
        since=since,
        until=now,
        kinds=_kinds(session, since, now),
        sources=_learned(session, now),
        models=_models(session, since, now),
        missed=_missed(session, since, now),
        labels=len(labelled),
        calibration=calibrate(labelled),
        layer=_layer(session),
    )


def _heard(since: datetime, until: datetime) -> Any:
    return and_(Mention.first_seen_at >= since, Mention.first_seen_at <= until)


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _kinds(session: Session, since: datetime, until: datetime) -> tuple[Kind, ...]:
    said = _last_word()
    confirmed = func.coalesce(said.c.complaint, Case.state.in_(CONFIRMED))
    dismissed = func.coalesce(~said.c.complaint, Case.state == "dismissed")
    rows = session.execute(
        select(
            Source.key,
            Mention.kind,
            func.count(),
            _count(and_(Assessment.complaint, ~Assessment.spam)),
            _count(Assessment.unsure),
            _count(Case.id.is_not(None)),
            _count(and_(Case.id.is_not(None), confirmed)),
            _count(and_(Case.id.is_not(None), dismissed)),
        )
        .select_from(Mention)
        .join(Source, Source.id == Mention.source_id)
        .join(Assessment, _CURRENT)
        .outerjoin(Case, Case.mention_id == Mention.id)
        .outerjoin(said, said.c.mention_id == Mention.id)
        .where(_heard(since, until))
        .group_by(Source.key, Mention.kind)
        .order_by(Source.key, Mention.kind)
    )
    return tuple(Kind(*row) for row in rows)


def _last_word() -> Any:
    """Select the last word of a person on each mention: whether it is a complaint."""
    newest = (
        select(func.max(Label.id).label("id"))
        .where(Label.complaint.is_not(None))
        .group_by(Label.mention_id)
        .subquery()
    )
    return (
        select(Label.mention_id, Label.revision, Label.complaint)
        .join(newest, newest.c.id == Label.id)
        .subquery()
    )


def _labelled(session: Session, since: datetime, until: datetime) -> list[tuple[float, bool]]:
    said = _last_word()
    rows = session.execute(
        select(Assessment.complaint_probability, said.c.complaint)
        .select_from(Mention)
        .join(said, said.c.mention_id == Mention.id)
        .join(
            Assessment,
            and_(Assessment.mention_id == Mention.id, Assessment.revision == said.c.revision),
        )
        .where(_heard(since, until))
    )
    return [(row[0], row[1]) for row in rows]


def _learned(session: Session, now: datetime) -> tuple[Learned, ...]:
    drifts = drifts_of(session, now)
    raised: dict[int | None, datetime] = dict(
        session.execute(
            select(Alert.source_id, Alert.raised_at).where(
                Alert.kind == "drift", Alert.resolved_at.is_(None)
            )
        ).all()
    )
    rows = session.execute(
        select(Source.id, Source.key, Source.judged, Source.complaint_share)
        .where(Source.state != "removed")
        .order_by(Source.key)
    )
    return tuple(
        Learned(
            source=row.key,
            judged=row.judged,
            share=learned_share(row.judged, row.complaint_share),
            drift=drifts.get(row.id, Drift("too few", None)),
            alarm_since=raised.get(row.id),
        )
        for row in rows
    )


def _models(session: Session, since: datetime, until: datetime) -> tuple[ModelUse, ...]:
    rows = session.execute(
        select(Assessment.model, func.count(), func.max(Assessment.assessed_at))
        .select_from(Mention)
        .join(Assessment, _CURRENT)
        .where(_heard(since, until))
        .group_by(Assessment.model)
        .order_by(func.max(Assessment.assessed_at).desc(), Assessment.model)
    )
    return tuple(ModelUse(*row) for row in rows)


def _missed(session: Session, since: datetime, until: datetime) -> Missed:
    """Estimate what was missed in the weeks whose samples were drawn within the report's time."""
    rows = session.execute(
        select(SecondLook.chance, SecondLook.verdict, SecondLook.drawn_at).where(
            SecondLook.reason == SAMPLE,
            SecondLook.drawn_at >= since,
            SecondLook.drawn_at <= until,
        )
    ).all()
    draws = sorted({row.drawn_at for row in rows})
    found = _found(session, draws[0] - WEEK - LATE, draws[-1]) if draws else None
    # What was skipped, or could not be read any more, says nothing.
    said = {COMPLAINT: True, NO_COMPLAINT: False}
    looks = [Look(row.chance, said.get(row.verdict)) for row in rows]
    return estimate_missed(looks, len(draws), found)


def _found(session: Session, since: datetime, until: datetime) -> float:
    """Return how many of the mentions judged complaints are ones, less what staff dismissed."""
    complaints, dismissed = session.execute(
        select(func.count(), _count(Case.state == "dismissed"))
        .select_from(Mention)
        .join(Assessment, _CURRENT)
        .outerjoin(Case, Case.mention_id == Mention.id)
        .where(
            Mention.first_seen_at > since,
            Mention.first_seen_at <= until,
            Mention.history.is_(False),
            Assessment.complaint,
            ~Assessment.spam,
        )
    ).one()
    return float(complaints - dismissed)


def _layer(session: Session) -> LayerInUse | None:
    row = session.scalars(
        select(Layer).where(Layer.state == "active").order_by(Layer.id.desc())
    ).first()
    if row is None:
        return None
    return LayerInUse(row.id, row.base_model, row.made_by, row.made_at, dict(row.measures))
