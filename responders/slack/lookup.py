"""Searches a channel for a post whose answer was lost, by the key in its metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from responders.slack.client import SlackClient
from responders.slack.results import Answer, AuthDead, Failure, Refused, Unknown

FIRST_LOOK = timedelta(seconds=3)
BETWEEN_LOOKS = timedelta(seconds=10)
LOOKS = 2
# Our clock and Slack's may differ; a wider window costs only reading.
CLOCK_SKEW = timedelta(minutes=10)
PAGES = 50


@dataclass(frozen=True, slots=True)
class Found:
    """The timestamps of the posts that carry the key, earliest first; none means not there."""

    timestamps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The channel may not be read, so nobody can tell whether the post is there."""

    error: str


def find_post(
    client: SlackClient,
    channel: str,
    post_key: str,
    since: datetime,
    thread_ts: str = "",
    *,
    until: datetime | None = None,
) -> Found | Forbidden | Failure:
    """Look for posts with `post_key` since a moment, in the channel or in one thread.

    `until` is when the last of them was sent. Nothing counts as absent that was not read to
    the end: a channel may have had a thousand messages since.
    """
    method = "conversations.replies" if thread_ts else "conversations.history"
    arguments: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{(since - CLOCK_SKEW).timestamp():.6f}",
        "inclusive": True,
        "include_all_metadata": True,
        "limit": 200,
    }
    if until is not None:
        arguments["latest"] = f"{(until + CLOCK_SKEW).timestamp():.6f}"
    if thread_ts:
        arguments["ts"] = thread_ts
    found: set[str] = set()
    for _page in range(PAGES):
        result = client.call(method, arguments)
        if isinstance(result, AuthDead) and result.error == "missing_scope":
            return Forbidden(f"missing_scope {result.needed}".strip())
        if isinstance(result, Refused):
            return Forbidden(result.error)
        if not isinstance(result, Answer):
            return result
        found.update(_matching(result.data.get("messages"), post_key))
        cursor = (result.data.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return Found(tuple(sorted(found, key=float)))
        arguments["cursor"] = cursor
    return Unknown(f"more than {PAGES} pages of messages since it was sent")


def _matching(messages: object, post_key: str) -> list[str]:
    if not isinstance(messages, list):
        return []
    return [
        str(message["ts"])
        for message in messages
        if isinstance(message, dict)
        and "ts" in message
        and ((message.get("metadata") or {}).get("event_payload") or {}).get("post_key") == post_key
    ]
