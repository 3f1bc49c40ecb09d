"""Makes outside text harmless in each of the places where Slack shows text.

Slack has three carriers. A leaf of ``rich_text`` is literal: nothing in it is parsed, so it is
only cleaned. ``plain_text`` shows what it gets on one line. ``mrkdwn`` (and a message's top-level
``text``) parses ``<…>`` and marks: there ``& < >`` are escaped, in this order and once, and each
mark is followed by a zero-width space, because Slack has no escape for marks.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

ZERO_WIDTH_SPACE = "\u200b"
NOTHING = "(no text)"

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([*_~`:@#])")
_DATE_FORMAT = "{date_short_pretty} {time}"


def width(text: str) -> int:
    """Return the length of `text` in UTF-16 units, the larger of the ways Slack may count."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def cut(text: str, limit: int) -> str:
    """Return `text`, or its beginning with an ellipsis, at most `limit` units wide."""
    if len(text) * 2 <= limit or (len(text) <= limit and width(text) <= limit):
        return text
    room = limit - 1
    end = 0
    for char in text[:limit]:
        room -= 2 if ord(char) > 0xFFFF else 1
        if room < 0:
            break
        end += 1
    return text[:end].rstrip() + "…"


def clean(text: str) -> str:
    """Return `text` without what JSON or Slack would refuse: control characters, half pairs."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub("", sound.replace("\r\n", "\n").replace("\r", "\n"))


def leaf(text: str, limit: int) -> str:
    """Return `text` for a leaf of rich text: literal, never empty, at most `limit` wide."""
    return cut(clean(text).strip(), limit) or NOTHING


def line(text: str, limit: int, otherwise: str = "") -> str:
    """Return `text` on one line for ``plain_text``: no line breaks, no turned direction."""
    return cut(" ".join(_DIRECTIONS.sub("", clean(text)).split()), limit) or otherwise


def escape(text: str) -> str:
    """Escape Slack's three control characters, once."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str, limit: int, otherwise: str = "") -> str:
    """Return `text` on one line for ``mrkdwn``, without any power. `limit` is before escaping."""
    return _MARKS.sub(rf"\1{ZERO_WIDTH_SPACE}", escape(line(text, limit, otherwise)))


def utc(moment: datetime) -> str:
    """Return a time with its zone, as in ``2026-12-01 09:00 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def when(moment: datetime) -> str:
    """Return a time for ``mrkdwn``: in the reader's zone, and in UTC for everybody."""
    stamp = int(moment.timestamp())
    return f"<!date^{stamp}^{_DATE_FORMAT}|{utc(moment)}> your time ({utc(moment)})"


def safe_url(url: str) -> str:
    """Return `url` if it is an ordinary web address, else an empty string."""
    address = clean(url).strip()
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    if not usable or len(address) > 2500 or re.search(r"\s", address):
        return ""
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~-._")[:3000]
