"""How well complaints are found: AUC and F1 per labelled set, beside TextBlob's.

    python -m benchmarks.assess_quality [--ratings] [--speed] [--set NAME] [--limit N]

The sets are read from the folder ``shared/data`` beside the repository and are not part of it;
without them the script says so and ends. ``--ratings`` also judges with the rating given, where a
set has ratings. ``--speed`` compares texts/s with TextBlob alone, in turns in the same run.

A complaint is what a set calls negative, or one or two stars (hotels: below 5 of 10); middling
ratings are left out. Of the bank's questions, those about something gone wrong count. A star marks
the sets the English word weights were trained on: what they are worth on unseen ones is told by
``python -m benchmarks.train_weights --hold-out``.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@dataclass(frozen=True)
class Item:
    text: str
    complaint: bool
    rating: float | None = None  # 0..1
    title: str = ""
    middling: bool = False  # neither praise nor complaint: trained as no complaint, not judged


Reader = Callable[[], Iterator[Item]]


def _rows(name: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with (DATA / name).open(encoding="utf-8", errors="replace", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _lines(name: str, encoding: str = "utf-8") -> list[str]:
    text = (DATA / name).read_text(encoding=encoding, errors="replace")
    return [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]


def _stars(name: str, text: str, score: str, delimiter: str = ",", title: str = "") -> Reader:
    def read() -> Iterator[Item]:
        for row in _rows(name, delimiter):
            try:
                stars = int(float(row[score]))
            except (TypeError, ValueError):
                continue
            body = (row[text] or "").strip()
            if body and stars != 3:
                head = (row[title] or "") if title else ""
                yield Item(body, stars <= 2, (stars - 1) / 4, head)

    return read


def _uci(name: str) -> Reader:
    def read() -> Iterator[Item]:
        for line in _lines(f"uci_sentiment_sentences/{name}_labelled.txt"):
            text, _, label = line.rstrip().rpartition("\t")
            yield Item(text.strip(), label == "0")

    return read


def _pros_cons() -> Iterator[Item]:
    for name, complaint in (("IntegratedCons", True), ("IntegratedPros", False)):
        for line in _lines(f"liu_nltk_ccby/pros_cons/{name}.txt", "latin-1"):
            yield Item(html.unescape(re.sub(r"</?(?:Cons|Pros)>", "", line)).strip(), complaint)


def _films() -> Iterator[Item]:
    for end, complaint in (("neg", True), ("pos", False)):
        for line in _lines(f"liu_nltk_ccby/sentence_polarity/rt-polarity.{end}", "latin-1"):
            yield Item(line.strip(), complaint)


def _products() -> Iterator[Item]:
    for folder in ("product_reviews_1", "product_reviews_2"):
        for path in sorted((DATA / "liu_nltk_ccby" / folder).glob("*.txt")):
            if path.name.lower().startswith("readme"):
                continue
            for line in path.read_text("latin-1").splitlines():
                marks, _, text = line.partition("##")
                signs = {sign for sign, _ in re.findall(r"\[([+-])(\d)\]", marks)}
                if len(signs) < 2 and text.strip() and "[t]" not in marks:
                    yield Item(text.strip(), signs == {"-"}, middling=not signs)


def _rated(name: str) -> Reader:
    def read() -> Iterator[Item]:
        for line in _lines(f"hutto_icwsm2014/{name}_GroundTruth.txt"):
            _, _, rest = line.partition("\t")
            mean, _, text = rest.partition("\t")
            middling = abs(float(mean)) < 0.5
            yield Item(html.unescape(text.strip()), float(mean) <= -0.5, middling=middling)

    return read


def _hotels() -> Iterator[Item]:
    for row in _rows("hotel_sample_ashima/hotel_reviews_sample.csv"):
        score = float(row["Reviewer_Score"])
        text = re.sub(r"\bNo (?:Negative|Positive)\b", " ", row["review"]).strip()
        if text and not 5 <= score < 7:
            yield Item(text, score < 5, (score - 2.5) / 7.5)


def _apps() -> Iterator[Item]:
    for name in (
        "Fampay__app_reviews_3",
        "com.epifi.paisa__app_reviews_1",
        "com.phonepe.app__app_reviews_5",
        "money.jupiter__app_reviews_4",
    ):
        yield from _stars(f"app_reviews_fampay/{name}.csv", "content", "score")()


# Which of its 77 reasons to write to a bank are something gone wrong, and which plain questions;
# the rest (lost cards, forgotten codes, requests) are left out. Decided for this project.
_BANK_WRONG = re.compile(
    "(?i)not_|failed|declined|pending|reverted|wrong|twice|swallowed|unable|card_arrival"
    "|extra_charge|fee_charged|withdrawal_charge"
)
_BANK_NEITHER = re.compile("lost|compromised|passcode|blocked|cancel|request_refund|terminate")


def _bank() -> Iterator[Item]:
    for name in ("train", "test"):
        for row in _rows(f"banking77/{name}.csv"):
            if _BANK_NEITHER.search(row["category"]) is None:
                wrong = _BANK_WRONG.search(row["category"]) is not None
                yield Item(row["text"].strip(), wrong)


def _parcels() -> Iterator[Item]:
    for name in ("google_reviews", "berlin_google_reviews"):
        yield from _stars(f"google_maps_dhl_de/{name}.csv", "review_text", "review_rating")()


SETS: dict[str, Reader] = {
    "restaurant sentences": _uci("yelp"),
    "phone sentences": _uci("amazon_cells"),
    "film sentences": _uci("imdb"),
    "pros and cons": _pros_cons,
    "film review lines": _films,
    "product sentences": _products,
    "tweets": _rated("tweets"),
    "shop snippets": _rated("amazonReviewSnippets"),
    "film snippets": _rated("movieReviewSnippets"),
    "editorials": _rated("nytEditorialSnippets"),
    "hotels": _hotels,
    "finance apps": _apps,
    "bank questions": _bank,
    "rental firms": _stars(
        "trustpilot_rental_2026/trustpilot_reviews.csv", "body", "rating", title="title"
    ),
    "parcel stations (de)": _parcels,
    "shop apps (pt)": _stars("pt_complaint_tickets/app_reviews.csv", "content", "score", "|"),
}


def load(name: str, limit: int = 0, *, middling: bool = False) -> list[Item]:
    """The labelled items of a set, without repeats; every n-th one if there are too many."""
    unique = {item.text: item for item in SETS[name]()}
    items = [item for item in unique.values() if middling or not item.middling]
    if limit and len(items) > limit:
        step = len(items) / limit
        items = [items[int(i * step)] for i in range(limit)]
    return items


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that a complaint scores above one that is none (ties count half)."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda each: each[0])
    below = total = 0.0
    start = 0
    positives = sum(labels)
    negatives = len(labels) - positives
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        bad = sum(label for _, label in ranked[start:end])
        good = end - start - bad
        total += bad * (below + good / 2)
        below += good
        start = end
    return total / (positives * negatives) if positives and negatives else float("nan")


def f1(said: Sequence[bool], labels: Sequence[bool]) -> float:
    hits = sum(a and b for a, b in zip(said, labels, strict=True))
    return 2 * hits / (sum(said) + sum(labels)) if hits else 0.0


def measure(names: Sequence[str], limit: int, ratings: bool) -> None:
    from textblob import TextBlob

    from monitor.assess import Utterance, make_assessor

    assessor = make_assessor()
    weights = resources.files("monitor.assess").joinpath("weights", "en.json")
    trained_on = json.loads(weights.read_text(encoding="utf-8"))["trained_on"]
    print(f"model {assessor.version}")
    print(f"{'set':<24}{'n':>7}{'neg.':>6}   TextBlob AUC / F1   Rapport AUC / F1", end="")
    print("   with rating" if ratings else "")
    sums: list[tuple[float, ...]] = []
    for name in names:
        items = load(name, limit)
        labels = [item.complaint for item in items]
        blob = [-TextBlob(item.text).sentiment.polarity for item in items]
        ours = assessor.assess_many([Utterance(item.text, item.title) for item in items])
        row = (
            auc(blob, labels),
            f1([score > 0 for score in blob], labels),
            auc([each.complaint_probability for each in ours], labels),
            f1([each.complaint for each in ours], labels),
        )
        sums.append(row)
        share = sum(labels) / len(labels)
        marked = f"{name}*" if name in trained_on else name
        print(f"{marked:<24}{len(items):>7}{share:>6.2f}", end="")
        print(f"        {row[0]:.3f} / {row[1]:.2f}       {row[2]:.3f} / {row[3]:.2f}", end="")
        if ratings and items[0].rating is not None:
            with_rating = assessor.assess_many(
                [Utterance(i.text, i.title, i.rating) for i in items]
            )
            found = auc([each.complaint_probability for each in with_rating], labels)
            said = f1([each.complaint for each in with_rating], labels)
            print(f"   {found:.3f} / {said:.2f}", end="")
        print(flush=True)
    means = [statistics.fmean(column) for column in zip(*sums, strict=True)]
    print(f"{'mean':<37}        {means[0]:.3f} / {means[1]:.2f}", end="")
    print(f"       {means[2]:.3f} / {means[3]:.2f}")


def speed(limit: int) -> None:
    """Texts/s of one call at a time, ours and TextBlob's in turns, medians of seven."""
    from textblob import TextBlob

    from monitor.assess import make_assessor

    assessor = make_assessor()
    texts = [item.text[:150] for item in load("hotels") if len(item.text) > 130][: limit or 1500]
    calls: dict[str, Callable[[str], Any]] = {
        "TextBlob alone": lambda text: TextBlob(text).sentiment.polarity,
        "assess, no hint": assessor.assess,
        "assess, hint en": lambda text: assessor.assess(text, language="en"),
    }
    rates: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(8):
        for name, call in calls.items():
            began = time.perf_counter()
            for text in texts:
                call(text)
            if turn:  # the first turn loads and warms
                rates[name].append(len(texts) / (time.perf_counter() - began))
    length = statistics.fmean(map(len, texts))
    base = statistics.median(rates["TextBlob alone"])
    print(f"{len(texts)} English texts of {length:.0f} characters, one call each")
    for name, each in rates.items():
        rate = statistics.median(each)
        print(f"{name:<18}{rate:>9,.0f} texts/s   {rate / base:.2f} x TextBlob")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ratings", action="store_true", help="also judge with the rating given")
    parser.add_argument("--speed", action="store_true", help="compare the speed with TextBlob's")
    parser.add_argument("--set", action="append", choices=list(SETS), help="only these sets")
    parser.add_argument("--limit", type=int, default=2000, help="texts a set at most (0: all)")
    chosen = parser.parse_args(arguments)
    if not DATA.is_dir():
        print("skipped: the labelled sets (shared/data beside the repository) are not here")
        return 0
    if chosen.speed:
        speed(0)
    else:
        measure(chosen.set or list(SETS), chosen.limit, chosen.ratings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
