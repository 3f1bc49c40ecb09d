"""Migrations go up and down on both databases, and end where the models are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from monitor.db import Database
from monitor.migrate import (
    StoreTooNew,
    differences,
    downgrade,
    is_current,
    newest_revision,
    upgrade,
)
from monitor.models import Base, Brand
from tests.support.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty store."""
    if request.param == "sqlite":
        with closing(Database(f"sqlite:///{tmp_path / 'rapport.db'}")) as opened:
            yield opened
        return
    with fresh_database() as url, closing(Database(url)) as opened:
        yield opened


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def partial_indexes(database: Database) -> dict[str, str]:
    """Return the condition of each partial index: autogeneration does not compare those."""
    if database.is_sqlite:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with database.engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    parted = {name: re.split(r"\bWHERE\b", told, flags=re.IGNORECASE) for name, told in rows}
    return {name: parts[1].strip() for name, parts in parted.items() if len(parts) == 2}


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    assert not is_current(database)
    assert upgrade(database) == (None, newest_revision())
    assert is_current(database)
    assert tables(database) == set(Base.metadata.tables)
    assert differences(database) == []


def test_the_partial_indexes_are_those_of_the_models(database: Database) -> None:
    upgrade(database)
    migrated = partial_indexes(database)
    downgrade(database, "base")
    Base.metadata.create_all(database.engine)
    assert migrated == partial_indexes(database)
    assert {"ix_source_due", "uq_clock_running", "uq_reply_live"} <= migrated.keys()


def test_going_down_leaves_nothing_and_up_again_works(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert tables(database) == set()
    assert upgrade(database) == (None, newest_revision())
    assert differences(database) == []


def test_a_current_store_is_left_alone(database: Database) -> None:
    upgrade(database)
    with database.write() as session:
        session.add(Brand(key="harbour", name="Harbour Coffee"))
    assert upgrade(database) == (newest_revision(), newest_revision())
    with database.read() as session:
        assert session.query(Brand.key).all() == [("harbour",)]


def test_a_store_of_a_newer_rapport_is_refused_and_kept(database: Database) -> None:
    upgrade(database)
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(StoreTooNew, match="from-the-future"):
        upgrade(database)
    assert tables(database) == set(Base.metadata.tables)


def test_a_changed_table_is_told(database: Database) -> None:
    upgrade(database)
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        connection.execute(text("ALTER TABLE brand ADD COLUMN slogan TEXT"))
    assert differences(database) != []
