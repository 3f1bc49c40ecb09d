"""Payloads as Slack's own libraries record them are read as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from responders.slack.payloads import Click, Submission, read_event, read_interactive

INBOUND = Path(__file__).resolve().parents[3] / "../shared/slack/payloads/inbound"

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


@pytest.mark.parametrize("path", sorted(INBOUND.glob("*.json")), ids=lambda path: path.stem)
def test_no_recorded_payload_is_an_error(path: Path) -> None:
    payload = json.loads(path.read_text(encoding="utf-8"))
    for inner in (payload, payload.get("payload") or {}):
        read_interactive(inner)
        event = read_event(inner)
        assert event is None or event.key.startswith("event|")
