"""What counts as one text, and how copies are found among many."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.alike import ALIKE, NO_PRINT, Copies, likeness, print_of, similarity, words_of

LETTER = (
    "We ordered the blue kettle three weeks ago and it came with a broken handle. Nobody at the "
    "shop answers the phone, and the two mails that I wrote are lost somewhere."
)
OTHER = (
    "The room was cold, the shower dripped all night, and at breakfast there was one roll left "
    "for the four of us. When we asked, they said that we should have come down sooner."
)
WORDS = [
    *("amber", "brook", "cedar", "dune", "ember", "fern", "grove", "hazel"),
    *("iris", "jade", "kelp", "lark", "moss", "nettle", "oak"),
]
anything = st.text(alphabet=st.characters(), max_size=400)


def lorem(number: int, start: int = 0) -> str:
    return " ".join(f"{WORDS[at % 15]}{at // 15}" for at in range(start, start + number))


@pytest.mark.parametrize(
    "text", ["good", "not working", "Very bad app do not", "", "!!!", "👍" * 50]
)
def test_short_texts_are_nobodys_copy(text: str) -> None:
    assert similarity(text, text) == 0.0
    copies = Copies()
    assert [copies.add(at, print_of(words_of(text))) for at in range(3)] == [0, 1, 2]


def test_what_is_cosmetic_makes_no_difference() -> None:
    shouted = LETTER.upper().replace(",", " ...").replace(" ", "  \n")
    tricked = LETTER.replace("kettle", "ket\u200btle").replace("broken", "bro\u0301ken")
    assert similarity(LETTER, shouted) == 1.0
    assert similarity(LETTER, tricked) == 1.0
    assert similarity(LETTER, f"<p>{LETTER}</p> https://kettles.example/1") == 1.0


def test_a_changed_word_leaves_a_copy_and_another_text_is_none() -> None:
    assert similarity(LETTER, LETTER.replace("kettle", "teapot")) >= ALIKE
    assert similarity(LETTER, LETTER + " Never again!") >= ALIKE
    assert similarity(LETTER, OTHER) == 0.0


def test_the_shorter_the_less_may_differ() -> None:
    assert similarity(lorem(8), lorem(8)) == 1.0
    assert similarity(lorem(8), lorem(7)) < ALIKE
    assert similarity(lorem(40), lorem(36)) >= ALIKE


def test_signs_of_scripts_without_spaces_count_as_words() -> None:
    told = "咖啡是冷的我们等了四十分钟没有人来服务员也不道歉"
    assert similarity(told, told.replace("四十", "五十")) >= ALIKE
    assert similarity("太差了不推荐", "太差了不推荐") == 0.0


def test_the_likeness_of_long_texts_is_estimated_well() -> None:
    # Of 2 × 600 words 300 are shared, a third of the union; the sketch holds 64 triples.
    one, other = lorem(600), lorem(600, start=300)
    assert 0.15 < similarity(one, other) < 0.5
    assert similarity(one, one) == 1.0


@settings(max_examples=80, deadline=None)
@given(anything, anything)
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    left, right = print_of(words_of(one)), print_of(words_of(other))
    assert likeness(left, right) == likeness(right, left)
    assert 0.0 <= likeness(left, right) <= 1.0
    assert likeness(left, left) == (1.0 if left.total else 0.0)


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "a " * 50_000, "\u0301" * 100_000, "<" * 100_000, "😡" * 100_000, lorem(20_000),
     "\ud800 " * 50_000, "冷" * 100_000, "&amp;" * 20_000, "\u202e\u200b" * 50_000],
)  # fmt: skip
def test_a_hostile_text_costs_no_more_than_its_part_that_is_judged(text: str) -> None:
    words = words_of(text)
    assert len(words) <= 8_001
    told = print_of(words)
    assert len(told.smallest) <= 64
    assert similarity(text, text) == (1.0 if told.total else 0.0)


def test_a_print_is_the_same_in_every_process() -> None:
    script = (
        "from monitor.assess.alike import print_of, words_of\n"
        f"print(print_of(words_of({LETTER!r})).smallest)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {str(print_of(words_of(LETTER)).smallest)}


def test_copies_of_copies_lead_to_the_first() -> None:
    copies = Copies()
    second = LETTER.replace("kettle", "teapot")
    third = second.replace("three weeks", "two months")
    texts = [LETTER, OTHER, second, third, "good", "good", OTHER]
    told = [copies.add(at, print_of(words_of(text))) for at, text in enumerate(texts)]
    assert told == [0, 1, 0, 0, 4, 5, 1]
    assert copies.find(NO_PRINT) is None


def test_a_phrase_that_everybody_uses_hides_no_copy_and_makes_none() -> None:
    copies = Copies()
    for at in range(500):
        assert (
            copies.add(at, print_of(words_of(f"I would like to say that {lorem(12, at * 15)}")))
            == at
        )
    assert (
        copies.find(print_of(words_of(f"I would like to say that {lorem(12, 400 * 15)}!"))) == 400
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_the_index_finds_every_exact_copy(picks: list[int]) -> None:
    copies = Copies()
    firsts: dict[int, int] = {}
    for at, pick in enumerate(picks):
        firsts.setdefault(pick, at)
        assert copies.add(at, print_of(words_of(lorem(20, pick * 20)))) == firsts[pick]
