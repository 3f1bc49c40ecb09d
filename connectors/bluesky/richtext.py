"""Marks links, mentions and hashtags in a post, for Bluesky does not find them by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

LINK, MENTION, TAG = (f"app.bsky.richtext.facet#{kind}" for kind in ("link", "mention", "tag"))
_URL = re.compile(r"https?://[^\s<>\"]+", re.I)
_HANDLE = re.compile(
    r"(?<![\w@./])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)",
    re.I,
)
_TAG = re.compile(r"(?<![\w#&/])[#\uFF03](?!\d+\b)(\w{1,64})")
_CLOSING = {")": "(", "]": "[", "}": "{"}
MENTIONS_AT_MOST = 5


def facets_of(text: str, resolve: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the facets of `text`, in order. Positions are in bytes of its UTF-8 form.

    `resolve` returns the DID of a handle, or nothing where it is nobody's; it is asked for a few
    handles at most.
    """
    found: list[dict[str, Any]] = []
    linked: list[range] = []
    for match in _URL.finditer(text):
        url = bare_url(match[0])
        linked.append(range(match.start(), match.start() + len(url)))
        found.append(_facet(text, match.start(), url, {"$type": LINK, "uri": url}))
    asked: dict[str, str] = {}
    for match in _HANDLE.finditer(text):
        handle = match[1].lower()
        if any(match.start() in span for span in linked):
            continue
        if handle not in asked and len(asked) < MENTIONS_AT_MOST:
            asked[handle] = resolve(handle)
        if did := asked.get(handle):
            found.append(_facet(text, match.start(), match[0], {"$type": MENTION, "did": did}))
    found.extend(
        _facet(text, match.start(), match[0], {"$type": TAG, "tag": match[1]})
        for match in _TAG.finditer(text)
        if not any(match.start() in span for span in linked)
    )
    return sorted(found, key=lambda facet: int(facet["index"]["byteStart"]))


def bare_url(url: str) -> str:
    """Return `url` without the punctuation of the sentence around it.

    >>> bare_url("https://a.example/b_(c)."), bare_url("https://a.example/b).")
    ('https://a.example/b_(c)', 'https://a.example/b')
    """
    while url:
        last = url[-1]
        opening = _CLOSING.get(last, "")
        if last not in ".,;:!?'*" and not (opening and url.count(last) > url.count(opening)):
            break
        url = url[:-1]
    return url


def _facet(text: str, start: int, part: str, feature: dict[str, str]) -> dict[str, Any]:
    begin = len(text[:start].encode())
    index = {"byteStart": begin, "byteEnd": begin + len(part.encode())}
    return {"index": index, "features": [feature]}
