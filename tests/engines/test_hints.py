"""Hints may be doubled, lost or late: the rows decide."""

from __future__ import annotations

import pytest

from monitor import due
from monitor.engine.base import Engine, NotRunning
from monitor.work import make_tick
from tests.engines.bench import Bench, eventually


def test_due_rows_are_worked_once_and_owe_nothing_more(bench: Bench) -> None:
    rows = bench.due_inbound(40)
    with bench.daemon({"inbound": bench.finishing("inbound")}):
        eventually(lambda: len(bench.done("inbound")) >= 40)
    assert sorted(bench.done("inbound")) == rows
    assert all(bench.state("inbound", row) == (None, None, 0) for row in rows)


def test_a_batch_of_claims_travels_in_one_hint(bench: Bench) -> None:
    rows = bench.due_inbound(50)
    with bench.daemon({"inbound": bench.finishing("inbound")}, claims=False) as daemon:
        daemon.engine.submit(bench.claim("inbound"))
        eventually(lambda: len(bench.done("inbound")) >= 50)
    assert sorted(bench.done("inbound")) == rows


def test_doubled_hints_do_the_work_once(bench: Bench) -> None:
    rows = bench.due_inbound(10)
    calls: list[int] = []
    finish = bench.finishing("inbound")

    def handle(claim: due.Claim) -> None:
        calls.append(claim.id)
        finish(claim)

    with bench.daemon({"inbound": handle}, claims=False) as daemon:
        claims = bench.claim("inbound")
        for _ in range(3):
            daemon.engine.submit(claims)
        later = bench.due_inbound(1)
        daemon.engine.submit(bench.claim("inbound"))  # behind all the others
        eventually(lambda: set(bench.done("inbound")) == {*rows, *later})
    assert sorted(calls) == rows + later
    assert sorted(bench.done("inbound")) == rows + later


def test_work_whose_hint_was_lost_is_claimed_again_when_its_lease_ends(bench: Bench) -> None:
    [row] = bench.due_inbound()
    assert [lost.id for lost in bench.claim("inbound")] == [row]
    with bench.daemon({"inbound": bench.finishing("inbound")}) as daemon:
        daemon.look()
        assert bench.done("inbound") == []
        bench.clock.move(seconds=61)
        eventually(lambda: bench.done("inbound") == [row])


def test_a_hint_that_comes_too_late_changes_nothing(bench: Bench) -> None:
    [row] = bench.due_inbound()
    late = bench.claim("inbound")
    bench.clock.move(seconds=61)
    with bench.daemon({"inbound": bench.finishing("inbound")}) as daemon:
        eventually(lambda: bench.done("inbound") == [row])
        daemon.engine.submit(late)
        [other] = bench.due_inbound()
        eventually(lambda: other in bench.done("inbound"))
    assert bench.done("inbound") == [row, other]


def test_a_hint_for_work_that_is_no_longer_owed_does_nothing_and_lets_it_go(bench: Bench) -> None:
    [row] = bench.due_inbound()
    claims = bench.claim("inbound")
    table = due.KINDS["inbound"].table
    with bench.database.write() as session:
        session.execute(table.update().values(next_at=None))
    with bench.daemon({"inbound": bench.finishing("inbound")}, claims=False) as daemon:
        daemon.engine.submit(claims)
        eventually(lambda: bench.state("inbound", row) == (None, None, 0))
    assert bench.done("inbound") == []


def test_claims_that_an_engine_refuses_are_freed_at_once(bench: Bench) -> None:
    with bench.daemon({"inbound": bench.finishing("inbound")}) as daemon:
        daemon.look()
    [row] = bench.due_inbound()
    tick = make_tick(bench.database, bench.clock, Roomy(daemon.engine), "one")
    with pytest.raises(NotRunning):
        tick()
    assert bench.state("inbound", row) == (bench.clock(), None, 0)


class Roomy:
    """Has room always; the rest is the engine's."""

    def __init__(self, engine: Engine) -> None:
        self.submit = engine.submit

    def room(self, kind: str) -> int:
        return 5


def test_a_backlog_flows_without_waiting_for_the_next_tick(bench: Bench) -> None:
    rows = bench.due_inbound(100)  # many times what is in hand at once
    with bench.daemon({"inbound": bench.finishing("inbound")}, tick_seconds=3600):
        eventually(lambda: len(bench.done("inbound")) >= 100)
    assert sorted(bench.done("inbound")) == rows


def test_a_daemon_that_is_woken_looks_at_once(bench: Bench) -> None:
    with bench.daemon({"inbound": bench.finishing("inbound")}, tick_seconds=3600) as daemon:
        eventually(lambda: daemon.ticks == 1)
        [row] = bench.due_inbound()
        daemon.engine.wake()
        eventually(lambda: bench.done("inbound") == [row])


def test_waking_an_engine_before_and_after_its_run_does_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def wake(engine: Engine) -> None:
        engine.wake()

    with bench.daemon({"inbound": bench.finishing("inbound")}, prepare=wake) as daemon:
        daemon.look()
    daemon.engine.wake()
    assert "fails" not in caplog.text
