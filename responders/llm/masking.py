"""Hides personal data in a customer's text before it goes to a model, as far as it can be found.

>>> mask("Tom Braun, order 48213, call 030 5550188", author_name="Tom Braun").text
'[NAME], order [NUMBER], call [NUMBER]'

A mask is a word in square brackets. What it hid is forgotten: nothing but the two masks of
`PUBLISHABLE` is ever turned back, and those stand for what we may say in public anyway.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from responders.llm import patterns, people
from responders.llm.people import Span

FIRST_NAME = "[FIRST_NAME]"
CONTACT = "[CONTACT]"
PUBLISHABLE = (FIRST_NAME, CONTACT)
"""The masks that stand for what an answer may say: how to greet, and how to reach us."""

NAME, LINK, EMAIL, HANDLE, BANK, NUMBER, ADDRESS = (
    "[NAME]",
    "[LINK]",
    "[EMAIL]",
    "[HANDLE]",
    "[BANK]",
    "[NUMBER]",
    "[ADDRESS]",
)
LONGEST_TEXT = 4000
"""Characters of a text that are sent; the rest is cut, and the model is told so."""

CUT = " […]"
_LOOKED_AT, _MARGIN = LONGEST_TEXT + 1000, 200
"""How much of a text is looked at. What is cut there may be half of a number: a margin goes too."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and how many places were hidden."""

    text: str
    hidden: int


def mask(text: str, *, author_name: str = "", keep: Iterable[str] = ()) -> Masked:
    """Return `text` with what identifies people hidden; the names in `keep` are ours and stay."""
    whole = _plain(text[: 4 * _LOOKED_AT])
    shown = whole[:_LOOKED_AT]
    found = sorted(_find(shown, author_name), key=lambda each: (each[0], -each[1]))
    ours = [_span for name in keep for _span in _places(shown, name)]
    parts: list[str] = []
    at = hidden = 0
    for start, end, mark in found:
        if any(first <= start and end <= last for first, last in ours):
            continue
        if start < at:
            # Two finds overlap: what was found first names it, and the longer end counts.
            at = max(at, end)
            continue
        parts += [shown[at:start], mark]
        at, hidden = end, hidden + 1
    parts.append(shown[at:])
    masked = re.sub(r"(\[[A-Z]+\])(?:[ ,/-]{0,2}\1)+", r"\1", "".join(parts))
    if len(shown) < len(whole):
        masked = masked[:-_MARGIN]
    if len(masked) > LONGEST_TEXT or len(shown) < len(whole):
        # Cut after masking, so that half a number is never left standing.
        masked = masked[:LONGEST_TEXT].rsplit(" ", 1)[0] + CUT
    return Masked(masked, hidden)


def _find(text: str, author_name: str) -> Iterator[tuple[int, int, str]]:
    for (start, end), is_first in people.authors_own(text, author_name):
        yield start, end, FIRST_NAME if is_first else NAME
    for pattern, mark in (
        (patterns.LINK, LINK),
        (patterns.EMAIL, EMAIL),
        (patterns.HANDLE, HANDLE),
        (patterns.IBAN, BANK),
        (patterns.ADDRESS, ADDRESS),
        (patterns.POSTCODE, ADDRESS),
        (patterns.LONG_NUMBER, NUMBER),
        (patterns.CODE, NUMBER),
        (patterns.PLATE, NUMBER),
        (patterns.SPELLED_NUMBER, NUMBER),
    ):
        for match in pattern.finditer(text):
            yield *match.span(), mark
    for match in patterns.CUED_NUMBER.finditer(text):
        yield *match.span("number"), NUMBER
    for start, end in people.others(text):
        yield start, end, NAME


def _plain(text: str) -> str:
    """Return `text` in one spelling: no invisible signs, no square brackets, plain digits.

    Brackets would let a text forge masks, and signs without a width would split an address so
    that no pattern finds it.
    """
    shown = unicodedata.normalize("NFKC", text)
    kept = (
        char if char in "\n\t" or unicodedata.category(char)[0] != "C" else ""
        for char in shown.replace("\r\n", "\n").replace("\r", "\n")
    )
    return "".join(kept).replace("[", "(").replace("]", ")").strip()


def _places(text: str, name: str) -> Iterator[Span]:
    if name.strip():
        for match in re.finditer(rf"(?<!\w){re.escape(name.strip())}(?!\w)", text, re.IGNORECASE):
            yield match.span()
