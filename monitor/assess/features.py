"""What of a text is weighed: its words, its pairs of neighbours, and a few marks.

The same in training and in judging. Words shortly after a negation are features of their own
(``!good`` in "not a good idea"), so that a weight learned for "good" is not counted for its
opposite. In languages that inflect much, the beginning of a long word is a feature too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

SHOUTING = "<capitals>"
GOOD_SIGN = "<good sign>"
BAD_SIGN = "<bad sign>"

NEGATIONS = {
    "en": "not no never without hardly barely neither nor none nothing aint",
    "de": "nicht kein keine keinen keinem keiner nie niemals ohne weder nichts kaum nix ned net",
    "es": "no nunca jamas sin ni tampoco nada ningun ninguna ninguno apenas",
    "fr": "pas ne jamais sans aucun aucune rien ni guere",
    "it": "non mai senza nessun nessuno nessuna niente nulla ne neanche nemmeno",
    "nl": "niet geen nooit zonder noch niets nergens nauwelijks amper",
    "pt": "nao nunca jamais sem nem nada nenhum nenhuma tampouco n",
}
"""Words that turn round what follows, folded, by language."""


def negations_of(language: str) -> frozenset[str]:
    """The words that turn round what follows; none for a language they are not known of."""
    return frozenset(NEGATIONS.get(language, "").split())


REACH = 3
"""How many words after a negation are turned round."""

STEMMED_FROM = 7
"""How many letters a word has at least whose beginning is a feature too."""

_STEM = 5


def stem(word: str) -> str:
    """The beginning of a long word, as a feature."""
    return f"{word[:_STEM]}*"


def features(
    words: Sequence[str],
    marks: Sequence[str] = (),
    negations: frozenset[str] = frozenset(),
    stems: bool = False,
) -> list[str]:
    """The features of a text, as often as they occur;
    `monitor.assess.weights.Weights` weighs the same.

    ``words`` are those of `monitor.assess.text.words`, ``marks`` those of `marks_of`;
    ``negations`` is the set of the language, empty where it is not known.
    """
    found = [f"{one} {other}" for one, other in pairwise(words)]
    found += words if negations.isdisjoint(words) else turned(words, negations)
    found += marks
    if stems:
        found += [stem(word) for word in words if len(word) >= STEMMED_FROM]
    return found


def turned(words: Sequence[str], negations: frozenset[str]) -> list[str]:
    """The words, those shortly after a negation marked as turned round."""
    found = []
    left = 0
    for word in words:
        if word in negations:
            left = REACH
            found.append(word)
        elif left:
            left -= 1
            found.append(f"!{word}")
        else:
            found.append(word)
    return found


def marks_of(text: str, mood: float, shouting: bool) -> list[str]:
    """The marks beside the words: exclamation, question, capitals, emoji."""
    marks = []
    if "!" in text:
        marks.append("!")
    if "?" in text:
        marks.append("?")
    if shouting:
        marks.append(SHOUTING)
    if mood:
        marks.append(GOOD_SIGN if mood > 0 else BAD_SIGN)
    return marks
