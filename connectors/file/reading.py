"""One pass over one file: what it is, then its mentions page by page."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from zoneinfo import ZoneInfo

from connectors.base import FoundMention, Page, Problem
from connectors.dates import parse_date, sniff_order
from connectors.file.decode import find_encoding, foreign, open_text
from connectors.file.headers import FIELDS
from connectors.file.mentions import MentionMaker
from connectors.file.settings import FileSettings
from connectors.file.table import CsvTable, JsonTable, Record, looks_like_json
from connectors.ratings import likely_top, parse_rating
from connectors.text import clip

PAGE_ROWS = 1000
_ID, _RATING, _TOP = FIELDS.index("id"), FIELDS.index("rating"), FIELDS.index("rating_max")
_UPDATED = FIELDS.index("updated_at")
_SURVEYED = itemgetter(_ID, _RATING, _TOP)
KEPT_BYTES = 8 << 20
"""A file up to this size is parsed once and kept; a larger one is parsed twice and streamed."""
_NEVER = datetime.min.replace(tzinfo=UTC)

OnProgress = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes there are."""


class Unreadable(Exception):
    """The whole file cannot be read; the message is a sentence for a person."""


class Reading:
    """An open file being read. `rows` counts what was handed out: mentions and problems;
    `finished` becomes true with the last page.

    With `settled` false the file may still be being written: a last row that is not complete is
    then left out and `held_back` becomes true, so that the caller looks again later.

    Raises `Unreadable` when it is no text or has no usable header.
    """

    def __init__(
        self, path: Path, where: str, settings: FileSettings, *, settled: bool = True
    ) -> None:
        self.where = where
        self.rows = 0
        self.finished = False
        self.held_back = False
        self._kept: list[Record | Problem] | None = None
        self._settings = settings
        self._settled = settled
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}") from error
        try:
            self._prepare()
        except BaseException:
            self._file.close()
            raise

    def _prepare(self) -> None:
        self.size = self._file.seek(0, io.SEEK_END)
        self._file.seek(0)
        if wrong := foreign(self._file.read(32)):
            raise Unreadable(wrong)
        self.notes: list[Problem] = []
        self._encoding = self._settings.encoding
        if self._encoding == "auto":
            self._encoding, odd_line = find_encoding(self._file)
            if odd_line:
                self.notes.append(
                    Problem(
                        f"{self.where}:{odd_line}",
                        "not UTF-8 from here on; such bytes are read as Windows-1252",
                    )
                )
        if not self._settled:
            self.held_back = self._incomplete()
        text = open_text(self._file, self._encoding)
        try:
            is_json = looks_like_json(text.read(4096))
            text.detach()
            text = open_text(self._file, self._encoding)
            columns = self._settings.columns
            self._table: CsvTable | JsonTable = (
                JsonTable(self.where, columns)
                if is_json
                else CsvTable(self.where, text, columns, self._settings.delimiter)
            )
        except LookupError as error:
            raise Unreadable(str(error)) from error
        finally:
            text.detach()
        self._survey()
        self._pages = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._pages.close()
        self._file.close()

    def next_page(self) -> tuple[list[FoundMention], list[Problem]] | None:
        """Return the next mentions and problems, or None at the end of the file."""
        return next(self._pages, None)

    def bytes_read(self) -> int:
        """Return how far into the file the reading is."""
        return min(self._file.tell(), self.size) if not self._file.closed else self.size

    def _records(self) -> Iterator[Record | Problem]:
        if self._kept is not None:
            yield from self._kept
            return
        text = open_text(self._file, self._encoding)

        def reopen() -> io.TextIOWrapper:
            nonlocal text
            text.detach()
            text = open_text(self._file, self._encoding)
            return text

        try:
            yield from self._table.records(reopen)
        finally:
            text.detach()

    def _surveyed(self) -> Iterator[Sequence[Any]]:
        """Yield (id, rating, rating_max) of every row."""
        if self.size <= KEPT_BYTES:
            self._kept = list(self._records())
        elif isinstance(self._table, CsvTable):
            text = open_text(self._file, self._encoding)
            try:
                yield from self._table.quick(text, "id", "rating", "rating_max")
            except csv.Error:
                pass  # an odd quotation mark; the careful way below copes with it
            else:
                return
            finally:
                text.detach()
        for record in self._records():
            if not isinstance(record, Problem):
                yield _SURVEYED(record[1])

    def _survey(self) -> None:
        """Read all rows once for what only the whole file tells: its scale, its repeated ids.

        A file may hold several states of one review, as an event log does. Only the latest may
        pass: were each handed out in turn, every later import would replay the old ones.
        """
        seen: set[str] = set()
        repeated: set[str] = set()
        scores: set[str] = set()
        for ident, rating, top in self._surveyed():
            if ident:
                if ident in seen:
                    repeated.add(ident)
                seen.add(ident)
            if rating and not top:
                scores.add(rating)
        bare = [score for score, top in map(parse_rating, scores) if score is not None and not top]
        self._highest = self._settings.rating_max or likely_top(max(bare, default=5.0))
        self._lowest = 1.0 if min(bare, default=1.0) >= 1 else 0.0
        order = self._settings.date_order
        self._order = (
            sniff_order(self._table.sample_of("created_at", "updated_at"))
            if order == "auto"
            else order
        )
        zone = self._settings.timezone
        self._zone: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
        self._latest = self._find_latest(repeated) if repeated else {}

    def _find_latest(self, repeated: set[str]) -> dict[str, int]:
        """Return the line that counts for each repeated id: the last updated, else the last."""
        latest: dict[str, tuple[datetime, int]] = {}
        for record in self._records():
            if isinstance(record, Problem) or record[1][_ID] not in repeated:
                continue
            line, values = record
            moment = parse_date(values[_UPDATED], self._zone, self._order)
            if (moment or _NEVER, line) >= latest.get(values[_ID], (_NEVER, 0)):
                latest[values[_ID]] = (moment or _NEVER, line)
        return {ident: line for ident, (_, line) in latest.items()}

    def _read(self) -> Generator[tuple[list[FoundMention], list[Problem]]]:
        maker = MentionMaker(
            self.where,
            kind=self._settings.kind,
            rating_min=self._lowest,
            rating_max=self._highest,
            zone=self._zone,
            order=self._order,
        )
        make, latest = maker.make, self._latest
        mentions: list[FoundMention] = []
        problems = list(self.notes)
        waiting: deque[FoundMention | Problem] = deque()
        for record in self._records():
            if isinstance(record, Problem):
                made: FoundMention | Problem = record
            elif latest and latest.get(record[1][_ID], record[0]) != record[0]:
                made = self._superseded(*record)
            else:
                made = make(*record)
            if self.held_back:
                # The last row waits one turn, and is dropped when nothing follows it.
                waiting.append(made)
                if len(waiting) == 1:
                    continue
                made = waiting.popleft()
            if isinstance(made, Problem):
                problems.append(made)
            else:
                mentions.append(made)
            self.rows += 1
            if self.rows % PAGE_ROWS == 0:
                yield mentions, problems
                mentions, problems = [], []
        self.finished = True
        yield mentions, problems

    def _superseded(self, line: int, values: Sequence[Any]) -> Problem:
        ident = str(values[_ID])
        return Problem(
            f"{self.where}:{line}",
            f"the id {clip(ident, 40)!r} stands again in line {self._latest[ident]}, which counts",
        )

    def _incomplete(self) -> bool:
        """Tell whether the file ends in the middle of a row: no line end, or an open quote."""
        self._file.seek(0)
        quotes, last = 0, b""
        while block := self._file.read(1 << 20):
            quotes += block.count(b'"')
            last = (last + block)[-4:]
        return bool(last) and (b"\n" not in last.replace(b"\0", b"")[-1:] or quotes % 2 == 1)


def read_file(
    path: str | Path,
    settings: FileSettings | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[Page]:
    """Read one file from start to end and yield its pages, for imports and previews.

    `settings` says how to read it (its own `path` is not looked at). `on_progress` is called
    after each page. Page cursors count rows. A file that cannot be read at all gives one page
    with one problem.
    """
    path = Path(path)
    chosen = settings or FileSettings(path=str(path))
    try:
        reading = Reading(path, path.name, chosen)
    except Unreadable as error:
        yield Page((), {"rows": 0}, problems=(Problem(path.name, str(error)),))
        return
    with reading:
        while (found := reading.next_page()) is not None:
            if on_progress is not None:
                on_progress(reading.bytes_read(), reading.size)
            mentions, problems = found
            more = not reading.finished
            yield Page(tuple(mentions), {"rows": reading.rows}, more, tuple(problems))
