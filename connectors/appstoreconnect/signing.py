"""Signs the short-lived tokens that App Store Connect takes (JWT, ES256)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import jwt

from connectors.errors import AuthFailed
from connectors.secrets import Secret

AUDIENCE = "appstoreconnect-v1"
RENEW = timedelta(minutes=15)
LIFE = timedelta(minutes=19)
"""Apple takes twenty minutes at most."""
BACK = timedelta(seconds=30)
"""Our clock may be that much ahead of Apple's."""


class Signer:
    """Makes tokens for one key; each is used for a quarter of an hour."""

    def __init__(
        self, key_id: str, issuer_id: str | None, key: Secret, now: Callable[[], datetime]
    ) -> None:
        self._key_id = key_id
        self._issuer_id = issuer_id
        self._key = key
        self._now = now
        self._token = ""
        self._made: datetime | None = None

    def token(self) -> str:
        """Return a token that holds for some minutes. Raises `AuthFailed` without a usable key."""
        now = self._now()
        # A clock that was set back would otherwise keep an old token in use.
        if self._made is None or not timedelta(0) <= now - self._made < RENEW:
            self._token = self._signed(now)
            self._made = now
        return self._token

    def _signed(self, now: datetime) -> str:
        claims: dict[str, str | int] = {
            "iat": int((now - BACK).timestamp()),
            "exp": int((now - BACK + LIFE).timestamp()),
            "aud": AUDIENCE,
        }
        claims |= {"iss": self._issuer_id} if self._issuer_id else {"sub": "user"}
        # A variable often holds the line ends of the file as two characters.
        pem = self._key.reveal().replace("\\n", "\n")
        try:
            return jwt.encode(claims, pem, algorithm="ES256", headers={"kid": self._key_id})
        except Exception:  # the libraries below raise many kinds, some of them with the key
            raise AuthFailed(f"{self._key.reference} holds no private key for ES256") from None
