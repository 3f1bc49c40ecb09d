"""Turns one entry of a feed into a mention."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin

from connectors.addresses import web_link
from connectors.base import FoundMention, Problem
from connectors.dates import parse_date
from connectors.outcomes import public_part
from connectors.ratings import parse_rating
from connectors.text import clean, clip, html_to_text, one_line

LONGEST_ID = 300
_WITH_MAIL = re.compile(
    r"^\s*(?:\S+@\S+\s+\((.+)\)|([^<(]+?)\s*<\S+@\S+>|([^<(]+?)\s*\(\S+@\S+\))\s*$"
)
_ABSOLUTE = re.compile(
    r"^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[\w.~/%@!$&'()*+,=:-]*)?\Z", re.A
)
"""An address that joining leaves as it is."""
RATINGS = ("im_rating", "review_rating", "starrating", "rating")
"""Where feeds put a rating; the first is Apple's."""


def mention_of_entry(
    address: str, number: int, entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> FoundMention | Problem | None:
    """Return the mention of an RSS or Atom entry as feedparser tells it, or its problem.

    `address` is the feed's own; links may be relative to it.

    None stands for Apple's entry about the app itself, which older answers put first.
    """
    score = next((entry[key] for key in RATINGS if entry.get(key)), None)
    if score is None and "im_name" in entry and any("im_rating" in one for one in entries):
        return None
    title = one_line(html_to_text(str(entry.get("title", ""))))
    text = _text(entry)
    link = web_link(_joined(address, entry.get("link")))
    author = _author(entry)
    published = _moment(entry, "published")
    updated = _moment(entry, "updated")
    own_id = clean(str(entry.get("id", "") or "")).strip() or link
    if not own_id and not title and not text:
        return Problem(
            f"{public_part(address)} entry {number}", "the entry has neither an id nor a text"
        )
    return FoundMention(
        external_id=_identity(
            own_id, title, _stated(entry, "published") or _stated(entry, "updated"), text
        ),
        text=text or title,
        kind="post" if score is None else "review",
        title=clip(title, 300) if text else "",
        author_name=author,
        author_url=web_link(entry.get("author_detail", {}).get("href")),
        rating=parse_rating(str(score))[0] if score is not None else None,
        language=_language(entry),
        url=link,
        created_at=published or updated,
        edited_at=updated if published and updated and updated > published else None,
    )


def mention_of_item(where: str, number: int, item: Any, language: str) -> FoundMention | Problem:
    """Return the mention of a JSON Feed item (jsonfeed.org/version/1.1), or its problem."""
    place = f"{where} item {number}"
    if not isinstance(item, dict):
        return Problem(place, "the item is no object")

    def said(*keys: str) -> str:
        return next((item[k] for k in keys if isinstance(item.get(k), str) and item[k].strip()), "")

    title = one_line(html_to_text(said("title")))
    text = clean(said("content_text")).strip() or html_to_text(said("content_html", "summary"))
    link = web_link(said("url", "external_url"))
    own_id = item.get("id")
    own_id = clean(str(own_id)).strip() if isinstance(own_id, str | int | float) else ""
    if not own_id and not link and not title and not text:
        return Problem(place, "the item has neither an id nor a text")
    authors = item.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else item.get("author")
    author = author if isinstance(author, dict) else {}
    published = parse_date(item.get("date_published"))
    updated = parse_date(item.get("date_modified"))
    name = author.get("name")
    return FoundMention(
        external_id=_identity(own_id or link, title, item.get("date_published"), text),
        text=text or title,
        kind="post",
        title=clip(title, 300) if text else "",
        author_name=clip(one_line(name), 200) if isinstance(name, str) else "",
        author_url=web_link(author.get("url")),
        language=clip(said("language") or language, 20),
        url=link,
        created_at=published or updated,
        edited_at=updated if published and updated and updated > published else None,
    )


def _identity(own_id: str, title: str, date: Any, text: str) -> str:
    if own_id and len(own_id) <= LONGEST_ID:
        return own_id
    content = own_id or f"{title}\0{date or ''}\0{text}"
    return "~" + blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _text(entry: Mapping[str, Any]) -> str:
    """Return the fullest text: plain content first, as Apple sends the same text twice."""
    contents = [one for one in entry.get("content", ()) if one.get("value")]
    plain = [one["value"] for one in contents if one.get("type") == "text/plain"]
    if plain:
        return html_to_text(plain[0]) if "<" in plain[0] else clean(plain[0]).strip()
    values = [one["value"] for one in contents] + [str(entry.get("summary", "") or "")]
    return html_to_text(max(values, key=len))


def _author(entry: Mapping[str, Any]) -> str:
    # feedparser cuts mail addresses with a newer ending in two, so both its readings are tried.
    detail = str(entry.get("author_detail", {}).get("name") or "")
    whole = str(entry.get("author") or "")[:300]
    for said in (whole, detail):
        if "@" in said and (match := _WITH_MAIL.match(said)):
            said = match[1] or match[2] or match[3]
        name = one_line(html_to_text(said))
        # A bare mail address is nobody's name, and more personal data than we need.
        if name and "@" not in name:
            return clip(name, 200)
    return ""


def _joined(address: str, link: Any) -> str:
    if isinstance(link, str) and _ABSOLUTE.match(link):
        return link
    try:
        return urljoin(address, link) if isinstance(link, str) and link.strip() else ""
    except ValueError:
        return ""


def _moment(entry: Mapping[str, Any], key: str) -> datetime | None:
    parsed = _stated(entry, f"{key}_parsed")
    if isinstance(parsed, datetime):
        return parsed
    if parsed is not None:
        try:
            return parse_date(datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC))
        except (ValueError, OverflowError, OSError):
            return None
    return parse_date(_stated(entry, key))


def _stated(entry: Mapping[str, Any], key: str) -> Any:
    # feedparser answers a missing `updated` with `published` and a warning.
    return entry[key] if key in entry else None  # noqa: SIM401 - get() is what warns


def _language(entry: Mapping[str, Any]) -> str:
    for detail in (*entry.get("content", ()), entry.get("summary_detail", {})):
        if detail.get("language"):
            return clip(one_line(str(detail["language"])), 20)
    return ""
