"""Speaks Slack's Web API, one attempt per call, and names what came of it.

A thin wrapper around slack-sdk's `WebClient` without its retry handlers: by default they send a
post again after a lost answer, and the message stands there twice.
"""

from __future__ import annotations

import http.client
import logging
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from connectors.errors import AuthFailed
from connectors.secrets import Secret
from responders.slack.results import (
    Answer,
    AuthDead,
    Limited,
    Refused,
    Result,
    Unknown,
    Unreachable,
)
from responders.slack.settings import SlackSettings

TIMEOUT_SECONDS = 10
REPROBE_SECONDS = 60.0

TOKEN_ERRORS = frozenset(
    {
        "token_revoked",
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "missing_scope",
        "org_login_required",
        "team_access_not_granted",
    }
)
AMBIGUOUS_ERRORS = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
)
# These take their arguments as JSON; the rest want a form.
_JSON_METHODS = ("chat.", "views.")
_FORM_METHODS = frozenset({"chat.getPermalink"})  # it only reads, and takes no JSON
_ERROR_WORD = re.compile(r"^[a-zA-Z0-9_.-]{1,80}$")
_NEVER_LEFT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


class SlackClient:
    """Calls methods with the bot token (`call`) or opens a socket with the app token.

    After a token error nothing is sent for a minute; then one call probes again. Safe to use
    from several threads. Tokens are read when they are first needed.
    """

    def __init__(
        self, settings: SlackSettings, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._limited_until: dict[str, float] = {}
        self._dead: AuthDead | None = None
        self._probe_at = 0.0

    def call(self, method: str, arguments: Mapping[str, Any]) -> Result:
        """Make one attempt at `method`; never raises for anything that Slack or a network does."""
        now = self._monotonic()
        with self._lock:
            if self._dead is not None and now < self._probe_at:
                return self._dead
            if self._dead is not None:
                # One caller probes; the others go on waiting for what it finds.
                self._probe_at = now + REPROBE_SECONDS
            wait = self._limited_until.get(method, 0.0) - now
        if wait > 0:
            return Limited(timedelta(seconds=wait))
        result = self._attempt(method, arguments, self._settings.bot_token)
        self._remember(method, result)
        return result

    def respond(self, url: str, body: Mapping[str, Any]) -> Result:
        """Answer a command or a click at the address that came with it (``response_url``)."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not _is_here(parts.hostname or ""):
            return Refused("not_a_response_url")
        client = WebhookClient(
            url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_silent_logger()
        )
        if _needs_no_proxy(url):
            client.proxy = None
        try:
            response = client.send_dict(dict(body))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _judge_loss(error)
        if response.status_code == 200:
            return Answer({}, {})
        if response.status_code == 429:
            headers = {str(key).lower(): value for key, value in response.headers.items()}
            return Limited(_retry_after(headers.get("retry-after")))
        if response.status_code >= 500:
            return Unknown(f"HTTP {response.status_code}")
        return Refused(f"http_{response.status_code}")

    def open_connection(self) -> Result:
        """Ask for the address of a new socket (``apps.connections.open``, app token)."""
        if self._settings.app_token is None:
            return AuthDead("slack.app_token is not set")
        return self._attempt("apps.connections.open", {}, self._settings.app_token)

    def _remember(self, method: str, result: Result) -> None:
        now = self._monotonic()
        with self._lock:
            if isinstance(result, Limited):
                self._limited_until[method] = now + result.retry_after.total_seconds()
            if isinstance(result, AuthDead) and result.error != "missing_scope":
                self._dead, self._probe_at = result, now + REPROBE_SECONDS
            elif isinstance(result, Answer | Refused):
                self._dead = None

    def _attempt(self, method: str, arguments: Mapping[str, Any], token: Secret) -> Result:
        try:
            value = token.reveal()
        except AuthFailed as error:
            return AuthDead(str(error))
        client = web_client(self._settings.api_url, value)
        body = {key: value for key, value in arguments.items() if value is not None}
        try:
            if method.startswith(_JSON_METHODS) and method not in _FORM_METHODS:
                response = client.api_call(method, json=body)
            else:
                response = client.api_call(method, params=body)
        except SlackApiError as error:
            return _judge(error)
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            return _judge_loss(error)
        if not isinstance(response.data, dict):
            return Unknown("the answer is not JSON")
        headers = {str(key).lower(): str(value) for key, value in response.headers.items()}
        return Answer(response.data, headers)


def web_client(api_url: str, token: str) -> WebClient:
    """Return slack-sdk's client, silent and without retries.

    Its own log would tell each failure again, and at DEBUG the texts of customers.
    """
    client = WebClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=_silent_logger(),
    )
    if _needs_no_proxy(api_url):
        client.proxy = None
    return client


def _silent_logger() -> logging.Logger:
    logger = logging.getLogger("responders.slack.sdk")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def _needs_no_proxy(url: str) -> bool:
    # slack-sdk takes a proxy from the environment and knows no exception.
    host = urlsplit(url).hostname or ""
    return _is_here(host) or bool(urllib.request.proxy_bypass(host))


def _is_here(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def _judge(error: SlackApiError) -> Result:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    headers = {str(key).lower(): value for key, value in dict(response.headers).items()}
    word = str(data.get("error", ""))
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return Limited(_retry_after(headers.get("retry-after")))
    if status >= 500 or status == 408 or word in AMBIGUOUS_ERRORS:
        return Unknown(f"HTTP {status} {word if _ERROR_WORD.match(word) else ''}".strip())
    if not _ERROR_WORD.match(word):
        if status == 200:
            return Unknown("the answer is not JSON")
        return Refused(f"http_{status}")
    if word in TOKEN_ERRORS:
        return AuthDead(word, str(data.get("needed", "")))
    return Refused(word, _advice(data))


def _advice(data: Mapping[str, Any]) -> str:
    # Slack's messages point at the broken field; they repeat no text.
    metadata = data.get("response_metadata")
    told = metadata.get("messages", []) if isinstance(metadata, Mapping) else []
    return "; ".join(str(one)[:200] for one in told[:3]) if isinstance(told, list) else ""


def _judge_loss(error: Exception) -> Result:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    name = type(cause).__name__
    if isinstance(error, urllib.error.URLError) and isinstance(cause, _NEVER_LEFT):
        return Unreachable(name)
    return Unknown(name)


def _retry_after(value: object) -> timedelta:
    first = value[0] if isinstance(value, list) and value else value
    try:
        seconds = float(str(first))
    except ValueError:
        seconds = 10.0
    return timedelta(seconds=min(max(seconds, 1.0), 3600.0))
