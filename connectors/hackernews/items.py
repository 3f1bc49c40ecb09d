"""Turns what the search and the item service tell into mentions.

Both hold the same text, the search under other names: ``comment_text`` and ``text`` are HTML with
entities; titles are text in which some entities are left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.text import clip, html_to_text, one_line, unescape

SITE = "https://news.ycombinator.com"
_ID = re.compile(r"^\d{1,18}\Z")


def id_of(value: Any) -> str:
    """Return an item's id as text, or nothing where `value` is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)
    return text if _ID.match(text) else ""


def answer_address(ident: str) -> str:
    """Return the page on which a person answers the item `ident`."""
    return f"{SITE}/reply?id={quote(ident, safe='')}"


def mention_of_hit(hit: Any) -> FoundMention:
    """Return the mention that one hit of the search is; raise `ValueError` where it is none."""
    if not isinstance(hit, dict):
        raise ValueError("the hit is no object")
    ident = id_of(hit.get("objectID"))
    if not ident:
        raise ValueError("the hit has no id")
    comment = "comment_text" in hit and hit["comment_text"] is not None
    body = hit.get("comment_text") if comment else hit.get("story_text")
    when = hit.get("created_at_i")
    comment = comment or "comment" in _tags(hit)
    # Stories from before the search was renewed have their own title as the story's.
    title = "" if comment else _text(hit, "title") or _text(hit, "story_title")
    return _mention(
        ident,
        author=_text(hit, "author"),
        title=title,
        body=body if isinstance(body, str) else _text(hit, "text"),
        written=when if when is not None else hit.get("created_at"),
        parent=id_of(hit.get("parent_id")),
        story=id_of(hit.get("story_id")),
        story_title=_text(hit, "story_title"),
        link=_text(hit, "url") or ("" if comment else _text(hit, "story_url")),
        comment=comment,
    )


def mention_of_item(item: Mapping[str, Any]) -> FoundMention:
    """Return the mention that one item is; raise `ValueError` where it has no id.

    What is ``dead`` was hidden by the moderators or by readers' flags: nobody reads it there any
    more, so it counts as deleted.
    """
    ident = id_of(item.get("id"))
    if not ident:
        raise ValueError("the item has no id")
    found = _mention(
        ident,
        author=_text(item, "by"),
        title=_text(item, "title"),
        body=_text(item, "text"),
        written=item.get("time"),
        parent=id_of(item.get("parent")),
        story="",
        story_title="",
        link=_text(item, "url"),
        comment=item.get("type") == "comment",
    )
    if item.get("dead") is True or item.get("deleted") is True:
        found.deleted = True
        found.text = found.title = ""
    return found


def _mention(
    ident: str,
    *,
    author: str,
    title: str,
    body: str,
    written: Any,
    parent: str,
    story: str,
    story_title: str,
    link: str,
    comment: bool,
) -> FoundMention:
    text = html_to_text(body)
    heading = clip(one_line(unescape(title)), 300)
    name = clip(one_line(author), 100)
    raw = {
        "story_id": story,
        "story_title": clip(one_line(unescape(story_title)), 300),
        "link": web_link(one_line(link)),
    }
    return FoundMention(
        external_id=ident,
        text=text or heading,
        kind="comment" if comment else "post",
        title=heading if text else "",
        author_name=name,
        author_id=name,
        author_url=f"{SITE}/user?id={quote(name, safe='')}" if name else "",
        url=f"{SITE}/item?id={ident}",
        created_at=parse_date(written),
        parent_external_id=parent if comment else "",
        raw={key: value for key, value in raw.items() if value},
    )


def _tags(hit: Mapping[str, Any]) -> list[Any]:
    tags = hit.get("_tags")
    return tags if isinstance(tags, list) else []


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
