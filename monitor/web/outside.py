"""Makes what comes from outside safe to show. Escaping is the templates' work, not done here."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category
from urllib.parse import urlsplit

KEPT = frozenset("\n\t\u200c\u200d\u200e\u200f\u00ad")
"""Line breaks, and marks that scripts and emoji need and that reorder nothing around them."""

DROPPED = frozenset("\r\u200b\ufeff\u2060")


def clean(text: str) -> str:
    r"""Spell out control and direction characters: an override becomes ``\u202e``, visibly."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char in KEPT:
        return char
    if char in DROPPED or 0xE0000 <= ord(char) <= 0xE007F:  # tags: parts of a few flags
        return ""
    if category(char) in ("Cc", "Cf", "Cs"):
        return f"\\u{ord(char):04x}"
    return char


def hidden_characters(text: str) -> list[str]:
    """Name the characters in a draft that a reader cannot see: ``U+202E``."""
    odd = {char for char in text if char not in "\r" and _shown(char) != char}
    return sorted(f"U+{ord(char):04X}" for char in odd)


def safe_url(url: str) -> str:
    """Return a link that may be followed; empty for anything but plain http and https."""
    if any(char.isspace() or category(char) in ("Cc", "Cf", "Cs") for char in url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and host else ""


def host_of(url: str) -> str:
    """Return the host that a safe link leads to; empty for any other."""
    return (urlsplit(url).hostname or "") if safe_url(url) else ""
