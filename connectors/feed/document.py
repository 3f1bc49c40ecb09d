"""Reads the document of a feed, whatever format and state it is in."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from connectors.base import FoundMention, Problem
from connectors.errors import LayoutChanged
from connectors.feed.entries import mention_of_entry, mention_of_item
from connectors.feed.extras import Skips, removed_in, skips_in
from connectors.feed.quick import read_quickly
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line

HARMLESS = frozenset({"CharacterEncodingOverride", "NonXMLContentType"})
"""What feedparser remarks on without having lost anything."""
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.I)
_DOCTYPE_PARTS = re.compile(rb"\"[^\"]*\"|'[^']*'|<!--.*?-->|[\[\]>]", re.S)
_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.S)
_CLOSING = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.I)
_ENTRY_MARK = re.compile(rb"<(/?)(?:\w{1,40}:)?(?:item|entry)(?=[\s/>])", re.I)
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{2000,}")
MARKS_MOST, ATTRIBUTES_MOST = 300_000, 500
"""Markup that a document, and a tag of it, may have. Parsers need gigabytes and hours for more."""
_FEED_LINK = re.compile(r"<link\b[^>]{0,500}>", re.I)
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*[\"']([^\"']{1,500})[\"']")


@dataclass(frozen=True, slots=True)
class Document:
    """What one feed says now. `ttl` is how long it asks to be left alone."""

    mentions: tuple[FoundMention, ...]
    problems: tuple[Problem, ...]
    ttl: timedelta | None = None
    title: str = ""
    complete: bool = True
    skips: Skips = field(default_factory=dict)


def read_document(answer: Answer, *, quickly: bool = True) -> Document:
    """Return the items of a feed and what is wrong with the others.

    Raises `LayoutChanged` when the answer is no feed at all. Without `quickly` feedparser reads
    also what `connectors.feed.quick` could; the result is the same.
    """
    body = answer.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if body.startswith(b"{"):
        return _json_feed(answer, body)
    return _xml_feed(answer, quickly)


def without_doctype(body: bytes) -> tuple[bytes, bool]:
    """Return `body` without its document type, and whether that declared entities.

    Entities of its own are what makes a small document unfold into gigabytes or read files.
    No feed needs them. Raises `LayoutChanged` where they hide in UTF-16 or UTF-32.
    """
    flat = body.replace(b"\0", b"")
    start = _PROLOG.match(flat, len(flat) - len(flat.lstrip(b"\xef\xbb\xbf\xff\xfe")))
    at = start.end() if start else 0
    if not _DOCTYPE.match(flat, at):
        return body, False
    depth, end = 0, len(flat)
    for part in _DOCTYPE_PARTS.finditer(flat, at):
        if part[0] == b"[":
            depth += 1
        elif part[0] == b"]":
            depth -= 1
        elif part[0] == b">" and depth <= 0:
            end = part.end()
            break
    declares = b"<!ENTITY" in flat[at:end].upper()
    if len(flat) != len(body):
        if declares:
            raise LayoutChanged("the feed declares XML entities of its own, which is refused")
        return body, False
    return flat[:at] + flat[end:], declares


def _xml_feed(answer: Answer, quickly: bool) -> Document:
    where = public_part(answer.url)
    if _is_overgrown(answer.body):
        raise LayoutChanged(f"{where} holds more markup than any feed")
    body, declares = without_doctype(answer.body)
    quick = None
    if quickly and not declares:
        quick = read_quickly(body, answer.headers.get("Content-Type", ""))
    if quick is not None:
        return _finished(answer, body, quick[0], quick[1], [])
    # No base address is given: feedparser would make ids absolute with it, and then they would
    # change when the feed moves.
    headers: dict[str, str] = {}
    if kind := answer.headers.get("Content-Type"):
        headers["content-type"] = kind
    # Bytes as such could be taken for a file name or an address to open.
    try:
        parsed = feedparser.parse(
            io.BytesIO(body),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, RecursionError, LookupError, AssertionError) as error:
        raise LayoutChanged(f"{where} cannot be read as a feed ({type(error).__name__})") from None
    version, entries = parsed.get("version", ""), parsed.entries
    if not version and not entries:
        raise LayoutChanged(f"{where} is no feed{_hint(answer)}")
    problems: list[Problem] = []
    if declares:
        problems.append(Problem(where, "declares XML entities of its own; they are not replaced"))
    complete = True
    fault = parsed.get("bozo_exception")
    if parsed.bozo and fault is not None and type(fault).__name__ not in HARMLESS:
        line = getattr(fault, "getLineNumber", lambda: None)()
        place = f"{where}:{line}" if line else where
        problems.append(Problem(place, f"broken XML: {clip(one_line(_fault(fault)), 100)}"))
        flat = body.replace(b"\0", b"")
        if entries and not _CLOSING.search(flat[-2000:]):
            complete = False
            if not _ends_behind_an_entry(flat):
                entries = entries[:-1]
                problems.append(Problem(where, "ends in the middle of its last entry, which waits"))
    return _finished(answer, body, entries, parsed.feed, problems, complete=complete)


def _is_overgrown(body: bytes) -> bool:
    if body.count(b"<") > MARKS_MOST:
        return True
    return any(tag[0].count(b"=") > ATTRIBUTES_MOST for tag in _LONG_TAG.finditer(body))


def _ends_behind_an_entry(body: bytes) -> bool:
    """Tell whether the last mark of an entry in `body` is its end."""
    marks = _ENTRY_MARK.findall(body)
    return bool(marks) and marks[-1] == b"/"


def _finished(
    answer: Answer,
    body: bytes,
    entries: Sequence[Mapping[str, Any]],
    feed: Mapping[str, Any],
    problems: list[Problem],
    *,
    complete: bool = True,
) -> Document:
    mentions = _told_apart(
        public_part(answer.url),
        (mention_of_entry(answer.url, n, e, entries) for n, e in enumerate(entries, 1)),
        problems,
    )
    there = {mention.external_id for mention in mentions}
    removed = tuple(one for one in removed_in(body) if one.external_id not in there)
    title = one_line(str(feed.get("title", "")))
    return Document(
        mentions + removed, tuple(problems), _ttl(feed), title, complete, skips_in(body)
    )


def _json_feed(answer: Answer, body: bytes) -> Document:
    where = public_part(answer.url)
    try:
        found = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        raise LayoutChanged(f"{where} is broken JSON") from None
    version = found.get("version") if isinstance(found, dict) else None
    if not isinstance(version, str) or "jsonfeed.org/version" not in version:
        raise LayoutChanged(f"{where} is JSON but no JSON Feed")
    items = found.get("items")
    if not isinstance(items, list):
        raise LayoutChanged(f"{where} is a JSON Feed without items")
    problems: list[Problem] = []
    language = found.get("language") if isinstance(found.get("language"), str) else ""
    mentions = _told_apart(
        where,
        (mention_of_item(where, n, item, language or "") for n, item in enumerate(items, 1)),
        problems,
    )
    title = found.get("title")
    return Document(
        mentions, tuple(problems), title=one_line(title) if isinstance(title, str) else ""
    )


def _told_apart(where: str, made: Any, problems: list[Problem]) -> tuple[FoundMention, ...]:
    """Return the mentions among `made`; problems, and ids that stand twice, go to `problems`."""
    found: dict[str, FoundMention] = {}
    for one in made:
        if one is None:
            continue
        if isinstance(one, Problem):
            problems.append(one)
        elif one.external_id not in found:
            found[one.external_id] = one
        elif found[one.external_id] != one:
            problems.append(Problem(where, f"the id {clip(one.external_id, 60)!r} stands twice"))
    return tuple(found.values())


def _fault(fault: Any) -> str:
    message = getattr(fault, "getMessage", None)
    return str(message() if callable(message) else fault)


def _ttl(feed: Any) -> timedelta | None:
    try:
        minutes = int(str(feed.get("ttl", "")).strip())
    except ValueError:
        return None
    return timedelta(minutes=min(minutes, 1440)) if minutes > 0 else None


def _hint(answer: Answer) -> str:
    """Return where a web page says its feed is, ready to be appended to a message."""
    text = answer.text()[:200_000]
    if "<html" not in text.lower() and "<!doctype html" not in text.lower():
        return ""
    for link in _FEED_LINK.finditer(text):
        said = {name.lower(): value for name, value in _ATTRIBUTE.findall(link[0])}
        if "alternate" in said.get("rel", "") and re.search("rss|atom|feed", said.get("type", "")):
            return (
                f" but a web page; its feed is {public_part(urljoin(answer.url, said['href']))}"
                if "href" in said
                else " but a web page"
            )
    return " but a web page"
