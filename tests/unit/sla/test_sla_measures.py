"""The figures of reports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sla import Sample, attainment, cohorts, median, nearest_rank, p90, summarise

NOON = datetime(2026, 3, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "middle", "ninetieth"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([4, 1], 1, 4),
        ([3, 1, 2], 2, 3),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 12)), 6, 10),
        (list(range(1, 101)), 50, 90),
        (list(range(1, 102)), 51, 91),
    ],
)
def test_percentiles_are_times_that_were_really_taken(
    values: list[float], middle: float | None, ninetieth: float | None
) -> None:
    assert median(values) == middle
    assert p90(values) == ninetieth


def test_a_rank_is_not_raised_by_the_error_of_a_float() -> None:
    assert 0.07 * 100 > 7
    assert nearest_rank(range(1, 101), 0.07) == 7


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_that_the_share_does_not_exceed(
    values: list[int], percent: int
) -> None:
    found = nearest_rank(values, percent / 100)
    assert found in values
    assert 100 * sum(each <= found for each in values) >= percent * len(values)
    assert 100 * sum(each < found for each in values) < percent * len(values)


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_a_percentile_needs_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        nearest_rank([1], share)


def test_open_promises_stand_apart_from_kept_and_broken_ones() -> None:
    found = attainment(["met"] * 6 + ["breached"] * 2 + ["running", "paused"] + ["overdue"] * 4)

    assert (found.met, found.missed, found.open_in_time, found.open_overdue) == (6, 2, 2, 4)
    assert found.share == 0.75
    assert found.share_with_overdue == 0.5
    assert found.small


def test_nothing_decided_is_no_share_rather_than_a_perfect_one() -> None:
    assert attainment([]).share is None
    assert attainment(["running"]).share is None
    assert attainment(["overdue"]).share_with_overdue == 0


def test_small_numbers_are_flagged() -> None:
    assert attainment(["met"] * 19 + ["running"] * 50).small
    assert not attainment(["met"] * 19 + ["overdue"]).small
    assert summarise([Sample(NOON, "met", 1, 1)] * 19).small
    assert not summarise([Sample(NOON, "met", 1, 1)] * 20).small


def test_a_summary_keeps_the_unanswered_in_sight() -> None:
    answered = [Sample(NOON, "met", hours, 10 * hours) for hours in (1, 2, 3)]
    found = summarise([*answered, Sample(NOON, "overdue"), Sample(NOON, "running")])

    assert (found.received, found.answered, found.response_rate) == (5, 3, 0.6)
    assert (found.median_business, found.p90_business) == (2, 3)
    assert (found.median_wall, found.p90_wall) == (20, 30)
    assert found.attainment.share_with_overdue == 0.75


def test_a_summary_of_nothing_is_empty() -> None:
    found = summarise([])

    assert (found.received, found.response_rate, found.median_business) == (0, None, None)


@pytest.mark.parametrize(
    ("period", "groups"),
    [
        ("day", {date(2026, 3, 1): 1, date(2026, 3, 29): 1, date(2026, 3, 30): 2}),
        ("week", {date(2026, 2, 23): 1, date(2026, 3, 23): 1, date(2026, 3, 30): 2}),
        ("month", {date(2026, 3, 1): 4}),
    ],
)
def test_cases_are_grouped_by_the_local_date_received(period, groups) -> None:
    samples = [
        Sample(datetime(2026, 3, 29, 22, 30, tzinfo=UTC), "met"),  # the 30th in Berlin
        Sample(datetime(2026, 3, 30, 12, 0, tzinfo=UTC), "overdue"),
        Sample(datetime(2026, 3, 29, 21, 30, tzinfo=UTC), "met"),
        Sample(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "met"),
    ]
    found = cohorts(samples, period, ZoneInfo("Europe/Berlin"))

    assert {day: len(group) for day, group in found.items()} == groups
    assert list(found) == sorted(found)
