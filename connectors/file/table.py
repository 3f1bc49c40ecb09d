"""Reads the rows of one CSV or NDJSON file, whatever state it is in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from connectors.base import Problem
from connectors.file.headers import FIELDS, called_text, choose, recognised
from connectors.file.settings import Columns
from connectors.text import clip, one_line

LONGEST = 1 << 20
"""Characters in one NDJSON line or one CSV field at most; a longer one is an open quote."""
DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
Reopen = Callable[[], io.TextIOWrapper]
"""Gives the text of the file from its start; the text given before is of no more use."""
Record = tuple[int, Sequence[Any]]
"""The line where a row starts, and its values in the order of `FIELDS`."""

# The limit belongs to the process; it is only ever raised, for others may need more.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST))


class _End:
    """Stands behind the last line and notices that the reader asked for more."""

    def __init__(self) -> None:
        self.reached = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.reached = True
        raise StopIteration


def looks_like_json(head: str) -> bool:
    """Tell whether a file that starts with `head` holds JSON objects rather than columns."""
    return head.lstrip("\ufeff \t\r\n").startswith("{")


class CsvTable:
    """A delimited file whose first row names its columns."""

    def __init__(
        self, where: str, file: io.TextIOWrapper, columns: Columns, delimiter: str
    ) -> None:
        """Read the header; raise `LookupError` with a sentence when there is no usable one."""
        self.where = where
        lines = list(islice(file, SAMPLE_LINES))
        head = "".join(lines)
        self.delimiter = sniff_delimiter(head) if delimiter == "auto" else delimiter
        rows = _sampled(head, self.delimiter)
        if not rows:
            raise LookupError("the file is empty")
        self.header = [one_line(name).strip("\ufeff") for name in rows[0]]
        body = rows[1:-1] if len(lines) == SAMPLE_LINES else rows[1:]  # the last may be cut
        self.samples = {
            index: [row[index] for row in body if index < len(row)]
            for index in range(len(self.header))
        }
        self.chosen = choose(self.header, columns, self.samples)
        if not {"text", "rating"} & self.chosen.keys():
            self.chosen = called_text(self.header, columns, self.chosen)
        if not {"text", "rating"} & self.chosen.keys():
            shown = ", ".join(repr(clip(name, 30)) for name in self.header[:12])
            raise LookupError(
                f"no column is known as the text or the rating; the columns are {shown}; "
                "name them under `columns`"
            )
        width = len(self.header)
        # A field without a column reads the blank that is added behind each row.
        self.pick = itemgetter(*(self.chosen.get(field, width) for field in FIELDS))

    def sample_of(self, *fields: str) -> list[str]:
        """Return sampled values of the columns that `fields` are read from."""
        return [
            value
            for field in fields
            if field in self.chosen
            for value in self.samples.get(self.chosen[field], ())
        ]

    def records(self, reopen: Reopen) -> Iterator[Record | Problem]:
        """Yield each row, or why it cannot be read.

        A quotation mark that opens and never closes would swallow the rest of the file, so
        after one the reading starts again on the next line. `reopen` gives the text again.
        """
        done, broken = 0, True
        while broken:
            broken = False
            for record in self._rows(islice(reopen(), done, None), done):
                if isinstance(record, int):
                    yield Problem(
                        f"{self.where}:{record}", "a quotation mark opens here and does not close"
                    )
                    done, broken = record, True
                    break
                yield record

    def _rows(self, lines: Iterator[str], done: int) -> Iterator[Record | Problem | int]:
        """Yield rows of `lines`, which follow line `done`; a line number ends it: an open quote."""
        end = _End()
        reader = csv.reader(chain(lines, end), delimiter=self.delimiter)
        pick, width, headed = self.pick, len(self.header), done > 0
        line = done
        while True:
            start = line + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield start
                return
            line = done + reader.line_num
            if end.reached:
                yield start
                return
            if not any(row):
                continue
            if not headed:
                headed = True
            elif len(row) == width:
                row.append("")
                yield start, pick(row)
            elif len(row) > width and not any(row[width:]):
                yield start, pick([*row[:width], ""])
            else:
                upto = f" (to line {line})" if line > start else ""
                yield Problem(
                    f"{self.where}:{start}",
                    f"the row has {len(row)} fields where the header has {width}{upto}",
                )

    def quick(self, file: io.TextIOWrapper, *fields: str) -> Iterator[tuple[str, ...]]:
        """Yield the values of `fields` of each regular row, without lines and problems.

        Raises `csv.Error` where a quotation mark is out of place; then only `records` knows.
        """
        reader = csv.reader(file, delimiter=self.delimiter, strict=True)
        width = len(self.header)
        pick = itemgetter(*(self.chosen.get(field, width) for field in fields))
        for row in reader:
            if len(row) == width:
                row.append("")
                yield pick(row)


class JsonTable:
    """A file with one JSON object a line."""

    def __init__(self, where: str, columns: Columns) -> None:
        self.where = where
        self._columns = columns
        self._keys: dict[tuple[str, ...], dict[str, str]] = {}

    def sample_of(self, *fields: str) -> list[str]:
        """Return nothing: a JSON file is not sampled."""
        return []

    def records(self, reopen: Reopen) -> Iterator[Record | Problem]:
        """Yield each object's values, or why a line cannot be read."""
        line, file = 0, reopen()
        while text := file.readline(LONGEST):
            line += 1
            place = f"{self.where}:{line}"
            if len(text) == LONGEST and not text.endswith("\n"):
                while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                    pass
                yield Problem(place, "the line is longer than 1 MB")
                continue
            text = text.strip().lstrip("\ufeff")
            if not text:
                continue
            try:
                found = json.loads(text, strict=False)
            except RecursionError:
                yield Problem(place, "the line is nested too deeply")
                continue
            except ValueError as error:
                yield Problem(place, f"the line is no JSON ({clip(str(error), 80)})")
                continue
            if not isinstance(found, dict):
                yield Problem(place, f"the line holds a {type(found).__name__}, not an object")
                continue
            try:
                yield line, self._values(found)
            except LookupError as error:
                yield Problem(place, str(error))

    def _values(self, found: Mapping[str, Any]) -> list[Any]:
        names = tuple(found)
        keys = self._keys.get(names)
        if keys is None:
            keys = self._choose(names, found)
            if len(self._keys) < 1000:
                self._keys[names] = keys
        return [_plain(_follow(found, keys[field])) if field in keys else "" for field in FIELDS]

    def _choose(self, names: tuple[str, ...], found: Mapping[str, Any]) -> dict[str, str]:
        pointers = {
            field: name
            for field, name in self._columns.model_dump(exclude_none=True).items()
            if name.startswith("/")
        }
        # An object may leave a key out, so a name in the settings that is absent is no error.
        folded = {name.casefold() for name in names}
        named = self._columns.model_copy(
            update={
                field: None
                for field, name in self._columns.model_dump(exclude_none=True).items()
                if name and name.casefold() not in folded
            }
        )
        samples = {index: [_plain(value)] for index, value in enumerate(found.values())}
        chosen = choose(names, named, samples)
        keys = {field: names[index] for field, index in chosen.items()}
        keys.update(pointers)
        if "text" not in keys and "rating" not in keys and "action" not in keys:
            shown = ", ".join(repr(clip(name, 30)) for name in names[:12])
            raise LookupError(f"no key is known as the text or the rating; the keys are {shown}")
        return keys


