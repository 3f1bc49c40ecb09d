"""Tells whether a text really names somebody, because the search is generous."""

from __future__ import annotations

import re
import unicodedata

from connectors.text import normalised

_SIGNS = re.compile(r"\w[+#$]")


def words_of(text: str) -> str:
    """Return the words of `text` with one blank between, without case and accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in apart if not unicodedata.combining(char))
    return normalised(text)


def names(text: str, phrase: str) -> bool:
    """Tell whether the words of `phrase` stand in `text`, whole and in this order.

    >>> names("We left ACME's cloud", "acme"), names("An acmeist poem", "acme")
    (True, False)
    """
    wanted = words_of(phrase)
    if not wanted or f" {wanted} " not in f" {words_of(text)} ":
        return False
    # Some names live by a sign that is no letter: C++, C#, F$.
    return not _SIGNS.search(phrase) or phrase.casefold() in text.casefold()
