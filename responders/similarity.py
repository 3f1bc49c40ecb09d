"""How alike two replies are, so that nobody is answered with yesterday's wording.

The measure is the share of the shorter text's word triples that also stand in the longer one
(containment of 3-word shingles). It sees a copied reply with a changed name, a reply with a
sentence added, and it ignores capitals and punctuation. Very short texts are damped: a shared
"thank you very much" alone makes nobody a copyist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

SHINGLE_WORDS = 3
TOO_SIMILAR = 0.7
"""From here on two replies read like one text with the names exchanged.

A changed name leaves about 0.85, an added sentence 1.0; two drafts of ours that share three of
five sentences come to about 0.6, and two that share none to 0.2 (contact, place and signature).
"""

FEWEST_SHINGLES = 16
"""Texts with fewer triples are measured as if they had this many."""

# Chinese, Japanese and Korean are written without spaces between words: each sign counts.
_WORDS = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)

Shingles = frozenset[str]


@lru_cache(maxsize=4096)
def shingles(text: str) -> Shingles:
    """Return the word triples of `text`; a text of one or two words is one shingle."""
    words = _WORDS.findall(text.casefold())
    if not words:
        return frozenset()
    if len(words) < SHINGLE_WORDS:
        return frozenset({" ".join(words)})
    # Strings remember their hash, tuples do not: this halves the time of a comparison.
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def similarity(one: str, other: str) -> float:
    """Return 0.0 (nothing in common) to 1.0 (one text is contained in the other)."""
    return _compare(shingles(one), shingles(other))


def closest(text: str, others: Iterable[str]) -> float:
    """Return the similarity of `text` to the most alike of `others`, 0.0 without any."""
    mine = shingles(text)
    return max([_compare(mine, shingles(other)) for other in others], default=0.0)


def _compare(left: Shingles, right: Shingles) -> float:
    common = len(left & right)
    if common == len(left) == len(right):
        return 1.0 if common else 0.0
    return common / max(min(len(left), len(right)), FEWEST_SHINGLES)
