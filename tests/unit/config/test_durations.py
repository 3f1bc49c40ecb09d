from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("1.5h", timedelta(minutes=90)),
        ("500ms", timedelta(milliseconds=500)),
        (" 10 m ", timedelta(minutes=10)),
    ],
)
def test_a_number_and_a_unit_are_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "5", "m", "5 parsecs", "-5m", "0s", "1h30m", "٥m", "1e3s", "5M", "999999999w", "5m\n\nx"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer|long"):
        parse_duration(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=1, max_value=int(LONGEST.total_seconds())))
def test_what_is_written_is_read_back(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


def test_the_largest_unit_that_divides_is_used() -> None:
    lengths = [timedelta(seconds=90), timedelta(hours=36), timedelta(days=14)]
    assert [format_duration(length) for length in lengths] == ["90s", "36h", "2w"]
    assert format_duration(timedelta(milliseconds=250)) == "250ms"
