"""Bringing a store in line with a configuration, alone and beside others; and `check`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import App, compose
from monitor.checking import Finding, check
from monitor.config import Config, load
from monitor.db import Database
from monitor.migrate import differences, is_current, upgrade
from monitor.models import Account, Alert, Brand, Location, Source
from monitor.sources import find, pause, resume, sync
from tests.support.core_stores import empty
from tests.support.postgres import fresh_database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BRANDS = """
version: 1
database: sqlite:///rapport.db
brands:
  - key: harbour
    name: Harbour Coffee
    timezone: Europe/Berlin
    locations:
      - {key: quay, name: Quay Street}
      - {key: mill, name: Old Mill, timezone: Europe/London}
"""
FILES = """
sources:
  - {key: one, connector: file, brand: harbour, location: quay, every: 1m,
     settings: {path: one.csv}}
  - {key: two, connector: file, brand: harbour, account: shared, every: 2m,
     expect_update_every: 7d, backfill_since: 2026-01-01, settings: {path: two.csv}}
"""


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], Config]:
    def make(text: str) -> Config:
        path = tmp_path / "config.yaml"
        path.write_text(BRANDS + text, encoding="utf-8")
        return load(path)

    return make


def together(count: int, act: Callable[[], object]) -> None:
    gate = threading.Barrier(count)
    failed: list[BaseException] = []

    def run() -> None:
        gate.wait()
        try:
            act()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


class TestSync:
    def sync(self, database: Database, config: Config, now: datetime = NOW) -> None:
        with database.write() as session:
            sync(session, config, now)

    def rows(self, database: Database) -> dict[str, Source]:
        with database.read() as session:
            return {row.key: row for row in session.query(Source)}

    def test_the_store_gets_what_the_configuration_names(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES))
        rows = self.rows(database)
        assert sorted(rows) == ["one", "two"]
        assert rows["one"].next_at == NOW
        assert rows["two"].every_seconds == 120.0
        assert rows["two"].expect_update_seconds == 7 * 86_400
        assert rows["two"].backfill_since == datetime(2026, 1, 1, tzinfo=UTC)
        with database.read() as session:
            assert sorted(row.key for row in session.query(Account)) == ["one", "shared"]
            zones = {row.key: row.timezone for row in session.query(Location)}
        assert zones == {"quay": "Europe/Berlin", "mill": "Europe/London"}

    def test_twice_changes_nothing(self, database: Database, told: Callable[[str], Config]) -> None:
        config = told(FILES)
        self.sync(database, config)
        with database.write() as session:
            for row in session.query(Source):
                row.cursor, row.next_at = {"at": 7}, NOW + timedelta(seconds=30)
        self.sync(database, config)
        rows = self.rows(database)
        assert {row.next_at for row in rows.values()} == {NOW + timedelta(seconds=30)}
        assert {row.cursor["at"] for row in rows.values()} == {7}

    def test_a_source_that_is_gone_is_retired_with_its_alerts_and_may_come_back(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES))
        two = self.rows(database)["two"].id
        with database.write() as session:
            session.add(
                Alert(key="auth:two", source_id=two, kind="auth", message="", raised_at=NOW)
            )
        self.sync(database, told(FILES.partition("  - {key: two")[0]))

        assert (self.rows(database)["two"].state, self.rows(database)["two"].next_at) == (
            "removed",
            None,
        )
        with database.read() as session:
            assert session.query(Alert).one().resolved_at == NOW
            assert find(session, "two") is None
            assert find(session, "one") is not None

        self.sync(database, told(FILES))
        assert self.rows(database)["two"].state == "active"
        assert self.rows(database)["two"].next_at == NOW

    def test_a_source_that_is_switched_off_is_not_polled(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES.replace("every: 1m", "enabled: false")))
        assert self.rows(database)["one"].state == "paused"
        assert self.rows(database)["one"].next_at is None

    def test_what_the_configuration_switches_off_no_person_switches_on(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES))
        with database.write() as session:
            pause(session, "one", "Mara", NOW)
        self.sync(database, told(FILES.replace("every: 1m", "enabled: false")))
        with database.write() as session:
            assert "switched off in the configuration" in resume(session, "one", NOW)
        assert self.rows(database)["one"].state == "paused"
        self.sync(database, told(FILES))
        assert self.rows(database)["one"].state == "active"

    def test_refused_credentials_are_tried_again(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES))
        with database.write() as session:
            row = session.query(Source).filter_by(key="one").one()
            row.state, row.next_at = "needs_auth", NOW + timedelta(hours=1)
        self.sync(database, told(FILES))
        assert (self.rows(database)["one"].state, self.rows(database)["one"].next_at) == (
            "active",
            NOW,
        )

    def test_another_connector_begins_at_the_beginning(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        self.sync(database, told(FILES))
        with database.write() as session:
            for row in session.query(Source):
                row.cursor = {"at": 7}
        feed = FILES.replace(
            "connector: file, brand: harbour, location: quay, every: 1m,\n"
            "     settings: {path: one.csv}",
            "connector: feed, brand: harbour, location: quay,\n"
            "     settings: {url: 'https://feeds.example/1'}",
        )
        self.sync(database, told(feed))
        rows = self.rows(database)
        assert (rows["one"].connector, rows["one"].cursor) == ("feed", {})
        assert rows["two"].cursor == {"at": 7}

    def test_several_daemons_may_do_it_at_once(
        self, database: Database, told: Callable[[str], Config]
    ) -> None:
        config = told(FILES)
        together(4, lambda: self.sync(database, config))
        with database.read() as session:
            assert session.query(Brand).count() == 1
            assert session.query(Source).count() == 2


class TestMigratingAtOnce:
    @pytest.mark.parametrize("engine", ["sqlite", "postgres"])
    def test_several_daemons_migrate_an_empty_store_once(self, engine: str, tmp_path: Path) -> None:
        def prove(url: str) -> None:
            database = Database(url)
            done: list[tuple[str | None, str | None]] = []
            try:
                together(3, lambda: done.append(upgrade(database)))
                assert is_current(database)
                assert differences(database) == []
                assert sum(before != after for before, after in done) == 1
            finally:
                database.close()

        if engine == "sqlite":
            prove(f"sqlite:///{tmp_path / 'rapport.db'}")
        else:
            with fresh_database() as url:
                prove(url)


class TestCheck:
    @pytest.fixture
    def opened(self, told: Callable[[str], Config]) -> Iterator[Callable[[str], App]]:
        apps = []

        def make(text: str) -> App:
            apps.append(compose(told(text + '\nweb: {listen: "127.0.0.1:0"}\n')))
            return apps[-1]

        yield make
        for app in apps:
            app.close()

    def bad(self, app: App) -> list[Finding]:
        return [found for found in check(app) if not found.ok]

    def test_a_configuration_that_works_is_ready(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        for name in ("one.csv", "two.csv"):
            (tmp_path / name).write_text("id,text\n1,cold tea\n", encoding="utf-8")
        app = opened(FILES)
        findings = list(check(app))
        assert [found.what for found in findings if not found.ok] == []
        assert "1 files; one.csv starts with 1 readable rows and 0 problems" in {
            found.said for found in findings
        }
        assert is_current(app.database)
        with app.database.read() as session:
            assert session.query(Source).count() == 0  # only the daemon takes it in

    def test_a_source_that_does_not_work_is_named_with_advice(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        (tmp_path / "one.csv").write_text("id,text\n1,cold tea\n", encoding="utf-8")
        (bad,) = self.bad(opened(FILES))
        assert bad.what == "source two"
        assert "two.csv" in bad.said
        assert bad.advice

    def test_a_source_that_is_switched_off_need_not_work(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        (tmp_path / "one.csv").write_text("id,text\n1,cold tea\n", encoding="utf-8")
        assert self.bad(opened(FILES.replace("every: 2m", "enabled: false"))) == []

    def test_a_store_that_cannot_be_written_is_not_ready(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        app = opened("inbox: {path: inbox, brand: harbour}\n")
        assert self.bad(app) == []
        with app.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        bad = self.bad(app)
        assert [found.what for found in bad] == ["store"]
        assert bad[0].advice

    def test_a_file_that_is_no_store_is_not_ready(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        (tmp_path / "rapport.db").write_bytes(b"this is no database at all " * 100)
        bad = self.bad(opened(""))
        assert [found.what for found in bad] == ["store"]
        assert "not a database" in bad[0].said

    def test_an_inbox_that_is_a_file_is_not_ready(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        (tmp_path / "inbox").write_text("", encoding="utf-8")
        bad = self.bad(opened("inbox: {path: inbox, brand: harbour}\n"))
        assert "inbox" in [found.what for found in bad]

    def test_a_fault_in_one_connector_does_not_end_the_check(
        self, opened: Callable[[str], App], tmp_path: Path
    ) -> None:
        for name in ("one.csv", "two.csv"):
            (tmp_path / name).write_text("id,text\n1,cold tea\n", encoding="utf-8")
        app = opened(FILES)

        class Broken:
            def fetch(self, cursor):  # type: ignore[no-untyped-def]
                raise KeyError("a customer's text")

            def close(self) -> None:
                pass

        app.platforms._platforms["one"].idle.append(Broken())  # type: ignore[arg-type]
        findings = list(check(app))
        assert [found.what for found in findings if not found.ok] == ["source one"]
        assert "source two" in [found.what for found in findings if found.ok]
        assert "customer" not in repr(findings)


def test_an_emptied_store_is_empty(database: Database) -> None:
    with database.write() as session:
        session.add(Brand(key="x", name="X"))
    empty(database)
    with database.read() as session:
        assert session.query(Brand).count() == 0
