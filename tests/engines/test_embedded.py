"""What is particular to the engine of one process."""

from __future__ import annotations

import datetime as real
import threading
import time
from typing import Any

import apscheduler.schedulers.base
import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.clock import utc_now
from monitor.engine import embedded
from monitor.engine.embedded import EmbeddedEngine, TickExecutor
from monitor.engine.parts import Pool
from tests.engines.bench import PATIENCE, eventually


class SetBack(real.datetime):
    """The machine's clock, as APScheduler reads it, which someone sets back."""

    by = real.timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return real.datetime.now(tz) - cls.by


@pytest.fixture
def engine() -> Any:
    engine = EmbeddedEngine(lambda _claim: None)
    thread = threading.Thread(target=engine.run)
    engine.start = thread.start  # type: ignore[attr-defined]
    yield engine
    engine.stop(1)
    thread.join()


def test_ticks_go_on_when_the_machine_clock_is_set_back_an_hour(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SetBack, "by", real.timedelta())
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SetBack)
    monkeypatch.setattr(embedded, "utc_now", lambda: SetBack.now(real.UTC))
    monkeypatch.setattr(embedded, "LATE_SECONDS", 0.2)
    monkeypatch.setattr(embedded, "WATCH_SECONDS", 0.05)
    runs: list[float] = []
    engine.every(0.1, lambda: runs.append(time.monotonic()), "tick")
    engine.start()
    eventually(lambda: len(runs) >= 2)
    SetBack.by = real.timedelta(hours=1)
    seen = len(runs)
    eventually(lambda: len(runs) >= seen + 5)


def test_jobs_are_kept_in_memory_and_never_skipped_for_being_late(engine: Any) -> None:
    engine.every(60, lambda: None, "tick")
    engine.start()
    eventually(lambda: engine._scheduler is not None and engine._scheduler.get_jobs() != [])
    [job] = engine._scheduler.get_jobs()
    assert job.coalesce is True
    assert job.misfire_grace_time is None
    assert job.max_instances == 1
    assert type(engine._scheduler._jobstores["default"]).__name__ == "MemoryJobStore"


def test_a_slow_tick_holds_up_no_other(engine: Any) -> None:
    gate, runs = threading.Event(), []
    engine.every(0.05, lambda: gate.wait(30), "slow")
    engine.every(0.05, lambda: runs.append(1), "quick")
    engine.start()
    eventually(lambda: len(runs) >= 5)
    gate.set()


def test_a_hung_call_does_not_keep_the_process_alive() -> None:
    pool = Pool(2, "hung")
    pool.submit(threading.Event().wait, 60)
    eventually(lambda: any(t.name.startswith("hung") for t in threading.enumerate()))
    assert all(t.daemon for t in threading.enumerate() if t.name.startswith("hung"))
    pool.shutdown()


def test_a_pool_starts_no_more_threads_than_it_may_and_runs_everything() -> None:
    pool = Pool(3, "bounded")
    futures = [pool.submit(pow, number, 2) for number in range(200)]
    assert [future.result(30) for future in futures] == [number**2 for number in range(200)]
    assert sum(t.name.startswith("bounded") for t in threading.enumerate()) <= 3
    eventually(lambda: pool.outstanding == 0)
    pool.shutdown()
    eventually(lambda: not any(t.name.startswith("bounded") for t in threading.enumerate()))


def test_a_pool_hands_on_what_a_call_raises() -> None:
    pool = Pool(1, "raising")
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result(30)
    assert pool.submit(divmod, 7, 2).result(30) == (3, 1)
    pool.shutdown()


def test_what_waits_when_it_is_shut_down_leaves_no_error(caplog: pytest.LogCaptureFixture) -> None:
    pool, go_on, called = Pool(1, "ticks"), threading.Event(), []
    scheduler = BackgroundScheduler(timezone=real.UTC, executors={"default": TickExecutor(pool)})
    scheduler.add_job(go_on.wait, args=[PATIENCE], next_run_time=utc_now())
    scheduler.start()
    eventually(lambda: pool.outstanding == 1, "the first to run")
    scheduler.add_job(called.append, args=[1], next_run_time=utc_now())
    eventually(lambda: pool.outstanding == 2, "the second to wait")
    scheduler.shutdown(wait=False)
    go_on.set()
    eventually(lambda: pool.outstanding == 0, "both to end")
    assert called == [1]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
