"""Turns posts of X, in the shapes of its API 2 and of the old 1.1, into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.followers import read_followers
from connectors.text import clip, one_line, tidy
from connectors.x.ids import is_id, made_at

TWEET_FIELDS = (
    "created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,lang,"
    "edit_history_tweet_ids,note_tweet,entities,reply_settings"
)
USER_FIELDS = "username,name,public_metrics"
_STATUS = re.compile(r"^https?://(?:\w+\.)?(?:x|twitter)\.com/(\w{1,20})/status/\d+", re.I)
_NO_LANGUAGE = frozenset({"und", "zxx", "qme", "qam", "qct", "qht", "qst"})


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom posts are read: our account's number and name, as far as they are known."""

    ident: str = ""
    name: str = ""

    def wrote(self, post: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether our account wrote `post`."""
        author = _text(post, "author_id")
        if self.ident and author:
            return author == self.ident
        name = _text(users.get(author, {}), "username")
        return bool(self.name) and name.casefold() == self.name.casefold()

    def is_summoned(self, post: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether the author mentioned our account or quoted a post of it.

        Only then X lets us answer. `others` are posts that came along.
        """
        if self.ident and _text(post, "in_reply_to_user_id") == self.ident:
            return True
        entities = _part(post, "entities")
        for one in _dicts(entities.get("mentions")):
            if self._is(_text(one, "id"), _text(one, "username")):
                return True
        for one in _dicts(entities.get("urls")):
            match = _STATUS.match(_text(one, "expanded_url"))
            if match and self._is("", match[1]):
                return True
        for ident in _referenced(post, "quoted"):
            if self.ident and _text(others.get(ident, {}), "author_id") == self.ident:
                return True
        return bool(
            self.name
            and re.search(rf"(?<![\w@])@{re.escape(self.name)}(?!\w)", said_in(post), re.I)
        )

    def _is(self, ident: str, name: str) -> bool:
        if self.ident and ident:
            return ident == self.ident
        return bool(self.name) and name.casefold() == self.name.casefold()


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer of the API: posts, who and what came along, and where it goes on."""

    posts: list[Any]
    users: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    others: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    next_token: str = ""
    newest: str = ""


def listing_of(found: Any) -> Listing | None:
    """Return what an answer lists, or None where it is no list.

    An empty list has no ``data`` at all. The old shapes are a bare list, ``statuses`` and
    ``results``.
    """
    if isinstance(found, list):
        return _old_listing(found)
    if not isinstance(found, dict):
        return None
    for key in ("statuses", "results"):
        if isinstance(found.get(key), list):
            return _old_listing(found[key], _text(found, "next"))
    if _is_old(found) and ("text" in found or "full_text" in found):
        return _old_listing([found])
    meta, data = _part(found, "meta"), found.get("data")
    if isinstance(data, dict):
        data = [data]
    if data is None and "result_count" in meta and not meta["result_count"]:
        data = []
    if not isinstance(data, list):
        return None
    includes = _part(found, "includes")
    token, newest = meta.get("next_token"), meta.get("newest_id")
    return Listing(
        data,
        _by_id(includes.get("users")),
        _by_id(includes.get("tweets")),
        token if isinstance(token, str) else "",
        newest if is_id(newest) and isinstance(newest, str) else "",
    )


def mention_of(
    post: Any,
    reader: Reader,
    *,
    users: Mapping[str, Mapping[str, Any]] | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    addressed: bool = False,
) -> FoundMention:
    """Return the mention that `post` is; raise `ValueError` when it lacks what makes it one.

    An edit has an id of its own, so the first version's id is the mention's.
    """
    if not isinstance(post, dict):
        raise ValueError("the post is missing")
    ident = _text(post, "id")
    if not is_id(ident):
        raise ValueError("the post has no id")
    if not isinstance(post.get("text"), str):
        raise ValueError("the post has no text")
    versions = versions_of(post)
    first, latest = versions[0], versions[-1]
    author_id = _text(post, "author_id")
    author = (users or {}).get(author_id, {})
    name = _text(author, "username")
    name = name if re.fullmatch(r"\w{1,20}", name) else ""
    parents = _referenced(post, "replied_to")
    language = _text(post, "lang")
    # Who passes on somebody else's words has not spoken to us.
    summoned = not _referenced(post, "retweeted") and (
        addressed or reader.is_summoned(post, others or {})
    )
    return FoundMention(
        external_id=first,
        text=tidy(unescape(said_in(post))),
        kind="comment" if parents else "post",
        author_name=clip(one_line(_text(author, "name") or name), 200),
        author_id=author_id if is_id(author_id) else "",
        author_url=f"https://x.com/{name}" if name else "",
        language="" if language in _NO_LANGUAGE else clip(language, 20),
        url=f"https://x.com/{name or 'i'}/status/{ident}",
        created_at=_first_moment(post, first, ident),
        edited_at=made_at(ident) if ident != first else None,
        parent_external_id=parents[0] if parents else "",
        addressed_to_us=summoned,
        locked=_locked(post, summoned),
        author_reach=read_followers(_part(author, "public_metrics").get("followers_count")),
        raw={"latest": latest, "summoned": summoned},
    )


def said_in(post: Mapping[str, Any]) -> str:
    """Return a post's whole text; what is longer than usual stands in a note."""
    return _text(_part(post, "note_tweet"), "text") or _text(post, "text")


def spelled_out(post: Mapping[str, Any]) -> str:
    """Return a post's text with its shortened links as their author wrote them."""
    text = said_in(post)
    for part in (_part(post, "entities"), _part(_part(post, "note_tweet"), "entities")):
        for one in _dicts(part.get("urls")):
            short, whole = _text(one, "url"), _text(one, "expanded_url")
            if short and whole:
                text = text.replace(short, whole)
    return unescape(text)


def versions_of(post: Mapping[str, Any]) -> list[str]:
    """Return the ids of all versions of a post, the first one first."""
    told = post.get("edit_history_tweet_ids")
    versions = [one for one in told if is_id(one)] if isinstance(told, list) else []
    ident = _text(post, "id")
    return sorted({*versions, ident}, key=int) if ident in versions else [ident]


def answers(post: Mapping[str, Any], versions: set[str]) -> bool:
    """Tell whether `post` answers one of these versions of a post."""
    return bool(versions & set(_referenced(post, "replied_to")))


def _first_moment(post: Mapping[str, Any], first: str, ident: str) -> datetime | None:
    told = parse_date(post.get("created_at"))
    if first != ident or told is None:
        return made_at(first) or told
    return told


def _locked(post: Mapping[str, Any], summoned: bool) -> str:
    """Return why nobody of us may answer. Whom the author mentioned always may."""
    allowed = _text(post, "reply_settings")
    if summoned or allowed in ("", "everyone"):
        return ""
    words = {
        "mentionedUsers": "people whom the author mentioned",
        "following": "people whom the author follows",
        "subscribers": "the author's subscribers",
        "verified": "verified accounts",
    }
    return f"only {words.get(allowed, 'some people')} may answer"


def _referenced(post: Mapping[str, Any], kind: str) -> list[str]:
    return [
        _text(one, "id")
        for one in _dicts(post.get("referenced_tweets"))
        if one.get("type") == kind and is_id(one.get("id"))
    ]


def _old_listing(statuses: list[Any], following: str = "") -> Listing:
    posts = [_from_old(one) for one in statuses]
    users = {_text(one, "author_id"): _part(one, "author") for one in _dicts(posts)}
    return Listing(posts, users, next_token=following)


def _from_old(status: Any) -> Any:
    """Return a status of API 1 or 1.1 in the shape of API 2; anything else as it is."""
    if not isinstance(status, dict) or not _is_old(status):
        return status
    user = _part(status, "user")
    entities = _part(status, "entities")
    references = [
        {"type": kind, "id": _old_id(status, key)}
        for kind, key in (("replied_to", "in_reply_to_status_id"), ("quoted", "quoted_status_id"))
        if _old_id(status, key)
    ]
    longer = _text(_part(status, "extended_tweet"), "full_text")
    return {
        "id": _old_id(status, "id"),
        "text": longer or status.get("full_text") or status.get("text"),
        "author_id": _old_id(user, "id"),
        "author": {
            "username": _text(user, "screen_name"),
            "name": _text(user, "name"),
            "public_metrics": {"followers_count": user.get("followers_count")},
        },
        "created_at": status.get("created_at"),
        "lang": status.get("lang"),
        "in_reply_to_user_id": _old_id(status, "in_reply_to_user_id"),
        "referenced_tweets": references,
        "entities": {
            "urls": entities.get("urls"),
            "mentions": [
                {"id": _old_id(one, "id"), "username": _text(one, "screen_name")}
                for one in _dicts(entities.get("user_mentions"))
            ],
        },
    }


def _is_old(status: Mapping[str, Any]) -> bool:
    return "id_str" in status or (type(status.get("id")) is int and "user" in status)


def _old_id(found: Mapping[str, Any], key: str) -> str:
    """Return an id, which the first answers of all have as a number only."""
    number = found.get(key)
    return _text(found, f"{key}_str") or (str(number) if type(number) is int else "")


def _by_id(listed: Any) -> dict[str, Mapping[str, Any]]:
    return {_text(one, "id"): one for one in _dicts(listed)}


def _dicts(listed: Any) -> list[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _part(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
