"""Adds a source to the configuration file, leaving everything else as it stands.

The new lines are spliced into the text at places that the YAML parser reports, so comments,
order and indentation survive. The result is read back: unless it loads, and says exactly what
the old text said plus the new source, the file is left unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from monitor.config.loading import check_text, read_text
from monitor.config.problems import Problem
from monitor.config.splicing import content_end, insert, line_end, plain, swap_file
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
    swap_file(place, edited)
    return check_text(edited, str(path), environ=environ)


def insert_source(text: str, source: Mapping[str, Any], name: str = "config.yaml") -> str:
    """Return `text` with `source` at the end of its `sources`; raise `EditRefused`."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    newline = "\r\n" if "\r\n" in body else "\n"
    written = {key: plain(value) for key, value in source.items()}
    try:
        document = read(body, name)
        edited = _splice(body, document.root, written, newline)
        after = read(edited, name).value
    except Unreadable as error:
        raise EditRefused(f"left unchanged; {error.problem}") from None
    before = document.value or {}
    expected = {**before, "sources": [*(before.get("sources") or []), written]}
    if after != expected:
        raise EditRefused(
            "left unchanged; the file is written in a way that cannot be edited safely; add the "
            "source by hand:\n" + "".join(_block(written, 2, 2, "\n"))
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
        at = line_end(kept, key.end.index)
        return insert(kept, at, _block(source, 2, 2, newline), newline)
    raise EditRefused("left unchanged; `sources` is not a list")


def _append(text: str, items: Sequence, source: dict[str, Any], newline: str) -> str:
    last, dash = items.items[-1], int(items.start.column)
    before = text[text.rfind("\n", 0, last.start.index) + 1 : last.start.index]
    offset = last.start.column - dash if before[dash:].strip(" ") == "-" else 2
    at = line_end(text, content_end(text, last))
    while at < len(text):
        begin = at + (2 if text[at] == "\r" else 1)
        end = line_end(text, begin)
        line = text[begin:end]
        # Comments that stand deeper than the dash belong to the item above them.
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= dash:
            break
        at = end
    return insert(text, at, _block(source, dash, offset, newline), newline)


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
