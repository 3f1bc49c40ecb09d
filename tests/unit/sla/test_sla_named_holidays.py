"""What holidays are called is told and kept, and promises nothing."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date, datetime

import pytest

from monitor.hours import Calendar, parse_week
from monitor.sla import Policy, Snapshot, explain, make_snapshot
from monitor.sla.story import tell_open_time

FRIDAY = date(2026, 4, 3)
WEEK = parse_week({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")})
POLICY = Policy("standard", "office", first_response=7200)
PLAIN = Calendar("office", "Europe/Berlin", WEEK, frozenset({FRIDAY}))
NAMED = Calendar("office", "Europe/Berlin", WEEK, frozenset({FRIDAY}), {FRIDAY: "Karfreitag"})
THURSDAY = datetime.fromisoformat("2026-04-02T16:00+02:00")


def test_the_story_tells_the_name_of_a_holiday_that_was_skipped() -> None:
    told = "Holiday skipped: Fri 2026-04-03, Karfreitag (Europe/Berlin)."
    assert told in explain(make_snapshot(POLICY, NAMED), "first_response", THURSDAY)
    due = datetime.fromisoformat("2026-04-06T10:00+02:00")
    assert told in tell_open_time(NAMED, THURSDAY, due)
    assert told.replace(", Karfreitag", "") in tell_open_time(PLAIN, THURSDAY, due)


def test_a_name_makes_no_other_calendar_and_no_new_version() -> None:
    assert NAMED == PLAIN
    assert hash(NAMED) == hash(PLAIN)
    assert make_snapshot(POLICY, NAMED).digest == make_snapshot(POLICY, PLAIN).digest


def test_names_survive_storage_copies_and_pickles() -> None:
    stored = json.loads(json.dumps(make_snapshot(POLICY, NAMED).to_json()))
    for twin in (
        Snapshot.from_json(stored).calendar,
        copy.deepcopy(NAMED),
        pickle.loads(pickle.dumps(NAMED)),
    ):
        assert dict(twin.names) == {FRIDAY: "Karfreitag"}
    assert Snapshot.from_json(stored).digest == make_snapshot(POLICY, NAMED).digest


def test_a_calendar_without_names_is_stored_as_it_always_was() -> None:
    assert "names" not in PLAIN.to_json()
    assert Calendar.from_json(PLAIN.to_json()).names == {}


def test_only_holidays_have_names_and_they_fit_on_a_line() -> None:
    names = {FRIDAY: "a\nlong " + 100 * "x", date(2026, 4, 4): "no holiday"}
    found = Calendar("office", "UTC", WEEK, frozenset({FRIDAY}), names).names
    assert list(found) == [FRIDAY]
    assert found[FRIDAY].startswith("a long xx")
    assert len(found[FRIDAY]) == 80


@pytest.mark.parametrize("names", [{"x": "y"}, ["2026-04-03"], 7])
def test_stored_names_that_are_none_are_refused(names: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Calendar.from_json({**PLAIN.to_json(), "names": names})
