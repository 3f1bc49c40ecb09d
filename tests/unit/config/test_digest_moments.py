"""Moments of the week: how they are written, and which was the last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import check_text
from monitor.config.digest import parse_moment
from monitor.config.problems import Misfit

BERLIN = ZoneInfo("Europe/Berlin")
CONFIG = """\
brands: [{{key: b, name: B}}]
inbox: {{brand: b}}
slack:
  bot_token: env:A
  app_token: env:A
  channel: C0123456789
  approvers: [U0123456789]
  digest: {digest}
"""


def said(digest: str) -> list[str]:
    text = CONFIG.format(digest=digest)
    return [str(one) for one in check_text(text, "config.yaml", environ={"A": "x"})]


@pytest.mark.parametrize(
    ("written", "days", "again"),
    [
        ("08:30", (0, 1, 2, 3, 4, 5, 6), "08:30"),
        ("8:30", (0, 1, 2, 3, 4, 5, 6), "08:30"),
        ("mon 08:30", (0,), "mon 08:30"),
        ("Mon-Fri  17:00", (0, 1, 2, 3, 4), "mon-fri 17:00"),
        ("sat-mon 00:00", (5, 6, 0), "sat-mon 00:00"),
        ("sun-sat 23:59", (6, 0, 1, 2, 3, 4, 5), "23:59"),
    ],
)
def test_moments_are_read_and_written(written: str, days: tuple[int, ...], again: str) -> None:
    assert parse_moment(written).days == days
    assert str(parse_moment(written)) == again
    assert parse_moment(again).at == parse_moment(written).at


@pytest.mark.parametrize("written", ["", "24:00", "08:60", "monday 08:30", "mon-08:30", "830", 830])
def test_what_is_no_moment_is_refused(written: object) -> None:
    with pytest.raises(Misfit):
        parse_moment(written)


def test_the_last_moment_is_found_in_local_time() -> None:
    daily = parse_moment("08:30")
    winter = datetime(2026, 3, 2, 7, 29, tzinfo=UTC)  # 08:29 in Berlin
    assert daily.latest(winter, BERLIN) == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert daily.latest(winter + timedelta(minutes=1), BERLIN) == datetime(
        2026, 3, 2, 7, 30, tzinfo=UTC
    )
    summer = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert daily.latest(summer, BERLIN) == summer
    assert daily.before(summer, BERLIN) == summer - timedelta(days=1)
    working = parse_moment("mon-fri 08:30")
    monday = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert working.before(monday, BERLIN) == datetime(2026, 2, 27, 7, 30, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_comes_all_the_same() -> None:
    skipped = parse_moment("02:30")  # on 29 March 2026 it is 03:30 at once
    at = skipped.latest(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    assert at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(
    st.sampled_from(["08:30", "mon 08:30", "fri-sun 02:30", "sun 00:00"]),
    st.integers(0, 6 * 365 * 24 * 60),
)
def test_moments_follow_each_other(written: str, minutes: int) -> None:
    moment = parse_moment(written)
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    last = moment.latest(now, BERLIN)
    assert last <= now < last + timedelta(days=7, hours=2)
    assert moment.latest(last, BERLIN) == last
    assert moment.before(last, BERLIN) < last


def test_a_digest_that_is_never_told_is_a_problem() -> None:
    assert said('{daily: "08:30"}') == []
    assert said("{daily: 08:30, weekly: mon 08:30, timezone: Europe/Berlin}") == []
    [line] = said("{timezone: Europe/Berlin}")
    assert "is never told" in line
    [line] = said("{daily: noon}")
    assert "no moment of the week" in line
    assert 'such as "08:30"' in line
