"""A Mastodon server with two accounts: a customer's and ours."""

from __future__ import annotations

import html
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer

TOKEN = "t0ken-of-the-shop"
OWN = {"id": "1", "username": "harbour", "acct": "harbour", "display_name": "Harbour Coffee"}
GUEST = {"id": "2", "username": "ada", "acct": "ada@elsewhere.example", "display_name": "Ada",
         "url": "https://elsewhere.example/@ada"}  # fmt: skip


class ThisPeer(WebPeer):
    secret = TOKEN

    def serve(self) -> None:
        self.statuses: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.limit = 500
        self.visibility = "public"
        self._next = 100
        self._token = TOKEN
        self.environment.setenv("TEST_MASTODON_TOKEN", TOKEN)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "token": "env:TEST_MASTODON_TOKEN",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        status = self.write(GUEST, text, None, self.visibility)
        self._next += 1
        self.notifications.append(
            {"id": str(self._next), "type": "mention", "account": GUEST, "status": status}
        )

    def edit(self, text: str, changed: str) -> None:
        """An edit brings no new notification on Mastodon; a direct read shows it."""
        status = self._find(text)
        status["content"] = f"<p>@harbour {html.escape(changed)}</p>"
        status["edited_at"] = "2026-03-01T11:00:00.000Z"

    def remove(self, text: str) -> None:
        ident = self._find(text)["id"]
        del self.statuses[ident]
        self.notifications = [n for n in self.notifications if n["status"]["id"] != ident]

    def published(self) -> list[str]:
        return [s["content"] for s in self.statuses.values() if s["account"] is OWN]

    def revoke(self) -> None:
        self._token = "another"

    def write(
        self, account: dict[str, Any], text: str, parent: str | None, visibility: str
    ) -> dict[str, Any]:
        self._next += 1
        ident = str(self._next)
        to = "harbour" if account is GUEST else "ada"
        self.statuses[ident] = {
            "id": ident,
            "created_at": "2026-03-01T10:00:00.000Z",
            "edited_at": None,
            "in_reply_to_id": parent,
            "visibility": visibility,
            "spoiler_text": "",
            "language": "en",
            "account": account,
            "mentions": [{"id": OWN["id"], "acct": "harbour"}] if account is GUEST else [],
            "content": f'<p><span class="h-card"><a href="#">@<span>{to}</span></a></span> '
            f"{html.escape(text.removeprefix('@' + GUEST['acct']).strip())}</p>",
            "url": f"https://mastodon.example/@x/{ident}",
        }
        return self.statuses[ident]

    def _find(self, text: str) -> dict[str, Any]:
        return next(s for s in self.statuses.values() if html.escape(text) in s["content"])

    def _answer(self, request: Request) -> Reply:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return Reply.json({"error": "The access token is invalid"}, 401)
        path = request.path
        if path == "/api/v1/accounts/verify_credentials":
            return Reply.json(OWN)
        if path == "/api/v2/instance":
            return Reply.json({"configuration": {"statuses": {"max_characters": self.limit}}})
        if path == "/api/v1/notifications":
            return self._page(self.notifications, request)
        if path == "/api/v1/statuses" and request.method == "POST":
            return self._post(request)
        if path.startswith("/api/v1/statuses/"):
            ident, _, rest = path.removeprefix("/api/v1/statuses/").partition("/")
            if ident not in self.statuses:
                return Reply.json({"error": "Record not found"}, 404)
            if request.method == "DELETE":
                return Reply.json(self.statuses.pop(ident))
            if rest == "context":
                below = [s for s in self.statuses.values() if s["in_reply_to_id"] == ident]
                return Reply.json({"ancestors": [], "descendants": below})
            return Reply.json(self.statuses[ident])
        if path.startswith("/api/v1/timelines/tag/"):
            return self._page(list(self.statuses.values()), request)
        return Reply.json({"error": "Record not found"}, 404)

    def _page(self, items: list[dict[str, Any]], request: Request) -> Reply:
        limit, after = int(request.get("limit", "40")), request.get("min_id")
        if after:
            chosen = [item for item in items if int(item["id"]) > int(after)][:limit]
        else:
            chosen = items[-limit:]
        headers = {"X-RateLimit-Remaining": "299"}
        if chosen:
            link = f"{self.server.url}{request.path}?min_id={chosen[-1]['id']}"
            headers["Link"] = f'<{link}>; rel="prev"'
        return Reply.json(chosen[::-1], **headers)

    def _post(self, request: Request) -> Reply:
        form = request.form
        if not form.get("status", "").strip():
            return Reply.json({"error": "Validation failed: Text can't be blank"}, 422)
        if form["in_reply_to_id"] not in self.statuses:
            return Reply.json({"error": "The post you are replying to does not exist"}, 404)
        key = request.headers.get("Idempotency-Key", "")
        if key not in self.keys:
            status = self.write(OWN, form["status"], form["in_reply_to_id"], form["visibility"])
            self.keys[key] = status["id"]
        return Reply.json(self.statuses[self.keys[key]])
