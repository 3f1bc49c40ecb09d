"""Why a text was judged as it was, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

_TELLING = 45  # hundredths of log-odds from which a word is worth showing
_JOINING = 20  # and from which it joins the one before it
_SHOWN = 4
_LONGEST = 6
_QUIET = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
        "in",
        "is",
        "was",
        "it",
        "i",
        "we",
        "my",
        "our",
        "for",
        "on",
        "at",
        "with",
        "this",
        "that",
        "der",
        "die",
        "das",
        "und",
        "ist",
        "war",
        "es",
        "ich",
        "wir",
        "el",
        "la",
        "los",
        "las",
        "un",
        "una",
        "y",
        "de",
        "que",
        "en",
        "es",
        "le",
        "les",
        "des",
        "du",
        "et",
        "est",
        "je",
        "nous",
        "il",
        "lo",
        "gli",
        "e",
        "di",
        "che",
        "een",
        "het",
        "van",
        "ik",
        "wij",
        "o",
        "os",
        "as",
        "um",
        "uma",
        "e",
        "do",
        "da",
    ]
)


def telling_phrases(words: Sequence[str], weights: Sequence[int]) -> list[str]:
    """The runs of words that speak most for a complaint, strongest first; at most four.

    ``weights`` are what each word says, in hundredths. A run is made of neighbours that each say
    something.
    """
    runs: list[tuple[int, int, int]] = []
    at, size = 0, len(words)
    while at < size:
        if weights[at] < _TELLING:
            at += 1
            continue
        end = at + 1
        while end < size and end - at < _LONGEST and weights[end] >= _JOINING:
            end += 1
        while end - at > 1 and words[end - 1] in _QUIET:
            end -= 1
        if end - at > 1 or words[at] not in _QUIET:
            runs.append((-sum(weights[at:end]), at, end))
        at = end
    runs.sort()
    shown = [" ".join(words[start:end]) for _, start, end in runs[: 2 * _SHOWN]]
    return list(dict.fromkeys(shown))[:_SHOWN]


def stars_as_words(stars: float) -> str:
    """A rating 0..1 on the scale of five, as people write it."""
    return f"{1 + 4 * stars:.1f}".removesuffix(".0")


def rating_reason(stars: float | None, complaint: bool, disagrees: str) -> list[str]:
    """What the rating says. ``disagrees`` is ``complain`` or ``kind`` where the words do not."""
    if stars is None:
        return []
    given = stars_as_words(stars)
    if disagrees == "complain":
        return [f"stars and words disagree: rated {given} of 5, but the words complain"]
    if disagrees == "kind":
        return [f"stars and words disagree: rated {given} of 5, but the words are kind"]
    if stars <= 0.5 or (complaint and stars < 0.75):
        return [f"rated {given} of 5"]
    return []
