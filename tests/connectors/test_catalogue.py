"""Questions, schema and advice come from the settings themselves."""

from __future__ import annotations

import pytest

from connectors import registry
from connectors.base import ConnectorKind
from connectors.catalogue import (
    USUAL_ADVICE,
    advice_for,
    questions,
    secrets_of,
    settings_schema,
)
from connectors.errors import AuthFailed, BadSettings, ConnectorError, Rejected
from connectors.mastodon import MastodonSettings
from connectors.safety import AddressRefused
from connectors.secrets import Secret


def kind(name: str) -> ConnectorKind:
    return registry.load(name)


def test_required_questions_come_first_and_secrets_are_marked() -> None:
    asked = questions(kind("mastodon"))
    assert [(q.name, q.type, q.required) for q in asked[:2]] == [
        ("base_url", "text", True),
        ("token", "secret", True),
    ]
    assert [q.name for q in asked if q.secret] == ["token"]
    by_name = {q.name: q for q in asked}
    assert by_name["visibility"].choices == ("public", "unlisted", "private", "direct")
    assert (by_name["tags"].type, by_name["tags"].default) == ("list", [])
    assert by_name["mentions"].shown_default == "true"
    assert by_name["base_url"].examples == ("https://mastodon.social",)


def test_fields_of_a_group_are_asked_one_by_one() -> None:
    names = [q.name for q in questions(kind("file"))]
    assert names[0] == "path"
    assert {"columns.text", "columns.rating_max", "encoding"} <= set(names)
    assert "columns" not in names


def test_the_schema_stands_alone() -> None:
    schema = settings_schema(kind("file"))
    assert "$ref" not in str(schema)
    assert "$defs" not in schema
    assert schema["properties"]["columns"]["properties"]["text"]["description"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["path"]
    token = settings_schema(kind("mastodon"))["properties"]["token"]
    assert (token["type"], token["format"]) == ("string", "secret-reference")


def test_advice_is_the_connectors_own_else_the_usual_one() -> None:
    assert "scopes" in advice_for(kind("mastodon"), AuthFailed("x"))
    assert advice_for(kind("mastodon"), BadSettings("x")) == USUAL_ADVICE["BadSettings"]
    assert advice_for(kind("page"), AddressRefused("h")) == advice_for(kind("page"), Rejected("x"))
    assert advice_for(kind("page"), ConnectorError("x")) == ""


@pytest.mark.parametrize("error", ConnectorError.__subclasses__())
def test_every_error_has_usual_advice(error: type[ConnectorError]) -> None:
    assert USUAL_ADVICE[error.__name__]


def test_secrets_of_settings_are_found() -> None:
    said = MastodonSettings.model_validate({"base_url": "https://m.example", "token": "env:T"})
    assert secrets_of(said) == {"token": Secret("env:T")}
    assert "env:T" in repr(said)
