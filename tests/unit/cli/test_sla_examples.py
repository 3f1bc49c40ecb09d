"""Examples that were reckoned by hand, reckoned again by `rapport sla`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from monitor.cli.menu import rapport

FOLDER = Path(__file__).resolve().parents[2] / "data/sla"
EXAMPLES = yaml.safe_load((FOLDER / "examples.yaml").read_text(encoding="utf-8"))
at = datetime.fromisoformat


def ids(example: dict[str, Any]) -> str:
    return f"{example['calendar']} {example['start']}"


def told(example: dict[str, Any], verb: str, *options: str) -> dict[str, Any]:
    key = example["calendar"]
    named = key if key == "always" else f"{FOLDER / 'calendars.yaml'}#{key}"
    arguments = ["sla", verb, "--calendar", named, "--start", example["start"], *options, "--json"]
    done = CliRunner().invoke(rapport, arguments)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_there_are_enough_of_them() -> None:
    assert len(EXAMPLES["due"]) + len(EXAMPLES["elapsed"]) > 50


@pytest.mark.parametrize("example", EXAMPLES["due"], ids=ids)
def test_a_due_time_is_the_one_reckoned_by_hand(example: dict[str, Any]) -> None:
    found = told(example, "due", "--for", example["for"])

    due = at(example["due"])
    assert at(found["due"]) == due
    assert at(found["due"]).utcoffset() == due.utcoffset()
    assert at(found["due_utc"]) == due
    assert found["due_epoch"] == due.timestamp()
    assert sum(each["seconds"] for each in found["open_intervals"]) == found["for_seconds"]
    assert found["notes"] == []


@pytest.mark.parametrize("example", EXAMPLES["elapsed"], ids=ids)
def test_a_time_taken_is_the_one_reckoned_by_hand(example: dict[str, Any]) -> None:
    found = told(example, "elapsed", "--end", example["end"])

    assert found["business_seconds"] == example["business"]
    assert found["wall_seconds"] == example["wall"]
    assert sum(each["seconds"] for each in found["open_intervals"]) == example["business"]
