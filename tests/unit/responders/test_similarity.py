"""How alike two replies are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from responders.similarity import TOO_SIMILAR, closest, shingles, similarity

SORRY = "We are sorry about the long wait, Kim. The team at Quay Street will go through it with us."


def test_a_text_is_wholly_like_itself_whatever_its_capitals_and_commas() -> None:
    assert similarity(SORRY, SORRY.upper().replace(",", "")) == 1.0


def test_an_exchanged_name_is_still_the_same_reply() -> None:
    assert similarity(SORRY, SORRY.replace("Kim", "Ana")) >= TOO_SIMILAR


def test_a_sentence_added_is_still_the_same_reply() -> None:
    assert similarity(SORRY, SORRY + " You can reach us at hello@harbour.example.") == 1.0


def test_another_reply_is_not_alike() -> None:
    assert similarity(SORRY, "Thank you for your kind words about our kitchen, Ana.") < 0.2


def test_a_shared_courtesy_makes_nobody_a_copyist() -> None:
    assert similarity("Thank you very much.", f"Thank you very much. {SORRY}") < TOO_SIMILAR


def test_signs_without_spaces_between_words_count_one_by_one() -> None:
    assert (
        similarity(
            "非常抱歉让您久等了，我们会和团队一起改进", "非常抱歉让您久等了，我们会和同事一起改进"
        )
        >= TOO_SIMILAR
    )


def test_nothing_is_like_an_empty_text() -> None:
    assert similarity("", "") == 0.0
    assert closest(SORRY, []) == 0.0
    assert shingles("…") == frozenset()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_similarity_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == similarity(other, one)
