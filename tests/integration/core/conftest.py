from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.db import Database
from tests.support.core_stores import empty, postgres_store, sqlite_store
from tests.support.core_world import World
from tests.support.invariants import check_invariants


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with sqlite_store(tmp_path_factory.mktemp("core")) as database:
        yield database


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[Database]:
    with postgres_store() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    opened: Database = request.getfixturevalue(f"{request.param}_database")
    empty(opened)
    return opened


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    made = World(database)
    yield made
    made.close()
    with database.read() as session:
        check_invariants(session)
