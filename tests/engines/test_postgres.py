"""What is particular to the engine of several machines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from monitor.db import Database
from monitor.migrate import differences
from monitor.models import Base
from tests.engines.bench import Bench, eventually
from tests.support.postgres import fresh_database

pytest.importorskip("procrastinate", reason="the postgres extra is not installed")

from monitor.engine import postgres
from monitor.engine.postgres import NotInstalled, PostgresEngine, install


@pytest.fixture
def bench(postgres_bench: Bench) -> Bench:
    return postgres_bench


def hints(bench: Bench) -> list[str]:
    with bench.database.read() as session:
        return list(
            session.scalars(text("SELECT status::text FROM rapport_engine.procrastinate_jobs"))
        )


def test_the_queue_is_installed_once_however_often_and_by_however_many() -> None:
    with fresh_database() as url:
        with ThreadPoolExecutor(4) as threads:
            done = list(threads.map(install, [url] * 4))
        assert sorted(done) == [[], [], [], ["schema.sql"]]
        database = Database(url)
        Base.metadata.create_all(database.engine)
        assert differences(database) == [], "our migrations must not see Procrastinate's tables"
        database.close()


def test_a_newer_migration_of_procrastinate_is_applied_once() -> None:
    with fresh_database() as url:
        install(url)
        database = Database(url)
        newest = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
        with database.engine.begin() as connection:  # as if it had come with an update
            connection.execute(text("SET LOCAL search_path TO rapport_engine"))
            found = connection.execute(
                text("DELETE FROM applied WHERE name >= :name RETURNING name"), {"name": newest}
            ).all()
        database.close()
        assert install(url) == sorted(name for (name,) in found) != []
        assert install(url) == []


def test_an_engine_without_its_tables_says_what_to_do() -> None:
    with fresh_database() as url:
        engine = PostgresEngine(url, lambda _claim: None)
        with pytest.raises(NotInstalled, match="rapport migrate"):
            engine.run()


def test_hints_leave_nothing_behind(bench: Bench) -> None:
    bench.due_inbound(20)
    with bench.daemon({"inbound": bench.finishing("inbound")}):
        eventually(lambda: len(bench.done("inbound")) == 20)
    assert hints(bench) == []


def test_hints_that_a_stopping_daemon_fetched_go_to_another(bench: Bench) -> None:
    rows = bench.due_inbound(30)
    entered, let_go = threading.Semaphore(0), threading.Event()

    def handle(claim: object) -> None:
        entered.release()
        let_go.wait(30)
        bench.finishing("inbound")(claim)  # type: ignore[arg-type]

    claims = bench.claim("inbound")
    with bench.daemon({"inbound": handle}, "two", claims=False) as first:
        first.engine.submit(claims)
        assert entered.acquire(timeout=30)
        assert entered.acquire(timeout=30)
        first.engine.stop(grace=20)
        eventually(lambda: "todo" in hints(bench), "giving back what was not begun")
        with bench.daemon({"inbound": bench.finishing("inbound")}, "three", claims=False):
            eventually(lambda: len(bench.done("inbound")) == 28)
        let_go.set()
    assert sorted(bench.done("inbound")) == rows


def test_hints_of_killed_daemons_are_swept_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SWEEP_SECONDS", 0.1)
    with bench.database.write() as session:
        session.execute(text("SET LOCAL search_path TO rapport_engine"))
        session.execute(
            text(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - interval '1 hour') RETURNING id) "
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id) "
                "SELECT 'rapport.poll', 'rapport.work', 'doing', id FROM dead"
            )
        )
    assert hints(bench) == ["doing"]
    with bench.daemon({}, claims=False):
        eventually(lambda: hints(bench) == [])


def test_a_daemon_goes_on_when_the_database_drops_its_connections(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.engine.listening.AGAIN_SECONDS", 0.1)
    with bench.daemon({"inbound": bench.finishing("inbound")}) as daemon:
        [first] = bench.due_inbound()
        eventually(lambda: bench.done("inbound") == [first])
        with bench.database.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        daemon.look()
        [second] = bench.due_inbound()
        eventually(lambda: bench.done("inbound") == [first, second])


def test_one_connection_listens_for_all_workers(bench: Bench) -> None:
    with bench.daemon({"inbound": bench.finishing("inbound")}):
        bench.due_inbound()
        eventually(lambda: len(bench.done("inbound")) == 1)
        with bench.database.read() as session:
            names = list(
                session.scalars(
                    text(
                        "SELECT application_name FROM pg_stat_activity "
                        "WHERE datname = current_database() AND application_name LIKE 'rapport%'"
                    )
                )
            )
    assert names.count("rapport engine, listening") == 1
