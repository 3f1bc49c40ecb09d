"""Learned weights of words and word pairs, beside the signs the rules see.

A plain dictionary in a JSON file, made by ``benchmarks/train_weights.py``: small, quick to load,
safe to read and open to anybody's eyes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

# Below so many words and pairs, a text does not get more certain by being shorter.
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Signs:
    """What the rules saw in a text: the inputs of the weighing, beside the words themselves.

    ``against`` and ``praise`` are sums of word-list weights (0 or more), ``polarity`` TextBlob's
    and ``mood`` the emoji's (-1..1).
    """

    against: float
    praise: float
    polarity: float
    mood: float
    shouting: bool

    def values(self) -> tuple[float, float, float, float, float]:
        """The numbers that are weighed, in the order of `SIGNS`."""
        return (
            math.log1p(self.against),
            math.log1p(self.praise),
            self.polarity,
            self.mood,
            float(self.shouting),
        )


SIGNS = ("against", "praise", "polarity", "mood", "shouting")


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds for a complaint: a base, one weight for each of `SIGNS`, one for each word."""

    version: str
    base: float
    signs: tuple[float, ...]
    words: dict[str, float]

    def evidence(self, tokens: Sequence[str], signs: Signs) -> float:
        """The log-odds that a text is a complaint."""
        total = self.base
        for weight, value in zip(self.signs, signs.values(), strict=True):
            total += weight * value
        if self.words:
            seen = features(tokens)
            known = self.words
            found = [known[each] for each in seen if each in known]
            total += sum(found) / math.sqrt(max(len(seen), _FEWEST))
        return total

    def strongest(self, tokens: Sequence[str], n: int) -> list[str]:
        """The words and pairs of a text that speak most for a complaint."""
        found = [(self.words[each], each) for each in features(tokens) if each in self.words]
        found.sort(key=lambda each: (-each[0], each[1]))
        return [each for weight, each in found[:n] if weight > 0]


def features(tokens: Sequence[str]) -> dict[str, None]:
    """The words of a text and its pairs of neighbours, each once.

    In the order of the text, so that equal texts have equal sums to the last bit.
    """
    return dict.fromkeys([*tokens, *[f"{one} {other}" for one, other in pairwise(tokens)]])


# Where nothing was learned: set by hand, and confirmed by what English learned since.
PLAIN = Weights("rules-1", -0.6, (1.7, -1.3, -1.2, -2.0, 0.4), {})


@cache
def load_weights(language: str) -> Weights:
    """The shipped weights of a language; `PLAIN` where there are none. Read once."""
    file = resources.files("monitor.assess").joinpath("weights", f"{language}.json")
    if not file.is_file():
        return PLAIN
    read = json.loads(file.read_text(encoding="utf-8"))
    return Weights(
        version=read["version"],
        base=read["base"],
        signs=tuple(read["signs"][name] for name in SIGNS),
        words=read["words"],
    )
