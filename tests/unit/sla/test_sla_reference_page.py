"""The worked examples of docs/reference/sla.md, computed by the code."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.sla import (
    Lead,
    Policy,
    Sample,
    Segment,
    due_at,
    elapsed,
    explain,
    make_snapshot,
    outcome,
    summarise,
)
from monitor.sla.ladder import Rung, plan

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/sla.md").read_text("utf-8")
HOUR = 3600


def _calendars() -> dict[str, Calendar]:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return {"always": ALWAYS} | {
        each["key"]: Calendar(
            each["key"],
            each["timezone"],
            parse_week(each["hours"]),
            frozenset(each.get("holidays", ())),
        )
        for each in yaml.safe_load(written)
    }


def _table(heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading."""
    section = re.split(rf"^#+ {heading}$", PAGE, flags=re.MULTILINE)[-1]
    rows = re.search(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", section, re.MULTILINE)
    assert rows, f"no table under {heading!r}"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()]


def _seconds(text: str) -> int:
    """Read ``1 h 15 min`` or ``-30 min``."""
    parts = re.findall(r"(\d+) (h|min|s)\b", text)
    assert parts, text
    total = sum(int(count) * {"h": HOUR, "min": 60, "s": 1}[unit] for count, unit in parts)
    return -total if text.startswith("-") else total


CALENDARS = _calendars()
at = datetime.fromisoformat


def _snapshot(calendar: str, seconds: int = 8 * HOUR):
    policy = Policy("standard", calendar, first_response=seconds)
    return make_snapshot(policy, CALENDARS[calendar])


@pytest.mark.parametrize(("calendar", "start", "target", "due", "_why"), _table("Deadlines"))
def test_a_deadline_on_the_page_is_the_one_computed(calendar, start, target, due, _why) -> None:
    found = due_at(_snapshot(calendar, _seconds(target)), "first_response", at(start))

    assert found == at(due)
    # The page shows local time: its offset must be the one in force there and then.
    if calendar != "always":
        assert at(due).utcoffset() == found.astimezone(CALENDARS[calendar].zone).utcoffset()


def test_who_is_told_when_is_as_on_the_page() -> None:
    policy = Policy("standard", "office", first_response=8 * HOUR, warn_at=(0.5, Lead(HOUR // 2)))
    steps = {
        "warning": Rung(None),
        "due": Rung(0, HOUR, 3),
        "+3h": Rung(3 * HOUR),
        "+4h": Rung(4 * HOUR),
    }
    snapshot = make_snapshot(policy, CALENDARS["office"])
    start = at("2026-03-27T09:00+01:00")

    calls = plan(list(steps.values()), snapshot, "first_response", start)

    names = list(steps)
    told = [(step, at(moment)) for step, moment, _why in _table("Who is told when")]
    assert [(names[call.rung], call.at) for call in calls] == told


@pytest.mark.parametrize(
    ("calendar", "start", "stop", "business", "wall", "_why"), _table("Time taken")
)
def test_a_time_on_the_page_is_the_one_computed(calendar, start, stop, business, wall, _why):
    taken = elapsed(_snapshot(calendar), at(start), at(stop))

    assert (taken.business, taken.wall) == (_seconds(business), _seconds(wall))


@pytest.mark.parametrize(
    ("stopped", "asked", "state", "deadline", "remaining"),
    _table("Worked examples(?s:.*?)### Kept or broken"),
)
def test_an_outcome_on_the_page_is_the_one_computed(
    stopped, asked, state, deadline, remaining
) -> None:
    found = outcome(
        _snapshot("office"),
        "first_response",
        at("2026-03-23T09:00+01:00"),
        now=at(asked),
        stopped_at=None if stopped == "-" else at(stopped),
    )

    assert (found.state, found.due_at, found.left) == (state, at(deadline), _seconds(remaining))


def test_the_figures_on_the_page_are_the_ones_computed() -> None:
    received = at("2026-03-23T09:00+01:00")
    hours = (1, 1, 2, 2, 3, 3, 4, 40)
    samples = [
        Sample(received, "met" if each < 40 else "breached", each * HOUR, each * HOUR)
        for each in hours
    ]
    found = summarise([*samples, Sample(received, "running"), Sample(received, "overdue")])
    said = dict(_table("Figures"))

    assert found.attainment.share == Fraction(said["attainment"])
    assert found.attainment.share_with_overdue == float(Fraction(said["attainment with overdue"]))
    assert found.response_rate == float(Fraction(said["response rate"]))
    assert found.median_business == _seconds(said["median"])
    assert found.p90_business == _seconds(said["p90"])


def test_the_story_on_the_page_is_the_one_told() -> None:
    (told,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    snapshot = _snapshot("office")
    paused = Segment(
        at("2026-04-07T10:00+02:00"),
        at("2026-04-07T10:00+02:00") + timedelta(hours=1),
        "waiting for the customer",
    )
    story = explain(snapshot, "first_response", at("2026-04-02T16:45+02:00"), [paused])

    assert told.replace("VERSION", snapshot.version).splitlines() == story
