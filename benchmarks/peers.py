"""The SLA table as others make it: DuckDB, pandas and plain SQLAlchemy, each from the same clocks.

Each returns the rows that our own table has: day, source, counted, met, missed, and the time that
half and nine tenths did not exceed (nearest rank, whole seconds of open time).
"""

from __future__ import annotations

import importlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date
from types import ModuleType
from typing import Any

from sqlalchemy import select

from monitor.db import Database
from monitor.models import Case, Clock, Source
from monitor.reports.period import Period

Line = tuple[date, str, int, int, int, int | None, int | None]
Answer = Callable[[], list[Line]]

FROM_STORE = """
select s.key as source, c.started_at as started, c.state as state,
       c.breached_at is not null as late, c.business_seconds as seconds
from clock c join "case" on "case".id = c.case_id join source s on s.id = "case".source_id
where c.target = 'first_response'
"""
SINCE = " and c.started_at >= '{0:%Y-%m-%d %H:%M:%S}' and c.started_at < '{1:%Y-%m-%d %H:%M:%S}'"
DUCKDB = """
select day, source, count(*), count(*) filter (state = 'stopped' and not late),
       count(*) filter (state = 'stopped' and late),
       quantile_disc(seconds, 0.5) filter (state = 'stopped'),
       quantile_disc(seconds, 0.9) filter (state = 'stopped')
from clock where day between ? and ? and state <> 'voided'
group by day, source order by day, source
"""


def is_there(name: str) -> ModuleType | None:
    """Return a library that is no dependency of ours, or say how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"  {name} is not installed: pip install duckdb pandas")
        return None


class Frames:
    """pandas, and what it holds in memory of a store: one row for each first response."""

    def __init__(self, pandas: Any, database: Database, period: Period) -> None:
        self.pandas = pandas
        self._database = database
        self._period = period
        self._since = SINCE.format(period.begin, period.end)
        self.every = self._read("")

    def _read(self, where: str) -> Any:
        with self._database.engine.connect() as connection:
            frame = self.pandas.read_sql(FROM_STORE + where, connection)
        started = self.pandas.to_datetime(frame["started"], utc=True)
        frame["day"] = started.dt.tz_convert(self._period.zone.key).dt.date
        frame["late"] = frame["late"].astype(bool)
        return frame.drop(columns="started")

    def in_memory(self) -> list[Line]:
        """Group what is in memory."""
        return self._table(self.every)

    def from_store(self) -> list[Line]:
        """Read the rows of the period from the store, then group them."""
        return self._table(self._read(self._since))

    def _table(self, frame: Any) -> list[Line]:
        period = self._period
        frame = frame[(frame["day"] >= period.first) & (frame["day"] <= period.last)]
        frame = frame[frame["state"] != "voided"]
        keys = ["day", "source"]
        stopped = frame[frame["state"] == "stopped"].sort_values([*keys, "seconds"])
        groups = stopped.groupby(keys, sort=True)
        told = self.pandas.DataFrame({"n": groups.size(), "missed": groups["late"].sum()})
        # Interpolation is no nearest rank: take the place in the sorted times instead.
        begins = told["n"].cumsum() - told["n"]
        times = stopped["seconds"].to_numpy()
        for name, share in (("p50", 0.5), ("p90", 0.9)):
            ranks = (told["n"] * share).round(9).map(math.ceil).clip(lower=1) - 1
            told[name] = times[(begins + ranks).to_numpy()].astype(int)
        counted = frame.groupby(keys, sort=True).size().rename("counted")
        told = told.join(counted, how="right").sort_index()
        return [
            (day, source, row.counted, *_decided(row))
            for (day, source), row in zip(told.index, told.itertuples(index=False), strict=True)
        ]


def _decided(row: Any) -> tuple[int, int, int | None, int | None]:
    if math.isnan(row.n):
        return 0, 0, None, None
    return int(row.n - row.missed), int(row.missed), int(row.p50), int(row.p90)


def with_duckdb(duckdb: Any, frames: Frames) -> Answer:
    """Return the question to DuckDB, on a table of its own that is made here.

    The day is made beforehand, so that it has no time zones to reckon with.
    """
    connection = duckdb.connect()
    frame = frames.every
    connection.register("frame", frame)
    connection.execute(
        "create table clock as select cast(day as date) as day, source, state, late, "
        "cast(floor(seconds) as integer) as seconds from frame"
    )
    connection.unregister("frame")
    period = frames._period
    return lambda: connection.execute(DUCKDB, [period.first, period.last]).fetchall()


def with_objects(database: Database, period: Period) -> list[Line]:
    """Load every clock of the period as an object, and count them one by one."""
    groups: dict[tuple[date, str], list[Clock]] = defaultdict(list)
    with database.read() as session:
        for clock, source in session.execute(
            select(Clock, Source.key)
            .join(Case, Case.id == Clock.case_id)
            .join(Source, Source.id == Case.source_id)
            .where(
                Clock.target == "first_response",
                Clock.state != "voided",
                Clock.started_at >= period.begin,
                Clock.started_at < period.end,
            )
        ):
            day = clock.started_at.replace(tzinfo=UTC).astimezone(period.zone).date()
            groups[day, source].append(clock)
    return [(*key, *_counted(groups[key])) for key in sorted(groups)]


def _counted(clocks: Iterable[Clock]) -> tuple[int, int, int, int | None, int | None]:
    known = list(clocks)
    stopped = [clock for clock in known if clock.state == "stopped"]
    missed = sum(clock.breached_at is not None for clock in stopped)
    times = sorted(int(clock.business_seconds or 0) for clock in stopped)
    p50, p90 = (
        times[max(1, math.ceil(round(share * len(times), 9))) - 1] if times else None
        for share in (0.5, 0.9)
    )
    return len(known), len(stopped) - missed, missed, p50, p90
