"""How well, how surely and how fast texts are judged, beside TextBlob in the same run.

    python -m benchmarks.assess                  # everything
    python -m benchmarks.assess --only speed     # or held-out, load, urgency, sets, doubt

The labelled sets are read from the folder beside the repository (``--data``); where it is absent
that is said. A star marks the sets that the English model was trained on: what they are worth on
unseen ones stands under held-out, as it was measured in training and is kept in the models.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from monitor.assess import Assessment, Utterance, make_assessor
from monitor.assess.lexicon import LANGUAGES
from monitor.assess.training.measures import auc, calibration_error, f1
from monitor.assess.training.sets import SETS, Item, load

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
CASES = Path(__file__).resolve().parents[1] / "tests" / "data" / "urgency"
HOSTILE = {
    "stacked accents": "e\u0301\u0302\u0303" * 250_000,
    "a megabyte of emoji": "😡" * 1_000_000,
    "lone surrogates": "bad \ud800" * 200_000,
    "right-to-left overrides": "\u202eterrible\u202c " * 100_000,
    "open brackets": "<" * 1_000_000,
    "one word": "x" * 1_000_000,
    "a row of gaps": "never " * 200_000,
}


def held_out() -> None:
    """What training measured on sets it left out, at the shipped threshold."""
    print("held out in training: text alone, threshold as shipped")
    print(f"  {'':<4}{'set':<26}{'texts':>7}{'compl.':>8}{'AUC':>7}{'F1':>6}{'best':>6}{'ECE':>6}")
    for language in LANGUAGES:
        file = resources.files("monitor.assess").joinpath("models", f"{language}.json")
        told = json.loads(file.read_text(encoding="utf-8"))["made_from"]["held_out"]
        for name, row in told.items():
            print(f"  {language:<4}{name:<26}{row['texts']:>7}{row['complaints']:>8.0%}", end="")
            print(f"{row['auc']:>7.3f}{row['f1']:>6.2f}{row['best_f1']:>6.2f}", end="")
            print(f"{row['calibration_error']:>6.2f}")
        if len(told) > 1:
            means = [statistics.fmean(row[k] for row in told.values()) for k in ("auc", "f1")]
            print(f"  {language:<4}{'mean':<26}{'':>15}{means[0]:>7.3f}{means[1]:>6.2f}")


def sets(data: Path, limit: int) -> None:
    """Every set at hand, beside TextBlob's polarity below 0, and with the rating given."""
    from textblob import TextBlob

    assessor = make_assessor()
    print(f"\nsets, by {assessor.version}: AUC / F1 (* trained on)")
    print(f"  {'set':<26}{'texts':>7}{'compl.':>8}{'TextBlob':>14}{'Rapport':>14}{'rated':>14}")
    for name, labelled in SETS.items():
        items = load(data, name, limit)
        labels = [item.complaint for item in items]
        blob = [-TextBlob(item.text).sentiment.polarity for item in items]
        plain = _judged(assessor.assess, items, rated=False)
        print(f"  {name + ('*' if labelled.licence else ''):<26}{len(items):>7}", end="")
        print(f"{sum(labels) / len(labels):>8.0%}", end="")
        print(f"{auc(blob, labels):>8.3f} / {f1([b > 0 for b in blob], labels):.2f}", end="")
        print(f" {_auc_f1(plain, labels)}", end="")
        if items[0].rating is not None:
            print(f" {_auc_f1(_judged(assessor.assess, items, rated=True), labels)}", end="")
        print(flush=True)


