"""What is known of words before any text is seen: lists of opinion words.

A list gives words and pairs a weight that speaks for a complaint (above 0) or for praise. In
training each list is one voice with a strength of its own, learned from the texts; what it says
is then written into the weights of the words, those that no text held included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.assess.text import fold
from monitor.assess.training.written import FOLDER

TURNED = -0.6
"""How much of a word is left, and turned round, behind a negation."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """One list. ``prefixes`` are the beginnings of words."""

    name: str
    entries: dict[str, float]
    prefixes: dict[str, float] = field(default_factory=dict)

    def of(self, feature: str) -> float:
        """What the list says of a feature; 0.0 where it says nothing."""
        if feature.startswith("!") and len(feature) > 1:
            return TURNED * self.of(feature[1:])
        weight = self.entries.get(feature)
        if weight is None and self.prefixes and " " not in feature:
            for end in range(len(feature), 2, -1):
                weight = self.prefixes.get(feature[:end])
                if weight is not None:
                    break
        return weight or 0.0

    def features(self) -> list[str]:
        """All entries, and the single words once more behind a negation."""
        return [*self.entries, *(f"!{entry}" for entry in self.entries if " " not in entry)]


def own(language: str, folder: Path = FOLDER) -> Opinions:
    """The list that was written for Rapport: ``training/opinions``.

    Raises ValueError with file and line for what cannot be read.
    """
    entries: dict[str, float] = {}
    prefixes: dict[str, float] = {}
    path = folder / "opinions" / f"{language}.tsv"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        weight, _, entry = line.partition("\t")
        entry = fold(entry.strip())
        try:
            value = float(weight) / 2
        except ValueError:
            raise ValueError(f"{path.name}, line {number}: expected a weight") from None
        if entry.endswith("*") and " " not in entry:
            prefixes[entry[:-1]] = value
        elif entry:
            entries[entry] = value
    return Opinions("own", entries, prefixes)


def vader(data: Path) -> Opinions:
    """The words of VADER's lexicon (MIT), where it lies among the data."""
    entries = {}
    path = data / "hutto_icwsm2014" / "vader_sentiment_lexicon.txt"
    for line in path.read_text(encoding="latin-1").splitlines():
        word, valence = line.split("\t")[:2]
        if word.isascii() and word.isalpha():
            entries[word.lower()] = -float(valence) / 4
    return Opinions("vader", entries)


def textblob() -> Opinions:
    """The words of TextBlob's lexicon."""
    from textblob.en import sentiment

    sentiment.load()
    said = {word: list(told.values()) for word, told in dict.items(sentiment)}
    entries = {}
    for word, told in sorted(said.items()):
        if word.isascii() and word.isalpha():
            entries[word.lower()] = -sum(each[0] for each in told) / len(told)
    return Opinions("textblob", entries)


def lists_for(language: str, data: Path) -> Sequence[Opinions]:
    """The lists there are for a language."""
    if language == "en":
        return (own("en"), vader(data), textblob())
    return (own(language),)
