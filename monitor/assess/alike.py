"""Whether two texts are one text, copied or nearly so, and which of many are.

A text is cut into word triples (3-word shingles), each triple is hashed, and the smallest hashes
are kept: a bottom-k MinHash sketch. Two texts are alike by the share of triples that they have in
common (Jaccard's measure, estimated from the sketches of long texts). Copies are looked up by the
few smallest hashes: texts that share half of their triples share none of those 8 once in 250 times.

Short texts are no copies of each other. Among real reviews more than a third say word for word
what others said before them ("good", "not working"), and nobody copied anything.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from monitor.assess.text import clean, fold, shorten

ALIKE = 0.5
"""From here on two texts are one: of 16 words one may be another, of 40 about four."""

FEWEST_WORDS = 6
"""Texts with fewer words are nobody's copy."""

FEWEST_TRIPLES = 16
"""Of texts with fewer triples together, more than a word or two must not differ."""

KEPT = 64
LOOKED_UP = 8
EACH_HELD = 16
"""Texts remembered for one hash, at most: common phrases must not make a look-up slow."""

# Scripts that are written without spaces between words: each sign counts, two are like a word.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORDS = re.compile(f"[{_SIGNS}]|[^\\W_{_SIGNS}]+")
_FIRST_SIGN = "\u0e00"


class Print(NamedTuple):
    """What is kept of a text to compare it: the smallest hashes of its triples, ascending.

    `total` counts its triples; it is 0 for a text too short to be a copy.
    """

    smallest: tuple[int, ...]
    total: int


NO_PRINT = Print((), 0)


def words_of(text: str) -> list[str]:
    """Return the folded words of the part of a text that is judged, in order."""
    return _WORDS.findall(fold(clean(shorten(text)[0])))


def print_of(words: list[str]) -> Print:
    """Return the print of a text by its words; the same in every process."""
    signs = sum(len(word) == 1 and word >= _FIRST_SIGN for word in words)
    if len(words) - signs // 2 < FEWEST_WORDS:
        return NO_PRINT
    triples = set(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
    hashes = sorted(
        int.from_bytes(blake2b(each.encode("utf-8", "replace"), digest_size=8).digest())
        for each in triples
    )
    return Print(tuple(hashes[:KEPT]), len(hashes))


def likeness(one: Print, other: Print) -> float:
    """Return 0.0 (nothing in common) to 1.0 (the same triples) for two prints."""
    if not one.total or not other.total:
        return 0.0
    if one == other:
        return 1.0
    left, right = set(one.smallest), set(other.smallest)
    union = left | right
    if one.total <= KEPT and other.total <= KEPT:
        return len(left & right) / max(len(union), FEWEST_TRIPLES)
    # The smallest hashes of the union are known of both texts, so they are a fair sample of it.
    sample = sorted(union)[:KEPT]
    return sum(each in left and each in right for each in sample) / len(sample)


def similarity(one: str, other: str) -> float:
    """Return 0.0 to 1.0 for two texts; from `ALIKE` on one is a copy of the other."""
    return likeness(print_of(words_of(one)), print_of(words_of(other)))


class Copies:
    """Finds copies among the texts that it was given. Texts go by numbers of the caller's."""

    def __init__(self) -> None:
        self._held: dict[int, list[int]] = {}
        self._prints: dict[int, Print] = {}
        self._first: dict[int, int] = {}

    def add(self, key: int, told: Print) -> int:
        """Take in a text and return the first text that it is a copy of: `key` if of none.

        Copies of copies are copies of the first. `key` must be new.
        """
        first = self.find(told)
        self._first[key] = key if first is None else first
        if told.total:
            self._prints[key] = told
            for each in told.smallest[:LOOKED_UP]:
                held = self._held.setdefault(each, [])
                if len(held) < EACH_HELD:
                    held.append(key)
        return self._first[key]

    def find(self, told: Print) -> int | None:
        """Return the first text that this is a copy of, without taking it in."""
        near = {key for each in told.smallest[:LOOKED_UP] for key in self._held.get(each, ())}
        if not near:
            return None
        best = max(near, key=lambda key: (likeness(told, self._prints[key]), -key))
        return self._first[best] if likeness(told, self._prints[best]) >= ALIKE else None
