"""The learned part of urgency: texts of danger, threats and distress in words no list foresaw.

Like a `monitor.assess.model.Model` a file of plain numbers, with one weight a rule for each
feature. It stands beside the hand-written patterns: a rule fires by either.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

from monitor.assess.features import STEMMED_FROM, negations_of, stem
from monitor.assess.shipped import read_shipped
from monitor.assess.weights import FEWEST, UNIT, Names, Said, Weights, lines_of, numbers_of

_BITS = 24  # room for the sum of a window: some hundred weights of up to 70,000
_LANE = (1 << _BITS) - 1
_HALF = 1 << (_BITS - 1)

WINDOW = 40
"""How many words are looked at together."""


class Alarm:
    """One language's weights: ``columns`` has for each of ``rules`` one weight a feature.

    The weights stand in the order of ``names.features()``. A rule fires where its ``bases`` and
    the weights of a text, in log-odds, exceed 0. Raises ValueError where the numbers of names and
    weights differ.
    """

    def __init__(
        self,
        language: str,
        stems: bool,
        rules: Sequence[str],
        bases: Sequence[float],
        names: Names,
        columns: Sequence[Sequence[int]],
    ) -> None:
        self.language, self.stems = language, stems
        self.rules, self.bases = tuple(rules), tuple(bases)
        self.names = names
        self._negations = negations_of(language)
        self._weights = Weights(names, _pack(columns), self._negations, stems)

    def columns(self) -> list[list[int]]:
        """The weights as they were given."""
        packed = self._weights.in_order()
        return [[_lane(weight, at) for weight in packed] for at in range(len(self.rules))]

    def fired(self, words: Sequence[str]) -> dict[str, str]:
        """The rules that fire, each with the word or pair that said most for it.

        A long text is looked at through a window, so that one sentence of danger is not lost
        among many of praise.
        """
        fired: dict[str, str] = {}
        for start in range(0, max(1, len(words) - WINDOW // 2), WINDOW // 2):
            self._look_at(words[start : start + WINDOW], fired)
        return fired

    def _look_at(self, words: Sequence[str], fired: dict[str, str]) -> None:
        said = self._weights.weigh(words)
        if not said.total:
            return
        size = UNIT * math.sqrt(max(said.size, FEWEST))
        for at, base in enumerate(self.bases):
            if base + _lane(said.total, at) / size > 0 and self.rules[at] not in fired:
                fired[self.rules[at]] = self._strongest(words, said, at)

    def _strongest(self, words: Sequence[str], said: Said, at: int) -> str:
        """The word or pair that says most for a rule; a word also speaks by its beginning."""
        told = [(_lane(weight, at), word) for word, weight in zip(words, said.words, strict=True)]
        told += [
            (_lane(weight, at), f"{one} {other}")
            for (one, other), weight in zip(pairwise(words), said.pairs, strict=True)
            if weight
        ]
        if self.stems:
            long = [word for word in words if len(word) >= STEMMED_FROM]
            told += [(_lane(self._weights.of(stem(word)), at), word) for word in long]
        return max(told, key=itemgetter(0))[1]


def _lane(packed: int, at: int) -> int:
    """One of the numbers that `_pack` put side by side, or of their sums."""
    # Half a step first: numbers below 0 further down took one from this lane.
    shifted = packed >> (_BITS * at - 1) if at else packed << 1
    return (((shifted + 1) >> 1) + _HALF & _LANE) - _HALF


def _pack(columns: Sequence[Sequence[int]]) -> list[int]:
    """Several numbers in one, side by side, so that one sum adds up all of them."""
    packed = [0] * len(columns[0]) if columns else []
    for at, column in enumerate(columns):
        shift = _BITS * at
        packed = [so_far + (own << shift) for so_far, own in zip(packed, column, strict=True)]
    return packed


def read_alarm(text: str) -> Alarm:
    """Read what `as_text` writes. Raises ValueError for anything else."""
    read = json.loads(text)
    names = Names.from_lines(read["features"])
    rules, bases = read["rules"], read["bases"]
    columns = list(map(numbers_of, read["weights"]))
    return Alarm(read["language"], read["stems"], rules, bases, names, columns)


def as_text(alarm: Alarm, made_from: Mapping[str, Any]) -> str:
    """The file of an alarm, with what it was made from. Equal alarms give equal files."""
    told = {
        "language": alarm.language,
        "made_by": "rapport assess train",
        "made_from": made_from,
        "stems": alarm.stems,
        "rules": alarm.rules,
        "bases": alarm.bases,
        "features": alarm.names.as_lines(),
        "weights": list(map(lines_of, alarm.columns())),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def load_alarm(language: str) -> Alarm | None:
    """The shipped alarm of a language, read once; None where there is none."""
    text = read_shipped("models", f"{language}.urgent.json")
    return None if text is None else read_alarm(text)
