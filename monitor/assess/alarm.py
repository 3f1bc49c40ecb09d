"""The learned part of urgency: texts of danger, threats and distress in words no list foresaw.

Like a `monitor.assess.model.Model` a file of plain numbers, with one weight a rule for each
feature. It stands beside the hand-written patterns: a rule fires by either.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from monitor.assess.features import features
from monitor.assess.model import FEWEST, UNIT

WINDOW = 40
"""How many words are looked at together."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One language's weights: ``weights`` maps a feature to one number for each of ``rules``.

    A rule fires where its ``bases`` and the weights of a text, in log-odds, exceed 0.
    """

    rules: tuple[str, ...]
    bases: tuple[float, ...]
    weights: Mapping[str, tuple[int, ...]]

    def fired(self, words: Sequence[str], negations: frozenset[str], stems: bool) -> dict[str, str]:
        """The rules that fire, each with the word or pair that said most for it.

        A long text is looked at through a window, so that one sentence of danger is not lost
        among many of praise.
        """
        fired: dict[str, str] = {}
        for start in range(0, max(1, len(words) - WINDOW // 2), WINDOW // 2):
            found = features(words[start : start + WINDOW], (), negations, stems)
            fired = self._fired(found) | fired
        return fired

    def _fired(self, found: Sequence[str]) -> dict[str, str]:
        rows = list(filter(None, map(self.weights.get, found)))
        if not rows:
            return {}
        size = UNIT * math.sqrt(max(len(found), FEWEST))
        totals = list(map(sum, zip(*rows, strict=True)))
        return {
            rule: self._strongest(found, at)
            for at, (rule, base) in enumerate(zip(self.rules, self.bases, strict=True))
            if base + totals[at] / size > 0
        }

    def _strongest(self, found: Sequence[str], at: int) -> str:
        """The feature that says most for a rule, as people read it."""
        known = [name for name in found if name in self.weights]
        return max(known, key=lambda name: self.weights[name][at]).lstrip("!").rstrip("*")


def read_alarm(text: str) -> Alarm:
    """Read what `as_text` writes. Raises ValueError for anything else."""
    read = json.loads(text)
    names = read["features"].split("\n")
    if len(names) != len(read["weights"]):
        raise ValueError("an alarm's features and weights differ in number")
    rows = map(tuple, read["weights"])
    return Alarm(tuple(read["rules"]), tuple(read["bases"]), dict(zip(names, rows, strict=True)))


def as_text(alarm: Alarm, made_from: Mapping[str, Any]) -> str:
    """The file of an alarm, with what it was made from. Equal alarms give equal files."""
    told = {
        "made_by": "rapport assess train",
        "made_from": made_from,
        "rules": alarm.rules,
        "bases": alarm.bases,
        "features": "\n".join(alarm.weights),
        "weights": list(alarm.weights.values()),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def load_alarm(language: str) -> Alarm | None:
    """The shipped alarm of a language, read once; None where there is none."""
    file = resources.files("monitor.assess").joinpath("models", f"{language}.urgent.json")
    return read_alarm(file.read_text(encoding="utf-8")) if file.is_file() else None
