"""`verify` tells what works and how to mend what does not, and sends nothing."""

from __future__ import annotations

import json

import jsonschema
import pytest

from responders.slack.setup import SCOPES, Finding, manifest, verify
from tests.integration.slack.world import CHANNEL, MARA, World
from tests.support.slack_server.checks import REFERENCE


def findings(world: World) -> list[Finding]:
    return verify(world.face.client, world.face.settings)


def failed(world: World) -> str:
    return "\n".join(f"{one.what}: {one.advice}" for one in findings(world) if not one.ok)


def test_a_good_set_up_is_all_green_and_nothing_is_sent(world: World) -> None:
    found = findings(world)
    assert all(one.ok for one in found)
    told = "\n".join(one.what for one in found)
    assert "#complaints" in told
    assert "accepts our cards" in told
    assert "Socket Mode" in told
    assert not [call for call in world.slack.calls if call.startswith(("chat.", "views."))]


def test_missing_scopes_are_named(world: World) -> None:
    world.slack.workspace.scopes = "chat:write,users:read,channels:read"
    assert "channels:history" in failed(world)


@pytest.mark.parametrize(
    ("flag", "advice"), [("is_member", "/invite"), ("is_archived", "archived")]
)
def test_a_channel_that_will_not_do_is_explained(world: World, flag: str, advice: str) -> None:
    channel = world.slack.workspace.channels[CHANNEL]
    setattr(channel, flag, not getattr(channel, flag))
    assert advice in failed(world)


def test_an_unknown_channel_is_explained(world: World) -> None:
    world.new_face(channel="C0NOWHERE")
    assert "take the id" in failed(world)


def test_no_approvers_and_unfit_approvers_are_told(world: World) -> None:
    world.slack.workspace.users[MARA]["is_restricted"] = True
    world.new_face(approvers=(MARA, "U0NOBODY"))
    told = failed(world)
    assert "is_restricted" in told
    assert "no such person" in told
    world.new_face(approvers=())
    assert "nobody may decide" in failed(world)


def test_dead_tokens_are_told_apart(world: World) -> None:
    world.slack.workspace.dead_token = "token_revoked"
    world.slack.workspace.app_token = "xapp-another"
    told = failed(world)
    assert "token_revoked" in told
    assert "connections:write" in told


def test_a_server_without_validation_is_no_failure(world: World) -> None:
    world.slack.fault("blocks.validate", "error:unknown_method")
    assert failed(world) == ""


def test_another_workspace_than_configured_is_told(world: World) -> None:
    world.new_face(team="T0OTHER")
    assert "slack.team says T0OTHER" in failed(world)


def test_the_manifest_passes_slacks_own_schema() -> None:
    schemas = sorted((REFERENCE / "payloads" / "reference" / "manifest").glob("*schema.*.*.*.json"))
    if not schemas:
        pytest.skip("Slack's manifest schemas are not beside the repository")
    for schema in schemas:
        jsonschema.validate(manifest(), json.loads(schema.read_text(encoding="utf-8")))
    assert manifest()["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_health_counts_messages_and_tells_of_the_socket(world: World) -> None:
    world.open_case()
    world.work()
    assert world.face.health() == {
        "socket": {
            "connected": False,
            "since": None,
            "silent_for": None,
            "connections": 0,
            "problem": "",
        },
        "messages": {"sent": 1},
    }
