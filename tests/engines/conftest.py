from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.db import Database
from monitor.models import Base
from tests.engines.bench import Bench
from tests.support.hand_clock import HandClock
from tests.support.postgres import fresh_database


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with fresh_database() as url:
        from monitor.engine.postgres import install

        install(url)
        database = Database(url)
        Base.metadata.create_all(database.engine)
        database.close()
        yield url


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def sqlite_bench(empty_store: Path, tmp_path: Path) -> Iterator[Bench]:
    path = shutil.copy(empty_store, tmp_path / "rapport.db")
    url = f"sqlite:///{path}"
    database = Database(url)
    yield Bench("embedded", url, database, HandClock())
    database.close()


@pytest.fixture
def postgres_bench(postgres_url: str) -> Iterator[Bench]:
    database = Database(postgres_url)
    yield Bench("postgres", postgres_url, database, HandClock())
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("SET LOCAL search_path TO rapport_engine"))
        for name in ("procrastinate_jobs", "procrastinate_workers"):
            connection.execute(text(f"DELETE FROM {name}"))
    database.close()


@pytest.fixture(params=["embedded", "postgres"])
def bench(request: pytest.FixtureRequest) -> Bench:
    name = "sqlite_bench" if request.param == "embedded" else "postgres_bench"
    return request.getfixturevalue(name)
