"""Reddit's interface: the token, the name that every request must bear, and single reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.base import Context
from connectors.dates import utc_now
from connectors.errors import AuthFailed, Gone, LayoutChanged
from connectors.http import Http
from connectors.oauth import Grant, Tokens, ask_token, basic
from connectors.outcomes import Answer
from connectors.reddit.refusals import explainer
from connectors.reddit.settings import RedditSettings

LARGE = 12 * 1024 * 1024
"""A hundred long posts with all that Reddit says of each."""


class Api:
    """One way to Reddit. Raises what `connectors.http` and `refusals` raise."""

    def __init__(self, settings: RedditSettings, context: Context) -> None:
        self.settings = settings
        self.now: Callable[[], datetime] = context.now or utc_now
        self._base = settings.base_url.rstrip("/")
        self.http = Http(
            user_agent=agent_of(context.user_agent, settings.username),
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explainer(self.now),
            before=lambda: context.meter.spend("calls"),
        )
        self._tokens = Tokens(self._token_name(), context.vault, self.now, self._ask)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        asked = {**(params or {}), "raw_json": 1}
        return self._tokens.use(
            lambda token: self.http.get(
                self._base + path, params=asked, headers=_bearer(token), size=LARGE
            )
        )

    def post(self, path: str, form: Mapping[str, Any]) -> Answer:
        url = f"{self._base}{path}?raw_json=1"
        return self._tokens.use(
            lambda token: self.http.write("POST", url, data=form, headers=_bearer(token))
        )

    def things(self, answer: Answer) -> tuple[list[Any], str]:
        """Return the things of a listing and the name after which the next page starts."""
        return listing_in(answer.json(), self._base)

    def thread(self, post: str, comment: str = "") -> tuple[Any, list[Any]]:
        """Return a post, and the comments below it or one comment with what is below that."""
        path = f"/comments/{post.removeprefix('t3_')}"
        if comment:
            path += f"/_/{comment.removeprefix('t1_')}"
        found = self.get(path, {"sort": "new", "limit": 500, "depth": 3}).json()
        if not isinstance(found, list) or len(found) < 2:
            raise LayoutChanged(f"{self._base} answered no thread")
        heads, _ = listing_in(found[0], self._base)
        return (heads or [None])[0], listing_in(found[1], self._base)[0]

    def _token_name(self) -> str:
        """Return the token's name in the vault; another user or application has another one."""
        who = [self.settings.client_id, self.settings.username, self.settings.token_host()]
        who.append("user" if self.settings.has_account else "application")
        return "token-" + blake2b("\n".join(who).encode(), digest_size=6).hexdigest()

    def _ask(self, kept: Grant | None) -> Grant:
        settings = self.settings
        if settings.refresh_token is not None:
            rotated = kept.refresh_token if kept is not None else ""
            first = settings.refresh_token.reveal()
            if rotated and rotated != first:
                try:
                    return self._asked({"grant_type": "refresh_token", "refresh_token": rotated})
                except AuthFailed:
                    pass  # the one in the settings may be newer
            return self._asked({"grant_type": "refresh_token", "refresh_token": first})
        if settings.password is not None:
            return self._asked(
                {
                    "grant_type": "password",
                    "username": settings.username,
                    "password": settings.password.reveal(),
                }
            )
        return self._asked({"grant_type": "client_credentials"})

    def _asked(self, form: Mapping[str, str]) -> Grant:
        secret = self.settings.client_secret.reveal()
        headers = basic(self.settings.client_id, secret)
        try:
            return ask_token(
                self.http,
                self.settings.token_host() + "/api/v1/access_token",
                form,
                headers=headers,
            )
        except Gone as error:
            raise AuthFailed(f"no token is given there: {error}") from None


def listing_in(found: Any, where: str) -> tuple[list[Any], str]:
    """Return a listing's things and its ``after``; raise `LayoutChanged` where it is none."""
    data = found.get("data") if isinstance(found, dict) else None
    things = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(things, list):
        raise LayoutChanged(f"{where} answered no listing, which even an empty one is")
    after = data.get("after")
    usable = isinstance(after, str) and len(after) <= 100 and after.isprintable()
    return things, str(after) if usable else ""


def agent_of(user_agent: str, username: str) -> str:
    """Return a User-Agent in the form that Reddit demands; others are slowed down.

    >>> agent_of("Rapport/0.1 (customer review monitor)", "harbour")
    'python:rapport:v0.1 (by /u/harbour)'
    """
    match = re.match(r"([\w.-]+)/([\w.-]+)", user_agent)
    name, version = (match[1].lower(), match[2]) if match else ("rapport", "0")
    return f"python:{name}:v{version} (by /u/{username})"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"bearer {token}"}
