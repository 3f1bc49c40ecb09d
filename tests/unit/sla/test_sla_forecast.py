"""The forecast by hand, its ignorance of the future, and how it is tried on the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sla.backtest import backtest, backtesters
from monitor.sla.forecast import (
    Course,
    Forecast,
    Forecaster,
    counts_interval,
    week_start,
    weeks_before,
)
from monitor.sla.survival import BINS, Hazard

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
NOON = MONDAY + timedelta(days=2, hours=12)
DAY = timedelta(hours=24)
OLD = MONDAY - timedelta(weeks=9)


def course(start: datetime, took: float | None, hours: float = 24) -> Course:
    """A clock of so many hours of the wall that ended after so many, or is open."""
    due = start + timedelta(hours=hours)
    return Course(
        "first_response",
        start,
        due,
        used_at=lambda at: (at - start) / (due - start),
        ended_at=None if took is None else start + timedelta(hours=took),
        used=0.0 if took is None else took / hours,
    )


def forecast_of(*courses: Course, at: datetime = NOON, weeks: int = 8) -> Forecast:
    made = Forecaster(at, UTC, weeks)
    for each in courses:
        made.add(each)
    return made.forecast()


def steady(took: float = 6) -> list[Course]:
    """Four clocks at 15:00 on each day of the nine weeks before, one of them answered late."""
    days = [OLD + timedelta(days=day, hours=15) for day in range(9 * 7)]
    return [course(day, took if n < 3 else 30) for day in days for n in range(4)]


def test_a_regular_past_is_forecast_as_it_was() -> None:
    made = forecast_of(*steady())

    assert made.enough
    assert (made.weeks, made.last_week) == (8, 7)
    # From Wednesday noon: five days with four clocks each; the late one of Sunday is due on
    # Monday and belongs to the week after.
    assert (made.arrivals, made.arrivals_expected) == (20, 4)
    # Sunday's and nothing else has breached, on Monday at 15:00.
    assert (made.breached, made.open_due) == (1, 0)
    assert made.expected == 5
    assert made.low <= 5 <= made.high


def test_open_clocks_breach_as_those_did_that_were_open_as_long() -> None:
    # A quarter breaches; of those still open after a quarter of the time, all do.
    fresh = course(NOON - timedelta(minutes=5), None)
    waiting = course(NOON - timedelta(hours=12), None)

    assert forecast_of(*steady(), fresh).open_expected == pytest.approx(0.25, abs=0.002)
    assert forecast_of(*steady(), waiting).open_expected == 1
    both = forecast_of(*steady(), fresh, waiting)
    assert (both.open_due, both.open_expected) == (2, pytest.approx(1.25, abs=0.005))


def test_what_falls_due_after_the_week_is_not_of_this_week() -> None:
    far = course(NOON - timedelta(hours=1), None, hours=24 * 10)
    assert forecast_of(*steady(), far).open_due == 0


def test_a_clock_that_stands_still_is_told_apart_and_voided_ones_never_breach() -> None:
    standing = replace(course(NOON - timedelta(hours=30), None), standing=True)
    voided = replace(course(NOON - timedelta(hours=40), 39), voided=True)
    made = forecast_of(*steady(), standing, voided)

    assert (made.standing, made.open_due, made.breached) == (1, 0, 1)


@pytest.mark.parametrize("weeks", [0, 1, 3])
def test_with_few_weeks_it_says_so(weeks: int) -> None:
    since = MONDAY - timedelta(weeks=weeks)
    made = forecast_of(*(each for each in steady() if each.started_at >= since))
    assert not made.enough
    assert "not enough history" in made.reason


def test_with_few_clocks_it_says_so_and_the_week_it_began_in_is_no_whole_week() -> None:
    few = [course(OLD + timedelta(weeks=week), 30) for week in range(9)]
    assert forecast_of(*few).reason == "not enough history: 8 clocks have ended, 20 are needed"
    since = MONDAY - timedelta(weeks=4, days=-2)
    begun = [each for each in steady() if each.started_at >= since]
    assert forecast_of(*begun).weeks == 3


later = st.builds(
    course,
    st.integers(0, 20 * 24).map(lambda hour: NOON + timedelta(hours=hour)),
    st.one_of(st.none(), st.floats(0, 90)),
)
earlier = st.builds(
    course,
    st.integers(1, 20 * 24).map(lambda hour: NOON - timedelta(hours=hour)),
    st.one_of(st.none(), st.floats(0, 900)),
)


@settings(max_examples=100, deadline=None)
@given(known=st.lists(earlier, max_size=20), future=st.lists(later, max_size=10), data=st.data())
def test_no_forecast_knows_what_was_to_come(
    known: list[Course], future: list[Course], data: st.DataObject
) -> None:
    at_once = forecast_of(*steady(), *known)
    # The same clocks, as they will be known later: what was open at noon may have ended since.
    ended = [
        each
        if each.ended_at is not None and each.ended_at < NOON
        else replace(each, ended_at=data.draw(later).started_at, used=1.0)
        for each in known
    ]
    assert forecast_of(*steady(), *ended, *future) == at_once


@settings(max_examples=50, deadline=None)
@given(known=st.lists(earlier, max_size=30), seed=st.randoms())
def test_the_order_in_which_clocks_are_shown_does_not_matter(known: list[Course], seed) -> None:  # type: ignore[no-untyped-def]  # hypothesis' own type
    shuffled = [*steady(), *known]
    seed.shuffle(shuffled)
    made, other = forecast_of(*steady(), *known), forecast_of(*shuffled)
    assert made == replace(other, open_expected=made.open_expected)
    assert made.open_expected == pytest.approx(other.open_expected)


def test_a_hazard_by_hand_after_kaplan_and_meier() -> None:
    hazard = Hazard()
    for used in (0, 0, 5, 10):
        hazard.end(used)
    hazard.lose_sight(5)
    hazard.breach()

    # 2 of 6 ended at once, 1 of 4 in bin 5, where one was lost from sight, and 1 of 2 in bin 10.
    assert hazard.breach_from(0) == pytest.approx(4 / 6 * 3 / 4 * 1 / 2)
    assert hazard.breach_from(1) == pytest.approx(3 / 4 * 1 / 2)
    assert hazard.breach_from(6) == pytest.approx(1 / 2)
    assert hazard.breach_from(11) == 1
    assert hazard.ended == 5
    assert Hazard().breach_from(0) == 1  # nothing is known: nothing speaks against it


@given(
    ends=st.lists(st.integers(0, BINS - 1), max_size=30),
    unknown=st.lists(st.integers(0, BINS - 1), max_size=10),
    breaches=st.integers(0, 10),
)
def test_the_longer_a_clock_is_open_the_likelier_it_breaches(
    ends: list[int], unknown: list[int], breaches: int
) -> None:
    hazard = Hazard()
    for used in ends:
        hazard.end(used)
    for used in unknown:
        hazard.lose_sight(used)
    for _ in range(breaches):
        hazard.breach()
    chances = [hazard.breach_from(used) for used in range(BINS)]
    assert chances == sorted(chances)
    assert all(0 <= chance <= 1 for chance in chances)
    if not unknown and ends:
        assert chances[0] == pytest.approx(breaches / (breaches + len(ends)))


def test_shares_of_a_target_fall_into_bins() -> None:
    assert [Hazard.bin_of(share) for share in (-1, 0, 0.049, 0.05, 0.5, 0.99, 1, 7)] == [
        *(0, 0, 0, 1, 10, 19, 19, 19),
    ]


@pytest.mark.parametrize(
    ("mean", "low", "high"), [(0, 0, 0), (0.05, 0, 0), (1, 0, 3), (10, 5, 15), (100, 84, 117)]
)
def test_the_interval_holds_poissons_quantiles(mean: float, low: int, high: int) -> None:
    # The 5 % and 95 % quantiles, summed with sixty decimals.
    assert counts_interval(mean) == (low, high)


def test_the_interval_is_wider_where_past_weeks_varied_more() -> None:
    # Of the negative binomial with mean 10 and variance 20, summed in exact fractions.
    assert counts_interval(10, 2.0) == (4, 18)
    low, high = counts_interval(2000, 4.0)
    assert (low, high) == (1852, 2148)


def test_weeks_begin_on_mondays_of_the_zone_across_clock_changes() -> None:
    # The clock went forward on Sunday, 29 March.
    start = week_start(datetime(2026, 3, 30, 1, 0, tzinfo=UTC), BERLIN)
    assert start == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert weeks_before(start, 1, BERLIN) == datetime(2026, 3, 22, 23, 0, tzinfo=UTC)
    assert weeks_before(start, -1, BERLIN) == datetime(2026, 4, 5, 22, 0, tzinfo=UTC)
    assert week_start(datetime(2026, 3, 29, 21, 59, tzinfo=UTC), BERLIN) == weeks_before(
        start, 1, BERLIN
    )


def test_past_weeks_are_forecast_as_they_began_and_held_against_what_happened() -> None:
    # Eight quiet weeks, then every second week four times as bad.
    since = MONDAY - timedelta(weeks=17)
    made = [
        course(since + timedelta(weeks=week, days=1, hours=n), 30 if n < late else 6)
        for week in range(17)
        for late in [16 if week > 8 and week % 2 else 4]
        for n in range(20)
    ]
    forecasters = backtesters(NOON, UTC, 4)
    for each in made:
        for forecaster in forecasters:
            forecaster.add(each)
    tried = backtest(forecasters)

    assert [each.forecast.week_start for each in tried.weeks] == [
        MONDAY - timedelta(weeks=back) for back in (4, 3, 2, 1)
    ]
    assert [each.happened for each in tried.weeks] == [16, 4, 16, 4]
    assert [each.forecast.last_week for each in tried.weeks] == [4, 16, 4, 16]
    assert [each.forecast.expected for each in tried.weeks] == [7, 8.5, 8.5, 10]
    assert tried.error == (9 + 4.5 + 7.5 + 6) / 4
    assert tried.naive_error == 12
    assert tried.held == len(tried.counted) == 4


def test_a_past_too_short_is_tried_on_nothing() -> None:
    tried = backtest(backtesters(NOON, UTC, 3))
    assert (len(tried.weeks), tried.counted, tried.error, tried.naive_error) == (3, (), None, None)
