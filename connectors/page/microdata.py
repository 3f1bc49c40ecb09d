"""Reads microdata items into the shape of JSON-LD nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from connectors.text import clip

DEEPEST = 8
"""Items within items that are followed; a review's rating and author lie at the first level."""
LONGEST = 50_000
MOST_STEPS = 1_000_000
_ADDRESS = {
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("img", "audio", "embed", "iframe", "source", "track", "video"), "src"),
    "object": "data",
}
_KNOWN = ("schema.org/", "data-vocabulary.org/")
_BREAKS = frozenset({"br", "p", "div", "li"})


def items_of(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """Return the page's schema.org items of the types that matter here, in order.

    An item's properties are found as the HTML standard says (section 5.2.5): descendants that
    are not inside another item, and elements named by ``itemref``.
    """
    reader = _Reader(soup)
    found = []
    for tag in soup.find_all(itemscope=True):
        kind = str(tag.get("itemtype") or "").lower()
        if any(name in kind for name in _KNOWN) and ("review" in kind or "aggregaterating" in kind):
            found.append(reader.item(tag))
    return found


class _Reader:
    """Reads items with a limit on the elements looked at, for elements may nest without end."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._soup = soup
        self._left = MOST_STEPS

    def item(self, tag: Tag, depth: int = 0) -> dict[str, Any]:
        node: dict[str, Any] = {"@type": str(tag.get("itemtype") or "").split()}
        for prop in self._properties(tag):
            inner = prop.has_attr("itemscope") and depth < DEEPEST
            value = self.item(prop, depth + 1) if inner else self._value(prop)
            names = prop.get("itemprop") or ""
            for name in names if isinstance(names, list) else str(names).split():
                if name in node:
                    before = node[name]
                    node[name] = [*before, value] if isinstance(before, list) else [before, value]
                else:
                    node[name] = value
        return node

    def _properties(self, item: Tag) -> Iterator[Tag]:
        waiting: list[Tag] = []
        for name in reversed(str(item.get("itemref") or "").split()[:50]):
            other = self._soup.find(id=name)
            if isinstance(other, Tag) and other is not item:
                waiting.append(other)
        waiting.extend(child for child in reversed(item.contents) if isinstance(child, Tag))
        while waiting and self._left > 0:
            tag = waiting.pop()
            self._left -= 1
            if tag.has_attr("itemprop"):
                yield tag
            if not tag.has_attr("itemscope"):
                waiting.extend(child for child in reversed(tag.contents) if isinstance(child, Tag))

    def _value(self, tag: Tag) -> str:
        by_name = {"time": "datetime", "data": "value", "meter": "value", **_ADDRESS}
        for attribute in ("content", by_name.get(tag.name, "")):
            if attribute and tag.has_attr(attribute):
                return str(tag[attribute]).strip()
        if tag.name == "meta":
            return ""
        parts: list[str] = []
        for part in tag.descendants:
            self._left -= 1
            if self._left <= 0:
                break
            if isinstance(part, Tag):
                if part.name in _BREAKS:
                    parts.append("\n")
            elif part.parent is not None and part.parent.name not in ("script", "style"):
                parts.append(" ".join(str(part).split()) + " " if str(part).strip() else " ")
        text = "\n".join(" ".join(line.split()) for line in "".join(parts).split("\n"))
        return clip(text.strip(), LONGEST)
