"""Whether a clock starts when something was written, or when we saw it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.hours import ALWAYS
from monitor.sla import Policy, Snapshot, make_snapshot, start_of
from monitor.sla.starting import AHEAD, NOT_TOLD, OLDEST, TOO_OLD

SEEN = datetime(2026, 3, 2, 9, 30, 15, 250_000, tzinfo=UTC)
WHOLE = SEEN.replace(microsecond=0)
AT_SIGHT = Policy("p", first_response=60)
AS_WRITTEN = Policy("p", first_response=60, start="written")


def test_a_clock_starts_at_first_sight_unless_the_policy_says_otherwise() -> None:
    assert start_of(AT_SIGHT, SEEN, SEEN - timedelta(hours=2)).at == WHOLE
    assert start_of(AT_SIGHT, SEEN, None).reason == ""


def test_it_may_start_when_it_was_written() -> None:
    begun = start_of(AS_WRITTEN, SEEN, SEEN - timedelta(hours=2))

    assert (begun.at, begun.reason) == (WHOLE - timedelta(hours=2), "")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, NOT_TOLD),
        (SEEN + timedelta(seconds=1), AHEAD),
        (SEEN - OLDEST - timedelta(seconds=1), TOO_OLD),
    ],
)
def test_a_time_that_cannot_be_counted_from_is_left_with_a_reason(
    written: datetime | None, reason: str
) -> None:
    begun = start_of(AS_WRITTEN, SEEN, written)

    assert (begun.at, begun.reason) == (WHOLE, reason)
    assert len(reason) <= 100  # as long as its column


@given(
    st.timedeltas(min_value=-timedelta(days=30), max_value=timedelta(days=30)),
    st.integers(-12, 14),
)
def test_a_clock_never_starts_after_it_was_seen_nor_long_before(
    before: timedelta, offset: int
) -> None:
    written = (SEEN - before).astimezone(timezone(timedelta(hours=offset)))

    begun = start_of(AS_WRITTEN, SEEN, written)

    assert begun.at.tzinfo is UTC
    assert timedelta(0) <= WHOLE - begun.at <= OLDEST
    assert begun.at == WHOLE or not begun.reason


def test_the_start_is_frozen_with_the_policy() -> None:
    snapshot = make_snapshot(AS_WRITTEN, ALWAYS)
    stored = snapshot.to_json()

    assert (stored["format"], stored["policy"]["start"]) == (2, "written")
    assert Snapshot.from_json(stored) == snapshot
    assert make_snapshot(AT_SIGHT, ALWAYS).to_json()["format"] == 1


def test_another_start_is_refused() -> None:
    with pytest.raises(ValueError, match="start: 'now' is no start; expected seen or written"):
        Policy("p", first_response=60, start="now")  # type: ignore[arg-type]
