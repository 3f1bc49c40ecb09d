"""Our session at Bluesky: logged in rarely, refreshed when it expires, kept in the vault."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Context
from connectors.bluesky.settings import BlueskySettings
from connectors.dates import parse_date
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Http
from connectors.oauth import USUAL_LIFE, Grant, Tokens
from connectors.outcomes import Answer

LOGINS = "logins"
_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\Z")
"""A server's name in the DNS. Only this is taken from a document, with the port."""


class Session:
    """Asks as our account. `createSession` is limited to 30 in five minutes and 300 a day."""

    def __init__(
        self,
        settings: BlueskySettings,
        context: Context,
        http: Http,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._vault = context.vault
        self._meter = context.meter
        self._http = http
        self._now = now
        self._tokens = Tokens("session", context.vault, now, self._ask)

    def did(self) -> str:
        """Return our account's DID; logs in where that never happened."""
        if not self._account():
            self._tokens.token()
        return str(self._account().get("did", ""))

    def get(self, method: str, params: Mapping[str, Any] | None = None) -> Answer:
        self._forget_another()
        return self._tokens.use(
            lambda token: self._http.get(self._url(method), params=params, headers=_bearer(token))
        )

    def post(self, method: str, body: Mapping[str, Any]) -> Answer:
        self._forget_another()
        return self._tokens.use(
            lambda token: self._http.write(
                "POST", self._url(method), json=body, headers=_bearer(token)
            )
        )

    def _url(self, method: str) -> str:
        return f"{self._account().get('host') or self._base}/xrpc/{method}"

    def _account(self) -> Mapping[str, Any]:
        """Return what the vault knows of the account, if it is still this one."""
        kept = self._vault.get("account") or {}
        mine = {"identifier": self._settings.identifier, "base": self._base}
        return kept if {key: kept.get(key) for key in mine} == mine else {}

    def _forget_another(self) -> None:
        if not self._account():
            self._vault.put("session", None)

    def _ask(self, kept: Grant | None) -> Grant:
        if kept is not None and kept.refresh_token and self._account():
            try:
                return self._asked(
                    self._url("com.atproto.server.refreshSession"),
                    None,
                    _bearer(kept.refresh_token),
                )
            except (AuthFailed, Gone, Rejected):
                pass  # it holds for some weeks, and not for ever; then there is the password
        secret = self._settings.app_password
        if secret is None:
            raise AuthFailed("there is no app password")
        who = {"identifier": self._settings.identifier, "password": secret.reveal()}
        self._meter.spend(LOGINS)
        return self._asked(f"{self._base}/xrpc/com.atproto.server.createSession", who, {})

    def _asked(self, url: str, body: Any, headers: Mapping[str, str]) -> Grant:
        try:
            found = self._http.write("POST", url, json=body, headers=headers).json()
        except UnknownOutcome as error:
            raise Unavailable(str(error)) from None  # a second session does no harm
        told = found if isinstance(found, dict) else {}
        tokens = [told.get("accessJwt"), told.get("refreshJwt")]
        if not isinstance(told.get("did"), str) or not all(isinstance(t, str) for t in tokens):
            raise LayoutChanged(f"{self._base} answered no session")
        access, refresh = map(str, tokens)
        if told.get("active") is False:
            raise AuthFailed(f"the account is not active ({told.get('status') or 'no reason'})")
        self._vault.put(
            "account",
            {
                "identifier": self._settings.identifier,
                "base": self._base,
                "did": told["did"],
                "handle": str(told.get("handle") or ""),
                "host": self._home(told.get("didDoc")) or self._account().get("host", ""),
            },
        )
        return Grant(access, expiry_of(access) or self._now() + USUAL_LIFE, refresh)

    def _home(self, document: Any) -> str:
        """Return the server where the account lives, by its DID document.

        Only Bluesky's own entrance is left for another server, and only for https: a server
        that somebody chose on purpose is not left.
        """
        if not self._settings.is_usual() or not isinstance(document, dict):
            return ""
        services = document.get("service")
        for service in services if isinstance(services, list) else []:
            told = service if isinstance(service, dict) else {}
            endpoint = told.get("serviceEndpoint")
            if str(told.get("id", "")).endswith("#atproto_pds") and isinstance(endpoint, str):
                try:
                    parts = urlsplit(endpoint)
                    port = f":{parts.port}" if parts.port else ""
                except ValueError:
                    continue
                if parts.scheme == "https" and _NAME.match(parts.hostname or ""):
                    return f"https://{parts.hostname}{port}"
        return ""


def expiry_of(token: str) -> datetime | None:
    """Return when a JWT expires by its own word, or None. It is not verified: it is ours."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        told = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return parse_date(told.get("exp")) if isinstance(told, dict) else None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
