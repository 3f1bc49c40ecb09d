"""Logistic regression over counted features, with opinion lists as further voices.

Each set of texts has an intercept of its own, for how common complaints are there; it is not
kept. Sums are taken in a fixed order (``bincount``, ``fsum``), and weights are rounded to
hundredths: equal texts, lists and NumPy give an equal model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.assess.training.opinions import Opinions

Numbers = npt.NDArray[np.float64]

FEWEST = 8
ROUNDS = 150
_RIDGE_OF_LISTS = 0.01
_RIDGE_OF_SETS = 0.001


@dataclass(frozen=True, slots=True)
class Example:
    """One text as it is trained on: its features, whether it is of the kind that is learned,
    how much it counts, the number of its set, and whether somebody invented it."""

    features: Sequence[str]
    wanted: bool
    weight: float
    group: int
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of features in log-odds, those of the lists written into them.

    ``intercepts`` are those of the sets.
    """

    weights: dict[str, float]
    intercepts: Sequence[float]

    def score(self, features: Sequence[str]) -> float:
        """The log-odds of a text, without any intercept."""
        known = self.weights
        total = math.fsum(known[each] for each in features if each in known)
        return total / math.sqrt(max(len(features), FEWEST))


def vocabulary(
    examples: Sequence[Example], sets_needed: int, per_set: int, often: int = 0
) -> list[str]:
    """The features that occur in enough sets, in ``per_set`` texts of each at least; sorted.

    With ``often``, those too that occur in so many invented texts: these hold no real names.
    """
    spread: Counter[str] = Counter()
    here: dict[int, Counter[str]] = {}
    invented: Counter[str] = Counter()
    for example in examples:
        once = set(example.features)
        here.setdefault(example.group, Counter()).update(once)
        if example.invented:
            invented.update(once)
    for counts in here.values():
        spread.update(name for name, n in counts.items() if n >= per_set)
    names = {name for name, n in spread.items() if n >= sets_needed}
    if often:
        names |= {name for name, n in invented.items() if n >= often}
    return sorted(names)


def fit(
    examples: Sequence[Example], names: Sequence[str], lists: Sequence[Opinions], ridge: float
) -> Fit:
    """Weigh the features ``names``; ``ridge`` holds single weights back."""
    place = {name: i for i, name in enumerate(names)}
    rows, columns, values, voices = [], [], [], []
    heard: dict[str, list[float]] = {}
    for row, example in enumerate(examples):
        scale = 1 / math.sqrt(max(len(example.features), FEWEST))
        said = [0.0] * (2 * len(lists))
        for name, n in Counter(example.features).items():
            column = place.get(name)
            if column is not None:
                rows.append(row)
                columns.append(column)
                values.append(n * scale)
            voice = heard.get(name)
            if voice is None:
                voice = heard[name] = _voices(name, lists)
            for i, value in enumerate(voice):
                if value:
                    said[i] += value * n * scale
        voices.append(said)
    weights, strengths, intercepts = _solve(
        np.array(rows, dtype=np.intp),
        np.array(columns, dtype=np.intp),
        np.array(values),
        np.array(voices).reshape(len(examples), 2 * len(lists)),
        examples,
        len(names),
        ridge,
    )
    told = dict(zip(names, weights.tolist(), strict=True))
    for name in sorted({name for each in lists for name in each.features()} | set(names)):
        voice = heard.get(name) or _voices(name, lists)
        spoken = math.fsum(s * v for s, v in zip(strengths, voice, strict=True))
        told[name] = told.get(name, 0.0) + spoken
    return Fit(told, intercepts)


def _voices(name: str, lists: Sequence[Opinions]) -> list[float]:
    """What the lists say against and for, in turn: blame and praise need not weigh alike."""
    said = []
    for each in lists:
        value = each.of(name)
        said += [max(value, 0.0), min(value, 0.0)]
    return said


def _solve(
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    values: Numbers,
    voices: Numbers,
    examples: Sequence[Example],
    size: int,
    ridge: float,
) -> tuple[Numbers, list[float], list[float]]:
    """Accelerated gradient descent, each weight with a step of its own."""
    n, k = voices.shape
    labels = np.array([float(each.wanted) for each in examples])
    importance = np.array([each.weight for each in examples])
    groups = np.array([each.group for each in examples], dtype=np.intp)
    sets = int(groups.max()) + 1
    columns_of_voices = [np.ascontiguousarray(voices[:, i]) for i in range(k)]

    def gradient(at: list[Numbers]) -> list[Numbers]:
        on_words, on_voices, on_sets = at
        z = np.bincount(rows, weights=values * on_words[columns], minlength=n) + on_sets[groups]
        for i, column in enumerate(columns_of_voices):
            z = z + on_voices[i] * column
        error = importance * (1 / (1 + np.exp(-np.clip(z, -30, 30))) - labels)
        return [
            np.bincount(columns, weights=values * error[rows], minlength=size) + ridge * on_words,
            np.array([_sum(error * column) for column in columns_of_voices])
            + _RIDGE_OF_LISTS * on_voices,
            np.bincount(groups, weights=error, minlength=sets) + _RIDGE_OF_SETS * on_sets,
        ]

    bend = 0.25 * importance
    curvature = [
        np.bincount(columns, weights=values * values * bend[rows], minlength=size) + ridge,
        np.array([_sum(bend * column * column) for column in columns_of_voices]) + _RIDGE_OF_LISTS,
        np.bincount(groups, weights=bend, minlength=sets) + _RIDGE_OF_SETS,
    ]
    here = [np.zeros(size), np.zeros(k), np.zeros(sets)]
    ahead = [each.copy() for each in here]
    pace = 1.0
    for _ in range(ROUNDS):
        slope = gradient(ahead)
        there = [a - s / c / 12 for a, s, c in zip(ahead, slope, curvature, strict=True)]
        uphill = sum(_sum(s * (t - h)) for s, t, h in zip(slope, there, here, strict=True))
        quicker = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        momentum = (pace - 1) / quicker
        if uphill > 0:
            quicker, momentum = 1.0, 0.0
        ahead = [t + momentum * (t - h) for t, h in zip(there, here, strict=True)]
        here, pace = there, quicker
    return here[0], here[1].tolist(), here[2].tolist()


def _sum(values: Numbers) -> float:
    # One bin adds in order, whatever the processor's width; `numpy.sum` does not.
    if not len(values):
        return 0.0
    return float(np.bincount(np.zeros(len(values), dtype=np.intp), weights=values)[0])
