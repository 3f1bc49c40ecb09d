"""The engine of several machines: Procrastinate carries hints between daemons on PostgreSQL.

A hint is a Procrastinate job with a batch of claims, in the queue of their kind; any daemon may
take it. Neither `lock` nor `queueing_lock` is used: after a kill -9 both jam (its issues 1446
and 1543), and `monitor.due` does that work. Hints are never enqueued in a business
transaction, and a job that has ended is deleted at once.

Ticks do not enter the queue at all: each daemon runs its own, on threads of their own, so that
no backlog delays them and an idle daemon writes next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy.engine import URL

from monitor.due import Claim
from monitor.engine.base import IN_HAND, LOW, WORKERS, NotRunning, Perform, Tick
from monitor.engine.parts import Pool, SingleTick, Stop
from monitor.log import logger
from monitor.work import Condition, describe

try:
    from procrastinate import App
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import DeleteJobCondition, Status
    from procrastinate.manager import get_channel_for_queues
    from procrastinate.worker import Worker

    from monitor.engine.listening import Listener
    from monitor.engine.schema import install
except ImportError as error:
    raise ImportError(
        "the engine 'postgres' needs an extra: pip install 'rapport-monitor[postgres]'"
    ) from error

__all__ = ["NotInstalled", "PostgresEngine", "install"]

log = logger(__name__)
T = TypeVar("T")

TASK = "rapport.work"
POLL_SECONDS = 20.0
"""How late a hint is found when its notification was lost."""
ABORT_POLL_SECONDS = 3600.0
"""Hints are never aborted, so nobody needs to look for that often."""
CALL_SECONDS, CLOSING_SECONDS = 10.0, 5.0
HEARTBEAT_SECONDS, STALLED_SECONDS = 20.0, 90.0
SWEEP_SECONDS = 60.0
RESTART_SECONDS = (0.5, 30.0)


class NotInstalled(Exception):
    """The database lacks Procrastinate's tables; `install` makes them."""


class PostgresEngine:
    """Shares work with every other daemon on the same database. `install` comes before `run`.

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
        self._tick_pool = Pool(1, "rapport-early")
        self._stop = Stop()
        self._stopping = threading.Event()
        self._stop_asked = asyncio.Event()
        self._let_go = asyncio.Event()
        self._gave_up = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._carriers: dict[str, Worker] = {}
        self._health = Condition("the queue")
        self._listener = Listener(url)
        self._app = App(connector=self._listener)
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
        if self._loop is None:
            return  # its ticks run as soon as it does
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
        while not ended.done() and not self._stop.wait(1.0):
            pass
        self._stopping.set()
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                loop.call_soon_threadsafe(self._stop_asked.set)
        if not self._stop.wait_until(ended.done, beyond=CLOSING_SECONDS):
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
            self._loop = asyncio.get_running_loop()
            if self._stopping.is_set():
                return
            channels = get_channel_for_queues([_queue(kind) for kind in self._workers])
            helpers = [self._repeat(tick) for tick in self._ticks]
            helpers += [self._sweep(), self._listener.listen(channels)]
            helping = [asyncio.create_task(helper) for helper in helpers]
            serving = [asyncio.create_task(self._serve(kind)) for kind in self._workers]
            try:
                await self._stop_asked.wait()
                await self._wind_down(serving)
            finally:
                self._loop = None
                for task in (*helping, *serving):
                    task.cancel()
                await asyncio.gather(*helping, *serving, return_exceptions=True)

    async def _wind_down(self, serving: Sequence[asyncio.Task[None]]) -> None:
        for tick in self._ticks:
            tick.close()
        for pool in (*self._pools.values(), self._tick_pool):
            pool.shutdown(cancel_futures=True)
        self._let_go.set()
        for carrier in self._carriers.values():
            carrier.stop()  # type: ignore[no-untyped-call]  # Procrastinate's
        while monotonic() < self._stop.deadline and (
            not all(task.done() for task in serving) or any(tick.running for tick in self._ticks)
        ):
            await asyncio.sleep(0.01)
        self._gave_up.set()
        await asyncio.wait(serving, timeout=CLOSING_SECONDS / 2)

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
        while not self._stopping.is_set():
            carrier = self._carriers[kind] = Worker(
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
            started = monotonic()
            try:
                await carrier.run()  # type: ignore[no-untyped-call]  # Procrastinate's
            except Exception as error:  # whatever it is, it is begun again
                self._health.fails(describe(error))
            if monotonic() - started > longest:
                pause = RESTART_SECONDS[0]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop_asked.wait(), pause)
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
        working = asyncio.gather(
            *map(asyncio.wrap_future, futures.values()), return_exceptions=True
        )
        await _either(working, self._let_go)
        left = [claim for claim in claims if not _taken(futures.get(claim[0]))]
        if left:  # this daemon is stopping; another may begin them at once
            await self._defer(kind, left)
        # What outlasts the grace is left to its thread; the queue need not wait for it.
        await _either(working, self._gave_up)

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
        if loop is None or self._stopping.is_set():
            work.close()
            raise NotRunning("the engine does not run")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(CALL_SECONDS)
        finally:
            future.cancel()


async def _either(working: asyncio.Future[Any], event: asyncio.Event) -> None:
    """Wait until the work has ended or the event has come."""
    waiting = asyncio.create_task(event.wait())
    either: list[asyncio.Future[Any]] = [working, waiting]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _taken(future: Future[None] | None) -> bool:
    return future is not None and not future.cancelled()


def _queue(kind: str) -> str:
    return f"rapport.{kind}"


def _batch(arguments: Mapping[str, Any]) -> list[Any]:
    claims = arguments.get("claims")
    return claims if isinstance(claims, list) else []
