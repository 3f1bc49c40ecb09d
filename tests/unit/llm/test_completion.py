"""The endpoint's answer is outside data: any shape is read, or refused in our words."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.llm.completion import read_completion
from responders.llm.trouble import Unusable
from tests.support.model_server import completion

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage"]), inner)
    ),
    max_leaves=10,
)


def test_the_text_is_read_with_its_cost() -> None:
    read = read_completion(completion("Hello.", usage={"total_tokens": 42}))
    assert (read.text, read.tokens) == ("Hello.", 42)


def test_what_a_model_thought_aloud_is_left_out() -> None:
    assert read_completion(completion("<think>\nOrder 7!\n</think>\n\nHello.")).text == "Hello."


@pytest.mark.parametrize("usage", [None, 7, {}, {"total_tokens": True}])
def test_a_count_that_is_none_is_not_believed(usage: Any) -> None:
    assert read_completion(completion("Hello.", usage=usage)).tokens is None


@pytest.mark.parametrize("count", [-1, 0, 10**12, "9", 1.5])
def test_a_count_that_cannot_be_is_not_believed(count: Any) -> None:
    assert read_completion(completion("Hello.", usage={"total_tokens": count})).tokens is None


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (completion(None, refusal="I cannot"), "refused"),
        (completion("", ended="content_filter"), "refused"),
        (completion("Hello", ended="length"), "cut off"),
        (completion(None, tool_calls=[{"id": "1"}]), "no text"),
        (completion(["Hello"]), "no text"),
        ({"choices": []}, "no chat completion"),
        ([], "no chat completion"),
        (None, "no chat completion"),
        ({"error": {"message": "secret words"}}, "no chat completion"),
    ],
)
def test_anything_else_is_refused_in_our_words(found: Any, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        read_completion(found)


@given(JSON)
def test_any_json_is_read_or_refused(found: Any) -> None:
    with suppress(Unusable):
        read_completion(found)
