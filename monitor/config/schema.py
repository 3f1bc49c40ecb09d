"""The JSON Schema of the configuration, for completion and checks in editors."""

from __future__ import annotations

import json
from typing import Any

from connectors import registry
from connectors.base import ConnectorKind
from monitor.config.model import Config

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file.

    `settings` of a source follow its `connector`: one branch for each shipped connector that can
    be loaded. Settings of plugins are only checked by `load`.
    """
    whole = Config.model_json_schema()
    definitions: dict[str, Any] = whole.setdefault("$defs", {})
    source = definitions["Source"]
    names = sorted(registry.SHIPPED)
    source["properties"]["connector"] = {
        "description": source["properties"]["connector"]["description"],
        "anyOf": [{"enum": names}, {"type": "string"}],
    }
    branches = []
    for kind in shipped():
        place = f"settings.{kind.name}"
        definitions |= _settings_schema(kind, place)
        needed = kind.settings.model_json_schema().get("required", [])
        then: dict[str, Any] = {"properties": {"settings": {"$ref": f"#/$defs/{place}"}}}
        if needed:
            then["required"] = ["settings"]
        branches.append(
            {
                "if": {
                    "properties": {"connector": {"const": kind.name}},
                    "required": ["connector"],
                },
                "then": then,
            }
        )
    if branches:
        source["allOf"] = branches
    result = {"$schema": DIALECT, **whole, "title": "Rapport configuration"}
    cleaned: dict[str, Any] = _without_titles(result)
    return cleaned


def shipped() -> list[ConnectorKind]:
    """Return the shipped connectors that can be loaded, by name."""
    found = []
    for name in sorted(registry.SHIPPED):
        try:
            found.append(registry.load(name))
        except ImportError:
            continue  # `load` and `check` report it where the connector is used
    return found


def _settings_schema(kind: ConnectorKind, place: str) -> dict[str, Any]:
    """Return the settings' schema and all it refers to, under names that begin with `place`."""
    own = kind.settings.model_json_schema(ref_template=f"#/$defs/{place}.{{model}}")
    inner = own.pop("$defs", {})
    own["title"] = f"Settings of {kind.title}"
    return {place: own, **{f"{place}.{name}": part for name, part in inner.items()}}


def _without_titles(part: Any) -> Any:
    """Drop the titles that pydantic makes of key names: editors would show them as text."""
    if isinstance(part, dict):
        return {
            key: _without_titles(value)
            for key, value in part.items()
            if not (key == "title" and isinstance(value, str) and _is_made_up(value))
        }
    if isinstance(part, list):
        return [_without_titles(value) for value in part]
    return part


def _is_made_up(title: str) -> bool:
    return not title.startswith(("Rapport", "Settings of"))


def schema_text() -> str:
    """Return the schema as it is written to a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"
