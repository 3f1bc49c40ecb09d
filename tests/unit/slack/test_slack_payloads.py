"""Everything that is shown in Slack, held against two independent checkers.

These are the JSON Schema made from Slack's published types, where it is at hand, and the models
of slack-sdk. A third, the compiler of TypeScript, is asked by `python -m benchmarks.slack_types`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from responders.slack.blocks import text_total
from responders.slack.cards import TEXT_BUDGET
from responders.slack.incident_card import incident_card
from tests.support.slack_server.checks import Checker, texts
from tests.support.slack_server.sdk_checks import block_faults, view_faults
from tests.unit.slack.corpus import INCIDENTS, payloads
from tests.unit.slack.test_slack_cards import NOW, assert_powerless

CHECKER = Checker()
CALLED = r"^(?:<@U0[A-Z0-9]+> |<!subteam\^S0[A-Z0-9]+> )+"


def test_every_payload_is_taken_by_every_checker(tmp_path: Path) -> None:
    checks = {"message": CHECKER.message, "modal": CHECKER.modal, "home": CHECKER.home}
    wrong, seen = {}, 0
    for payload in payloads(tmp_path):
        seen += 1
        faults = checks[payload.kind](payload.body)
        if payload.method:
            faults += CHECKER.arguments(payload.method, payload.body)
        if len(payload.body.get("text", "")) > 4000:
            faults.append("a text that an update may not have")
        if faults:
            wrong[payload.name] = faults
    assert wrong == {}
    assert seen > 500


def test_outside_text_has_no_power_in_any_of_them(tmp_path: Path) -> None:
    for payload in payloads(tmp_path):
        if payload.name.startswith("line U"):
            continue  # it names a person on purpose
        body = payload.body
        if payload.name.startswith("call"):  # it begins with whom it calls, on purpose
            body = {**body, "text": re.sub(CALLED, "", body["text"])}
        assert_powerless(body)


@pytest.mark.parametrize("facts", INCIDENTS.values(), ids=INCIDENTS)
def test_the_card_of_an_incident_stays_small(facts: Any) -> None:
    post = incident_card(facts, channel="C0CARDS", post_key="k", now=NOW)
    assert text_total(post["blocks"]) <= TEXT_BUDGET
    assert any(block["type"] == "rich_text" for block in post["blocks"])
    assert set(post["metadata"]["event_payload"]) == {"incident", "post_key"}


def test_the_card_of_an_incident_tells_what_it_is() -> None:
    post = incident_card(INCIDENTS["open"], channel="C0CARDS", post_key="k", now=NOW)
    told = "\n".join(texts(post["blocks"]))
    assert "Incident · One cause · Harbour Coffee" in told
    assert "42 mentions · 31 cases · 3 sources · about waiting · 1.4 stars on average of 30" in told
    assert "Of 31 cases: 22 wait, 1 on the way, 5 answered, 3 dismissed" in told
    assert "24 more cases: rapport incidents show I-3" in told


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "header", "text": {"type": "plain_text", "text": "x"}, "colour": "red"},
        {"type": "nonsense"},
        {"type": "rich_text", "elements": [{"type": "rich_text_nonsense", "elements": []}]},
    ],
)
def test_the_models_are_checkers(block: dict[str, Any]) -> None:
    assert block_faults([block])


def test_the_models_check_views_too() -> None:
    title = {"type": "plain_text", "text": "x" * 25}
    assert view_faults({"type": "modal", "title": title, "blocks": [{"type": "divider"}]})
