"""The engine of one process: APScheduler runs the ticks, bounded threads do the work.

Nothing is kept here: the rows are the queue, so jobs live in memory and a restart loses nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC
from time import monotonic
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
)
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.clock import utc_now
from monitor.due import Claim
from monitor.engine.base import IN_HAND, LOW, WORKERS, NotRunning, Perform, Tick
from monitor.engine.parts import Pool, SingleTick, Stop
from monitor.log import logger

log = logger(__name__)

WATCH_SECONDS = 1.0
LATE_SECONDS = 2.0
"""A tick this much behind its interval was stopped by a clock set back: run it at once."""


class EmbeddedEngine:
    """Runs everything in this process. `perform` is called on `workers[kind]` threads a kind."""

    def __init__(
        self,
        perform: Perform,
        *,
        workers: Mapping[str, int] = WORKERS,
        in_hand: Mapping[str, int] = IN_HAND,
    ) -> None:
        self._perform = perform
        self._in_hand = in_hand
        self._pools = {kind: Pool(size, f"rapport-{kind}") for kind, size in workers.items()}
        self._ticks: list[SingleTick] = []
        self._tick_pool = Pool(1, "rapport-early")
        self._stop = Stop()
        self._scheduler: BackgroundScheduler | None = None

    def every(self, seconds: float, tick: Tick, name: str, *, early: bool = False) -> None:
        self._ticks.append(SingleTick(tick, name, seconds, early=early))

    def submit(self, claims: Sequence[Claim]) -> None:
        if self._scheduler is None:
            raise NotRunning("the engine does not run yet")
        for claim in claims:
            self._pools[claim.kind].submit(self._carry, claim)

    def room(self, kind: str) -> int:
        return max(0, self._in_hand[kind] - self._pools[kind].outstanding)

    def wake(self) -> None:
        if self._scheduler is None:
            return  # its ticks run as soon as it does
        for tick in self._ticks:
            if tick.early and tick.ask():
                try:
                    self._tick_pool.submit(tick)
                except NotRunning:
                    return

    def run(self) -> None:
        self._scheduler = self._schedule()
        try:
            self._scheduler.start()
            while not self._stop.wait(WATCH_SECONDS):
                self._watch(self._scheduler)
        finally:
            for tick in self._ticks:
                tick.close()
            for pool in (*self._pools.values(), self._tick_pool):
                pool.shutdown(cancel_futures=True)
            self._scheduler.shutdown(wait=False)
        if not self._stop.wait_until(lambda: self._busy() == 0):
            log.warning("stopped with %d still at work, left to their leases", self._busy())

    def stop(self, grace: float = 10.0) -> None:
        self._stop.request(grace)

    def _carry(self, claim: Claim) -> None:
        self._perform(claim)
        # This one is still counted.
        if self._pools[claim.kind].outstanding - 1 <= self._in_hand[claim.kind] * LOW:
            self.wake()

    def _busy(self) -> int:
        pools = sum(pool.outstanding for pool in self._pools.values())
        return pools + sum(tick.running for tick in self._ticks)

    def _schedule(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            # One thread a tick: a slow one holds up no other.
            executors={"default": TickExecutor(Pool(max(len(self._ticks), 1), "rapport-tick"))},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        # It would say at each interval that a long tick still runs.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        for tick in self._ticks:
            scheduler.add_job(
                tick, "interval", seconds=tick.seconds, id=tick.name, next_run_time=utc_now()
            )
        return scheduler

    def _watch(self, scheduler: BackgroundScheduler) -> None:
        """Run what APScheduler holds back because the machine's clock was set back.

        It computes the next run by the wall clock, so that an hour set back would be an hour
        without ticks.
        """
        now = monotonic()
        for tick in self._ticks:
            if not tick.running and now - tick.last_ended > tick.seconds + LATE_SECONDS:
                log.warning("the tick %r is late: was the clock set back?", tick.name)
                tick.last_ended = now
                scheduler.modify_job(tick.name, next_run_time=utc_now())


class TickExecutor(BasePoolExecutor):  # type: ignore[misc]  # APScheduler ships no types
    """Lets APScheduler use threads that never keep the process alive.

    When it is shut down, what waits is called all the same, for APScheduler takes a future that was
    cancelled for an error of its own; a tick that is closed does nothing.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)


def _tell(event: JobExecutionEvent) -> None:
    """Log what should not happen: ticks never raise here, and are never dropped for lateness."""
    detail: Any = event.exception if event.code == EVENT_JOB_ERROR else "missed its time"
    log.error("the tick %r: %s", event.job_id, type(detail).__name__ if event.exception else detail)
