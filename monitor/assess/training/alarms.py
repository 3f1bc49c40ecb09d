"""Train the learned part of urgency: one weight a rule for each feature."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.assess.alarm import WINDOW, Alarm
from monitor.assess.features import features, negations_of
from monitor.assess.lexicon import load_lexicon
from monitor.assess.text import clean, shorten, words
from monitor.assess.training.fit import Example, Fit, fit, vocabulary
from monitor.assess.training.people import names_people
from monitor.assess.training.sets import SETS, load
from monitor.assess.training.written import URGENT, urgent, written
from monitor.assess.weights import UNIT, Names

RIDGE = 0.1
_STEMS = True  # a swollen lip is as bad as one that swells; the texts are too few to know both
FOLDS = 5
CAUGHT = 0.97
"""The share of held-back texts of a rule that are to be caught, if that calls few for nothing."""

MOST_FALSE = {"safety": 0.02, "legal": 0.01}
"""The share of ordinary complaints that may be called for nothing; `_MOST_FALSE` for others."""

_MOST_FALSE = 0.005
TELLING = 3.0
"""How many times as often a feature stands in texts of a rule as in ordinary complaints, or the
other way round, before it may speak."""

EVERYDAY = 0.005
"""The share of ordinary complaints from which a word is an everyday one and alarms nobody alone:
"said" and "asked" stand in every story."""

_ENOUGH = 60  # texts of a rule, below which its words are left to the lists
_NEVER = -99.0
_MANY = 2_000  # ordinary complaints; fewer are too few to know what is called for nothing
_PER_SET = 1_200
_LEAST = 5


@dataclass(frozen=True, slots=True)
class _Text:
    features: Sequence[str]
    rules: frozenset[str]
    fold: int
    complains: bool


def train_alarm(language: str, data: Path) -> Alarm:
    """Train on the texts written for urgency, against the other written ones and found ones.

    Of the found ones a few are urgent, which nobody marked; they are too few to matter. Each rule's
    base is set on held-back fifths, by how many it must catch.
    """
    texts = list(_texts(language, data))
    rules: list[Mapping[str, float]] = []
    bases = []
    names = _names(texts, load_lexicon(language).stops)
    for rule in URGENT:
        if sum(rule in each.rules for each in texts) < _ENOUGH:
            rules.append({})
            bases.append(_NEVER)
            continue
        telling = _telling(texts, rule, names)
        rules.append(_fit(texts, rule, telling).weights)
        bases.append(_base(texts, rule, telling))
    rows = {
        name: tuple(math.floor(each.get(name, 0.0) * UNIT + 0.5) for each in rules)
        for name in names
    }
    kept = Names.of(name for name, row in rows.items() if max(map(abs, row)) >= _LEAST)
    columns = list(zip(*map(rows.__getitem__, kept.features()), strict=True))
    return Alarm(language, _STEMS, URGENT, bases, kept, columns)


def _texts(language: str, data: Path) -> Iterator[_Text]:
    negations = negations_of(language)
    said = [(text, rules, bool(rules)) for rules, text in urgent(language)]
    said += [
        (each.text, frozenset(), each.label in ("complaint", "mixed")) for each in written(language)
    ]
    for name, labelled in SETS.items():
        if labelled.language == language and labelled.licence:
            items = load(data, name, _PER_SET)
            said += [(item.text, frozenset(), item.complaint) for item in items]
    for number, (text, rules, complains) in enumerate(said):
        split = words(clean(shorten(text)[0]))
        yield _Text(
            features(split[:WINDOW], (), negations, _STEMS), rules, number % FOLDS, complains
        )


def _names(texts: Sequence[_Text], stops: frozenset[str]) -> list[str]:
    """What occurs twice among the urgent texts, and is not made of everyday words only."""
    examples = [Example(each.features, True, 1.0, 0) for each in texts if each.rules]
    return [
        name
        for name in vocabulary(examples, 1, 2)
        if not names_people(name) and not stops.issuperset(name.lstrip("!").split())
    ]


def _telling(texts: Sequence[_Text], rule: str, names: Sequence[str]) -> list[str]:
    """The features that stand in texts of the rule much more often than elsewhere, or much less."""
    inside = [each for each in texts if rule in each.rules]
    outside = [each for each in texts if not each.rules and each.complains]
    here = Counter(name for each in inside for name in set(each.features))
    there = Counter(name for each in outside for name in set(each.features))
    size = len(outside) / len(inside)
    lifts = {name: size * (here[name] + 0.5) / (there[name] + 0.5) for name in names}
    return [
        name
        for name, lift in lifts.items()
        if lift <= 1 / TELLING
        or (lift >= TELLING and (" " in name or there[name] < EVERYDAY * len(outside)))
    ]


def _fit(texts: Sequence[_Text], rule: str, names: Sequence[str], without: int = -1) -> Fit:
    kept = [each for each in texts if each.fold != without]
    share = sum(rule in each.rules for each in kept) / len(kept)
    examples = [
        Example(
            each.features, rule in each.rules, 0.5 / (share if rule in each.rules else 1 - share), 0
        )
        for each in kept
    ]
    return fit(examples, names, (), RIDGE)


def _base(texts: Sequence[_Text], rule: str, names: Sequence[str]) -> float:
    """The base from which enough held-back texts of the rule are caught."""
    caught: list[float] = []
    others: list[float] = []
    for fold in range(FOLDS):
        told = _fit(texts, rule, names, without=fold)
        for each in texts:
            if each.fold == fold:
                if rule in each.rules:
                    caught.append(told.score(each.features))
                elif each.complains and not each.rules:
                    others.append(told.score(each.features))
    caught.sort()
    others.sort(reverse=True)
    most = MOST_FALSE.get(rule, _MOST_FALSE) / (1 if len(others) >= _MANY else 2)
    wanted = caught[int(len(caught) * (1 - CAUGHT))]
    bearable = others[int(len(others) * most)]
    return round(-max(wanted, bearable), 2)
