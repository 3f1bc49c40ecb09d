"""Probabilities that mean what they say have no error, others have the one they were given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judging.calibration import FEWEST, calibrate


def test_right_probabilities_have_no_error() -> None:
    labelled = [(number / 10, place < number) for number in range(10) for place in range(10)]
    made = calibrate(labelled)
    assert made is not None
    assert made.error == pytest.approx(0.0, abs=1e-9)
    assert [each.texts for each in made.bins] == [10] * 10


def test_probabilities_that_are_a_fifth_too_high_have_that_error() -> None:
    made = calibrate([(0.9, place < 7) for place in range(10)] * 10)
    assert made is not None
    assert made.error == pytest.approx(0.2)
    (only,) = made.bins
    assert (only.low, only.texts, only.complaints) == (0.9, 100, pytest.approx(0.7))


def test_too_few_say_nothing() -> None:
    assert calibrate([(0.5, True)] * (FEWEST - 1)) is None
    assert calibrate([(0.5, True)] * FEWEST) is not None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=FEWEST, max_size=200))
def test_every_text_stands_in_one_bin(labelled: list[tuple[float, bool]]) -> None:
    made = calibrate(labelled)
    assert made is not None
    assert sum(each.texts for each in made.bins) == made.texts == len(labelled)
    assert 0 <= made.error <= 1
    for each in made.bins:
        assert each.low <= each.probability <= each.high + 1e-9
