"""The labelled sets that lie beside the repository, read as they were found.

A complaint is what a set calls negative, or one or two stars (hotels: below 5 of 10); middling
ratings are neither praise nor complaint. Of the bank's questions, those about something gone
wrong count. No text is copied into the project. `SETS` says which sets may train a model that
is passed on, under which licence, and which only judge.
"""

from __future__ import annotations

import csv
import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text. ``rating`` lies in 0..1, or is None.

    ``middling`` is neither praise nor complaint: it trains as no complaint and does not judge.
    ``praise`` is false for what is no complaint without being kind, such as a plain question.
    """

    text: str
    complaint: bool
    rating: float | None = None
    title: str = ""
    middling: bool = False
    praise: bool = True


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """One set: how it is read from the folder of the data, and what may be done with it.

    ``licence`` is empty where a model that is passed on may not be trained on it. ``kin`` names
    sets of the same origin: neither may train what judges the other. ``kind`` is the kind of
    mention its texts resemble.
    """

    read: Callable[[Path], Iterator[Item]]
    licence: str = ""
    language: str = "en"
    kind: str = "review"
    kin: tuple[str, ...] = ()


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _lines(path: Path, encoding: str = "utf-8") -> list[str]:
    text = path.read_text(encoding=encoding, errors="replace")
    return [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]


def _stars(
    folder: Path,
    name: str,
    text: str,
    score: str,
    delimiter: str = ",",
    title: str = "",
) -> Iterator[Item]:
    for row in _rows(folder / name, delimiter):
        try:
            stars = int(float(row[score]))
        except (TypeError, ValueError):
            continue
        body = (row[text] or "").strip()
        if body and stars != 3:
            head = (row[title] or "") if title else ""
            yield Item(body, stars <= 2, (stars - 1) / 4, head)


def _uci(folder: Path, name: str) -> Iterator[Item]:
    for line in _lines(folder / f"uci_sentiment_sentences/{name}_labelled.txt"):
        text, _, label = line.rstrip().rpartition("\t")
        yield Item(text.strip(), label == "0")


def _pros_cons(folder: Path) -> Iterator[Item]:
    for name, complaint in (("IntegratedCons", True), ("IntegratedPros", False)):
        for line in _lines(folder / f"liu_nltk_ccby/pros_cons/{name}.txt", "latin-1"):
            yield Item(html.unescape(re.sub(r"</?(?:Cons|Pros)>", "", line)).strip(), complaint)


def _films(folder: Path) -> Iterator[Item]:
    for end, complaint in (("neg", True), ("pos", False)):
        path = folder / f"liu_nltk_ccby/sentence_polarity/rt-polarity.{end}"
        for line in _lines(path, "latin-1"):
            yield Item(line.strip(), complaint)


def _products(folder: Path) -> Iterator[Item]:
    for name in ("product_reviews_1", "product_reviews_2"):
        for path in sorted((folder / "liu_nltk_ccby" / name).glob("*.txt")):
            if path.name.lower().startswith("readme"):
                continue
            for line in path.read_text("latin-1").splitlines():
                marks, _, text = line.partition("##")
                signs = {sign for sign, _ in re.findall(r"\[([+-])(\d)\]", marks)}
                if len(signs) < 2 and text.strip() and "[t]" not in marks:
                    yield Item(text.strip(), signs == {"-"}, middling=not signs)


def _rated(folder: Path, name: str) -> Iterator[Item]:
    for line in _lines(folder / f"hutto_icwsm2014/{name}_GroundTruth.txt"):
        _, _, rest = line.partition("\t")
        mean, _, text = rest.partition("\t")
        middling = abs(float(mean)) < 0.5
        yield Item(html.unescape(text.strip()), float(mean) <= -0.5, middling=middling)


def _hotels(folder: Path) -> Iterator[Item]:
    for row in _rows(folder / "hotel_sample_ashima/hotel_reviews_sample.csv"):
        score = float(row["Reviewer_Score"])
        text = re.sub(r"\bNo (?:Negative|Positive)\b", " ", row["review"]).strip()
        if text and not 5 <= score < 7:
            yield Item(text, score < 5, (score - 2.5) / 7.5)


def _apps(folder: Path) -> Iterator[Item]:
    for name in (
        "Fampay__app_reviews_3",
        "com.epifi.paisa__app_reviews_1",
        "com.phonepe.app__app_reviews_5",
        "money.jupiter__app_reviews_4",
    ):
        yield from _stars(folder, f"app_reviews_fampay/{name}.csv", "content", "score")


# Which of its 77 reasons to write to a bank are something gone wrong, and which plain questions;
# the rest (lost cards, forgotten codes, requests) are left out. Decided for this project.
_BANK_WRONG = re.compile(
    "(?i)not_|failed|declined|pending|reverted|wrong|twice|swallowed|unable|card_arrival"
    "|extra_charge|fee_charged|withdrawal_charge"
)
_BANK_NEITHER = re.compile("lost|compromised|passcode|blocked|cancel|request_refund|terminate")


def _bank(folder: Path) -> Iterator[Item]:
    for name in ("train", "test"):
        for row in _rows(folder / f"banking77/{name}.csv"):
            if _BANK_NEITHER.search(row["category"]) is None:
                wrong = _BANK_WRONG.search(row["category"]) is not None
                yield Item(row["text"].strip(), wrong, praise=False)


def _care(folder: Path) -> Iterator[Item]:
    """The customers' turns of conversations, with the labels given to them for this project."""
    labels = dict(line.split("\t") for line in _lines(_labels("ibm_twitter_care")))
    for stem in ("dev", "test"):
        talks = json.loads((folder / f"ibm_twitter_care/{stem}.json").read_text(encoding="utf-8"))
        for number, talk in enumerate(talks):
            for turn, said in enumerate(talk["dialogContent"]):
                label = labels.get(f"{stem}:{number}:{turn}")
                if label is not None and "client" in said:
                    yield Item(
                        said["message"],
                        label in {"complaint", "mixed"},
                        middling=label in {"mixed", "suggestion"},
                        praise=label == "praise",
                    )


