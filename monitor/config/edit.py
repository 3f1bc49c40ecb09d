"""Adds a source to the configuration file, leaving everything else as it stands.

The new lines are spliced into the text at places that the YAML parser reports, so comments,
order and indentation survive. The result is read back: unless it loads, and says exactly what
the old text said plus the new source, the file is left unchanged.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from connectors.secrets import Secret
from monitor.config.durations import format_duration
from monitor.config.loading import check_text, read_text
from monitor.config.problems import Problem
from monitor.config.yamlnodes import Mapping as MappingNode
from monitor.config.yamlnodes import Node, Scalar, Sequence
from monitor.config.yamltree import Unreadable, read
from monitor.config.yamlwrite import Dumper


class EditRefused(Exception):
    """The file was left unchanged; the message says why, `problems` what would not load."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__("\n".join([message, *(str(problem) for problem in problems)]))
        self.problems = problems


def add_source(
    path: Path, source: Mapping[str, Any], *, environ: Mapping[str, str] | None = None
) -> list[Problem]:
    """Append `source` to the list of sources in the file at `path`, at once or not at all.

    Returns what is left to do: warnings, and secrets that are not there yet. Raises
    `EditRefused`, and `OSError` where the folder cannot be written.
    """
    place = Path(os.path.realpath(path))  # a symbolic link stays one
    text, problem = read_text(place)
    if problem is not None:
        raise EditRefused(f"left unchanged; {problem}")
    edited = insert_source(text, source, str(path))
    found = check_text(edited, str(path), environ=environ, with_secrets=False)
    errors = tuple(each for each in found if each.severity == "error")
    if errors:
        raise EditRefused("left unchanged; the edit would not load:", errors)
    if read_text(place)[0] != text:
        raise EditRefused("left unchanged; the file was changed by someone else meanwhile")
    _replace(place, edited)
    return check_text(edited, str(path), environ=environ)


def insert_source(text: str, source: Mapping[str, Any], name: str = "config.yaml") -> str:
    """Return `text` with `source` at the end of its `sources`; raise `EditRefused`."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    newline = "\r\n" if "\r\n" in body else "\n"
    plain = {key: _plain(value) for key, value in source.items()}
    try:
        document = read(body, name)
        edited = _splice(body, document.root, plain, newline)
        after = read(edited, name).value
    except Unreadable as error:
        raise EditRefused(f"left unchanged; {error.problem}") from None
    before = document.value or {}
    expected = {**before, "sources": [*(before.get("sources") or []), plain]}
    if after != expected:
        raise EditRefused(
            "left unchanged; the file is written in a way that cannot be edited safely; add the "
            "source by hand:\n" + "".join(_block(plain, 2, 2, "\n"))
        )
    return mark + edited


def _splice(text: str, root: Node | None, source: dict[str, Any], newline: str) -> str:
    if root is not None and (not isinstance(root, MappingNode) or root.flow):
        raise EditRefused("left unchanged; the file is not written as keys, one to a line")
    entry = next((pair for pair in root.pairs if _is_sources(pair[0])), None) if root else None
    if entry is None:
        head = text if not text or text.endswith("\n") else text + newline
        gap = newline if head else ""
        return head + gap + "sources:" + newline + "".join(_block(source, 2, 2, newline))
    key, value = entry
    if isinstance(value, Sequence) and value.items and value.flow:
        at = value.items[-1].end.index
        return text[:at] + ", " + _flow(source) + text[at:]
    if isinstance(value, Sequence) and value.items:
        return _append(text, value, source, newline)
    if isinstance(value, Sequence) or (isinstance(value, Scalar) and value.plain):
        # `sources: []`, `sources: null` or nothing: what stands there gives way to the item.
        start, end = value.start.index, value.end.index
        kept = text[:start].rstrip() + text[end:] if end > start else text
        line_end = _line_end(kept, key.end.index)
        return _insert(kept, line_end, _block(source, 2, 2, newline), newline)
    raise EditRefused("left unchanged; `sources` is not a list")


def _append(text: str, items: Sequence, source: dict[str, Any], newline: str) -> str:
    last, dash = items.items[-1], int(items.start.column)
    before = text[text.rfind("\n", 0, last.start.index) + 1 : last.start.index]
    offset = last.start.column - dash if before[dash:].strip(" ") == "-" else 2
    at = _line_end(text, _content_end(text, last))
    while at < len(text):
        begin = at + (2 if text[at] == "\r" else 1)
        end = _line_end(text, begin)
        line = text[begin:end]
        # Comments that stand deeper than the dash belong to the item above them.
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= dash:
            break
        at = end
    return _insert(text, at, _block(source, dash, offset, newline), newline)


def _content_end(text: str, node: Node) -> int:
    """Return where the last word of `node` ends: a block's own end mark lies beyond comments."""
    if isinstance(node, MappingNode) and not node.flow and node.pairs:
        return _content_end(text, node.pairs[-1][1])
    if isinstance(node, Sequence) and not node.flow and node.items:
        return _content_end(text, node.items[-1])
    end = int(node.end.index)
    if isinstance(node, Scalar) and node.block:
        return int(node.start.index) + len(text[node.start.index : end].rstrip())
    return end


def _line_end(text: str, at: int) -> int:
    """Return the index of the line break (or the end of the text) at or after `at`."""
    found = text.find("\n", at)
    if found < 0:
        return len(text)
    return found - 1 if text[found - 1 : found] == "\r" and found > at else found


def _insert(text: str, at: int, lines: list[str], newline: str) -> str:
    rest = text[at:]
    if not rest:
        return text + newline + "".join(lines)
    return text[:at] + newline + "".join(lines).removesuffix(newline) + rest


def _block(source: Mapping[str, Any], dash: int, offset: int, newline: str) -> list[str]:
    """Return the lines of one list item whose dash stands in column `dash`."""
    written = yaml.dump(
        dict(source),
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=10_000,
        indent=2,
    )
    lines = written.splitlines()
    first = " " * dash + "-" + " " * (offset - 1)
    return [
        (first if number == 0 else " " * (dash + offset)) + line + newline
        for number, line in enumerate(lines)
    ]


def _flow(source: Mapping[str, Any]) -> str:
    written = yaml.dump(
        dict(source),
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=True,
        width=10_000,
    )
    return str(written).strip()


def _is_sources(key: Node) -> bool:
    return isinstance(key, Scalar) and key.text == "sources"


def _plain(value: Any) -> Any:
    """Return a value as it is written in the file."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Secret):
        return value.reference
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _replace(path: Path, text: str) -> None:
    """Swap the file for one with the new text: readers see the old one or the new one, whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)  # noqa: PTH105 - the two names are what matters here
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
