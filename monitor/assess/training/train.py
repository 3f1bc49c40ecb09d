"""Train a language's model, and tell what it is worth on sets it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.assess.alarm import Alarm
from monitor.assess.base import DEFAULT_THRESHOLD
from monitor.assess.features import negations_of
from monitor.assess.model import Model
from monitor.assess.training.alarms import train_alarm
from monitor.assess.training.corpus import (
    Group,
    Text,
    for_complaints,
    for_praise,
    groups,
    licence_of,
)
from monitor.assess.training.fit import Example, Fit, fit, vocabulary
from monitor.assess.training.measures import (
    auc,
    best_f1,
    best_line,
    best_offset,
    calibration_error,
    f1,
)
from monitor.assess.training.opinions import Opinions, lists_for
from monitor.assess.training.people import names_people
from monitor.assess.weights import UNIT, Names, Weights

VERSION = "words-3"
LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a language is trained. A feature must occur in ``per_set`` texts of ``sets_needed``
    sets, so that no name and no trade's peculiarity gets a weight, or in ``often`` invented texts
    (0: that does not count)."""

    sets_needed: int
    per_set: int
    often: int
    ridge: float
    stems: bool


ENGLISH = Recipe(sets_needed=3, per_set=2, often=6, ridge=1.0, stems=False)
OTHERS = Recipe(sets_needed=1, per_set=2, often=0, ridge=1.0, stems=True)

PRIOR = 1 / 3
"""The share of complaints that the calibrated probabilities assume."""

_FOLDS = 5
_LEAST = 5  # hundredths; smaller weights say nothing


@dataclass(frozen=True, slots=True)
class Judged:
    """A held-out set: the scores given to its texts, and what they were."""

    name: str
    kind: str
    scores: Sequence[float]
    labels: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Made:
    """What training made of a language, and the data and measures that go into its file."""

    model: Model
    alarm: Alarm
    made_from: Mapping[str, Any]


def recipe_of(language: str) -> Recipe:
    """English has many sets, the others mostly what was written for them."""
    return ENGLISH if language == "en" else OTHERS


def train(language: str, data: Path, say: Progress) -> Made:
    """Train a language's model and alarm on everything that may be passed on.

    What is held out first tells how to calibrate. Raises FileNotFoundError where a set of the
    data is missing, and ValueError for a written file that cannot be read.
    """
    recipe = recipe_of(language)
    everything = groups(language, data, recipe.stems)
    lists = lists_for(language, data)
    judged = list(hold_out(language, everything, lists, say))
    scale, base = calibrate(judged)
    chosen = [each for each in everything if each.trains]
    say(f"{language}: everything, {sum(len(each.texts) for each in chosen)} texts")
    complaints = _fit(for_complaints(chosen), len(chosen), recipe, lists)
    praises = _fit(for_praise(chosen), len(chosen), recipe, lists)
    names = [
        name
        for name in complaints.weights.keys() | praises.weights.keys()
        if not names_people(name)
        and (abs(_round(complaints, name)) >= _LEAST or abs(_round(praises, name)) >= _LEAST)
    ]
    features, negations = Names.of(names), negations_of(language)
    model = Model(
        version=VERSION,
        language=language,
        base=base,
        scale=scale,
        prior=PRIOR,
        praise_base=round(math.fsum(praises.intercepts) / len(praises.intercepts), 3),
        stems=recipe.stems,
        kinds=kinds_of(judged, scale, base),
        names=features,
        complaint=Weights(features, _rounded(complaints, features), negations, recipe.stems),
        praise=Weights(features, _rounded(praises, features), negations, recipe.stems),
    )
    made_from = {
        each.name: {"texts": len(each.texts), "licence": licence_of(each.name)} for each in chosen
    }
    held_out = {each.name: measure(each, scale, base) for each in judged}
    alarm = train_alarm(language, data)
    return Made(model, alarm, {"texts": made_from, "held_out": held_out})


