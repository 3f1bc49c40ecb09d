"""``rapport slack setup``: from nothing to a proven set-up, and again without a question."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.cli.conftest import CONFIG, Call
from tests.support.slack_server.server import SlackServer

CARDS = "C0CARDS"
BOT, APP = "xoxb-test", "xapp-test"


@pytest.fixture
def slack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    for name in ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET"):
        monkeypatch.delenv(f"SLACK_{name}", raising=False)
    with SlackServer() as server:
        for number in range(5):
            server.workspace.add_channel(f"C0OTHER{number}", f"other-{number}")
        server.workspace.add_channel(CARDS, "complaints")
        server.workspace.add_user("U0MARA", "Mara")
        server.workspace.add_user("U0OTTO", "Otto")
        server.workspace.add_user("U0TWIN", "Otto")
        text = CONFIG + f"# Slack, soon\nslack:\n  api_url: {server.api_url}\n"
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        yield server
        assert server.workspace.violations == []


def section(folder: Path) -> dict[str, object]:
    told = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["slack"]
    assert isinstance(told, dict)
    return told


def answers(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_from_nothing_to_a_proven_set_up(folder: Path, rapport: Call, slack: SlackServer) -> None:
    done = rapport("slack", "setup", stdin=answers(BOT, APP, "#complaints", "@Mara, U0OTTO"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "https://api.slack.com/apps?new_app=1&manifest_json=%7B" in done.stdout
    assert "it is rapport at Sample" in done.stdout
    assert "writing messages (chat:write)" in done.stdout
    assert "reading the channel (channels:history)" in done.stdout
    assert "FAIL" not in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport run"
    told = section(folder)
    assert told["channel"] == CARDS
    assert told["approvers"] == ["U0MARA", "U0OTTO"]
    assert told["team"] == "T0TEAM"
    kept = Path(str(told["bot_token"]).removeprefix("file:"))
    assert kept.read_text() == BOT + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (kept.parent / ".gitignore").read_text() == "*\n"
    written = (folder / "config.yaml").read_text(encoding="utf-8")
    assert "# Slack, soon" in written
    assert BOT not in written + done.stdout + done.stderr
    assert slack.workspace.messages(CARDS) == [], "nothing was sent"

    before = (folder / "config.yaml").read_bytes()
    again = rapport("slack", "setup")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (folder / "config.yaml").read_bytes() == before
    assert "written to" not in again.stdout
    assert rapport("check").stdout.count("slack:") > 5


def test_tokens_in_the_environment_are_used_and_not_copied(
    folder: Path, rapport: Call, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP)
    link = f"https://sample.slack.com/archives/{CARDS}"
    done = rapport("slack", "setup", stdin=answers(link, "https://sample.slack.com/team/U0MARA"))
    assert done.returncode == 0, done.stdout + done.stderr
    told = section(folder)
    assert told["bot_token"] == "env:SLACK_BOT_TOKEN"
    assert (told["channel"], told["approvers"]) == (CARDS, ["U0MARA"])
    assert not (folder / "secrets").exists()


def test_what_ends_early_is_gone_on_with(folder: Path, rapport: Call, slack: SlackServer) -> None:
    before = (folder / "config.yaml").read_bytes()
    done = rapport("slack", "setup", stdin=answers("not a token", BOT, APP))
    assert done.returncode == 1
    assert "that is not it: it begins with xoxb-" in done.stdout
    assert "run `rapport slack setup` again" in done.stderr
    assert (folder / "config.yaml").read_bytes() == before
    done = rapport("slack", "setup", stdin=answers("complaints", "Mara"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_wrong_answers_are_explained_and_asked_again(
    folder: Path, rapport: Call, slack: SlackServer
) -> None:
    said = answers("xoxb-another", BOT, "env:GONE", APP, "#nowhere", CARDS, "Otto", "U0OTTO")
    done = rapport("slack", "setup", stdin=said)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "that does not work: Slack does not accept the token: invalid_auth" in done.stdout
    assert "the environment variable GONE is not set" in done.stdout
    assert "no channel is called #nowhere" in done.stdout
    assert "2 people are called otto" in done.stdout


def test_what_is_missing_is_told_with_where_to_click(
    folder: Path, rapport: Call, slack: SlackServer
) -> None:
    slack.workspace.scopes = "users:read,channels:read,groups:read"
    slack.workspace.channels[CARDS].is_member = True
    done = rapport("slack", "setup", stdin=answers(BOT, APP, "#complaints", "Mara"))
    assert done.returncode == 1
    assert done.stdout.count("https://api.slack.com/apps/A0APP/oauth") == 3
    assert "FAIL writing messages (chat:write)" in done.stdout
    assert "FAIL reading the channel (channels:history)" in done.stdout
    assert "3 of the above must be mended" in done.stderr
    slack.workspace.scopes += ",chat:write,commands,channels:history,groups:history"
    assert rapport("slack", "setup").returncode == 0


def test_a_private_channel_needs_the_scopes_for_private_ones(
    folder: Path, rapport: Call, slack: SlackServer
) -> None:
    slack.workspace.channels[CARDS].is_private = True
    done = rapport("slack", "setup", stdin=answers(BOT, APP, CARDS, "Mara"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reading the channel (groups:history)" in done.stdout


def test_signed_http_asks_for_the_address_and_the_signing_secret(
    folder: Path, rapport: Call, slack: SlackServer
) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    said = answers("http://plain.example", "https://rapport.example/", BOT, secret, CARDS, "Mara")
    done = rapport("slack", "setup", "--transport", "http", stdin=said)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Slack sends to https only" in done.stdout
    assert "press Retry beside the request URL" in done.stdout
    assert "https%3A%2F%2Frapport.example%2Fslack%2Fevents" in done.stdout
    told = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert told["web"] == {"base_url": "https://rapport.example"}
    assert told["slack"]["transport"] == "http"
    assert "app_token" not in told["slack"]
    assert slack.calls["apps.connections.open"] == 0
    assert rapport("slack", "setup").returncode == 0


def test_another_mistake_in_the_file_is_mended_first(
    folder: Path, rapport: Call, slack: SlackServer
) -> None:
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("key: quince", "key: Not A Key"))
    done = rapport("slack", "setup", stdin=answers(BOT))
    assert done.returncode == 2
    assert "cannot be a key" in done.stderr
    assert slack.calls.total() == 0
