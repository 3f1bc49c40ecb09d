"""What people say of judgements, what is learned from it, and what belongs together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from monitor.models.base import Base, BigId, Id, Json, Line, Short


class Label(Base):
    """A person's word on one revision of a mention; of several, the last one counts.

    `complaint` is None where only the topics were corrected, `topics` is None where only that
    was not. `origin` tells where it was said: ``case`` (dismissed, or opened by hand), ``draft``
    (a draft approved or rejected), ``look`` (a second look), ``topics``.
    """

    __tablename__ = "label"

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), index=True)
    revision: Mapped[int]
    complaint: Mapped[bool | None]
    topics: Mapped[list[str] | None] = mapped_column(Json)
    origin: Mapped[Short]
    by: Mapped[Line]
    at: Mapped[datetime] = mapped_column(index=True)


class SecondLook(Base):
    """A mention that a person should look at, although no case was opened for it.

    `reason` is ``unsure`` (the judgement was too close), ``sample`` (drawn at random among the
    sure ones, to learn what is missed; `chance` is the probability with which it was drawn) or
    ``changed`` (a later model judges otherwise). `verdict` is empty while it waits, then
    ``complaint``, ``no_complaint`` or ``skipped``: by a person, or by Rapport itself once what was
    said reads otherwise or is gone. Rows stay, so that a number means one text for ever.
    """

    __tablename__ = "second_look"
    __table_args__ = (
        UniqueConstraint("mention_id", "revision"),
        Index(
            "ix_second_look_waiting",
            "drawn_at",
            sqlite_where=text("verdict = ''"),
            postgresql_where=text("verdict = ''"),
        ),
    )

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    revision: Mapped[int]
    reason: Mapped[Short]
    chance: Mapped[float] = mapped_column(default=1.0)
    drawn_at: Mapped[datetime]
    verdict: Mapped[Short] = mapped_column(default="")
    by: Mapped[Line] = mapped_column(default="")
    at: Mapped[datetime | None]


class Layer(Base):
    """What was learned here, on top of the shipped model `base_model`.

    `content` is what `monitor.assess.layer` reads; `measures` tells what it was worth on
    held-back labels, before and after. States: ``active`` (at most one), ``replaced``,
    ``rolled_back``, ``refused`` (it was not better). `ended_by` is whose act ended it.
    """

    __tablename__ = "layer"
    __table_args__ = (
        Index(
            "ix_layer_active",
            "state",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[Id]
    base_model: Mapped[Short]
    content: Mapped[dict[str, Any]]
    measures: Mapped[dict[str, Any]]
    state: Mapped[Short]
    made_by: Mapped[Line]
    made_at: Mapped[datetime]
    ended_by: Mapped[Line] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class Incident(Base):
    """Mentions with one cause, told of as one thing.

    `kind` is ``same_cause`` (many people, one outage), ``copies`` (one text at several places)
    or ``review_bombing`` (a wave of low ratings out of nothing). `detail` holds what it was
    recognised by. It is open until `ended_at`.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_brand_id_ended_at", "brand_id", "ended_at"),)

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    kind: Mapped[Short]
    topic: Mapped[Short] = mapped_column(default="")
    title: Mapped[Line] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]]


class IncidentMention(Base):
    """A mention's place in an incident."""

    __tablename__ = "incident_mention"
    __table_args__ = (Index("ix_incident_mention_mention_id", "mention_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True)
    added_at: Mapped[datetime]


class Mark(Base):
    """How far a job that walks through the mentions has come: `value` is the last id it saw."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[int] = mapped_column(BigId, default=0)
