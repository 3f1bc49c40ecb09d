"""Learns words of topics from what staff set right, and believes them only where they prove better.

A lesson is a list of patterns, as a brand's own topics are: people can read it. As in
`monitor.assess.learning` it is tried on corrections that it was not learned from. Pure and
without randomness.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.assess.base import TOPICS
from monitor.assess.lexicon import LANGUAGES, everyday_words, topics_of
from monitor.assess.training.people import names_people

FEWEST = 12
"""Corrected texts below which nothing is learned."""

FOLDS = 5
_FEWEST_OF_A_WORD = 3
_PRECISE = 0.8
_BY_CHANCE = 0.01
_MOST_WORDS = 12
_SHORTEST = 3  # letters
_LEARNED = frozenset(TOPICS) - {"other"}

Words = Mapping[str, Sequence[str]]


class Corrected(NamedTuple):
    """A text whose topics a person set: its folded words, the topics that the shipped lists find,
    those that the person gave, and whether the words in use were learned from it."""

    words: Sequence[str]
    found: frozenset[str]
    said: frozenset[str]
    seen: bool = False


class TopicLesson(NamedTuple):
    """Words by topic, and the F1 of the topics before and after on ``held_back`` corrections.

    ``objection`` says why not to use them, if so.
    """

    topics: Words
    texts: int
    held_back: int
    before: float
    after: float
    objection: str

    @property
    def better(self) -> bool:
        """Whether it is worth using."""
        return not self.objection


def learn_topics(corrected: Sequence[Corrected], before: Words) -> TopicLesson | None:
    """Learn from all corrections; compare with the words ``before`` on those it has not seen.

    None for fewer than `FEWEST`, also of those that ``before`` was not learned from.
    """
    unseen = [at for at, each in enumerate(corrected) if not each.seen]
    if len(unseen) < FEWEST:
        return None
    by_fold = [
        _learn([each for at, each in enumerate(corrected) if at % FOLDS != fold])
        for fold in range(FOLDS)
    ]
    texts = [corrected[at] for at in unseen]
    now = _f1(texts, [_with(before, each) for each in texts])
    then = _f1(texts, [_with(by_fold[at % FOLDS], corrected[at]) for at in unseen])
    learned = _learn(corrected)
    return TopicLesson(
        topics=learned,
        texts=len(corrected),
        held_back=len(texts),
        before=now,
        after=then,
        objection=_objection(learned, now, then),
    )


def _objection(learned: Words, now: float, then: float) -> str:
    if not learned:
        return "no word stands for a topic often and surely enough"
    if then <= now:
        return "on held-back corrections it names topics no better than what is in use"
    return ""


def _learn(corrected: Sequence[Corrected]) -> dict[str, tuple[str, ...]]:
    """The words of each topic that stand for it often, surely, and not by chance."""
    stops = frozenset[str]().union(*map(everyday_words, LANGUAGES))
    features = [_features(each.words, stops) for each in corrected]
    everywhere = Counter(name for found in features for name in found)
    learned = {}
    for topic in sorted(_LEARNED & _all_said(corrected)):
        with_it = [topic in each.said for each in corrected]
        share = sum(with_it) / len(corrected)
        inside = Counter(
            name for found, here in zip(features, with_it, strict=True) if here for name in found
        )
        # The most frequent first; among equals words before pairs, and long words before short.
        candidates = [
            (-count, " " in name, -len(name), name)
            for name, count in inside.items()
            if count >= _FEWEST_OF_A_WORD
            and count >= _PRECISE * everywhere[name]
            and _tail(everywhere[name], count, share) < _BY_CHANCE
        ]
        missed = {
            at
            for at, each in enumerate(corrected)
            if topic in each.said and topic not in each.found
        }
        chosen: list[str] = []
        for *_, name in sorted(candidates):
            caught = {at for at in missed if name in features[at]}
            if caught and len(chosen) < _MOST_WORDS:
                chosen.append(name)
                missed -= caught
        if chosen:
            learned[topic] = tuple(chosen)
    return learned


def _all_said(corrected: Sequence[Corrected]) -> set[str]:
    return {topic for each in corrected for topic in each.said}


def _features(words: Sequence[str], stops: Collection[str]) -> set[str]:
    """Words and pairs of neighbours that may stand for a topic."""
    telling = {word for word in words if len(word) >= _SHORTEST and word not in stops}
    pairs = {
        f"{one} {other}" for one, other in pairwise(words) if one in telling or other in telling
    }
    return {
        name
        for name in telling | pairs
        if not any(map(str.isdigit, name)) and not names_people(name)
    }


def _tail(texts: int, least: int, share: float) -> float:
    """The chance of so many texts of a topic among those of a word that has nothing to do with it
    (a binomial tail)."""
    return math.fsum(
        math.comb(texts, n) * share**n * (1 - share) ** (texts - n) for n in range(least, texts + 1)
    )


def _with(learned: Words, text: Corrected) -> frozenset[str]:
    if not learned:
        return text.found
    return text.found.union(match.name for match in topics_of(learned).find(text.words))


def _f1(texts: Sequence[Corrected], told: Sequence[frozenset[str]]) -> float:
    """The F1 over all topics of all texts. ``other`` stands for none and does not count."""
    right = wrong = missed = 0
    for text, found in zip(texts, told, strict=True):
        said = text.said - {"other"}
        found = found - {"other"}
        right += len(found & said)
        wrong += len(found - said)
        missed += len(said - found)
    return 2 * right / (2 * right + wrong + missed) if right else 0.0
