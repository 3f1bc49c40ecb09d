"""OAuth 2.0 access tokens: asked for when needed, kept until shortly before they expire."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from connectors.dates import parse_date
from connectors.errors import AuthFailed, LayoutChanged, Rejected, Unavailable, UnknownOutcome
from connectors.http import Http
from connectors.outcomes import public_part
from connectors.safety import AddressRefused
from connectors.text import clip, one_line
from connectors.vault import Vault

EARLY = timedelta(minutes=2)
"""A token is renewed so long before it expires: clocks differ and calls take time."""

USUAL_LIFE = timedelta(hours=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grant:
    """One access token, until when it holds, and the refresh token that came with it, if any."""

    access_token: str
    expires_at: datetime
    refresh_token: str = ""


Ask = Callable[[Grant | None], Grant]
"""Asks the platform for a token; gets the last grant, for its refresh token may have rotated."""


class Tokens:
    """The access token of one account. It lives in the vault, so it outlasts a restart."""

    def __init__(self, name: str, vault: Vault, now: Callable[[], datetime], ask: Ask) -> None:
        self._name = name
        self._vault = vault
        self._now = now
        self._ask = ask
        self._fresh = False

    def token(self) -> str:
        """Return a token that holds for some minutes. Raises what asking for one raises."""
        kept = self._kept()
        if kept is not None and kept.access_token and kept.expires_at - EARLY > self._now():
            return kept.access_token
        return self._renewed(kept).access_token

    def use(self, call: Callable[[str], T]) -> T:
        """Return ``call(token)``; where a kept token is refused, once more with a new one."""
        self._fresh = False
        token = self.token()
        try:
            return call(token)
        except AuthFailed:
            if self._fresh:
                raise
        kept = self._kept()
        if kept is not None and kept.access_token not in ("", token):
            return call(kept.access_token)  # another source of the account was quicker
        return call(self._renewed(kept).access_token)

    def _renewed(self, kept: Grant | None) -> Grant:
        try:
            grant = self._ask(kept)
        except AuthFailed:
            # Where refresh tokens rotate, ours is stale once another source has used it.
            newer = self._kept()
            if newer is None or newer == kept:
                raise
            return newer
        self._vault.put(
            self._name,
            {
                "access_token": grant.access_token,
                "expires_at": grant.expires_at.isoformat(),
                "refresh_token": grant.refresh_token or (kept.refresh_token if kept else ""),
            },
        )
        self._fresh = True
        return grant

    def _kept(self) -> Grant | None:
        kept = self._vault.get(self._name)
        if not kept:
            return None
        expires = parse_date(str(kept.get("expires_at", "")))
        if expires is None:
            return None
        return Grant(str(kept.get("access_token", "")), expires, str(kept.get("refresh_token", "")))


def ask_token(
    http: Http,
    url: str,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
) -> Grant:
    """Ask a token endpoint (RFC 6749 section 5) with `form` and return its grant.

    Raises `AuthFailed` when the endpoint refuses for good (``invalid_grant`` and its kind), and
    `Unavailable` where it did not answer: asking twice does no harm.
    """
    try:
        answer = http.write("POST", url, data=form, headers=headers)
    except AddressRefused:
        raise
    except Rejected as error:
        raise AuthFailed(f"no token was given: {error}") from None
    except UnknownOutcome as error:
        raise Unavailable(str(error)) from None
    found: Any = answer.json()
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        if isinstance(found, dict) and "error" in found:
            reason = clip(one_line(str(found["error"])), 60)
            raise AuthFailed(f"{public_part(url)} gave no token: {reason}")
        raise LayoutChanged(f"{public_part(url)} answered no token")
    return Grant(
        found["access_token"],
        http.now() + _life(found.get("expires_in")),
        str(found.get("refresh_token") or ""),
    )


def basic(name: str, password: str) -> dict[str, str]:
    """Return the ``Authorization`` header of HTTP Basic (RFC 7617)."""
    pair = b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _life(said: Any) -> timedelta:
    """Return how long a token holds; some say it as text, some in nonsense."""
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        return USUAL_LIFE
    return timedelta(seconds=min(seconds, 10 * 365 * 86_400.0)) if seconds > 0 else USUAL_LIFE
