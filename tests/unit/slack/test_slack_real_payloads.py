"""Payloads as Slack's own libraries record them are read as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from responders.slack.message_action import MAKE_CASE, Shortcut
from responders.slack.payloads import Click, Submission, read_event, read_interactive
from tests.support.slack_server.checks import REFERENCE

INBOUND = REFERENCE / "payloads" / "inbound"

if not INBOUND.exists():
    pytest.skip("recorded payloads are not beside the repository", allow_module_level=True)


def read(name: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((INBOUND / name).read_text(encoding="utf-8"))
    return loaded


def test_a_recorded_click_is_read() -> None:
    click = read_interactive(read("block_actions.body.json"))
    assert isinstance(click, Click)
    assert (click.user, click.team, click.channel) == ("W111", "T111", "C111")
    assert (click.action_id, click.value, click.message_ts) == ("a", "click_me_123", "111.222")


def test_a_recorded_submission_is_read() -> None:
    sent = read_interactive(read("view_submission.body.json"))
    assert isinstance(sent, Submission)
    assert (sent.callback_id, sent.private_metadata) == ("view-id", "This is for you!")


def test_a_recorded_message_shortcut_is_read_where_it_is_ours() -> None:
    recorded = read("shortcut.message_shortcut_body.json")
    assert read_interactive(recorded) is None
    found = read_interactive({**recorded, "callback_id": MAKE_CASE})
    assert isinstance(found, Shortcut)
    assert (found.user, found.team, found.channel) == ("W111", "T111", "C111")
    assert (found.message_ts, found.author) == ("1583636382.000300", "W111")
    assert found.text == "<@W222> test"
    assert not found.is_ours


@pytest.mark.parametrize("path", sorted(INBOUND.glob("*.json")), ids=lambda path: path.stem)
def test_no_recorded_payload_is_an_error(path: Path) -> None:
    payload = json.loads(path.read_text(encoding="utf-8"))
    for inner in (payload, payload.get("payload") or {}):
        read_interactive(inner)
        event = read_event(inner)
        assert event is None or event.key.startswith("event|")
