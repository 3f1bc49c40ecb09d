"""Takes what Slack sends over signed HTTP: proves who sent it, reads it, and hands it over.

The other way in beside Socket Mode, into the same `Receiver`. Nothing of a body is read before
its signature is proven, and whoever fails to prove it is told a number and nothing else.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from connectors.errors import AuthFailed
from connectors.secrets import Secret
from monitor.clock import Clock
from monitor.log import logger
from responders.slack.conditions import SIGNATURE, Conditions
from responders.slack.inbound import Ack

log = logger(__name__)

FIELDS_MAX = 100
CHALLENGE_MAX = 1_000
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_TRUSTED_FOR = timedelta(hours=1)

Receive = Callable[[str, Mapping[str, Any]], Ack]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request: its status, its JSON, and what to do once it has been sent.

    200 with or without a body: stored. 400: proven and unreadable. 401: not proven. 415: neither
    a form nor JSON. 503: not stored, so send it again.
    """

    status: int
    body: dict[str, Any] | None = None
    after: Callable[[], None] | None = None


class SignedRequests:
    """Serves signed requests with `receive`. Safe to use from several threads.

    Slack signs the time and the raw body with the app's signing secret; a request more than five
    minutes off our clock is refused. A request that is sent again, by Slack or by somebody who
    recorded it, is recognised by the keys of `Receiver`.
    """

    def __init__(
        self, secret: Secret, receive: Receive, clock: Clock, conditions: Conditions
    ) -> None:
        self._secret = secret
        self._receive = receive
        self._clock = clock
        self._conditions = conditions
        self._lock = threading.Lock()
        self._taken = 0
        self._refused = 0
        self._heard_at: datetime | None = None

    def take(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take one request. `headers` have lower-case names; `body` is as it came."""
        try:
            proven = self._is_proven(headers, body)
        except AuthFailed as error:
            self._conditions.hold(SIGNATURE, f"{error}, so clicks cannot be taken.")
            return Reply(503)
        if not proven:
            return Reply(401)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (FORM, JSON):
            return Reply(415)
        try:
            payload = _read_form(body) if kind == FORM else _read_json(body)
        except (ValueError, RecursionError):
            return Reply(400)
        if kind == FORM:
            return self._form(payload)
        if payload.get("type") == "url_verification":
            challenge = payload.get("challenge")
            usable = isinstance(challenge, str) and len(challenge) <= CHALLENGE_MAX
            return Reply(200, {"challenge": challenge}) if usable else Reply(400)
        if payload.get("type") != "event_callback":
            return Reply(400)
        return self._hand_over("events_api", payload)

    def health(self) -> dict[str, Any]:
        """Return how many requests were taken and refused since the start, and the last's time."""
        with self._lock:
            return {
                "taken": self._taken,
                "refused": self._refused,
                "last_heard_at": self._heard_at,
            }

    def _is_proven(self, headers: Mapping[str, str], body: bytes) -> bool:
        now = self._clock()
        verifier = SignatureVerifier(self._secret.reveal(), clock=_At(now))
        stamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        proven = False
        # Headers from outside are any text at all, and slack-sdk raises for some of it.
        well_formed = stamp.isascii() and stamp.isdigit() and bool(_SIGNATURE.fullmatch(signature))
        if well_formed and len(stamp) < 15:
            try:
                proven = verifier.is_valid(body, stamp, signature)
            except (ValueError, TypeError):
                proven = False
        with self._lock:
            trusted = self._heard_at is not None and now - self._heard_at < _TRUSTED_FOR
            if proven:
                self._taken, self._heard_at = self._taken + 1, now
            else:
                self._refused += 1
        if proven:
            self._conditions.clear(SIGNATURE)
        elif well_formed and not trusted and abs(now.timestamp() - int(stamp[:14])) <= 300:
            # While genuine requests come in, a wrong one is a stranger's and no trouble of ours.
            self._conditions.hold(
                SIGNATURE,
                "A request in Slack's form was signed with another secret, so it was refused. "
                "Compare slack.signing_secret with Basic Information, Signing Secret.",
            )
        return proven

    def _form(self, form: dict[str, Any]) -> Reply:
        if "payload" in form:
            try:
                payload = _read_json(form["payload"].encode("utf-8", "replace"))
            except (ValueError, RecursionError):
                return Reply(400)
            return self._hand_over("interactive", payload)
        if "command" in form:
            return self._hand_over("slash_commands", form)
        if "ssl_check" in form:  # Slack looks at the certificate only
            return Reply(200)
        return Reply(400)

    def _hand_over(self, kind: str, payload: Mapping[str, Any]) -> Reply:
        try:
            ack = self._receive(kind, payload)
        except Exception:
            # Whatever it was, nothing is stored: Slack is not told that it was taken.
            log.exception("slack: a request could not be served")
            return Reply(503)
        return Reply(200, ack.body, ack.after)


class _At(SignatureClock):
    """slack-sdk's clock, standing at the moment of one request."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


def _read_json(body: bytes) -> dict[str, Any]:
    read = json.loads(body)
    if not isinstance(read, dict):
        raise ValueError("not an object")
    return read


def _read_form(body: bytes) -> dict[str, Any]:
    fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    return {name: values[-1].replace("\0", "") for name, values in fields.items()}
