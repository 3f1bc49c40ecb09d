"""``rapport why``, ``rapport sla apply``, ``rapport sla pauses`` and ``rapport tier``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call

POLICIES = """\
sla:
  - key: angry
    when: {rating_at_most: 1}
    first_response: 4h
  - key: rest
    first_response: 8h
"""
ROWS = """\
{"id": "1", "author": "Dana", "rating": 1, "text": "Terrible, the tea was cold. Refund!"}
{"id": "2", "author": "Kim", "rating": 2, "text": "Bad, the soup was cold and the waiter rude."}
"""


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def heard(folder: Path, rapport: Call) -> Path:
    """Return a folder in whose store two complaints have cases."""
    path = folder / "config.yaml"
    path.write_text(path.read_text("utf-8") + POLICIES, encoding="utf-8")
    (folder / "rows.ndjson").write_text(ROWS, encoding="utf-8")
    done = rapport("import", "rows.ndjson")
    assert "2 cases opened" in done.stdout, done.stdout + done.stderr
    return folder


def rewrite(folder: Path, before: str, after: str) -> None:
    path = folder / "config.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_why_tells_each_promise_of_a_case(heard: Path, rapport: Call) -> None:
    done = rapport("why", "C-1")

    assert done.returncode == 0, done.stderr
    assert "First response: running" in done.stdout
    assert "It holds for cases with rating at most 1." in done.stdout
    assert "That is when Rapport saw it." in done.stdout
    assert "next: rapport show C-1" in done.stdout
    (story,) = json.loads(rapport("why", "1", "--json").stdout)["clocks"]
    assert (story["policy"], story["promised_seconds"]) == ("angry", 4 * 3600)
    assert story["spans"] == [[story["started_at"], story["due_at"]]]


def test_why_of_no_case_says_so(heard: Path, rapport: Call) -> None:
    assert "there is no case C-9" in rapport("why", "C-9").stderr
    assert rapport("why", "nine").returncode == 2


def test_policies_are_applied_after_they_were_shown(heard: Path, rapport: Call) -> None:
    assert "of 2 cases that are open, none would change" in rapport("sla", "apply").stdout
    rewrite(heard, "first_response: 8h", "first_response: 2h wall")

    shown = rapport("sla", "apply", "--dry-run")
    assert "nothing was changed" in shown.stdout
    assert shown.stdout.count("rest ") == 2
    (planned,) = json_lines(rapport("sla", "apply", "--dry-run", "--json").stdout)
    assert (planned["case"], planned["policy"]) == ("C-2", "rest")

    refused = rapport("sla", "apply", stdin="n\n")
    assert refused.returncode == 1
    assert "nothing was done" in refused.stderr
    assert "changed 1 case" in rapport("sla", "apply", stdin="y\n").stdout
    assert "none would change" in rapport("sla", "apply", "--yes").stdout
    assert "within 2 h of wall time" in rapport("why", "C-2").stdout
    assert 'applied policy "rest"' in rapport("show", "C-2").stdout


def test_only_one_policy_or_one_case_is_applied(heard: Path, rapport: Call) -> None:
    rewrite(heard, "first_response: 8h", "first_response: 2h")
    rewrite(heard, "first_response: 4h", "first_response: 1h")

    assert "changed 1 case" in rapport("sla", "apply", "--policy", "angry", "--yes").stdout
    assert "within 1 h" in rapport("why", "C-1").stdout
    assert "within 8 h" in rapport("why", "C-2").stdout
    assert "changed 1 case" in rapport("sla", "apply", "--case", "C-2", "--yes").stdout
    assert "within 2 h" in rapport("why", "C-2").stdout


def test_a_policy_or_a_case_that_is_not_there_is_named(heard: Path, rapport: Call) -> None:
    unknown = rapport("sla", "apply", "--policy", "angri")
    assert unknown.returncode == 2
    assert "there is no such policy; did you mean 'angry'?" in unknown.stderr
    gone = rapport("sla", "apply", "--case", "C-9")
    assert (gone.returncode, "C-9 is not open" in gone.stderr) == (1, True)


def test_a_policy_that_was_taken_out_can_still_be_asked_for(heard: Path, rapport: Call) -> None:
    rewrite(heard, "key: rest", "key: others")

    assert "changed 1 case" in rapport("sla", "apply", "--policy", "rest", "--yes").stdout


def test_pauses_have_an_empty_state_and_read_lengths_of_time(heard: Path, rapport: Call) -> None:
    done = rapport("sla", "pauses")
    assert "no customer waited for us while a clock stood still, in the last 30d" in done.stdout
    assert rapport("sla", "pauses", "--json").stdout == ""
    assert rapport("sla", "pauses", "--longer-than", "0").returncode == 0
    assert rapport("sla", "pauses", "--since", "0").returncode == 2
    wrong = rapport("sla", "pauses", "--since", "soon")
    assert (wrong.returncode, "--since 'soon'" in wrong.stderr) == (2, True)


def test_a_tier_needs_a_customer_and_a_plain_word(heard: Path, rapport: Call) -> None:
    assert "no customer has a tier" in rapport("tier").stdout
    assert "cannot be a tier" in rapport("tier", "C-1", "Gold Plus").stderr
    assert "say the tier, or --none" in rapport("tier", "C-1").stderr
    assert "there is no case C-9" in rapport("tier", "C-9", "gold").stderr
    # A file tells names, and no ids: whose the next case is, nobody knows.
    assert "nobody knows whose case C-1 is" in rapport("tier", "C-1", "gold").stderr
