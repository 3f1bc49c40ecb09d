"""A change is told when it is certain and large, and chance is left alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judging.drift import FEWEST, Span, changes_between, drift_between


@st.composite
def spans(draw: st.DrawFn) -> Span:
    texts = draw(st.integers(0, 100_000))
    counts = [draw(st.integers(0, texts)) for _ in range(4)]
    mean = draw(st.floats(0, 1))
    squares = draw(st.floats(mean**2, mean)) if mean else 0.0
    return Span(texts, *counts, mean * texts, squares * texts)


def span(texts: int, **shares: float) -> Span:
    counts = {name: round(share * texts) for name, share in shares.items()}
    return Span(texts=texts, probability=0.2 * texts, squares=0.06 * texts, **counts)


@given(spans(), spans())
def test_any_two_spans_can_be_compared(before: Span, lately: Span) -> None:
    drift = drift_between(before, lately)
    if min(before.texts, lately.texts) < FEWEST:
        assert (drift.state, drift.change) == ("too few", None)
        return
    assert drift.state in ("steady", "unclear", "drifted")
    assert drift.change is not None
    assert drift.state == drift_between(lately, before).state


@given(spans().filter(lambda each: each.texts >= FEWEST))
def test_nothing_drifts_from_itself(told: Span) -> None:
    assert drift_between(told, told).state == "steady"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("complaints", "complaints went from 10% to 30%"),
        ("unsure", "texts too close to call went from 10% to 30%"),
        ("unknown", "texts in an unknown language went from 10% to 30%"),
        ("wordless", "texts without a known word went from 10% to 30%"),
    ],
)
def test_each_share_that_changes_is_named(field: str, words: str) -> None:
    drift = drift_between(span(1000, **{field: 0.1}), span(300, **{field: 0.3}))
    assert drift.state == "drifted"
    assert drift.change is not None
    assert drift.change.words == words


def test_probabilities_that_creep_up_without_more_complaints_are_named() -> None:
    before = Span(texts=800, probability=80, squares=20)
    lately = Span(texts=200, probability=70, squares=40)
    drift = drift_between(before, lately)
    assert drift.state == "drifted"
    assert drift.change is not None
    assert drift.change.measure == "the mean complaint probability"


def test_a_certain_change_too_small_to_matter_is_no_alarm() -> None:
    before, lately = span(100_000, complaints=0.10), span(100_000, complaints=0.12)
    assert max(change.errors for change in changes_between(before, lately)) > 10
    assert drift_between(before, lately).state == "steady"


def test_between_an_alarm_and_its_end_nothing_is_clear() -> None:
    assert drift_between(span(1000, complaints=0.1), span(180, complaints=0.21)).state == "unclear"


def test_a_few_texts_the_other_way_are_chance() -> None:
    assert drift_between(span(400, complaints=0.1), span(100, complaints=0.17)).state == "steady"


def test_a_source_that_does_not_change_raises_no_alarm_in_twenty_years_of_weeks() -> None:
    random = Random(7)
    for _ in range(1000):
        before, lately = (
            Span(
                texts,
                *(sum(random.random() < share for _ in range(texts)) for share in (0.1, 0.02)),
                probability=0.15 * texts,
                squares=0.04 * texts,
            )
            for texts in (400, 100)
        )
        assert drift_between(before, lately).state != "drifted"
