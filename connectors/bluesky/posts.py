"""Turns a Bluesky post, however it is wrapped, into a mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.text import clip, one_line, tidy

POST = "app.bsky.feed.post"
SITE = "https://bsky.app"
_URI = re.compile(
    rf"^at://(did:[a-z]{{1,20}}:[\w.:%-]{{1,200}})/{re.escape(POST)}/([\w.:~-]{{1,200}})\Z"
)


def parts_of(uri: Any) -> tuple[str, str]:
    """Return the DID and the record key in the uri of a post; empty where it is none."""
    match = _URI.match(uri) if isinstance(uri, str) else None
    return (match[1], match[2]) if match else ("", "")


def link_to(uri: str) -> str:
    """Return the page of the post at `uri`, or nothing."""
    did, rkey = parts_of(uri)
    return f"{SITE}/profile/{did}/post/{quote(rkey, safe=':~')}" if did else ""


def mention_of(post: Any, *, addressed: bool = False, own_did: str = "") -> FoundMention:
    """Return the mention that a post view or a notification is; raise `ValueError` where it is
    none.

    The moment is when the server saw the post: what its author claims decides nothing. `raw`
    keeps what an answer needs.
    """
    told, record = _mapping(post), _mapping(_mapping(post).get("record"))
    uri = told.get("uri")
    did, _ = parts_of(uri)
    if not isinstance(uri, str) or not did:
        raise ValueError("the post has no uri")
    text = record.get("text")
    if not isinstance(text, str):
        raise ValueError("the post has no text")
    author = _mapping(told.get("author"))
    handle = _text(author, "handle")
    reply = _mapping(record.get("reply"))
    parent = _text(_mapping(reply.get("parent")), "uri")
    languages = record.get("langs")
    return FoundMention(
        external_id=uri,
        text=tidy(text) or _pictures(told, record),
        kind="comment" if reply else "post",
        author_name=clip(one_line(_text(author, "displayName") or handle), 200),
        author_id=did,
        author_url=f"{SITE}/profile/{did}",
        language=clip(one_line(str(languages[0])), 20)
        if isinstance(languages, list) and languages and isinstance(languages[0], str)
        else "",
        url=link_to(uri),
        created_at=parse_date(told.get("indexedAt")) or parse_date(record.get("createdAt")),
        parent_external_id=parent if parts_of(parent)[0] else "",
        addressed_to_us=addressed or (bool(own_did) and _speaks_to(own_did, record, parent)),
        locked=_lock(told, author),
        raw={
            "cid": one_line(_text(told, "cid")),
            "handle": clip(one_line(handle), 300),
            "root": _ref(reply.get("root")) or {},
        },
    )


def listed_at(post: Any) -> datetime | None:
    """Return the moment by which the lists are sorted: the claimed one, unless it is later."""
    told = _mapping(post)
    seen = parse_date(told.get("indexedAt"))
    claimed = parse_date(_mapping(told.get("record")).get("createdAt"))
    return min(seen, claimed) if seen and claimed else seen or claimed


def reply_refs(post: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return root and parent for an answer to `post`; None where the post tells too little."""
    parent = _ref(post)
    if parent is None:
        return None
    above = _mapping(_mapping(post.get("record")).get("reply"))
    return {"root": _ref(above.get("root")) or parent, "parent": parent}


def _ref(value: Any) -> dict[str, str] | None:
    told = _mapping(value)
    uri, cid = told.get("uri"), told.get("cid")
    if not parts_of(uri)[0] or not isinstance(cid, str) or not cid.isalnum():
        return None
    return {"uri": str(uri), "cid": cid}


def _lock(post: Mapping[str, Any], author: Mapping[str, Any]) -> str:
    relation = _mapping(author.get("viewer"))
    if relation.get("blockedBy") is True:
        return "the author has blocked us"
    if relation.get("blocking"):
        return "we have blocked the author"
    if post.get("blocked") is True:
        return "we have blocked the author, or the author us"
    if _mapping(post.get("viewer")).get("replyDisabled") is True:
        return "the author does not take answers from us"
    return ""


def _speaks_to(did: str, record: Mapping[str, Any], parent: str) -> bool:
    if parent.startswith(f"at://{did}/"):
        return True
    facets = record.get("facets")
    for facet in facets if isinstance(facets, list) else []:
        features = _mapping(facet).get("features")
        for feature in features if isinstance(features, list) else []:
            if _mapping(feature).get("did") == did:
                return True
    embed = _mapping(record.get("embed"))
    quoted = _mapping(embed.get("record"))
    inner = _mapping(quoted.get("record"))
    return any(_text(one, "uri").startswith(f"at://{did}/") for one in (quoted, inner))


def _pictures(post: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return what pictures, films and link cards say of themselves, for posts without words."""
    said = [*_descriptions(record.get("embed")), *_descriptions(post.get("embed"))]
    return "\n".join(dict.fromkeys(one_line(text) for text in said if text.strip()))


def _descriptions(embed: Any) -> Iterator[str]:
    for one in (_mapping(embed), _mapping(_mapping(embed).get("media"))):
        images = one.get("images")
        for image in images if isinstance(images, list) else []:
            yield _text(_mapping(image), "alt")
        yield _text(one, "alt")
        yield _text(_mapping(one.get("external")), "title")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
