"""Checks what an app sends against Slack's published rules.

The Block Kit schema and the method specifications lie beside the repository; where they are
absent, the limits that no schema knows are still checked.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from tests.support.slack_server.sdk_checks import block_faults, view_faults

SHARED = "RAPPORT_SHARED"
"""Names the folder of published rules, for a checkout that they do not lie beside."""

BESIDE = Path(__file__).resolve().parents[4] / "shared"
REFERENCE = Path(os.environ.get(SHARED, BESIDE)) / "slack"
TEXT_TOTAL = 9000
NOT_IN_SPECIFICATION = {"client_msg_id"}


class Checker:
    """Finds faults in arguments and payloads. `reference` is the folder of published rules."""

    def __init__(self, reference: Path = REFERENCE) -> None:
        self._methods = reference / "payloads" / "reference" / "methods"
        found = sorted(reference.glob("checker/*.schema.json"))
        self._validators: dict[str, Any] = _validators(found[0]) if found else {}

    @property
    def has_reference(self) -> bool:
        """Tell whether the published rules are at hand."""
        return bool(self._validators)

    def arguments(self, method: str, arguments: dict[str, Any]) -> list[str]:
        """Return what is wrong with the names of a method's arguments."""
        told = _arguments(self._methods / f"{method}.json")
        if told is None:
            return []
        unknown = set(arguments) - set(told["properties"]) - NOT_IN_SPECIFICATION
        missing = set(told.get("required", [])) - set(arguments) - {"token"}
        return [f"{method}: unknown argument {one}" for one in sorted(unknown)] + [
            f"{method}: missing argument {one}" for one in sorted(missing)
        ]

    def message(self, body: dict[str, Any]) -> list[str]:
        """Return the faults of a message's blocks."""
        blocks = body.get("blocks") or []
        return self._blocks(blocks, 50) + block_faults(blocks) + _uncaught(blocks)

    def home(self, view: dict[str, Any]) -> list[str]:
        """Return the faults of an App Home."""
        blocks = view.get("blocks") or []
        faults = self._schema("home", view) + self._blocks(blocks, 100) + _duplicates(blocks)
        return faults + view_faults(view)

    def modal(self, view: dict[str, Any]) -> list[str]:
        """Return the faults of a modal."""
        blocks = view.get("blocks") or []
        faults = self._schema("modal", view) + self._blocks(blocks, 100) + _duplicates(blocks)
        faults += view_faults(view)
        if len(json.dumps(view).encode()) > 250_000:
            faults.append("the view is larger than 250 KB")
        if len(view.get("private_metadata", "")) > 3000:
            faults.append("private_metadata is longer than 3000")
        for block in blocks:
            element = block.get("element") or {}
            if len(element.get("initial_value", "")) > element.get("max_length", 3000):
                faults.append("initial_value is longer than max_length")
        return faults

    def _blocks(self, blocks: list[dict[str, Any]], most: int) -> list[str]:
        faults = [] if len(blocks) <= most else [f"{len(blocks)} blocks; at most {most}"]
        for number, block in enumerate(blocks):
            faults += [f"/blocks/{number}{one}" for one in self._schema(block.get("type"), block)]
        return faults

    def _schema(self, kind: object, payload: dict[str, Any]) -> list[str]:
        if not self.has_reference:
            return []
        validator = self._validators.get(str(kind))
        if validator is None:
            return [f": unknown type {kind!r}"]
        if validator.is_valid(payload):
            return []
        error = jsonschema.exceptions.best_match(validator.iter_errors(payload))
        return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"]


@cache
def _arguments(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["args"]
    return told


@cache
def _validators(path: Path) -> dict[str, Any]:
    """Return a validator per block type, and one for a modal or a home around its blocks.

    Each block is held against the definition of its own type: quicker than trying all of
    them, and the fault that is found is the one that matters.
    """
    definitions = json.loads(path.read_text(encoding="utf-8"))["definitions"]
    made = {}
    for one in definitions["KnownBlock"]["anyOf"]:
        name = one["$ref"].rpartition("/")[2]
        kind = _type_of(definitions[name])
        made[kind] = _validator(definitions, {"$ref": f"#/definitions/{name}"})
    modal = {"type": "array", "minItems": 1, "maxItems": 100}
    for kind, name in (("modal", "ModalView"), ("home", "HomeView")):
        definitions[name]["properties"]["blocks"] = modal
        made[kind] = _validator(definitions, {"$ref": f"#/definitions/{name}"})
    return made


def _type_of(definition: dict[str, Any]) -> str:
    if "properties" in definition:
        return str(definition["properties"]["type"]["const"])
    return _type_of(definition["anyOf"][0])


def _validator(definitions: dict[str, Any], root: dict[str, Any]) -> Any:
    return jsonschema.Draft7Validator({"definitions": definitions, **root})


def texts(node: object) -> list[str]:
    """Return every ``text`` string inside a payload."""
    found: list[str] = []
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if isinstance(one.get("text"), str):
                found.append(one["text"])
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return found


def _uncaught(blocks: list[dict[str, Any]]) -> list[str]:
    total = sum(len(text) for text in texts(blocks))
    faults = _duplicates(blocks)
    if total > TEXT_TOTAL:
        faults.append(f"{total} characters of text in the blocks; at most {TEXT_TOTAL}")
    return faults


def _duplicates(blocks: list[dict[str, Any]]) -> list[str]:
    faults = []
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        faults.append("duplicate block_id")
    for block in blocks:
        actions = [
            one["action_id"]
            for one in block.get("elements", [])
            if isinstance(one, dict) and one.get("action_id")
        ]
        if len(actions) != len(set(actions)):
            faults.append("duplicate action_id")
        if block.get("type") == "rich_text":
            faults += ["empty rich_text element" for text in texts(block) if not text]
    return faults
