"""Turns what the API says of Instagram comments into mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.meta import id_of, part_of, text_of
from connectors.text import clip, one_line, tidy

_SAID = "id,text,timestamp,username,from,hidden,parent_id"
COMMENT_FIELDS = f"{_SAID},like_count,replies.limit(50){{{_SAID}}}"
READ_FIELDS = f"{COMMENT_FIELDS},media{{id,permalink}}"
REPLY_FIELDS = _SAID
MEDIA_FIELDS = "id,caption,permalink,timestamp,comments_count,comments.limit(1){id}"
_LEADING_NAME = re.compile(r"^\s*@([A-Za-z0-9._]{1,30})")
_MEDIA_KINDS = {"LIVE": "comments on live videos take no answer by the API"}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who we are on Instagram. Ids differ by who asks, so the name counts as well."""

    ident: str
    name: str

    def wrote(self, found: Mapping[str, Any]) -> bool:
        """Tell whether we wrote a comment."""
        if self.ident and id_of(part_of(found, "from")) == self.ident:
            return True
        return bool(self.name) and name_of(found).casefold() == self.name.casefold()


def comment_of(
    comment: Any, *, media: str = "", permalink: str = "", top: Mapping[str, Any] | None = None
) -> FoundMention:
    """Return the mention that `comment` is; raise `ValueError` when it lacks what makes it one.

    `top` is the comment that it stands below, where it was listed there.
    """
    if not isinstance(comment, dict):
        raise ValueError("the comment is missing")
    ident = id_of(comment)
    if not ident:
        raise ValueError("the comment has no id")
    if "text" not in comment and "timestamp" not in comment:
        raise ValueError("the comment has neither a text nor a date")
    parent = id_of({"id": comment.get("parent_id")}) or id_of(top)
    about = part_of(comment, "media")
    permalink = web_link(permalink or about.get("permalink"))
    name = name_of(comment)
    hidden = comment.get("hidden") is True
    locked = "hidden comments take no answer" if hidden else ""
    return FoundMention(
        external_id=ident,
        text=tidy(text_of(comment, "text")),
        kind="comment",
        author_name=clip(one_line(name), 200),
        author_id=id_of(part_of(comment, "from")) or id_of(comment.get("user")) or clip(name, 200),
        author_url=f"https://www.instagram.com/{name}/" if name else "",
        url=f"{permalink.rstrip('/')}/c/{ident}/" if permalink else "",
        created_at=parse_date(comment.get("timestamp")),
        parent_external_id=parent,
        addressed_to_us=True,
        locked=locked or _MEDIA_KINDS.get(text_of(about, "media_product_type"), ""),
        raw={
            "media": media or id_of(about),
            "answer_at": parent or ident,
            "to": name if parent else "",
        },
    )


def name_of(comment: Mapping[str, Any]) -> str:
    """Return the user name of who wrote `comment`, where it is shown."""
    name = text_of(comment, "username") or text_of(part_of(comment, "from"), "username")
    return name if re.fullmatch(r"[A-Za-z0-9._]{1,60}", name) else ""


def replies_in(comment: Mapping[str, Any]) -> list[Any]:
    """Return the replies that were listed with `comment`."""
    data = part_of(comment, "replies").get("data")
    if isinstance(data, dict):
        return [data]
    return data if isinstance(data, list) else []


def answers_in(
    top: Mapping[str, Any], replies: Iterable[Any], owner: Owner
) -> dict[str, tuple[str, datetime | None]]:
    """Return which comments of one thread we answered: their id → our text and its time.

    All replies stand on one level, so the name in front tells whose word is answered: the last
    one that they said before. Without a name it is the thread's first comment.
    """
    told = sorted(
        ((parse_date(one.get("timestamp")), one) for one in replies if isinstance(one, dict)),
        key=lambda pair: pair[0].timestamp() if pair[0] else 0.0,
    )
    answered: dict[str, tuple[str, datetime | None]] = {}
    said: dict[str, str] = {}
    first = name_of(top).casefold()
    for at, one in told:
        if not owner.wrote(one):
            said[name_of(one).casefold()] = id_of(one)
            continue
        text = text_of(one, "text")
        match = _LEADING_NAME.match(text)
        name = match[1].casefold() if match else ""
        words = (tidy(text), at)
        if name and said.get(name):
            answered[said[name]] = words
        if not name or name == first or name not in said:
            answered[id_of(top)] = words
    answered.pop("", None)
    return answered
