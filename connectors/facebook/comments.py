"""Turns what the Graph API says of comments and posts into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.meta import id_of, part_of, text_of
from connectors.text import clip, one_line, tidy

_PERSON = "id,from,message,created_time,permalink_url"
ANSWER_FIELDS = _PERSON
COMMENT_FIELDS = (
    f"{_PERSON},parent{{{_PERSON}}},comment_count,is_hidden,can_comment,"
    "attachment{type,title,description}"
)
READ_FIELDS = f"{COMMENT_FIELDS},object{{id}},comments.filter(stream).limit(50){{{_PERSON}}}"
POST_FIELDS = f"{_PERSON},updated_time,status_type,comments.filter(stream).limit(0).summary(true)"
READ_POST_FIELDS = f"{_PERSON},updated_time,status_type,comments.limit(50){{{_PERSON}}}"
_POST_IN_LINK = re.compile(r"/(?:posts|videos|photos)/(?:[^/]+/)?(\d+)")


def comment_of(comment: Any, *, post: str = "") -> FoundMention:
    """Return the mention that `comment` is; raise `ValueError` when it lacks what makes it one.

    `post` is the id of the post that it stands under, where it is known.
    """
    if not isinstance(comment, dict):
        raise ValueError("the comment is missing")
    ident, parent = comment_id(comment), parent_id(comment)
    if not ident:
        raise ValueError("the comment has no id")
    if "message" not in comment and "created_time" not in comment:
        raise ValueError("the comment has neither a text nor a date")
    author = author_of(comment)
    open_to_answers = comment.get("can_comment") is not False
    return FoundMention(
        external_id=ident,
        text=said_in(comment),
        kind="comment",
        author_name=clip(one_line(text_of(author, "name")), 200),
        author_id=id_of(author),
        url=web_link(comment.get("permalink_url")),
        created_at=parse_date(comment.get("created_time")),
        parent_external_id=parent,
        addressed_to_us=True,
        locked="" if open_to_answers or parent else "Facebook takes no answer to this comment",
        raw={
            "post": post or id_of(comment.get("object")),
            "answer_at": ident if open_to_answers or not parent else parent,
            "hidden": comment.get("is_hidden") is True,
        },
    )


def post_of(post: Any) -> FoundMention:
    """Return the mention that a visitor's `post` is; raise `ValueError` when it is none."""
    ident = id_of(post)
    if not ident:
        raise ValueError("the post has no id")
    author = author_of(post)
    return FoundMention(
        external_id=ident,
        text=said_in(post),
        kind="post",
        author_name=clip(one_line(text_of(author, "name")), 200),
        author_id=id_of(author),
        url=web_link(post.get("permalink_url")),
        created_at=parse_date(post.get("created_time")),
        addressed_to_us=True,
        raw={"post": ident, "answer_at": ident, "hidden": False},
    )


def by_visitor(post: Mapping[str, Any], page_id: str) -> bool:
    """Tell whether somebody else wrote a post of the Page's feed.

    Where the token may not see the author, only the kind of the post tells: what visitors write
    is a ``wall_post``.
    """
    author = id_of(author_of(post))
    return author != page_id if author else post.get("status_type") == "wall_post"


def is_by(found: Mapping[str, Any], page_id: str) -> bool:
    """Tell whether the Page wrote it."""
    return id_of(author_of(found)) == page_id


def author_of(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return who wrote it, empty where the token may not see that."""
    return part_of(found, "from")


def said_in(found: Mapping[str, Any]) -> str:
    """Return the text of a comment or post; what is attached speaks where there is none."""
    text = tidy(text_of(found, "message"))
    if text:
        return text
    attached = part_of(found, "attachment")
    return tidy(text_of(attached, "title") or text_of(attached, "description"))


def comment_id(comment: Mapping[str, Any]) -> str:
    """Return a comment's id; where the answer leaves it out, its link names it."""
    return id_of(comment) or _from_link(comment)[0]


def parent_id(comment: Mapping[str, Any]) -> str:
    """Return the id of the comment that this one answers, empty at the top level."""
    return id_of(comment.get("parent")) or _from_link(comment)[1]


def _from_link(comment: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids of a comment and of its parent as its link tells them."""
    link = text_of(comment, "permalink_url")
    try:
        parts = urlsplit(link)
        asked = parse_qs(parts.query)
    except ValueError:
        return "", ""
    match = _POST_IN_LINK.search(parts.path)
    top, answer = (asked.get(key, [""])[0] for key in ("comment_id", "reply_comment_id"))
    if match is None or not top.isdigit():
        return "", ""
    if answer.isdigit():
        return f"{match[1]}_{answer}", f"{match[1]}_{top}"
    return f"{match[1]}_{top}", ""
