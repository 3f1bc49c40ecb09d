"""Turns YouTube's comments and their threads into mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.addresses import web_link
from connectors.base import FoundMention, Problem, Receipt, ReceiptState
from connectors.dates import parse_date
from connectors.googlefaults import said
from connectors.text import clean, clip, html_to_text, one_line

ID = re.compile(r"^[\w-][\w.=-]{0,199}\Z", re.A)
MOST_REPLIES = 10**9
"""A larger count is nonsense, and has no place in a cursor."""
NO_REPLIES = "YouTube takes no replies there"
# Plain text is asked for, but a proxy or a recording may hold HTML, in which no line ever breaks.
_HTML = re.compile(r"<br ?/?>|<a href=|</(?:a|b|i|s)>|&(?:amp|lt|gt|quot|#39);", re.I)
_STATES: dict[str, ReceiptState] = {
    "heldForReview": "accepted",
    "likelySpam": "accepted",
    "rejected": "rejected",
}


@dataclass(slots=True)
class Thread:
    """One conversation as a listing shows it: its first comment, and a few replies or all.

    `channel` is the one whose video it stands under, `count` how many replies there are by
    YouTube's word, and `last` the latest time that is shown, in epoch seconds. What could not be
    read is among the problems.
    """

    ident: str
    channel: str = ""
    count: int = 0
    last: int = 0
    top: FoundMention | None = None
    replies: list[FoundMention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def comments(self) -> list[FoundMention]:
        return [*([self.top] if self.top else []), *self.replies]


def thread_of(item: Any) -> Thread:
    """Return the thread that `item` of a listing is; raise `ValueError` when it is none."""
    snippet = item.get("snippet") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(snippet, dict):
        raise ValueError("the thread is missing")
    if said(item, "kind") == "youtube#comment":
        # A comment without its thread still is what somebody said.
        alone = mention_of(item)
        return Thread(alone.parent_external_id or alone.external_id, top=alone)
    top = snippet.get("topLevelComment")
    ident = said(item, "id") or (said(top, "id") if isinstance(top, dict) else "")
    if not ID.match(ident):
        raise ValueError("the thread has no id")
    count = snippet.get("totalReplyCount")
    count = min(count, MOST_REPLIES) if type(count) is int and count > 0 else 0
    thread = Thread(ident, said(snippet, "channelId"), count)
    locked = NO_REPLIES if snippet.get("canReply") is False else ""
    place = {"video": said(snippet, "videoId"), "channel": said(snippet, "channelId")}
    try:
        thread.top = mention_of(top, locked=locked, **place)
    except ValueError as error:
        thread.problems.append(Problem(f"thread {ident}", str(error)))
    inside = item.get("replies")
    replies = inside.get("comments") if isinstance(inside, dict) else None
    for reply in replies if isinstance(replies, list) else []:
        try:
            thread.replies.append(mention_of(reply, thread=ident, locked=locked, **place))
        except ValueError as error:
            thread.problems.append(Problem(f"a reply in thread {ident}", str(error)))
    times = [int(one.created_at.timestamp()) for one in thread.comments if one.created_at]
    thread.last = max(times, default=0)
    return thread


def mention_of(
    comment: Any, *, thread: str = "", video: str = "", channel: str = "", locked: str = ""
) -> FoundMention:
    """Return the mention that `comment` is; raise `ValueError` when it lacks what makes it one.

    `thread`, `video` and `channel` tell where it stands, where it does not tell itself.
    """
    snippet = comment.get("snippet") if isinstance(comment, dict) else None
    if not isinstance(comment, dict) or not isinstance(snippet, dict):
        raise ValueError("the comment is missing")
    ident = said(comment, "id")
    if not ID.match(ident):
        raise ValueError("the comment has no id")
    text = snippet.get("textOriginal")
    if not isinstance(text, str):
        text = snippet.get("textDisplay")
        if not isinstance(text, str):
            raise ValueError("the comment has no text")
        if "\n" not in text and _HTML.search(text):
            text = html_to_text(text)
    parent = said(snippet, "parentId") or (ident.partition(".")[0] if "." in ident else thread)
    video = said(snippet, "videoId") or video
    channel = said(snippet, "channelId") or channel
    author = snippet.get("authorChannelId")
    author = said(author, "value") if isinstance(author, dict) else said(snippet, "authorChannelId")
    written, changed = (parse_date(snippet.get(key)) for key in ("publishedAt", "updatedAt"))
    return FoundMention(
        external_id=ident,
        text=clean(text).strip(),
        kind="comment",
        author_name=clip(one_line(said(snippet, "authorDisplayName")), 200),
        author_id=clip(author, 200),
        author_url=web_link(said(snippet, "authorChannelUrl")),
        url=link_to(ident, video, channel),
        created_at=written or changed,
        edited_at=changed if written and changed and changed > written else None,
        parent_external_id=parent if parent != ident else "",
        locked=locked,
        raw={"video": video, "channel": channel, "state": said(snippet, "moderationStatus")},
    )


def link_to(ident: str, video: str, channel: str) -> str:
    """Return where a comment can be seen; nothing where that is not known."""
    if video:
        return f"https://www.youtube.com/watch?v={quote(video)}&lc={quote(ident)}"
    return f"https://www.youtube.com/channel/{quote(channel)}/community" if channel else ""


def answered(comments: Sequence[FoundMention], own: frozenset[str]) -> list[FoundMention]:
    """Return what others said among the `comments` of one thread, with our answers to it.

    Any reply of ours answers the first comment. It answers a reply that came before it where it
    names its author, or where nobody but one customer takes part: YouTube does not tell which
    comment of a thread a reply is meant for, and a complaint must not pass for answered.
    """
    ours = [one for one in comments if one.author_id in own and one.author_id]
    others = [one for one in comments if one.author_id not in own or not one.author_id]
    ours.sort(key=lambda one: one.created_at.timestamp() if one.created_at else 0.0)
    alone = len({one.author_id or one.author_name for one in others}) <= 1
    for other in others:
        for reply in ours:
            if _answers(reply, other, alone):
                other.our_reply, other.our_reply_at = reply.text, reply.created_at
    return others


def _answers(reply: FoundMention, other: FoundMention, alone: bool) -> bool:
    if not reply.parent_external_id:
        return False
    if not other.parent_external_id:
        return reply.parent_external_id == other.external_id
    if reply.created_at is None or other.created_at is None or reply.created_at < other.created_at:
        return False
    name = other.author_name.removeprefix("@")
    called = bool(name) and f"@{name}".casefold() in reply.text.casefold()
    return alone or called


def receipt_of(comment: FoundMention) -> Receipt:
    """Return the receipt of our reply, as it stands now."""
    told = str((comment.raw or {}).get("state", ""))
    state = _STATES.get(told, "visible")
    return Receipt(
        state,
        external_id=comment.external_id,
        url=comment.url,
        at=comment.created_at,
        text=comment.text,
        reason="the channel's moderation rejected it" if state == "rejected" else "",
    )
