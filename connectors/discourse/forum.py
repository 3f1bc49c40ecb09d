"""One forum over HTTP: who we are there, and how its things are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import Context
from connectors.discourse.answers import explain
from connectors.discourse.posts import number_of
from connectors.discourse.settings import DiscourseSettings
from connectors.errors import AuthFailed, Gone, LayoutChanged, Rejected
from connectors.http import Http
from connectors.outcomes import Answer


class Forum:
    """Asks one forum, with or without an account. Used by one thread at a time."""

    def __init__(self, settings: DiscourseSettings, context: Context) -> None:
        self.base = settings.base_url.rstrip("/")
        self._settings = settings
        self._name = settings.username
        meter = context.meter

        def spend() -> None:
            meter.spend("calls")
            if settings.user_api_key is not None:
                meter.spend("daily calls")

        self.http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explain,
            before=spend,
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read `path` as whoever the settings name. Raises `ConnectorError`."""
        return self.http.get(self.base + path, params=params, headers=self._authorization())

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send `body` as JSON to `path`. Raises `ConnectorError`."""
        return self.http.write("POST", self.base + path, json=body, headers=self._authorization())

    def delete(self, path: str) -> None:
        """Have what is at `path` deleted. Raises `ConnectorError`."""
        self.http.write("DELETE", self.base + path, headers=self._authorization())

    def topic(self, ident: int) -> Mapping[str, Any]:
        """Return a topic with its first posts; raise `Gone` when there is none."""
        if not ident:
            raise Rejected("this is no id of a topic")
        found = self.get(f"/t/{ident}.json").json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self.base} answered no topic")
        return found

    def id_at(self, topic: int, number: int) -> str:
        """Return the id of the post at this place of a topic, or nothing where we see none."""
        try:
            found = self.get(f"/posts/by_number/{topic}/{number}.json").json()
        except (Gone, AuthFailed):
            return ""
        ident = number_of(of(found, "id"))
        return str(ident) if ident else ""

    def own_name(self) -> str:
        """Return the name of our account; asked once where the settings do not say it."""
        if not self._name:
            self._name = self.account()
        return self._name

    def account(self) -> str:
        """Return the name of the account that the key belongs to, as the forum says it."""
        found = of(self.get("/session/current.json").json(), "current_user")
        name = of(found, "username")
        if not isinstance(name, str) or not name:
            raise LayoutChanged(f"{self.base} answered no account")
        return name

    def _authorization(self) -> dict[str, str]:
        if self._settings.api_key is not None:
            key = self._settings.api_key.reveal()
            return {"Api-Key": key, "Api-Username": self._settings.username}
        if self._settings.user_api_key is not None:
            return {"User-Api-Key": self._settings.user_api_key.reveal()}
        return {}


def post_path(ident: str, rest: str = "") -> str:
    """Return the path of a post; raise `Rejected` for what is no id."""
    if not number_of(ident):
        raise Rejected("this is no id of a post")
    return f"/posts/{ident}{rest}.json"


def of(found: Any, key: str) -> Any:
    """Return the value of `key` where `found` is an object, else None."""
    return found.get(key) if isinstance(found, dict) else None
