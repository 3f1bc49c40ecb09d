"""What is learned of a source is how many of its texts complain, not what the model expected."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judging.shares import ENOUGH, REMEMBERED, learn_share, learned_share
from monitor.models import Source

PRIOR = 0.35


def source() -> Source:
    return Source(judged=0, complaint_share=None)


def share_of(told: Source) -> float | None:
    return learned_share(told.judged, told.complaint_share)


def read(told: Source, truth: float, texts: int, random: Random) -> None:
    """Judge pages of ten with a model that is calibrated where `PRIOR` of the texts complain.

    The evidence of a complaint is normal around 1.5, of others around -1.5, with a variance of 3:
    so its log-odds are what they say.
    """
    for _ in range(texts // 10):
        share = share_of(told)
        probabilities = []
        for _ in range(10):
            complaint = random.random() < truth
            evidence = random.gauss(1.5 if complaint else -1.5, math.sqrt(3.0))
            odds = log_odds(PRIOR if share is None else min(0.95, max(0.02, share)))
            probabilities.append(1 / (1 + math.exp(-evidence - odds)))
        learn_share(told, [(each, None) for each in probabilities])


def log_odds(share: float) -> float:
    return math.log(share / (1 - share))


@pytest.mark.parametrize("truth", [0.06, 0.3, 0.75])
def test_the_share_comes_near_the_truth_whatever_the_model_expected(truth: float) -> None:
    told, random = source(), Random(3)
    read(told, truth, 6000, random)
    assert share_of(told) == pytest.approx(truth, abs=0.05)


def test_a_source_that_changes_is_learned_anew() -> None:
    told, random = source(), Random(4)
    read(told, 0.1, 3000, random)
    read(told, 0.6, 4000, random)
    assert share_of(told) == pytest.approx(0.6, abs=0.07)


def test_the_share_is_not_used_until_enough_was_judged() -> None:
    told = source()
    learn_share(told, [(1.0, None)] * (ENOUGH - 1))
    assert share_of(told) is None
    learn_share(told, [(1.0, None)])
    assert share_of(told) == 1.0
    assert share_of(source()) is None


def test_stars_count_in_place_of_the_probability() -> None:
    told = source()
    ratings = [0.0, 0.25, 0.5, 0.75, 1.0] * 20
    learn_share(told, [(0.5, rating) for rating in ratings])
    assert share_of(told) == pytest.approx(0.4)


def test_what_lies_far_back_fades() -> None:
    told = source()
    learn_share(told, [(1.0, None)] * 1000)
    learn_share(told, [(0.0, None)] * REMEMBERED)
    assert share_of(told) == pytest.approx(1 / math.e, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=REMEMBERED), st.integers(1, 100))
def test_pages_of_any_size_learn_the_same_and_at_first_the_mean(
    probabilities: list[float], page: int
) -> None:
    at_once, in_pages = source(), source()
    learn_share(at_once, [(each, None) for each in probabilities])
    for start in range(0, len(probabilities), page):
        learn_share(in_pages, [(each, None) for each in probabilities[start : start + page]])
    assert at_once.complaint_share == in_pages.complaint_share
    assert at_once.judged == in_pages.judged == len(probabilities)
    mean = math.fsum(probabilities) / len(probabilities)
    assert at_once.complaint_share == pytest.approx(mean, abs=1e-9)


def test_a_page_with_nothing_new_changes_nothing() -> None:
    told = source()
    learn_share(told, [])
    assert (told.judged, told.complaint_share) == (0, None)
