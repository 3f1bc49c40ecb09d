"""Sets keys of one section of the configuration file, leaving everything else as it stands.

As with sources (`monitor.config.edit`): the text is spliced, read back, and the file left
unchanged unless it then says exactly what it said, with these keys set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from monitor.config.edit import EditRefused
from monitor.config.loading import check_text, read_text
from monitor.config.problems import Problem
from monitor.config.splicing import content_end, insert, line_end, plain, swap_file
from monitor.config.yamlnodes import Mapping as MappingNode
from monitor.config.yamlnodes import Node, Scalar
from monitor.config.yamltree import Unreadable, read
from monitor.config.yamlwrite import Dumper

_BY_HAND = "left unchanged; the file is written in a way that cannot be edited safely; set by hand:"


def set_section(
    path: Path,
    section: str,
    values: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
) -> list[Problem]:
    """Set `values` in `section` of the file at `path`, at once or not at all.

    The section is made when it is not there. Returns what is left to do: warnings, and secrets
    that are not there yet. Raises `EditRefused`, and `OSError` where the folder cannot be written.
    """
    place = Path(os.path.realpath(path))  # a symbolic link stays one
    text, problem = read_text(place)
    if problem is not None:
        raise EditRefused(f"left unchanged; {problem}")
    edited = set_values(text, section, values, str(path))
    found = check_text(edited, str(path), environ=environ, with_secrets=False)
    errors = tuple(each for each in found if each.severity == "error")
    if errors:
        raise EditRefused("left unchanged; the edit would not load:", errors)
    if edited != text:
        if read_text(place)[0] != text:
            raise EditRefused("left unchanged; the file was changed by someone else meanwhile")
        swap_file(place, edited)
    return check_text(edited, str(path), environ=environ)


def set_values(
    text: str, section: str, values: Mapping[str, Any], name: str = "config.yaml"
) -> str:
    """Return `text` with `values` set in its `section`; raise `EditRefused`."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    edited = text.removeprefix(mark)
    newline = "\r\n" if "\r\n" in edited else "\n"
    wanted = {key: plain(value) for key, value in values.items()}
    try:
        before = read(edited, name).value or {}
        old = before.get(section) or {}
        for key, value in wanted.items():
            if key not in old or old[key] != value:
                edited = _set(edited, section, key, value, newline, name)
        after = read(edited, name).value
    except (Unreadable, AttributeError):
        after = before = old = None
    if not isinstance(old, dict) or after != {**before, section: {**old, **wanted}}:
        raise EditRefused(f"{_BY_HAND}\n{_lines({section: wanted})}")
    return mark + edited


def _set(text: str, section: str, key: str, value: Any, newline: str, name: str) -> str:
    root = read(text, name).root
    if root is not None and (not isinstance(root, MappingNode) or root.flow):
        raise EditRefused("left unchanged; the file is not written as keys, one to a line")
    entry = _pair(root, section) if root is not None else None
    if entry is None:
        head = text if not text or text.endswith("\n") else text + newline
        gap = newline if head else ""
        return head + gap + _lines({section: {key: value}}).replace("\n", newline)
    heading, held = entry
    if isinstance(held, MappingNode) and held.pairs:
        known = _pair(held, key)
        if known is not None:
            start, end = int(known[1].start.index), content_end(text, known[1])
            space = "" if end > start or text[:start].endswith(" ") else " "
            return text[:start] + space + _flow(value) + text[end:]
        if held.flow:
            at = int(held.pairs[-1][1].end.index)
            return text[:at] + f", {key}: {_flow(value)}" + text[at:]
        at = line_end(text, content_end(text, held))
        return insert(text, at, [_indented(held, key, value) + newline], newline)
    # `slack: {}`, `slack: null` or nothing: what stands there gives way.
    start, end = int(held.start.index), int(held.end.index)
    kept = text[:start].rstrip() + text[end:] if end > start else text
    at = line_end(kept, int(heading.end.index))
    return insert(kept, at, [f"  {key}: {_flow(value)}{newline}"], newline)


def _pair(node: Node, key: str) -> tuple[Node, Node] | None:
    pairs = node.pairs if isinstance(node, MappingNode) else []
    return next(
        (pair for pair in pairs if isinstance(pair[0], Scalar) and pair[0].text == key), None
    )


def _indented(held: MappingNode, key: str, value: Any) -> str:
    return " " * int(held.pairs[0][0].start.column) + f"{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """Return a value on one line: a scalar, or a list in brackets."""
    written = yaml.dump(
        value,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=True,
        width=1_000_000,
    )
    return str(written).strip().removesuffix("...").strip()


def _lines(value: Mapping[str, Any]) -> str:
    [(section, values)] = value.items()
    return f"{section}:\n" + "".join(f"  {key}: {_flow(each)}\n" for key, each in values.items())
