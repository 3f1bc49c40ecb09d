"""Stopping honours its grace; killing loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import due
from monitor.clock import Clock, utc_now
from tests.engines.bench import PATIENCE, Bench, eventually, make_engine
from tests.support.due_rows import add_inbound, note

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A daemon in a process of its own, to be killed or stopped by a signal."""

    def __init__(self, bench: Bench, calls: Path, owner: str, *, work: str, ahead: int = 0) -> None:
        module = [sys.executable, "-m", "tests.engines.daemon"]
        self.process = subprocess.Popen(
            [*module, bench.name, bench.url, str(calls), owner, str(ahead), work],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def end(self, number: int) -> str:
        """Send a signal, wait for the end and return what was said."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=PATIENCE)
        return said


def called(calls: Path) -> list[int]:
    return [int(line) for line in calls.read_text().split()] if calls.exists() else []


def real_rows(bench: Bench, count: int) -> list[int]:
    """Add rows that are due by the machine's own clock."""
    with bench.database.write() as session:
        return add_inbound(session, [utc_now()] * count)


def clock_ahead(seconds: int) -> Clock:
    return lambda: utc_now() + timedelta(seconds=seconds)


def test_a_worker_killed_during_a_call_loses_nothing(bench: Bench, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    [row] = real_rows(bench, 1)
    child = Child(bench, calls, "child", work="hang")
    try:
        eventually(lambda: called(calls) == [row], "the call")
    finally:
        child.end(signal.SIGKILL)
    _, token, failures = bench.state("inbound", row)
    assert token is not None, "the row should still be held by the dead worker"
    assert failures == 0
    with bench.daemon({"inbound": bench.finishing("inbound")}, clock=utc_now) as daemon:
        daemon.look()
        assert bench.done("inbound") == [], "nobody can know yet that the worker is dead"
    later = clock_ahead(90)  # when its lease has ended
    with bench.daemon({"inbound": bench.finishing("inbound")}, clock=later):
        eventually(lambda: bench.done("inbound") == [row], "the second try")


def test_workers_killed_at_any_moment_leave_each_effect_exactly_once(
    bench: Bench, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    rows = real_rows(bench, 30)
    child = Child(bench, calls, "child", work="0.02")
    try:
        eventually(lambda: len(bench.done("inbound")) >= 12, "progress")
    finally:
        child.end(signal.SIGKILL)
    before = called(calls)
    handed_on = Counter(before)
    finish = bench.finishing("inbound")

    def handle(claim: due.Claim) -> None:
        handed_on[claim.id] += 1
        finish(claim)

    with bench.daemon({"inbound": handle}, "last", clock=clock_ahead(90)):
        eventually(lambda: set(bench.done("inbound")) == set(rows), "the end")
    assert sorted(bench.done("inbound")) == rows
    assert set(handed_on) == set(rows)
    assert sum(handed_on.values()) <= len(rows) + 2, "only what was at work is called again"


def test_a_signal_stops_a_daemon_in_an_orderly_way(bench: Bench, tmp_path: Path) -> None:
    number = {"embedded": signal.SIGINT, "postgres": signal.SIGTERM}[bench.name]
    child = Child(bench, tmp_path / "calls", "child", work="0.2")
    rows = real_rows(bench, 8)
    eventually(lambda: len(bench.done("inbound")) >= 1, "the start")
    assert child.end(number) == f"stopped {child.process.pid}\n"
    assert child.process.returncode == 0
    done = bench.done("inbound")
    assert sorted(done) == sorted(called(tmp_path / "calls")), "what was begun was ended"
    assert all(bench.state("inbound", row)[1] is None for row in rows), "and no row is held"


def test_stop_waits_for_the_work_that_runs_and_lets_go_of_the_rest(bench: Bench) -> None:
    rows = bench.due_inbound(8)  # in hand at once, two of them at work
    entered, let_go = threading.Semaphore(0), threading.Event()

    def handle(claim: due.Claim) -> None:
        entered.release()
        let_go.wait(30)
        bench.finishing("inbound")(claim)

    with bench.daemon({"inbound": handle}) as daemon:
        assert entered.acquire(timeout=30)
        assert entered.acquire(timeout=30)
        daemon.engine.stop(grace=20)
        time.sleep(0.1)
        assert daemon.thread.is_alive()
        let_go.set()
        daemon.thread.join(PATIENCE)
        assert not daemon.thread.is_alive()
    done = bench.done("inbound")
    assert len(done) == 2
    with bench.database.write() as session:
        due.release_owner(session, "one")
    free = [row for row in rows if bench.state("inbound", row) == (bench.clock(), None, 0)]
    assert sorted(done + free) == rows
    with bench.daemon({"inbound": bench.finishing("inbound")}, owner="two"):
        eventually(lambda: len(bench.done("inbound")) >= 8)
    assert sorted(bench.done("inbound")) == rows


def test_stop_leaves_work_behind_that_outlasts_the_grace(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    [row] = bench.due_inbound()
    entered, let_go, left = threading.Event(), threading.Event(), threading.Event()

    def handle(claim: due.Claim) -> None:
        entered.set()
        let_go.wait(30)
        try:
            with bench.database.write() as session:
                note(session, "inbound", claim.id, bench.clock())
                due.finish(session, claim, None)
        finally:
            left.set()

    with bench.daemon({"inbound": handle}) as daemon:
        assert entered.wait(30)
        daemon.stop(grace=0.1)
        assert "still at work" in caplog.text
        with bench.database.write() as session:
            assert due.release_owner(session, "one") == 1
        assert bench.state("inbound", row) == (bench.clock(), None, 0)
        let_go.set()
        assert left.wait(30)
        eventually(lambda: "was taken over" in caplog.text)
    assert bench.done("inbound") == [], "what was left behind must not count"


def test_a_second_stop_cuts_the_grace_short(bench: Bench) -> None:
    bench.due_inbound()
    entered, let_go = threading.Event(), threading.Event()

    def handle(claim: due.Claim) -> None:
        entered.set()
        let_go.wait(60)
        bench.finishing("inbound")(claim)

    with bench.daemon({"inbound": handle}) as daemon:
        assert entered.wait(30)
        daemon.engine.stop(grace=3600)
        daemon.stop(grace=0)
        let_go.set()
        eventually(lambda: len(bench.done("inbound")) == 1)


def test_stop_before_run_makes_run_return(bench: Bench) -> None:
    engine = make_engine(bench.name, bench.url, lambda _claim: None)
    engine.stop()
    thread = threading.Thread(target=engine.run)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()
