"""The words that polite answers are made of, so that an answer made of other words is noticed.

A model that was taken over has something to say, and it takes words to say it: a shop's name, an
offer, a lie about us. Patterns find the wordings they know; a closed vocabulary notices the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from responders.phrases import TEMPLATES, read_yaml
from responders.rules.function_words import FUNCTION_WORDS

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"
SHORT, ENDING = 6, 3
"""What a star stands for behind fewer than `SHORT` letters: so many letters at most."""

STEM = 5
"""So many first letters make two words one: waited, waiting, waits."""


def unusual(language: str, text: str) -> tuple[str, ...]:
    """Return the words of `text` that no polite answer in `language` needs, each stem once."""
    exact, starts = _known(language)
    found: dict[str, str] = {}
    for word in words_of(text):
        if word not in exact and not starts.match(word):
            found.setdefault(word[:STEM], word)
    return tuple(found.values())


def stems(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of `words`."""
    return frozenset(word[:STEM] for word in words)


def words_of(text: str) -> list[str]:
    """Return the words of `text` in small letters, with one kind of apostrophe."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.casefold().replace("’", "'"))


@lru_cache(maxsize=8)
def _known(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    listed = str(read_yaml(VOCABULARY)[language]).casefold().split()
    exact = {entry for entry in listed if not entry.endswith("*")}
    exact |= FUNCTION_WORDS[language]
    exact |= set(words_of(" ".join(_strings(read_yaml(TEMPLATES / f"{language}.yaml")))))
    starts = {entry[:-1] for entry in listed if entry.endswith("*")}
    shorts = sorted(start for start in starts if len(start) < SHORT)
    longs = sorted(starts.difference(shorts))
    # Elided words stand before what they belong to: l'attente, dell'ordine.
    elided = r"(?:[a-zà-ÿ]{1,5}')?" if language in ("fr", "it") else ""
    pattern = (
        rf"{elided}(?:(?:{'|'.join(map(re.escape, longs))})|"
        rf"(?:{'|'.join(map(re.escape, shorts)) or '(?!)'})\w{{0,{ENDING}}}$)"
    )
    return frozenset(exact), re.compile(pattern)


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
