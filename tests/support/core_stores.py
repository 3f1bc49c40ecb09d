"""Empty stores for tests: a copied SQLite file, or one PostgreSQL database emptied each time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from monitor.db import Database
from monitor.models import Base
from tests.support.postgres import fresh_database


def empty_sqlite(path: Path) -> Path:
    """Make an empty store; copying it is quicker than making it again."""
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.close()
    return path


def open_sqlite(empty: Path, folder: Path) -> Database:
    """Open a copy of the empty store in `folder`."""
    return Database(f"sqlite:///{shutil.copy(empty, folder / 'rapport.db')}")


@contextmanager
def shared_postgres() -> Iterator[str]:
    """Yield the URL of a database with all tables; skip where there is no server."""
    with fresh_database() as url:
        database = Database(url)
        Base.metadata.create_all(database.engine)
        database.close()
        yield url


def open_postgres(url: str) -> Database:
    """Open the shared database, emptied."""
    database = Database(url)
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    return database
