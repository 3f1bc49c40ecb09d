"""From file to stored, assessed and cased, beside the bare parts of it, in one run.

    python -m benchmarks.ingest                     # 20,000 invented reviews
    python -m benchmarks.ingest FILE [--rounds 5]   # your own CSV or NDJSON

Prints medians over the rounds, in mentions a second, and ratios to two peers measured between
them: a bare ``sqlite3.executemany`` of the same rows, and TextBlob's sentiment alone over the
same texts. The daemon's promise is 3,000 new and 20,000 known mentions a second.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from textblob import TextBlob

from benchmarks.texts import write_csv
from connectors.base import FoundMention
from connectors.file import read_file
from monitor.assess import make_assessor
from monitor.cases.policies import PolicyBook
from monitor.clock import utc_now
from monitor.db import Database
from monitor.intake.counts import Counts
from monitor.intake.importing import import_file
from monitor.intake.store import PageStore
from monitor.migrate import upgrade
from monitor.models import Account, Brand, Source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = told.file
        if file is None:
            file = Path(folder) / "reviews.csv"
            write_csv(file, told.rows)
        rows = [mention for page in read_file(file) for mention in page.mentions]
        TextBlob("warm").sentiment  # noqa: B018  loads the lexicon
        make_assessor().assess("Warm up with a sentence that is long enough to load everything")
        results: dict[str, list[float]] = {}
        for number in range(told.rounds):
            for name, seconds in _round(Path(folder), file, rows, number):
                results.setdefault(name, []).append(len(rows) / seconds)
    print(f"{len(rows)} mentions, {told.rounds} rounds; mentions/s, median (min to max)")
    for name, rates in results.items():
        print(f"  {name:<42}{median(rates):>10,.0f}  ({min(rates):,.0f} to {max(rates):,.0f})")
    new, known = results["file to stored, assessed and cased"], results["the same file again"]
    bare, textblob = results["bare sqlite3.executemany"], results["TextBlob sentiment alone"]
    print("ratios, median of the rounds' pairs")
    print(f"  new / bare executemany   {_ratio(new, bare):.3f}")
    print(f"  known / bare executemany {_ratio(known, bare):.3f}")
    print(f"  new / TextBlob alone     {_ratio(new, textblob):.3f}")


def _round(
    folder: Path, file: Path, rows: list[FoundMention], number: int
) -> Iterator[tuple[str, float]]:
    path = folder / f"store-{number}.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.write() as session:
        source = Source(
            key="inbox",
            connector="file",
            brand=Brand(key="b", name="B"),
            account=Account(key="a", platform="file"),
            cursor={},
        )
        session.add(source)
        session.flush()
        source_id = source.id
    store = PageStore(database, make_assessor(), PolicyBook((), {}))

    def ingest() -> None:
        import_file(store, source_id, file, utc_now, _quiet)

    yield "file to stored, assessed and cased", _timed(ingest)
    yield "the same file again", _timed(ingest)
    database.close()
    yield "bare sqlite3.executemany", _timed(lambda: _bare(folder / f"bare-{number}.db", rows))
    yield "TextBlob sentiment alone", _timed(lambda: _textblob(rows))


def _quiet(_read: int, _counts: Counts) -> None:
    """Say nothing while it is measured."""


def _bare(path: Path, rows: list[FoundMention]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE mention (id INTEGER PRIMARY KEY, external_id TEXT UNIQUE, author TEXT,"
        " rating REAL, title TEXT, text TEXT, created_at TEXT)"
    )
    connection.executemany(
        "INSERT INTO mention (external_id, author, rating, title, text, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (r.external_id, r.author_name, r.rating, r.title, r.text, str(r.created_at))
            for r in rows
        ],
    )
    connection.commit()
    connection.close()


def _textblob(rows: list[FoundMention]) -> None:
    for row in rows:
        TextBlob(row.text).sentiment  # noqa: B018  computing it is the point


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
