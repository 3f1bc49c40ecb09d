"""``rapport classify``: judge texts, streaming."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from typing import Any, cast

import click

from monitor.assess import Assessor, make_assessor
from monitor.assess.base import DEFAULT_THRESHOLD
from monitor.assess.chunks import BLOCK, Chunker
from monitor.assess.stream import Answers, judge_chunk
from monitor.cli.classify_jobs import WorkerDied, Workers
from monitor.cli.say import fail

_WORKER = (sys.executable, "-P", "-m", "monitor.cli.classify_worker")
_MOST_JOBS = 256
_TELL_SECONDS = 0.5


def _codes(_: click.Context, __: click.Parameter, given: str | None) -> list[str] | None:
    if given is None:
        return None
    codes = [code.strip().lower() for code in given.split(",")]
    for code in codes:
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise click.BadParameter(f"{code!r} is no ISO 639-1 code; write them as en,de")
    return codes


@click.command()
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=DEFAULT_THRESHOLD,
    show_default=True,
    help="Complaint probability from which a text counts as a complaint.",
)
@click.option(
    "--languages",
    metavar="CODES",
    callback=_codes,
    help="The languages that texts come in, such as en,de; helps with short texts. Default: any.",
)
@click.option(
    "--jobs",
    type=click.IntRange(0, _MOST_JOBS),
    default=1,
    show_default=True,
    help="How many processes judge; 0: one for each core.",
)
def classify(threshold: float, languages: list[str] | None, jobs: int) -> None:
    """Judge texts: NDJSON on standard input, one judgement a line on standard output.

    Each line is {"id", "text"} and may hold "title", "rating" (1 to 5), "language", "kind" (the
    kind of mention, such as review or mail) and "share" (of complaints among the texts of its
    source, 0 to 1). Each answer is {"id"} and the whole assessment, in the same order and
    written as soon as it is known, however many processes judge. Memory stays constant.

    A line that cannot be read is answered with {"id", "line", "error"}, the rest goes on, and
    the exit code is 1. Needs no configuration.

    \b
    Examples:
      rapport classify --jobs 0 < texts.ndjson > judged.ndjson
      echo '{"id": 1, "text": "Cold food, never again", "rating": 1}' | rapport classify
    """
    options = {"threshold": threshold, "languages": languages}
    try:
        assessor = make_assessor(threshold, languages)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    source = cast(BufferedReader, sys.stdin.buffer)
    tally = _Tally()
    try:
        with _judging(source, assessor, options, jobs or _cores()) as stream:
            for answers in stream:
                tally.add(answers)  # before anybody can see them, so that none is seen uncounted
                sys.stdout.buffer.write(answers.data)
                sys.stdout.buffer.flush()
    except KeyboardInterrupt:
        tally.end()
        sys.stdout.buffer.flush()
        fail(f"stopped after {_counted(tally.answered, 'answer')}")
    except WorkerDied as died:
        tally.end()
        fail(
            f"a worker ended ({died}) after {_counted(tally.answered, 'answer')}; the rest is "
            "missing; if memory ran out, use fewer --jobs"
        )
    tally.end()
    if tally.failed:
        fail(f"{_counted(tally.failed, 'line')} could not be read")


@contextmanager
def _judging(
    source: BufferedReader, assessor: Assessor, options: dict[str, Any], jobs: int
) -> Iterator[Iterator[Answers]]:
    if jobs == 1:
        yield _alone(source, assessor)
    else:
        with Workers((*_WORKER, json.dumps(options)), jobs) as workers:
            yield workers.judge(source)


def _alone(source: BufferedReader, assessor: Assessor) -> Iterator[Answers]:
    # A read brings what is there, and waits only when nothing is: all that it brings is answered
    # before the next one.
    chunker = Chunker()
    while block := source.read1(BLOCK):
        for chunk in chunker.feed(block):
            yield judge_chunk(chunk, assessor)
    for chunk in chunker.end():
        yield judge_chunk(chunk, assessor)


def _cores() -> int:
    """How many cores we may use; in a container they may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return min(_MOST_JOBS, len(os.sched_getaffinity(0)))
    return min(_MOST_JOBS, os.cpu_count() or 1)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


class _Tally:
    """Counts answers, and shows a person how far they are unless the answers themselves do."""

    def __init__(self) -> None:
        self.answered = 0
        self.failed = 0
        self._began = time.monotonic()
        self._told = 0.0
        seen = sys.stdin.isatty() or sys.stdout.isatty()
        self._tells = sys.stderr.isatty() and not seen

    def add(self, answers: Answers) -> None:
        self.answered += answers.data.count(b"\n")
        self.failed += answers.failed
        if self._tells and time.monotonic() >= self._told + _TELL_SECONDS:
            self._tell()

    def end(self) -> None:
        """Show the final count, and leave it there."""
        if self._tells:
            self._tell()
            click.echo(err=True)

    def _tell(self) -> None:
        self._told = time.monotonic()
        rate = self.answered / max(self._told - self._began, 0.001)
        click.echo(
            f"\r{_counted(self.answered, 'line')}, {rate:,.0f} a second ", nl=False, err=True
        )
