from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.core_stores import empty_sqlite, open_postgres, open_sqlite, shared_postgres
from tests.support.core_world import World
from tests.support.invariants import check_invariants


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_sqlite(tmp_path_factory.mktemp("core") / "empty.db")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with shared_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, empty_store: Path, tmp_path: Path) -> Iterator[World]:
    if request.param == "postgres":
        database = open_postgres(request.getfixturevalue("postgres_url"))
    else:
        database = open_sqlite(empty_store, tmp_path)
    made = World(database)
    yield made
    try:
        with database.read() as session:
            check_invariants(session)
    finally:
        made.close()
        database.close()
