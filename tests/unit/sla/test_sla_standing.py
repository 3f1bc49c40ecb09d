"""Pauses in which the customer had the last word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.sla import Segment
from monitor.sla.standing import waited_in_pauses, waits

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def pause(start: float, end: float | None) -> Segment:
    return Segment(at(start), None if end is None else at(end), "waiting for the customer")


def test_the_customer_waits_from_the_first_word_to_the_answer() -> None:
    assert waits([at(0), at(5)], [at(10)], at(60)) == [(at(0), at(10))]
    assert waits([at(0), at(20)], [at(10)], at(60)) == [(at(0), at(10)), (at(20), at(60))]


def test_an_answer_at_the_time_of_a_word_answers_it() -> None:
    assert waits([at(5)], [at(5)], at(60)) == []


def test_an_answer_to_nothing_is_no_end() -> None:
    assert waits([at(20)], [at(5), at(10)], at(30)) == [(at(20), at(30))]


def test_a_pause_after_the_answer_is_as_it_should_be() -> None:
    assert waited_in_pauses([pause(10, 50)], [at(0), at(50)], [at(10)], at(60)) == []


def test_a_word_inside_a_pause_is_found_with_the_time_it_waited() -> None:
    (found,) = waited_in_pauses([pause(10, 50)], [at(0), at(30)], [at(10)], at(60))

    assert (found.spans, found.seconds) == (((at(30), at(50)),), 20 * 60)


def test_a_pause_before_any_answer_is_found() -> None:
    (found,) = waited_in_pauses([pause(10, None)], [at(0)], [], at(60))

    assert found.seconds == 50 * 60


def test_an_answer_inside_the_pause_ends_the_wait() -> None:
    (found,) = waited_in_pauses([pause(0, 60)], [at(10), at(40)], [at(20)], at(90))

    assert found.spans == ((at(10), at(20)), (at(40), at(60)))


def test_without_pauses_nobody_waited_in_one() -> None:
    assert waited_in_pauses([], [at(0)], [], at(60)) == []


minutes = st.integers(0, 300)


@given(
    st.lists(st.tuples(minutes, minutes), max_size=4),
    st.lists(minutes, max_size=6),
    st.lists(minutes, max_size=6),
)
def test_it_agrees_with_looking_at_every_minute(
    stretches: list[tuple[int, int]], words: list[int], answers: list[int]
) -> None:
    pauses = [pause(start, start + length) for start, length in stretches]
    found = waited_in_pauses(pauses, map(at, words), map(at, answers), at(300))

    def waited(minute: int) -> bool:
        moment = at(minute + 0.5)
        if not any(each.start <= moment and moment < each.end for each in pauses if each.end):
            return False
        spoken = [word for word in words if word <= minute]
        return bool(spoken) and not any(max(spoken) <= each <= minute for each in answers)

    assert sum(each.seconds for each in found) == 60 * sum(waited(each) for each in range(300))
