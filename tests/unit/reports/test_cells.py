"""Groups added up give the same figures as all their times together."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from monitor.reports import cells
from monitor.reports.cells import Row, add_up, pack, percentiles, unpack
from monitor.sla import nearest_rank

TIMES = st.lists(st.integers(-100, 100_000), max_size=12)
SHARES = st.sampled_from((0.01, 0.07, 0.5, 0.9, 0.99, 1.0))


def row(times: list[int], walls: list[int]) -> Row:
    span = date(2026, 11, 1).toordinal()
    return Row(span, "board", len(times), len(times), 0, 1, sum(times), pack(times), pack(walls))


@given(st.lists(TIMES, max_size=9), SHARES)
def test_percentiles_over_groups_are_those_of_all_their_times(
    groups: list[list[int]], share: float
) -> None:
    total = add_up(row(times, times[:3]) for times in groups)
    every = [time for times in groups for time in times]
    assert percentiles(total.times, share) == [nearest_rank(every, share)]
    assert percentiles(total.walls, share) == [
        nearest_rank([t for g in groups for t in g[:3]], share)
    ]
    assert (total.counted, total.voided, total.total) == (len(every), len(groups), sum(every))


@given(st.lists(st.lists(st.integers(0, 9_999), min_size=5, max_size=9), min_size=2), SHARES)
def test_halving_finds_what_sorting_finds(groups: list[list[int]], share: float) -> None:
    ordered = [sorted(times) for times in groups]
    every = sorted(time for times in groups for time in times)
    place = cells.rank(share, len(every))
    assert cells._halved(ordered, share, place) == every[place]


def test_many_times_are_looked_through_without_sorting_them_again() -> None:
    large = [list(range(number, 90_000, 3)) for number in range(3)]
    total = add_up([*(row(times, []) for times in large), row([5, 1], []), row([7], [])])
    assert [len(run) for run in total.times] == [30_000, 30_000, 30_000, 3]
    every = [*(time for times in large for time in times), 5, 1, 7]
    assert percentiles(total.times, 0.5, 0.9) == [nearest_rank(every, s) for s in (0.5, 0.9)]


def test_times_that_no_32_bits_hold_count_as_the_longest() -> None:
    assert list(unpack(pack([2**40, 3, -(2**40)]))) == [-cells.LARGEST, 3, cells.LARGEST]


def test_enough_times_to_load_numpy_for_come_in_the_same_order() -> None:
    groups = [[(7 * n + start) % 9_001 for n in range(4_000)] for start in (0, 3)]
    assert sum(map(len, groups)) > cells.PAYS
    (run,) = add_up(row(times, []) for times in groups).times
    assert list(run) == sorted(time for times in groups for time in times)
