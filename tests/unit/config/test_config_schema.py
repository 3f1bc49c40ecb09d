from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest

from monitor.config import schema
from monitor.config.describe import describe, fields_of
from monitor.config.model import Config
from monitor.config.schema import DIALECT, shipped

GOOD: dict[str, Any] = {
    "version": 1,
    "database": "postgresql+psycopg://u@db/x",
    "brands": [{"key": "b", "name": "B", "languages": ["en", "pt-BR"]}],
    "sources": [
        {
            "key": "one",
            "connector": "demo",
            "brand": "b",
            "every": "90s",
            "backfill_since": "2026-01-01",
            "settings": {"base_url": "http://127.0.0.1"},
        },
        {
            "key": "two",
            "connector": "mastodon",
            "brand": "b",
            "settings": {
                "instance": "https://a.example",
                "token": "env:T",
                "logins": [{"user": "a", "password": "file:x"}],
            },
        },
        {"key": "three", "connector": "of-a-plugin", "brand": "b", "settings": {"a": [1]}},
    ],
    "slack": {"bot_token": "env:A", "app_token": "file:x", "channel": "C0123"},
    "calendars": [{"key": "c", "timezone": "UTC", "hours": {"mon": ["09:00-17:00"]}}],
    "sla": [{"key": "s", "when": {"urgency": ["high"]}, "first_response": "2h"}],
}


def faults(value: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema())
    return [error.json_path for error in validator.iter_errors(value)]


def test_it_is_a_schema_and_a_good_configuration_fits(connectors: None) -> None:
    assert schema()["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema())
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("brands.0.nmae", "x"),
        ("brands.0.key", "Not A Key"),
        ("sources.0.every", "5 parsecs"),
        ("sources.0.settings", {}),
        ("sources.0.settings.board", "nowhere"),
        ("sources.0.settings.token", "env:T"),
        ("sources.1.settings.token", "xoxb-1"),
        ("sources.1.settings.logins.0.password", "hunter2"),
        ("sources.1.settings.logins.0.more", "x"),
        ("slack.bot_token", "xoxb-1"),
        ("slack.channel", "#general"),
        ("engine", "other"),
        ("calendars.0.hours.mon", ["9-5"]),
        ("sla.0.when.urgency", ["some"]),
        ("sla.0.warn_at", 0),
        ("web", {"listen": "nowhere"}),
        ("unknown", 1),
    ],
)
def test_editors_mark_a_mistake(connectors: None, path: str, value: Any) -> None:
    wrong: Any = copy.deepcopy(GOOD)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = wrong
    for step in steps:
        inner = inner[step] if isinstance(inner, list) else inner.setdefault(step, {})
    inner[last] = value
    assert faults(wrong)


def test_settings_are_required_where_the_connector_needs_some(connectors: None) -> None:
    wrong = copy.deepcopy(GOOD)
    del wrong["sources"][0]["settings"]
    assert faults(wrong) == ["$.sources[0]"]


def test_every_key_has_a_description_and_every_plain_one_an_example() -> None:
    settings = list(describe(Config))
    assert len(settings) > 60
    for setting in settings:
        assert setting.description.endswith("."), setting.key
        if "mapping" not in setting.type:
            assert setting.example, setting.key


def test_every_connector_describes_its_settings() -> None:
    for kind in shipped():
        for setting in describe(kind.settings):
            assert setting.description, f"{kind.name}: {setting.key}"
        assert fields_of(kind.settings), kind.name
