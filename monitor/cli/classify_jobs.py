"""Judge a stream on several processes at once, and answer in order.

One loop and no threads: it waits for whatever comes next, input or an answer. A worker has one
chunk at a time, so that it and its parent never both wait for the other to read from a full pipe.
Input is read only while a worker is free, so that a slow reader of the answers slows everything
down instead of filling memory.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from types import TracebackType

from monitor.assess.chunks import BLOCK, Chunk, Chunker
from monitor.assess.stream import Answers, refuse_too_long
from monitor.cli.classify_worker import Ended, receive_answers, send_chunk

_AHEAD = 4  # Chunks per worker that may be done before the one whose turn it is.


class WorkerDied(Exception):
    """A worker ended before its time; says how."""


class Workers:
    """Processes that judge, each started with ``command``, which runs `classify_worker.serve`."""

    def __init__(self, command: Sequence[str], jobs: int) -> None:
        self._most = _AHEAD * jobs
        self._unsent: deque[Chunk] = deque()
        self._turns: deque[_Turn] = deque()
        self._workers: list[_Worker] = []
        try:
            while len(self._workers) < jobs:
                self._workers.append(_Worker(command))
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def judge(self, source: BufferedReader) -> Iterator[Answers]:
        """Yield the answers to the lines of a pipe or file, in order and as soon as known.

        Raises WorkerDied when a worker has ended; what was yielded until then is whole chunks.
        """
        chunker = Chunker()
        reading = True
        while reading or self._turns:
            room = not self._unsent and len(self._turns) < self._most and self._free() is not None
            if self._wait(source if reading and room else None):
                block = source.read1(BLOCK)
                reading = bool(block)
                self._unsent += chunker.feed(block) if block else chunker.end()
            self._hand_out()
            while self._turns and (answers := self._turns[0].answers) is not None:
                self._turns.popleft()
                yield answers
                self._hand_out()

    def end(self) -> None:
        """End every worker, at once and whatever it is doing: workers hold nothing to lose."""
        for worker in self._workers:
            worker.end()

    def _free(self) -> _Worker | None:
        return next((worker for worker in self._workers if worker.turn is None), None)

    def _hand_out(self) -> None:
        while self._unsent and len(self._turns) < self._most:
            turn = _Turn()
            if self._unsent[0].too_long:
                turn.answers = refuse_too_long(self._unsent[0])
            elif free := self._free():
                free.give(self._unsent[0], turn)
            else:
                return
            self._unsent.popleft()
            self._turns.append(turn)

    def _wait(self, source: BufferedReader | None) -> bool:
        """Wait for answers, which are taken, or for input; return whether there is input."""
        watched: list[_Worker | BufferedReader] = [*self._workers]
        if source is not None:
            watched.append(source)
        ready, _, _ = select.select(watched, [], [])
        for each in ready:
            if isinstance(each, _Worker):
                each.take()
        return source in ready


class _Turn:
    """The place of a chunk among those that are not answered yet."""

    answers: Answers | None = None


class _Worker:
    def __init__(self, command: Sequence[str]) -> None:
        # It finds the same modules as we do. The process group is its own because Ctrl-C is for
        # its parent alone, which ends it.
        self._process = subprocess.Popen(  # noqa: S603  our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(entry or "." for entry in sys.path)},
            process_group=0,
        )
        assert self._process.stdin is not None, "started with a pipe"
        assert self._process.stdout is not None, "started with a pipe"
        self._chunks, self._answers = self._process.stdin, self._process.stdout
        self.turn: _Turn | None = None

    def fileno(self) -> int:
        """Return what becomes readable when there is an answer, or never will be."""
        return self._answers.fileno()

    def give(self, chunk: Chunk, turn: _Turn) -> None:
        try:
            send_chunk(self._chunks, chunk)
        except BrokenPipeError:
            # Not to be taken for the end of those who read the answers.
            raise self._died() from None
        self.turn = turn

    def take(self) -> None:
        try:
            answers = receive_answers(self._answers)
        except Ended:
            raise self._died() from None
        assert self.turn is not None, "answers only what it is given"
        self.turn.answers, self.turn = answers, None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with suppress(BrokenPipeError):
            self._chunks.close()  # writes what is left of a chunk, and finds nobody

    def _died(self) -> WorkerDied:
        code = self._process.wait()
        if code < 0:
            return WorkerDied(f"signal {-code}, {signal.strsignal(-code)}")
        return WorkerDied(f"exit code {code}")
