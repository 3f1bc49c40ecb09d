"""Walking back through a period finds everything once, however it is spread."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.reports.fact import Stretch
from monitor.reports.period import Period
from monitor.reports.walking import FIRST, JUST_AFTER, LONGEST, MANY, SHORTEST, walk_back

PERIOD = Period(date(2026, 3, 1), date(2026, 5, 31), ZoneInfo("Europe/Berlin"))  # a clock change
SECONDS = (PERIOD.end - PERIOD.begin).total_seconds()


def at(second: float) -> datetime:
    return PERIOD.begin + timedelta(seconds=second)


@given(
    st.lists(st.floats(0, SECONDS - 1).map(at), max_size=60),
    st.none() | st.floats(0, 2 * SECONDS).map(at),
    st.integers(1, 300),
)
def test_everything_is_found_once_and_in_order(
    times: list[datetime], after: datetime | None, weight: int
) -> None:
    """`weight` stands for how many more are seen than meant."""
    stretches: list[Stretch] = []

    def look(stretch: Stretch) -> tuple[int, list[datetime]]:
        stretches.append(stretch)
        found = sorted((t for t in times if stretch.begin <= t < stretch.end), reverse=True)
        return weight * len(found), found

    def latest(before: datetime) -> datetime | None:
        return max((t for t in times if t < before), default=None)

    found = list(walk_back(PERIOD, (after, 7) if after else None, latest, look))
    assert found == sorted((t for t in times if after is None or t <= after), reverse=True)
    for later, earlier in pairwise(stretches):
        assert earlier.end <= later.begin
    for each in stretches:
        assert PERIOD.begin <= each.begin < each.end <= PERIOD.end
        assert each.end - each.begin <= LONGEST
        assert any(each.begin <= t < each.end for t in times), "nobody looks where nothing is"


def test_steps_grow_where_there_is_little_and_shrink_where_there_is_much() -> None:
    lengths: list[timedelta] = []

    def look(stretch: Stretch) -> tuple[int, list[int]]:
        lengths.append(stretch.end - stretch.begin)
        return (0 if len(lengths) < 4 else 2 * MANY), []

    sixty_days = Period.back(PERIOD.end, 60, PERIOD.zone)
    list(walk_back(sixty_days, None, lambda before: before - JUST_AFTER, look))
    assert lengths[:4] == [FIRST, 8 * FIRST, 64 * FIRST, LONGEST]
    assert lengths[4:6] == [LONGEST / 2, LONGEST / 4]
    assert min(lengths[:-1]) >= SHORTEST


def test_before_the_period_there_is_nothing_to_look_at() -> None:
    def look(_stretch: Stretch) -> tuple[int, list[int]]:
        raise AssertionError("nothing is looked at")

    before = PERIOD.begin - timedelta(days=1)
    assert list(walk_back(PERIOD, (before, 1), lambda _before: before, look)) == []
