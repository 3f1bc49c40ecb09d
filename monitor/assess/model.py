"""The learned part: what each word and pair says for a complaint, and for praise.

A model is a JSON file a language, made by ``rapport assess train``: a list of features and two
lists of whole numbers. No code is in it and none is run by reading it; sums of whole numbers are
exact, so that equal texts are judged equally to the last bit, in whatever order they are added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import chain, pairwise, repeat
from math import sqrt
from typing import Any, NamedTuple

from monitor.assess.features import NEGATIONS, REACH, STEMMED_FROM, stem

UNIT = 100
"""Weights are stored in hundredths of a log-odd."""

FEWEST = 8
"""Below so many features, a text does not get more certain by being shorter."""


class Seen(NamedTuple):
    """A text as a model sees it.

    ``words`` holds each word's place (0 where it is not known), ``beside`` the places of the known
    pairs, marks and stems; ``size`` counts all features, known or not.
    """

    words: list[int]
    beside: list[int]
    size: int


NOTHING = Seen([], [], 0)
"""What is seen of a text in a language without a model."""


def is_pair(feature: str) -> bool:
    """Whether a feature is a pair of neighbours."""
    return " " in feature and not feature.startswith("<")


@dataclass(frozen=True, slots=True)
class Model:
    """One language's weights.

    ``features`` holds what stands alone, then the pairs. ``complaint`` and ``praise`` are in
    hundredths of a log-odd; place 0 is what says nothing. ``base`` and ``scale`` turn the sum
    into calibrated log-odds of a complaint where ``prior`` of the texts complain; ``kinds`` moves
    them for a kind of mention. ``praise_base`` does for praise what ``base`` does for a complaint.
    """

    version: str
    language: str
    base: float
    scale: float
    prior: float
    praise_base: float
    stems: bool
    kinds: Mapping[str, float]
    features: Sequence[str]
    complaint: Sequence[int]
    praise: Sequence[int]
    words: dict[str, int] = field(init=False)
    negations: frozenset[str] = field(init=False)
    _pairs: dict[int, int] = field(init=False)
    _room: int = field(init=False)

    def __post_init__(self) -> None:
        # Features come in two parts: what stands alone, then pairs.
        alone = next(
            (at for at, name in enumerate(self.features) if is_pair(name)), len(self.features)
        )
        words = dict(zip(self.features[:alone], range(1, alone + 1), strict=True))
        pairs = [pair.split(" ") for pair in self.features[alone:]]
        # A word that is known only in pairs needs a number all the same; it says nothing alone.
        beyond = len(self.features) + 1
        for word in dict.fromkeys(chain.from_iterable(pairs)):
            if word not in words:
                words[word] = beyond
                beyond += 1
        # A pair is looked up by one number, made of the places of its words.
        numbered = {
            words[one] * beyond + words[other]: place
            for place, (one, other) in enumerate(pairs, start=alone + 1)
        }
        silent = [0] * (beyond - len(self.features) - 1)
        object.__setattr__(self, "complaint", [0, *self.complaint, *silent])
        object.__setattr__(self, "praise", [0, *self.praise, *silent])
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "_pairs", numbered)
        object.__setattr__(self, "_room", beyond)
        negations = frozenset(NEGATIONS.get(self.language, "").split())
        object.__setattr__(self, "negations", negations)

    def see(self, words: Sequence[str], marks: Sequence[str] = ()) -> Seen:
        """Find the features of a text: the same as `monitor.assess.features.features`."""
        look_up, room = self.words.get, self._room
        places = list(map(look_up, words, repeat(0)))
        numbers = [one * room + other for one, other in pairwise(places)]
        beside = list(filter(None, map(self._pairs.get, numbers)))
        if not self.negations.isdisjoint(words):
            places = self._turn(words, places)
        size = 2 * len(words) - 1 if words else 0
        if marks:
            beside += map(look_up, marks, repeat(0))
            size += len(marks)
        if self.stems:
            stems = [stem(word) for word in words if len(word) >= STEMMED_FROM]
            beside += map(look_up, stems, repeat(0))
            size += len(stems)
        return Seen(places, beside, size)

    def _turn(self, words: Sequence[str], places: Sequence[int]) -> list[int]:
        """Put those behind a negation in the place of words turned round, as `turned` does."""
        found = list(places)
        negations = self.negations
        for at, word in enumerate(words):
            if word in negations:
                for behind in range(at + 1, min(at + 1 + REACH, len(words))):
                    if words[behind] in negations:
                        break
                    found[behind] = self.words.get(f"!{words[behind]}", 0)
        return found

    def evidence(self, seen: Seen) -> float:
        """The log-odds of a complaint by the words alone."""
        return self.base + self.scale * self._sum(self.complaint, seen)

    def kindness(self, seen: Seen) -> float:
        """The log-odds of praise by the words alone."""
        return self.praise_base + self._sum(self.praise, seen)

    def _sum(self, weights: Sequence[int], seen: Seen) -> float:
        words, beside, size = seen
        total = sum(map(weights.__getitem__, words + beside))
        return total / (UNIT * sqrt(size if size > FEWEST else FEWEST))

    def pairs_in(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where known pairs begin in a text, and the place of each."""
        room, look_up = self._room, self._pairs.get
        places = list(map(self.words.get, words, repeat(0)))
        numbers = [one * room + other for one, other in pairwise(places)]
        return [(at, place) for at, place in enumerate(map(look_up, numbers)) if place]

    def by_word(
        self, seen: Seen, pairs: Sequence[tuple[int, int]], weights: Sequence[int]
    ) -> list[int]:
        """What each word says, with half of the pairs it stands in, in hundredths.

        ``weights`` is `complaint` or `praise`; ``pairs`` are those of `pairs_in`.
        """
        said = list(map(weights.__getitem__, seen.words))
        for at, place in pairs:
            half = weights[place] // 2
            said[at] += half
            said[at + 1] += half
        return said


def read_model(text: str) -> Model:
    """Read what `as_text` writes. Raises ValueError for anything else."""
    read = json.loads(text)
    features = read["features"].split("\n")
    if not len(features) == len(read["complaint"]) == len(read["praise"]):
        raise ValueError("a model's features and weights differ in number")
    return Model(
        version=read["version"],
        language=read["language"],
        base=read["base"],
        scale=read["scale"],
        prior=read["prior"],
        praise_base=read["praise_base"],
        stems=read["stems"],
        kinds=read["kinds"],
        features=features,
        complaint=read["complaint"],
        praise=read["praise"],
    )


def as_text(model: Model, made_from: Mapping[str, Any]) -> str:
    """The file of a model, with what it was made from. Equal models give equal files."""
    size = len(model.features) + 1
    told = {
        "version": model.version,
        "language": model.language,
        "made_by": "rapport assess train",
        "made_from": made_from,
        "base": model.base,
        "scale": model.scale,
        "prior": model.prior,
        "praise_base": model.praise_base,
        "stems": model.stems,
        "kinds": dict(sorted(model.kinds.items())),
        "features": "\n".join(model.features),
        "complaint": list(model.complaint[1:size]),
        "praise": list(model.praise[1:size]),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def load_model(language: str) -> Model | None:
    """The shipped model of a language, read once; None where there is none."""
    file = resources.files("monitor.assess").joinpath("models", f"{language}.json")
    return read_model(file.read_text(encoding="utf-8")) if file.is_file() else None
