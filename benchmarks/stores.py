"""An empty store with one source to import into."""

from __future__ import annotations

from pathlib import Path

from monitor.assess import Assessor
from monitor.cases.policies import PolicyBook
from monitor.clock import utc_now
from monitor.db import Database
from monitor.intake.counts import Counts
from monitor.intake.importing import import_file
from monitor.intake.store import PageStore
from monitor.migrate import upgrade
from monitor.models import Account, Brand, Source


class Store:
    """A store at `path` on SQLite, as the product makes it."""

    def __init__(self, path: Path, assessor: Assessor) -> None:
        self.database = Database(f"sqlite:///{path}")
        upgrade(self.database)
        with self.database.write() as session:
            source = Source(
                key="inbox",
                connector="file",
                brand=Brand(key="b", name="B"),
                account=Account(key="a", platform="file"),
                cursor={},
            )
            session.add(source)
            session.flush()
            self.source_id = source.id
        self._pages = PageStore(self.database, assessor, PolicyBook((), {}))

    def ingest(self, file: Path) -> Counts:
        """Import one file, from reading it to its opened cases."""
        return import_file(self._pages, self.source_id, file, utc_now, _quiet)


def _quiet(_read: int, _counts: Counts) -> None:
    """Say nothing while it is measured."""
