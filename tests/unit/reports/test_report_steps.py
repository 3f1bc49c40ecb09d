"""Steps of time: nothing is left out, nothing counted twice, and nobody gets a year by day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reports.period import Grain, Period
from monitor.reports.steps import MOST_DAYS, grain_for, grain_within, steps_of, within

ZONE = ZoneInfo("Europe/Berlin")
PERIODS = st.builds(
    lambda first, days: Period(first, first + timedelta(days=days), ZONE),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 800),
)
GRAINS = st.sampled_from(["day", "week", "month"])


@given(PERIODS, GRAINS)
def test_the_steps_of_a_period_cover_each_of_its_days_once(period: Period, grain: Grain) -> None:
    steps, begins = steps_of(period, grain)
    assert len(steps) == len(begins)
    assert len({step.name for step in steps}) == len(steps)
    parts = [within(begin, grain, period) for begin in begins]
    assert parts[0].first == period.first
    assert parts[-1].last == period.last
    for before, after in pairwise(parts):
        assert after.first == before.last + timedelta(days=1)


@given(PERIODS, GRAINS)
def test_what_is_asked_for_is_given_unless_it_cannot_be_read(period: Period, grain: Grain) -> None:
    given_ = grain_within(period, grain)
    assert len(steps_of(period, given_)[0]) <= 110
    if period.days <= MOST_DAYS:
        assert given_ == grain


@pytest.mark.parametrize(
    ("days", "grain"), [(1, "day"), (35, "day"), (36, "week"), (140, "week"), (141, "month")]
)
def test_a_period_is_shown_as_it_fits(days: int, grain: str) -> None:
    first = date(2026, 1, 1)
    assert grain_for(Period(first, first + timedelta(days=days - 1), ZONE)) == grain


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    period = Period(date(2026, 3, 4), date(2026, 4, 2), ZONE)
    assert steps_of(period, "week")[1][0] == date(2026, 3, 2)
    assert steps_of(period, "month")[1] == [date(2026, 3, 1), date(2026, 4, 1)]


def named(first: date, last: date, grain: Grain, today: date | None = None) -> dict[str, bool]:
    steps, _ = steps_of(Period(first, last, ZONE, today), grain)
    return {step.name: step.part for step in steps}


def test_steps_that_do_not_lie_wholly_in_the_period_say_so() -> None:
    assert named(date(2026, 3, 4), date(2026, 3, 22), "week") == {
        "week of 2 Mar 2026 (part)": True,
        "week of 9 Mar 2026": False,
        "week of 16 Mar 2026": False,
    }
    told = named(date(2026, 1, 31), date(2026, 3, 30), "month")
    assert told == {"Jan 2026 (part)": True, "Feb 2026": False, "Mar 2026 (part)": True}


@pytest.mark.parametrize("last", [date(2026, 3, 12), date(2026, 3, 31)])
def test_the_step_of_today_is_not_over(last: date) -> None:
    today = date(2026, 3, 12)
    weeks = named(date(2026, 3, 2), last, "week", today)
    assert list(weeks)[:2] == ["week of 2 Mar 2026", "week of 9 Mar 2026 (so far)"]
    days = named(date(2026, 3, 11), last, "day", today)
    assert [name for name, part in days.items() if part] == ["Thu 12 Mar 2026 (so far)"]
    assert list(named(date(2026, 3, 1), last, "month", today)) == ["Mar 2026 (so far)"]


def test_a_period_that_ended_before_today_has_no_step_that_is_still_going_on() -> None:
    told = named(date(2026, 3, 2), date(2026, 3, 10), "week", date(2026, 3, 12))
    assert list(told) == ["week of 2 Mar 2026", "week of 9 Mar 2026 (part)"]
