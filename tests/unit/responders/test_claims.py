"""A draft names what the text complains of, and not what it mentions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from monitor.assess import make_assessor
from responders.claims import MOST_PIECES, judge_with, named_topics
from responders.drafts import DraftFacts, TemplateDrafter

ASSESSOR = make_assessor()


@pytest.mark.parametrize(
    ("language", "text", "topics", "named"),
    [
        (
            "en",
            "The room was lovely and clean. But the staff were rude and ignored us.",
            ("cleanliness", "staff"),
            ("staff",),
        ),
        (
            "de",
            "Das Zimmer war sauber und schön. Das Personal war leider sehr unfreundlich.",
            ("cleanliness", "staff"),
            ("staff",),
        ),
        (
            "es",
            "El local está muy limpio y bonito. El camarero fue grosero y nos ignoró.",
            ("cleanliness", "staff"),
            ("staff",),
        ),
        (
            "en",
            "Great website. The fee is a ridiculous rip-off.",
            ("app_fault", "price"),
            ("price",),
        ),
        ("en", "A fine day.", ("price",), ()),
        ("en", "", ("price",), ()),
    ],
)
def test_praise_in_passing_is_not_regretted(
    language: str, text: str, topics: tuple[str, ...], named: tuple[str, ...]
) -> None:
    assert named_topics(topics, text, judge_with(ASSESSOR, language)) == named


def saying(about: dict[str, Sequence[str]]) -> list[str]:
    asked: list[str] = []

    def judge(piece: str) -> tuple[bool, Sequence[str]]:
        asked.append(piece)
        return True, about.get(piece, ())

    named = named_topics(("price", "staff", "waiting", "safety"), " ".join(about), judge)
    assert len(asked) <= MOST_PIECES
    return list(named)


def test_what_is_said_most_often_comes_first_and_what_is_said_in_passing_not_at_all() -> None:
    often = {f"staff {number}.": ("staff",) for number in range(4)}
    some = {f"wait {number}.": ("waiting",) for number in range(2)}
    assert saying({"price.": ("price",), **some, **often}) == ["staff", "waiting"]


def test_what_is_grave_is_named_only_where_it_is_said_twice() -> None:
    assert saying({"one.": ("safety",), "two.": ("staff",)}) == ["staff"]
    assert saying({"one.": ("safety",), "two.": ("safety",)}) == ["safety"]


def test_a_text_without_end_is_not_read_to_its_end() -> None:
    assert saying({f"word{number}.": ("staff",) for number in range(500)}) == ["staff"]


def test_long_sentences_are_taken_apart() -> None:
    pieces: list[str] = []

    def judge(piece: str) -> tuple[bool, Sequence[str]]:
        pieces.append(piece)
        return False, ()

    long = "we came in at eight and sat by the window, but nobody came near us for an hour or more"
    named_topics(("waiting",), f"{long}\n{'word ' * 40}", judge)
    assert pieces[:3] == [
        "we came in at eight",
        "and sat by the window",
        "but nobody came near us for an hour or more",
    ]
    assert max(len(piece.split()) for piece in pieces) <= 14


def test_a_draft_names_what_was_chosen_and_stays_careful_for_the_rest() -> None:
    drafter = TemplateDrafter()
    facts = DraftFacts("x", language="en", topics=("staff", "price"), named=("price",))
    assert drafter.draft(facts).reasons[1] == "complaint about price"
    facts = DraftFacts("x", language="en", topics=("staff", "price"), named=())
    assert "complains plainly of no topic" in drafter.draft(facts).reasons[1]
    facts = DraftFacts("x", language="en", topics=("safety",), named=())
    found = drafter.draft(facts)
    assert found.template == "en/careful"
    assert "safety" not in found.text
