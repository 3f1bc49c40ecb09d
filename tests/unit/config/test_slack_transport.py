"""Which secrets a transport needs, and which it does not look at."""

from __future__ import annotations

from monitor.config import check_text

TEXT = """\
brands: [{key: b, name: B}]
inbox: {brand: b}
web: {base_url: https://rapport.example}
slack:
  transport: http
  bot_token: env:BOT
  signing_secret: env:SIGNING
  channel: C0123456789
  approvers: [U0123456789]
"""
ENVIRON = {"BOT": "x", "SIGNING": "x", "APP": "x"}


def said(text: str, environ: dict[str, str] = ENVIRON) -> list[str]:
    return [str(each) for each in check_text(text, "config.yaml", environ=environ)]


def test_http_needs_a_signing_secret_and_no_app_token() -> None:
    assert said(TEXT) == []
    [line] = said(TEXT.replace("  signing_secret: env:SIGNING\n", ""))
    assert "`signing_secret` is missing" in line
    assert "env:SLACK_SIGNING_SECRET" in line


def test_socket_needs_an_app_token_and_no_signing_secret() -> None:
    text = TEXT.replace("transport: http", "transport: socket")
    [line] = said(text)
    assert "`app_token` is missing" in line
    text = text.replace("signing_secret: env:SIGNING", "app_token: env:APP")
    assert said(text) == []
    assert said(text.replace("  transport: socket\n", "")) == []


def test_the_secret_of_the_other_transport_is_not_looked_for() -> None:
    both = TEXT.replace("  bot_token", "  app_token: env:GONE\n  bot_token")
    assert said(both) == []
    [line] = said(both, {"BOT": "x"})
    assert "SIGNING is not set" in line


def test_http_without_a_public_address_is_a_warning() -> None:
    [line] = said(TEXT.replace("web: {base_url: https://rapport.example}\n", ""))
    assert "warning" in line
    assert "public address" in line


def test_another_word_is_refused() -> None:
    [line] = said(TEXT.replace("transport: http", "transport: carrier-pigeon"))
    assert "slack.transport" in line
