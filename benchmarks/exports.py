"""Exports of many rows: how long they take, and how much memory, a process for each format.

    python -m benchmarks.exports --rows 1000000

Nothing is kept: the pieces are counted as a server would send them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from monitor.exports import (
    Cell,
    Column,
    Head,
    Sheet,
    write_csv,
    write_json,
    write_ndjson,
    write_xlsx,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = Head("Cases", AT, "Europe/Berlin")
COLUMNS = (
    Column("case", "Case"),
    Column("source", "Source"),
    Column("topic", "Topic"),
    Column("said", "What was said"),
    Column("rating", "Rating", "number"),
    Column("opened", "Opened", "time"),
    Column("due", "Due", "time"),
    Column("first", "First response", "seconds"),
    Column("wall", "First response by the wall clock", "seconds"),
    Column("mentions", "Mentions", "integer"),
)
WRITERS: dict[str, Callable[[Sheet], Iterator[bytes]]] = {
    "csv": lambda sheet: write_csv(HEAD, sheet),
    "json": lambda sheet: write_json(HEAD, [sheet]),
    "ndjson": lambda sheet: write_ndjson(HEAD, sheet),
    "xlsx": lambda sheet: write_xlsx(HEAD, [sheet]),
}


def rows(count: int) -> Iterator[tuple[Cell, ...]]:
    for each in range(count):
        opened = AT + timedelta(seconds=30 * each)
        yield (
            f"C-{each}", f"board-{each % 7}", f"topic-{each % 30}",
            f"The order {each} came late, and cold.", each % 5 + 1, opened,
            opened + timedelta(hours=4), each % 20_000 * 1.5, each % 90_000, each % 3 + 1,
        )  # fmt: skip


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, count: int) -> None:
    """Write one format and print what it took, as JSON."""
    for _ in WRITERS[name](Sheet("Cases", COLUMNS, rows(100))):
        pass
    before, begun = memory(), time.monotonic()
    first, size = 0.0, 0
    for piece in WRITERS[name](Sheet("Cases", COLUMNS, rows(count))):
        first = first or time.monotonic() - begun
        size += len(piece)
    took = time.monotonic() - begun
    print(json.dumps({"took": took, "first": first, "size": size, "grew": memory() - before}))


def main() -> None:
    """Measure each format in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=WRITERS)
    given = parser.parse_args()
    if given.only:
        measure(given.only, given.rows)
        return
    print(f"{given.rows:,} rows of {len(COLUMNS)} columns")
    for name in WRITERS:
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.exports", "--rows", str(given.rows), "--only", name],
            check=True,
            capture_output=True,
            text=True,
        )
        took = json.loads(told.stdout)
        print(
            f"{name:<7}{took['took']:8.1f} s   first piece after {took['first']:6.2f} s   "
            f"{took['size'] / 1e6:7.1f} MB   memory grew by {took['grew']:5.1f} MB"
        )


if __name__ == "__main__":
    main()
