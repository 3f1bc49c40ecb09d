"""Access tokens: kept, renewed in time, and shared by the sources of one account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import AuthFailed, LayoutChanged, Unavailable
from connectors.http import Http
from connectors.oauth import Grant, Tokens, ask_token, basic
from connectors.testing.http_server import LoopbackServer, Reply
from connectors.vault import MemoryVault

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Platform:
    """Gives out numbered tokens for an hour; each refresh token works once."""

    def __init__(self) -> None:
        self.asked = 0
        self.valid = "first"
        self.before: Callable[[], None] | None = None

    def ask(self, last: Grant | None) -> Grant:
        if self.before is not None:
            meanwhile, self.before = self.before, None
            meanwhile()
        given = last.refresh_token if last is not None else "first"
        if given != self.valid:
            raise AuthFailed("invalid_grant")
        self.asked += 1
        self.valid = f"refresh-{self.asked}"
        return Grant(f"access-{self.asked}", NOW + timedelta(hours=1), self.valid)


def tokens(platform: Platform, vault: MemoryVault, now: datetime = NOW) -> Tokens:
    return Tokens("login", vault, lambda: now, platform.ask)


def test_a_token_is_kept_until_shortly_before_it_expires_and_outlives_its_owner() -> None:
    platform, vault = Platform(), MemoryVault()
    assert tokens(platform, vault).token() == "access-1"
    assert tokens(platform, vault).token() == "access-1"
    assert platform.asked == 1
    late = NOW + timedelta(minutes=59)
    assert tokens(platform, vault, late).token() == "access-2"


def test_a_refused_token_is_renewed_once() -> None:
    platform, vault = Platform(), MemoryVault()
    shared = tokens(platform, vault)
    shared.token()
    used: list[str] = []

    def call(token: str) -> str:
        used.append(token)
        if token == "access-1":
            raise AuthFailed("expired")
        return "done"

    assert shared.use(call) == "done"
    assert used == ["access-1", "access-2"]

    def refuse(token: str) -> str:
        used.append(token)
        raise AuthFailed("no scope")

    with pytest.raises(AuthFailed, match="no scope"):
        shared.use(refuse)
    assert len(used) == 4, "a fresh token that is refused is not renewed again"


def test_two_sources_that_renew_at_the_same_moment_share_the_winner() -> None:
    platform, vault = Platform(), MemoryVault()
    tokens(platform, vault).token()
    slower = tokens(platform, vault, NOW + timedelta(hours=2))
    platform.before = lambda: vault.put("login", _renewed_elsewhere(platform))
    assert slower.token() == "elsewhere"


def _renewed_elsewhere(platform: Platform) -> dict[str, str]:
    platform.valid = "another"
    return {
        "access_token": "elsewhere",
        "expires_at": (NOW + timedelta(hours=3)).isoformat(),
        "refresh_token": "another",
    }


def test_a_refusal_uses_what_another_source_renewed_meanwhile() -> None:
    platform, vault = Platform(), MemoryVault()
    shared = tokens(platform, vault)
    shared.token()

    def call(token: str) -> str:
        if token == "access-1":
            vault.put("login", _renewed_elsewhere(platform))
            raise AuthFailed("expired")
        return token

    assert shared.use(call) == "elsewhere"
    assert platform.asked == 1


ANSWERS = [
    (Reply.json({"error": "invalid_grant"}, 400), AuthFailed),
    (Reply.json({"error": "invalid_client"}, 401), AuthFailed),
    (Reply.json({"error": "invalid_grant"}), AuthFailed),
    (Reply.json({"hello": 1}), LayoutChanged),
    (Reply.json([]), LayoutChanged),
    (Reply(503), Unavailable),
    (Reply(fault="drop"), Unavailable),
]


@pytest.mark.parametrize(("reply", "error"), ANSWERS)
def test_what_a_token_endpoint_answers_has_its_name(reply: Reply, error: type[Exception]) -> None:
    with LoopbackServer() as server, Http(user_agent="T", allow_private=True) as http:
        server.on("/token", reply)
        with pytest.raises(error) as caught:
            ask_token(http, f"{server.url}/token", {"refresh_token": "s3cret"})
        assert "s3cret" not in repr(caught.value)


@pytest.mark.parametrize(("said", "life"), [("3600", 3600), (60, 60), (None, 3600), ("soon", 3600)])
def test_a_life_said_as_text_or_not_at_all_is_understood(said: object, life: int) -> None:
    with LoopbackServer() as server:
        server.on("/token", Reply.json({"access_token": "t", "expires_in": said}))
        with Http(user_agent="T", allow_private=True, now=lambda: NOW) as http:
            grant = ask_token(http, f"{server.url}/token", {}, headers=basic("a", "b"))
        assert grant.expires_at == NOW + timedelta(seconds=life)
        assert server.requests[0].headers["Authorization"] == "Basic YTpi"
