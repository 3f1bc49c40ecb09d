"""Reads YAML into plain values, remembering where each of them stands.

Plain scalars follow the core schema of YAML 1.2, as editors do: only ``true`` and ``false`` are
booleans (``no`` is Norwegian), and dates and times stay text. Anchors, aliases and merge keys
work; what refers to itself, nests too deeply or unfolds to a huge tree is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from monitor.config.problems import Path, Problem, dotted
from monitor.config.yamlnodes import Mapping, Node, Scalar, Sequence, build, target

MAX_CHARACTERS = 4_000_000

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_OTHER_INT = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HINTS = {
    "mapping values are not allowed": "text with a colon needs quotes, or the indent is wrong",
    "did not find expected": "look for a wrong indent, or a quote or bracket left open above",
    "could not find expected ':'": "look for a key without a colon",
    "cannot start any token": "text that begins with this character needs quotes",
    "unexpected end of stream": "look for a quote or bracket left open",
}


class Unreadable(Exception):
    """The text is no YAML that can be used; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Document:
    """The values of one file (`value`), their places, and the problems met in reading it."""

    def __init__(self, name: str, root: Node | None) -> None:
        self.name = name
        self.root = root
        self.problems: list[Problem] = []
        self._indexed: dict[Node, dict[str, tuple[Node, Node]]] = {}
        self.value = self._convert(root, ()) if root is not None else None

    def locate(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Return line and column of the value at `path`, or of its key, counted from 1.

        A value that begins below its key, or is empty, is placed at the key. Where the path ends
        before its last step, the place of the last thing found is given.
        """
        node, place = self.root, self.root
        for at, step in enumerate(path, 1):
            inner = self._step(node, step)
            if inner is None:
                break
            name, node = inner
            place = node
            if name is not None and (
                key or node.start.line > name.start.line or _is_empty(node) or at < len(path)
            ):
                place = name
        return (place.start.line + 1, place.start.column + 1) if place is not None else (1, 1)

    def holds(self, path: Path) -> bool:
        """Tell whether something, if only an empty value, is written at `path`."""
        node = self.root
        for step in path:
            inner = self._step(node, step)
            if inner is None:
                return False
            node = inner[1]
        return True

    def problem(self, path: Path, message: str, *, key: bool = False, **rest: Any) -> Problem:
        """Return a problem placed at `path`; `rest` are further fields of `Problem`."""
        line, column = self.locate(path, key=key)
        return Problem(self.name, line, column, dotted(path), message, **rest)

    def _step(self, node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
        """Return the key, if there is one, and the value that `step` leads to from `node`."""
        node = target(node)
        if isinstance(node, Sequence) and isinstance(step, int):
            return (None, node.items[step]) if step < len(node.items) else None
        if not isinstance(node, Mapping):
            return None
        if node not in self._indexed:
            self._indexed[node] = {}
            for text, key, value in _entries(node):
                self._indexed[node].setdefault(text, (key, value))
        return self._indexed[node].get(str(step))

    def _convert(self, node: Node, path: Path) -> Any:
        node = target(node) or node
        if isinstance(node, Sequence):
            return [self._convert(item, (*path, i)) for i, item in enumerate(node.items)]
        if isinstance(node, Mapping):
            return self._convert_mapping(node, path)
        assert isinstance(node, Scalar)
        return _plain_value(node)

    def _convert_mapping(self, node: Mapping, path: Path) -> dict[str, Any]:
        first: dict[str, Node] = {}
        for key, _ in node.pairs:
            scalar = target(key)
            if not isinstance(scalar, Scalar):
                self._note(key, path, "a key cannot be a list or a mapping", "text as the key")
            elif scalar.text in first:
                line = first[scalar.text].start.line + 1
                self._note(key, (*path, scalar.text), f"given twice; the first is on line {line}")
            else:
                first[scalar.text] = key
        if "<<" in first:
            value = next(v for k, v in node.pairs if k is first["<<"])
            if any(not isinstance(source, Mapping) for source in _merged(value)):
                self._note(
                    value, path, "`<<` takes the keys of a mapping", "an alias such as *name"
                )
        found: dict[str, Any] = {}
        for text, _, value in _entries(node):
            found.setdefault(text, self._convert(value, (*path, text)))
        return found

    def _note(self, node: Node, path: Path, message: str, expected: str = "") -> None:
        line, column = node.start.line + 1, node.start.column + 1
        self.problems.append(
            Problem(self.name, line, column, dotted(path), message, expected=expected)
        )


def read(text: str, name: str) -> Document:
    """Read `text`; `name` stands in problems. Raises `Unreadable` where no tree comes of it."""

    def refuse(message: str, line: int = 0, column: int = 0) -> Unreadable:
        return Unreadable(Problem(name, line, column, "", message))

    if len(text) > MAX_CHARACTERS:
        raise refuse(f"is longer than {MAX_CHARACTERS:,} characters; this is no configuration")
    text = text.removeprefix("\ufeff")
    odd = _UNREADABLE.search(text)
    if odd is not None:
        line = text.count("\n", 0, odd.start()) + 1
        column = odd.start() - text.rfind("\n", 0, odd.start())
        raise refuse(f"holds the unreadable character U+{ord(odd[0]):04X}; remove it", line, column)
    try:
        root = build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        raise refuse(_explain(error, text, mark), line, column) from None
    return Document(name, root)


def _explain(error: yaml.MarkedYAMLError, text: str, mark: Any) -> str:
    """Say in one line what the parser met. Its own snippet is left out: it may show a secret."""
    lines = text.splitlines()
    if mark is not None and mark.line < len(lines):
        before = lines[mark.line][: mark.column + 1]
        if "\t" in before and not before.strip():
            return "not valid YAML: a tab stands in the indent; use spaces"
    said = re.sub(r"'[^']{2,}'", "…", error.problem or "cannot be read")
    hint = next((hint for part, hint in _HINTS.items() if part in said), "")
    return f"not valid YAML: {said}" + (f"; {hint}" if hint else "")


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and not node.text


def _merged(value: Node) -> list[Node | None]:
    value = target(value) or value
    return [target(item) for item in value.items] if isinstance(value, Sequence) else [value]


def _entries(node: Mapping) -> Iterator[tuple[str, Node, Node]]:
    """Yield key, key node and value node: first the mapping's own, then those merged into it."""
    merges: list[Node] = []
    for key, value in node.pairs:
        scalar = target(key)
        if not isinstance(scalar, Scalar):
            continue
        if scalar.text == "<<" and scalar.plain:
            merges.append(value)
        else:
            yield scalar.text, key, value
    for value in merges:
        for source in _merged(value):
            if isinstance(source, Mapping):
                yield from _entries(source)


def _plain_value(node: Scalar) -> Any:
    text = node.text
    if not node.plain:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and len(text) <= 40:
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


def core_resolvers() -> list[tuple[str, re.Pattern[str]]]:
    """Return what turns a plain scalar into more than text, for a writer to quote by."""
    kinds = [("null", _NULL), ("bool", _BOOL), ("int", _INT), ("int", _OTHER_INT)]
    kinds += [("float", _FLOAT), ("float", _NOT_FINITE)]
    return [(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{p.pattern})$")) for kind, p in kinds]
