"""``rapport classify`` as others use it: in a pipeline, for hours, and cut off at any moment."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from monitor.assess import Assessment
from tests.support.running import PATIENCE, ROOT, eventually

# Whoever runs the tests in the background has Ctrl-C ignored, and so would their children.
RAPPORT = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from monitor.cli import main; main()"
)
COMMAND = (sys.executable, "-c", RAPPORT, "classify")
JOBS = ("1", "3")
PROC = Path("/proc")


@contextmanager
def classifying(*options: str, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command in a process group of its own, with a pipe at each end."""
    with subprocess.Popen(
        [*COMMAND, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=ROOT,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def classify(*options: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *options],
        input=given,
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=2 * PATIENCE,
    )


def line(number: int, text: str = "The soup was cold, never again") -> bytes:
    return json.dumps({"id": number, "text": text}).encode() + b"\n"


def ask(process: subprocess.Popen[bytes], number: int) -> dict[str, object]:
    """Give one line, and wait for its answer while the pipe stays open."""
    sink, source = pipes(process)
    sink.write(line(number))
    sink.flush()
    found: dict[str, object] = json.loads(source.readline())
    return found


def flood(process: subprocess.Popen[bytes]) -> None:
    while True:
        os.write(pipes(process)[0].fileno(), line(2) * 100)


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def said(process: subprocess.Popen[bytes]) -> str:
    """What it wrote to standard error until its end."""
    assert process.stderr is not None
    return process.stderr.read().decode()


def children(of: int) -> list[int]:
    found = []
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == of and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_many_processes_answer_as_one_does() -> None:
    given = b"".join(
        line(number, f"Order {number} came late") if number % 50 else b"broken\n"
        for number in range(1, 2_000)
    )
    alone, together = (classify("--jobs", jobs, given=given) for jobs in JOBS)
    assert together.stdout == alone.stdout
    found = [json.loads(each) for each in alone.stdout.splitlines()]
    assert [each["id"] or each["line"] for each in found] == list(range(1, 2_000))
    assert tuple(found[0]) == ("id", *Assessment.FIELDS)
    assert alone.returncode == together.returncode == 1
    assert alone.stderr == together.stderr == b"rapport: 39 lines could not be read\n"


@pytest.mark.parametrize("jobs", JOBS)
def test_each_line_is_answered_while_the_pipe_stays_open(jobs: str) -> None:
    with classifying("--jobs", jobs) as process:
        assert [ask(process, number)["id"] for number in range(3)] == [0, 1, 2]
        pipes(process)[0].close()
        assert process.wait(PATIENCE) == 0
        assert said(process) == ""


@pytest.mark.parametrize("jobs", JOBS)
def test_ctrl_c_ends_it_in_one_line_and_leaves_nobody(jobs: str) -> None:
    with classifying("--jobs", jobs) as process:
        ask(process, 1)
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 1
        assert said(process) == "rapport: stopped after 1 answer\n"
        assert pipes(process)[1].read() == b""
        assert [pid for pid in workers if (PROC / str(pid)).exists()] == []


@pytest.mark.parametrize("jobs", JOBS)
def test_it_ends_quietly_when_nobody_reads_the_answers(jobs: str) -> None:
    with classifying("--jobs", jobs) as process:
        ask(process, 1)
        pipes(process)[1].close()
        with pytest.raises(BrokenPipeError):  # it ends while there is more to judge
            flood(process)
        assert process.wait(PATIENCE) == 1
        assert said(process) == ""


@pytest.mark.skipif(not PROC.is_dir(), reason="finds the workers in /proc")
def test_a_worker_that_is_killed_is_told_of() -> None:
    with classifying("--jobs", "3") as process:
        ask(process, 1)
        workers = children(process.pid)
        assert len(workers) == 3
        os.kill(workers[0], signal.SIGKILL)
        assert process.wait(PATIENCE) == 1
        (told,) = said(process).splitlines()
        assert told.startswith("rapport: a worker ended (signal 9, Killed) after 1 answer;")
        assert "fewer --jobs" in told
        assert [pid for pid in workers if (PROC / str(pid)).exists()] == []


@pytest.mark.skipif(not PROC.is_dir(), reason="finds the workers in /proc")
def test_workers_end_when_their_parent_is_killed() -> None:
    with classifying("--jobs", "2") as process:
        ask(process, 1)
        workers = children(process.pid)
        process.kill()
        process.wait(PATIENCE)
        eventually(
            lambda: not any((PROC / str(pid)).exists() for pid in workers), "the workers to end"
        )


@pytest.mark.parametrize("jobs", JOBS)
def test_a_line_of_a_hundred_megabytes_is_told_and_not_kept(jobs: str) -> None:
    def peak(given: bytes, times: int) -> int:
        """The most memory that it or a worker took, in bytes; on Linux it is told in KiB."""
        with classifying("--jobs", jobs) as process:
            sink, source = pipes(process)
            ask(process, 1)
            for _ in range(times):
                sink.write(given)
            sink.write(b"\n" + line(3))
            sink.close()
            answers = [json.loads(each) for each in source.read().splitlines()]
            assert [each["id"] for each in answers] == ([None, 3] if times else [3])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    megabyte = b"a" * 1_000_000
    assert peak(megabyte, 100) < peak(megabyte, 0) + 60_000_000


@pytest.mark.parametrize("jobs", JOBS)
def test_half_characters_and_bytes_that_are_no_text_break_nothing(jobs: str) -> None:
    given = (
        rb'{"id": "\ud800", "text": "cold"}' + b"\n"
        rb'{"id": 2, "text": "cold \udfff"}' + b"\n"
        b'{"id": 3, "text": "\xff"}\n' + b"[" * 100_000 + b"\n"
        b'{"id": 5, "text": "gut", "rating": NaN}\n' + line(6)
    )
    done = classify("--jobs", jobs, given=given)
    found = [json.loads(each) for each in done.stdout.decode("utf-8").splitlines()]
    assert [(each["id"], each.get("line")) for each in found] == [
        ("\ud800", 1),
        (2, 2),
        (None, 3),
        (None, 4),
        (5, 5),
        (6, None),
    ]
    assert done.stderr == b"rapport: 5 lines could not be read\n"
    assert done.returncode == 1


@pytest.mark.parametrize("jobs", JOBS)
def test_threshold_and_languages_reach_the_assessor(jobs: str) -> None:
    given = b'{"id": 1, "text": "La minestra era fredda e il cameriere davvero scortese con noi"}\n'
    options = ("--jobs", jobs, "--threshold", "0.25", "--languages", "es, de")
    found = json.loads(classify(*options, given=given).stdout)
    assert found["threshold"] == 0.25
    assert found["language"] != "it"
    assert json.loads(classify("--jobs", jobs, given=given).stdout)["language"] == "it"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--threshold", "1.5"), ("--threshold", "0"), ("--languages", "english"), ("--jobs", "-1")],
)
def test_an_option_that_makes_no_sense_is_told_in_one_line(option: str, value: str) -> None:
    done = classify(option, value, given=line(1))
    assert done.returncode == 2
    assert done.stdout == b""
    (told,) = done.stderr.decode().splitlines()
    assert option in told


def test_a_person_who_waits_sees_how_far_it_is() -> None:
    terminal, theirs = pty.openpty()
    with classifying(stderr=theirs) as process:
        os.close(theirs)
        ask(process, 1)
        pipes(process)[0].close()
        assert process.wait(PATIENCE) == 0
        shown = os.read(terminal, 10_000).decode()
        os.close(terminal)
    assert "\r1 line, " in shown
    assert shown.endswith("a second \r\n")
