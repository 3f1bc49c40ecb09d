"""When so many are far more than usual."""

from __future__ import annotations

from math import exp, factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.rates import FEWEST_HOURS, RARE, Part, Usual, tail

WEEK = 168.0


def usual(heard: int, hours: float) -> Usual:
    return Usual({"delivery": heard}, {"delivery": heard / hours}, hours)


def test_with_a_well_known_rate_the_tail_is_poissons() -> None:
    told = 1 - sum(exp(-2) * 2**at / factorial(at) for at in range(8))
    assert tail(8, 1e7, 2.0) == pytest.approx(told, rel=1e-3)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300), st.floats(0.5, 1000), st.floats(0, 100))
def test_the_tail_is_a_probability_and_falls(count: int, shape: float, mean: float) -> None:
    assert 0.0 <= tail(count + 1, shape, mean) <= tail(count, shape, mean) + 1e-9 <= 1.0 + 1e-9


def test_few_are_far_above_next_to_nothing() -> None:
    assert usual(0, 4 * WEEK).is_exceeded("delivery", 5, 6)
    assert not usual(0, 4 * WEEK).is_exceeded("delivery", 2, 6)


def test_many_are_not_far_above_many() -> None:
    busy = usual(1_120, 4 * WEEK)  # ten in six hours
    assert not busy.is_exceeded("delivery", 25, 6)
    assert busy.chance("delivery", 39, 6) < RARE * 1_000
    assert not busy.is_exceeded("delivery", 39, 6), "less than four times the usual"
    assert busy.is_exceeded("delivery", 60, 6)


def test_who_has_just_begun_to_listen_knows_no_usual() -> None:
    assert not usual(0, FEWEST_HOURS - 1).is_exceeded("delivery", 500, 6)
    assert not usual(0, FEWEST_HOURS).is_exceeded("delivery", 5, 6)
    assert usual(0, FEWEST_HOURS).is_exceeded("delivery", 50, 6)
    assert Usual({}, {}, 0.0).chance("delivery", 500, 6) == 1.0


def test_a_part_is_compared_with_what_is_usual_of_it() -> None:
    busy = usual(1_120, 4 * WEEK)
    assert not busy.is_exceeded("delivery", 12, 6)
    assert busy.is_exceeded("delivery", 12, 6, Part(seen=2, of=400))
    assert not busy.is_exceeded("delivery", 12, 6, Part(seen=200, of=400))
