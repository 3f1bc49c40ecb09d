"""Renews the token of Instagram Login, which ends after 60 days, before that comes.

A renewed token lives in the vault, with the configured one it came from: a person who configures
another token is heeded at once. A renewal that fails is tried again the next day; the old token
goes on as long as it lives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Context
from connectors.dates import parse_date, utc_now
from connectors.errors import ConnectorError, LayoutChanged
from connectors.http import Http
from connectors.secrets import Secret
from connectors.vault import Vault

TOKEN_NAME = "instagram"  # noqa: S105  the name under which the vault keeps it
FIRST = timedelta(days=2)
"""A token must be a day old before Instagram renews it."""
EVERY = timedelta(days=7)
AGAIN = timedelta(days=1)


class LastingToken:
    """Returns a token that is never older than some days, when it is called."""

    def __init__(
        self, configured: Secret, base_url: str, context: Context, *, allow_private: bool
    ) -> None:
        self._configured = configured
        parts = urlsplit(base_url)
        self._url = f"{parts.scheme}://{parts.netloc}/refresh_access_token"
        self._vault: Vault = context.vault
        self._now: Callable[[], datetime] = context.now or utc_now
        self._http = Http(
            user_agent=context.user_agent, allow_private=allow_private, now=context.now
        )

    def __call__(self) -> str:
        """Return the token to use now; renew it first where its time has come."""
        configured = self._configured.reveal()
        origin = hashlib.sha256(configured.encode()).hexdigest()[:32]
        kept = self._vault.get(TOKEN_NAME) or {}
        if kept.get("origin") != origin:
            self._keep(origin, configured, FIRST)
            return configured
        token = str(kept.get("access_token") or configured)
        due = parse_date(kept.get("renew_at"))
        if due is not None and self._now() < due:
            return token
        try:
            token = self._renewed(token)
        except ConnectorError:
            self._keep(origin, token, AGAIN)
        else:
            self._keep(origin, token, EVERY)
        return token

    def close(self) -> None:
        """Release what is held."""
        self._http.close()

    def _keep(self, origin: str, token: str, time: timedelta) -> None:
        self._vault.put(
            TOKEN_NAME,
            {
                "origin": origin,
                "access_token": token,
                "renew_at": (self._now() + time).isoformat(),
            },
        )

    def _renewed(self, token: str) -> str:
        # The platform takes the token of this one call in the address only. No message shows it.
        asked = {"grant_type": "ig_refresh_token", "access_token": token}
        found: Any = self._http.get(self._url, params=asked).json()
        renewed = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(renewed, str) or not renewed:
            raise LayoutChanged("Instagram renewed no token")
        return renewed
