from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, create_engine, event, insert, select, text, update
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from monitor.db import Database, UtcDateTime
from tests.support.postgres import fresh_database

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012  SQLAlchemy's way


class Cup(Base):
    __tablename__ = "cup"

    id: Mapped[int] = mapped_column(primary_key=True)
    filled: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(20), default="")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'folder' / 'rapport.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with fresh_database() as url:
        database = Database(url)
        Base.metadata.create_all(database.engine)
        database.close()
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    database = Database(request.getfixturevalue("postgres_url"))
    yield database
    with database.write() as session:
        session.execute(text("DELETE FROM cup"))
    database.close()


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.write() as session:
        session.add(Cup(at=datetime(2026, 7, 1, 12)))  # noqa: DTZ001  this is the point
    with pytest.raises(StatementError, match="without a zone"), database.read() as session:
        session.execute(select(Cup).where(Cup.at < datetime(2026, 7, 1))).all()  # noqa: DTZ001


def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    told = [
        datetime(2026, 7, 1, 14, 0, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 7, 1, 7, 0, tzinfo=timezone(timedelta(hours=-5))),
        NOON,
    ]
    with database.write() as session:
        session.add_all([Cup(at=at) for at in told])
        session.add(Cup(at=None))
    with database.read() as session:
        found = list(session.scalars(select(Cup.at).order_by(Cup.id)))
        at_noon = session.scalars(select(Cup.id).where(Cup.at == told[0])).all()
    assert found == [NOON, NOON, NOON, None]
    assert all(at.tzinfo is UTC for at in found if at is not None)
    assert len(at_noon) == 3


@given(st.lists(st.datetimes(timezones=st.timezones()), min_size=2, max_size=6))
@settings(max_examples=30, deadline=None)
def test_stored_times_sort_as_the_moments_they_are_and_read_as_sqlalchemys_do(
    moments: list[datetime],
) -> None:
    moments = [at for at in moments if 1 < at.year < 9999]
    dialect = create_engine("sqlite://").dialect
    store = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    usual = DATETIME().bind_processor(dialect)  # type: ignore[no-untyped-call]  # theirs
    assert store is not None
    assert usual is not None
    in_text_order = sorted(moments, key=store)
    assert [store(at) for at in moments] == [usual(at.astimezone(UTC)) for at in moments]
    assert [at.timestamp() for at in in_text_order] == sorted(at.timestamp() for at in moments)


def test_sqlite_keeps_a_write_ahead_log_and_checks_foreign_keys(sqlite: Database) -> None:
    with sqlite.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA synchronous")) == 1
        assert session.scalar(text("PRAGMA busy_timeout")) == 10_000


def test_writers_begin_at_once_and_readers_do_not(sqlite: Database) -> None:
    begun: list[str] = []

    def watch(_c: object, _cursor: object, sql: str, *_: object) -> None:
        if sql.startswith("BEGIN"):
            begun.append(sql)

    event.listen(sqlite.engine, "before_cursor_execute", watch)
    with sqlite.write() as session:
        session.execute(text("SELECT 1"))
    with sqlite.read() as session:
        session.execute(text("SELECT 1"))
    with sqlite.glance() as connection:
        connection.execute(text("SELECT 1"))
    assert begun == ["BEGIN IMMEDIATE", "BEGIN", "BEGIN"]


def test_eight_threads_that_read_and_then_write_never_find_it_locked(sqlite: Database) -> None:
    with sqlite.write() as session:
        session.add(Cup(id=1))
    errors: list[BaseException] = []

    def fill() -> None:
        try:
            for _ in range(40):
                with sqlite.write() as session:
                    cup = session.get_one(Cup, 1)
                    cup.filled += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=fill) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with sqlite.read() as session:
        assert session.get_one(Cup, 1).filled == 320


def test_a_plain_begin_would_have_failed(sqlite: Database) -> None:
    """Show that the trap is real, so that nobody takes `BEGIN IMMEDIATE` away."""
    path = str(sqlite.url.database)
    with sqlite.write() as session:
        session.add(Cup(id=1))
    one = sqlite3.connect(path, isolation_level=None, timeout=5)
    two = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        one.execute("BEGIN")
        one.execute("SELECT filled FROM cup").fetchall()
        two.execute("UPDATE cup SET filled = 1")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            one.execute("UPDATE cup SET filled = 2")
    finally:
        one.close()
        two.close()


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.write() as session:
        session.add(Cup(id=1))
    with database.read() as reader:
        assert reader.scalar(select(Cup.filled)) == 0
        with database.write() as session:
            session.execute(update(Cup).values(filled=7))
        assert reader.scalar(select(Cup.filled)) == 0
    with database.read() as reader:
        assert reader.scalar(select(Cup.filled)) == 7


def test_nothing_written_by_a_reader_stays(sqlite: Database) -> None:
    with sqlite.read() as session:
        session.execute(insert(Cup).values(id=5))
    with sqlite.read() as session:
        assert session.scalars(select(Cup)).all() == []


def test_postgresql_refuses_a_reader_that_writes(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(DBAPIError, match="read-only"), database.read() as session:
        session.execute(insert(Cup).values(id=5))
    database.close()


def test_an_error_takes_the_whole_unit_of_work_with_it(database: Database) -> None:
    def fill_and_drop() -> None:
        with database.write() as session:
            session.add(Cup(id=1))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_drop()
    with database.read() as session:
        assert session.get(Cup, 1) is None


def test_an_error_of_the_database_does_not_quote_a_customer(database: Database) -> None:
    with database.write() as session:
        session.add(Cup(id=1))
    with pytest.raises(DBAPIError) as caught, database.write() as session:
        session.add(Cup(id=1, note="my tea was cold"))
    assert "my tea was cold" not in str(caught.value)


def test_a_postgresql_url_is_spoken_to_with_psycopg_3() -> None:
    for given_url in ("postgresql://someone@host/db", "postgresql+psycopg2://someone@host/db"):
        database = Database(given_url)
        assert database.engine.driver == "psycopg"
        assert not database.is_sqlite
        database.close()


def test_what_was_overwritten_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'rapport.db'}")
    Base.metadata.create_all(database.engine)
    said = "the coffee was cold " * 20
    with database.write() as session:
        session.add(Cup(id=1, note=said))
    with database.write() as session:
        session.execute(update(Cup).values(note=""))
    database.scrub()
    left = b"".join(path.read_bytes() for path in tmp_path.glob("rapport.db*"))
    assert b"coffee was cold" not in left
    database.close()
