"""Reads the shortcut *Make this a case*, and keeps what is needed of the message under it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from responders.slack.orders import unescape

MAKE_CASE = "rapport_make_case"
"""The shortcut's name in the app's manifest."""

SHORTCUT = "shortcut"
"""The kind of row that it leaves."""

MOST = 20_000
"""Characters that are kept of a message."""

_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A message that somebody wants to be a case. `author` is a member's id, if a member wrote it.

    `is_ours` says that the message is one of Rapport's own.
    """

    key: str
    user: str
    team: str
    channel: str
    message_ts: str
    text: str
    author: str
    author_name: str
    is_ours: bool
    response_url: str

    def stored(self) -> dict[str, Any]:
        """Return what is kept of it.

        The answer goes to the person, for the app need not be in the channel of the message.
        """
        return {
            "action": MAKE_CASE,
            "user": self.user,
            "team": self.team,
            "said_in": self.channel,
            "said_at": self.message_ts,
            "said": self.text,
            "author": self.author,
            "author_name": self.author_name,
            "is_ours": self.is_ours,
            "response_url": self.response_url,
        }

    def without_words(self) -> Shortcut:
        """Return it without what was said: of whoever may not decide nothing is kept."""
        return replace(self, text="", author="", author_name="")


def read_message_action(payload: Mapping[str, Any]) -> Shortcut | None:
    """Return the shortcut in a payload of the type ``message_action``; None for another's."""
    channel, said_at = _text(payload, "channel", "id"), _text(payload, "message_ts")
    user = _text(payload, "user", "id")
    if _text(payload, "callback_id") != MAKE_CASE or not (channel and said_at and user):
        return None
    app = _text(payload, "api_app_id")
    parts = (SHORTCUT, user, channel, said_at, _text(payload, "action_ts"))
    key = "|".join(parts)
    if len(key) > 255:
        key = f"{SHORTCUT}|{hashlib.sha256(key.encode()).hexdigest()}"
    return Shortcut(
        key=key,
        user=user,
        team=_text(payload, "user", "team_id") or _text(payload, "team", "id"),
        channel=channel,
        message_ts=said_at,
        text=_said(payload.get("message"))[:MOST],
        author=_text(payload, "message", "user"),
        author_name=_text(payload, "message", "username")
        or _text(payload, "message", "bot_profile", "name"),
        is_ours=bool(app) and app == _text(payload, "message", "app_id"),
        response_url=_text(payload, "response_url"),
    )


def plain_words(text: str) -> str:
    """Return a message's text as it is read: links with their address, and no brackets.

    >>> plain_words("<@U1|dana> says &lt;3, see <https://shop.example|the shop>")
    '@dana says <3, see the shop (https://shop.example)'
    """
    return unescape(_TOKEN.sub(_shown, text)).strip()


def _shown(token: re.Match[str]) -> str:
    target, label = token[1], token[2] or ""
    if target.startswith(("@", "#", "!")):
        sign = "@" if target.startswith("!") else target[0]
        name = label or target[1:].partition("^")[0]
        return sign + name.removeprefix(sign)
    return f"{label} ({target})" if label and label != target else target


def _said(message: object) -> str:
    """Return what a message says: its text or, without one, that of its attachments."""
    if not isinstance(message, Mapping):
        return ""
    text = _text(message, "text")
    if text.strip():
        return text
    attached = message.get("attachments")
    parts = [
        part
        for one in (attached if isinstance(attached, list) else [])
        if isinstance(one, Mapping)
        for part in (_text(one, "title"), _text(one, "text") or _text(one, "fallback"))
    ]
    return "\n".join(part for part in parts if part)


def _text(holder: Mapping[str, Any], *path: str) -> str:
    value: object = holder
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""
