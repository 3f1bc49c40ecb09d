"""A webhook as a source: nothing is asked for, and answers are posted to a declared address."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import quote

from connectors.addresses import web_link
from connectors.base import BaseConnector, Context, Cursor, Health, MentionRef, Page, Receipt
from connectors.errors import LayoutChanged, NotSupported, Rejected, UnknownOutcome
from connectors.http import Http
from connectors.outcomes import public_part
from connectors.text import clip, one_line
from connectors.values import ReceiptState
from connectors.webhook.pointers import MISSING, find
from connectors.webhook.settings import WebhookSettings

SIGNATURE = "X-Rapport-Signature-256"


class WebhookConnector(BaseConnector):
    """Takes what is delivered, and answers with one signed request.

    The request carries ``{"id", "text", "key", "author", "author_id", "url"}`` as JSON, the key
    also as ``Idempotency-Key``, and ``sha256=<hmac of the body>`` in `SIGNATURE`. Whoever takes
    it recognises the key: a repeated request must not publish twice.
    """

    name = "webhook"

    def __init__(self, settings: WebhookSettings, context: Context) -> None:
        self._settings = settings
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
        )

    def fetch(self, cursor: Cursor) -> Page:
        """Return nothing: what there is comes by itself."""
        return Page((), dict(cursor), unchanged=True)

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        settings = self._settings
        if settings.reply_url is None:
            raise NotSupported("no reply_url is configured, so answers are given by hand")
        longest = settings.reply_max_length
        if longest is not None and len(text) > longest:
            raise Rejected(f"the reply has {len(text)} characters, {longest} fit")
        said = {
            "id": ref.external_id,
            "text": text,
            "key": key,
            "author": ref.author_name,
            "author_id": ref.author_id,
            "url": ref.url,
        }
        body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        secret = (settings.reply_secret or settings.secret).reveal()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        answer = self._http.write(
            "POST",
            _filled(settings.reply_url, ref),
            data=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": key,
                SIGNATURE: f"sha256={signature}",
            },
        )
        try:
            told = answer.json()
        except LayoutChanged as error:
            if settings.reply_state is not None:
                raise UnknownOutcome("the reply was taken, and no state came back") from error
            told = None
        state = self._state(told, answer.status)
        return Receipt(
            state,
            external_id=clip(one_line(_word(told, settings.reply_id)), 300),
            url=web_link(_word(told, settings.reply_link)),
            reason="the platform refused it" if state == "rejected" else "",
        )

    def verify(self) -> Health:
        """Prove that the secrets are there; only a delivery can prove the rest."""
        settings = self._settings
        settings.secret.reveal()
        way = f"takes deliveries signed as {settings.signature}"
        if settings.reply_url is None:
            return Health(True, f"{way}; answers are given by hand")
        (settings.reply_secret or settings.secret).reveal()
        return Health(True, f"{way}; posts answers to {public_part(settings.reply_url)}")

    def close(self) -> None:
        self._http.close()

    def _state(self, told: Any, status: int) -> ReceiptState:
        settings = self._settings
        if settings.reply_state is None:
            return "accepted" if status == 202 else "visible"
        found = find(told, settings.reply_state)
        if found is MISSING or not isinstance(found, str | bool):
            raise UnknownOutcome(
                "the reply was taken, and its state does not stand where it should"
            )
        if isinstance(found, bool):
            return "visible" if found else "accepted"
        word = found.strip().casefold()
        if any(word == one.casefold() for one in settings.visible_words):
            return "visible"
        if any(word == one.casefold() for one in settings.rejected_words):
            return "rejected"
        return "accepted"


def _filled(template: str, ref: MentionRef) -> str:
    """Return the address with its places filled in; nothing can break out of its segment."""
    values = {
        "id": ref.external_id,
        "parent_id": ref.parent_external_id,
        "author_id": ref.author_id,
        "location": str(ref.raw.get("location") or ""),
    }

    def value(place: re.Match[str]) -> str:
        found = values[place[1]]
        if not found or found in (".", ".."):
            raise Rejected(f"the mention has no {place[1]} to fill into reply_url")
        return quote(found, safe="")

    return re.sub(r"\{(\w+)\}", value, template)


def _word(told: Any, pointer: str | None) -> str:
    found = find(told, pointer) if pointer is not None else MISSING
    if isinstance(found, bool):
        return ""
    return str(found) if isinstance(found, str | int) else ""
