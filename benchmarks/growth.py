"""How the speed of an import changes as its tables grow, beside raw SQLite at the same sizes.

The tables grow inside SQLite: the rows of one complaint and of one praise, which the product
stored itself, are copied under random ids. Random ids are the hard case for a unique index, which
then writes a page of its own for each new row. The peer keeps the same mentions in a table of the
same columns with the same unique index and nothing else: no assessment, no case, no other index,
no check of a foreign key.
"""

from __future__ import annotations

import csv
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.stores import Store
from monitor.assess import Assessor
from monitor.db import SQLITE_CACHE_KIB, SQLITE_MMAP_BYTES
from monitor.models import Assessment, Case, Clock, Event, Mention

FILE = "reviews.csv"
PAGE = 1000
BATCH = 2 * PAGE
SEEDS = (
    (1, "We waited fifty minutes for a cold soup and nobody apologised, never again. " * 2),
    (5, "Lovely place, the flat white was excellent and the staff remembered my name. " * 2),
)
COMPLAINTS = 4
"""One mention in so many is a complaint with a case."""


class Speeds(NamedTuple):
    """Mentions a second at one size: ours and the raw peer's, new and known."""

    rows: int
    new: float
    known: float
    raw_new: float
    raw_known: float


def measure(
    folder: Path, sizes: Sequence[int], assessor: Assessor, rounds: int
) -> Iterator[Speeds]:
    """Yield the speeds at each of the sizes, in their order."""
    store = Store(folder / "grown.db", assessor)
    file = folder / FILE
    _write(file, [(f"seed{stars}", stars, text) for stars, text in SEEDS])
    store.ingest(file)
    raw = _Raw(folder / "raw.db", folder / "grown.db")
    for size in sizes:
        _grow(folder / "grown.db", size)
        raw.follow()
        taken: dict[str, list[float]] = {}
        for _ in range(rounds):
            batch = [(secrets.token_hex(8), *SEEDS[n % COMPLAINTS != 0]) for n in range(BATCH)]
            _write(file, batch)
            taken.setdefault("new", []).append(_timed(lambda: store.ingest(file)))
            rows = raw.rows_of(batch)
            taken.setdefault("raw_new", []).append(_timed(lambda: raw.add(rows)))  # noqa: B023
            stored = raw.some()
            _write(file, stored)
            taken.setdefault("known", []).append(_timed(lambda: store.ingest(file)))
            keys = [f"{FILE}#{key}" for key, _, _ in stored]
            taken.setdefault("raw_known", []).append(_timed(lambda: raw.find(keys)))  # noqa: B023
        yield Speeds(size, **{name: BATCH / median(each) for name, each in taken.items()})
    store.database.close()
    raw.close()


def _write(file: Path, rows: Sequence[tuple[str, int, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "rating", "text", "created_at", "author"])
        writer.writerows((*row, "2026-03-01T10:00:00Z", "Ada B.") for row in rows)


def _grow(path: Path, size: int) -> None:
    """Copy the two first mentions, with all that hangs on them, until there are `size`."""
    connection = _connect(path)
    connection.execute("BEGIN IMMEDIATE")
    (there,) = connection.execute("SELECT max(id) FROM mention").fetchone()
    connection.execute(f"CREATE TEMP TABLE n AS {_NUMBERS}", {"first": there + 1, "last": size})
    connection.execute(
        _copy(Mention, id="n", external_id=f"'{FILE}#' || lower(hex(randomblob(8)))")
        + f"FROM n JOIN mention o ON o.id <= 2 AND o.rating = iif(n % {COMPLAINTS} = 0, 1, 5)"
    )
    grown = f"FROM mention m JOIN mention s ON s.id <= 2 AND s.rating = m.rating AND m.id > {there}"
    for of_mention in (Assessment, Case):
        connection.execute(
            _copy(of_mention, mention_id="m.id")
            + f'{grown} JOIN "{of_mention.__tablename__}" o ON o.mention_id = s.id'
        )
    for of_case in (Clock, Event):
        connection.execute(
            _copy(of_case, case_id="c.id")
            + f'FROM "case" c JOIN {of_case.__tablename__} o ON o.case_id = 1 '
            f"WHERE c.mention_id > {there}"
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


_NUMBERS = (
    "WITH RECURSIVE number(n) AS "
    "(SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last) SELECT n FROM number"
)


def _copy(model: Any, **other: str) -> str:
    """Return the start of a statement that copies rows `o` with other values in some columns."""
    columns = [each.name for each in model.__table__.columns if each.name != "id" or "id" in other]
    values = ", ".join(other.get(name, f"o.{name}") for name in columns)
    return f'INSERT INTO "{model.__tablename__}" ({", ".join(columns)}) SELECT {values} '


class _Raw:
    """The peer: one table, spoken to by the driver alone, with the same pragmas."""

    def __init__(self, path: Path, ours: Path) -> None:
        self._connection = _connect(path)
        self._connection.execute("ATTACH ? AS ours", [str(ours)])
        self._columns = [column.name for column in Mention.__table__.columns][1:]
        names = ", ".join(self._columns)
        self._connection.execute(
            f"CREATE TABLE mention (id INTEGER PRIMARY KEY, {names}, "
            "UNIQUE (source_id, external_id))"
        )
        self._insert = (
            f"INSERT INTO mention ({names}) VALUES ({', '.join('?' * len(self._columns))})"
        )

    def follow(self) -> None:
        """Copy what our store has grown by."""
        names = ", ".join(self._columns)
        self._connection.execute(
            f"INSERT INTO main.mention (id, {names}) SELECT id, {names} FROM ours.mention o "
            "WHERE o.id > (SELECT coalesce(max(id), 0) FROM main.mention)"
        )

    def rows_of(self, batch: Sequence[tuple[str, int, str]]) -> list[list[Any]]:
        """Return the rows of a batch that our store has just taken in."""
        names = ", ".join(self._columns)
        found = self._connection.execute(
            f"SELECT {names} FROM ours.mention ORDER BY id DESC LIMIT ?", [len(batch)]
        )
        return [list(row) for row in found]

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows that are new, a transaction a page, after looking for them."""
        place = self._columns.index("external_id")
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            self._connection.execute("BEGIN IMMEDIATE")
            self._look([row[place] for row in page])
            self._connection.executemany(self._insert, page)
            self._connection.execute("COMMIT")

    def find(self, keys: Sequence[str]) -> None:
        """Look keys up, a page at a time."""
        for start in range(0, len(keys), PAGE):
            self._look(keys[start : start + PAGE])

    def _look(self, keys: Sequence[str]) -> None:
        self._connection.execute(
            "SELECT m.id, m.content_hash FROM json_each(?) k CROSS JOIN main.mention m "
            "ON m.source_id = 1 AND m.external_id = k.value",
            [json.dumps(keys)],
        ).fetchall()

    def some(self) -> list[tuple[str, int, str]]:
        """Return stored mentions from all over the table, as they stood in their file."""
        (most,) = self._connection.execute("SELECT max(id) FROM main.mention").fetchone()
        found = self._connection.execute(
            "SELECT DISTINCT m.external_id, m.rating, m.text FROM json_each(?) k "
            "JOIN main.mention m ON m.id = k.value",
            [json.dumps([1 + secrets.randbelow(most) for _ in range(3 * BATCH)])],
        ).fetchall()
        return [(key.removeprefix(f"{FILE}#"), int(rating), text) for key, rating, text in found][
            :BATCH
        ]

    def close(self) -> None:
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
    connection.execute(f"PRAGMA mmap_size={SQLITE_MMAP_BYTES}")
    return connection


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
