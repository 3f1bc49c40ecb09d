"""The two ways into X: the app's bearer token for reading, our account's own for answering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import Context
from connectors.dates import utc_now
from connectors.errors import AuthFailed, NotSupported
from connectors.http import Http
from connectors.oauth import Grant, Tokens, ask_token, basic
from connectors.outcomes import Answer
from connectors.x.errors import explaining
from connectors.x.settings import XSettings

TOKEN_NAME = "x-user"  # noqa: S105  the name under which the vault keeps it


class Access:
    """Sends requests as the app or as our account.

    X gives a new refresh token with every renewal and forgets the old one, so it lives in the
    vault; the configured one counts only until then, or when a person puts a new one there.
    """

    def __init__(self, settings: XSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        now = context.now or utc_now
        self.http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explaining(now),
            before=lambda: context.meter.spend("calls"),
        )
        self._token_http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            now=context.now,
        )
        self._tokens = Tokens(TOKEN_NAME, context.vault, now, self._ask)

    def get(self, path: str, params: Mapping[str, Any]) -> Answer:
        """Read `path` as the app."""
        return self._get(path, params, self._settings.bearer_token.reveal())

    def get_as_us(self, path: str, params: Mapping[str, Any]) -> Answer:
        """Read `path` as our account."""
        return self._as_us(lambda token: self._get(path, params, token))

    def post_as_us(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Write to `path` as our account."""
        return self._as_us(
            lambda token: self.http.write(
                "POST",
                self._base + path,
                json=dict(body),
                headers={"Authorization": f"Bearer {token}"},
            )
        )

    def delete_as_us(self, path: str) -> Answer:
        """Have what is at `path` deleted, as our account."""
        return self._as_us(
            lambda token: self.http.write(
                "DELETE", self._base + path, headers={"Authorization": f"Bearer {token}"}
            )
        )

    def close(self) -> None:
        """Release what is held."""
        self.http.close()
        self._token_http.close()

    def _as_us(self, call: Callable[[str], Answer]) -> Answer:
        if not self._settings.may_answer:
            raise NotSupported("no refresh_token is configured, so answers are posted by hand")
        return self._tokens.use(call)

    def _get(self, path: str, params: Mapping[str, Any], token: str) -> Answer:
        return self.http.get(
            self._base + path, params=params, headers={"Authorization": f"Bearer {token}"}
        )

    def _ask(self, kept: Grant | None) -> Grant:
        """Renew with the kept refresh token, else with the configured one."""
        settings = self._settings
        assert settings.refresh_token is not None, "the callers look first"
        known = [kept.refresh_token] if kept is not None and kept.refresh_token else []
        known += [token for token in [settings.refresh_token.reveal()] if token not in known]
        headers = (
            basic(settings.client_id, settings.client_secret.reveal())
            if settings.client_secret is not None
            else None
        )
        for number, token in enumerate(known, start=1):
            form = {
                "grant_type": "refresh_token",
                "refresh_token": token,
                "client_id": settings.client_id,
            }
            try:
                return ask_token(
                    self._token_http,
                    settings.token_url or f"{self._base}/oauth2/token",
                    form,
                    headers=headers,
                )
            except AuthFailed:
                if number == len(known):
                    raise
        raise AssertionError("there is always the configured token")
