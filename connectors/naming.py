"""Tells whether a text really names somebody, because the search is generous."""

from __future__ import annotations

import unicodedata

from connectors.text import normalised


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
    return bool(wanted) and f" {wanted} " in f" {words_of(text)} "
