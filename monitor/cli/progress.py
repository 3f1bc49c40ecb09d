"""Shows that long work goes on: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

LINE_SECONDS = 5.0


class Report(Protocol):
    """Tells how far the work is."""

    def __call__(self, done: int, what: str, /) -> None:
        """`done` is out of the total the progress began with; `what` says it in words."""


@contextmanager
def progress(label: str, total: int) -> Iterator[Report]:
    """Yield a function that takes how much is done of `total`, and words for it."""
    if sys.stderr.isatty():
        with click.progressbar(length=max(1, total), label=label, file=sys.stderr) as bar:

            def move(done: int, what: str) -> None:
                bar.label = f"{label}: {what}"
                bar.update(max(0, min(done, total) - bar.pos))

            yield move
        return
    last = time.monotonic()

    def tell(done: int, what: str) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            share = f"{100 * done // total} %, " if total else ""
            click.echo(f"{label}: {share}{what}", err=True)

    yield tell
