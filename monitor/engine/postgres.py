"""The engine of several machines: Procrastinate carries hints between daemons on PostgreSQL.

A hint is a Procrastinate job with a batch of claims, in the queue of their kind; any daemon may
take it. Neither `lock` nor `queueing_lock` is used: after a kill -9 both jam (its issues 1446
and 1543), and `monitor.due` does that work. Hints are never enqueued in a business
transaction, and a job that has ended is deleted at once.

Ticks do not enter the queue at all: each daemon runs its own, on a thread of its own, so that
no backlog delays them and an idle daemon writes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy.engine import URL

from monitor.due import Claim
from monitor.engine.base import IN_HAND, LOW, WORKERS, NotRunning, Perform, Tick
from monitor.engine.parts import Pool, SingleTick, Stop
from monitor.log import logger
from monitor.work import Condition, describe

try:
    from procrastinate import App, PsycopgConnector
    from procrastinate.connector import Notify
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import DeleteJobCondition, Status
    from procrastinate.worker import Worker

    from monitor.engine.schema import SEARCH_PATH, conninfo, install
except ImportError as error:
    raise ImportError(
        "the engine 'postgres' needs an extra: pip install 'rapport-monitor[postgres]'"
    ) from error

__all__ = ["PostgresEngine", "install"]

log = logger(__name__)
T = TypeVar("T")

TASK = "rapport.work"
POLL_SECONDS = 15.0
"""How late a hint is found when its NOTIFY was lost."""
ABORT_POLL_SECONDS = 3600.0
"""Hints are never aborted, so nobody needs to look for that often."""
CALL_SECONDS = 10.0
CLOSING_SECONDS = 5.0
HEARTBEAT_SECONDS, STALLED_SECONDS = 10.0, 60.0
SWEEP_SECONDS = 60.0
RESTART_SECONDS = (0.5, 30.0)


class PostgresEngine:
    """Shares work with every other daemon on the same database. `run` needs `install` before.

    `perform` is called on `workers[kind]` threads a kind.
    """

    def __init__(
        self,
        url: str | URL,
        perform: Perform,
        *,
        workers: Mapping[str, int] = WORKERS,
        in_hand: Mapping[str, int] = IN_HAND,
    ) -> None:
        self._perform = perform
        self._workers = workers
        self._in_hand = in_hand
        self._pools = {kind: Pool(size, f"rapport-{kind}") for kind, size in workers.items()}
        self._ticks: list[SingleTick] = []
        self._tick_pool = Pool(1, "rapport-tick")
        self._stop = Stop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._grace: asyncio.Future[float] | None = None
        self._serving: dict[str, Worker] = {}
        self._health = Condition("the queue")
        connector = _Connector(
            conninfo=conninfo(url),
            kwargs={"options": SEARCH_PATH, "application_name": "rapport engine"},
            min_size=1,
            max_size=8,
        )
        self._app = App(connector=connector)
        self._app.task(name=TASK)(self._carry)

    def every(self, seconds: float, tick: Tick, name: str, *, early: bool = False) -> None:
        self._ticks.append(SingleTick(tick, name, seconds, early=early))

    def submit(self, claims: Sequence[Claim]) -> None:
        if claims:
            self._call(self._defer(claims[0].kind, [(claim.id, claim.token) for claim in claims]))

    def room(self, kind: str) -> int:
        jobs = self._call(
            self._app.job_manager.list_jobs_async(queue=_queue(kind), status=Status.TODO.value)
        )
        waiting = sum(len(_batch(job.task_kwargs)) for job in jobs)
        return max(0, self._in_hand[kind] - self._pools[kind].outstanding - waiting)

    def wake(self) -> None:
        for tick in self._ticks:
            if tick.early and tick.ask():
                try:
                    self._tick_pool.submit(tick)
                except NotRunning:
                    return

    def run(self) -> None:
        ended: Future[None] = Future()
        threading.Thread(
            target=self._run_loop, args=[ended], name="rapport-engine", daemon=True
        ).start()
        grace: float | None = None
        while grace is None and not ended.done():
            grace = self._stop.wait(1.0)
        if grace is not None:
            self._stop.wait_until(lambda: ended.done() or self._loop is not None, grace)
            if self._loop is not None and self._grace is not None:
                with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                    self._loop.call_soon_threadsafe(self._grace.set_result, grace)
            if not self._stop.wait_until(ended.done, grace + CLOSING_SECONDS):
                log.warning("stopped without a farewell to the queue")
                return
        ended.result()
        left = sum(pool.outstanding for pool in self._pools.values())
        if left:
            log.warning("stopped with %d still at work, left to their leases", left)

    def stop(self, grace: float = 10.0) -> None:
        self._stop.request(grace)

    # What follows runs in the event loop, on the thread that `run` starts.

    def _run_loop(self, ended: Future[None]) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # `run` raises it on its own thread
            ended.set_exception(error)
        else:
            ended.set_result(None)

    async def _main(self) -> None:
        async with self._app.open_async():
            if not await self._app.check_connection_async():
                raise NotInstalled("the queue has no tables yet: run `rapport migrate`")
            self._grace = asyncio.get_running_loop().create_future()
            self._loop = asyncio.get_running_loop()
            timers = [asyncio.create_task(self._repeat(tick)) for tick in self._ticks]
            timers.append(asyncio.create_task(self._sweep()))
            servers = [asyncio.create_task(self._serve(kind)) for kind in self._workers]
            try:
                grace = await self._grace
                await self._wind_down(servers, grace)
            finally:
                self._loop = None
                for task in (*timers, *servers):
                    task.cancel()
                await asyncio.gather(*timers, *servers, return_exceptions=True)

    async def _wind_down(self, servers: Iterable[asyncio.Task[None]], grace: float) -> None:
        deadline = asyncio.get_running_loop().time() + grace
        for tick in self._ticks:
            tick.close()
        for pool in (*self._pools.values(), self._tick_pool):
            pool.shutdown(cancel_futures=True)
        for worker in self._serving.values():
            worker.shutdown_graceful_timeout = grace
            worker.stop()  # type: ignore[no-untyped-call]  # Procrastinate's
        await asyncio.wait(servers, timeout=grace + CLOSING_SECONDS / 2)
        while (
            any(tick.running for tick in self._ticks)
            and asyncio.get_running_loop().time() < deadline
        ):
            await asyncio.sleep(0.02)

    async def _repeat(self, tick: SingleTick) -> None:
        """Run a tick by the loop's own clock, which nobody sets back."""
        loop = asyncio.get_running_loop()
        pool = Pool(1, f"rapport-tick-{tick.name}")
        due_at = loop.time()
        while True:
            await loop.run_in_executor(pool, tick)
            due_at = max(due_at + tick.seconds, loop.time())
            await asyncio.sleep(due_at - loop.time())

    async def _serve(self, kind: str) -> None:
        """Keep a Procrastinate worker running: it gives up when the database goes away."""
        pause, longest = RESTART_SECONDS
        while not self._is_stopping():
            worker = self._serving[kind] = Worker(
                self._app,
                queues=[_queue(kind)],
                name=f"rapport-{kind}",
                concurrency=self._workers[kind],
                fetch_job_polling_interval=POLL_SECONDS,
                abort_job_polling_interval=ABORT_POLL_SECONDS,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.ALWAYS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            )
            started = asyncio.get_running_loop().time()
            try:
                await worker.run()  # type: ignore[no-untyped-call]  # Procrastinate's
            except Exception as error:  # whatever it is, it is begun again
                self._health.fails(describe(error))
            if self._is_stopping():
                return
            if asyncio.get_running_loop().time() - started > longest:
                pause = RESTART_SECONDS[0]
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    async def _sweep(self) -> None:
        """Delete what killed daemons left in the queue; their rows come back by lease."""
        manager = self._app.job_manager
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await manager.prune_stalled_workers(STALLED_SECONDS)
                for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                    with contextlib.suppress(ConnectorException):  # another daemon was first
                        await manager.finish_job(job, Status.FAILED, delete_job=True)
                await manager.delete_old_jobs(
                    nb_hours=1, include_failed=True, include_cancelled=True, include_aborted=True
                )
            except ConnectorException as error:
                self._health.fails(describe(error))
            else:
                self._health.works()

    async def _carry(self, kind: str, claims: list[tuple[int, str]]) -> None:
        """Do a batch of claims: the body of the one Procrastinate task."""
        futures: dict[int, Future[None]] = {}
        with contextlib.suppress(NotRunning):
            for row, token in claims:
                futures[row] = self._pools[kind].submit(self._work, Claim(kind, row, token))
        await asyncio.gather(*map(asyncio.wrap_future, futures.values()), return_exceptions=True)
        left = [claim for claim in claims if not _taken(futures.get(claim[0]))]
        if left:  # this daemon is stopping; another may begin them at once
            await self._defer(kind, left)

    async def _defer(self, kind: str, claims: Sequence[tuple[int, str]]) -> None:
        task = self._app.configure_task(TASK, queue=_queue(kind))
        await task.defer_async(kind=kind, claims=[list(claim) for claim in claims])

    # And this on the threads of the pools.

    def _work(self, claim: Claim) -> None:
        self._perform(claim)
        # This one is still counted.
        if self._pools[claim.kind].outstanding - 1 <= self._in_hand[claim.kind] * LOW:
            self.wake()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it, from another thread."""
        loop = self._loop
        if loop is None or self._is_stopping():
            work.close()
            raise NotRunning("the engine does not run")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(CALL_SECONDS)
        finally:
            future.cancel()

    def _is_stopping(self) -> bool:
        return self._grace is None or self._grace.done()


class NotInstalled(Exception):
    """The database lacks Procrastinate's tables; `install` makes them."""


class _Connector(PsycopgConnector):
    """Listens again when the database comes back; Procrastinate's own gives up for good."""

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        names = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, names)
            except ConnectorException:
                await asyncio.sleep(RESTART_SECONDS[1] / 10)


def _taken(future: Future[None] | None) -> bool:
    return future is not None and not future.cancelled()


def _queue(kind: str) -> str:
    return f"rapport.{kind}"


def _batch(arguments: Mapping[str, Any]) -> list[Any]:
    claims = arguments.get("claims")
    return claims if isinstance(claims, list) else []
