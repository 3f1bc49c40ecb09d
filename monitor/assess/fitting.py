"""Fits a layer to labelled texts: a line over the shipped evidence, and weights of words.

The line is Platt's (scale and base, by Newton's method); the words are a logistic regression with
everything else as its offset. The two take turns until they agree. Both are held back: the line
towards leaving the evidence as it is, the weights towards nothing, so that few labels move little.
Plain Python, and no randomness: equal texts in equal order give an equal layer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.assess.calibration import probability
from monitor.assess.layer import LocalLayer
from monitor.assess.training.people import names_people
from monitor.assess.weights import FEWEST

NEEDED = 3
"""In how many texts a feature must occur before it gets a weight."""

_HOLD_SCALE = 4.0
_HOLD_BASE = 1.0
_TURNS = 3
_ROUNDS = 4  # of all texts, in each turn
_LEAST = 0.005  # smaller weights say nothing


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text that a person has judged.

    ``evidence`` and ``features`` are those of the shipped model, by `WordsAssessor.evidence`;
    ``shift`` is how far the share of complaints at the source moves them, ``stars`` the rating
    within 0..1. ``seen`` tells that the layer in force was learned from this label.
    """

    evidence: float
    features: Sequence[str]
    complaint: bool
    shift: float = 0.0
    stars: float | None = None
    seen: bool = False

    @property
    def beside(self) -> float:
        """The evidence that no layer moves: of the source and of the rating."""
        if self.stars is None:
            return self.shift
        rated = probability(0.0, self.stars)
        return self.shift + math.log(rated / (1.0 - rated))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much is learned: with a ``ridge`` words too, held back by it; without, the line only."""

    ridge: float | None = None


def chance_by(layer: LocalLayer | None, text: Labelled) -> float:
    """The probability of a complaint by a layer, or by the shipped model alone, as judged."""
    evidence = text.evidence
    if layer is not None:
        evidence = layer.evidence(evidence, text.features)
    return probability(evidence + text.shift, text.stars)


def _chance(evidence: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, evidence))))


def fit(texts: Sequence[Labelled], recipe: Recipe, version: str = "") -> LocalLayer:
    """Fit a layer to labelled texts."""
    scale, base = 1.0, 0.0
    if recipe.ridge is None:
        scale, base = _line(texts, [text.beside for text in texts], scale, base)
        return LocalLayer(version, scale, base)
    words = _Words(texts, recipe.ridge)
    said = [0.0] * len(texts)
    for _ in range(_TURNS):
        beside = [text.beside + word for text, word in zip(texts, said, strict=True)]
        scale, base = _line(texts, beside, scale, base)
        said = words.learn([text.beside + scale * text.evidence + base for text in texts])
    return LocalLayer(version, scale, base, words.weights())


def _line(
    texts: Sequence[Labelled], beside: Sequence[float], scale: float, base: float
) -> tuple[float, float]:
    """The scale and base that fit best beside what else is known, by Newton's method."""
    for _ in range(25):
        g_a, g_b = _HOLD_SCALE * (scale - 1.0), _HOLD_BASE * base
        h_aa, h_ab, h_bb = _HOLD_SCALE, 0.0, _HOLD_BASE
        for text, known in zip(texts, beside, strict=True):
            x = text.evidence
            chance = _chance(scale * x + base + known)
            error, bend = chance - text.complaint, chance * (1.0 - chance)
            g_a += error * x
            g_b += error
            h_aa += bend * x * x
            h_ab += bend * x
            h_bb += bend
        determinant = h_aa * h_bb - h_ab * h_ab
        step_a = (h_bb * g_a - h_ab * g_b) / determinant
        step_b = (h_aa * g_b - h_ab * g_a) / determinant
        too_far = max(1.0, math.hypot(step_a, step_b))
        scale, base = scale - step_a / too_far, base - step_b / too_far
        if abs(step_a) + abs(step_b) < 1e-6:
            break
    return scale, base


def vocabulary(texts: Iterable[Labelled]) -> list[str]:
    """The features that may get a weight: common enough, and no word for a kind of people."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(text.features))
    return sorted(name for name, n in counts.items() if n >= NEEDED and not names_people(name))


class _Words:
    """Weights of words, learned by dual coordinate ascent (Yu, Huang and Lin, 2011).

    With a ridge each weight is the sum of the errors of the texts it occurs in, divided by the
    ridge. So every text is visited in turn, and its error set to what it would be then.
    """

    def __init__(self, texts: Sequence[Labelled], ridge: float) -> None:
        self._names = vocabulary(texts)
        place = {name: at for at, name in enumerate(self._names)}
        self._ridge = ridge
        self._weights = [0.0] * len(self._names)
        self._errors = [0.0] * len(texts)
        self._labels = [float(text.complaint) for text in texts]
        self._rows = [[place[each] for each in text.features if each in place] for text in texts]
        self._sizes = [1.0 / math.sqrt(max(len(text.features), FEWEST)) for text in texts]
        self._norms = [
            size * size * sum(n * n for n in Counter(row).values())
            for size, row in zip(self._sizes, self._rows, strict=True)
        ]

    def learn(self, offsets: Sequence[float]) -> list[float]:
        """Go some rounds through the texts; return what the words then say in each."""
        weights, errors = self._weights, self._errors
        weight = weights.__getitem__
        for _ in range(_ROUNDS):
            for at, row in enumerate(self._rows):
                if not row:
                    continue
                size = self._sizes[at]
                stiffness = self._norms[at] / self._ridge
                was = error = errors[at]
                said = offsets[at] + size * sum(map(weight, row))
                for _ in range(2):  # two steps of Newton's
                    chance = _chance(said + stiffness * (error - was))
                    over = error + chance - self._labels[at]
                    error -= over / (1.0 + stiffness * chance * (1.0 - chance))
                errors[at] = error
                step = (error - was) * size / self._ridge
                for each in row:
                    weights[each] += step
        return [
            size * sum(map(weight, row)) for size, row in zip(self._sizes, self._rows, strict=True)
        ]

    def weights(self) -> dict[str, float]:
        """What was learned of each word, in log-odds."""
        return {
            name: round(weight, 3)
            for name, weight in zip(self._names, self._weights, strict=True)
            if abs(weight) >= _LEAST
        }
