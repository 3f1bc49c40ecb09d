"""The small parts of a judgement: layer, calibration, intent, mixed, reasons, signs of spam."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess import LocalLayer, Utterance, make_assessor
from monitor.assess.calibration import prior_shift, probability, sound
from monitor.assess.intent import judge_intent
from monitor.assess.layer import layer_of
from monitor.assess.mixed import best_run, speaks_clearly
from monitor.assess.reasons import telling_phrases
from monitor.assess.spam import sign_of_spam, signs_of_fake
from monitor.assess.text import words

numbers = st.floats(-50, 50)


@given(numbers, numbers, st.floats(0, 1))
def test_more_evidence_is_never_less_probable(one: float, other: float, stars: float) -> None:
    low, high = sorted((one, other))
    assert probability(low, stars) <= probability(high, stars)
    assert probability(low, None) <= probability(high, None)


@given(numbers, st.floats(0, 1), st.floats(0, 1))
def test_a_better_rating_is_never_more_of_a_complaint(
    evidence: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert probability(evidence, low) >= probability(evidence, high)


@given(st.one_of(st.none(), st.floats()))
def test_a_share_moves_the_evidence_a_little_and_towards_itself(share: float | None) -> None:
    shift = prior_shift(share, 1 / 3)
    assert abs(shift) <= 0.8
    if share is not None and math.isfinite(share) and share > 0.35:
        assert shift >= 0


def test_a_rating_is_brought_within_its_ends() -> None:
    assert (sound(7.0), sound(-1.0), sound(float("nan")), sound(None)) == (1.0, 0.0, None, None)


def test_a_layer_stretches_moves_and_knows_words() -> None:
    layer = LocalLayer("local-1", scale=2.0, base=-1.0, words={"soup": 3.0})
    assert layer.evidence(0.5, ["a"] * 8) == pytest.approx(0.0)
    assert layer.evidence(0.5, ["soup"] * 9) == pytest.approx(27.0 / 3)
    assert layer_of(layer.as_json()) == layer


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"version": "x", "scale": "much", "base": 0, "words": {}},
        {"version": "x", "scale": 1, "base": 0, "words": []},
        {"version": "x", "scale": float("nan"), "base": 0, "words": {}},
        {"version": "x", "scale": 1, "base": 0, "words": {"a": float("inf")}},
    ],
)
def test_a_layer_that_cannot_be_read_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="layer"):
        layer_of(content)


def test_a_layer_changes_the_judgement_and_the_version() -> None:
    plain = make_assessor()
    local = make_assessor(layer=LocalLayer("local-3", words={"foam": 30.0}))
    text = "There was foam in the cup this morning."
    assert local.version == f"{plain.version}+local-3"
    assert local.assess(text).complaint_probability > plain.assess(text).complaint_probability
    assert local.evidence(Utterance(text)) == plain.evidence(Utterance(text))


@pytest.mark.parametrize(
    ("given", "intent"),
    [
        ({"spam": True, "complaint": True}, "spam"),
        ({"complaint": True, "asks": True, "cues": {"question"}}, "complaint"),
        ({"cues": {"closing"}, "size": 3}, "closing"),
        ({"cues": {"closing"}, "size": 40, "sentiment": 0.5}, "praise"),
        ({"cues": {"suggestion"}}, "suggestion"),
        ({"cues": {"question"}, "asks": True}, "question"),
        ({"asks": True, "sentiment": 0.9}, "praise"),
        ({"stars": 1.0}, "praise"),
        ({"sentiment": 0.4}, "praise"),
        ({}, "other"),
    ],
)
def test_the_intent_follows_from_what_was_seen(given: dict[str, object], intent: str) -> None:
    plain: dict[str, object] = {
        "complaint": False,
        "spam": False,
        "cues": set(),
        "asks": False,
        "sentiment": 0.0,
        "stars": None,
        "size": 8,
    }
    assert judge_intent(**(plain | given)) == intent  # type: ignore[arg-type]


@given(st.lists(st.integers(-900, 900), max_size=9))
def test_the_best_run_is_the_greatest_of_all_runs(weights: list[int]) -> None:
    runs = [
        sum(weights[start:end])
        for start in range(len(weights))
        for end in range(start, len(weights) + 1)
    ]
    assert best_run(weights) == max(runs, default=0)


def test_praise_and_grievance_must_both_be_clear() -> None:
    assert speaks_clearly([900, 0, -100])
    assert not speaks_clearly([0, 40])
    assert not speaks_clearly([])


def test_phrases_are_runs_of_telling_words_strongest_first() -> None:
    said = ["never", "again", "the", "soup", "was", "cold", "the"]
    weights = [90, 80, 0, 0, 25, 200, 30]
    assert telling_phrases(said, weights) == ["cold", "never again"]
    assert telling_phrases(["the"], [500]) == []


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Earn money, click here https://win.example/a bitcoin bonus", "link"),
        ("dm me to earn bitcoin profit, link in bio, work from home", "advertising"),
        ("z" * 80, "noise"),
        ("Sooo slow!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", ""),
        ("My invoice: https://pics.example/1 is wrong", ""),
        ("😡" * 200, ""),
        ("", ""),
    ],
)
def test_advertising_and_noise_are_named(text: str, sign: str) -> None:
    assert sign_of_spam(text, words(text))[0] == sign


def test_a_row_of_superlatives_with_five_stars_may_be_fake() -> None:
    said = words("Best amazing perfect incredible fantastic place, the best ever")
    assert signs_of_fake(said, 1.0) == ["superlatives"]
    assert signs_of_fake(said, 0.5) == []
    assert signs_of_fake(words("Lovely soup, kind waiter"), 1.0) == []
