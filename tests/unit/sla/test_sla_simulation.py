"""History counted again: by its own promise it stays as it was, by another it changes rightly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.sla import (
    Attainment,
    Conditions,
    Facts,
    Policy,
    Segment,
    Snapshot,
    Target,
    make_snapshot,
    outcome,
)
from monitor.sla.history import CaseHistory, Run, runs_without_clock
from monitor.sla.simulation import (
    Choose,
    Comparison,
    Recount,
    as_promised,
    by_facts,
    judge,
    replay,
)

HOUR = 3600
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = START + timedelta(days=30)
OFFICE = Calendar(
    "office",
    "Europe/Berlin",
    parse_week(
        {day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    ),
)
BAR = Calendar("bar", "Europe/Berlin", parse_week({"fri": ["22:00-02:00"], "sat": ["22:00-04:00"]}))
SNAPSHOTS = [
    make_snapshot(
        Policy("standard", "office", first_response=8 * HOUR, resolution=40 * HOUR), OFFICE
    ),
    make_snapshot(Policy("night", "bar", first_response=2 * HOUR, resolution=9 * HOUR), BAR),
    make_snapshot(Policy("wall", "always", first_response=5 * HOUR, resolution=90 * HOUR), ALWAYS),
]

moments = st.integers(0, 30 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@st.composite
def recorded_runs(draw: st.DrawFn, snapshot: Snapshot, target: Target) -> Run:
    """A clock with pauses, as real clocks have them, and what `outcome` recorded of it."""
    start = draw(moments)
    marks = sorted(draw(st.lists(moments, max_size=6)))
    marks = [mark for mark in marks if mark >= start]
    pauses = [Segment(a, b, "waiting") for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2:
        pauses.append(Segment(marks[-1], None, "waiting"))
    stopped = None
    if draw(st.booleans()):
        stopped = max(draw(moments), start, *marks, START)
    told = outcome(snapshot, target, start, now=NOW, stopped_at=stopped, pauses=pauses)
    return Run(target, start, stopped, tuple(pauses), told.state, told.due_at)


@st.composite
def histories(draw: st.DrawFn) -> list[CaseHistory]:
    cases = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        snapshot = draw(st.sampled_from(SNAPSHOTS))
        runs = [
            draw(recorded_runs(snapshot, target))
            for target in draw(
                st.lists(st.sampled_from(["first_response", "resolution"]), max_size=3)
            )
        ]
        facts = Facts(source=draw(st.sampled_from(["board", "feed"])))
        cases.append(CaseHistory(number, facts, snapshot, START, tuple(runs)))
    return cases


def compare(cases: list[CaseHistory], choose: Choose) -> Comparison:
    found = Comparison()
    for case in cases:
        for run in replay(case, choose, NOW):
            found.add(run)
    return found


def promised(snapshot: Snapshot, **seconds: int | None) -> Snapshot:
    return make_snapshot(replace(snapshot.policy, **seconds), snapshot.calendar)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(cases=histories())
def test_by_its_own_promise_every_history_stays_what_it_was(cases: list[CaseHistory]) -> None:
    found = compare(cases, as_promised)

    assert found.irreproducible == found.saved == found.lost == 0
    assert found.newly_promised == found.no_longer_promised == 0
    assert found.total.now == found.total.then
    for kind in ("target", "policy", "source"):
        assert all(pair.now == pair.then for _, pair in found.by(kind))
    for case in cases:
        for run, counted in zip(case.runs, replay(case, as_promised, NOW), strict=True):
            assert (counted.after, counted.due_after) == (run.state, run.due_at)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), snapshot=st.sampled_from(SNAPSHOTS))
def test_a_clock_is_judged_as_its_outcome_is(data: st.DataObject, snapshot: Snapshot) -> None:
    run = data.draw(recorded_runs(snapshot, "first_response"))
    assert judge(
        snapshot,
        "first_response",
        run.started_at,
        now=NOW,
        stopped_at=run.stopped_at,
        pauses=run.pauses,
    ) == (run.state, run.due_at)


@settings(max_examples=150, deadline=None)
@given(cases=histories())
def test_twice_the_time_makes_nobody_later(cases: list[CaseHistory]) -> None:
    def twice(case: CaseHistory, run: Run) -> Snapshot:
        return promised(
            case.snapshot,
            **{name: 2 * seconds for name, seconds in case.snapshot.targets.items()},
        )

    found = compare(cases, twice)

    assert found.lost == 0
    assert (found.total.change or 0.0) >= 0
    for _, pair in found.by("target"):
        assert pair.then.missed + pair.then.open_overdue <= pair.now.missed + pair.now.open_overdue


def answered(number: int, hours: float, rating: float = 1) -> CaseHistory:
    """A case on a Monday at nine, answered after so many hours of the wall."""
    snapshot = SNAPSHOTS[0]
    start = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    stop = start + timedelta(hours=hours)
    told = outcome(snapshot, "first_response", start, now=NOW, stopped_at=stop)
    run = Run("first_response", start, stop, (), told.state, told.due_at)
    return CaseHistory(number, Facts("board", rating=rating), snapshot, start, (run,))


def test_cases_that_flip_are_counted_and_shown_each_way() -> None:
    # Four hours instead of eight by the same hours: 3 h stays in time, 6 h and 8.5 h do not.
    cases = [answered(1, 3), answered(2, 6), answered(3, 8.5), answered(4, 30)]
    stricter = promised(SNAPSHOTS[0], first_response=4 * HOUR)
    found = compare(cases, lambda case, run: stricter)

    assert (found.total.now.met, found.total.now.missed) == (3, 1)
    assert (found.total.then.met, found.total.then.missed) == (1, 3)
    assert (found.lost, found.saved) == (2, 0)
    assert [run.case_id for run in found.lost_examples] == [2, 3]
    assert found.lost_examples[0].due_after == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert found.total.change == pytest.approx(1 / 4 - 3 / 4)
    assert found.total.small


def test_only_so_many_examples_are_kept_however_many_flip() -> None:
    stricter = promised(SNAPSHOTS[0], first_response=4 * HOUR)
    found = compare([answered(number, 6) for number in range(40)], lambda case, run: stricter)

    assert found.lost == 40
    assert len(found.lost_examples) == 5
    assert not found.total.small


def test_each_case_is_counted_by_the_policy_that_its_facts_choose() -> None:
    angry = Policy("angry", "office", HOUR, when=Conditions(rating_at_most=1))
    calm = Policy("calm", "office", 8 * HOUR)
    book = {policy.key: make_snapshot(policy, OFFICE) for policy in (angry, calm)}
    choose = by_facts(lambda facts: book["angry" if angry.when.hold_for(facts) else "calm"])

    found = compare([answered(1, 3, rating=1), answered(2, 3, rating=3)], choose)

    then = {name: pair.then for name, pair in found.by("policy")}
    assert (then["angry"].missed, then["calm"].met, then["standard"].met) == (1, 1, 0)
    assert dict(found.by("policy"))["standard"].now.met == 2


def test_promises_that_begin_and_end_with_the_other_policy_are_counted_apart() -> None:
    start = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    unpromised = Run("next_response", start, start + timedelta(hours=2))
    case = answered(1, 3)
    case = replace(case, runs=(*case.runs, unpromised))
    other = promised(SNAPSHOTS[0], first_response=None, resolution=None, next_response=HOUR)

    found = compare([case], lambda case, run: other)

    assert (found.newly_promised, found.no_longer_promised) == (1, 1)
    assert (found.total.now.met, found.total.then.missed) == (1, 1)
    assert found.lost == found.saved == 0
    # What neither promises is counted by nobody.
    assert compare([case], as_promised).total.then == Attainment(1, 0, 0, 0)
    assert compare([case], as_promised).newly_promised == 0


def test_other_hours_move_due_times_and_no_answer() -> None:
    early = Calendar("office", "Europe/Berlin", parse_week({"mon": ["06:00-14:00"]}))
    case = answered(1, 8.5)

    by_key = next(replay(case, Recount(as_promised, {"office": early}), NOW))
    for_all = next(replay(case, Recount(as_promised, {}, BAR), NOW))
    untouched = next(replay(case, Recount(as_promised, {"bar": early}), NOW))

    # Five hours are left on the first Monday, three are used up a week later.
    assert by_key.due_after == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert for_all.due_after == datetime(2026, 3, 8, 1, 0, tzinfo=UTC)
    assert untouched.due_after == case.runs[0].due_at
    assert by_key.stopped_at == for_all.stopped_at == case.runs[0].stopped_at
    assert by_key.reproduced


def test_what_cannot_be_counted_as_recorded_is_said() -> None:
    case = answered(1, 3)
    wrong = replace(case, runs=(replace(case.runs[0], state="breached"),))

    assert compare([wrong], as_promised).irreproducible == 1
    stricter = promised(SNAPSHOTS[0], first_response=4 * HOUR)
    assert compare([wrong], lambda case, run: stricter).irreproducible == 1


def test_a_clock_counted_by_another_version_than_its_case_keeps_it() -> None:
    stricter = promised(SNAPSHOTS[0], first_response=4 * HOUR)
    case = answered(1, 6)
    late = replace(case.runs[0], state="breached", snapshot=stricter)
    found = compare([replace(case, runs=(late,))], as_promised)

    assert found.irreproducible == 0
    assert (found.total.now.missed, found.total.then.missed) == (1, 1)


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def test_an_unpromised_target_is_measured_from_the_steps_of_its_case() -> None:
    runs = runs_without_clock(
        START,
        [
            (hours(2), "replied"),
            (hours(10), "reopened"),
            (hours(13), "replied"),
            (hours(85), "closed"),
            (hours(100), "reopened"),
        ],
        ended=False,
    )

    told = {(run.target, run.started_at): run.stopped_at for run in runs}
    assert told == {
        ("first_response", START): hours(2),
        ("next_response", hours(10)): hours(13),
        ("next_response", hours(100)): None,
        # It stands still while we wait for the customer, and ends where that wait began.
        ("resolution", START): hours(13),
        ("resolution", hours(100)): None,
    }
    resolved = next(run for run in runs if run.target == "resolution")
    assert [(each.start, each.end) for each in resolved.pauses] == [(hours(2), hours(10))]


def test_what_ends_unanswered_has_no_run() -> None:
    assert runs_without_clock(START, [], ended=True) == ()
    # Dismissed, then brought back by the customer: the first response is owed from then.
    again = runs_without_clock(START, [(hours(5), "reopened")], ended=False)
    assert [(run.target, run.started_at) for run in again] == [
        ("first_response", hours(5)),
        ("resolution", START),
    ]
    assert runs_without_clock(START, [(hours(1), "replied")], ended=False, wanted=()) == ()
