"""Stores for many tests: opened once, for a new engine compiles every statement anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.db import Database
from monitor.models import Base
from tests.support.postgres import fresh_database

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests whose statements were all run on PostgreSQL by others when they were counted, in
November 2026: what they try is what follows from the rows, wherever those are kept."""


@contextmanager
def sqlite_store(folder: Path) -> Iterator[Database]:
    """Yield a SQLite file with all tables."""
    yield from _opened(f"sqlite:///{folder / 'rapport.db'}")


@contextmanager
def postgres_store() -> Iterator[Database]:
    """Yield a PostgreSQL database with all tables; skip where there is no server."""
    with fresh_database() as url:
        yield from _opened(url)


def empty(database: Database) -> None:
    """Remove every row, quickly; on PostgreSQL ids go on counting."""
    deletions = [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        if database.is_sqlite:
            for deletion in deletions:
                connection.exec_driver_sql(deletion)
        else:
            connection.exec_driver_sql("; ".join(deletions))


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.close()