def _labels(name: str) -> Path:
    return Path(__file__).resolve().parents[3] / "training" / "labels" / f"{name}.tsv"


def _parcels(folder: Path) -> Iterator[Item]:
    for name in ("google_reviews", "berlin_google_reviews"):
        path = f"google_maps_dhl_de/{name}.csv"
        yield from _stars(folder, path, "review_text", "review_rating")


_rental = partial(
    _stars,
    name="trustpilot_rental_2026/trustpilot_reviews.csv",
    text="body",
    score="rating",
    title="title",
)

_SENTENCES = "Sentiment Labelled Sentences (UCI), CC BY 4.0"
_RATED = "Hutto and Gilbert, ICWSM 2014, MIT"
_PT_APPS = "pt_complaint_tickets/app_reviews.csv"

SETS: dict[str, LabelledSet] = {
    "restaurant sentences": LabelledSet(partial(_uci, name="yelp"), _SENTENCES),
    "phone sentences": LabelledSet(partial(_uci, name="amazon_cells"), _SENTENCES),
    "film sentences": LabelledSet(partial(_uci, name="imdb"), _SENTENCES),
    "pros and cons": LabelledSet(_pros_cons, "Pros and Cons (Liu, NLTK data), CC BY 4.0"),
    "film review lines": LabelledSet(
        _films, "Sentence Polarity 1.0 (Pang and Lee, NLTK data), CC BY 4.0"
    ),
    "product sentences": LabelledSet(
        _products,
        "Product Reviews (Hu and Liu, Ding and others, NLTK data), CC BY 4.0",
        kin=("shop snippets",),
    ),
    "tweets": LabelledSet(partial(_rated, name="tweets"), _RATED, kind="post"),
    "shop snippets": LabelledSet(
        partial(_rated, name="amazonReviewSnippets"), _RATED, kin=("product sentences",)
    ),
    "editorials": LabelledSet(partial(_rated, name="nytEditorialSnippets"), _RATED, kind="post"),
    "hotels": LabelledSet(_hotels, "515K Hotel Reviews in Europe, sample, CC0"),
    "finance apps": LabelledSet(_apps, "Fampay In-Depth Analysis, CC0"),
    "bank questions": LabelledSet(
        _bank, "BANKING77 (PolyAI), CC BY 4.0, sorted for this project", kind="mail"
    ),
    "customer care posts": LabelledSet(
        _care,
        "Conversational Document Prediction (IBM), Apache 2.0, labelled for this project",
        kind="post",
    ),
    "rental firms": LabelledSet(_rental),
    "parcel stations (de)": LabelledSet(_parcels, language="de"),
    "shop apps (pt)": LabelledSet(
        partial(_stars, name=_PT_APPS, text="content", score="score", delimiter="|"),
        language="pt",
    ),
}


def load(folder: Path, name: str, limit: int = 0, *, middling: bool = False) -> list[Item]:
    """The labelled items of a set, without repeats; every n-th one if there are too many.

    Raises FileNotFoundError where the data is not there.
    """
    unique = {item.text: item for item in SETS[name].read(folder)}
    items = [item for item in unique.values() if middling or not item.middling]
    if limit and len(items) > limit:
        step = len(items) / limit
        items = [items[int(i * step)] for i in range(limit)]
    return items
