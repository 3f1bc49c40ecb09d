"""How kind or unkind English words are, by TextBlob.

TextBlob's own lexicon and its own rules for "very" and "not" are used; only its splitting into
words is not. It took half of TextBlob's time and loses the "not" of "isn't" ("is n ' t"), and
the words are split here already. TextBlob (and NLTK with it) is imported when the first English
text is judged, not before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

_lock = threading.Lock()
_loaded: list[Any] = []


def _load() -> Any:
    with _lock:  # loaded once, also when many threads start at once
        if not _loaded:
            _loaded.append(_analyser())
    return _loaded[0]


def _analyser() -> Any:
    from textblob._text import Sentiment
    from textblob.en import sentiment

    sentiment("good")  # TextBlob reads its lexicon at the first use

    class PlainSentiment(Sentiment):  # type: ignore[misc]  # TextBlob ships no type information
        """The same words and rules, in a plain dictionary instead of one that may yet load."""

        __contains__ = dict.__contains__
        __getitem__ = dict.__getitem__

    plain = PlainSentiment(
        negations=sentiment.negations, modifiers=sentiment.modifiers, modifier=sentiment.modifier
    )
    dict.update(plain, dict.items(sentiment))
    plain.labeler = sentiment.labeler
    return plain


def polarity(tokens: Sequence[str]) -> float:
    """TextBlob's polarity of English words, -1..1; 0.0 when it knows none of them."""
    analyser = _loaded[0] if _loaded else _load()
    if dict.keys(analyser).isdisjoint(tokens):
        return 0.0
    # TextBlob looks for an emoticon in every number, at length. There are none left here.
    found = analyser.assessments(
        [("number" if word[0].isdigit() else word, None) for word in tokens]
    )
    if not found:
        return 0.0
    return float(sum([each[1] for each in found]) / len(found))
