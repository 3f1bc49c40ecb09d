"""Intervals against the binomial distribution itself and against published values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judging.intervals import beta_quantile, beta_share, clopper_pearson


def at_most(found: int, size: int, share: float) -> float:
    return math.fsum(
        math.comb(size, each) * share**each * (1 - share) ** (size - each)
        for each in range(found + 1)
    )


@given(st.integers(1, 60), st.data())
def test_an_interval_ends_where_the_binomial_distribution_says(
    size: int, data: st.DataObject
) -> None:
    found = data.draw(st.integers(0, size))
    low, high = clopper_pearson(found, size, 0.9)
    assert 0 <= low <= found / size <= high <= 1
    if found < size:
        assert at_most(found, size, high) == pytest.approx(0.05, abs=1e-9)
    if found > 0:
        assert 1 - at_most(found - 1, size, low) == pytest.approx(0.05, abs=1e-9)


def test_nothing_found_is_the_rule_of_three() -> None:
    assert clopper_pearson(0, 100, 0.9) == pytest.approx((0.0, 1 - 0.05**0.01))
    assert clopper_pearson(0, 100, 0.9).high == pytest.approx(3 / 100, rel=0.02)


@given(st.floats(0.01, 0.99), st.floats(0.5, 300), st.floats(0.5, 300))
def test_a_quantile_is_where_so_much_lies_below(share: float, a: float, b: float) -> None:
    assert beta_share(beta_quantile(share, a, b), a, b) == pytest.approx(share, abs=1e-9)


@given(st.floats(0.001, 0.999), st.floats(0.1, 300), st.floats(0.1, 300))
def test_the_beta_distribution_is_its_mirror(value: float, a: float, b: float) -> None:
    assert beta_share(value, a, b) == pytest.approx(1 - beta_share(1 - value, b, a), abs=1e-9)


def test_known_values_of_the_beta_distribution() -> None:
    # Tables of the incomplete beta function: I(1/2; 2, 3) = 11/16, I(x; 1, 1) = x.
    assert beta_share(0.5, 2, 3) == pytest.approx(11 / 16)
    assert beta_share(0.3, 1, 1) == pytest.approx(0.3)
    assert beta_share(0.0, 2, 3) == 0.0
    assert beta_share(1.0, 2, 3) == 1.0


@pytest.mark.parametrize(("found", "size", "level"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1.0)])
def test_what_is_no_share_has_no_interval(found: float, size: float, level: float) -> None:
    with pytest.raises(ValueError, match="no interval"):
        clopper_pearson(found, size, level)
