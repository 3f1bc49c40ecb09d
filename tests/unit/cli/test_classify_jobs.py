"""Many workers answer in order, hold little, and one that ends early is told of.

The workers are real processes around a stand-in assessor that is slow, or ends its process, at
the word of a text.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.assess.chunks import BLOCK
from monitor.cli.classify_jobs import WorkerDied, Workers

WORKER = """\
import os, signal, time
from monitor.assess import make_assessor
from monitor.cli.classify_worker import own_pipes, serve

JUDGED = make_assessor().assess("fine")

class Moody:
    version = "moody"

    def assess_many(self, utterances):
        texts = {each.text for each in utterances}
        if "slow" in texts:
            time.sleep(0.5)
        if "print" in texts:
            print("not an answer", flush=True)
        if "kill" in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        if "exit" in texts:
            os._exit(7)
        return [JUDGED] * len(utterances)

serve(Moody(), *own_pipes())
"""
COMMAND = (sys.executable, "-c", WORKER)
JOBS = 3


def line(number: int, text: str = "fine") -> bytes:
    return json.dumps({"id": number, "text": text}).encode() + b"\n"


@contextmanager
def stream(path: Path, *parts: bytes) -> Iterator[tuple[Workers, Iterator[bytes]]]:
    path.write_bytes(b"".join(parts))
    with path.open("rb") as source, Workers(COMMAND, JOBS) as workers:
        yield workers, (answers.data for answers in workers.judge(source))


def ids(answers: bytes) -> list[int]:
    return [json.loads(each)["id"] for each in answers.splitlines()]


def test_answers_keep_the_order_of_the_lines_whoever_is_quicker(tmp_path: Path) -> None:
    # The first worker is still at its chunk when the others are done with all the rest.
    rest = b"".join(map(line, range(1, 10_000)))
    with stream(tmp_path / "in", line(0, "slow"), rest) as (_, answers):
        assert ids(b"".join(answers)) == list(range(10_000))


def test_no_more_is_read_than_may_wait_for_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(line(0, "slow") + line(1) * 100_000)
    with path.open("rb") as source, Workers(COMMAND, JOBS) as workers:
        first = next(workers.judge(source))
        assert b'"id": 0,' in first.data
        assert source.tell() <= 14 * BLOCK < path.stat().st_size


def test_a_lone_line_is_answered_while_the_pipe_stays_open() -> None:
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb") as source,
        os.fdopen(writing, "wb", 0) as sink,
        Workers(COMMAND, JOBS) as workers,
    ):
        answers = workers.judge(source)
        for number in range(5):
            sink.write(line(number) + b'{"id": "not yet')
            assert ids(next(answers).data) == [number]
            sink.write(b'", "text": "whole"}\n')
            assert json.loads(next(answers).data)["id"] == "not yet"
        sink.close()
        assert list(answers) == []


@pytest.mark.parametrize(
    ("text", "how"), [("kill", f"signal {signal.SIGKILL:d}"), ("exit", "exit code 7")]
)
def test_a_worker_that_ends_is_told_of_after_what_came_before(
    text: str, how: str, tmp_path: Path
) -> None:
    before = b"".join(map(line, range(5_000)))
    told: list[bytes] = []
    with (
        stream(tmp_path / "in", before, line(5_000, text), before) as (_, answers),
        pytest.raises(WorkerDied, match=how),
    ):
        told.extend(answers)
    answered = ids(b"".join(told))
    assert answered == list(range(len(answered)))
    assert len(answered) <= 5_000


def test_workers_that_cannot_start_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(line(1) * 10_000)
    command = (sys.executable, "-c", "raise SystemExit(5)")
    with (
        (tmp_path / "in").open("rb") as source,
        Workers(command, JOBS) as workers,
        pytest.raises(WorkerDied, match="exit code 5"),
    ):
        list(workers.judge(source))


def test_what_is_printed_in_a_worker_is_no_answer(tmp_path: Path) -> None:
    with stream(tmp_path / "in", line(1, "print"), line(2)) as (_, answers):
        assert ids(b"".join(answers)) == [1, 2]


def test_a_line_too_long_keeps_its_place(tmp_path: Path) -> None:
    long = b'"' + b"a" * 10_000_000 + b'"\n'
    with stream(tmp_path / "in", line(1), long, line(3)) as (_, answers):
        first, second, third = (json.loads(each) for each in b"".join(answers).splitlines())
    assert (first["id"], second["line"], third["id"]) == (1, 2, 3)
    assert "longer than" in second["error"]


def test_nothing_to_judge_is_no_answer(tmp_path: Path) -> None:
    with stream(tmp_path / "in") as (_, answers):
        assert list(answers) == []
