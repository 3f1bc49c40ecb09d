"""Counts the length of a post as Mastodon counts it."""

from __future__ import annotations

import re

from connectors.lengths import graphemes

URL_LENGTH = 23
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\]\[]", re.I)
_MENTION = re.compile(r"(?<![=/\w])@(\w+(?:[\w.-]+\w+)?)@[\w.-]+\w", re.A)


def post_length(text: str) -> int:
    """Return the length of a post's text: every link counts 23, a mention of somebody elsewhere
    counts without its server, and what looks like one character counts one.
    """
    text = _URL.sub("x" * URL_LENGTH, text.replace("\r\n", "\n"))
    return graphemes(_MENTION.sub(r"@\1", text))
