"""How far back a round of reading goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.reach import EVERYTHING, USUAL, Reach

NOW = datetime(2026, 3, 30, 23, 50, tzinfo=UTC)
WEEKS = timedelta(days=30)


def test_everything_weeks_and_a_day_take_turns() -> None:
    lags = []
    cursor: dict[str, object] = {}
    for hours in (0, 1, 2, 23, 25, 26):
        now = NOW + timedelta(hours=hours)
        reach = Reach.resume(cursor, now, WEEKS, begun=False)
        lags.append(reach.lag)
        cursor = reach.completed().state(begun=False)
    assert lags == [EVERYTHING, WEEKS, USUAL, USUAL, EVERYTHING, USUAL]


def test_a_round_keeps_its_reach_over_midnight_and_a_restart() -> None:
    first = Reach.resume({}, NOW, WEEKS, begun=False)
    kept = json.loads(json.dumps(first.state(begun=True)))
    later = Reach.resume(kept, NOW + timedelta(days=2), WEEKS, begun=True)
    assert later == first
    assert later.completed().state(begun=False) == {"day": "2026-03-30", "month": "2026-03"}


def test_a_round_that_broke_off_is_not_complete() -> None:
    first = Reach.resume({}, NOW, WEEKS, begun=False)
    again = Reach.resume(first.state(begun=False), NOW, WEEKS, begun=False)
    assert again.lag == EVERYTHING


@given(st.integers(0, 7000).map(lambda days: NOW + timedelta(days=days)))
def test_after_a_complete_round_the_same_day_reads_a_day(now: datetime) -> None:
    done = Reach.resume({}, now, WEEKS, begun=False).completed().state(begun=False)
    again = Reach.resume(done, now, WEEKS, begun=False)
    assert again.lag == USUAL
    assert again.completed().state(begun=False) == done
