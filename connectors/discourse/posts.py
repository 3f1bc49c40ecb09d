"""Turns a Discourse post into a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.text import clean, clip, html_to_text, one_line, unescape

REGULAR = 1
"""The post type of what people write; 2 to 4 are moderators' actions, notices and whispers."""
_ASIDE = re.compile(r"<aside\b([^>]*)>|</aside\s*>", re.I)
_ALT = re.compile(r'<img\b[^>]*?\balt="([^"]{1,300})"', re.I)
_IMAGE_NOTE = re.compile(r'<div class="meta">.*?</div>', re.I | re.S)


def mention_of(
    post: Any, base_url: str, topic: Mapping[str, Any] | None = None, *, addressed: bool = False
) -> FoundMention:
    """Return the mention that `post` is; raise `ValueError` when it lacks what makes it one.

    `topic` is what else is known of its topic: title, slug, closed, archived. `raw` keeps only
    what an answer needs.
    """
    if not isinstance(post, dict):
        raise ValueError("the post is no object")
    ident = number_of(post.get("id"))
    if not ident:
        raise ValueError("the post has no id")
    topic = topic or {}
    topic_id = number_of(post.get("topic_id"))
    number = number_of(post.get("post_number")) or 1
    name = _text(post, "username")
    title = _text(post, "topic_title") or _text(topic, "title") or _text(topic, "topic_title")
    text = said(post)
    gone = bool(post.get("deleted_at")) or post.get("user_deleted") is True
    if not text and not gone and not isinstance(post.get("cooked", post.get("raw")), str | list):
        raise ValueError("the post has no text")
    written = parse_date(post.get("created_at"))
    changed = parse_date(post.get("last_version_at")) or parse_date(post.get("updated_at"))
    version = number_of(post.get("version"))
    slug = _text(post, "topic_slug") or _text(post, "slug") or _text(topic, "slug")
    base = base_url.rstrip("/")
    return FoundMention(
        external_id=str(ident),
        text=text,
        kind="post" if number == 1 else "comment",
        title=clip(one_line(unescape(title)), 300),
        author_name=clip(
            one_line(_text(post, "name") or _text(post, "display_username") or name), 200
        ),
        author_id=clip(name, 200),
        author_url=f"{base}/u/{quote(name, safe='')}" if name else "",
        url=_link(base, slug, topic_id, number),
        created_at=written,
        edited_at=changed if version > 1 and changed and written and changed > written else None,
        deleted=gone,
        addressed_to_us=addressed,
        locked=_locked(post, topic),
        raw={
            "topic_id": topic_id,
            "post_number": number,
            "topic_title": clip(one_line(unescape(title)), 300),
            "topic_slug": clip(slug, 200),
        },
    )


def mention_of_topic(topic: Any, base_url: str) -> FoundMention:
    """Return the mention of a topic that a search shows without its posts.

    Old forums answer so; all there is to read is the title. Raises `ValueError`.
    """
    if not isinstance(topic, dict) or not number_of(topic.get("id")):
        raise ValueError("the topic has no id")
    ident = number_of(topic["id"])
    title = html_to_text(_text(topic, "title") or _text(topic, "fancy_title"))
    if not title:
        raise ValueError("the topic has no title")
    return FoundMention(
        external_id=f"topic-{ident}",
        text=title,
        kind="post",
        url=_link(base_url.rstrip("/"), _text(topic, "slug"), ident, 1),
        created_at=parse_date(topic.get("created_at")),
        locked=_locked({}, topic),
        raw={"topic_id": ident, "post_number": 1, "topic_title": clip(one_line(title), 300)},
    )


def parents_in(posts: Iterable[Any]) -> dict[tuple[int, int], str]:
    """Return the id of each of `posts` by its place: (topic, number within the topic).

    A post tells only the number of the one that it answers.
    """
    return {
        (number_of(post.get("topic_id")), number_of(post.get("post_number"))): str(post["id"])
        for post in posts
        if isinstance(post, dict) and number_of(post.get("id"))
    }


def answers_to(post: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the place of the post that `post` answers, or None."""
    topic, number = number_of(post.get("topic_id")), number_of(post.get("reply_to_post_number"))
    return (topic, number) if topic and number else None


def answers_user(post: Mapping[str, Any]) -> str:
    """Return the name of the account whose post `post` answers, in lower case, or nothing."""
    user = post.get("reply_to_user")
    return _text(user, "username").casefold() if isinstance(user, dict) else ""


def said(post: Mapping[str, Any]) -> str:
    """Return what the author of `post` wrote, without the words of those whom they quote.

    The rendered text goes first, because every answer has it; a hit of a search has a blurb.
    """
    for key in ("cooked", "raw", "blurb", "excerpt"):
        value = post.get(key)
        if isinstance(value, str) and value.strip():
            if key == "raw":
                return clean(value).strip()
            own = html_to_text(_without_quotes(_IMAGE_NOTE.sub("", value)))
            return own or html_to_text(value) or " ".join(map(unescape, _ALT.findall(value)))
    return ""


def is_speech(post: Mapping[str, Any]) -> bool:
    """Tell whether `post` is what somebody wrote for all to read."""
    kind = post.get("post_type")
    return (
        (kind is None or kind == REGULAR)
        and post.get("cooked_hidden") is not True
        and post.get("topic_archetype", post.get("archetype")) != "private_message"
    )


def print_of(posts: Iterable[Any]) -> str:
    """Return a fingerprint of what is said in `posts`; the number of readers does not count."""
    digest = blake2b(digest_size=16)
    for post in posts:
        if isinstance(post, dict):
            for key in ("id", "version", "cooked", "hidden", "deleted_at", "user_deleted"):
                digest.update(f"{post.get(key)}\0".encode("utf-8", "replace"))
    return digest.hexdigest()


def number_of(value: Any) -> int:
    """Return `value` as a positive number, 0 where it is none."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**18:
        return 0
    return value


def _link(base: str, slug: str, topic_id: int, number: int) -> str:
    if not topic_id:
        return ""
    return f"{base}/t/{quote(slug, safe='') or '-'}/{topic_id}/{number}"


def _locked(post: Mapping[str, Any], topic: Mapping[str, Any]) -> str:
    if topic.get("closed") is True:
        return "the topic is closed"
    if topic.get("archived") is True:
        return "the topic is archived"
    if post.get("hidden") is True:
        return "the forum's moderators hid the post"
    return ""


def _without_quotes(cooked: str) -> str:
    """Cut the ``<aside class="quote">`` blocks out, whatever lies within them."""
    kept: list[str] = []
    at = depth = 0
    for tag in _ASIDE.finditer(cooked):
        opening = tag[1] is not None
        if depth == 0:
            if opening and "quote" in tag[1]:
                kept.append(cooked[at : tag.start()])
                depth = 1
        else:
            depth += 1 if opening else -1
            if depth == 0:
                at = tag.end()
    if depth == 0:
        kept.append(cooked[at:])
    return " ".join(kept)


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
