"""What a reply must be, and how our own is recognised after the site has rendered it."""

from __future__ import annotations

import re

from connectors.text import html_to_text, normalised

LIMITS = {"comment": (15, 600), "answer": (30, 30_000)}
"""Fewest and most characters."""
_LABELLED = re.compile(r"\[([^\]]*)\]\([^)\s]+(?:\s+\"[^\"]*\")?\)")
_ADDRESS = re.compile(r"<?https?://\S+>?", re.I)
_ANCHOR = re.compile(r"<a\b[^>]*>(.*?)</a>", re.I | re.S)
_LOOKS_LIKE_ADDRESS = re.compile(r"^\s*(?:https?://)?[\w.-]+\.\w+(?:/\S*)?…?\s*$", re.I)


def objections(text: str, reply_as: str, affiliation: str) -> tuple[str, ...]:
    """Return why the site, or its rules, would not have `text`: too short, or from nobody."""
    found = []
    fewest = LIMITS[reply_as][0]
    if len(text.strip()) < fewest:
        found.append(f"it has fewer than {fewest} characters")
    if affiliation.strip() and f" {normalised(affiliation)} " not in f" {normalised(text)} ":
        found.append(f"it does not disclose whom you speak for: “{affiliation.strip()}”")
    return tuple(found)


def same_reply(rendered: str, text: str) -> bool:
    """Tell whether `rendered`, the site's HTML, is our Markdown `text`; addresses do not count.

    The site shortens addresses and turns labelled links into anchors.
    """
    without = _ANCHOR.sub(lambda m: "" if _LOOKS_LIKE_ADDRESS.match(m[1]) else m[1], rendered)
    mine = normalised(_ADDRESS.sub(" ", _LABELLED.sub(r"\1", text)))
    theirs = normalised(_ADDRESS.sub(" ", html_to_text(without)))
    return bool(mine) and mine == theirs
