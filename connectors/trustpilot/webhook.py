"""Trustpilot's webhook: service reviews that were written, changed or deleted.

Trustpilot signs nothing, so the address we give it carries a secret, or Basic authentication.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime
from typing import Any

from connectors.base import FoundMention, Page, Problem
from connectors.errors import LayoutChanged, NotAdmitted
from connectors.hooks import Delivery, Hook, check_bearer
from connectors.trustpilot.reviews import ID, mention_of
from connectors.trustpilot.settings import TrustpilotSettings

_WRITTEN = frozenset({"service-review-created", "service-review-updated", "service-review-revised"})
_DELETED = "service-review-deleted"


def admit(settings: TrustpilotSettings, delivery: Delivery, _now: datetime) -> None:
    """Raise `NotAdmitted` unless the delivery carries the secret."""
    if settings.webhook_secret is None:
        raise NotAdmitted("no webhook_secret is set, so nobody can prove to be Trustpilot")
    authorization = delivery.headers.get("authorization", "")
    if authorization[:6].lower() == "basic ":
        given = _password(authorization[6:])
    else:
        given = authorization or delivery.query.get("secret", "")
    check_bearer(settings.webhook_secret.reveal(), given)


def open_delivery(settings: TrustpilotSettings, delivery: Delivery) -> Page:
    """Return the mentions of one delivery; events of other kinds are passed over.

    Where the address names a business unit, another one's events are not ours. Raises
    `LayoutChanged` for a body without a list of events.
    """
    try:
        found: Any = json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise LayoutChanged("the webhook's body is no JSON") from None
    events = found.get("events") if isinstance(found, dict) else None
    if not isinstance(events, list):
        raise LayoutChanged("the webhook's body holds no list of events")
    if delivery.query.get("businessUnitId", settings.business_unit_id) != (
        settings.business_unit_id
    ):
        return Page((), {})
    mentions: list[FoundMention] = []
    problems: list[Problem] = []
    for number, event in enumerate(events, 1):
        name = event.get("eventName") if isinstance(event, dict) else None
        if not isinstance(name, str):
            problems.append(Problem(f"webhook event {number}", "the event has no name"))
            continue
        if name not in _WRITTEN and name != _DELETED:
            continue
        data = event.get("eventData")
        try:
            if name == _DELETED:
                mentions.append(_deleted(data))
                continue
            mention, odd = mention_of(data)
        except ValueError as error:
            problems.append(Problem(f"webhook event {number}", str(error)))
            continue
        mentions.append(mention)
        if odd:
            problems.append(Problem(f"review {mention.external_id}", odd))
    return Page(tuple(mentions), {}, problems=tuple(problems))


HOOK = Hook(admit=admit, open=open_delivery)


def _deleted(data: Any) -> FoundMention:
    ident = data.get("id") if isinstance(data, dict) else None
    if not isinstance(ident, str) or not ID.match(ident):
        raise ValueError("the deleted review has no id")
    return FoundMention(ident, "", deleted=True)


def _password(encoded: str) -> str:
    try:
        pair = b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError:
        raise NotAdmitted("the authorization cannot be read") from None
    return pair.partition(":")[2]
