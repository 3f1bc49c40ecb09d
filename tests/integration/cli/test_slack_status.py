"""``rapport status`` tells how Slack comes in, and nothing that it cannot know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CONFIG, Call

SLACK = """\
web: {base_url: https://rapport.example}
slack:
  transport: TRANSPORT
  bot_token: env:BOT
  app_token: env:APP
  signing_secret: env:SIGNING
  channel: C0123456789
  approvers: [U0123456789]
"""


@pytest.mark.parametrize(
    ("transport", "told"), [("http", "signed HTTP"), ("socket", "Socket Mode")]
)
def test_the_way_in_is_told(
    folder: Path, rapport: Call, monkeypatch: pytest.MonkeyPatch, transport: str, told: str
) -> None:
    for name in ("BOT", "APP", "SIGNING"):
        monkeypatch.setenv(name, "x")
    text = CONFIG + SLACK.replace("TRANSPORT", transport)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    done = rapport("status")
    assert f"slack: {told}; last heard from it: not in the last week" in done.stdout
    read = json.loads(rapport("status", "--json").stdout)
    assert (read["slack"], read["slack_heard_at"]) == (transport, None)


def test_without_slack_nothing_is_told_of_it(folder: Path, rapport: Call) -> None:
    assert "slack:" not in rapport("status").stdout


def test_the_manifest_is_made_for_an_address(folder: Path, rapport: Call) -> None:
    done = rapport("slack", "manifest", "--url", "https://rapport.example/")
    assert done.stdout.count("request_url: https://rapport.example/slack/events") == 2
    assert "socket_mode_enabled: false" in done.stdout
    again = rapport("slack", "manifest", "--url", "https://rapport.example/slack/events")
    assert again.stdout == done.stdout
    for wrong in (
        "http://rapport.example",
        "rapport.example",
        "https://",
        "https://a.example/?x=1",
    ):
        refused = rapport("slack", "manifest", "--url", wrong)
        assert refused.returncode == 2
        assert "expected an https address" in refused.stderr
    assert "files:write" in rapport("slack", "manifest", "--pictures").stdout
    assert "files:write" not in done.stdout
