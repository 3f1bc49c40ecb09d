"""Turns Reddit's things into mentions: ``t1`` comments, ``t3`` posts, ``t4`` private messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.addresses import web_link
from connectors.base import FoundMention, MentionKind
from connectors.dates import parse_date
from connectors.reddit.settings import SITE
from connectors.text import clip, one_line, tidy

GONE = frozenset({"[deleted]", "[removed]", "[ removed by reddit ]", "[deleted by user]"})
NAME = re.compile(r"^t[134]_[a-z0-9]{1,13}\Z")
_POST_IN_PATH = re.compile(r"/comments/([a-z0-9]{1,13})(?:/|$)")
_KINDS: Mapping[str, MentionKind] = {"t1": "comment", "t3": "post", "t4": "message"}


def name_of(thing: Any) -> str:
    """Return the full name of a thing, such as ``t1_d162ara``; empty where it has none."""
    told = _mapping(_mapping(thing).get("data"))
    kind, name = _mapping(thing).get("kind"), told.get("name")
    if not isinstance(name, str) and isinstance(told.get("id"), str):
        name = f"{kind}_{told['id']}"
    return name if isinstance(name, str) and NAME.match(name) else ""


def written_at(thing: Any) -> datetime | None:
    """Return when a thing was written."""
    return parse_date(_mapping(_mapping(thing).get("data")).get("created_utc"))


def mention_of(thing: Any, *, addressed: bool = False, username: str = "") -> FoundMention:
    """Return the mention that `thing` is; raise `ValueError` where it is none.

    What its author deleted keeps its place with "[deleted]" in it, what moderators removed with
    "[removed]": both are deleted here. An account that was closed leaves its texts; then only
    the author is unknown.
    """
    name = name_of(thing)
    if not name:
        raise ValueError("it has no name")
    told = _mapping(thing["data"])
    post = name.startswith("t3_")
    body = told.get("selftext" if post else "body")
    title = clip(one_line(_text(told, "title" if post else "subject")), 300)
    if not post and not isinstance(body, str):
        raise ValueError("it has no text")
    text = tidy(body) if isinstance(body, str) else ""
    deleted = text.casefold() in GONE or bool(told.get("removed_by_category"))
    author = one_line(_text(told, "author"))
    author = "" if author in GONE else clip(author, 100)
    if name.startswith("t1_"):
        title = ""  # in an inbox it only says what kind of answer it is
    parent = told.get("parent_id")
    said = f"{title}\n{text}"
    link = web_link(one_line(_text(told, "url")))
    return FoundMention(
        external_id=name,
        text="" if deleted else text or title,
        kind=_KINDS[name[:2]],
        title=title if text and not deleted else "",
        author_name=author,
        author_id=author,
        author_url=f"{SITE}/user/{quote(author, safe='')}" if author else "",
        url=_link(name, told),
        created_at=parse_date(told.get("created_utc")),
        edited_at=parse_date(told.get("edited")),
        parent_external_id=parent if isinstance(parent, str) and NAME.match(parent) else "",
        deleted=deleted,
        addressed_to_us=addressed or (bool(username) and _calls(username, said)),
        locked="" if deleted else lock_of(thing),
        raw={
            "link_id": _post_of(name, told),
            "subreddit": clip(one_line(_text(told, "subreddit")), 100),
            **({"link": link} if post and link else {}),
        },
    )


def lock_of(thing: Any) -> str:
    """Return why a thing takes no answers, in a few words; nothing where it takes them."""
    told = _mapping(_mapping(thing).get("data"))
    if told.get("locked") is True:
        return "the moderators have locked it"
    if told.get("archived") is True:
        return "it is too old to be answered"
    if told.get("unrepliable_reason"):
        return "its author does not take answers from us"
    return ""


def _calls(username: str, text: str) -> bool:
    return re.search(rf"(?<!\w)u/{re.escape(username)}(?![\w-])", text, re.I) is not None


def _link(name: str, told: Mapping[str, Any]) -> str:
    path = _text(told, "permalink") or _text(told, "context")
    path = urlsplit(path).path if path.startswith("/") and not path.startswith("//") else ""
    if not path and (post := _post_of(name, told)):
        path = f"/comments/{post.removeprefix('t3_')}/"  # old answers hold no path
        path += f"_/{name.removeprefix('t1_')}/" if name.startswith("t1_") else ""
    return clip(web_link(f"{SITE}{quote(path, safe='/')}"), 1000) if path else ""


def _post_of(name: str, told: Mapping[str, Any]) -> str:
    """Return the name of the post above; an inbox tells it only within an address."""
    if name.startswith("t3_"):
        return name
    link = told.get("link_id")
    if isinstance(link, str) and NAME.match(link):
        return link
    path = _text(told, "permalink") or _text(told, "context")
    match = _POST_IN_PATH.search(path)
    return f"t3_{match[1]}" if match else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
