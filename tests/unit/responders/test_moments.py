"""Until when a case is put off, as people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.moments import read_moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)  # 9:00 in Berlin


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2h", NOW + timedelta(hours=2)),
        (" 30m ", NOW + timedelta(minutes=30)),
        ("1.5h", NOW + timedelta(minutes=90)),
        ("14:30", datetime(2026, 12, 1, 13, 30, tzinfo=UTC)),
        ("8:30", datetime(2026, 12, 2, 7, 30, tzinfo=UTC)),
        ("9:00", datetime(2026, 12, 2, 8, 0, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 12, 2, 8, 0, tzinfo=UTC)),
        ("Tomorrow 14:30", datetime(2026, 12, 2, 13, 30, tzinfo=UTC)),
        ("today 18:00", datetime(2026, 12, 1, 17, 0, tzinfo=UTC)),
        ("2027-06-01", datetime(2027, 6, 1, 7, 0, tzinfo=UTC)),
        ("2027-06-01T10:15", datetime(2027, 6, 1, 8, 15, tzinfo=UTC)),
        ("customer", None),
    ],
)
def test_what_people_write_is_read(written: str, meant: datetime | None) -> None:
    assert read_moment(written, NOW, BERLIN) == meant


@pytest.mark.parametrize(
    "written", ["", "soon", "25:00", "2026-02-30", "-2h", "0s", "14:30 tomorrow"]
)
def test_what_is_no_time_says_what_can_be_written(written: str) -> None:
    with pytest.raises(ValueError, match="write how long"):
        read_moment(written, NOW, BERLIN)


def test_a_night_that_changes_the_clocks_counts_by_the_wall() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert read_moment("tomorrow 9:00", before, BERLIN) == datetime(2026, 10, 25, 8, tzinfo=UTC)


@given(st.text(max_size=30))
def test_nothing_that_is_written_breaks_it(written: str) -> None:
    try:
        found = read_moment(written, NOW, BERLIN)
    except ValueError:
        return
    assert found is None or found.tzinfo is UTC or found >= NOW
