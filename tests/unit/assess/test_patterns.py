from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.patterns import Patterns
from monitor.assess.text import words


def found(pattern: str, text: str) -> list[str]:
    patterns = Patterns(common=["the", "my", "was", "i"])
    patterns.add("topic", "x", pattern)
    said = words(text)
    return [" ".join(said[match.start : match.end]) for match in patterns.find(said)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("rude", "So rude, so RUDE", ["rude", "rude"]),
        ("wait*", "waiting for the waiter", ["waiting", "waiter"]),
        ("wait*", "we waited and waited", ["waited", "waited"]),
        ("cold|stale soup|bread", "stale bread and cold soup", ["stale bread", "cold soup"]),
        ("cold|stale soup|bread", "cold", []),
        ("never .. again", "never ever come back again", ["never ever come back again"]),
        ("never .. again", "never one two three four again", []),
        ("never .. again", "never again", ["never again"]),
        ("wait* # minutes", "waited 50 minutes", ["waited 50 minutes"]),
        ("wait* # minutes", "waited some minutes", []),
        ("# days", "after 9 days", ["9 days"]),
        ("was my bag", "where was my bag", ["was my bag"]),
        ("i .. sick", "I was sick", ["i was sick"]),
        (
            "the lift .. stuck .. dark",
            "the lift got stuck in the dark",
            ["the lift got stuck in the dark"],
        ),
        ("déçu", "Très DÉÇU !", ["decu"]),
    ],
)
def test_a_pattern_is_found_where_it_stands(pattern: str, text: str, matches: list[str]) -> None:
    assert found(pattern, text) == matches


@pytest.mark.parametrize("pattern", ["", "..", ".. again", "never .."])
def test_a_pattern_that_begins_or_ends_with_a_gap_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="begins and ends with a word"):
        Patterns().add("topic", "x", pattern)


def test_matches_come_in_the_order_of_the_text_with_their_names() -> None:
    patterns = Patterns()
    patterns.add("topic", "staff", "waiter")
    patterns.add("urgent", "safety", "got sick")
    said = words("we got sick and the waiter laughed")
    assert [(match.kind, match.name) for match in patterns.find(said)] == [
        ("urgent", "safety"),
        ("topic", "staff"),
    ]


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12),
    st.sets(st.sampled_from(["a", "b", "c", "d"])),
)
def test_a_row_of_words_is_found_wherever_it_stands_whatever_is_common(
    row: list[str], text: list[str], common: set[str]
) -> None:
    patterns = Patterns(common)
    patterns.add("topic", "x", " ".join(row))
    size = len(row)
    expected = [at for at in range(len(text) - size + 1) if text[at : at + size] == row]
    assert [match.start for match in patterns.find(text)] == expected