def sniff_delimiter(head: str) -> str:
    """Return the delimiter with which the start of a file makes the most sense.

    The best one names the most known columns, then splits the most rows as it splits the first.
    """
    best, most = ",", (-1, -1.0, -1)
    for delimiter in DELIMITERS:
        rows = _sampled(head, delimiter)
        if not rows:
            continue
        width = len(rows[0])
        alike = sum(1 for row in rows if len(row) == width) / len(rows)
        score = (recognised(rows[0]), alike if width > 1 else 0.0, width)
        if score > most:
            best, most = delimiter, score
    return best


def _sampled(head: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of `head` that are not blank, as far as they can be read."""
    rows: list[list[str]] = []
    try:
        for row in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 120):
            if any(row):
                rows.append(row)  # noqa: PERF401 - what was read before an error is kept
    except csv.Error:
        pass  # the reading itself reports it, with its line
    return rows


def _follow(found: Any, key: str) -> Any:
    """Return what a key, or a JSON Pointer (RFC 6901), names; None where it names nothing."""
    if not key.startswith("/") or (isinstance(found, dict) and key in found):
        return found.get(key)
    for part in key[1:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _plain(value: Any, depth: int = 0) -> str:
    """Return a JSON value as the text that a column would hold."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
    if depth > 3:
        return ""
    if isinstance(value, dict):
        for key in ("name", "displayName", "display_name", "username", "ratingValue", "label",
                    "text", "value", "id"):  # fmt: skip
            if value.get(key) not in (None, ""):
                return _plain(value[key], depth + 1)
        return ""
    if isinstance(value, list):
        return "\n".join(_plain(item, depth + 1) for item in value[:100])
    return ""
