"""What each word and each pair of neighbours says for one question, in whole numbers.

This is the innermost loop of a judgement, passed for every word of every text: nothing but
look-ups in dictionaries, in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress, count, islice, repeat
from math import sqrt
from sys import intern
from typing import NamedTuple

from monitor.assess.features import REACH, STEMMED_FROM, stem

UNIT = 100
"""Weights are in hundredths of a log-odd."""


class _Numbers(dict[str, int]):
    def __missing__(self, written: str) -> int:
        number = self[written] = int(written)
        return number


def lines_of(numbers: Sequence[int]) -> list[str]:
    """Whole numbers as a file keeps them: with spaces between, a thousand to a line."""
    return [
        " ".join(map(str, numbers[start : start + _A_LINE]))
        for start in range(0, len(numbers), _A_LINE)
    ]


def numbers_of(lines: Sequence[str]) -> list[int]:
    """Read what `lines_of` gives.

    Line by line, so that little is in memory at once; a thousand numbers come again and again, and
    each is kept once.
    """
    return [number for line in lines for number in map(_NUMBERS.__getitem__, line.split())]


FEWEST = 8
"""Below so many features, a text does not get more certain by being shorter."""

_SILENT = repeat(0)
_NUMBERS = _Numbers()
_A_LINE = 1_000


class Said(NamedTuple):
    """What a text says, in hundredths of a log-odd.

    ``words`` has one number a word, and ``pairs`` one a pair of neighbours, 0 where it says
    nothing; ``total`` is the sum of words, pairs, marks and stems, ``size`` how many there are.
    """

    words: list[int]
    pairs: list[int]
    total: int
    size: int

    def log_odds(self) -> float:
        """All of it together, in log-odds: more of it is surer, but not in proportion."""
        return self.total / (UNIT * sqrt(self.size if self.size > FEWEST else FEWEST))

    def by_word(self) -> list[int]:
        """What each word says with half of the pairs it stands in."""
        said = list(self.words)
        for at in compress(count(), self.pairs):
            half = self.pairs[at] // 2
            said[at] += half
            said[at + 1] += half
        return said


NOTHING = Said([], [], 0, 0)
"""What is said in a language without a model."""


def is_pair(feature: str) -> bool:
    """Whether a feature is a pair of neighbours."""
    return " " in feature and not feature.startswith("<")


class Names:
    """The names of features as in `monitor.assess.features`, in the three kinds that are looked up.

    ``alone`` are words, stems and marks, ``turned`` words behind a negation, without their mark,
    ``pairs`` pairs of neighbours. The weights of each kind stand in the same order.
    """

    __slots__ = ("alone", "pairs", "turned")

    def __init__(self, alone: Sequence[str], turned: Sequence[str], pairs: Sequence[str]) -> None:
        # Most words come alone, turned round and in pairs: one string each will do.
        self.alone, self.turned = list(map(intern, alone)), list(map(intern, turned))
        self.pairs = [tuple(map(intern, pair.split(" "))) for pair in pairs]

    @classmethod
    def of(cls, features: Iterable[str]) -> Names:
        """Sort features into their kinds, each in the order of the alphabet."""
        every = sorted(features)
        turned = [name for name in every if name[0] == "!" and len(name) > 1]
        pairs = [name for name in every if is_pair(name)]
        others = set(turned).union(pairs)
        alone = [name for name in every if name not in others]
        return cls(alone, [name[1:] for name in turned], pairs)

    def features(self) -> list[str]:
        """The features as they are named: what is alone, turned round, and in pairs."""
        turned = [f"!{word}" for word in self.turned]
        return [*self.alone, *turned, *map(" ".join, self.pairs)]

    def as_lines(self) -> list[str]:
        """The names as a file keeps them, one text a kind; see `from_lines`."""
        return ["\n".join(self.alone), "\n".join(self.turned), "\n".join(map(" ".join, self.pairs))]

    @classmethod
    def from_lines(cls, lines: Sequence[str]) -> Names:
        """Read what `as_lines` gives. Raises ValueError for another number of kinds."""
        alone, turned, pairs = (each.split("\n") if each else [] for each in lines)
        return cls(alone, turned, pairs)


class Weights:
    """What named features say, in hundredths, in the order of `Names.features`.

    ``negations`` are the words that turn round what follows; ``stems`` tells whether the beginning
    of a long word is a feature too. Raises ValueError where names and weights differ in number.
    """

    __slots__ = ("_pairs", "_stems", "_turned", "negations", "words")

    def __init__(
        self, names: Names, weights: Sequence[int], negations: frozenset[str], stems: bool
    ) -> None:
        turned_from = len(names.alone)
        pairs_from = turned_from + len(names.turned)
        self.words = dict(zip(names.alone, weights[:turned_from], strict=True))
        self._turned = dict(zip(names.turned, weights[turned_from:pairs_from], strict=True))
        self._pairs = dict(zip(names.pairs, weights[pairs_from:], strict=True))
        self.negations, self._stems = negations, stems

    def in_order(self) -> list[int]:
        """The weights as they were given."""
        return [*self.words.values(), *self._turned.values(), *self._pairs.values()]

    def of(self, feature: str) -> int:
        """What one feature says; 0 where it is not known."""
        if feature[0] == "!" and len(feature) > 1:
            return self._turned.get(feature[1:], 0)
        if is_pair(feature):
            return self._pairs.get(tuple(feature.split(" ")), 0)
        return self.words.get(feature, 0)

    def knows(self, words: Sequence[str]) -> int:
        """How many of the words say something."""
        return sum(map(self.words.__contains__, words))

    def weigh(self, words: Sequence[str], marks: Sequence[str] = ()) -> Said:
        """What each word of a text says, and all of its features together.

        The features are those of `monitor.assess.features.features`.
        """
        look_up = self.words.get
        alone = list(map(look_up, words, _SILENT))
        # Unlike `itertools.pairwise`, `zip` makes no new tuple for each pair.
        neighbours = zip(words, islice(words, 1, None), strict=False)
        pairs = list(map(self._pairs.get, neighbours, _SILENT))
        if not self.negations.isdisjoint(words):
            self._turn(words, alone)
        size = len(alone) + len(pairs)
        total = sum(alone) + sum(pairs)
        if marks:
            total += sum(map(look_up, marks, _SILENT))
            size += len(marks)
        if self._stems:
            stems = [stem(word) for word in words if len(word) >= STEMMED_FROM]
            total += sum(map(look_up, stems, _SILENT))
            size += len(stems)
        return Said(alone, pairs, total, size)

    def _turn(self, words: Sequence[str], alone: list[int]) -> None:
        """Let those behind a negation say what they say turned round, as `features` does."""
        negations, look_up = self.negations, self._turned.get
        for at in [at for at, word in enumerate(words) if word in negations]:
            for behind in range(at + 1, min(at + 1 + REACH, len(words))):
                if words[behind] in negations:
                    break
                alone[behind] = look_up(words[behind], 0)