def urgency() -> None:
    """How many written cases of each rule are caught, and how many harmless texts are called."""
    assessor = make_assessor()
    print("\nurgency, on written cases that neither lists nor training have seen: caught of all")
    for language in LANGUAGES:
        caught: Counter[str] = Counter()
        every: Counter[str] = Counter()
        lines = (CASES / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
        for line in lines:
            label, _, text = line.partition("\t")
            fired = {signal for signal in assessor.assess(text).signals if "urgent:" in signal}
            for rule in label.split("+"):
                every[rule] += 1
                caught[rule] += bool(fired) if rule == "none" else f"urgent:{rule}" in fired
        told = ", ".join(f"{rule} {caught[rule]}/{every[rule]}" for rule in every)
        print(f"  {language}  {told}")


def doubt(data: Path, limit: int) -> None:
    """Whether it knows when it does not know: errors left when the least sure tenth is put off."""
    assessor = make_assessor()
    print("\ndoubt, on sets that no model was trained on")
    for name, labelled in SETS.items():
        if labelled.licence:
            continue
        items = load(data, name, limit)
        found = _judged(assessor.assess, items, rated=False)
        wrong = [each.complaint != item.complaint for each, item in zip(found, items, strict=True)]
        order = sorted(
            range(len(items)),
            key=lambda i: abs(found[i].complaint_probability - found[i].threshold),
        )
        kept = order[len(order) // 10 :]
        chances = [each.complaint_probability for each in found]
        error = calibration_error(chances, [item.complaint for item in items])
        unsure = statistics.fmean(each.unsure for each in found)
        print(f"  {name:<26} unsure {unsure:.0%}, errors {sum(wrong)}", end="")
        print(f", without the least sure tenth {sum(wrong[i] for i in kept)}", end="")
        print(f", ECE {error:.3f}")


def speed(data: Path) -> None:
    """Texts a second, one call at a time, TextBlob and ours in turns; medians of nine."""
    from textblob import TextBlob

    assessor = make_assessor()
    calls: dict[str, Callable[[str], Any]] = {
        "TextBlob": lambda text: TextBlob(text).sentiment.polarity,
        "decided": assessor.assess,
        "explained too": lambda text: assessor.assess(text).details,
    }
    print("\nspeed, texts/s one at a time, medians of nine; ratios to TextBlob pair by pair")
    for name in ("tweets", "finance apps", "hotels"):
        texts = [item.text for item in load(data, name)][:1_000]
        rates: dict[str, list[float]] = {each: [] for each in calls}
        for turn in range(10):
            for each, call in calls.items():
                begun = time.perf_counter()
                for text in texts:
                    call(text)
                if turn:  # the first turn loads and warms
                    rates[each].append(len(texts) / (time.perf_counter() - begun))
        length = statistics.fmean(map(len, texts))
        print(f"  {name}, {length:.0f} characters")
        for each, row in rates.items():
            ratio = statistics.median(a / b for a, b in zip(row, rates["TextBlob"], strict=True))
            print(f"    {each:<16}{statistics.median(row):>10,.0f}{ratio:>7.1f} x")


_LOADING = """
import sys, time
import monitor.assess
def resident():  # in MB; Linux tells it in pages
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6
before, begun = resident(), time.perf_counter()
assessor = monitor.assess.make_assessor()
assessor.assess("We waited fifty minutes for a cold burger and nobody said sorry").details
took = time.perf_counter() - begun
imported = ["textblob" in sys.modules, "numpy" in sys.modules]
print(f"{took * 1000:.0f} ms, {resident() - before:.1f} MB", *imported)
"""


def loading() -> None:
    """Time and memory until the first text is judged, in a new process; long and hostile texts."""
    print("\nloading the assessor and judging one English text, five new processes")
    for _ in range(5):
        ran = subprocess.run(
            [sys.executable, "-c", _LOADING], capture_output=True, text=True, check=True
        )
        figures, textblob, numpy = ran.stdout.strip().rsplit(" ", 2)
        print(f"  {figures}; TextBlob imported: {textblob}, NumPy: {numpy}")
    assessor = make_assessor()
    # What a language needs is read when it is first met; that is told above.
    assessor.assess("We waited fifty minutes for a cold burger and nobody said sorry").details  # noqa: B018
    assessor.assess("lorem ipsum dolor sit amet consectetur adipiscing elit").details  # noqa: B018
    long = "The room was clean but the lift was broken and nobody came for an hour. " * 1_400
    cases = {"100,000 characters of English": long[:100_000], **HOSTILE}
    for name, text in cases.items():
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            assessor.assess(text).details  # noqa: B018  working it out is the point
            taken.append(time.perf_counter() - begun)
        print(f"  {name:<32}{statistics.median(taken) * 1000:>7.1f} ms")


def _judged(
    assess: Callable[..., Assessment], items: Sequence[Item], *, rated: bool
) -> list[Assessment]:
    said = [Utterance(each.text, each.title, each.rating if rated else None) for each in items]
    return [assess(each.text, title=each.title, rating=each.rating) for each in said]


def _auc_f1(found: Sequence[Assessment], labels: Sequence[bool]) -> str:
    chances = [each.complaint_probability for each in found]
    return f"{auc(chances, labels):>7.3f} / {f1([each.complaint for each in found], labels):.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the labelled sets")
    parser.add_argument("--limit", type=int, default=2_000, help="texts a set at most (0: all)")
    parser.add_argument("--only", choices=["held-out", "load", "urgency", "sets", "doubt", "speed"])
    told = parser.parse_args(arguments)
    if told.only in {None, "held-out"}:
        held_out()
    if told.only in {None, "load"}:
        loading()
    if told.only in {None, "urgency"}:
        urgency()
    if not told.data.is_dir():
        print(f"the rest is skipped: the labelled sets are not in {told.data}")
        return 0
    if told.only in {None, "sets"}:
        sets(told.data, told.limit)
    if told.only in {None, "doubt"}:
        doubt(told.data, told.limit)
    if told.only in {None, "speed"}:
        speed(told.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
