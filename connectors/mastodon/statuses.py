"""Turns a Mastodon status into a mention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.addresses import host_of, web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.followers import read_followers
from connectors.text import clip, html_to_text, one_line

VISIBILITIES = ("public", "unlisted", "private", "direct")
"""From the most public to the least."""


def mention_of(
    status: Any, base_url: str, *, addressed: bool = False, own_id: str = ""
) -> FoundMention:
    """Return the mention that `status` is; raise `ValueError` when it lacks what makes it one.

    `raw` keeps only what an answer needs. An author's id is qualified with the server, because
    the same short name belongs to different people elsewhere.
    """
    if not isinstance(status, dict):
        raise ValueError("the post is missing")
    ident, account = id_in(status), status.get("account")
    if not ident:
        raise ValueError("the post has no id")
    if not isinstance(account, dict) or not isinstance(account.get("acct"), str):
        raise ValueError("the post has no author")
    content = status.get("content")
    if not isinstance(content, str):
        raise ValueError("the post has no content")
    text = html_to_text(content) or _pictures(status)
    title = one_line(_text(status, "spoiler_text"))
    acct = account["acct"]
    parent = id_in(status, "in_reply_to_id")
    named = status.get("mentions")
    mentioned = [one for one in named if isinstance(one, dict)] if isinstance(named, list) else []
    written = parse_date(status.get("created_at"))
    edited = parse_date(status.get("edited_at"))
    return FoundMention(
        external_id=ident,
        text=text or title,
        kind="comment" if parent else "post",
        title=clip(title, 300) if text else "",
        author_name=clip(
            one_line(_text(account, "display_name") or _text(account, "username")), 200
        ),
        author_id=clip(acct if "@" in acct else f"{acct}@{host_of(base_url)}", 200),
        author_url=web_link(account.get("url")),
        language=clip(_text(status, "language"), 20),
        url=web_link(status.get("url")) or web_link(status.get("uri")),
        created_at=written,
        edited_at=edited,
        parent_external_id=parent,
        author_reach=read_followers(account.get("followers_count")),
        addressed_to_us=addressed or (own_id != "" and any(id_in(m) == own_id for m in mentioned)),
        raw={
            "acct": acct,
            "visibility": _text(status, "visibility"),
            "spoiler_text": title,
            "bot": account.get("bot") is True,
        },
    )


def id_in(found: Mapping[str, Any], key: str = "id") -> str:
    """Return an id as text, or nothing; servers before version 2 have numbers for ids."""
    ident = found.get(key)
    return str(ident) if type(ident) is int else ident if isinstance(ident, str) else ""


def least_public(first: str, second: str) -> str:
    """Return the less public of two visibilities; an unknown one counts as ``direct``."""
    ranks = [VISIBILITIES.index(v) if v in VISIBILITIES else 3 for v in (first, second)]
    return VISIBILITIES[max(ranks)]


def later_id(first: str, second: str) -> str:
    """Return the later of two ids, which sort by length, then by text."""
    return max(first, second, key=lambda ident: (len(ident), ident))


def _pictures(status: Mapping[str, Any]) -> str:
    media = status.get("media_attachments")
    said = (
        [_text(one, "description") for one in media if isinstance(one, dict)]
        if isinstance(media, list)
        else []
    )
    return "\n".join(one_line(text) for text in said if text)


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
