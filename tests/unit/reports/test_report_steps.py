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
