"""A file or folder as a source: what changed since last time, read page by page."""

from __future__ import annotations

import os
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    Page,
    Problem,
)
from connectors.dates import utc_now
from connectors.errors import BadSettings, Unavailable
from connectors.file.reading import Reading, Unreadable
from connectors.file.settings import FileSettings

SUFFIXES = frozenset({".csv", ".tsv", ".ndjson", ".jsonl"})
FOREIGN_SUFFIXES = frozenset({".xlsx", ".xls", ".ods", ".zip", ".gz", ".json"})
"""Dropped in by mistake often enough to be told so rather than passed over."""
SETTLING_SECONDS = 2.0
"""A file changed this recently may still be being written."""

Signature = list[int]


class FileConnector(BaseConnector):
    """Reads what is new or changed under one path. The cursor holds size and time of each file.

    A changed file is read again as a whole; the core recognises the rows it knows. A file that
    vanished says nothing about its mentions. A copy of a file that was read, or the file itself
    under a new name, is told and left out: its rows would all be taken for new ones.
    """

    name = "file"

    def __init__(self, settings: FileSettings, context: Context) -> None:
        self._settings = settings
        self._path = Path(context.base_dir, os.path.expanduser(settings.path))  # noqa: PTH111 - joined to base_dir unless absolute
        self._now = context.now or utc_now
        self._reading: Reading | None = None
        said = settings.model_dump_json(exclude={"path"})
        self._print = blake2b(said.encode(), digest_size=8).hexdigest()

    def fetch(self, cursor: Cursor) -> Page:
        """Return up to a thousand rows of the next changed file; see `Connector.fetch`.

        Raises `BadSettings` when there never was such a path, `Unavailable` when it is gone.
        """
        files = self._list(bool(cursor))
        same = cursor.get("settings") == self._print
        known = {n: s for n, s in cursor.get("files", {}).items() if same and n in files}
        held = {n: s for n, s in cursor.get("held", {}).items() if same and n in files}
        current: dict[str, Any] = cursor.get("current") or {} if same else {}
        name = str(current.get("name", ""))
        if name not in files or not self._goes_on(current, files):
            self._close_reading()
            name = self._next(files, known, held)
            current = {"name": name, "signature": files.get(name), "rows": 0}
        contents: dict[str, str] = dict(cursor.get("contents", {})) if same else {}
        state: dict[str, Any] = {"settings": self._print, "files": known, "contents": contents}
        if not name:
            if held:
                state["held"] = held
            return Page((), state, unchanged=True)
        held.pop(name, None)
        if not current["rows"]:
            current["content"] = self._content_of(name)
            twin = contents.get(current["content"], name)
            if twin != name:
                known[name] = current["signature"]
                copy = Problem(name, f"holds the same as {twin}, which was read; it is left out")
                return Page((), state, bool(self._next(files, known, held)), (copy,))
        reading = None
        problems: list[Problem] = []
        mentions: list[FoundMention] = []
        try:
            reading = self._read_on(name, current)
            mentions, problems = reading.next_page() or ([], [])
        except Unreadable as error:
            if self._settled(files[name]):
                problems = [Problem(name, str(error))]
        if reading is not None and not reading.finished:
            state["current"] = {**current, "rows": reading.rows}
        elif (reading is not None and not reading.held_back) or (problems and reading is None):
            known[name] = current["signature"]
            contents[current.get("content", name)] = name
        else:
            held[name] = current["signature"]
        if "current" not in state:
            self._close_reading()
        if held:
            state["held"] = held
        more = "current" in state or bool(self._next(files, known, held))
        return Page(tuple(mentions), state, more, tuple(problems))

    def verify(self) -> Health:
        """Tell what lies under the path, and whether the first file can be read."""
        files = self._list(seen_before=False)
        if not files:
            return Health(True, f"{self._path.name} is empty; drop a CSV or NDJSON file into it")
        name = next(iter(files))
        try:
            with Reading(self._full(name), name, self._settings) as reading:
                found = reading.next_page() or ([], [])
        except Unreadable as error:
            return Health(False, f"{name}: {error}", "Correct the file, or name its columns")
        return Health(
            True,
            f"{len(files)} files; {name} starts with {len(found[0])} readable rows"
            f" and {len(found[1])} problems",
        )

    def close(self) -> None:
        self._close_reading()

    def _list(self, seen_before: bool) -> dict[str, Signature]:
        """Return the files under the path with their signatures; costs one stat each."""
        try:
            if self._path.is_dir():
                with os.scandir(self._path) as entries:
                    found = [
                        (entry.name, entry.stat())
                        for entry in entries
                        if _wanted(entry.name) and entry.is_file()
                    ]
                return {name: _signature(stat) for name, stat in sorted(found)}
            return {self._path.name: _signature(self._path.stat())}
        except FileNotFoundError as error:
            if seen_before:
                raise Unavailable(f"{self._path} is gone") from error
            raise BadSettings(f"{self._path} does not exist") from error
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}") from error

    def _content_of(self, name: str) -> str:
        """Return a digest of the file's bytes; a new one for a file that cannot be read."""
        try:
            with self._full(name).open("rb") as file:
                return file_digest(file, _blake2b).hexdigest()
        except OSError:
            return name

    def _full(self, name: str) -> Path:
        return self._path / name if self._path.is_dir() else self._path

    def _next(
        self,
        files: dict[str, Signature],
        known: dict[str, Signature],
        held: dict[str, Signature],
    ) -> str:
        """Return the first file to read, or nothing. One held back waits until it is settled."""
        for name, signature in files.items():
            if known.get(name) == signature:
                continue
            if held.get(name) == signature and not self._settled(signature):
                continue
            return name
        return ""

    def _settled(self, signature: Signature) -> bool:
        age = self._now().timestamp() - signature[1] / 1e9
        return abs(age) >= SETTLING_SECONDS

    def _goes_on(self, current: dict[str, Any], files: dict[str, Signature]) -> bool:
        """Tell whether the file in the cursor is the open one, or still as it was."""
        reading = self._reading
        if reading and (reading.where, reading.rows) == (current["name"], current["rows"]):
            return True
        return bool(files[current["name"]] == current["signature"])

    def _read_on(self, name: str, current: dict[str, Any]) -> Reading:
        reading = self._reading
        if reading is None or (reading.where, reading.rows) != (name, current["rows"]):
            self._close_reading()
            settled = self._settled(current["signature"])
            reading = Reading(self._full(name), name, self._settings, settled=settled)
            self._reading = reading
            while reading.rows < current["rows"] and reading.next_page() is not None:
                # After a restart the pages that are stored are read over, not handed out again.
                continue
        return reading

    def _close_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _blake2b() -> Any:
    return blake2b(digest_size=16)


def _signature(stat: os.stat_result) -> Signature:
    # The time of the last change of permissions counts too: it may have become readable.
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def _wanted(name: str) -> bool:
    if name.startswith((".", "~", "_")):
        return False
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, on the path of every poll
    return suffix in SUFFIXES or suffix in FOREIGN_SUFFIXES
