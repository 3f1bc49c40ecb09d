"""What learning from staff's labels is worth, on texts the shipped model was not trained on.

    python -m benchmarks.learning                           # the sets that train nothing
    python -m benchmarks.learning --held-out "finance apps" --held-out hotels

Labels are drawn at random, learned from, and the rest is judged before and after, text alone.
With ``--held-out`` the English model is first trained without that set and its kin. Every figure
is the mean over the draws; ``worst`` is the smallest change of F1 in any of them. A lesson that
was refused changes nothing and counts so.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from monitor.assess import Utterance, make_assessor
from monitor.assess.base import DEFAULT_THRESHOLD
from monitor.assess.fitting import Labelled, chance_by
from monitor.assess.layer import LocalLayer
from monitor.assess.learning import TooFewLabels, learn
from monitor.assess.training.measures import calibration_error, f1
from monitor.assess.training.sets import SETS, load

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SEEDS = 5
BINS = 15


def untrained(data: Path, name: str, limit: int) -> list[Labelled]:
    """A set as the shipped model sees it."""
    assessor = make_assessor()
    kind = SETS[name].kind
    items = load(data, name, limit)
    return [
        Labelled(*assessor.evidence(Utterance(item.text, item.title, kind=kind)), item.complaint)
        for item in items
    ]


def held_out(data: Path, names: Sequence[str], limit: int) -> dict[str, list[Labelled]]:
    """English sets as models see them that were trained without each of them."""
    from monitor.assess.training.corpus import groups
    from monitor.assess.training.opinions import lists_for
    from monitor.assess.training.train import ENGLISH, calibrate, hold_out

    everything = groups("en", data, ENGLISH.stems)
    judged = list(hold_out("en", everything, lists_for("en", data), _say))
    found = {}
    for told in judged:
        if told.name not in names:
            continue
        # The calibration, too, is that of the other sets.
        scale, base = calibrate([each for each in judged if each.name != told.name])
        (left,) = [each for each in everything if each.name == told.name]
        texts = [
            Labelled(scale * score + base, text.features, text.complaint)
            for score, text in zip(
                told.scores, [text for text in left.texts if text.judges], strict=True
            )
        ]
        step = max(1.0, len(texts) / limit)
        found[told.name] = [texts[int(at * step)] for at in range(int(len(texts) / step))]
    return found


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def measure(texts: Sequence[Labelled], layer: LocalLayer | None) -> tuple[float, float]:
    """F1 at the shipped threshold, and ECE."""
    chances = [chance_by(layer, text) for text in texts]
    labels = [text.complaint for text in texts]
    said = [chance >= DEFAULT_THRESHOLD for chance in chances]
    return f1(said, labels), calibration_error(chances, labels, BINS)


def run(name: str, texts: Sequence[Labelled], sizes: Sequence[int], seeds: int) -> None:
    """Draw, learn and judge the rest; print a line for each number of labels."""
    share = sum(text.complaint for text in texts) / len(texts)
    for size in sizes:
        if len(texts) < 2 * size:
            print(f"  {name:<24}{share:>6.0%}{size:>6}  too small a set: {len(texts)} texts")
            continue
        rows = []
        refused, seconds = [], 0.0
        for seed in range(seeds):
            order = list(range(len(texts)))
            Random(seed).shuffle(order)
            drawn = [texts[at] for at in order[:size]]
            rest = [texts[at] for at in order[size:]]
            layer: LocalLayer | None = None
            begun = time.perf_counter()
            try:
                lesson = learn(drawn)
                if lesson.better:
                    layer = lesson.layer
                else:
                    refused.append(lesson.objection)
            except TooFewLabels as error:
                refused.append(str(error))
            seconds += time.perf_counter() - begun
            rows.append((*measure(rest, None), *measure(rest, layer)))
        f_before, e_before, f_after, e_after = map(statistics.fmean, zip(*rows, strict=True))
        worst = min(row[2] - row[0] for row in rows)
        print(
            f"  {name:<24}{share:>6.0%}{size:>6}{f_before:>8.3f}{f_after:>8.3f}{worst:>+8.3f}"
            f"{e_before:>8.3f}{e_after:>8.3f}{len(refused):>5} of {seeds}{seconds / seeds:>7.1f} s",
            flush=True,
        )


def main() -> None:
    """Print what learning is worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--held-out", action="append", default=[], metavar="NAME")
    parser.add_argument("--limit", type=int, default=4_000, help="texts of a set at most")
    parser.add_argument("--labels", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    told = parser.parse_args()
    if not told.data.is_dir():
        parser.exit(1, f"no folder {told.data}: --data names the folder of the labelled sets\n")
    if told.held_out:
        sets = held_out(told.data, told.held_out, told.limit)
    else:
        names = [name for name, each in SETS.items() if not each.licence]
        sets = {name: untrained(told.data, name, told.limit) for name in names}
    print(
        f"  {'set':<24}{'compl.':>6}{'labels':>6}{'F1':>8}{'after':>8}{'worst':>8}"
        f"{'ECE':>8}{'after':>8}{'refused':>10}{'time':>9}"
    )
    for name, texts in sets.items():
        run(name, texts, told.labels, told.seeds)


if __name__ == "__main__":
    main()
