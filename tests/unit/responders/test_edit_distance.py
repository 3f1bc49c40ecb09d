"""How much of a text was changed is told by words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.edit_distance import MOST_WORDS, edit_distance

TEXTS = st.lists(st.sampled_from(["we", "are", "sorry", "about", "it"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        ("", "", 0.0),
        ("we are sorry", "we  are\nsorry", 0.0),
        ("we are sorry", "", 1.0),
        ("we are sorry", "we are very sorry", 0.25),
        ("we are sorry", "nothing of that", 1.0),
        ("a b c d", "a c d", 0.25),
        ("a b c d", "a x c d", 0.25),
    ],
)
def test_it_counts_the_words_that_must_change(before: str, after: str, distance: float) -> None:
    assert edit_distance(before, after) == distance


@given(TEXTS, TEXTS, TEXTS)
def test_it_is_a_distance(one: str, other: str, third: str) -> None:
    there = edit_distance(one, other)
    assert 0.0 <= there <= 1.0
    assert there == edit_distance(other, one)
    assert (there == 0.0) == (one.split() == other.split())


def test_a_text_without_end_is_cut() -> None:
    assert edit_distance("a " * 100_000, "a " * 100_000 + "b") == 0.0
    assert edit_distance("a " * MOST_WORDS, "b " * 100_000) == 1.0
