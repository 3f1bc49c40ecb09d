"""What both engines are built from: bounded threads, a tick that is never run twice, a stop."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

from monitor.engine.base import NotRunning, Tick
from monitor.work import Condition, describe

P = ParamSpec("P")
T = TypeVar("T")

EARLY_GAP = 0.02
"""Seconds from one run of a tick to the next, at least: a busy daemon does not spin."""


class Pool(Executor):
    """At most `size` threads, started when needed, that never keep the process alive.

    The standard pool joins its threads when Python exits, so that one hung call would hang
    the exit; a worker here may be left behind, as a crash would leave it.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._threads = 0
        self._outstanding = 0
        self._closed = False

    @property
    def outstanding(self) -> int:
        """How many calls are waiting or running."""
        return self._outstanding

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call `fn` on a thread; raise `NotRunning` after `shutdown`."""
        future: Future[T] = Future()

        def call() -> None:
            with self._lock:
                self._waiting.discard(future)
            if not future.set_running_or_notify_cancel():
                self._ended()
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # handed on, whatever it is
                self._ended()
                future.set_exception(error)
            else:
                self._ended()
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise NotRunning(f"{self._name} takes no more work")
            self._outstanding += 1
            self._waiting.add(future)
            if self._threads < min(self._size, self._outstanding):
                self._threads += 1
                name = f"{self._name}-{self._threads}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
            self._queue.put(call)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; with `cancel_futures`, drop those that wait. Never waits."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in range(self._threads):
                    self._queue.put(None)
            waiting = list(self._waiting)
        if cancel_futures:
            for future in waiting:
                future.cancel()

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            call()
            del call  # it holds the arguments while this thread waits for the next

    def _ended(self) -> None:
        with self._lock:
            self._outstanding -= 1


class SingleTick:
    """A tick that never runs twice at once; a call during a run causes one more run."""

    def __init__(self, tick: Tick, name: str, seconds: float, *, early: bool) -> None:
        self.seconds = seconds
        self.name = name
        self.early = early
        self.last_ended = time.monotonic() - EARLY_GAP
        self._tick = tick
        self._health = Condition(f"the tick {name!r}")
        self._mutex = threading.Lock()
        self._wanted = False
        self._running = False
        self._closed = False

    @property
    def running(self) -> bool:
        """Tell whether it is being run."""
        return self._running

    def ask(self) -> bool:
        """Ask for a run; tell whether the asker must see to it that `__call__` happens."""
        with self._mutex:
            asked = self._wanted
            self._wanted = True
            return not asked and not self._running and not self._closed

    def close(self) -> None:
        """Run no more, apart from what runs."""
        self._closed = True

    def __call__(self) -> None:
        """Run the tick, or leave it to the thread that is running it. Never raises."""
        with self._mutex:
            self._wanted = True
            if self._running:
                return
            self._running = True
        while True:
            with self._mutex:
                if not self._wanted or self._closed:
                    self._running = False
                    return
                self._wanted = False
            time.sleep(max(0.0, self.last_ended + EARLY_GAP - time.monotonic()))
            try:
                self._tick()
            except Exception as error:  # the next tick tries again; said once by Condition
                if not self._closed:  # what it met on the way out is no trouble
                    self._health.fails(describe(error))
            else:
                self._health.works()
            self.last_ended = time.monotonic()


class Stop:
    """A request to stop that a signal handler may make.

    Setting an Event from a handler can deadlock with the same thread waiting for it;
    SimpleQueue is documented to be reentrant.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._deadline = math.inf

    @property
    def deadline(self) -> float:
        """When the grace ends, by ``time.monotonic``; infinite until `wait` saw a request."""
        return self._deadline

    def request(self, grace: float) -> None:
        """Ask to stop within `grace` seconds from now."""
        self._requests.put(time.monotonic() + max(grace, 0.0))

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a request; tell whether there ever was one."""
        with contextlib.suppress(queue.Empty):
            self._deadline = min(self._deadline, self._requests.get(timeout=timeout))
        return self._deadline < math.inf

    def wait_until(self, done: Callable[[], bool], beyond: float = 0.0) -> bool:
        """Wait for `done`, up to `beyond` seconds after the deadline; tell whether it came."""
        while not done():
            left = self._deadline + beyond - time.monotonic()
            if left <= 0:
                return False
            self.wait(min(left, 0.02))
        return True
