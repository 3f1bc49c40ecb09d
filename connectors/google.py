"""What Google's platforms share: one way to ask, and two ways to a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt

from connectors.base import Context
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    LayoutChanged,
    Unavailable,
    UnknownOutcome,
)
from connectors.googlefaults import Special, name_fault, read_fault
from connectors.http import Http
from connectors.oauth import Ask, Grant, Tokens, ask_token
from connectors.outcomes import Answer, public_part
from connectors.secrets import Secret

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a token


def root_of(base_url: str, path: str) -> str:
    """Return the address of the API: `base_url` with `path` behind it, unless it stands there."""
    base = base_url.rstrip("/")
    return base if base.endswith(path) else base + path


def beside(base_url: str, real_base: str, given: str, real: str) -> str:
    """Return the address of a further service of the platform.

    It is `given` where somebody gave one, `real` for the real platform, and else the path of
    `real` at the host of `base_url`, so that one server can play the whole platform.
    """
    if given:
        return given.rstrip("/")
    if urlsplit(base_url).netloc == urlsplit(real_base).netloc:
        return real
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{urlsplit(real).path}"


def refresh_token_grant(client_id: Secret, client_secret: Secret, refresh_token: Secret) -> AskWith:
    """Ask with a person's refresh token (RFC 6749 section 6). Google does not rotate it."""

    def ask(http: Http, url: str) -> Grant:
        form = {
            "grant_type": "refresh_token",
            "client_id": client_id.reveal(),
            "client_secret": client_secret.reveal(),
            "refresh_token": refresh_token.reveal(),
        }
        return ask_token(http, url, form)

    return ask


def service_account_grant(key: Secret, scope: str) -> AskWith:
    """Ask with a service account's signed word (RFC 7523); `key` reveals its JSON key file.

    The address in the key file is not used: the word goes where the settings say.
    """

    def ask(http: Http, url: str) -> Grant:
        try:
            found = json.loads(key.reveal())
            issuer, private = found["client_email"], found["private_key"]
            named = {"kid": found["private_key_id"]} if found.get("private_key_id") else None
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            raise AuthFailed(f"{key.reference} holds no JSON key of a service account") from None
        at = int(http.now().timestamp())
        claims = {"iss": issuer, "scope": scope, "aud": url, "iat": at, "exp": at + 3600}
        try:
            word = jwt.encode(claims, private, algorithm="RS256", headers=named)
        except Exception:  # the libraries below raise many kinds, some of them with the key
            raise AuthFailed(f"the private key in {key.reference} cannot be used") from None
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": word}
        return ask_token(http, url, form)

    return ask


AskWith = Callable[[Http, str], Grant]


class GoogleApi:
    """One account's way to one of Google's JSON APIs. Raises `ConnectorError` as `Http` does.

    An API key travels in a header, so that no address holds it. Where both a key and a token
    are given, reading uses the key and writing the token. What a call costs is spent before it.
    `name` tells the platform's token from those of Google's other platforms in one vault.
    """

    def __init__(
        self,
        context: Context,
        *,
        name: str,
        token_url: str = TOKEN_URL,
        grant: AskWith | None = None,
        key: Secret | None = None,
        special: Special | None = None,
        allow_private: bool = False,
    ) -> None:
        self._meter = context.meter
        self._special = special
        self._key = key
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=allow_private,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=self._explain,
        )
        self._token_http = Http(
            user_agent=context.user_agent, allow_private=allow_private, now=context.now
        )
        self._tokens: Tokens | None = None
        if grant is not None:
            ask: Ask = lambda _last: grant(self._token_http, token_url)  # noqa: E731
            self._tokens = Tokens(f"google {name}", context.vault, self.now, ask)

    def now(self) -> datetime:
        return self._http.now()

    def get(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        *,
        budget: str = "calls",
        cost: float = 1,
    ) -> dict[str, Any]:
        """Return the JSON object at `url`."""

        def call(headers: Mapping[str, str]) -> Answer:
            self._meter.spend(budget, cost)
            return self._http.get(url, params=params, headers=headers)

        return _object(self._authorised(call, reading=True))

    def ask(
        self, url: str, question: Mapping[str, Any], *, budget: str = "calls", cost: float = 1
    ) -> dict[str, Any]:
        """Return the answer to a question that Google takes as a POST and that changes nothing."""

        def call(headers: Mapping[str, str]) -> Answer:
            self._meter.spend(budget, cost)
            return self._http.write("POST", url, json=dict(question), headers=headers)

        try:
            return _object(self._authorised(call, reading=True))
        except UnknownOutcome as error:
            raise Unavailable(str(error)) from None

    def write(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any],
        *,
        params: Mapping[str, str] | None = None,
        budget: str = "calls",
        cost: float = 1,
    ) -> dict[str, Any]:
        """Send one change and return what now stands there.

        Raises `UnknownOutcome` also where the answer cannot be read.
        """
        if params:
            url = f"{url}?{urlencode(params)}"

        def call(headers: Mapping[str, str]) -> Answer:
            self._meter.spend(budget, cost)
            return self._http.write(method, url, json=dict(body), headers=headers)

        answer = self._authorised(call, reading=False)
        try:
            return _object(answer)
        except LayoutChanged as error:
            raise UnknownOutcome("Google took the reply and answered nonsense") from error

    def delete(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        budget: str = "calls",
        cost: float = 1,
    ) -> None:
        """Have what is at `url` deleted; whatever Google says of it, a 2xx means that it is."""
        if params:
            url = f"{url}?{urlencode(params)}"

        def call(headers: Mapping[str, str]) -> Answer:
            self._meter.spend(budget, cost)
            return self._http.write("DELETE", url, headers=headers)

        self._authorised(call, reading=False)

    def close(self) -> None:
        self._http.close()
        self._token_http.close()

    def _authorised(self, call: Callable[[Mapping[str, str]], Answer], *, reading: bool) -> Answer:
        if self._key is not None and (reading or self._tokens is None):
            return call({"X-Goog-Api-Key": self._key.reveal()})
        if self._tokens is None:
            return call({})
        return self._tokens.use(lambda token: call({"Authorization": f"Bearer {token}"}))

    def _explain(self, answer: Answer, writing: bool) -> ConnectorError | None:
        fault = read_fault(answer)
        if fault is None or (answer.status < 400 and fault.code < 400):
            return None
        special = self._special(fault, writing) if self._special is not None else None
        return special or name_fault(fault, answer, self.now(), writing=writing)


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise LayoutChanged(f"{public_part(answer.url)} answered something else than an object")
    return found
