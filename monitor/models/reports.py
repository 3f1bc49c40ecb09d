"""What reports read: figures kept by day and month, and what has changed since they were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from monitor.models.base import Base, BigId, Id, Short


class Rollup(Base):
    """One measure over the cases (or mentions) of one period that have one thing in common.

    `grain` is ``day`` or ``month``; `span` is the ordinal of the period's first date
    (``date.toordinal``), in the zone of `ReportState`. `part` is what they have in common
    (``all``, ``source``, ``person``, …) and `value` which one. Every row that is counted is in
    one of `met`, `missed` and, without a column, those still open. `times` and `walls` are sorted
    little-endian 32-bit integers, one for each that is decided: what that is, its measure says;
    `total` is the sum of `times`.
    """

    __tablename__ = "rollup"
    __table_args__ = (Index("ix_rollup_span", "grain", "span"),)

    grain: Mapped[str] = mapped_column(String(5), primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    span: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str] = mapped_column(String(410), primary_key=True)
    counted: Mapped[int]
    met: Mapped[int]
    missed: Mapped[int]
    voided: Mapped[int]
    median: Mapped[int | None]
    p90: Mapped[int | None]
    total: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[bytes] = mapped_column(LargeBinary)
    walls: Mapped[bytes] = mapped_column(LargeBinary)


class RollupSpan(Base):
    """A day or month whose rollups are made. `version` rises whenever those of a day are made
    anew; that of a month is the sum of its days' versions when it was made, so that a month whose
    days have changed since is known and not read.
    """

    __tablename__ = "rollup_span"

    grain: Mapped[str] = mapped_column(String(5), primary_key=True)
    span: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int]
    made_at: Mapped[datetime]


class ReportChange(Base):
    """Something happened that the rollups do not know yet: to a case, or to mentions.

    Written in the transaction of what happened; whoever brings the rollups up to date removes it.
    Mentions are told by the times between which they were said.
    """

    __tablename__ = "report_change"

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(BigId)
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]


class ReportState(Base):
    """How the rollups are made: one row. Days are those of `zone`; `layout` is their format;
    `edition` rises when all are made anew, for versions of days begin again then. `settled_at` is
    when they last took in what had happened; None while they are made anew.

    Whoever writes rollups locks it first, so that an older view never overwrites a newer one.
    """

    __tablename__ = "report_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    zone: Mapped[Short]
    layout: Mapped[int]
    edition: Mapped[int] = mapped_column(default=0, server_default="0")
    settled_at: Mapped[datetime | None]


class ReportForecast(Base):
    """The forecast of this week's breaches as it was last made: one row.

    `body` holds the fields of `monitor.sla.forecast.Forecast`; `took_seconds` is how long it took.
    """

    __tablename__ = "report_forecast"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    took_seconds: Mapped[float]
