"""Targets that count day and night beside others that count open hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.hours import Calendar, parse_week
from monitor.sla import (
    Policy,
    Segment,
    due_at,
    due_with_pauses,
    elapsed,
    explain,
    left,
    make_snapshot,
    outcome,
    warn_at,
)

HOUR = 3600
OFFICE = Calendar(
    "office",
    "Europe/Berlin",
    parse_week({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}),
)
BOTH = make_snapshot(
    Policy(
        "both",
        "office",
        first_response=4 * HOUR,
        resolution=48 * HOUR,
        wall=("resolution",),
    ),
    OFFICE,
)
FRIDAY = datetime.fromisoformat("2026-03-20T16:00+01:00")


def after(**by: float) -> datetime:
    return (FRIDAY + timedelta(**by)).astimezone(UTC)


def test_one_policy_promises_an_answer_in_open_hours_and_an_end_in_days() -> None:
    assert due_at(BOTH, "first_response", FRIDAY) == datetime.fromisoformat(
        "2026-03-23T12:00+01:00"
    )
    assert due_at(BOTH, "resolution", FRIDAY) == after(hours=48)


def test_the_warning_of_a_plain_target_is_a_share_of_plain_time() -> None:
    assert warn_at(BOTH, "resolution", FRIDAY) == after(hours=36)


def test_a_pause_over_a_weekend_moves_a_plain_target_by_all_of_it() -> None:
    weekend = Segment(after(hours=2), after(hours=50), "waiting for the customer")

    assert due_with_pauses(BOTH, "resolution", FRIDAY, [weekend]) == after(hours=96)
    assert due_with_pauses(BOTH, "first_response", FRIDAY, [weekend]) == due_at(
        BOTH, "first_response", FRIDAY
    )


def test_what_is_left_of_a_plain_target_is_plain_time() -> None:
    sunday = after(hours=40)

    assert left(BOTH, "resolution", FRIDAY, sunday) == 8 * HOUR
    assert left(BOTH, "first_response", FRIDAY, sunday) == 3 * HOUR
    judged = outcome(BOTH, "resolution", FRIDAY, now=after(hours=49))
    assert (judged.state, judged.left) == ("overdue", -HOUR)
    # Figures keep both times: business time is by the calendar for every target.
    assert (judged.elapsed.business, judged.elapsed.wall) == (HOUR, 49 * HOUR)


def test_the_story_of_a_plain_target_tells_of_no_opening_hours() -> None:
    told = explain(BOTH, "resolution", FRIDAY, [Segment(after(hours=1), after(hours=2), "waiting")])

    assert told == [
        f'Policy "both", version {BOTH.version}: resolution within 48 h of wall time, '
        "day and night.",
        "The clock started on Fri 2026-03-20 16:00 CET.",
        "Counted from Fri 2026-03-20 16:00 CET to Fri 2026-03-20 17:00 CET: 1 h, 1 h in all.",
        "Paused from Fri 2026-03-20 17:00 CET to Fri 2026-03-20 18:00 CET (waiting): "
        "1 h of wall time not counted.",
        "Counted from Fri 2026-03-20 18:00 CET to Sun 2026-03-22 17:00 CET: 47 h, 48 h in all.",
        "Due on Sun 2026-03-22 17:00 CET, after 48 h of wall time.",
    ]


@given(
    st.integers(0, 60 * 24 * 60),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3000)), max_size=4),
)
def test_a_plain_target_has_run_for_exactly_its_length_when_it_is_due(
    minute: int, stretches: list[tuple[int, int]]
) -> None:
    start = FRIDAY + timedelta(minutes=minute)
    pauses = [
        Segment(start + timedelta(minutes=at), start + timedelta(minutes=at + length))
        for at, length in stretches
    ]

    due = due_with_pauses(BOTH, "resolution", start, pauses)

    assert due is not None
    assert elapsed(BOTH, start, due, pauses).wall == 48 * HOUR
    assert left(BOTH, "resolution", start, due, pauses) == 0
    assert outcome(BOTH, "resolution", start, now=due, pauses=pauses).due_at == due
