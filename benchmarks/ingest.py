"""From file to stored, assessed and cased, beside the bare parts of it, in one run.

    python -m benchmarks.ingest                     # 20,000 invented reviews
    python -m benchmarks.ingest FILE [--rounds 5]   # your own CSV or NDJSON
    python -m benchmarks.ingest --without-assessment            # the store alone
    python -m benchmarks.ingest --grow 1000000      # at 1,000, 100,000 and 1,000,000 mentions

Prints medians over the rounds, in mentions a second, and ratios to two peers measured between
them: a bare ``sqlite3.executemany`` of the same rows, and TextBlob's sentiment alone over the
same texts. The daemon's promise is 10,000 new and 20,000 known mentions a second.

With ``--grow`` the peer is raw SQLite at the same size: what an import loses as its tables grow is
to be what SQLite itself loses.
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

from benchmarks.growth import measure
from benchmarks.stars import StarsAssessor
from benchmarks.stores import Store
from benchmarks.texts import write_csv
from connectors.base import FoundMention
from connectors.file import read_file
from monitor.assess import Assessor, make_assessor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-assessment", action="store_true")
    parser.add_argument("--grow", type=int, metavar="ROWS")
    told = parser.parse_args()
    assessor = StarsAssessor() if told.without_assessment else make_assessor()
    # The daemon loads what an assessor needs once.
    assessor.assess("Warm up with a sentence that is long enough to load everything")
    if told.grow:
        _print_growth(told.grow, assessor, told.rounds)
    else:
        _print_speed(told.file, told.rows, assessor, told.rounds)


def _print_growth(most: int, assessor: Assessor, rounds: int) -> None:
    sizes = [*(size for size in (1_000, 100_000) if size < most), most]
    print(f"{'mentions stored':>15}{'new/s':>10}{'raw':>10}{'ratio':>8}", end="")
    print(f"{'known/s':>12}{'raw':>12}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for at in measure(Path(folder), sizes, assessor, rounds):
            print(
                f"{at.rows:>15,}{at.new:>10,.0f}{at.raw_new:>10,.0f}{at.new / at.raw_new:>8.3f}"
                f"{at.known:>12,.0f}{at.raw_known:>12,.0f}{at.known / at.raw_known:>8.3f}"
            )


def _print_speed(given: Path | None, count: int, assessor: Assessor, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = given or Path(folder) / "reviews.csv"
        if given is None:
            write_csv(file, count)
        rows = [mention for page in read_file(file) for mention in page.mentions]
        TextBlob("warm").sentiment  # noqa: B018  loads the lexicon
        results: dict[str, list[float]] = {}
        for number in range(rounds):
            for name, seconds in _round(Path(folder), file, rows, number, assessor):
                results.setdefault(name, []).append(len(rows) / seconds)
    print(f"{len(rows)} mentions, {rounds} rounds; mentions/s, median (min to max)")
    for name, rates in results.items():
        print(f"  {name:<42}{median(rates):>10,.0f}  ({min(rates):,.0f} to {max(rates):,.0f})")
    new, known = results["file to stored, assessed and cased"], results["the same file again"]
    bare, textblob = results["bare sqlite3.executemany"], results["TextBlob sentiment alone"]
    print("ratios, median of the rounds' pairs")
    print(f"  new / bare executemany   {_ratio(new, bare):.3f}")
    print(f"  known / bare executemany {_ratio(known, bare):.3f}")
    print(f"  new / TextBlob alone     {_ratio(new, textblob):.3f}")


def _round(
    folder: Path, file: Path, rows: list[FoundMention], number: int, assessor: Assessor
) -> Iterator[tuple[str, float]]:
    store = Store(folder / f"store-{number}.db", assessor)
    yield "file to stored, assessed and cased", _timed(lambda: store.ingest(file))
    yield "the same file again", _timed(lambda: store.ingest(file))
    store.database.close()
    yield "bare sqlite3.executemany", _timed(lambda: _bare(folder / f"bare-{number}.db", rows))
    yield "TextBlob sentiment alone", _timed(lambda: _textblob(rows))


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


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