def hold_out(
    language: str, everything: Sequence[Group], lists: Sequence[Opinions], say: Progress
) -> Iterator[Judged]:
    """Train without each found set in turn and judge it.

    Where nothing was found that may train, the written texts are held out, a fifth at a time.
    """
    recipe = recipe_of(language)
    found = [each for each in everything if not each.invented]
    if not any(each.trains for each in found):
        yield from _by_fifths(everything, recipe, lists, say)
    for left_out in found:
        if left_out.name == "film review lines":
            continue  # a matter of taste in films; nobody's complaint
        unlike = [
            each
            for each in everything
            if each.trains
            and each.name != left_out.name
            and each.name not in left_out.kin
            and left_out.name not in each.kin
        ]
        say(f"{language}: without {left_out.name}")
        told = _fit(for_complaints(unlike), len(unlike), recipe, lists)
        yield _judge(left_out, told, left_out.texts)


def _by_fifths(
    everything: Sequence[Group], recipe: Recipe, lists: Sequence[Opinions], say: Progress
) -> Iterator[Judged]:
    scores: list[float] = []
    labels: list[bool] = []
    for fold in range(_FOLDS):
        say(f"written texts: fifth {fold + 1} of {_FOLDS}")
        kept = [
            replace(each, texts=[t for n, t in enumerate(each.texts) if n % _FOLDS != fold])
            for each in everything
            if each.trains
        ]
        told = _fit(for_complaints(kept), len(kept), recipe, lists)
        for each in everything:
            judged = _judge(each, told, each.texts[fold::_FOLDS])
            if each.trains:
                scores.extend(judged.scores)
                labels.extend(judged.labels)
    yield Judged("written texts", "", scores, labels)


def _judge(group: Group, told: Fit, texts: Sequence[Text]) -> Judged:
    judging = [text for text in texts if text.judges]
    return Judged(
        group.name,
        group.kind,
        [told.score(text.features) for text in judging],
        [text.complaint for text in judging],
    )


def _fit(examples: Sequence[Example], sets: int, recipe: Recipe, lists: Sequence[Opinions]) -> Fit:
    names = vocabulary(examples, min(recipe.sets_needed, sets), recipe.per_set, recipe.often)
    return fit(examples, [name for name in names if not names_people(name)], lists, recipe.ridge)


def calibrate(judged: Sequence[Judged]) -> tuple[float, float]:
    """The scale and base that fit held-out sets best, each set counting alike."""
    scores = [score for each in judged for score in each.scores]
    labels = [label for each in judged for label in each.labels]
    weights = [1 / len(each.scores) for each in judged for _ in each.scores]
    scale, base = best_line(scores, labels, weights)
    return round(scale, 3), round(base, 3)


def kinds_of(judged: Sequence[Judged], scale: float, base: float) -> dict[str, float]:
    """How far each kind of mention moves the log-odds: half of what its held-out sets ask for.

    Sets differ in their share of complaints more than kinds do, so no set counts for more than
    one log-odd, and a kind of which one set only was found is left where it is.
    """
    asked: dict[str, list[float]] = {}
    for each in judged:
        if each.kind:
            told = [scale * score + base for score in each.scores]
            offset = best_offset(told, each.labels)
            asked.setdefault(each.kind, []).append(max(-1.0, min(1.0, offset)))
    return {
        kind: round(0.5 * math.fsum(offsets) / len(offsets), 2)
        for kind, offsets in sorted(asked.items())
        if len(offsets) > 1
    }


def measure(judged: Judged, scale: float, base: float) -> dict[str, float]:
    """What the judgement of a held-out set is worth, at the shipped threshold."""
    chances = [1 / (1 + math.exp(-(scale * score + base))) for score in judged.scores]
    said = [chance >= DEFAULT_THRESHOLD for chance in chances]
    return {
        "texts": len(judged.labels),
        "complaints": round(sum(judged.labels) / len(judged.labels), 3),
        "auc": round(auc(judged.scores, judged.labels), 3),
        "f1": round(f1(said, judged.labels), 3),
        "best_f1": round(best_f1(judged.scores, judged.labels), 3),
        "calibration_error": round(calibration_error(chances, judged.labels), 3),
    }


def _rounded(told: Fit, names: Names) -> list[int]:
    return [_round(told, name) for name in names.features()]


def _round(told: Fit, name: str) -> int:
    hundredths = told.weights.get(name, 0.0) * UNIT
    return max(-32_000, min(32_000, math.floor(hundredths + 0.5)))
