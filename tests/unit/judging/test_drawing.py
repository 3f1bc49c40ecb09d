"""The chance that comes with each text drawn is the one with which it is drawn."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judging.drawing import chances_of, draw

PROBABILITIES = st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=40)
WANTED = st.integers(1, 12)


class Fixed(Random):
    """Says one number, whatever it is asked."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self._number = number

    def random(self) -> float:
        return self._number


def drawn_by_start(probabilities: list[float], wanted: int) -> list[tuple[float, dict[int, float]]]:
    """Return every different draw and the share of all random starts that leads to it.

    What is drawn changes only where a border between two texts passes the start, so that one
    start between each two borders shows them all.
    """
    chances = chances_of(probabilities, wanted)
    borders, end = {0.0, 1.0}, 0.0
    for place in sorted(range(len(chances)), key=lambda each: (probabilities[each], each)):
        if chances[place] < 1:
            end += chances[place]
            borders.add(end % 1.0)
    ordered = sorted(borders)
    return [
        (high - low, dict(draw(probabilities, wanted, Fixed((low + high) / 2))))
        for low, high in pairwise(ordered)
    ]


@given(PROBABILITIES, WANTED)
def test_every_text_is_drawn_in_just_the_share_of_draws_that_its_chance_says(
    probabilities: list[float], wanted: int
) -> None:
    draws = drawn_by_start(probabilities, wanted)
    chances = chances_of(probabilities, wanted)
    for place, chance in enumerate(chances):
        drawn = math.fsum(share for share, found in draws if place in found)
        assert drawn == pytest.approx(chance, abs=1e-9)
    for _, found in draws:
        assert all(chances[place] == chance for place, chance in found.items())


@given(PROBABILITIES, WANTED, st.randoms(use_true_random=False))
def test_the_estimate_of_a_total_is_right_on_average_over_all_draws(
    probabilities: list[float], wanted: int, random: Random
) -> None:
    missed = [random.random() < 0.3 for _ in probabilities]
    expected = math.fsum(
        share * sum(1 / chance for place, chance in found.items() if missed[place])
        for share, found in drawn_by_start(probabilities, wanted)
    )
    assert expected == pytest.approx(sum(missed), abs=1e-6)


@given(PROBABILITIES, WANTED)
def test_so_many_are_drawn_as_are_wanted_and_no_chance_is_below_half_of_a_plain_draws(
    probabilities: list[float], wanted: int
) -> None:
    chances = chances_of(probabilities, wanted)
    least = min(wanted, len(probabilities))
    assert math.fsum(chances) == pytest.approx(least)
    open_ones = [chance for chance in chances if chance < 1]
    certain = len(chances) - len(open_ones)
    assert all(chance >= 0.5 * (wanted - certain) / len(open_ones) - 1e-12 for chance in open_ones)
    assert all(0 < chance <= 1 for chance in chances)
    for share, found in drawn_by_start(probabilities, wanted):
        if share > 1e-9:
            assert len(found) == least


@given(PROBABILITIES, WANTED)
def test_a_higher_probability_has_no_lower_chance(probabilities: list[float], wanted: int) -> None:
    pairs = sorted(zip(probabilities, chances_of(probabilities, wanted), strict=True))
    chances = [chance for _, chance in pairs]
    assert all(low <= high + 1e-12 for low, high in pairwise(chances))


def test_equal_randomness_draws_equally_and_other_randomness_otherwise() -> None:
    probabilities = [number / 300 for number in range(100)]
    first = draw(probabilities, 10, Random(1))
    assert first == draw(probabilities, 10, Random(1))
    assert first != draw(probabilities, 10, Random(2))


def test_texts_that_nothing_is_known_of_are_drawn_evenly() -> None:
    assert chances_of([0.0] * 10, 4) == pytest.approx([0.4] * 10)


def test_nothing_is_drawn_where_nothing_is_wanted_or_there() -> None:
    assert draw([0.1, 0.2], 0, Random(1)) == []
    assert draw([], 5, Random(1)) == []
