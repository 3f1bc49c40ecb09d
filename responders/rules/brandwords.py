"""A brand's own words: what it never says, and what of value it may offer.

Written as everywhere in the configuration: ``car park*`` is any word that begins so, ``car|bike``
either, ``..`` up to three words of any kind, ``#`` a number. Small and capital letters are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from responders.rules.base import Finding, Reply, Rule, shorten
from responders.rules.words import UP_TO_THREE_WORDS

_BETWEEN = r"[^\w.!?\n]+"


@lru_cache(maxsize=256)
def brand_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for several phrases; without any it matches nothing."""
    written = [_phrase(phrase) for phrase in phrases if phrase.strip()]
    if not written:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)", re.IGNORECASE)


def _phrase(phrase: str) -> str:
    out = ""
    for piece in phrase.replace("’", "'").split():
        if piece == "..":
            out += _BETWEEN + UP_TO_THREE_WORDS if out else ""
            continue
        gap = _BETWEEN if out and not out.endswith(UP_TO_THREE_WORDS) else ""
        out += gap + _piece(piece)
    return out


def _piece(piece: str) -> str:
    choices = []
    for choice in filter(None, piece.split("|")):
        if choice == "#":
            choices.append(r"\d[\d.,]*")
        elif choice.endswith("*"):
            choices.append(re.escape(choice[:-1]) + r"[\w'-]*")
        else:
            choices.append(re.escape(choice))
    return f"(?:{'|'.join(choices)})"


def only_allowed(words: Sequence[str], allowed: tuple[str, ...]) -> bool:
    """Tell whether there are words, and each of them is one of the `allowed`."""
    if not words or not allowed:
        return False
    pattern = brand_pattern(allowed)
    return all(pattern.search(each) for each in words)


def _never_say(reply: Reply) -> Iterator[Finding]:
    if not reply.facts.never_say:
        return
    match = brand_pattern(reply.facts.never_say).search(reply.plain)
    if match:
        said = match.group()
        message = f"The brand never says “{shorten(said)}” (never_say). Say it in other words"
        yield Finding("never_say", "block", message, "The brand's own rule", said)


BRAND_RULES: tuple[Rule, ...] = (
    Rule(
        "never_say",
        "block",
        "It holds words that the brand never says (`never_say`)",
        "The brand's own rule",
        _never_say,
    ),
)
