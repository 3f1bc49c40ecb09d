"""A row that fails, a handler that is too slow, a clock that jumps: others go on."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitor import due
from monitor.models import Source
from monitor.work import PutOff
from tests.engines.bench import Bench, eventually
from tests.support.due_rows import add_reply, add_sources, note


def test_a_handler_that_always_raises_delays_only_its_own_row_and_ever_longer(
    bench: Bench,
) -> None:
    bad, *good = bench.due_inbound(12)
    finish = bench.finishing("inbound")

    def handle(claim: due.Claim) -> None:
        if claim.id == bad:
            raise PutOff("the cup is empty")
        finish(claim)

    with bench.daemon({"inbound": handle}) as daemon:
        eventually(lambda: len(bench.done("inbound")) == len(good))
        for failures in range(1, 6):
            eventually(lambda n=failures: bench.state("inbound", bad)[2] == n)
            ceiling = timedelta(seconds=5 * 2 ** (failures - 1))
            next_at, token, _ = bench.state("inbound", bad)
            assert next_at is not None
            assert token is None
            assert ceiling * 0.2 <= next_at - bench.clock() <= ceiling
            daemon.look(1)
            assert bench.state("inbound", bad)[2] == failures
            bench.clock.move(seconds=ceiling.total_seconds())
    assert sorted(bench.done("inbound")) == good


def test_a_handler_slower_than_its_lease_loses_its_claim_and_its_result(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    [row] = bench.due_inbound()
    entered, let_go = threading.Event(), threading.Event()
    calls: list[str] = []

    def handle(claim: due.Claim) -> None:
        first = not calls
        calls.append("first" if first else "second")
        if first:
            entered.set()
            let_go.wait(30)
        with bench.database.write() as session:
            note(session, calls[0] if first else "second", claim.id, bench.clock())
            due.finish(session, claim, None)
        if not first:
            let_go.set()

    with bench.daemon({"inbound": handle}):
        assert entered.wait(30)
        bench.clock.move(seconds=61)
        eventually(lambda: bench.done("second") == [row])
        eventually(lambda: "was taken over" in caplog.text)
    assert calls == ["first", "second"]
    assert bench.done("first") == []
    assert bench.state("inbound", row) == (None, None, 0)


def test_a_clock_that_jumps_a_day_ahead_repeats_a_call_but_no_effect(bench: Bench) -> None:
    rows = bench.due_inbound(4)
    entered, let_go = threading.Semaphore(0), threading.Event()

    def handle(claim: due.Claim) -> None:
        entered.release()
        let_go.wait(30)
        with bench.database.write() as session:
            note(session, "inbound", claim.id, bench.clock())
            due.finish(session, claim, None)

    with bench.daemon({"inbound": handle}) as daemon:
        assert entered.acquire(timeout=30)
        bench.clock.move(days=1)
        daemon.look()
        let_go.set()
        eventually(lambda: set(bench.done("inbound")) == set(rows))
        daemon.look()
    assert sorted(bench.done("inbound")) == rows


def test_a_clock_set_back_by_a_day_leaves_no_row_held_for_a_day(bench: Bench) -> None:
    [row] = bench.due_inbound()
    bench.clock.move(days=1)
    bench.claim("inbound")  # by a daemon that is killed now
    bench.clock.move(days=-1)
    with bench.daemon({"inbound": bench.finishing("inbound")}):
        eventually(lambda: bench.done("inbound") == [row])


def test_a_backlog_of_polls_delays_neither_a_publish_nor_a_tick(bench: Bench) -> None:
    with bench.database.write() as session:
        add_sources(session, 3000, bench.clock() - timedelta(hours=1))
    gate, polling = threading.Event(), threading.Semaphore(0)

    def poll(claim: due.Claim) -> None:
        polling.release()
        gate.wait(30)
        bench.finishing("poll")(claim)

    publish = bench.finishing("publish")
    with bench.daemon({"poll": poll, "publish": publish}) as daemon:
        for _ in range(8):  # every thread for polls is taken
            assert polling.acquire(timeout=30)
        with bench.database.write() as session:
            reply = add_reply(session, bench.clock())
        eventually(lambda: bench.done("publish") == [reply])
        daemon.look()
        assert bench.done("poll") == []
        gate.set()
        eventually(lambda: len(bench.done("poll")) >= 100)
    with bench.database.read() as session:
        owed = session.scalar(select(func.count()).where(Source.next_at.is_not(None)))
    assert owed is not None
    assert owed > 1000, "the backlog was gone before anything could be delayed by it"


def test_a_tick_that_raises_is_told_once_and_runs_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    runs: list[bool] = []
    working = threading.Event()

    def tick() -> None:
        runs.append(working.is_set())
        if not working.is_set():
            raise ValueError("a customer's text")

    with bench.daemon({}, claims=False, prepare=lambda e: e.every(0.02, tick, "broken")):
        eventually(lambda: len(runs) >= 5)
        working.set()
        eventually(lambda: "the tick 'broken' works again" in caplog.text)
    assert caplog.text.count("the tick 'broken' fails: ValueError") == 1
    assert "a customer's text" not in caplog.text


def test_a_tick_is_never_run_twice_at_once(bench: Bench) -> None:
    inside, most, runs = 0, 0, 0
    lock = threading.Lock()

    def tick() -> None:
        nonlocal inside, most, runs
        with lock:
            inside += 1
            most = max(most, inside)
            runs += 1
        threading.Event().wait(0.03)
        with lock:
            inside -= 1

    def prepare(engine: object) -> None:
        engine.every(0.01, tick, "slow", early=True)  # type: ignore[attr-defined]

    with bench.daemon({}, claims=False, prepare=prepare) as daemon:
        for _ in range(20):
            daemon.engine.wake()
            threading.Event().wait(0.005)
        eventually(lambda: runs >= 5)
    assert most == 1
