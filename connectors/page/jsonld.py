"""Finds the nodes of JSON-LD in a page, past the many ways in which sites break it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.text import clip

MOST_NODES = 200_000
"""Values looked at in one page; beyond, it is no page of reviews but an attack."""
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)+|"
    r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)+\s*$"
)
_COMMENTS = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|<!--.*?-->', re.S)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.S)


def _nothing(_: str) -> None:
    return None


_DECODER = json.JSONDecoder(strict=False, parse_constant=_nothing)  # NaN is no rating


class BrokenBlock(ValueError):
    """A block that is no JSON even with much good will; the message says why."""


def load_block(text: str) -> list[Any]:
    """Return the values in one block of JSON-LD; raise `BrokenBlock`.

    Forgives what real pages hold: control characters in strings, HTML comments and CDATA marks
    around, JavaScript comments within, commas before a bracket, apostrophes with a backslash,
    entities in place of quotes, and several values one after the other.
    """
    text = text.strip().lstrip("\ufeff")
    bare = _WRAPPING.sub("", text).strip()
    if not bare:
        return []
    first = ""
    for attempt in _attempts(text, bare):
        try:
            return _values(attempt.strip())
        except RecursionError as error:
            raise BrokenBlock("it is nested too deeply") from error
        except ValueError as error:
            first = first or str(error)
    raise BrokenBlock(clip(first, 80))


def _attempts(text: str, bare: str) -> Iterator[str]:
    yield bare
    yield _mended(text)
    yield _mended(bare)
    yield _mended(html.unescape(bare))


def _mended(text: str) -> str:
    return _LAST_COMMA.sub(r"\1", _COMMENTS.sub(r"\1", text)).replace("\\'", "'")


def _values(text: str) -> list[Any]:
    found: list[Any] = []
    at = 0
    while at < len(text):
        value, at = _DECODER.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return found


class Graph:
    """All nodes of a page's JSON-LD in order, with references between them resolved."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self.nodes: list[tuple[str, Mapping[str, Any]]] = []
        """Each node with the key under which it stands in its parent."""
        self._by_id: dict[str, Mapping[str, Any]] = {}
        # An own stack instead of recursion: depth is the sender's choice.
        waiting: list[tuple[str, Any]] = [("", root) for root in reversed(list(roots))]
        seen = 0
        while waiting and seen < MOST_NODES:
            key, value = waiting.pop()
            seen += 1
            if isinstance(value, list):
                waiting.extend((key, one) for one in reversed(value))
            elif isinstance(value, dict):
                self.nodes.append((key, value))
                name = value.get("@id")
                if isinstance(name, str) and len(value) > len(self._by_id.get(name, ())):
                    self._by_id[name] = value
                waiting.extend((str(k), v) for k, v in reversed(value.items()))

    def resolve(self, value: Any) -> Any:
        """Return the full node where `value` only refers to one by its `@id`."""
        if isinstance(value, dict):
            name = value.get("@id")
            if isinstance(name, str) and name in self._by_id:
                full = self._by_id[name]
                return full if len(full) > len(value) else value
        return value

    def each(self, value: Any) -> Iterator[Any]:
        """Yield the values in `value`, lists opened and references resolved."""
        waiting = [value]
        for _ in range(1000):
            if not waiting:
                return
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(reversed(one))
            elif one is not None:
                yield self.resolve(one)


def types_of(node: Mapping[str, Any]) -> set[str]:
    """Return a node's types in lower case, without ``https://schema.org/`` and the like."""
    said = node.get("@type", ())
    names = said if isinstance(said, list) else [said]
    return {re.split(r"[/#:]", one)[-1].lower() for one in names if isinstance(one, str)}
