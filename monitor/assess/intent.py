"""What a text is for: complaint, question, suggestion, praise, closing words, spam or else."""

from __future__ import annotations

from collections.abc import Set

_KIND = 0.25  # the sentiment from which a text that is nothing else is praise
_SHORT = 12  # closing words are few


def judge_intent(
    *,
    complaint: bool,
    spam: bool,
    cues: Set[str],
    asks: bool,
    sentiment: float,
    stars: float | None,
    size: int,
) -> str:
    """One of `monitor.assess.INTENTS`.

    ``cues`` are the intents whose patterns were found, ``asks`` tells of a question mark, ``size``
    counts the words. What was judged a complaint is one, whatever it asks or suggests.
    """
    if spam:
        return "spam"
    if complaint:
        return "complaint"
    if "closing" in cues and size <= _SHORT and stars is None:
        return "closing"
    if "suggestion" in cues:
        return "suggestion"
    if stars is not None and stars >= 0.75:
        return "praise"
    if asks and ("question" in cues or sentiment < _KIND):
        return "question"
    if sentiment >= _KIND:
        return "praise"
    return "question" if "question" in cues and size <= _SHORT else "other"
