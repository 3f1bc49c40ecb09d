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
from monitor.models import Account, Base, Brand, Clock, Mention, Source
from tests.support.core_world import World
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


def test_budgets_and_terms_are_added_to_a_store_in_use_and_taken_back(database: Database) -> None:
    upgrade(database, "0001")
    heard = "2026-03-02 09:00:00.000000"
    zone = "" if database.is_sqlite else "+00"
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        for statement in (
            "INSERT INTO brand (id, key, name) VALUES (1, 'harbour', 'Harbour Coffee')",
            "INSERT INTO account (id, key, platform) VALUES (1, 'board', 'demo')",
            "INSERT INTO source (id, key, connector, title, brand_id, account_id, state, cursor, "
            "every_seconds, last_success_at) VALUES "
            f"(1, 'board', 'demo', '', 1, 1, 'active', '{{}}', 60, '{heard}{zone}')",
            "INSERT INTO mention (id, source_id, external_id, kind, parent_external_id, "
            "author_name, title, text, rating_min, rating_max, language, url, first_seen_at, "
            "revision, content_hash, state, history, our_reply) VALUES (1, 1, 'm1', 'review', '', "
            f"'', '', 'cold tea', 1, 5, '', '', '{heard}{zone}', 1, '', 'present', false, '')",
        ):
            connection.execute(text(statement))
    assert upgrade(database) == ("0001", newest_revision())
    with database.read() as session:
        told = session.query(Source).one()
        said = session.query(Mention).one()
        assert told.caught_up_at == told.last_success_at is not None
        assert (said.text, said.addressed_to_us, said.locked) == ("cold tea", False, "")
        assert session.query(Account).one().failures == 0
    downgrade(database, "0001")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT text FROM mention")).scalars().all() == ["cold tea"]
        assert connection.execute(text("SELECT next_slot_at FROM account")).scalars().all() == [
            None
        ]


def test_clocks_of_before_learn_what_stopped_them(database: Database) -> None:
    upgrade(database)
    world = World(database)
    case_id = world.answered()
    reply = world.reply(case_id)
    world.close()
    downgrade(database, "0005")
    upgrade(database)
    with database.read() as session:
        rows = session.query(Clock.target, Clock.reply_id, Clock.stopped_by, Clock.visible_at)
        assert [tuple(row) for row in rows.order_by(Clock.id)] == [
            ("first_response", reply.id, "Mara", reply.visible_at),
            ("resolution", None, "", None),
        ]
