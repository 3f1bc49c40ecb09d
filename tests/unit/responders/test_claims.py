"""A draft names what the text complains of, and not what it mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from monitor.assess import make_assessor
from responders.claims import MOST_PIECES, is_doubtful, judge_with, named_topics
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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I never had to wait long here, but the shelves were broken and it was awful."),
        ("de", "Hier musste ich nie lange warten, aber die Regale waren schlecht und leer."),
        ("fr", "Nous n'avons jamais attendu longtemps, mais c'était nul et mauvais."),
        ("es", "Nunca tuvimos que esperar mucho, pero fue todo un desastre horrible."),
    ],
)
def test_a_wait_that_is_denied_is_not_regretted(language: str, text: str) -> None:
    assert "waiting" not in named_topics(("waiting",), text, judge_with(ASSESSOR, language))


def test_a_swindle_without_a_bill_is_no_regret_for_the_bill() -> None:
    judge = judge_with(ASSESSOR, "en")
    assert named_topics(("billing",), "Total scam, they are awful frauds.", judge) == ()
    assert named_topics(("billing",), "They charged me twice, awful fraud.", judge) == ("billing",)


@pytest.mark.parametrize(
    ("language", "text", "named"),
    [
        ("fr", "On commande deux verres, servis tièdes et sans glaçons, nul.", False),
        ("nl", "Wij hadden de zalm besteld en die was heel slecht.", False),
        ("fr", "Ma commande n'est jamais arrivée, le colis est perdu, nul.", True),
        ("en", "My order never arrived and nobody cares, awful.", True),
    ],
)
def test_to_order_at_a_table_is_no_delivery(language: str, text: str, named: bool) -> None:
    found = named_topics(("delivery",), text, judge_with(ASSESSOR, language))
    assert found == (("delivery",) if named else ())


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        ("en", "The payment server is down again and nothing works.", "staff"),
        ("fr", "Le serveur nous a répondu très mal, une honte.", "app_fault"),
        ("es", "En general me esperaba mucho más, una decepción.", "waiting"),
        ("pt", "Péssimo, espero que isso melhore um dia.", "waiting"),
        ("it", "Deludente, mi aspettavo molto di più.", "waiting"),
        (
            "de",
            "Sie haben drei meiner Pakete zurückgeschickt, eine Frechheit.",
            "refund",
        ),
    ],
)
def test_words_with_two_meanings_are_taken_by_what_stands_beside_them(
    language: str, text: str, topic: str
) -> None:
    assert topic not in ASSESSOR.assess(text, language=language).topics


class Said:
    """A judgement, as far as a draft asks for it."""

    def __init__(self, *, unsure: bool, signals: tuple[str, ...] = ()) -> None:
        self.complaint = True
        self.unsure = unsure
        self.signals = signals


def test_it_is_doubtful_where_the_words_are_open_and_no_stars_tell() -> None:
    assert is_doubtful(Said(unsure=True), None)
    assert is_doubtful(Said(unsure=True), 0.5)
    assert not is_doubtful(Said(unsure=True), 0.0)
    assert is_doubtful(Said(unsure=True, signals=("contradiction",)), 0.0)
    assert not is_doubtful(Said(unsure=False), None)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pt"])
def test_what_may_be_no_complaint_is_thanked_for_and_not_regretted(language: str) -> None:
    facts = DraftFacts("x", language=language, topics=("other",), doubtful=True)
    draft = TemplateDrafter().draft(facts)
    assert draft.template == f"{language}/doubtful"
    assert "regrets nothing" in draft.reasons[1]
    plain = replace(facts, topics=("staff",))
    assert TemplateDrafter().draft(plain).template == f"{language}/complaint"
    grave = replace(facts, topics=("safety",), named=())
    assert TemplateDrafter().draft(grave).template == f"{language}/careful"


def test_an_initial_is_no_title_outside_french() -> None:
    facts = DraftFacts("x", author_name="M. Meier", language="de")
    assert "Meier" not in TemplateDrafter().draft(facts).text
    assert "M. Meier" in TemplateDrafter().draft(replace(facts, language="fr")).text
