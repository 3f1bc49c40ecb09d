"""Drafts for 200 real complaints, to be read: ``python -m benchmarks.drafts --data FOLDER``.

The complaints come from public sets beside the repository, in six languages, and go through the
real judgement and the real drafter. Printed beside each other; and measured: the same opening twice
in a row, the language, and what our own rules would block or warn of. Deterministic.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.assess import Assessment, make_assessor
from responders.claims import is_doubtful, judge_with, named_topics
from responders.drafts import Draft, DraftFacts, TemplateDrafter
from responders.rules import Finding, ReplyFacts, check_reply

SHARED = Path(__file__).resolve().parents[2] / "shared/data"
LONGEST_SHOWN = 2500
LATELY = 20


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a set. `rating` lies in 0..1."""

    where: str
    language: str
    text: str
    author: str = ""
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    said: Said
    judged: Assessment
    draft: Draft
    findings: tuple[Finding, ...]


def parcels(folder: Path) -> Iterator[Said]:
    for path in sorted((folder / "google_maps_dhl_de").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                stars = float(row["review_rating"] or 3)
                author, rating = row["review_author"], (stars - 1) / 4
                yield Said("parcels", "de", row["review_text"], author, rating)


def rental(folder: Path) -> Iterator[Said]:
    path = folder / "trustpilot_rental_2026/trustpilot_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rating = (float(row["rating"]) - 1) / 4
            yield Said("rental", "en", row["body"], row["author"], rating)


def apps(folder: Path) -> Iterator[Said]:
    for path in sorted((folder / "app_reviews_fampay").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                rating = (float(row["score"]) - 1) / 4
                yield Said("apps", "en", row["content"], row["userName"], rating)


def apps_in_portuguese(folder: Path) -> Iterator[Said]:
    path = folder / "pt_complaint_tickets/app_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="|"):
            rating = (float(row["score"]) - 1) / 4
            yield Said("apps pt", "pt", row["content"], row["userName"], rating)


def hotels(folder: Path) -> Iterator[Said]:
    path = folder / "hotel_sample_ashima/hotel_reviews_sample.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rating = (float(row["Reviewer_Score"]) - 2.5) / 7.5
            yield Said("hotels", "en", row["review"], "", max(0.0, min(1.0, rating)))


def restaurants(code: str) -> Callable[[Path], Iterator[Said]]:
    """Return a reader of the tagged words of one language, put together again."""

    def read(folder: Path) -> Iterator[Said]:
        for path in sorted((folder / "semeval16_multilang").glob(f"{code}.*.tsv")):
            words: list[str] = []
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    words.append(line.split(" ")[0].split("\t")[0])
                elif words:
                    yield Said(f"restaurants {code}", code, " ".join(words))
                    words = []

    return read


def tweets(folder: Path) -> Iterator[Said]:
    for path in sorted((folder / "ibm_twitter_care").glob("*.json")):
        for talk in json.loads(path.read_text(encoding="utf-8")):
            first = talk["dialogContent"][0]
            yield Said("tweets", "en", first["message"], first["client"])


SETS: tuple[tuple[Callable[[Path], Iterator[Said]], int], ...] = (
    (rental, 25),
    (apps, 15),
    (hotels, 12),
    (tweets, 12),
    (parcels, 40),
    (restaurants("es"), 28),
    (restaurants("fr"), 28),
    (restaurants("nl"), 24),
    (apps_in_portuguese, 16),
)


def complaints(folder: Path, seed: int) -> Iterator[tuple[Said, Assessment]]:
    """Yield what the real judgement calls complaints, a fixed number of each set."""
    assessor = make_assessor()
    for read, wanted in SETS:
        try:
            texts = [each for each in dict.fromkeys(read(folder)) if len(each.text.split()) > 5]
        except OSError as error:
            print(f"left out: {error.filename} is not there", file=sys.stderr)
            continue
        random.Random(seed).shuffle(texts)
        taken = 0
        for said in texts:
            judged = assessor.assess(said.text, rating=said.rating)
            if judged.complaint and not judged.spam:
                yield said, judged
                taken += 1
            if taken == wanted:
                break


def drafted(folder: Path, seed: int) -> Iterator[Drafted]:
    drafter, assessor = TemplateDrafter(), make_assessor()
    before: dict[str, list[str]] = {}
    for number, (said, judged) in enumerate(complaints(folder, seed)):
        earlier = before.setdefault(said.where, [])
        facts = DraftFacts(
            text=said.text,
            author_name=said.author,
            rating=said.rating,
            language=judged.language,
            topics=judged.topics,
            named=named_topics(judged.topics, said.text, judge_with(assessor, judged.language)),
            urgency=judged.urgency,
            doubtful=is_doubtful(judged, said.rating),
            brand_name="Harbour",
            location_name="Quay Street",
            contact="hello@harbour.example",
            signature="Mara, Harbour",
            previous_replies=tuple(earlier[-LATELY:][::-1]),
            seed=f"{number}:1",
            languages=("en", "de", "es", "fr", "it", "nl", "pt"),
        )
        draft = drafter.draft(facts)
        checked = ReplyFacts(
            language=judged.language,
            contact=facts.contact,
            signature=facts.signature,
            brand_name=facts.brand_name,
            previous_replies=facts.previous_replies,
            author_name=said.author,
            mention_text=said.text,
        )
        earlier.append(draft.text)
        yield Drafted(said, judged, draft, check_reply(draft.text, checked))


def opening(text: str) -> str:
    return text.split(".")[0].split("?")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED, help="where the shared data stands")
    parser.add_argument("--seed", type=int, default=11, help="another seed is another sample")
    parser.add_argument("--quiet", action="store_true", help="print the figures only")
    given = parser.parse_args()
    made = list(drafted(given.data, given.seed))
    if not made:
        print(f"no complaints under {given.data}", file=sys.stderr)
        return
    same = 0
    last: dict[str, str] = {}
    for number, each in enumerate(made, 1):
        said, judged, draft = each.said, each.judged, each.draft
        same += last.get(said.where) == opening(draft.text)
        last[said.where] = opening(draft.text)
        if not given.quiet:
            told = f"{draft.template} {judged.urgency} | {draft.reasons[1]} | {said.author}"
            print(f"--- {number} {said.where} {judged.language} {told}")
            print(" ".join(said.text.split())[:LONGEST_SHOWN])
            print("  >", " / ".join(filter(None, draft.text.splitlines())))
            for finding in each.findings:
                print(f"  ! {finding.severity} {finding.rule}: {finding.words}")
    right = sum(each.draft.language == each.said.language for each in made)
    found = Counter((hit.severity, hit.rule) for each in made for hit in each.findings)
    print(f"\n{len(made)} complaints: {dict(Counter(each.draft.language for each in made))}")
    print(f"same opening twice in a row: {same}")
    print(f"language of the set: {right} of {len(made)}")
    print(f"blocked by our own rules: {sum(n for (how, _), n in found.items() if how == 'block')}")
    print(f"warned of: {dict(found)}")
    print(f"kinds: {dict(Counter(each.draft.template.split('/')[1] for each in made))}")


if __name__ == "__main__":
    main()
