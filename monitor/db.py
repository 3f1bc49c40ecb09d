"""Opens the store: SQLite on one machine, PostgreSQL beyond it.

Writers on SQLite begin with ``BEGIN IMMEDIATE``: a deferred transaction that reads first and
writes later fails at once with "database is locked" when another writer came between, whatever
the busy timeout says. Readers use a plain ``BEGIN`` and, on WAL, never wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
SCRUB_TIMEOUT_MS = 200
SQLITE_CACHE_KIB = 65_536
SQLITE_MMAP_BYTES = 256 * 1024 * 1024


_WITHOUT_ZONE = len("2026-03-01 14:36:48.000000")


def _utc_text(at: datetime | None) -> str | None:
    """SQLAlchemy's own text form of a time on SQLite, written in half of its time.

    A mention comes with half a dozen times, and an import writes mentions by the million.
    """
    at = _in_utc(at)
    return None if at is None else at.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


def _in_utc(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return at.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A time that is aware and UTC in Python and stored as UTC; naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Return what makes a parameter of a time: text on SQLite, which has no times."""
        return _utc_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; raise `ValueError` for a naive time."""
        return _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_json(value: Any) -> str:
    """The JSON of a value. Most lists of a mention are empty, and need no encoder."""
    return "[]" if not value and value.__class__ in (list, tuple) else json.dumps(value)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"the folder for the store cannot be made ({error.strerror}); change `database`"
        raise OSError(error.errno, told, str(folder)) from error


class Database:
    """One store. Every unit of work is one `read()` or one `write()` block, on one thread."""

    def __init__(self, url: str | URL, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        if self.url.get_backend_name() == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        if self.is_sqlite and self.url.database:
            _make_folder(Path(self.url.database).parent)
        self.engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=20,
            pool_pre_ping=not self.is_sqlite,  # a restarted server costs nobody an error
            json_serializer=_as_json,
            hide_parameters=True,  # they are customers' texts, and errors are logged
        )
        self._writer = self.engine.execution_options(rapport_write=True)
        self._reader = self.engine
        self._glancer = self.engine
        if self.is_sqlite:
            _speak_sqlite(self.engine)
        else:
            # By default each statement on PostgreSQL sees a state of its own.
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._glancer = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this store is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one consistent state and changes nothing.

        PostgreSQL refuses writes in it; on SQLite they are rolled back.
        """
        with Session(self._reader, expire_on_commit=False) as session:
            yield session
            session.expunge_all()  # what was read stays readable after the rollback
            session.rollback()

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """Yield a connection for one cheap read, with as little around it as there can be."""
        with self._glancer.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed at the end, or rolled back on any error.

        No network call may happen inside: on SQLite every other writer waits meanwhile.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def scrub(self) -> None:
        """Leave no trace of what was overwritten: empty the write-ahead log of SQLite.

        What somebody reads at this moment stays until the next time. PostgreSQL does the same
        by itself.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            # Writers wait as long as this waits for readers.
            cursor.execute(f"PRAGMA busy_timeout={SCRUB_TIMEOUT_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            cursor.close()
        finally:
            connection.close()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _speak_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "secure_delete=ON",  # words that may not be kept are not left in free space
            "foreign_keys=ON",
            f"cache_size=-{SQLITE_CACHE_KIB}",
            f"mmap_size={SQLITE_MMAP_BYTES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("rapport_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
