"""Invented complaints in Italian, Dutch and Portuguese: what their drafts name and in which tongue.

`tests/data/drafts/complaints.tsv` was written for this and read by a person. `about` holds every
topic that an answer may name; it is empty where nothing is said plainly.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from monitor.assess import make_assessor
from responders.claims import is_doubtful, judge_with, named_topics
from responders.drafts import Draft, DraftFacts, TemplateDrafter
from responders.phrases import load_topics
from responders.rules import ReplyFacts, check_reply

WRITTEN = Path(__file__).resolve().parents[2] / "data/drafts/complaints.tsv"
OTHERWISE_NAMED = 3
"""Texts of the 80 of which something else may be named; a word has more than one meaning."""


class Row(NamedTuple):
    language: str
    about: frozenset[str]
    named: frozenset[str]
    text: str
    draft: Draft


def drafted() -> Iterator[Row]:
    drafter, assessor = TemplateDrafter(), make_assessor()
    before: dict[str, list[str]] = {}
    with WRITTEN.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t")):
            rating = (float(row["rating"]) - 1) / 4
            judged = assessor.assess(row["text"], rating=rating)
            judge = judge_with(assessor, judged.language)
            named = named_topics(judged.topics, row["text"], judge)
            earlier = before.setdefault(row["language"], [])
            facts = DraftFacts(
                text=row["text"],
                author_name=row["author"],
                rating=rating,
                language=judged.language,
                topics=judged.topics,
                named=named,
                urgency=judged.urgency,
                complaint=judged.complaint,
                doubtful=is_doubtful(judged, rating),
                brand_name="Harbour",
                location_name="Quay Street",
                contact="hello@harbour.example",
                previous_replies=tuple(earlier[-20:][::-1]),
                seed=f"{number}:1",
            )
            draft = drafter.draft(facts)
            earlier.append(draft.text)
            about, ours = frozenset(row["about"].split()), load_topics().resolve(named)
            yield Row(row["language"], about, frozenset(ours), row["text"], draft)


def test_drafts_speak_the_language_of_the_complaint_and_name_what_it_is_about() -> None:
    rows = list(drafted())
    counts = {code: sum(row.language == code for row in rows) for code in ("it", "nl", "pt")}
    assert counts == {"it": 40, "nl": 20, "pt": 20}
    assert [row.text for row in rows if row.draft.language != row.language] == []
    otherwise = [row.text for row in rows if row.named - row.about]
    assert len(otherwise) <= OTHERWISE_NAMED, otherwise


def test_what_endangers_people_is_answered_with_care() -> None:
    grave = [row for row in drafted() if "safety" in row.about]
    assert len(grave) == 3
    assert all(row.draft.template.endswith("/careful") for row in grave)


def test_no_rule_objects_to_any_of_them() -> None:
    for row in drafted():
        facts = ReplyFacts(language=row.language, contact="hello@harbour.example", sensitive=True)
        assert check_reply(row.draft.text, facts) == ()
