"""The model of the people: small cases by hand, and what must hold for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.sla.staffing import Floor, Job, Order

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
NOW = START + timedelta(days=60)
DAY = Calendar("day", "UTC", parse_week({day: ["09:00-17:00"] for day in ("mon", "tue", "wed")}))
TEN = 600.0


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def job(arrived: float, due: float, approved: float | None = None, by: str = "") -> Job:
    late = approved is None or approved > due
    return Job(
        at(arrived),
        at(due),
        "breached" if late else "met",
        None if approved is None else at(approved),
        by,
    )


def floor_of(*jobs: Job, hours: Calendar = ALWAYS, now: datetime = NOW) -> Floor:
    made = Floor(hours, START, now)
    for each in jobs:
        made.add(each)
    return made


def test_one_person_serves_one_after_the_other_what_is_due_first_first() -> None:
    # All three are there when the first is done; the third is due first, then the second.
    floor = floor_of(job(0, 10), job(1, 30), job(2, 20), job(3, 35))

    alone = floor.serve(1, TEN, alike=True)
    assert (alone.attainment.met, alone.attainment.missed) == (3, 1)
    by_arrival = floor.serve(1, TEN, order="arrival", alike=True)
    # The one due at 20 is second to last now, and is done at 30.
    assert (by_arrival.attainment.met, by_arrival.attainment.missed) == (1 + 1, 2)
    assert floor.serve(2, TEN, alike=True).attainment.met == 4


def test_people_work_only_in_their_hours() -> None:
    # A Monday at 16:55 with ten minutes of work: done on Tuesday at 09:05.
    monday = 16 * 60 + 55
    tuesday = 24 * 60 + 9 * 60 + 5
    assert floor_of(job(monday, tuesday), hours=DAY).serve(1, TEN).attainment.met == 1
    assert floor_of(job(monday, tuesday - 1), hours=DAY).serve(1, TEN).attainment.missed == 1


def test_what_would_not_be_done_by_now_is_open() -> None:
    jobs = (job(0, 5), job(0, 500), job(0, 500))
    fared = floor_of(*jobs, now=at(15)).serve(1, TEN, alike=True).attainment

    # Ten minutes are too long for the first; the other two are not due yet.
    assert (fared.met, fared.missed, fared.open_in_time, fared.open_overdue) == (0, 1, 2, 0)


def test_people_and_handling_times_are_read_off_the_approvals() -> None:
    floor = floor_of(
        job(0, 500, 20, "Mara"),  # her first: when she began is not known
        job(0, 500, 26, "Mara"),  # 6 minutes after it
        job(30, 500, 34, "Mara"),  # arrived after it: 4 minutes
        job(0, 500, 90, "Mara"),  # longer than a break
        job(0, 500, 40, "Otto"),
        job(0, 500, 48, "Otto"),  # 8 minutes
        job(0, 500, 1500, "Otto"),  # the next day, alone
        job(0, 500),
    )
    found = floor.calibrate()

    assert (found.jobs, found.gaps, found.handling_seconds) == (8, 3, 360)
    # Two people on one day, one on the other: the lower of the two middle ones.
    assert (found.people, found.days) == (1, 2)
    assert found.small
    # 4, 6 and 8 minutes are kept where they were measured, six stands for the others.
    busy = floor.serve(1, 360.0).busy
    assert busy == pytest.approx((5 * 6 + 4 + 6 + 8) / (60 * 24 * 60), rel=1e-6)


def test_an_answer_without_a_promise_takes_its_time_and_is_not_judged() -> None:
    floor = floor_of(Job(at(0), None, None), job(1, 19))

    fared = floor.serve(1, TEN, order="arrival", alike=True).attainment
    assert (fared.met, fared.missed) == (0, 1)
    assert (floor.calibrate().jobs, floor.calibrate().unpromised) == (1, 1)
    assert (floor.real.met, floor.real.missed) == (0, 1)


def test_without_approvals_nothing_is_known_of_the_people() -> None:
    found = floor_of(job(0, 10)).calibrate()
    assert (found.people, found.handling_seconds, found.gaps) == (None, None, 0)


@pytest.mark.parametrize(("people", "seconds"), [(0, 60.0), (-1, 60.0), (1, 0.0)])
def test_nobody_or_no_time_is_no_model(people: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot answer"):
        floor_of(job(0, 10)).serve(people, seconds)


def test_the_order_is_the_one_that_fits_what_happened() -> None:
    # Really the one due first waited behind the one that came first.
    jobs = (job(0, 10, 10, "Mara"), job(1, 500, 20, "Mara"), job(2, 25, 30, "Mara"))
    order, fitted = floor_of(*jobs).fitting_order(1, TEN, alike=True)

    assert order == "arrival"
    assert (fitted.attainment.met, fitted.attainment.missed) == (2, 1)


minutes = st.integers(0, 3 * 24 * 60)
made = st.lists(st.tuples(minutes, st.integers(1, 600)), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(drawn=made, people=st.integers(1, 5), order=st.sampled_from(["due", "arrival"]))
def test_with_answers_that_take_alike_one_person_more_never_makes_it_worse_by_arrival(
    drawn: list[tuple[int, int]], people: int, order: Order
) -> None:
    floor = floor_of(*(job(arrived, arrived + within) for arrived, within in drawn), hours=DAY)

    fewer = floor.serve(people, TEN, order="arrival", alike=True).attainment
    more = floor.serve(people + 1, TEN, order="arrival", alike=True).attainment

    assert more.missed + more.open_overdue <= fewer.missed + fewer.open_overdue
    served = floor.serve(people, TEN, order=order, alike=True).attainment
    assert served.met + served.missed + served.open_in_time + served.open_overdue == len(drawn)


def test_serving_what_is_due_first_one_person_more_can_rarely_be_worse() -> None:
    drawn = [
        *((32, 76), (6, 83), (47, 40), (72, 84), (76, 36), (11, 56)),
        *((34, 12), (16, 41), (57, 75), (76, 18), (28, 88)),
    ]
    floor = floor_of(*(job(arrived, arrived + within) for arrived, within in drawn))

    # Two begin something that can wait a moment before the one comes that cannot.
    assert floor.serve(1, TEN, alike=True).attainment.missed == 0
    assert floor.serve(2, TEN, alike=True).attainment.missed == 1


@settings(max_examples=50, deadline=None)
@given(drawn=made)
def test_enough_people_answer_each_at_once(drawn: list[tuple[int, int]]) -> None:
    floor = floor_of(*(job(arrived, arrived + within) for arrived, within in drawn))
    fared = floor.serve(len(drawn), TEN, alike=True).attainment
    assert fared.met == sum(within >= 10 for _, within in drawn)
