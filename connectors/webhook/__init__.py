"""Webhook: takes what any platform sends, by declared paths, and answers it the same way."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.checklist import checked
from connectors.hooks import Hook
from connectors.webhook.admission import admit, challenge, delivery_id
from connectors.webhook.mapping import open_delivery
from connectors.webhook.settings import WebhookSettings
from connectors.webhook.source import WebhookConnector

__all__ = ["KIND", "WebhookConnector", "WebhookSettings"]


def _build(settings: WebhookSettings, context: Context) -> Connector:
    return WebhookConnector(settings, context)


def _capabilities_of(settings: WebhookSettings) -> Capabilities:
    if settings.reply_url is None:
        return Capabilities(reply_mode="manual", reply_is_public=settings.reply_public)
    return Capabilities(
        can_reply=True,
        reply_mode="keyed",
        reply_is_public=settings.reply_public,
        max_length=settings.reply_max_length,
    )


KIND = ConnectorKind(
    name="webhook",
    title="Webhook",
    category="generic",
    summary="Takes what your shop or any platform sends, by declared paths, and posts answers back",
    reply_needs="an address for answers",
    settings=WebhookSettings,
    capabilities=Capabilities(reply_mode="manual"),
    capabilities_of=_capabilities_of,
    build=_build,
    docs_url="https://www.rfc-editor.org/rfc/rfc6901",
    hook=Hook(admit=admit, open=open_delivery, challenge=challenge, delivery_id=delivery_id),
    begins_with_history=False,
    default_every=timedelta(days=1),
    advice={
        "AuthFailed": "Set the secret that `secret` names; for answers, check what your endpoint "
        "expects.",
        "Gone": "Your endpoint says that the item is gone; look there.",
        "NotSupported": "Name under `reply_url` where the sender takes answers.",
        "LayoutChanged": "Compare a delivery with the pointers in the settings.",
        "NotAdmitted": "Give the sender the same secret, and choose its way of signing.",
    },
    setup=(
        "Choose a long random secret, put it into an environment variable and name it under "
        "`secret`.",
        "Let the sender post JSON to /hooks/ and the source's key, with that secret.",
        "Compare one delivery with the pointers; docs/how-to/webhooks.md has examples.",
        "To answer, give the address of your endpoint under `reply_url`; it must recognise the "
        "Idempotency-Key.",
    ),
    cost="Nothing.",
    limits="Deliveries of 1 MB; 5 minutes between the stamp of a signature and its arrival.",
    terms="Those of who sends.",
    tested="Recorded deliveries of two platforms; our own peer.",
    checklist=checked(
        incremental="it is told, and does not ask",
        complete="a delivery has no pages",
        deletions="there is no direct read; the sender's word counts",
        limits="it makes no calls but answers",
        looks_first="an answer is recognised by its key",
        moderation="the response says whether an answer is visible; nothing can be asked later",
    ),
)
