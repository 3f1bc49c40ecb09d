"""A bench on which one contract is tried with every engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.engine.base import Engine, Perform
from monitor.engine.embedded import EmbeddedEngine
from monitor.work import Handler, Worker, make_tick
from tests.support.due_rows import add_inbound, note, noted
from tests.support.hand_clock import HandClock

PATIENCE = 30.0
"""Seconds after which a test gives up hope; nothing is asserted about how long things take."""


def make_engine(name: str, url: str, perform: Perform) -> Engine:
    """Return an engine of the given name."""
    if name == "embedded":
        return EmbeddedEngine(perform)
    from monitor.engine.postgres import PostgresEngine

    return PostgresEngine(url, perform)


def eventually(true: Callable[[], bool], what: str = "it") -> None:
    """Wait until `true` holds; fail the test when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"{what} never happened"
        time.sleep(0.005)


@dataclass
class Daemon:
    """An engine that runs on a thread, as a daemon's main thread would run it."""

    engine: Engine
    database: Database
    owner: str
    thread: threading.Thread
    errors: list[BaseException] = field(default_factory=list)
    ticks: int = 0

    def look(self, times: int = 3) -> None:
        """Wait until the daemon has looked for due work `times` times from now on."""
        enough = self.ticks + times + 1  # the first may have begun before now
        eventually(lambda: self.ticks >= enough, "a tick")

    def stop(self, grace: float = 10.0) -> None:
        """Stop and wait until `run` has returned; raise what `run` raised."""
        self.engine.stop(grace)
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive(), "run did not return"
        if self.errors:
            raise self.errors[0]


@dataclass
class Bench:
    """One store, one clock, one kind of engine."""

    name: str
    url: str
    database: Database
    clock: HandClock

    @contextmanager
    def daemon(
        self,
        handlers: Mapping[str, Handler],
        owner: str = "one",
        *,
        tick_seconds: float = 0.05,
        claims: bool = True,
        clock: Clock | None = None,
        prepare: Callable[[Engine], None] = lambda _engine: None,
    ) -> Iterator[Daemon]:
        """Run a daemon; with `claims` False nothing is claimed but what the test submits."""
        clock = clock or self.clock
        worker = Worker(self.database, clock, handlers, owner)
        engine = make_engine(self.name, self.url, worker.perform)
        up = threading.Event()
        if claims:
            look = make_tick(self.database, clock, engine, owner, kinds=list(handlers))

            def tick() -> None:
                look()
                daemon.ticks += 1

            engine.every(tick_seconds, tick, "due", early=True)
        engine.every(3600, up.set, "up")
        prepare(engine)

        def run() -> None:
            try:
                engine.run()
            except BaseException as error:
                daemon.errors.append(error)

        thread = threading.Thread(target=run, name=f"daemon-{owner}", daemon=True)
        daemon = Daemon(engine, self.database, owner, thread)
        thread.start()
        try:
            eventually(lambda: up.is_set() or bool(daemon.errors), "the start")
            yield daemon
        finally:
            daemon.stop(grace=5)

    def due_inbound(self, count: int = 1) -> list[int]:
        """Add inbound rows that are due now."""
        with self.database.write() as session:
            return add_inbound(session, [self.clock()] * count)

    def finishing(self, kind: str) -> Handler:
        """Return a handler that leaves its trace and owes nothing more."""

        def handle(claim: due.Claim) -> None:
            with self.database.write() as session:
                note(session, kind, claim.id, self.clock())
                due.finish(session, claim, None)

        return handle

    def done(self, kind: str) -> list[int]:
        """Return the rows of `kind` whose work is done, with repeats."""
        with self.database.read() as session:
            return noted(session, kind)

    def claim(self, kind: str, limit: int = 1000) -> list[due.Claim]:
        """Claim as a daemon would."""
        with self.database.write() as session:
            return due.claim_due(session, kind, self.clock(), limit, "one")

    def state(self, kind: str, row: int) -> tuple[datetime | None, str | None, int]:
        """Return when the row is due, the token that holds it, and its failures."""
        table = due.KINDS[kind].table
        with self.database.read() as session:
            found = session.execute(
                select(table.c.next_at, table.c.claim_token, table.c.failures).where(
                    table.c.id == row
                )
            ).one()
        return found.next_at, found.claim_token, found.failures
