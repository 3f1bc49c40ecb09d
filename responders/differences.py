"""Tells by words what an edit changed. Escaping and marks are the faces' work."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

DIFF_WORDS = 3_000
"""Texts with more words than this are shown without the difference; it would take too long."""

Change = Literal["same", "gone", "new"]


def difference(before: str, after: str) -> list[tuple[Change, str]] | None:
    """Return `before` and `after` as one text of same, gone and new stretches, by words.

    None when they are too long to compare while somebody waits.
    """
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > DIFF_WORDS:
        return None
    changes: list[tuple[Change, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if kind == "equal":
            changes.append(("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            changes.append(("gone", "".join(old[i1:i2])))
        if j2 > j1:
            changes.append(("new", "".join(new[j1:j2])))
    return changes


def _words(text: str) -> list[str]:
    """Split into words, each with the white space behind it."""
    words: list[str] = []
    start, in_space = 0, False
    for at, char in enumerate(text):
        if char.isspace():
            in_space = True
        elif in_space:
            words.append(text[start:at])
            start, in_space = at, False
    if start < len(text):
        words.append(text[start:])
    return words
