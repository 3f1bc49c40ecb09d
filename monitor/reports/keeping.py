"""Keeps the rollups up to date with what happens, and makes them anew from nothing.

What happened is read from `ReportChange` rows, which are written where it happens; the days it
belongs to are made anew, whole. So it does not matter in which order things are heard of, or how
often: the figures of a day are always those that a recount gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from monitor.clock import Clock as Now
from monitor.db import Database
from monitor.models import (
    ReportChange,
    ReportState,
    Rollup,
    RollupSpan,
)
from monitor.models.upsert import insert_missing
from monitor.reports.counting import Key, rows_of_day
from monitor.reports.days import days_of_all, days_of_cases, ends_of_all
from monitor.reports.months import merge_months

LAYOUT: Final = 2
"""Rollups of another layout are made anew."""

AT_ONCE = 20_000
"""So many changes are taken in together."""

DAYS_AT_ONCE = 7
"""So many days are made in one transaction, for on SQLite others wait meanwhile."""

Progress = Callable[[int, int], None]
"""Called with how many days are done, of how many."""

_ROLLUP: Any = Rollup.__table__
_GONE = delete(_ROLLUP).where(
    _ROLLUP.c.grain == "day",
    _ROLLUP.c.span == bindparam("day"),
    _ROLLUP.c.measure == bindparam("a"),
    _ROLLUP.c.part == bindparam("b"),
    _ROLLUP.c.value == bindparam("c"),
)


class Keeper:
    """Brings the rollups of one store up to date. Days are those of `zone`.

    Any number of daemons may run one: a lock makes them take turns.
    """

    def __init__(self, database: Database, now: Now, zone: str) -> None:
        self._database = database
        self._now = now
        self._zone = ZoneInfo(zone)

    def run(self, progress: Progress | None = None) -> int:
        """Take in all that happened; return how many days were made anew.

        Costs one read when nothing did. Where rollups are missing, of another zone or another
        layout, all are made.
        """
        with self._database.read() as session:
            state = session.get(ReportState, 1)
            fits = state is not None and (state.zone, state.layout) == (self._zone.key, LAYOUT)
            edition = state.edition if state is not None else 0
            settled = fits and state is not None and state.settled_at is not None
            waiting = session.scalars(select(ReportChange.id).limit(1)).first() is not None
        if not fits:
            edition = self._begin_anew()
        made = 0
        while (not fits or waiting) and (changes := self._look()):
            made += self._take_in(*changes, progress)
        if waiting or not settled:
            self._settle(edition)
        merge_months(self._database, self._now())
        return made

    def rebuild(self, progress: Progress | None = None) -> int:
        """Forget all rollups and make them again from the rows; return how many days."""
        self._begin_anew()
        return self.run(progress)

    def differences(self, progress: Progress | None = None) -> list[str]:
        """Return where the kept rollups are not what a recount gives, one line each."""
        found = []
        with self._database.read() as session:
            days = sorted({*days_of_all(session, self._zone), *_kept_days(session)})
            for number, day in enumerate(days, 1):
                kept, counted = _kept(session, day), rows_of_day(session, day, self._zone)
                fresh = {(r["measure"], r["part"], r["value"]): r for r in counted}
                found += [
                    f"{day}: {' '.join(key)}"
                    for key in sorted(kept.keys() | fresh.keys())
                    if kept.get(key) != fresh.get(key)
                ]
                if progress is not None:
                    progress(number, len(days))
        return found

    def _begin_anew(self) -> int:
        """Forget all rollups, and owe all days; return which edition begins."""
        with self._database.write() as session:
            insert_missing(
                session,
                ReportState,
                [{"id": 1, "zone": "", "layout": 0, "settled_at": None}],
            )
            state = _lock(session)
            state.zone, state.layout, state.edition = self._zone.key, LAYOUT, state.edition + 1
            state.settled_at = None
            session.execute(delete(Rollup))
            session.execute(delete(RollupSpan))
            session.execute(delete(ReportChange))
            ends = ends_of_all(session)
            if ends:
                session.add(ReportChange(first_at=min(ends), last_at=max(ends)))
            return state.edition

    def _settle(self, edition: int) -> None:
        """Note that what had happened is taken in, unless somebody has begun anew since."""
        with self._database.write() as session:
            state = _lock(session)
            if state.edition == edition:
                state.settled_at = self._now()

    def _look(self) -> tuple[list[int], list[date]] | None:
        """Return changes that wait, and the days they belong to."""
        with self._database.read() as session:
            rows = session.execute(
                select(
                    ReportChange.id,
                    ReportChange.case_id,
                    ReportChange.first_at,
                    ReportChange.last_at,
                )
                .order_by(ReportChange.id)
                .limit(AT_ONCE)
            ).all()
            if not rows:
                return None
            days: set[date] = set()
            for row in rows:
                if row.first_at is not None and row.last_at is not None:
                    days |= set(self._days_between(session, row.first_at, row.last_at))
            cases = sorted({row.case_id for row in rows if row.case_id is not None})
            for some in _batches(cases, 500):
                days |= days_of_cases(session, some, self._zone)
        return [row.id for row in rows], sorted(days)

    def _days_between(self, session: Session, first: datetime, last: datetime) -> Iterable[date]:
        begin, end = (at.astimezone(self._zone).date() for at in (first, last))
        if (end - begin).days > DAYS_AT_ONCE:  # most days of a long time may be empty
            return (d for d in days_of_all(session, self._zone) if begin <= d <= end)
        return (begin + timedelta(days=n) for n in range((end - begin).days + 1))

    def _take_in(
        self, changes: Sequence[int], days: Sequence[date], progress: Progress | None
    ) -> int:
        done = 0
        for some in _batches(days, DAYS_AT_ONCE):
            counted = [self._count(day) for day in some]
            with self._database.write() as session:
                _lock(session)
                for each in counted:
                    day, told = each.day, _told(session, each.day)
                    # Somebody who saw more may have made the day meanwhile.
                    fits = told == each.told
                    now = each if fits else _count_day(session, day, self._zone)
                    _put_day(session, now, self._now())
            done += len(some)
            if progress is not None:
                progress(done, len(days))
        with self._database.write() as session:
            for ids in _batches(changes, 500):
                session.execute(delete(ReportChange).where(ReportChange.id.in_(ids)))
        return len(days)

    def _count(self, day: date) -> _Counted:
        """Count a day while others may write, for on a day of many cases it takes a while."""
        with self._database.read() as session:
            return _count_day(session, day, self._zone)


class _Counted(NamedTuple):
    """A day that was counted: what was `told` of it before, and which of its rollups differ."""

    day: date
    told: tuple[int, datetime] | None
    gone: list[Key]
    fresh: list[dict[str, Any]]


def _count_day(session: Session, day: date, zone: ZoneInfo) -> _Counted:
    kept, told = _kept(session, day), _told(session, day)
    counted = {(r["measure"], r["part"], r["value"]): r for r in rows_of_day(session, day, zone)}
    gone = [key for key, row in kept.items() if counted.get(key) != row]
    fresh = [row for key, row in counted.items() if kept.get(key) != row]
    return _Counted(day, told, gone, fresh)


def _told(session: Session, day: date) -> tuple[int, datetime] | None:
    """Return which version of a day is kept and when it was made; None when it never was."""
    found = session.execute(
        select(RollupSpan.version, RollupSpan.made_at).where(
            RollupSpan.grain == "day", RollupSpan.span == day.toordinal()
        )
    ).first()
    return None if found is None else (found.version, found.made_at)


def _lock(session: Session) -> ReportState:
    return session.get_one(ReportState, 1, with_for_update=True, populate_existing=True)


def _put_day(session: Session, counted: _Counted, now: datetime) -> None:
    """Write what differs. A day of which nothing does keeps its version, and its month is true."""
    span = counted.day.toordinal()
    if counted.gone:
        which = [dict(zip(("a", "b", "c"), key, strict=True)) for key in counted.gone]
        session.connection().execute(_GONE, [{"day": span, **each} for each in which])
    if counted.fresh:
        session.execute(insert(_ROLLUP), counted.fresh)
    if counted.told is None:
        session.add(RollupSpan(grain="day", span=span, version=1, made_at=now))
    elif counted.gone or counted.fresh:
        told = session.get_one(RollupSpan, ("day", span))
        told.version += 1
        told.made_at = now


def _kept(session: Session, day: date) -> dict[Key, dict[str, Any]]:
    found = session.execute(
        select(*Rollup.__table__.columns).where(
            Rollup.grain == "day", Rollup.span == day.toordinal()
        )
    )
    return {(row["measure"], row["part"], row["value"]): dict(row) for row in found.mappings()}


def _kept_days(session: Session) -> Iterator[date]:
    spans = session.scalars(select(RollupSpan.span).where(RollupSpan.grain == "day"))
    return (date.fromordinal(span) for span in spans)


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
