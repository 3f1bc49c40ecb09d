"""Adds the days of a finished month up, so that a year is read from twelve rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.models import ReportState, Rollup, RollupSpan
from monitor.reports.cells import Row, add_up, pack, percentile

CALM = timedelta(hours=1)
"""A month whose days changed is added up again when none has changed for this long."""


def merge_months(database: Database, now: datetime) -> None:
    """Add up finished months whose days have changed and are calm again.

    Each month is read, added up and written by itself; one whose days change meanwhile is left
    for the next time.
    """
    with database.read() as session:
        state = session.get(ReportState, 1)
        wanted = stale_months(session, now) if state is not None else []
    for first, version in wanted:
        with database.read() as session:
            rows = list(_add_month_up(session, first))
        with database.write() as session:
            session.get_one(ReportState, 1, with_for_update=True)
            if days_version(session, first) != version:
                continue
            span = first.toordinal()
            session.execute(delete(Rollup).where(Rollup.grain == "month", Rollup.span == span))
            session.execute(
                delete(RollupSpan).where(RollupSpan.grain == "month", RollupSpan.span == span)
            )
            if rows:
                session.execute(insert(Rollup.__table__), rows)  # type: ignore[arg-type]  # a Table
            session.add(RollupSpan(grain="month", span=span, version=version, made_at=now))


def stale_months(session: Session, now: datetime) -> list[tuple[date, int]]:
    """Return the finished months to add up, by their first day, with their days' version."""
    days: dict[date, tuple[int, datetime]] = {}
    for span, version, made_at in session.execute(
        select(RollupSpan.span, RollupSpan.version, RollupSpan.made_at).where(
            RollupSpan.grain == "day"
        )
    ):
        first = date.fromordinal(span).replace(day=1)
        known, latest = days.get(first, (0, made_at))
        days[first] = known + version, max(latest, made_at)
    months = dict(
        session.execute(
            select(RollupSpan.span, RollupSpan.version).where(RollupSpan.grain == "month")
        ).all()
    )
    this_month = (now - timedelta(days=2)).date().replace(day=1)
    return [
        (first, version)
        for first, (version, latest) in sorted(days.items())
        if first < this_month
        and months.get(first.toordinal()) != version
        and (first.toordinal() not in months or now - latest >= CALM)
    ]


def days_version(session: Session, first: date) -> int:
    """Return the sum of the versions of a month's days."""
    return session.scalars(
        select(func.coalesce(func.sum(RollupSpan.version), 0)).where(
            RollupSpan.grain == "day",
            RollupSpan.span >= first.toordinal(),
            RollupSpan.span < month_after(first).toordinal(),
        )
    ).one()


def month_after(first: date) -> date:
    """Return the first day of the month after the one that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1)


def _add_month_up(session: Session, first: date) -> Iterator[dict[str, Any]]:
    columns = (
        Rollup.measure,
        Rollup.part,
        Rollup.value,
        Rollup.span,
        Rollup.counted,
        Rollup.met,
        Rollup.missed,
        Rollup.voided,
        Rollup.total,
        Rollup.times,
        Rollup.walls,
    )
    rows = session.execute(
        select(*columns)
        .where(
            Rollup.grain == "day",
            Rollup.span >= first.toordinal(),
            Rollup.span < month_after(first).toordinal(),
        )
        .order_by(Rollup.measure, Rollup.part, Rollup.value)
    )
    for (measure, part, value), group in groupby(rows, lambda row: tuple(row[:3])):
        total = add_up(Row(row.span, value, *tuple(row)[4:]) for row in group)
        yield {
            "grain": "month",
            "measure": measure,
            "part": part,
            "span": first.toordinal(),
            "value": value,
            "counted": total.counted,
            "met": total.met,
            "missed": total.missed,
            "voided": total.voided,
            "median": percentile(total.times, 0.5),
            "p90": percentile(total.times, 0.9),
            "total": total.total,
            "times": pack(time for times in total.times for time in times),
            "walls": pack(wall for walls in total.walls for wall in walls),
        }
