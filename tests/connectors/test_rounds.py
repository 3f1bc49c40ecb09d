"""Rounds over a listing that is newest first: nothing is lost, whatever happens in between."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.rounds import Round

START = datetime(2026, 3, 1, tzinfo=UTC)
LAG = timedelta(minutes=10)

Item = tuple[int, str]
"""The minute in which something was written, and its id."""

ROUND = st.tuples(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=6),
    st.integers(1, 4),
    st.integers(0, 3),
)
"""What comes before a round (minutes since the last item, minutes of lateness), how many items a
page has, and after how many pages a crash loses what was not stored."""


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@given(st.lists(ROUND, min_size=1, max_size=6))
def test_what_is_shown_no_later_than_the_lag_is_found(
    rounds: list[tuple[list[tuple[int, int]], int, int]],
) -> None:
    listing: list[Item] = []
    found: set[str] = set()
    state: dict[str, object] = {}
    clock = 0
    for added, size, crash in rounds:
        for minutes, late in added:
            clock += minutes
            listing.append((clock - late, f"item {len(listing)}"))
        listing.sort(key=lambda one: (-one[0], one[1]))
        for number in range(len(listing) + 2):
            before = Round.resume(json.loads(json.dumps(state)))
            start = int(before.token or 0)
            page = listing[start : start + size]
            following = str(start + size) if start + size < len(listing) else ""
            times = [at(minute) for minute, _ in page]
            step = before.turn(
                [ident for _, ident in page],
                times,
                following,
                enough=before.behind(times, LAG),
                now=at(clock),
            )
            assert not step.circling
            if number == crash - 1:
                continue  # neither what was found nor the cursor was stored
            found |= {ident for _, ident in page}
            state = step.round.state()
            if step.finished:
                break
        else:
            raise AssertionError("the round never ends")
        assert found == {ident for _, ident in listing}
        assert set(state) <= {"mark"}


@given(
    st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6)), max_size=5),
    st.sampled_from(["", "a", "b"]),
    st.booleans(),
)
def test_the_mark_never_goes_back_nor_ahead_of_the_clock(
    minutes: list[int | None], following: str, enough: bool
) -> None:
    before = Round(mark=at(0), token="a", newest=at(-5))
    times = [None if minute is None else at(minute) for minute in minutes]
    step = before.turn([str(n) for n in minutes], times, following, enough=enough, now=at(100))
    assert step.round.mark is not None
    assert at(0) <= step.round.mark <= at(100)
    assert Round.resume(step.round.state()) == step.round


def test_a_state_that_cannot_be_read_counts_as_not_begun() -> None:
    assert Round.resume({"mark": "yesterday", "token": None, "newest": 7}) == Round()


def test_a_forgotten_token_begins_anew_only_once() -> None:
    assert Round().restarted() is None
    fresh = Round(mark=at(0), token="x", newest=at(3), shown="y").restarted()
    assert fresh == Round(mark=at(0), again=True)
    assert Round(token="x", again=True).restarted() is None
