"""Ten thousand rows through the inbox of a running daemon: each stored once, or reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.texts import write_csv
from monitor.app import App, compose
from monitor.config import load
from monitor.models import Mention, Misread, Revision, Source
from tests.support.invariants import check_invariants
from tests.support.running import Daemon, eventually, make_place, rapport, running

pytestmark = pytest.mark.timeout(300)  # a busy machine starts programs slowly

ROWS = 10_000
RAGGED = 5_000
"""After this many rows stands one with a field too many."""

FILE = "march.csv"


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def drop(inbox: Path, rows: list[list[str]]) -> None:
    """Put the file into the folder whole, as a careful program does."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    unready = inbox / f".{FILE}.part"
    unready.write_text(text.getvalue(), encoding="utf-8", newline="")
    unready.replace(inbox / FILE)


def line_of(rows: list[list[str]], wanted: list[str]) -> int:
    """Return the line of the file where a row starts, as an editor counts."""
    return 1 + sum(1 + "".join(row).count("\n") for row in rows[: rows.index(wanted)])


class Inbox:
    """What became of the files in the folder, seen from a second process."""

    def __init__(self, app: App, daemon: Daemon) -> None:
        self.app = app
        self.daemon = daemon
        self.folder = daemon.place.folder / "inbox"

    def count(self, what: type) -> int:
        with self.app.database.read() as session:
            return session.scalars(select(func.count()).select_from(what)).one()

    def wait_until_read(self) -> None:
        """Wait until the file as it lies there now has been read to its end."""
        stat = (self.folder / FILE).stat()
        signature = [stat.st_size, stat.st_mtime_ns]

        def is_read() -> bool:
            with self.app.database.read() as session:
                cursor = session.scalars(select(Source.cursor).where(Source.key == "inbox")).one()
            known = cursor.get("files", {}).get(FILE, [])
            return bool(known[:2] == signature)

        eventually(is_read, "the file to be read", patience=120)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    place = make_place(tmp_path)
    with running(place) as daemon, closing(compose(load(place.config))) as app:
        yield Inbox(app, daemon)


def test_ten_thousand_rows_are_each_stored_once_or_reported(inbox: Inbox, tmp_path: Path) -> None:
    invented = tmp_path / "invented.csv"
    write_csv(invented, ROWS, complaints=0.02)  # drafting is not what is tried here
    rows = read(invented)
    ragged = [*rows[RAGGED], "one field too many"]
    rows.insert(RAGGED + 1, ragged)
    place = f"{FILE}:{line_of(rows, ragged)}"

    drop(inbox.folder, rows)
    inbox.wait_until_read()
    with inbox.app.database.read() as session:
        stored = session.scalars(select(Mention.external_id)).all()
        texts = set(session.scalars(select(Mention.text)))
        misread = [(each.place, each.reason) for each in session.scalars(select(Misread))]
    assert sorted(stored) == sorted(f"{FILE}#r{number}" for number in range(ROWS))
    assert texts == {row[4] for row in rows[1:]}
    assert misread == [(place, "the row has 7 fields where the header has 6")]
    told = rapport(inbox.daemon.place, "status", "--json").json()
    assert told["mentions"] == ROWS
    assert [source["misread"] for source in told["sources"] if source["key"] == "inbox"] == [1]

    drop(inbox.folder, rows)
    inbox.wait_until_read()
    assert (inbox.count(Mention), inbox.count(Revision), inbox.count(Misread)) == (ROWS, 0, 1)

    rows[7][4] = "They called me, said sorry and paid the cake. Well done."
    drop(inbox.folder, rows)
    inbox.wait_until_read()
    assert (inbox.count(Mention), inbox.count(Revision), inbox.count(Misread)) == (ROWS, 1, 1)
    with inbox.app.database.read() as session:
        mention = session.scalars(select(Mention).join(Revision)).one()
        assert (mention.external_id, mention.revision) == (f"{FILE}#{rows[7][0]}", 2)
        assert mention.text == rows[7][4]

    assert inbox.daemon.stop() == 0
    with inbox.app.database.read() as session:
        check_invariants(session)
    assert "Traceback" not in inbox.daemon.log
