"""How quick the reports are with a million cases, beside other software on the same rows.

    python -m benchmarks.reports                                  # SQLite, in a temporary folder
    python -m benchmarks.reports --keep /tmp/big.db               # kept, and used again next time
    python -m benchmarks.reports --url postgresql://…/bench       # PostgreSQL, an empty database
    python -m benchmarks.reports --cases 20000 --xlsx             # fewer cases, and the slow export

Printed are (a) the SLA table of 90 days, by day and source, from our rollups, DuckDB, pandas and
plain SQLAlchemy, whose answers must be equal row by row before anything is timed; (b) every page of
the reports, asked through ASGI by somebody signed in, warm, and after something happened; (c) what
one event costs; (d) the export of all cases, each in a process of its own. DuckDB and pandas are no
dependencies of ours: ``pip install duckdb pandas``, or they are left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, inspect, select, update

from benchmarks.asking import Visitor, open_app
from benchmarks.million import NOW, fill
from benchmarks.peers import Answer, Frames, Line, is_there, with_duckdb, with_objects
from monitor.changes import case_changed
from monitor.db import Database
from monitor.exports import Head, Sheet, write_csv, write_ndjson, write_xlsx
from monitor.models import Case, Rollup, RollupSpan
from monitor.reports.behind import stream_cases
from monitor.reports.catalog import TITLES
from monitor.reports.exporting import CASE_COLUMNS, rows_of_cases
from monitor.reports.keeping import Keeper
from monitor.reports.months import merge_months
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import Behind

ZONE = "Europe/Berlin"
PERIODS = (7, 30, 90, 365)
SLOW = 3
"""So often is asked what takes seconds."""

GOALS = {"table": 15.0, "page": 50.0}
"""Milliseconds: the median of the table, and the 95th percentile of each page."""


class Times:
    """Milliseconds of the clock on the wall and of the processor, of several tries."""

    def __init__(
        self, act: Callable[[], object], tries: int, before: Callable[[], object] = lambda: None
    ) -> None:
        act()  # warm
        self.wall: list[float] = []
        self.cpu: list[float] = []
        for _ in range(tries):
            before()
            cpu, wall = time.process_time(), time.perf_counter()
            act()
            self.wall.append(1000 * (time.perf_counter() - wall))
            self.cpu.append(1000 * (time.process_time() - cpu))

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def p95(self) -> float:
        ordered = sorted(self.wall)
        return ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]

    def __str__(self) -> str:
        return (
            f"median {self.median:9.1f}  p95 {self.p95:9.1f}  "
            f"processor {statistics.median(self.cpu):9.1f} ms"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--url", help="a store that is made there unless it has cases already")
    parser.add_argument("--keep", type=Path, help="the file of an SQLite store, kept")
    parser.add_argument("--tries", type=int, default=30, help="how often each page is asked for")
    parser.add_argument("--only", default="abcd", help="of the parts a, b, c and d, those named")
    parser.add_argument("--xlsx", action="store_true", help="also export a workbook, which is slow")
    parser.add_argument("--export", help=argparse.SUPPRESS)
    told = parser.parse_args(arguments)
    if told.export:
        return export(told.url, told.export)
    with tempfile.TemporaryDirectory() as folder:
        url = told.url or f"sqlite:///{(told.keep or Path(folder) / 'store.db').absolute()}"
        with closing(Database(url)) as database:
            make_store(database, told.cases)
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {database.engine.name}")
            if "a" in told.only:
                sla_table(database, told.tries)
            if "b" in told.only:
                pages(Path(folder), url, told.tries)
            if "c" in told.only:
                events(database)
        if "d" in told.only:
            exports(url, ["csv", "ndjson", *(["xlsx"] if told.xlsx else [])])
    return 0


def make_store(database: Database, cases: int) -> None:
    """Make the store and its rollups, unless they are there."""
    begun = time.perf_counter()
    if not inspect(database.engine).has_table("case"):
        fill(database, cases, lambda words: print(f"\r{words}", end="", flush=True))
        print(f", made in {time.perf_counter() - begun:.0f} s")
    with database.read() as session:
        kept = session.scalars(select(func.count()).select_from(Rollup)).one()
    keeper = Keeper(database, lambda: NOW, ZONE)
    begun, cpu = time.perf_counter(), time.process_time()
    days = keeper.run() if kept else keeper.rebuild()
    told = f"{time.perf_counter() - begun:.0f} s, processor {time.process_time() - cpu:.0f} s"
    with database.read() as session:
        cases = session.scalars(select(func.count()).select_from(Case)).one()
        rows, size = session.execute(
            select(func.count(), func.sum(func.length(Rollup.times) + func.length(Rollup.walls)))
        ).one()
    print(f"{cases:,} cases; rollups: {days} days made in {told}; {rows:,} rows, {size:,} bytes")


def sla_table(database: Database, tries: int) -> None:
    """Ask everybody for the SLA table; compare the answers, then the times."""
    print("\n(a) the SLA table: 90 days, by day and source; milliseconds")
    period = Period.back(NOW, 90, ZoneInfo(ZONE))

    def ours() -> list[Line]:
        with database.read() as session:
            return list(Reader(session, period, NOW).table(*FIRST))

    asked: dict[str, tuple[Answer, int]] = {"Rapport, rollups": (ours, tries)}
    if pandas := is_there("pandas"):
        frames = Frames(pandas, database, period)
        if duckdb := is_there("duckdb"):
            asked["DuckDB, its own table"] = with_duckdb(duckdb, frames), tries
        asked["pandas, in memory"] = frames.in_memory, SLOW
        asked["pandas, read_sql and all"] = frames.from_store, SLOW
    asked["SQLAlchemy, objects"] = lambda: with_objects(database, period), SLOW
    expected = ours()
    for name, (answer, _) in asked.items():
        compare(name, expected, answer())
    print(f"  {len(expected):,} rows, the same from all {len(asked)}")
    first: float | None = None
    for name, (answer, number) in asked.items():
        times = Times(answer, number)
        first = first or times.median
        print(f"  {name:<26} {times}  x {times.median / first:.1f}")


FIRST: Any = ("first_response", "source")


def compare(name: str, expected: list[Line], found: list[Line]) -> None:
    """Refuse to time a wrong answer."""
    for ours, theirs in zip(expected, found, strict=False):
        if tuple(ours) != tuple(theirs):
            raise SystemExit(f"{name} answers {theirs}, we {ours}")
    if len(expected) != len(found):
        raise SystemExit(f"{name} has {len(found)} rows, we have {len(expected)}")


def pages(folder: Path, url: str, tries: int) -> None:
    """Ask for every page."""
    print(f"\n(b) pages at the server, warm, {tries} times each; milliseconds")
    worst = 0.0
    with closing(open_app(folder, url)) as app, closing(Visitor(app)) as visitor:

        def change() -> None:
            latest = select(func.max(RollupSpan.span)).where(RollupSpan.grain == "day")
            with app.database.write() as session:
                session.execute(
                    update(RollupSpan)
                    .where(RollupSpan.grain == "day", RollupSpan.span == latest.scalar_subquery())
                    .values(version=RollupSpan.version + 1)
                )

        visitor.get("/reports")
        gc.freeze()  # as the daemon does
        for address in addresses():
            begun = time.perf_counter()
            status, length = visitor.get(address)
            if status != 200:
                raise SystemExit(f"{address} answers {status}")
            first = 1000 * (time.perf_counter() - begun)
            times = Times(lambda address=address: visitor.get(address), tries)  # type: ignore[misc]
            late = "  LATE" if times.p95 > GOALS["page"] else ""
            worst = max(worst, times.p95)
            print(f"  {address:<62} {length / 1000:6.1f} kB  first {first:6.0f}  {times}{late}")
        print("\n    the first look after something happened in this week")
        for address in (f"/reports/{key}?days={days}" for key in TITLES for days in (7, 365)):
            times = Times(lambda address=address: visitor.get(address), tries, change)  # type: ignore[misc]
            print(f"  {address:<62} {times}")
            worst = max(worst, times.p95)
    print(f"  the slowest p95 is {worst:.1f} ms; the goal is {GOALS['page']:.0f}")


def addresses() -> list[str]:
    """Return every page in every period, filtered, told apart otherwise, and lists of cases."""
    found = [f"/reports/{key}?days={days}" for key in TITLES for days in PERIODS]
    found += [f"/reports/{key}?days=90&only=source:source-01" for key in TITLES]
    found += [f"/reports/{key}?days=90&by={by}" for by in ("person", "topic") for key in TITLES]
    found += [f"/reports/promises?days=90&measure={m}" for m in ("next_response", "resolution")]
    lists = ["of=first_response", "of=first_response&fared=missed", "of=first_response&fared=open"]
    lists += ["of=resolution&fared=met&only=source:source-01", "of=silent&fared=met", "of=raised"]
    lists += ["of=first_response&fared=missed&only=topic:price", "of=arrivals", "of=mentions"]
    return found + [f"/reports/cases?days=90&{words}" for words in lists]


def events(database: Database) -> None:
    """Tell what one event costs: in its transaction, and when it is taken in."""
    print("\n(c) one event; milliseconds")
    with database.read() as session:
        old = session.scalars(
            select(Case.id)
            .where(Case.opened_at < NOW - timedelta(days=60))
            .order_by(Case.id.desc())
        ).first()
    assert old is not None, "there are cases"

    def act(told: bool) -> None:
        with database.write() as session:
            session.execute(update(Case).where(Case.id == old).values(urgency="normal"))
            if told:
                case_changed(session, old)

    print(f"  {'a transaction without its change row':<50} {Times(lambda: act(False), 200)}")
    print(f"  {'the same with it':<50} {Times(lambda: act(True), 200)}")
    keeper = Keeper(database, lambda: NOW, ZONE)
    keeper.run()

    def late() -> None:
        act(True)
        keeper.run()

    print(f"  {'an old day made anew':<50} {Times(late, 5)}")
    print(f"  {'nothing to take in':<50} {Times(keeper.run, 20)}")
    begun = time.perf_counter()
    merge_months(database, NOW + timedelta(hours=2))
    took = 1000 * (time.perf_counter() - begun)
    print(f"  {'its month added up again, an hour later':<50} {took:.1f}")


def exports(url: str, endings: Sequence[str]) -> None:
    """Export all cases, each kind in a process of its own, for memory never shrinks."""
    print("\n(d) all cases as a file")
    for ending in endings:
        command = [sys.executable, "-m", "benchmarks.reports", "--url", url, "--export", ending]
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        speed = told["rows"] / told["seconds"]
        print(
            f"  {ending:<7} {told['rows']:,} rows in {told['seconds']:.0f} s, {speed:,.0f} a second"
            f", {told['bytes'] / 1e6:.0f} MB; memory {told['before']} MB before, {told['peak']} MB"
            " at most"
        )


def export(url: str, ending: str) -> int:
    """Write all cases and count the bytes."""
    write = {"csv": write_csv, "ndjson": write_ndjson}.get(ending)
    head = Head("Cases", NOW, ZONE)
    behind = Behind("first_response", "", Period.back(NOW, 367, ZoneInfo(ZONE)))
    rows = 0

    def counted(found: Any) -> Any:
        nonlocal rows
        for row in found:
            rows += 1
            yield row

    before, begun = peak(), time.perf_counter()
    with closing(Database(url)) as database, database.read() as session:
        cases = counted(rows_of_cases(stream_cases(session, behind, NOW)))
        sheet = Sheet("Cases", CASE_COLUMNS, cases)
        pieces = write(head, sheet) if write else write_xlsx(head, [sheet])
        size = sum(map(len, pieces))
    told = {"rows": rows, "bytes": size, "seconds": time.perf_counter() - begun}
    print(json.dumps({**told, "before": before, "peak": peak()}))
    return 0


def peak() -> int:
    """Return the most memory this process ever had, in MB.

    What `resource` tells would begin with the memory of the process that started this one.
    """
    told = Path("/proc/self/status").read_text("utf-8")
    return int(told.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
