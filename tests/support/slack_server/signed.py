"""Signed HTTP, Slack's side: requests with a signature, answers within three seconds, retries."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ACK_SECONDS = 3.0


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature that Slack documents for a body."""
    base = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass
class HttpDelivery:
    """One payload on its way; `answers` lists what the app said each time it was sent."""

    kind: str
    payload: dict[str, Any]
    answers: list[requests.Response] = field(default_factory=list)

    def wait(self) -> dict[str, Any]:
        """Return the answer to the first request; raise `TimeoutError` when it was no 200."""
        first = self.answers[0]
        if first.status_code != 200:
            raise TimeoutError(f"the app answered {first.status_code}")
        read: dict[str, Any] = first.json() if first.content else {}
        return read


class HttpHub:
    """Takes the place of the hub of sockets: payloads are posted to the app's request URL."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float]) -> None:
        self.url = url
        self.secret = secret
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False

    def envelope(self, kind: str, payload: dict[str, Any]) -> HttpDelivery:
        """Make a delivery without sending it."""
        return HttpDelivery(kind, payload)

    def send(self, delivery: HttpDelivery, headers: Mapping[str, str] | None = None) -> Any:
        """Post the payload as Slack does: a form for people's acts, JSON for events."""
        kind, body = FORM, urlencode(delivery.payload)
        if delivery.kind == "interactive":
            body = urlencode({"payload": json.dumps(delivery.payload)})
        elif delivery.kind == "events_api":
            kind, body = JSON, json.dumps(delivery.payload)
        delivery.answers.append(self.post(body.encode(), kind, **(headers or {})))
        return delivery

    def redeliver(self, delivery: HttpDelivery) -> HttpDelivery:
        """Send it again, as Slack does where it had no answer in time."""
        again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        self.send(delivery, again)
        return delivery

    def post(self, body: bytes, kind: str, **headers: str) -> requests.Response:
        """Post a signed body; `headers` are added, and take the place of the usual ones."""
        stamp = str(int(self._clock()))
        signed = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(self.secret, stamp, body),
            "X-Slack-Request-Id": str(uuid.uuid4()),
        }
        return self._session.post(
            self.url, data=body, headers={**signed, **headers}, timeout=ACK_SECONDS
        )

    def close(self) -> None:
        """End the connections."""
        self._session.close()
