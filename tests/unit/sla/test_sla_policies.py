"""Which policy holds, and how it is frozen on a case."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitor.hours import ALWAYS, Calendar, parse_week
from monitor.sla import (
    DEFAULT_POLICY,
    Conditions,
    Facts,
    NoTarget,
    Policy,
    Snapshot,
    make_snapshot,
    match,
)

OFFICE = Calendar(
    "office", "Europe/Berlin", parse_week({"mon": ["09:00-17:00"]}), frozenset({date(2026, 12, 25)})
)
URGENT = Policy(
    "urgent",
    "office",
    first_response=7200,
    resolution=86_400,
    when=Conditions(rating_at_most=1, urgency=("high", "urgent")),
)
STANDARD = Policy("standard", "office", first_response=28_800)


def test_the_first_policy_whose_conditions_are_met_holds() -> None:
    policies = [URGENT, STANDARD, replace(STANDARD, key="never reached")]

    assert match(policies, Facts(rating=1, urgency="high")).key == "urgent"
    assert match(policies, Facts(rating=1, urgency="low")).key == "standard"


def test_what_no_policy_wants_gets_the_built_in_one() -> None:
    assert match([URGENT], Facts(rating=5)) is DEFAULT_POLICY
    assert match([], Facts()) is DEFAULT_POLICY
    assert make_snapshot(DEFAULT_POLICY, ALWAYS).targets == {"first_response": 24 * 3600}


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ({}, {}, True),
        ({"rating_at_most": 2}, {"rating": 2}, True),
        ({"rating_at_most": 2}, {"rating": 2.1}, False),
        ({"rating_at_most": 2}, {"rating": None}, False),
        ({"rating_at_least": 4}, {"rating": 4}, True),
        ({"rating_at_least": 4}, {"rating": 3.9}, False),
        ({"rating_at_least": 4}, {"rating": None}, False),
        ({"rating_at_least": 2, "rating_at_most": 3}, {"rating": 2.5}, True),
        ({"source": ["board", "feed"]}, {"source": "feed"}, True),
        ({"source": "feed"}, {"source": "feed"}, True),
        ({"source": ["board"]}, {"source": "feed"}, False),
        ({"brand": ["harbour"]}, {"brand": "Harbour"}, True),
        ({"location": ["quay"]}, {"location": ""}, False),
        ({"language": ["en"]}, {"language": "en-GB"}, True),
        ({"language": ["en"]}, {"language": "en_US"}, True),
        ({"language": ["en-gb"]}, {"language": "en-GB"}, True),
        ({"language": ["en-GB"]}, {"language": "en"}, False),
        ({"language": ["en"]}, {"language": "eng"}, False),
        ({"urgency": ["high"], "brand": ["harbour"]}, {"urgency": "high", "brand": "x"}, False),
        ({"rating_at_most": None, "source": None}, {}, True),
        ({"topic": ["billing", "safety"]}, {"topics": ("staff", "safety")}, True),
        ({"topic": ["billing"]}, {"topics": ("staff",)}, False),
        ({"topic": ["billing"]}, {}, False),
        ({"tier": ["gold", "silver"]}, {"tier": "gold"}, True),
        ({"tier": ["gold"]}, {"tier": ""}, False),
        ({"reach_at_least": 100}, {"reach": 100}, True),
        ({"reach_at_least": 100}, {"reach": 99}, False),
        ({"reach_at_least": 1}, {"reach": None}, False),
    ],
)
def test_every_condition_must_be_met(
    when: dict[str, Any], facts: dict[str, Any], holds: bool
) -> None:
    assert Conditions.of(when).hold_for(Facts(**facts)) is holds


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"stars": 1}, "unknown condition 'stars'; expected rating_at_most"),
        ({"rating_at_most": "two"}, "'two' is not a number of stars"),
        ({"rating_at_most": True}, "True is not a number of stars"),
    ],
)
def test_wrong_conditions_are_refused(when: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Conditions.of(when)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "promises nothing"),
        ({"first_response": 0}, "first_response: 0 seconds is no target"),
        ({"resolution": -1}, "resolution: -1 seconds is no target"),
        ({"next_response": 1.5}, "next_response: 1.5 seconds is no target"),
        ({"first_response": True}, "first_response: True seconds is no target"),
        ({"first_response": 60, "warn_at": 0}, "warn_at: 0 is no share"),
        ({"first_response": 60, "warn_at": 1.01}, "warn_at: 1.01 is no share"),
        ({"first_response": 60, "wall": ("resolution",)}, "wall: 'resolution' is no target that"),
        ({"first_response": 60, "wall": ("third",)}, "wall: 'third' is no target that it promises"),
    ],
)
def test_a_wrong_policy_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Policy("p", **given)


def test_a_snapshot_survives_storage_as_json() -> None:
    snapshot = make_snapshot(URGENT, OFFICE)
    stored = json.loads(json.dumps(snapshot.to_json()))

    assert Snapshot.from_json(stored) == snapshot
    assert Snapshot.from_json(stored).digest == snapshot.digest


def test_the_digest_is_the_same_in_every_release() -> None:
    # Cases of years point at their policy by this digest: it may only change with FORMAT.
    stored = (
        '{"calendar":{"holidays":["2026-12-25"],"key":"office","timezone":"Europe/Berlin","week":'
        '{"fri":[],"mon":[[540,1020]],"sat":[],"sun":[],"thu":[],"tue":[],"wed":[]}},"format":1,'
        '"policy":{"calendar":"office","key":"urgent","targets":{"first_response":7200,'
        '"resolution":86400},"warn_at":0.75,"when":{"rating_at_most":1.0,'
        '"urgency":["high","urgent"]}}}'
    )
    digest = hashlib.sha256(stored.encode()).hexdigest()

    assert make_snapshot(URGENT, OFFICE).digest == digest
    assert make_snapshot(URGENT, OFFICE).version == digest[:8]


@pytest.mark.parametrize(
    "change",
    [
        {"first_response": 7201},
        {"next_response": 60},
        {"warn_at": 0.5},
        {"when": Conditions(rating_at_most=2)},
        {"key": "renamed"},
    ],
)
def test_every_change_of_a_policy_is_a_new_version(change: dict[str, Any]) -> None:
    changed = make_snapshot(replace(URGENT, **change), OFFICE)

    assert changed.digest != make_snapshot(URGENT, OFFICE).digest


def test_every_change_of_a_calendar_is_a_new_version() -> None:
    week = {0: ((540, 1020),)}
    digests = {
        make_snapshot(STANDARD, Calendar("office", zone, {**week, **more}, off)).digest
        for zone, more, off in (
            ("Europe/Berlin", {}, frozenset()),
            ("Europe/Paris", {}, frozenset()),
            ("Europe/Berlin", {1: ((540, 1020),)}, frozenset()),
            ("Europe/Berlin", {}, frozenset({date(2026, 1, 1)})),
        )
    }

    assert len(digests) == 4


def test_the_way_a_policy_is_written_is_no_new_version() -> None:
    one = Policy("p", first_response=60, warn_at=1, when=Conditions.of({"rating_at_most": 1}))
    two = Policy("p", first_response=60, warn_at=1.0, when=Conditions.of({"rating_at_most": 1.0}))

    assert make_snapshot(one, ALWAYS).digest == make_snapshot(two, ALWAYS).digest


def test_what_counts_day_and_night_is_a_new_version_and_survives_storage() -> None:
    plain = replace(URGENT, wall=("resolution",))
    snapshot = make_snapshot(plain, OFFICE)
    stored = json.loads(json.dumps(snapshot.to_json()))

    assert stored["format"] == 2
    assert snapshot.digest != make_snapshot(URGENT, OFFICE).digest
    assert Snapshot.from_json(stored) == snapshot
    assert snapshot.counts_by("resolution") is ALWAYS
    assert snapshot.counts_by("first_response") is OFFICE


def test_a_policy_that_asks_for_more_is_stored_in_the_second_format() -> None:
    for when in (Conditions(topic=("a",)), Conditions(tier=("a",)), Conditions(reach_at_least=5)):
        stored = make_snapshot(replace(URGENT, when=when), OFFICE).to_json()
        assert stored["format"] == 2
        assert Snapshot.from_json(json.loads(json.dumps(stored))).policy.when == when


def test_the_order_in_which_plain_targets_are_named_is_no_new_version() -> None:
    one = replace(URGENT, wall=("resolution", "first_response"))
    two = replace(URGENT, wall=("first_response", "resolution"))

    assert make_snapshot(one, OFFICE).digest == make_snapshot(two, OFFICE).digest


def test_a_policy_is_not_frozen_with_another_calendar() -> None:
    with pytest.raises(ValueError, match="'standard' counts by calendar 'office', not by 'always'"):
        make_snapshot(STANDARD, ALWAYS)


def test_a_target_that_is_not_promised_is_an_error_by_name() -> None:
    with pytest.raises(NoTarget, match="'standard' promises no 'resolution'"):
        make_snapshot(STANDARD, OFFICE).seconds("resolution")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 3}, "format 3; this release reads 1 and 2"),
        ({"policy": None}, "not a stored policy"),
        ({"calendar": {}}, "not a stored calendar"),
        ({"policy": {**STANDARD.to_json(), "targets": {"third_response": 1}}}, "not a stored"),
    ],
)
def test_what_is_no_snapshot_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Snapshot.from_json({**make_snapshot(STANDARD, OFFICE).to_json(), **change})


@pytest.mark.parametrize("data", [{}, [], None, {"format": 1}])
def test_data_of_another_shape_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"snapshot"):
        Snapshot.from_json(data)
