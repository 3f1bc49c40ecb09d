"""Counts and exact percentiles over many groups, whichever way they are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reports.cells import FEW, LARGEST, Cell, Row, add_up, pack, percentile, unpack
from monitor.reports.counting import count
from monitor.reports.fact import Fact
from monitor.reports.measures import Verdict
from monitor.sla import nearest_rank

TIMES = st.integers(-1000, LARGEST)
SHARES = st.sampled_from([0.01, 0.07, 0.5, 0.75, 0.9, 0.99, 1.0])


@given(st.lists(st.lists(TIMES, max_size=30), max_size=8), SHARES)
def test_a_percentile_over_groups_is_that_of_all_their_times(
    groups: list[list[int]], share: float
) -> None:
    ordered = [sorted(group) for group in groups if group]
    every = [time for group in groups for time in group]
    assert percentile(ordered, share) == nearest_rank(every, share)


@given(
    st.lists(st.lists(st.integers(0, 500), min_size=1, max_size=4), min_size=2, max_size=4),
    st.integers(FEW + 1, 2 * FEW),
    SHARES,
)
def test_the_way_for_many_times_gives_the_same(
    groups: list[list[int]], more: int, share: float
) -> None:
    ordered = [sorted(group * more) for group in groups]
    every = [time for group in ordered for time in group]
    assert len(every) > FEW * len(ordered) > FEW, "long enough for halving"
    assert percentile(ordered, share) == nearest_rank(every, share)


def test_negative_and_equal_times_are_no_trouble_for_halving() -> None:
    groups = [sorted([-5, -5, 0, 7] * FEW), [-5] * (2 * FEW)]
    every = [time for group in groups for time in group]
    for share in (0.01, 0.5, 0.9, 1.0):
        assert percentile(groups, share) == nearest_rank(every, share)


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 0.5) is None
    assert percentile([[]], 0.5) is None


@given(st.lists(TIMES))
def test_what_is_packed_comes_back_in_order(times: list[int]) -> None:
    packed = pack(times)
    assert list(unpack(packed)) == sorted(times)
    assert len(packed) == 4 * len(times)


def test_a_time_beyond_all_bounds_counts_as_the_longest() -> None:
    assert list(unpack(pack([LARGEST + 1, -LARGEST - 5]))) == [-LARGEST, LARGEST]


def test_times_are_kept_in_one_order_of_bytes_on_every_machine() -> None:
    assert pack([1, 256]) == b"\x01\x00\x00\x00\x00\x01\x00\x00"


@given(st.lists(st.sampled_from(["met", "missed", "open", "voided"])))
def test_every_one_is_counted_once_and_voided_ones_apart(verdicts: list[Verdict]) -> None:
    facts = [
        Fact("first_response", (("all", ""),), verdict, 5 if verdict in ("met", "missed") else None)
        for verdict in verdicts
    ]
    cell = count(facts).get(("first_response", "all", ""), Cell())
    assert cell.voided == verdicts.count("voided")
    assert cell.counted == len(verdicts) - cell.voided
    assert (cell.met, cell.missed) == (verdicts.count("met"), verdicts.count("missed"))
    assert len(cell.times) == cell.met + cell.missed


@pytest.mark.parametrize("parts", [1, 3])
def test_groups_added_up_are_the_group_of_all(parts: int) -> None:
    rows = [Row(1, "a", 3, 1, 1, 2, 14, pack([5, 9]), pack([7])) for _ in range(parts)]
    total = add_up(rows)
    assert (total.counted, total.met, total.missed, total.voided) == (
        3 * parts,
        parts,
        parts,
        2 * parts,
    )
    assert total.decided == 2 * parts
    assert percentile(total.times, 1.0) == 9
