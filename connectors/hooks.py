"""Webhooks: what a platform sends us by itself, and how we know that it is the platform.

The host stores an admitted delivery before it answers, and opens it later. Senders repeat and
reorder what they send; `delivery_id` recognises a repetition, and the times in the mentions tell
what is newer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import NotAdmitted
from connectors.values import Page

TOLERANCE = timedelta(minutes=5)
"""How far the time in a signature may be from ours, as Stripe and Slack have it."""

_STAMPED = re.compile(r"(?:^|,)\s*(t|v1)=([0-9a-fA-F]+)")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it arrived. Header names are in lower case; the body is raw."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hook:
    """How one connector takes deliveries. All functions are pure and get the settings first.

    `admit(settings, delivery, now)` raises `NotAdmitted` unless the sender proved itself.
    `open(settings, delivery)` returns what it tells; the page's cursor is not used. It raises
    `LayoutChanged` for a body that is none of the platform's. `challenge(settings, query)`
    answers the platform's question at subscription, None refuses it. `delivery_id(delivery)`
    is the sender's own id of the delivery; where it is missing or empty the body's hash serves.
    """

    admit: Callable[[Any, Delivery, datetime], None]
    open: Callable[[Any, Delivery], Page]
    challenge: Callable[[Any, Mapping[str, str]], str | None] | None = None
    delivery_id: Callable[[Delivery], str] | None = None


def check_hmac(secret: str, body: bytes, signature: str) -> None:
    """Check ``sha256=<hex>`` (GitHub, Meta, Discourse) over the raw body, in constant time.

    Raises `NotAdmitted`.
    """
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = signature.strip().removeprefix("sha256=").lower()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise NotAdmitted("the signature is missing or wrong")


def check_stamped_hmac(secret: str, body: bytes, signature: str, now: datetime) -> None:
    """Check ``t=<epoch>,v1=<hex>`` (Stripe and its kind); old and future stamps are refused.

    Raises `NotAdmitted`.
    """
    parts = _STAMPED.findall(signature)
    stamps = [value for name, value in parts if name == "t" and value.isdigit()]
    if len(stamps) != 1 or len(stamps[0]) > 12:
        raise NotAdmitted("the signature carries no time")
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE.total_seconds():
        raise NotAdmitted("the signature is too old")
    wanted = hmac.new(secret.encode(), f"{stamps[0]}.".encode() + body, hashlib.sha256).hexdigest()
    given = [value.lower() for name, value in parts if name == "v1"]
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
        raise NotAdmitted("the signature is missing or wrong")


def check_bearer(secret: str, given: str) -> None:
    """Check a plain shared secret, with or without ``Bearer``, in constant time.

    Raises `NotAdmitted`.
    """
    bare = re.sub(r"^bearer\s+", "", given.strip(), flags=re.I)
    if not hmac.compare_digest(secret.encode(), bare.encode()):
        raise NotAdmitted("the secret is missing or wrong")
