"""YAML as a tree of nodes that know their places, with bounded depth and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Reader
except ImportError:  # PyYAML was built without libyaml: the same events, more slowly
    from yaml import SafeLoader as _Reader  # type: ignore[assignment]

MAX_DEPTH = 40
MAX_NODES = 200_000

_CORE = "tag:yaml.org,2002:"
_TAGS = {
    None,
    "!",
    *(_CORE + kind for kind in ("str", "int", "float", "bool", "null", "seq", "map")),
}


@dataclass(slots=True, eq=False)
class Node:
    """One YAML node. `start` and `end` are the parser's marks: line, column and index from 0."""

    start: Any
    end: Any
    size: int = 1
    depth: int = 1


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """A single value, as written; `plain` when it may be more than text."""

    text: str = ""
    plain: bool = True
    block: bool = False


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """A list; `flow` when written in brackets."""

    items: list[Node] = field(default_factory=list)
    flow: bool = False


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """Keys and values; `flow` when written in braces."""

    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    flow: bool = False
    pending: Node | None = None


@dataclass(slots=True, eq=False)
class Alias(Node):
    """A reference to a node that stands earlier in the file."""

    target: Node | None = None


def target(node: Node | None) -> Node | None:
    """Return what an alias stands for; any other node is its own target."""
    return node.target if isinstance(node, Alias) else node


def build(text: str) -> Node | None:
    """Make the tree from the parser's events.

    PyYAML's own composer recurses without a limit and unfolds nothing, so neither depth nor
    size could be bounded before the damage is done. Raises `yaml.MarkedYAMLError`.
    """
    reader = _Reader(text)
    anchors: dict[str, Node] = {}
    stack: list[Node] = []
    root: Node | None = None
    try:
        while (event := reader.get_event()) is not None:
            node: Node
            if isinstance(event, yaml.ScalarEvent):
                if event.tag not in _TAGS:
                    raise _fault("a tag (`!…`) has no meaning here", event)
                plain = event.style in (None, "")
                node = Scalar(
                    event.start_mark,
                    event.end_mark,
                    text=event.value,
                    plain=plain and event.tag not in (_CORE + "str", "!"),
                    block=event.style in ("|", ">"),
                )
            elif isinstance(event, yaml.AliasEvent):
                meant = anchors.get(event.anchor or "")
                if meant is None:
                    raise _fault("the alias `*…` names no anchor `&…` above it", event)
                if any(meant is opened for opened in stack):
                    raise _fault("an alias refers to the value it stands in", event)
                node = Alias(event.start_mark, event.end_mark, target=meant)
                node.size, node.depth = meant.size, meant.depth
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                kind = Sequence if isinstance(event, yaml.SequenceStartEvent) else Mapping
                node = kind(event.start_mark, event.end_mark, flow=bool(event.flow_style))
                if event.tag not in _TAGS:
                    raise _fault("a tag (`!…`) has no meaning here", event)
                if len(stack) >= MAX_DEPTH:
                    raise _fault(f"is nested more than {MAX_DEPTH} levels deep", event)
                if event.anchor is not None:
                    anchors[event.anchor] = node
                stack.append(node)
                continue
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                node = stack.pop()
                node.end = event.end_mark
            elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise _fault("a second document (`---`) begins here; one file holds one", event)
            else:
                continue
            if isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
                anchors[event.anchor] = node
            if not stack:
                root = node
                continue
            _adopt(stack[-1], node)
            if stack[-1].size > MAX_NODES or stack[-1].depth > MAX_DEPTH:
                raise _fault("unfolds to too many values through its aliases", event)
    finally:
        reader.dispose()
    return root


def _adopt(parent: Node, child: Node) -> None:
    parent.size += child.size
    parent.depth = max(parent.depth, child.depth + 1)
    if isinstance(parent, Sequence):
        parent.items.append(child)
    elif isinstance(parent, Mapping):
        if parent.pending is None:
            parent.pending = child
        else:
            parent.pairs.append((parent.pending, child))
            parent.pending = None


def _fault(message: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)
