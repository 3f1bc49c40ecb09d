"""Imports one file as the watched folder would, without touching the folder's cursor."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from connectors.base import MentionRef
from connectors.file import read_file
from monitor.clock import Clock
from monitor.intake.counts import Counts
from monitor.intake.store import PageStore

SELDOM = 50_000
"""So many objects more than are gone before Python looks for cycles among them."""

OnProgress = Callable[[int, Counts], None]
"""Takes the bytes read so far and the counts so far."""


def import_file(
    store: PageStore, source_id: int, path: Path, clock: Clock, on_progress: OnProgress
) -> Counts:
    """Store every row of `path` under the source; return what came of it."""
    total = Counts()
    position = 0

    def note(read: int, _size: int) -> None:
        nonlocal position
        position = read

    with _looking_for_cycles_seldom():
        for page in read_file(path, on_progress=note):
            counts = store.store(
                source_id,
                page,
                clock(),
                saved=_nothing,
                confirm_deletion=_the_file_says_so,
                filed=True,
            )
            total.add(counts)
            on_progress(position, total)
    return total


@contextmanager
def _looking_for_cycles_seldom() -> Iterator[None]:
    """Spare an import a sixth of its time: it makes objects by the million, and hardly a cycle."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _nothing(session: Session) -> None:
    """Nothing moves with an imported page: it has no cursor."""


def _the_file_says_so(_ref: MentionRef) -> bool:
    """A row that says "deleted" is the only word there is."""
    return True
