from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from connectors.errors import RateLimited, Unavailable
from monitor import due
from monitor.db import Database
from monitor.engine.base import IN_HAND, WORKERS
from monitor.models import Base, Inbound, Source
from monitor.work import URGENT_FIRST, Condition, PutOff, Worker, describe, make_tick
from tests.support.due_rows import add_inbound, add_reply, add_sources
from tests.support.hand_clock import HandClock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'rapport.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


def test_every_kind_of_work_has_its_workers_and_its_place() -> None:
    kinds = set(due.KINDS)

    assert set(WORKERS) == kinds
    assert set(IN_HAND) == kinds
    assert set(URGENT_FIRST) == kinds


class Bench:
    """One inbound row, worked again and again by a handler that does what it is told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.error: Exception | None = None
        self.finishes = True
        self.worker = Worker(database, self.clock, {"inbound": self.handle}, "one")
        with database.write() as session:
            [self.id] = add_inbound(session, [self.clock()])

    def handle(self, claim: due.Claim) -> None:
        if self.error is not None:
            raise self.error
        if self.finishes:
            with self.database.write() as session:
                due.finish(session, claim, self.clock())

    def work(self) -> Inbound:
        """Work the row once, when it is due, and return how it is then."""
        with self.database.write() as session:
            self.clock.move(hours=7)
            [claim] = due.claim_due(session, "inbound", self.clock(), 1)
        self.worker.perform(claim)
        with self.database.read() as session:
            return session.get_one(Inbound, self.id)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "monitor.work"]


def test_a_row_is_spoken_of_when_it_begins_to_fail_and_when_it_works_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.work()
    bench.error = PutOff("the kettle is cold")
    for _ in range(4):
        bench.work()
    bench.error = Unavailable("the kettle is gone")
    for _ in range(3):
        bench.work()
    bench.error = None
    for _ in range(2):
        bench.work()
    assert said(caplog) == [
        f"inbound {bench.id} fails, and will be tried again: PutOff: the kettle is cold",
        f"inbound {bench.id} fails, and will be tried again: Unavailable: the kettle is gone",
        f"inbound {bench.id} works again after 7 failures",
    ]


def test_a_source_is_spoken_of_by_its_key(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_claim: due.Claim) -> None:
        raise Unavailable("the board is down")

    clock = HandClock()
    with database.write() as session:
        add_sources(session, 1, clock())
    worker = Worker(database, clock, {"poll": fail}, "one")
    with database.write() as session:
        [claim] = due.claim_due(session, "poll", clock(), 1)
        [key] = session.scalars(select(Source.key))
    worker.perform(claim)
    assert said(caplog) == [
        f"poll of {key} fails, and will be tried again: Unavailable: the board is down"
    ]


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (RateLimited("slow down", timedelta(minutes=9)), timedelta(minutes=9)),
        (Unavailable("closed", timedelta(minutes=8)), timedelta(minutes=8)),
        (PutOff("later", timedelta(minutes=7)), timedelta(minutes=7)),
    ],
)
def test_an_error_that_says_how_long_to_wait_is_believed(
    bench: Bench, error: Exception, wait: timedelta
) -> None:
    bench.error = error
    assert bench.work().next_at == bench.clock() + wait


def test_an_unexpected_error_puts_the_row_off_and_quotes_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.error = ValueError("my tea was cold")
    row = bench.work()
    assert row.failures == 1
    assert row.claim_token is None
    assert row.last_error is not None
    assert row.last_error.startswith("ValueError at test_work.py:")
    assert "my tea was cold" not in caplog.text + row.last_error


def test_a_handler_that_does_not_finish_is_a_failure(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.finishes = False
    row = bench.work()
    assert row.failures == 1
    assert row.claim_token is None
    assert row.next_at is not None
    assert row.next_at > bench.clock()
    assert len(said(caplog)) == 1


def test_a_kind_without_a_handler_is_a_failure_of_its_row(bench: Bench) -> None:
    bench.worker = Worker(bench.database, bench.clock, {}, "one")
    row = bench.work()
    assert (row.last_error or "").startswith("KeyError")


def test_a_store_that_fails_is_told_of_once_and_the_worker_lives(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    claims = []
    for _ in range(3):
        with bench.database.write() as session:
            bench.clock.move(hours=1)
            claims += due.claim_due(session, "inbound", bench.clock(), 1)
    with bench.database.write() as session:
        session.execute(text("ALTER TABLE inbound RENAME TO elsewhere"))
    for claim in claims:
        bench.worker.perform(claim)
    with bench.database.write() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO inbound"))
    bench.work()
    assert len(said(caplog)) == 2
    assert said(caplog)[0].startswith("the store fails: OperationalError")
    assert said(caplog)[1] == "the store works again"


def test_errors_of_the_database_are_described_without_the_values_of_a_row() -> None:
    class Refused(Exception):
        pass

    original = Refused('duplicate key value\nDETAIL:  Key (text)=("my tea was cold") exists.')
    error = IntegrityError("INSERT", {}, original)
    assert describe(error) == "IntegrityError: duplicate key value"


def test_an_error_of_the_system_is_described_by_what_it_is() -> None:
    assert describe(OSError(28, "No space left on device")) == "OSError: No space left on device"


def test_a_condition_speaks_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    condition = Condition("the kettle")
    condition.works()
    for error in ("cold", "cold", "gone", "gone"):
        condition.fails(error)
    condition.works()
    condition.works()
    assert said(caplog) == [
        "the kettle fails: cold",
        "the kettle fails: gone",
        "the kettle works again",
    ]


class Hands:
    """An engine with so much room for each kind, which takes claims and does nothing."""

    def __init__(self, **room: int) -> None:
        self.rooms = room
        self.taken: list[due.Claim] = []

    def room(self, kind: str) -> int:
        return self.rooms.get(kind, 0)

    def submit(self, claims: object) -> None:
        self.taken += claims  # type: ignore[operator]


def test_a_tick_takes_what_there_is_room_for_the_most_urgent_kind_first(
    database: Database,
) -> None:
    clock = HandClock()
    with database.write() as session:
        add_sources(session, 5, clock())
        add_reply(session, clock())
        add_inbound(session, [clock()] * 3)
    hands = Hands(poll=2, publish=4, inbound=0)
    make_tick(database, clock, hands, "one", ["poll", "inbound", "publish"])()
    assert [claim.kind for claim in hands.taken] == ["publish", "poll", "poll"]
    assert all(claim.token.startswith("one:") for claim in hands.taken)


def test_a_tick_with_nothing_due_only_reads(database: Database) -> None:
    clock = HandClock()
    with database.write() as session:
        add_inbound(session, [None, clock() + timedelta(seconds=1)])

    def version() -> object:
        with database.read() as session:
            return session.scalar(text("PRAGMA data_version")), Path(
                f"{database.url.database}-wal"
            ).stat().st_size

    before = version()
    hands = Hands(inbound=9)
    for _ in range(5):
        make_tick(database, clock, hands, "one")()
    assert hands.taken == []
    assert version() == before
