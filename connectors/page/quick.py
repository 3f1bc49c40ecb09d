"""Finds the JSON-LD of a plain page without building its tree.

Building a tree costs a hundred times what the reviews in it cost. A page that says them in
JSON-LD only, and whose markup keeps to a strict grammar, is walked through once. At the first
doubt `blocks_of` returns None, and the tree is built as ever; a test holds both results against
each other.
"""

from __future__ import annotations

import html
import re

from bs4.dammit import UnicodeDammit

_NAME = r"[A-Za-z][A-Za-z0-9:-]*+"
_ATTRIBUTE = r"([^\s\"'<>/=`]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>=`]++)))?"
_TAG = re.compile(rf"<({_NAME})((?:\s++{_ATTRIBUTE})*+)\s*+(/?)>")
_ATTRIBUTES = re.compile(rf"\s++{_ATTRIBUTE}")
_CLOSING = re.compile(rf"</{_NAME}\s*+>")
_DOCTYPE = re.compile(r"<!doctype\s[^<>\[\]]*+>", re.I)
_ENDS = {name: re.compile(rf"</\s*{name}", re.I) for name in ("script", "style")}
_FLAT = frozenset({"title", "textarea", "iframe", "noembed", "noframes", "xmp"})
"""Elements whose text may be read as markup or not, by the version of the parser."""


class _InDoubt(Exception):
    """The page is written in a way that only a parser may judge."""


def blocks_of(body: bytes, charset: str | None) -> tuple[list[str], list[dict[str, str]]] | None:
    """Return the texts of a page's JSON-LD blocks and its meta elements, or None.

    None also where the page has no such block, or has microdata, which needs the tree.
    """
    if b"itemscope" in body.lower():
        return None
    known = [charset] if charset else []
    text = UnicodeDammit(body, known_definite_encodings=known, is_html=True).unicode_markup
    if not text or "\0" in text:
        return None
    blocks: list[str] = []
    metas: list[dict[str, str]] = []
    try:
        at = 0
        while (begin := text.find("<", at)) >= 0:
            at = _step(text, begin, blocks, metas)
    except _InDoubt:
        return None
    return (blocks, metas) if blocks else None


def _step(text: str, begin: int, blocks: list[str], metas: list[dict[str, str]]) -> int:
    """Take what begins at a ``<``, and return where it ends."""
    tag = _TAG.match(text, begin)
    if tag is None:
        return _other(text, begin)
    name = tag[1].lower()
    if name in _ENDS:
        said = _attributes(tag[2])
        if text[tag.end() - 2] == "/":
            raise _InDoubt
        end = _ENDS[name].search(text, tag.end())
        if end is None or end[0].lower() != f"</{name}" or text[end.end() : end.end() + 1] != ">":
            raise _InDoubt
        inner = text[tag.end() : end.start()]
        if "<!--" in inner and f"<{name}" in inner.lower():
            raise _InDoubt
        if name == "script" and said.get("type", "").strip().lower().startswith(
            "application/ld+json"
        ):
            blocks.append(inner)
        return end.end() + 1
    if name == "meta":
        metas.append(_attributes(tag[2]))
    elif name in _FLAT:
        following = text.find("<", tag.end())
        if following < 0 or not text[following : following + 20].lower().startswith(f"</{name}"):
            raise _InDoubt
    elif name == "plaintext":
        raise _InDoubt
    return tag.end()


def _other(text: str, begin: int) -> int:
    """Take a closing tag, a comment or the document type, and return where it ends."""
    if text.startswith("<!--", begin):
        end = text.find("-->", begin + 4)
        inner = text[begin + 4 : end]
        if end < 0 or "--" in inner or inner.startswith((">", "->")):
            raise _InDoubt
        return end + 3
    match = _CLOSING.match(text, begin) or _DOCTYPE.match(text, begin)
    if match is None:
        raise _InDoubt
    return match.end()


def _attributes(said: str) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case, values without entities."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTES.findall(said):
        found[name.lower()] = html.unescape(double or single or bare)
    return found
