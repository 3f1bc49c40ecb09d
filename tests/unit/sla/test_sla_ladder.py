"""Who is called when: in order, never early, within hours, each call once, however late we look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.hours import ALWAYS, Calendar, is_open, next_open, parse_week
from monitor.sla import Lead, Policy, Segment, Snapshot, due_with_pauses, make_snapshot, warnings_at
from monitor.sla.ladder import LATE, Call, Move, Rung, climb, plan

HOUR = 3600
BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar(
    "office",
    "Europe/Berlin",
    parse_week({day: ["09:00-12:30", "13:30-18:00"] for day in DAYS}),
    frozenset({date(2026, 4, 3)}),
)
POLICY = Policy("standard", "office", first_response=8 * HOUR, warn_at=(0.5, Lead(1800)))
OFFICE_HOURS = make_snapshot(POLICY, OFFICE)
WALL = make_snapshot(Policy("wall", "always", first_response=2 * HOUR, warn_at=0.5), ALWAYS)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LADDER = (Rung(None), Rung(0, repeat=HOUR, times=3), Rung(2 * HOUR), Rung(4 * HOUR, 1800, 2))


def at_once(_rung: int, at: datetime) -> datetime:
    return at


def after(**by: float) -> datetime:
    return START + timedelta(**by)


def places(move: Move) -> list[tuple[int, int]]:
    return [(call.rung, call.turn) for call in move.calls]


def test_a_ladder_is_climbed_by_the_clock_and_a_rung_repeats_until_the_next_is_reached() -> None:
    calls = plan(LADDER, WALL, "first_response", START)

    assert [(call.rung, call.turn, call.at - START - LATE) for call in calls[1:]] == [
        (1, 0, timedelta(hours=2)),
        (1, 1, timedelta(hours=3)),
        (2, 0, timedelta(hours=4)),
        (3, 0, timedelta(hours=6)),
        (3, 1, timedelta(hours=6.5)),
        (3, 2, timedelta(hours=7)),
    ]
    assert calls[0] == Call(after(hours=1), 0, 0)


def test_the_time_after_the_deadline_is_open_time_too() -> None:
    friday = datetime(2026, 3, 27, 9, tzinfo=BERLIN)
    calls = plan((Rung(0), Rung(1800)), OFFICE_HOURS, "first_response", friday)

    assert [call.at.astimezone(BERLIN) for call in calls] == [
        datetime(2026, 3, 27, 18, 0, 1, tzinfo=BERLIN),
        datetime(2026, 3, 30, 9, 30, 1, tzinfo=BERLIN),
    ]


def test_each_warning_of_the_policy_is_a_call_of_its_rung() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=BERLIN)
    calls = plan((Rung(None),), OFFICE_HOURS, "first_response", monday)

    assert [(call.turn, call.at.astimezone(BERLIN).time().isoformat()) for call in calls] == [
        (0, "14:00:00"),
        (1, "17:30:00"),
    ]


def test_whoever_looks_late_gives_the_highest_call_for_all() -> None:
    calls = plan(LADDER, WALL, "first_response", START)

    move = climb(calls, (), after(hours=4, minutes=10), at_once)

    assert places(move) == [(2, 0)]
    assert [(call.rung, call.turn) for call in move.missed] == [(0, 0), (1, 0), (1, 1)]
    assert move.next_at == after(hours=6) + LATE


def test_two_who_are_told_at_the_same_moment_are_both_told() -> None:
    calls = plan((Rung(0), Rung(0), Rung(HOUR)), WALL, "first_response", START)

    assert places(climb(calls, (), after(hours=2, seconds=1), at_once)) == [(0, 0), (1, 0)]


def test_an_acknowledgement_holds_the_ladder_and_lets_it_go_on_when_it_runs_out() -> None:
    calls = plan(LADDER, WALL, "first_response", START)
    told = {(0, 0), (1, 0)}
    until = after(hours=3, minutes=30)

    held = climb(calls, told, after(hours=3, minutes=10), at_once, until)
    released = climb(calls, told, until, at_once, until)

    assert held == Move(next_at=until)
    assert released.is_released
    assert places(released) == [(1, 1)]


def test_after_the_last_call_an_acknowledgement_that_runs_out_gives_that_call_again() -> None:
    calls = plan((Rung(0), Rung(HOUR)), WALL, "first_response", START)
    told = {(0, 0), (1, 0)}
    until = after(hours=5)

    move = climb(calls, told, after(hours=5), at_once, until)

    assert (places(move), move.again, move.is_released) == ([(1, 0)], True, True)
    assert climb(calls, told, after(hours=6), at_once) == Move()


def test_a_call_that_runs_out_at_night_is_given_again_in_the_morning() -> None:
    calls = plan((Rung(0),), WALL, "first_response", START)
    until = datetime(2026, 3, 2, 22, tzinfo=BERLIN)

    def opens(_rung: int, at: datetime) -> datetime:
        return next_open(OFFICE, at)

    move = climb(calls, {(0, 0)}, until, opens, until)

    assert move == Move(next_at=datetime(2026, 3, 3, 8, tzinfo=UTC))


def test_a_clock_that_stands_still_calls_nobody() -> None:
    pause = Segment(after(hours=1.5), None)

    calls = plan(LADDER, WALL, "first_response", START, [pause])

    assert [(call.rung, call.turn) for call in calls] == [(0, 0)]


def test_a_pause_after_the_deadline_moves_the_rungs_that_follow() -> None:
    pause = Segment(after(hours=3), after(hours=13))

    calls = plan((Rung(0), Rung(2 * HOUR)), WALL, "first_response", START, [pause])

    assert [call.at - LATE for call in calls] == [after(hours=2), after(hours=14)]


@pytest.mark.parametrize(
    "given", [{"after": -1}, {"after": 0, "times": 1}, {"after": None, "repeat": 60, "times": 1}]
)
def test_a_rung_that_cannot_be_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="rung"):
        Rung(**given)


rungs = st.lists(
    st.builds(
        Rung,
        after=st.integers(0, 40 * HOUR),
        repeat=st.integers(60, 5 * HOUR),
        times=st.integers(0, 4),
    )
    | st.just(Rung(None)),
    min_size=1,
    max_size=6,
).map(lambda made: sorted(made, key=lambda rung: -1 if rung.after is None else rung.after))
starts = st.integers(0, 21 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
snapshots = st.sampled_from([OFFICE_HOURS, WALL])
pauses = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 3000)).map(
        lambda span: (timedelta(minutes=span[0]), timedelta(minutes=span[0] + span[1]))
    ),
    max_size=3,
)


def segments(start: datetime, spans: list[tuple[timedelta, timedelta]]) -> list[Segment]:
    return [Segment(start + begun, start + ended) for begun, ended in spans]


@given(rungs, snapshots, starts, pauses)
def test_the_plan_is_in_order_and_never_before_its_time(
    ladder: list[Rung],
    snapshot: Snapshot,
    start: datetime,
    spans: list[tuple[timedelta, timedelta]],
) -> None:
    stood = segments(start, spans)
    calls = plan(ladder, snapshot, "first_response", start, stood)
    due = due_with_pauses(snapshot, "first_response", start, stood)
    warned = [at for at, _ in warnings_at(snapshot, "first_response", start, stood)]

    assert due is not None
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert len({(call.rung, call.turn) for call in calls}) == len(calls)
    for call in calls:
        if ladder[call.rung].after is None:
            assert call.at == warned[call.turn]
        else:
            assert call.at > due
    # Each rung is reached, and none calls on once a later moment's rung has been.
    assert {call.rung for call in calls} == set(range(len(ladder)))
    for call in calls:
        higher = [each for each in calls if each.rung > call.rung and each.turn == 0]
        own = next(each for each in calls if each.rung == call.rung)
        if call.turn and ladder[call.rung].after is not None:
            assert all(call.at < each.at for each in higher if each.at > own.at)


@given(rungs, snapshots, starts, st.lists(st.integers(1, 6000), max_size=60), st.booleans())
def test_however_often_we_look_each_call_is_given_once_in_order_and_within_hours(
    ladder: list[Rung], snapshot: Snapshot, start: datetime, steps: list[int], quiet: bool
) -> None:
    calls = plan(ladder, snapshot, "first_response", start)

    def opens(_rung: int, at: datetime) -> datetime:
        return next_open(OFFICE, at) if quiet else at

    told: list[tuple[int, int]] = []
    given_: list[Call] = []
    now = start
    for step in [*steps, 10**6]:
        now += timedelta(minutes=step)
        move = climb(calls, told, now, opens)
        for call in (*move.missed, *move.calls):
            assert call.at <= now
            assert (call.rung, call.turn) not in told
            told.append((call.rung, call.turn))
        given_ += move.calls
        assert move.next_at is None or move.next_at > now
        assert len({call.at for call in move.calls}) <= 1
    assert set(told) == {(call.rung, call.turn) for call in calls}
    assert [call.at for call in given_] == sorted(call.at for call in given_)


@given(rungs, snapshots, starts)
def test_whoever_looks_whenever_told_to_misses_nothing_and_calls_in_open_hours_only(
    ladder: list[Rung], snapshot: Snapshot, start: datetime
) -> None:
    calls = plan(ladder, snapshot, "first_response", start)

    def opens(_rung: int, at: datetime) -> datetime:
        return next_open(OFFICE, at)

    told: set[tuple[int, int]] = set()
    now: datetime | None = start
    while now is not None:
        move = climb(calls, told, now, opens)
        assert not move.calls or is_open(OFFICE, now)
        # What is missed fell due while the office was closed.
        assert all(not is_open(OFFICE, call.at) for call in move.missed)
        told |= {(call.rung, call.turn) for call in (*move.missed, *move.calls)}
        now = move.next_at
    assert len(told) == len(calls)
