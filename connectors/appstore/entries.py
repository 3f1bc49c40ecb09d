"""Turns the App Store's feed, in JSON or XML, into mentions.

In the JSON form everything is text under ``label``. A feed without reviews has no ``entry``, one
with a single review may hold it bare, and older feeds put the app itself first.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import feedparser

from connectors.addresses import web_link
from connectors.base import FoundMention, Problem
from connectors.dates import parse_date
from connectors.errors import LayoutChanged
from connectors.feed.document import without_doctype
from connectors.outcomes import Answer, public_part
from connectors.text import clean, clip, html_to_text, one_line

_APP_ONLY = ("im:name", "im:artist", "im:bundleId", "im:image", "im:price", "category")
"""What an entry has that is the app, and no review."""
_TOO_DEEP = re.compile(rb"page depth is limited", re.I)
_AUTHOR = re.compile(r"/reviews/id(\d{1,30})")
_ID = re.compile(r"^[\w.:-]{1,100}\Z")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page: its reviews in the feed's order (the newest first), and what is wrong."""

    mentions: tuple[FoundMention, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_page(answer: Answer, country: str) -> FeedPage:
    """Return the reviews of one page; raise `LayoutChanged` when it is no page of the feed.

    A page beyond the last one, which is told in plain words, has none.
    """
    body = answer.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if body.startswith(b"<"):
        entries = list(_xml_entries(answer))
    elif len(body) < 500 and _TOO_DEEP.search(body):
        entries = []
    else:
        entries = _json_entries(answer, body)
    mentions: list[FoundMention] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict) and _is_app(entry):
            continue
        try:
            found, remark = _mention(entry, country)
        except ValueError as error:
            problems.append(Problem(f"{country} entry {number}", str(error)))
            continue
        mentions.append(found)
        if remark:
            problems.append(Problem(f"{country} review {found.external_id}", remark))
    return FeedPage(tuple(mentions), tuple(problems))


def _json_entries(answer: Answer, body: bytes) -> list[Any]:
    try:
        # Reviews hold what people typed, control characters included.
        found = json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        found = answer.json()
    feed = found.get("feed") if isinstance(found, dict) else None
    if not isinstance(feed, dict):
        raise LayoutChanged(f"{public_part(answer.url)} answered no feed")
    entries = feed.get("entry")
    if isinstance(entries, dict):
        return [entries]
    if entries is None or isinstance(entries, list):
        return entries or []
    raise LayoutChanged(f"{public_part(answer.url)} answered a feed with odd entries")


def _xml_entries(answer: Answer) -> Iterator[Mapping[str, Any]]:
    where = public_part(answer.url)
    body, _ = without_doctype(answer.body)
    try:
        # Bytes as such could be taken for a file name or an address to open.
        parsed = feedparser.parse(
            io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, RecursionError, LookupError, AssertionError) as error:
        raise LayoutChanged(f"{where} cannot be read ({type(error).__name__})") from None
    if not str(parsed.get("version", "")).startswith("atom"):
        raise LayoutChanged(f"{where} is no feed of reviews")
    if parsed.bozo and parsed.bozo_exception is not None and b"</feed" not in body[-2000:]:
        raise LayoutChanged(f"{where} ends in the middle")
    for entry in parsed.entries:
        bodies = [one for one in entry.get("content") or [] if isinstance(one, dict)]
        plain = [one for one in bodies if one.get("type") == "text/plain"] or bodies
        author = entry.get("author_detail") or {}
        yield {
            "id": entry.get("id"),
            "title": entry.get("title"),
            "updated": entry.get("updated"),
            "im:rating": entry.get("im_rating"),
            "im:version": entry.get("im_version"),
            "im:voteSum": entry.get("im_votesum"),
            "im:voteCount": entry.get("im_votecount"),
            "im:name": entry.get("im_name"),
            "im:artist": entry.get("im_artist"),
            "author": {"name": author.get("name"), "uri": author.get("href")},
            "content": {
                "label": plain[0].get("value") if plain else None,
                "attributes": {"type": "html" if plain and plain[0] not in _plain(bodies) else ""},
            },
            "link": {"attributes": {"href": entry.get("link")}},
        }


def _plain(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in bodies if one.get("type") == "text/plain"]


def _is_app(entry: Mapping[str, Any]) -> bool:
    return not _label(entry.get("im:rating")) and any(entry.get(key) for key in _APP_ONLY)


def _mention(entry: Any, country: str) -> tuple[FoundMention, str]:
    """Return the mention, and what is odd about it; raise `ValueError` where it is none."""
    if not isinstance(entry, dict):
        raise ValueError("this is no entry")
    ident = _label(entry.get("id")).strip()
    if not _ID.match(ident):
        raise ValueError("the review has no id")
    content = entry.get("content")
    text = _label(content)
    kind = content.get("attributes") if isinstance(content, dict) else None
    text = html_to_text(text) if _kind(kind) == "html" else clean(text).strip()
    title = one_line(_label(entry.get("title")))
    if not text and not title:
        raise ValueError("the review has no words")
    rating, remark = _rating(_label(entry.get("im:rating")).strip())
    author = entry.get("author")
    author = author if isinstance(author, dict) else {}
    profile = web_link(_label(author.get("uri")))
    who = _AUTHOR.search(profile)
    found = FoundMention(
        external_id=ident,
        text=text or title,
        title=clip(title, 300) if text else "",
        author_name=clip(one_line(_label(author.get("name"))), 200),
        author_id=who[1] if who else "",
        author_url=profile,
        rating=rating,
        url=_link(entry.get("link")),
        created_at=parse_date(_label(entry.get("updated"))),
        location=country,
        raw={
            "country": country,
            "version": clip(one_line(_label(entry.get("im:version"))), 40),
        },
    )
    return found, remark


def _rating(said: str) -> tuple[float | None, str]:
    try:
        value = float(said)
    except ValueError:
        return None, "the review is kept without its rating, which is no number"
    if not 1 <= value <= 5:
        return None, "the review is kept without its rating, which is none of 1 to 5"
    return value, ""


def _link(link: Any) -> str:
    links = link if isinstance(link, list) else [link]
    for one in links:
        attributes = one.get("attributes") if isinstance(one, dict) else None
        if isinstance(attributes, dict) and (url := web_link(attributes.get("href"))):
            return url
    return ""


def _kind(attributes: Any) -> str:
    return str(attributes.get("type", "")) if isinstance(attributes, dict) else ""


def _label(value: Any) -> str:
    """Return what stands under ``label``, or the bare value where there is no such wrapping."""
    if isinstance(value, dict):
        value = value.get("label")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
