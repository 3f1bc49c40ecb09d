"""Train the English word weights: ``monitor/assess/weights/en.json``.

    python -m benchmarks.train_weights              # write the file
    python -m benchmarks.train_weights --check      # train again, compare to the bit
    python -m benchmarks.train_weights --hold-out   # what it is worth on sets it has not seen

Logistic regression over words, word pairs and the signs of the rules, on the sets of
``shared/data`` that may be passed on, and only what many of them share: a word must occur in
three sets at least, so that no name and no trade's peculiarity gets a weight. Each set has an
intercept of its own (how common complaints are there), which is not shipped, and both classes of
a set weigh alike. Everything is summed in a fixed order: equal data, lexicon, TextBlob and NumPy
give an equal file.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.assess_quality import DATA, auc, f1, load
from monitor.assess import sentiment, signs
from monitor.assess.lexicon import load_lexicon
from monitor.assess.text import clean, fold, shorten, words
from monitor.assess.weights import SIGNS, Signs, Weights, features

TARGET = Path(__file__).resolve().parents[1] / "monitor" / "assess" / "weights" / "en.json"
VERSION = "words-1"
# Redistributable by shared/data/SOURCES.tsv. "film snippets" repeats "film review lines", and
# the rental firms' licence is doubtful for its texts: it only judges.
TRAINED_ON = {
    "restaurant sentences": "Sentiment Labelled Sentences (UCI), CC BY 4.0",
    "phone sentences": "Sentiment Labelled Sentences (UCI), CC BY 4.0",
    "film sentences": "Sentiment Labelled Sentences (UCI), CC BY 4.0",
    "pros and cons": "Pros and Cons (Bing Liu, NLTK data), CC BY 4.0",
    "film review lines": "Sentence Polarity v1.0 (Pang and Lee, NLTK data), CC BY 4.0",
    "product sentences": "Product Reviews (Hu and Liu, Ding and others, NLTK data), CC BY 4.0",
    "tweets": "Hutto and Gilbert, ICWSM 2014, MIT",
    "shop snippets": "Hutto and Gilbert, ICWSM 2014, MIT",
    "editorials": "Hutto and Gilbert, ICWSM 2014, MIT",
    "hotels": "515K Hotel Reviews in Europe, sample, CC0",
    "bank questions": "BANKING77 (PolyAI), CC BY 4.0, sorted for this project",
    "finance apps": "Fampay In-Depth Analysis, CC0",
}
JUDGED_ONLY = ("rental firms",)
# Sets of one origin: neither may train what judges the other.
KIN = ({"product sentences", "shop snippets"},)

# Words for kinds of people are no evidence, whatever the texts happened to say about them.
PEOPLE = """
african american arab asian autistic black blind boy boys british catholic chinese christian deaf
disabled dutch elderly english european fat female foreign foreigner foreigners french gay german
girl girls greek gypsy he her him hindu his husband immigrant immigrants indian irish islam israeli
italian japanese jew jewish korean ladies lady latin latino lesbian male man men mexican mom muslim
nigerian pakistani polish queer russian scottish she spanish trans turkish white wife woman women
young
"""

LIMIT = 8_000  # texts a set
EQUAL = 6_000  # bigger sets weigh no more than this
SETS_NEEDED = 3
PER_SET = 2
RIDGE = 1.0
ROUNDS = 120
# Half of the labelled texts are complaints, in the mail perhaps a third; a little caution too.
BASE = -0.7

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    features: frozenset[str]
    signs: tuple[float, ...]
    tokens: list[str]
    seen: Signs
    complaint: bool
    middling: bool


def read(name: str) -> list[Sample]:
    lexicon = load_lexicon("en")
    samples = []
    for item in load(name, LIMIT, middling=True):
        part = clean(shorten(item.text)[0])
        tokens = words(fold(part))
        found = lexicon.find(tokens)
        seen = Signs(
            against=found.against,
            praise=found.praise,
            polarity=sentiment.polarity(tokens),
            mood=signs.emoji_mood(part)[0],
            shouting=signs.shouting(part),
        )
        samples.append(
            Sample(
                features=frozenset(features(tokens)),
                signs=seen.values(),
                tokens=tokens,
                seen=seen,
                complaint=item.complaint,
                middling=item.middling,
            )
        )
    return samples


def choose_words(sets: dict[str, list[Sample]]) -> list[str]:
    """The words and pairs that occur in enough sets, sorted."""
    spread: Counter[str] = Counter()
    for samples in sets.values():
        here: Counter[str] = Counter()
        for sample in samples:
            here.update(sample.features)
        spread.update(word for word, n in here.items() if n >= PER_SET)
    people = frozenset(PEOPLE.split())
    return sorted(
        word
        for word, n in spread.items()
        if n >= SETS_NEEDED and (len(word) > 1 or word in "?!i") and people.isdisjoint(word.split())
    )


def train(sets: dict[str, list[Sample]]) -> Weights:
    """Fit by accelerated gradient descent, each weight with a step of its own."""
    vocabulary = choose_words(sets)
    place = {word: i for i, word in enumerate(vocabulary)}
    row_list: list[int] = []
    column_list: list[int] = []
    scale_list: list[float] = []
    sign_list: list[tuple[float, ...]] = []
    label_list: list[float] = []
    group_list: list[int] = []
    importance_list: list[float] = []
    for group, samples in enumerate(sets.values()):
        share = sum(sample.complaint for sample in samples) / len(samples)
        weight = min(1.0, EQUAL / len(samples))
        for sample in samples:
            row = len(label_list)
            known = sorted(place[word] for word in sample.features if word in place)
            row_list.extend([row] * len(known))
            column_list.extend(known)
            scale_list.extend([1 / math.sqrt(max(len(sample.features), 8))] * len(known))
            sign_list.append(sample.signs)
            label_list.append(float(sample.complaint))
            group_list.append(group)
            importance_list.append(
                weight * 0.5 / max(share if sample.complaint else 1 - share, 0.05)
            )
    rows, columns = np.array(row_list, dtype=np.intp), np.array(column_list, dtype=np.intp)
    scale, labels = np.array(scale_list), np.array(label_list)
    groups, importance = np.array(group_list, dtype=np.intp), np.array(importance_list)
    # Signs and intercepts are features like words, only without the ridge.
    known_signs = [np.array(column) for column in zip(*sign_list, strict=True)]
    n, m, k = len(labels), len(vocabulary), len(SIGNS)

    def spread(values: Numbers, at: Places, size: int) -> Numbers:
        return np.bincount(at, weights=values, minlength=size)

    def gradient(at: list[Numbers]) -> list[Numbers]:
        on_words, on_signs, on_groups = at
        z = spread(scale * on_words[columns], rows, n) + on_groups[groups]
        for i, column in enumerate(known_signs):
            z = z + on_signs[i] * column
        error = importance * (1 / (1 + np.exp(-np.clip(z, -30, 30))) - labels)
        return [
            spread(scale * error[rows], columns, m) + RIDGE * on_words,
            np.array([math.fsum(error * column) for column in known_signs]) + 0.01 * on_signs,
            spread(error, groups, len(sets)) + 0.001 * on_groups,
        ]

    curvature = [
        0.25 * spread(scale * scale * importance[rows], columns, m) + RIDGE,
        np.array([0.25 * math.fsum(importance * column * column) + 0.01 for column in known_signs]),
        0.25 * spread(importance, groups, len(sets)) + 0.001,
    ]
    here = [np.zeros(m), np.zeros(k), np.zeros(len(sets))]
    ahead = [each.copy() for each in here]
    pace = 1.0
    for _ in range(ROUNDS):
        slope = gradient(ahead)
        there = [a - s / c / 12 for a, s, c in zip(ahead, slope, curvature, strict=True)]
        uphill = sum(math.fsum(s * (t - h)) for s, t, h in zip(slope, there, here, strict=True))
        quicker = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        momentum = (pace - 1) / quicker
        if uphill > 0:
            quicker, momentum = 1.0, 0.0
        ahead = [t + momentum * (t - h) for t, h in zip(there, here, strict=True)]
        here, pace = there, quicker
    return Weights(
        version=VERSION,
        base=BASE,
        signs=tuple(round(float(weight), 2) for weight in here[1]),
        words={
            word: rounded
            for word, weight in zip(vocabulary, here[0], strict=True)
            if abs(rounded := round(float(weight), 2)) >= 0.02
        },
    )


def as_json(weights: Weights, trained_on: Sequence[str]) -> str:
    head = {
        "version": weights.version,
        "made_by": "python -m benchmarks.train_weights",
        "trained_on": {name: TRAINED_ON[name] for name in trained_on},
        "base": weights.base,
        "signs": dict(zip(SIGNS, weights.signs, strict=True)),
    }
    lines = [f"{json.dumps(word)}:{weight}" for word, weight in sorted(weights.words.items())]
    return json.dumps(head, indent=1)[:-2] + ',\n "words": {\n' + ",\n".join(lines) + "\n}}\n"


def hold_out(sets: dict[str, list[Sample]]) -> None:
    """Train without each set in turn and judge it: what a new source may expect."""
    print(f"{'held out':<24}{'n':>7}    AUC    F1 at 0.5    words")
    rows = []
    for name in sets:
        if name == "film review lines":
            continue  # a matter of taste in films; nobody's complaint
        unlike = {
            other: samples
            for other, samples in sets.items()
            if other in TRAINED_ON and other != name and {name, other} not in KIN
        }
        weights = train(unlike)
        judged = [sample for sample in sets[name] if not sample.middling]
        scores = [weights.evidence(sample.tokens, sample.seen) for sample in judged]
        labels = [sample.complaint for sample in judged]
        row = (auc(scores, labels), f1([score >= 0 for score in scores], labels))
        rows.append(row)
        print(f"{name:<24}{len(labels):>7}  {row[0]:.3f}      {row[1]:.2f}", end="")
        print(f"     {len(weights.words):>6}", flush=True)
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    print(f"{'mean':<31}  {means[0]:.3f}      {means[1]:.2f}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--hold-out", action="store_true", help="judge each set unseen")
    chosen = parser.parse_args(arguments)
    if not DATA.is_dir():
        print("skipped: the labelled sets (shared/data beside the repository) are not here")
        return 0
    if chosen.hold_out:
        hold_out({name: read(name) for name in (*TRAINED_ON, *JUDGED_ONLY)})
        return 0
    sets = {name: read(name) for name in TRAINED_ON}
    made = as_json(train(sets), list(sets))
    if chosen.check:
        same = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == made
        print("the same to the bit" if same else "different")
        return 0 if same else 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(made, encoding="utf-8")
    texts = sum(map(len, sets.values()))
    print(f"{TARGET.name}: {made.count(chr(10))} lines, {len(made):,} bytes, from {texts:,} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
