"""Learns a layer from what staff said of texts, and believes it only where it proves better.

Every lesson is tried on labels that it was not learned from: the labels are dealt into folds,
each fold is judged by what the others teach, and what is in force judges the same texts. Only a
lesson that is better there, beyond what chance brings, is worth using. Pure, plain Python and
without randomness: equal labels in equal order give an equal lesson.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from monitor.assess.base import DEFAULT_THRESHOLD
from monitor.assess.fitting import Labelled, Recipe, chance_by, fit
from monitor.assess.layer import LocalLayer
from monitor.assess.training.measures import auc, calibration_error, f1

FEWEST = 30
"""Labels below which nothing is learned."""

FEWEST_OF_A_KIND = 8
"""Complaints, and texts that are none, below which nothing is learned."""

RECIPES = (Recipe(), Recipe(1.0), Recipe(0.3), Recipe(0.1))
"""From what moves least to what moves most."""

FOLDS = 5
_MARGIN = 1.64  # standard errors: chance alone passes one time in twenty
_ALIKE = 0.5  # standard errors within which the recipe that moves less is taken
_BINS = 15


class TooFewLabels(Exception):
    """There is not enough to learn from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What judgements are worth on labels that they were not learned from."""

    log_loss: float
    f1: float
    calibration_error: float
    auc: float


@dataclass(frozen=True, slots=True)
class Measures:
    """Before and after on held-back labels. ``gain`` is how much the log loss of a text fell,
    on average, and ``noise`` the standard error of that; ``held_back`` labels told it."""

    labels: int
    complaints: int
    held_back: int
    before: Worth
    after: Worth
    gain: float
    noise: float
    ridge: float | None

    def as_json(self) -> dict[str, Any]:
        """All of it by name, as it is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A layer, what it is worth beside what is in force, and why not to use it, if so."""

    layer: LocalLayer
    measures: Measures
    objection: str

    @property
    def better(self) -> bool:
        """Whether it is worth using."""
        return not self.objection


def learn(
    labelled: Sequence[Labelled],
    before: LocalLayer | None = None,
    threshold: float = DEFAULT_THRESHOLD,
    version: str = "learned",
) -> Lesson:
    """Learn from all labels; compare with ``before`` on those that it has not seen.

    Raises `TooFewLabels` for fewer than `FEWEST`, or than `FEWEST_OF_A_KIND` of a kind, also
    among those that ``before`` was not learned from: on its own labels it would look too good.
    """
    _refuse_few(labelled, "labels")
    unseen = [at for at, text in enumerate(labelled) if not text.seen]
    if len(unseen) < len(labelled):
        _refuse_few([labelled[at] for at in unseen], "labels newer than the layer in use")
    folds = _deal(labelled)
    tried = [_held_back(labelled, folds, recipe) for recipe in RECIPES]
    best = _choose(labelled, tried)
    texts = [labelled[at] for at in unseen]
    now = [chance_by(before, text) for text in texts]
    then = [tried[best][at] for at in unseen]
    gain, noise = _paired(texts, now, then)
    measures = Measures(
        labels=len(labelled),
        complaints=sum(text.complaint for text in labelled),
        held_back=len(texts),
        before=_worth(texts, now, threshold),
        after=_worth(texts, then, threshold),
        gain=gain,
        noise=noise,
        ridge=RECIPES[best].ridge,
    )
    layer = fit(labelled, RECIPES[best], version)
    return Lesson(layer, measures, _objection(texts, measures))


def _refuse_few(texts: Sequence[Labelled], what: str) -> None:
    complaints = sum(text.complaint for text in texts)
    others = len(texts) - complaints
    if len(texts) >= FEWEST and min(complaints, others) >= FEWEST_OF_A_KIND:
        return
    raise TooFewLabels(
        f"{len(texts)} {what} ({complaints} of complaints, {others} of others) are too few: "
        f"it takes {FEWEST}, and {FEWEST_OF_A_KIND} of each"
    )


def _deal(labelled: Sequence[Labelled]) -> list[int]:
    """The fold of each text: complaints and others in turn, so that all folds are alike."""
    dealt = {True: 0, False: 0}
    folds = []
    for text in labelled:
        folds.append(dealt[text.complaint] % FOLDS)
        dealt[text.complaint] += 1
    return folds


def _held_back(labelled: Sequence[Labelled], folds: Sequence[int], recipe: Recipe) -> list[float]:
    """The probability of each text by what the other folds teach."""
    layers = [
        fit([text for text, at in zip(labelled, folds, strict=True) if at != fold], recipe)
        for fold in range(FOLDS)
    ]
    return [chance_by(layers[at], text) for text, at in zip(labelled, folds, strict=True)]


def _choose(labelled: Sequence[Labelled], tried: Sequence[Sequence[float]]) -> int:
    """The recipe that moves least among those as good as the best."""
    losses = [math.fsum(map(_loss, labelled, chances)) for chances in tried]
    best = losses.index(min(losses))
    for at, chances in enumerate(tried[:best]):
        gain, noise = _paired(labelled, chances, tried[best])
        if gain <= _ALIKE * noise:
            return at
    return best


def _loss(text: Labelled, chance: float) -> float:
    chance = min(0.9999, max(0.0001, chance))
    return -math.log(chance if text.complaint else 1.0 - chance)


def _paired(
    texts: Sequence[Labelled], now: Sequence[float], then: Sequence[float]
) -> tuple[float, float]:
    """How much smaller the loss of a text becomes on average, and the standard error of that."""
    gains = [_loss(text, a) - _loss(text, b) for text, a, b in zip(texts, now, then, strict=True)]
    mean = math.fsum(gains) / len(gains)
    spread = math.fsum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    return mean, math.sqrt(spread / len(gains))


def _worth(texts: Sequence[Labelled], chances: Sequence[float], threshold: float) -> Worth:
    labels = [text.complaint for text in texts]
    return Worth(
        log_loss=math.fsum(map(_loss, texts, chances)) / len(texts),
        f1=f1([chance >= threshold for chance in chances], labels),
        calibration_error=calibration_error(chances, labels, _BINS),
        auc=auc(chances, labels),
    )


def _objection(texts: Sequence[Labelled], measured: Measures) -> str:
    """Why a lesson is not to be used; nothing when it is better."""
    complaints = sum(text.complaint for text in texts)
    others = len(texts) - complaints
    # The spread of an AUC that is chance alone (Mann and Whitney, 1947).
    by_chance = math.sqrt((len(texts) + 1) / (12 * complaints * others))
    if measured.after.auc < 0.5 + 2 * by_chance:
        return "the labels follow nothing that can be seen in the texts"
    if measured.gain <= _MARGIN * measured.noise:
        return "on held-back labels it is no surer than what is in use, or only by chance"
    if measured.after.f1 < measured.before.f1:
        return "at the threshold it finds complaints less well than what is in use"
    return ""
