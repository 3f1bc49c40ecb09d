"""What is missed is told with intervals that contain the truth as often as they say."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judging.drawing import draw
from monitor.judging.missed import Look, Missed, estimate_missed

LOOKS = st.lists(
    st.builds(Look, st.floats(0.001, 1), st.sampled_from([True, False, None])), max_size=80
)


def even(complaints: int, of: int, chance: float = 0.1) -> list[Look]:
    return [Look(chance, number < complaints) for number in range(of)]


def test_an_even_draw_is_the_plain_share() -> None:
    missed = estimate_missed(even(3, 60), weeks=3, found=100)
    assert missed.share is not None
    assert missed.per_week is not None
    assert missed.recall is not None
    assert missed.share.value == pytest.approx(0.05)
    assert (missed.drawn, missed.answered, missed.complaints) == (60, 60, 3)
    assert missed.passed == pytest.approx(600)
    assert missed.per_week.value == pytest.approx(10)
    assert missed.recall.value == pytest.approx(100 / 130)


def test_none_found_is_not_none_missed() -> None:
    missed = estimate_missed(even(0, 60), weeks=1, found=10)
    assert missed.share is not None
    assert missed.recall is not None
    assert (missed.share.value, missed.share.low) == (0.0, 0.0)
    assert missed.share.high == pytest.approx(3 / 60, rel=0.05)
    assert missed.recall.value == 1.0
    assert missed.recall.low < 0.3


@pytest.mark.parametrize("looks", [[], even(1, 19), [*even(1, 19), *[Look(0.1, None)] * 100]])
def test_few_answers_are_too_few(looks: list[Look]) -> None:
    missed = estimate_missed(looks, weeks=1, found=5)
    assert missed.too_few
    assert (missed.share, missed.per_week, missed.recall) == (None, None, None)


def test_answers_of_which_one_outweighs_all_others_are_too_few() -> None:
    assert estimate_missed([Look(0.0001, False), *even(1, 40, 0.9)], weeks=1).too_few


def test_who_answered_stands_for_who_did_not() -> None:
    answered = even(4, 40)
    half = estimate_missed([*answered, *[Look(0.1, None)] * 40], weeks=1)
    whole = estimate_missed(answered, weeks=1)
    assert half.share == whole.share
    assert half.per_week is not None
    assert whole.per_week is not None
    assert half.per_week.value == pytest.approx(2 * whole.per_week.value)


def test_without_complaints_found_nothing_can_be_said_of_recall() -> None:
    assert estimate_missed(even(1, 40), weeks=1).recall is None
    assert estimate_missed(even(0, 40), weeks=1, found=0).recall is None


@given(LOOKS, st.floats(0, 1000))
def test_every_estimate_lies_within_its_interval(looks: list[Look], found: float) -> None:
    missed = estimate_missed(looks, weeks=2, found=found)
    for each in (missed.share, missed.recall, missed.per_week):
        if each is not None:
            assert 0 <= each.low <= each.value * (1 + 1e-9)
            assert each.value <= each.high * (1 + 1e-9)
    if missed.share is not None:
        assert missed.share.high <= 1


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(["evenly", "where probable", "where improbable"]), st.integers(1, 6))
def test_intervals_contain_the_truth_as_often_as_they_say(where: str, weeks: int) -> None:
    random = Random(11)
    low, high = {"evenly": (0, 1), "where probable": (0.15, 1), "where improbable": (0, 0.02)}[
        where
    ]
    populations = []
    for _ in range(weeks):
        probabilities = [random.betavariate(0.4, 6) for _ in range(400)]
        missed = [low <= each <= high and random.random() < 0.05 for each in probabilities]
        populations.append((probabilities, missed))
    truth = sum(sum(missed) for _, missed in populations) / (400 * weeks)
    estimates = [survey(populations, random) for _ in range(200)]
    shares = [each.share for each in estimates if each.share is not None]
    assert len(shares) > 150
    hits = sum(each.low <= truth <= each.high for each in shares)
    assert hits >= 0.87 * len(shares)  # nine of ten, less three standard errors of 200 surveys
    mean = sum(each.value for each in shares) / len(shares)
    spread = sum((each.value - mean) ** 2 for each in shares) ** 0.5 / len(shares)
    assert abs(mean - truth) < 4 * spread + 1e-3


def survey(populations: list[tuple[list[float], list[bool]]], random: Random) -> Missed:
    looks = [
        Look(chance, missed[place])
        for probabilities, missed in populations
        for place, chance in draw(probabilities, 20, random)
    ]
    return estimate_missed(looks, len(populations))
