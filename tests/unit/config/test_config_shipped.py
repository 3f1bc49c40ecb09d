"""The shipped config.yaml runs by itself, and every example in it is correct."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from monitor.config import check_text, load, schema
from monitor.config.approval import CaseWhen
from monitor.config.describe import describe
from monitor.config.model import Config
from monitor.config.yamltree import read

FILE = Path(__file__).resolve().parents[3] / "config.yaml"
TEXT = FILE.read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^( *)#(?! \S)(.+)$")
ENVIRON = {
    "RAPPORT_DATABASE": "postgresql+psycopg://rapport:secret@db.example/rapport",
    "SLACK_BOT_TOKEN": "xoxb-test",
    "SLACK_APP_TOKEN": "xapp-test",
    "MASTODON_TOKEN": "test",
    "LANGUAGE_MODEL_KEY": "test",
}


def blocks() -> list[tuple[int, ...]]:
    """The line numbers of each run of example lines, the schema comment left out."""
    found: list[list[int]] = []
    for number, line in enumerate(TEXT.splitlines()):
        if EXAMPLE.match(line):
            if found and found[-1][-1] == number - 1:
                found[-1].append(number)
            else:
                found.append([number])
    return [tuple(block) for block in found]


def uncommented(numbers: set[int]) -> str:
    """The file with the examples on these lines in use; a key they set replaces the shipped one."""
    lines = TEXT.splitlines()
    for number in numbers:
        found = EXAMPLE.match(lines[number])
        assert found is not None
        lines[number] = found[1] + found[2]
    set_anew = {lines[n].partition(":")[0] for n in numbers if re.match(r"[a-z]+: \S", lines[n])}
    kept = [
        line
        for number, line in enumerate(lines)
        if number in numbers or line.partition(":")[0] not in set_anew
    ]
    return "\n".join(kept) + "\n"


def values(text: str) -> dict[str, Any]:
    document = read(text, "config.yaml")
    assert document.problems == []
    assert isinstance(document.value, dict)
    return document.value


def test_it_loads_without_a_secret_a_warning_or_an_account() -> None:
    config = load(FILE, environ={})
    assert config.warnings == ()
    assert config.slack is None
    assert config.plugins == ()
    assert {source.connector for source in config.sources} == {"demo"}
    assert config.demo is not None
    for source in config.sources:
        assert f":{config.demo.port}" in source.settings["base_url"]


def test_its_first_line_names_the_schema_for_editors() -> None:
    first = TEXT.splitlines()[0]
    assert first == "# yaml-language-server: $schema=docs/reference/config.schema.json"
    assert (FILE.parent / first.partition("=")[2]).is_file()
    jsonschema.Draft202012Validator(schema()).validate(values(TEXT))


@pytest.mark.parametrize("block", blocks(), ids=lambda block: f"line-{block[0] + 1}")
def test_each_example_is_correct_by_itself(block: tuple[int, ...]) -> None:
    text = uncommented(set(block))
    assert values(text) != values(TEXT)
    assert [str(problem) for problem in check_text(text, "config.yaml", environ=ENVIRON)] == []
    jsonschema.Draft202012Validator(schema()).validate(values(text))


def test_all_examples_are_correct_together() -> None:
    text = uncommented({number for block in blocks() for number in block})
    assert [str(problem) for problem in check_text(text, "config.yaml", environ=ENVIRON)] == []


def test_an_example_needs_its_secrets_when_it_is_used() -> None:
    text = uncommented({number for block in blocks() for number in block})
    missing = check_text(text, "config.yaml", environ={})
    named = {word for problem in missing for word in problem.message.split() if word in ENVIRON}
    assert named == set(ENVIRON)


def test_every_key_appears_in_it_as_itself_or_as_an_example() -> None:
    text = uncommented({number for block in blocks() for number in block})
    written = set(_keys(values(text)))
    unused = {
        # A key whose default suits nearly everybody is left to the reference.
        "inbox.location",
        "sla[].when.rating_at_least",
        "approval.rules[].when.rating_at_least",
        "assignment[].when.rating_at_least",
        # The same conditions as under `approval`, which shows each of them.
        *(
            f"slack.routes[].when.{name}"
            for name in CaseWhen.model_fields
            if name not in ("brand", "topic")
        ),
        *(
            f"escalation[].when.{name}"
            for name in CaseWhen.model_fields
            if name not in ("brand", "source")
        ),
        *(f"escalation[].except.{name}" for name in CaseWhen.model_fields if name != "urgency"),
    }
    for setting in describe(Config):
        if setting.key not in unused:
            assert setting.key in written, setting.key
    assert not unused & written


def _keys(value: Any, prefix: str = "") -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            path = f"{prefix}.{key}" if prefix else key
            found += [path, *_keys(inner, path)]
    elif isinstance(value, list):
        for inner in value:
            found += _keys(inner, f"{prefix}[]")
    return found
