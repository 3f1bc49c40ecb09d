"""Whether an answer is in the language that was asked for, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata

from responders.rules.function_words import FUNCTION_WORDS

FEWEST_WORDS = 4
LONG_SENTENCE = 8
NEARLY = 0.75
"""Related languages share small words: so near to the best counts as the best."""


def is_in(language: str, text: str) -> bool:
    """Tell whether `text` is all in `language`, one of those we have small words of.

    A language without them cannot be checked, and so nothing is in it.
    """
    known = FUNCTION_WORDS.get(language)
    if known is None or foreign_letters(text):
        return False
    counts = _counts(text)
    if (
        len(_words(text)) >= FEWEST_WORDS
        and not 0 < NEARLY * max(counts.values()) <= counts[language]
    ):
        return False
    for sentence in re.split(r"(?<=[.!?…:;])\s+|\n+", text):
        words = _words(sentence)
        if len(words) >= LONG_SENTENCE and known.isdisjoint(words):
            return False
        counts = _counts(sentence)
        if max(counts.values()) >= counts[language] + 3 and counts[language] <= 1:
            return False
    return True


def foreign_letters(text: str) -> bool:
    """Tell whether letters of another alphabet stand in `text`; all our languages are Latin.

    They imitate Latin ones, or are another language.
    """
    return any(
        char.isalpha() and not unicodedata.name(char, "?").startswith(("LATIN", "FEMININE", "MASC"))
        for char in set(text)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _counts(text: str) -> dict[str, int]:
    words = _words(text)
    return {code: sum(word in known for word in words) for code, known in FUNCTION_WORDS.items()}
