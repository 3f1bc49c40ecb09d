"""Tells whether a delivery comes from whom it should."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime

from connectors.errors import NotAdmitted
from connectors.hooks import Delivery, check_bearer, check_hmac, check_stamped_hmac
from connectors.meta import answer_challenge
from connectors.webhook.settings import WebhookSettings

USUAL_HEADERS: Mapping[str, str] = {
    "github": "x-hub-signature-256",
    "meta": "x-hub-signature-256",
    "discourse": "x-discourse-event-signature",
    "stamped": "stripe-signature",
    "bearer": "authorization",
    "basic": "authorization",
}
IDS = ("x-github-delivery", "x-discourse-event-id", "webhook-id", "x-webhook-id", "x-delivery-id")
"""Where senders number what they send. Ids that proxies give (X-Request-Id) differ each time."""


def admit(settings: WebhookSettings, delivery: Delivery, now: datetime) -> None:
    """Raise `NotAdmitted` unless the sender proved itself in the configured way."""
    secret, style = settings.secret.reveal(), settings.signature
    if style == "query":
        check_bearer(secret, delivery.query.get("secret", ""))
        return
    name = (settings.signature_header or USUAL_HEADERS[style]).lower()
    given = delivery.headers.get(name, "")
    if style == "stamped":
        check_stamped_hmac(secret, delivery.body, given, now)
    elif style == "bearer":
        check_bearer(secret, given)
    elif style == "basic":
        check_bearer(secret, _name_and_password(given))
    else:
        check_hmac(secret, delivery.body, given)


def challenge(settings: WebhookSettings, query: Mapping[str, str]) -> str | None:
    """Return Meta's challenge to who knows our verify token, else None."""
    return answer_challenge(settings.verify_token, query)


def delivery_id(delivery: Delivery) -> str:
    """Return the sender's own id of a delivery, or nothing."""
    return next((delivery.headers[name] for name in IDS if delivery.headers.get(name)), "")


def _name_and_password(given: str) -> str:
    scheme, _, coded = given.strip().partition(" ")
    if scheme.lower() != "basic":
        raise NotAdmitted("the name and password are missing")
    try:
        return b64decode(coded.strip(), validate=True).decode("utf-8")
    except ValueError:
        raise NotAdmitted("the name and password cannot be read") from None
