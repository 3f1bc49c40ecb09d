"""A shop that posts its reviews to us, and takes our answers at an address of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from connectors.hooks import Delivery
from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer

SECRET = "a long secret of the shop"


class ThisPeer(WebPeer):
    secret = SECRET
    authors_tell_deletions = True

    def serve(self) -> None:
        self.delivered: list[Delivery] = []
        self.items: dict[str, str] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.environment.setenv("TEST_WEBHOOK_SECRET", SECRET)
        self.server.otherwise(self._answer)
        self.settings = {
            "secret": "env:TEST_WEBHOOK_SECRET",
            "reply_url": f"{self.server.url}/reviews/{{id}}/answer",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        ident = str(len(self.items) + 1)
        self.items[text] = ident
        self._send("created", ident, text)

    def edit(self, text: str, changed: str) -> None:
        ident = self.items[changed] = self.items.pop(text)
        self._send("edited", ident, changed)

    def remove(self, text: str) -> None:
        self._send("deleted", self.items.pop(text), text)

    def published(self) -> list[str]:
        return [answer["text"] for answer in self.answers.values()]

    def deliveries(self) -> list[Delivery]:
        return self.delivered

    def revoke(self) -> None:
        self.environment.setenv("TEST_WEBHOOK_SECRET", "another")

    def _send(self, action: str, ident: str, text: str) -> None:
        minute = len(self.delivered)
        body = json.dumps(
            {
                "action": action,
                "id": ident,
                "author": "Ada",
                "text": text,
                "rating": 2,
                "created_at": "2026-03-01T10:00:00Z",
                "updated_at": f"2026-03-01T10:{minute:02d}:00Z",
            }
        ).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signature}"}
        self.delivered.append(Delivery(body, headers))

    def _answer(self, request: Request) -> Reply:
        wanted = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        if request.headers.get("X-Rapport-Signature-256") != f"sha256={wanted}":
            return Reply.json({"message": "who are you?"}, 401)
        said = json.loads(request.body)
        if said["id"] not in self.items.values():
            return Reply.json({"message": "no such review"}, 404)
        key = request.headers["Idempotency-Key"]
        self.answers.setdefault(key, said)
        return Reply.json({"id": f"answer-to-{said['id']}", "url": "https://shop.example/r"}, 201)
