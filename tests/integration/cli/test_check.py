"""``rapport check``: one cheap call a source, and the way to access where it is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.testing.http_server import LoopbackServer, Reply
from tests.integration.cli.conftest import Call

CONFIG = """\
version: 1
database: sqlite:///rapport.db
brands: [{key: harbour, name: Harbour Coffee}]
sources:
  - key: social
    connector: mastodon
    brand: harbour
    settings: {base_url: "%s", token: "env:TEST_CHECK_TOKEN", allow_private_addresses: true}
"""


@pytest.fixture
def configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> LoopbackServer:
    monkeypatch.setenv("TEST_CHECK_TOKEN", "t0ken")
    server = LoopbackServer()
    (folder / "config.yaml").write_text(CONFIG % server.url, encoding="utf-8")
    return server


def test_refused_credentials_come_with_the_steps_of_getting_better_ones(
    configured: LoopbackServer, rapport: Call
) -> None:
    with configured as server:
        server.otherwise(lambda request: Reply.json({"error": "no"}, 401))
        done = rapport("check")
        told = [json.loads(line) for line in rapport("check", "--json").stdout.splitlines()]
    assert done.returncode == 1
    assert "FAIL source social: AuthFailed" in done.stdout
    assert "     1. On your server open Preferences" in done.stdout
    assert "t0ken" not in done.stdout + done.stderr
    [social] = [one for one in told if one["what"] == "source social"]
    assert not social["ok"]
    assert len(social["steps"]) == 3


def test_nothing_is_fetched_to_prove_access(configured: LoopbackServer, rapport: Call) -> None:
    with configured as server:
        server.on("/api/v1/accounts/verify_credentials", Reply.json({"id": "1", "acct": "us"}))
        server.on("/api/v1/statuses", Reply.json({"error": "blank"}, 422))
        server.on("/api/v1/notifications", Reply.json([]))
        server.on("/api/v2/instance", Reply.json({}))
        done = rapport("check")
        asked = [request for request in server.requests if "notifications" in request.path]
    assert "ok   source social: reads and may answer as @us" in done.stdout
    assert [request.get("limit") for request in asked] == ["1"]
