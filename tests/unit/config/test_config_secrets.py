from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.config import Problem, check_text

Check = Callable[..., list[Problem]]

TEXT = """\
brands: [{key: b, name: B}]
sources:
  - key: toots
    connector: mastodon
    brand: b
    settings:
      instance: https://a.example
      token: env:SOCIAL_TOKEN
      logins:
        - {user: ann, password: env:ANN}
slack:
  bot_token: env:BOT
  app_token: file:FILE
  channel: C0123456789
  approvers: [U0123456789]
"""


def test_every_missing_secret_is_named_with_its_key(check: Check, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    text = TEXT.replace("FILE", str(tmp_path / "app"))
    found = check(text, {"ANN": "  ", "BOT": "x"})
    assert [(problem.line, problem.key, problem.message) for problem in found] == [
        (
            8,
            "sources[0].settings.token",
            "the environment variable SOCIAL_TOKEN is not set",
        ),
        (10, "sources[0].settings.logins[0].password", "the environment variable ANN is empty"),
        (13, "slack.app_token", found[2].message),
    ]
    assert "does not exist" in found[2].message
    for name, why in (("empty", "is empty"), ("latin", "is not UTF-8"), ("", "cannot be read")):
        text = TEXT.replace("FILE", str(tmp_path / name))
        [problem] = check(text, {"ANN": "x", "BOT": "x", "SOCIAL_TOKEN": "x"})
        assert why in problem.message


def test_secrets_are_only_needed_where_they_are_used(check: Check, tmp_path: Path) -> None:
    (tmp_path / "app").write_text("xapp\n")
    text = TEXT.replace("FILE", str(tmp_path / "app"))
    off = text.replace("    brand: b\n", "    brand: b\n    enabled: false\n")
    assert check(off, {"BOT": "x"}) == []
    without = text[: text.index("slack:")]
    assert check(without, {"SOCIAL_TOKEN": "x", "ANN": "x"}) == []
    assert check_text(text, "config.yaml", environ={}, with_secrets=False) == []


def test_a_missing_secret_is_found_beside_another_mistake(check: Check) -> None:
    found = check(TEXT.replace("user: ann", "usr: ann").replace("C0123456789", "general"), {})
    keys = {problem.key for problem in found}
    assert {
        "sources[0].settings.token",
        "sources[0].settings.logins[0].password",
        "sources[0].settings.logins[0].usr",
        "slack.bot_token",
        "slack.channel",
    } <= keys


def test_a_database_named_by_a_secret_is_checked_too(check: Check) -> None:
    text = "database: env:DB\nengine: postgres\nbrands: [{key: b, name: B}]\ninbox: {brand: b}\n"

    def said(environ: dict[str, str]) -> list[str]:
        return [str(problem) for problem in check(text, environ)]

    assert said({}) == ["config.yaml:1: database: the environment variable DB is not set"]
    assert said({"DB": "postgresql://u:hunter2@db/rapport"}) == []
    [line] = said({"DB": "sqlite:///hunter2.db"})
    assert "cannot work on a SQLite database" in line
    [line] = said({"DB": "mysql://u:hunter2@db/x"})
    assert "what it refers to is not a database that Rapport can use" in line
    assert "hunter2" not in line


def test_without_slack_approvers_nobody_may_approve_there(check: Check, tmp_path: Path) -> None:
    (tmp_path / "app").write_text("xapp")
    text = TEXT.replace("FILE", str(tmp_path / "app")).replace("[U0123456789]", "[]")
    environ = {"ANN": "x", "BOT": "x", "SOCIAL_TOKEN": "x"}
    [problem] = check(text, environ)
    assert (problem.severity, problem.key) == ("warning", "slack.approvers")
    [problem] = check(text.replace("  approvers: []\n", ""), environ)
    assert (problem.severity, problem.key, problem.line) == ("warning", "slack", 11)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("channel: '#reviews'", "is not a channel's id"),
        ("approvers: [mara]", "is not a member's id"),
        ("team: rapport", "is not a workspace's id"),
        ("api_url: http://slack.example/api/", "would send the token unencrypted"),
        ("api_url: https://user:pw@slack.example/", "a link must not hold a name and password"),
    ],
)
def test_slack_ids_and_links_are_checked(check: Check, line: str, message: str) -> None:
    key = line.partition(":")[0]
    kept = [each for each in TEXT.splitlines() if not each.strip().startswith(key)]
    found = check("\n".join([*kept, f"  {line}"]), {"ANN": "x", "BOT": "x", "SOCIAL_TOKEN": "x"})
    assert message in [problem.message for problem in found]


SECRET = "xoxb-1234567890-aBcDeFgHiJkL"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("env:BOT", SECRET),
        TEXT.replace("env:BOT", f"[{SECRET}]"),
        TEXT.replace("env:BOT", f"{{{SECRET}: {SECRET}}}"),
        TEXT.replace("env:BOT", f"'{SECRET}"),
        TEXT.replace("env:BOT", f"*{SECRET}"),
        TEXT.replace("env:BOT", f"!{SECRET} x"),
        TEXT.replace("env:BOT", f"&{SECRET} &{SECRET} x"),
        TEXT.replace("env:BOT", f"env:{SECRET}"),
        TEXT.replace("env:BOT", f"file:{SECRET}"),
        TEXT.replace("env:BOT", f"{SECRET}: {SECRET}: {SECRET}"),
        TEXT.replace("env:SOCIAL_TOKEN", SECRET),
        TEXT.replace("env:ANN", SECRET),
        TEXT.replace("C0123456789", SECRET),
        TEXT.replace("connector: mastodon", f"connector: {SECRET}"),
        TEXT.replace("brand: b", f"brand: {SECRET}"),
        TEXT.replace("key: toots", f"key: {SECRET}"),
        TEXT.replace("brand: b", f"brand: b\n    every: {SECRET}"),
        f"database: postgresql://user:{SECRET}@db/x\n{TEXT}",
        f"database: postgresql://user@db/x?password={SECRET}\n{TEXT}",
        f"database: mysql://user:{SECRET}@db/x\n{TEXT}",
        f"database: {SECRET}\n{TEXT}",
    ],
)
def test_a_secret_in_plain_is_refused_and_never_shown(check: Check, text: str) -> None:
    found = check(text, {})
    assert any(problem.severity == "error" for problem in found)
    for problem in found:
        assert SECRET not in repr(problem)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    secret=st.text(
        alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=8
    ),
    key=st.sampled_from(["bot_token: env:BOT", "token: env:SOCIAL_TOKEN"]),
)
def test_whatever_stands_for_a_secret_is_never_shown(check: Check, secret: str, key: str) -> None:
    # The name of a variable is no secret, and is told where it is not set.
    assume(not secret.startswith(("env:", "file:")))
    secret += "Qz7w"  # letters that stand in no message by chance
    for written in (secret, '"' + secret.replace("\\", "\\\\").replace('"', '\\"') + '"'):
        found = check(TEXT.replace(key, f"{key.partition(':')[0]}: {written}"), {})
        for problem in found:
            assert "Qz7w" not in str(problem)


def test_the_reference_that_is_expected_is_spelled_out(check: Check) -> None:
    found = check(TEXT.replace("env:BOT", SECRET), {})
    [problem] = [each for each in found if each.key == "slack.bot_token"]
    assert str(problem) == (
        "config.yaml:12: slack.bot_token: a secret must not stand here in plain; "
        "expected a reference such as env:BOT_TOKEN or file:path"
    )
