"""When clocks fall due, how long they ran, what became of them, and the story of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.hours import ALWAYS, Calendar, add, between, parse_week
from monitor.sla import (
    Elapsed,
    NoTarget,
    Policy,
    Segment,
    Snapshot,
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
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar(
    "office",
    "Europe/Berlin",
    parse_week(
        {day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    ),
    frozenset({date(2026, 4, 3), date(2026, 4, 6)}),
)
STANDARD = make_snapshot(
    Policy("standard", "office", first_response=8 * HOUR, resolution=40 * HOUR), OFFICE
)
WALL = make_snapshot(Policy("wall", "always", first_response=2 * HOUR), ALWAYS)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def pause(start: str, end: str | None, reason: str = "") -> Segment:
    return Segment(berlin(start), berlin(end) if end else None, reason)


MONDAY = berlin("2026-03-23 09:00")


def test_a_clock_is_due_after_its_open_time() -> None:
    due = due_at(STANDARD, "first_response", berlin("2026-03-27 16:45"))

    assert due == berlin("2026-03-30 16:45")
    assert due.tzinfo is UTC


def test_a_warning_is_due_after_its_share_of_the_open_time() -> None:
    # Three quarters of eight hours: six, two and a half of them after lunch.
    assert warn_at(STANDARD, "first_response", MONDAY) == berlin("2026-03-23 16:00")
    assert warn_at(
        STANDARD, "first_response", MONDAY, [pause("2026-03-23 10:00", "2026-03-23 11:00")]
    ) == berlin("2026-03-23 17:00")
    assert warn_at(STANDARD, "first_response", MONDAY, [pause("2026-03-23 10:00", None)]) is None


def test_the_smallest_target_is_still_warned_of() -> None:
    blink = make_snapshot(Policy("blink", first_response=1, warn_at=0.1), ALWAYS)

    assert warn_at(blink, "first_response", MONDAY) == MONDAY + timedelta(seconds=1)


@pytest.mark.parametrize("ask", [due_at, due_with_pauses, warn_at, explain])
def test_a_target_that_is_not_promised_is_refused(ask: object) -> None:
    with pytest.raises(NoTarget):
        ask(WALL, "resolution", MONDAY)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-03-23 18:00"),
        ([("2026-03-23 10:00", "2026-03-23 11:00")], "2026-03-24 10:00"),
        ([("2026-03-23 12:00", "2026-03-23 14:00")], "2026-03-24 10:00"),  # lunch costs nothing
        ([("2026-03-23 12:30", "2026-03-23 13:30")], "2026-03-23 18:00"),
        ([("2026-03-23 17:00", "2026-03-24 09:00")], "2026-03-24 10:00"),
        ([("2026-03-22 09:00", "2026-03-23 10:00")], "2026-03-24 10:00"),  # begun before the clock
        ([("2026-03-20 09:00", "2026-03-21 10:00")], "2026-03-23 18:00"),  # and over before it
        ([("2026-03-23 18:00", "2026-03-24 18:00")], "2026-03-23 18:00"),  # begun at the deadline
        ([("2026-03-23 18:00", None)], "2026-03-23 18:00"),
        ([("2026-03-23 10:00", "2026-03-23 10:00")], "2026-03-23 18:00"),
        (  # overlapping ones count once, in any order
            [("2026-03-23 10:30", "2026-03-23 11:00"), ("2026-03-23 10:00", "2026-03-23 10:45")],
            "2026-03-24 10:00",
        ),
        (  # one within another
            [("2026-03-23 10:00", "2026-03-23 11:00"), ("2026-03-23 10:15", "2026-03-23 10:30")],
            "2026-03-24 10:00",
        ),
        (  # the first pushes the deadline into the second
            [("2026-03-23 10:00", "2026-03-23 11:00"), ("2026-03-24 09:30", "2026-03-24 10:30")],
            "2026-03-24 11:00",
        ),
    ],
)
def test_pauses_move_the_deadline_by_the_open_time_in_them(
    pauses: list[tuple[str, str | None]], due: str
) -> None:
    segments = [pause(*each) for each in pauses]

    assert due_with_pauses(STANDARD, "first_response", MONDAY, segments) == berlin(due)


@pytest.mark.parametrize(
    "pauses",
    [
        [pause("2026-03-23 10:00", None)],
        [pause("2026-03-22 10:00", None)],
        [pause("2026-03-23 10:00", None), pause("2026-03-23 11:00", "2026-03-23 12:00")],
        [pause("2026-03-23 10:00", "2026-03-23 12:00"), pause("2026-03-23 11:00", None)],
    ],
)
def test_a_clock_that_stands_still_has_no_deadline(pauses: list[Segment]) -> None:
    assert due_with_pauses(STANDARD, "first_response", MONDAY, pauses) is None


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        pause("2026-03-23 10:00", "2026-03-23 09:59")
    with pytest.raises(ValueError, match="no time zone"):
        Segment(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_pause_over_the_repeated_hour_keeps_its_length() -> None:
    # By the wall clock this pause ends half an hour before it begins.
    both = Segment(
        datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1),
    )
    start = datetime(2026, 10, 25, 1, 0, tzinfo=BERLIN)

    due = due_with_pauses(WALL, "first_response", start, [both])
    assert due == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_target_used_up_as_a_pause_begins_is_due_then() -> None:
    # 1 - 0.7 - 0.2 leaves a little more than 0.1 in floats; that dust must not outlast the pause.
    blink = make_snapshot(Policy("blink", first_response=1), ALWAYS)
    marks = [MONDAY + timedelta(seconds=after) for after in (0.7, 10, 10.2, 20, 20.1, 30)]
    pauses = [Segment(begun, ended) for begun, ended in zip(marks[::2], marks[1::2], strict=True)]

    assert due_with_pauses(blink, "first_response", MONDAY, pauses) == marks[4]


def test_time_taken_is_told_in_business_and_in_wall_time() -> None:
    taken = elapsed(
        STANDARD,
        MONDAY,
        berlin("2026-03-24 10:00"),
        [pause("2026-03-23 17:00", "2026-03-23 19:00")],
    )

    assert taken == Elapsed(business=8 * HOUR, wall=23 * HOUR, paused=2 * HOUR)


def test_an_unfinished_pause_counts_up_to_now() -> None:
    taken = elapsed(STANDARD, MONDAY, berlin("2026-03-23 12:00"), [pause("2026-03-23 10:00", None)])

    assert taken == Elapsed(business=HOUR, wall=HOUR, paused=2 * HOUR)


def test_an_answer_before_the_start_took_no_time() -> None:
    assert elapsed(STANDARD, MONDAY, MONDAY - timedelta(hours=1)) == Elapsed(0, 0, 0)


def test_time_over_a_clock_change_is_real_time() -> None:
    taken = elapsed(WALL, berlin("2026-03-28 12:00"), berlin("2026-03-29 12:00"))

    assert taken == Elapsed(23 * HOUR, 23 * HOUR, 0)


@pytest.mark.parametrize(
    ("now", "stopped", "state", "remaining"),
    [
        ("2026-03-23 12:30", None, "running", 4.5 * HOUR),
        ("2026-03-23 18:00", None, "running", 0),
        ("2026-03-23 18:01", None, "overdue", 0),  # late, though no open time has passed since
        ("2026-03-24 09:01", None, "overdue", -60),
        ("2026-04-30 09:00", "2026-03-23 12:30", "met", 4.5 * HOUR),
        ("2026-04-30 09:00", "2026-03-23 18:00", "met", 0),
        ("2026-04-30 09:00", "2026-03-24 10:00", "breached", -HOUR),
    ],
)
def test_a_promise_is_kept_broken_or_open(
    now: str, stopped: str | None, state: str, remaining: float
) -> None:
    found = outcome(
        STANDARD,
        "first_response",
        MONDAY,
        now=berlin(now),
        stopped_at=berlin(stopped) if stopped else None,
    )

    assert (found.state, found.left) == (state, remaining)
    assert found.due_at == berlin("2026-03-23 18:00")
    assert found.breached_at == (found.due_at if state in ("overdue", "breached") else None)


def test_a_clock_that_stands_still_is_paused_until_it_is_stopped() -> None:
    held = [pause("2026-03-23 10:00", None)]
    later = berlin("2026-04-30 09:00")

    found = outcome(STANDARD, "first_response", MONDAY, now=later, pauses=held)
    assert (found.state, found.due_at, found.left) == ("paused", None, 7 * HOUR)

    found = outcome(STANDARD, "first_response", MONDAY, now=later, stopped_at=later, pauses=held)
    assert (found.state, found.left, found.breached_at) == ("met", 7 * HOUR, None)


def test_a_pause_after_the_deadline_does_not_undo_the_breach() -> None:
    held = [pause("2026-03-24 10:00", None)]
    found = outcome(STANDARD, "first_response", MONDAY, now=berlin("2026-03-25 10:00"), pauses=held)

    assert (found.state, found.breached_at) == ("overdue", berlin("2026-03-23 18:00"))
    assert found.left == -HOUR


def test_a_pause_that_is_over_is_no_pause() -> None:
    over = [pause("2026-03-23 10:00", "2026-03-23 11:00")]
    found = outcome(STANDARD, "first_response", MONDAY, now=berlin("2026-03-23 11:00"), pauses=over)

    assert found.state == "running"


def test_a_pause_yet_to_come_is_no_pause() -> None:
    planned = [pause("2026-03-23 12:00", "2026-03-23 14:00")]
    found = outcome(
        STANDARD, "first_response", MONDAY, now=berlin("2026-03-23 11:00"), pauses=planned
    )

    assert (found.state, found.due_at) == ("running", berlin("2026-03-24 10:00"))


def test_a_deadline_is_told_as_a_story() -> None:
    story = explain(
        STANDARD,
        "first_response",
        berlin("2026-04-02 16:45"),
        [pause("2026-04-07 10:00", "2026-04-07 11:00", "waiting for the customer")],
    )

    assert story == [
        f'Policy "standard", version {STANDARD.version}: first response within 8 h of open time '
        'by calendar "office" (Europe/Berlin).',
        "The clock started on Thu 2026-04-02 16:45 CEST.",
        "Open from Thu 2026-04-02 16:45 CEST to Thu 2026-04-02 18:00 CEST: "
        "1 h 15 min, 1 h 15 min in all.",
        "Holiday skipped: Fri 2026-04-03 (Europe/Berlin).",
        "Holiday skipped: Mon 2026-04-06 (Europe/Berlin).",
        "Open from Tue 2026-04-07 09:00 CEST to Tue 2026-04-07 10:00 CEST: 1 h, 2 h 15 min in all.",
        "Paused from Tue 2026-04-07 10:00 CEST to Tue 2026-04-07 11:00 CEST "
        "(waiting for the customer): 1 h of open time not counted.",
        "Open from Tue 2026-04-07 11:00 CEST to Tue 2026-04-07 12:30 CEST: "
        "1 h 30 min, 3 h 45 min in all.",
        "Open from Tue 2026-04-07 13:30 CEST to Tue 2026-04-07 17:45 CEST: 4 h 15 min, 8 h in all.",
        "Due on Tue 2026-04-07 17:45 CEST, after 8 h of open time.",
    ]


def test_the_story_of_a_clock_that_stands_still_says_what_is_left() -> None:
    story = explain(
        STANDARD, "first_response", MONDAY, [pause("2026-03-23 10:00", None, "on hold")]
    )

    assert story[-2:] == [
        "Open from Mon 2026-03-23 09:00 CET to Mon 2026-03-23 10:00 CET: 1 h, 1 h in all.",
        "Paused since Mon 2026-03-23 10:00 CET (on hold): the clock stands still with 7 h left; "
        "it has no due time until it goes on.",
    ]


def test_a_long_story_says_what_it_leaves_out() -> None:
    month = make_snapshot(Policy("slow", "office", resolution=160 * HOUR), OFFICE)
    story = explain(month, "resolution", MONDAY)

    (hidden,) = [line for line in story if "more open stretches" in line]
    shown = [line for line in story if line.startswith("Open from")]
    assert len(shown) == 13
    assert hidden == "27 more open stretches: 107 h 30 min, 155 h 30 min in all."
    assert shown[-1].endswith("4 h 30 min, 160 h in all.")


def test_times_in_a_story_carry_their_zone() -> None:
    start = datetime(2026, 10, 25, 0, 30, 15, 500_000, tzinfo=UTC)

    assert explain(WALL, "first_response", start)[1:] == [
        "The clock started on Sun 2026-10-25 00:30:15.5 UTC.",
        "Open from Sun 2026-10-25 00:30:15.5 UTC to Sun 2026-10-25 02:30:15.5 UTC: "
        "2 h, 2 h in all.",
        "Due on Sun 2026-10-25 02:30:15.5 UTC, after 2 h of open time.",
    ]
    in_berlin = explain(WALL, "first_response", start, zone=BERLIN)
    assert in_berlin[1] == "The clock started on Sun 2026-10-25 02:30:15.5 CEST."
    assert in_berlin[3].startswith("Due on Sun 2026-10-25 03:30:15.5 CET")
    nepal = explain(WALL, "first_response", start, zone=ZoneInfo("Asia/Kathmandu"))
    assert nepal[1] == "The clock started on Sun 2026-10-25 06:15:15.5 UTC+05:45."


moments = st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 20), timezones=st.just(UTC))  # noqa: DTZ001
segments = st.lists(
    st.builds(
        lambda start, minutes: Segment(
            start, None if minutes is None else start + timedelta(minutes=minutes)
        ),
        moments,
        st.one_of(st.integers(0, 3 * 1440), st.none()),
    ),
    max_size=5,
)
snapshots = st.sampled_from([STANDARD, WALL])
modest = settings(max_examples=50, deadline=None)


@modest
@given(snapshots, moments, segments)
def test_the_time_up_to_the_deadline_is_the_target(
    snapshot: Snapshot, start: datetime, pauses: list[Segment]
) -> None:
    due = due_with_pauses(snapshot, "first_response", start, pauses)
    if due is None:
        far = add(snapshot.calendar, start, 500 * HOUR)
        assert left(snapshot, "first_response", start, far, pauses) > 0
    else:
        assert left(snapshot, "first_response", start, due, pauses) == 0
        just_before = due - timedelta(microseconds=1)
        assert left(snapshot, "first_response", start, just_before, pauses) > 0


@modest
@given(snapshots, moments, moments, segments)
def test_business_wall_and_pauses_fit_together(
    snapshot: Snapshot, start: datetime, end: datetime, pauses: list[Segment]
) -> None:
    taken = elapsed(snapshot, start, end, pauses)
    assert 0 <= taken.business <= taken.wall
    assert round(taken.wall + taken.paused, 6) == max(0, round((end - start).total_seconds(), 6))
    if end >= start and not pauses:
        assert taken.business == between(snapshot.calendar, start, end)


@modest
@given(snapshots, moments, segments)
def test_a_pause_never_brings_a_deadline_forward(
    snapshot: Snapshot, start: datetime, pauses: list[Segment]
) -> None:
    due = due_with_pauses(snapshot, "first_response", start, pauses)
    assert due is None or due >= due_at(snapshot, "first_response", start)


@modest
@given(snapshots, moments, segments)
def test_the_story_ends_with_the_deadline_that_is_used(
    snapshot: Snapshot, start: datetime, pauses: list[Segment]
) -> None:
    due = due_with_pauses(snapshot, "first_response", start, pauses)
    last = explain(snapshot, "first_response", start, pauses, zone=UTC)[-1]
    if due is None:
        assert last.startswith("Paused since")
    else:
        promised = {8 * HOUR: "8 h", 2 * HOUR: "2 h"}[snapshot.seconds("first_response")]
        assert last.startswith(f"Due on {due:%a %Y-%m-%d %H:%M}")
        assert last.endswith(f"UTC, after {promised} of open time.")
