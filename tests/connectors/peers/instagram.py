"""An Instagram account with its media, customers, and threads one level deep."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer
from tests.support.meta_graph import APP_SECRET, TOKEN, VERIFY, failure, not_there, paged, refusal

USER = "17841400000000001"
OWN = {"id": USER, "username": "harbourcoffee"}
GUEST = {"id": "9001", "username": "ada.drinks"}


def stamp(minutes: int) -> str:
    """Return a time so many minutes before noon, as the API writes it."""
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


class ThisPeer(WebPeer):
    secret = TOKEN

    def serve(self) -> None:
        self.media: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.elsewhere: dict[str, dict[str, Any]] = {}
        self.answered_elsewhere: list[dict[str, str]] = []
        self.shows_from = True
        self._next = 17_900_000_000_000_000
        self._token = TOKEN
        for name, value in (
            ("TEST_INSTAGRAM_TOKEN", TOKEN),
            ("TEST_INSTAGRAM_SECRET", APP_SECRET),
            ("TEST_INSTAGRAM_VERIFY", VERIFY),
        ):
            self.environment.setenv(name, value)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": f"{self.server.url}/v26.0",
            "user_id": USER,
            "token": "env:TEST_INSTAGRAM_TOKEN",
            "app_secret": "env:TEST_INSTAGRAM_SECRET",
            "prove_calls": True,
            "verify_token": "env:TEST_INSTAGRAM_VERIFY",
            "allow_private_addresses": True,
        }
        self.post = self.publish()

    def publish(self, minutes: int = 600) -> str:
        """Put a picture on the account and return its id."""
        self._next += 1
        ident = str(self._next)
        self.media[ident] = {
            "id": ident,
            "caption": "A cup",
            "permalink": f"https://www.instagram.com/p/C{ident[-4:]}/",
            "timestamp": stamp(minutes),
        }
        return ident

    def comment(
        self,
        text: str,
        author: dict[str, Any] = GUEST,
        parent: str = "",
        media: str = "",
        minutes: int | None = None,
    ) -> dict[str, Any]:
        """Write a comment on a picture, or below another comment."""
        self._next += 1
        age = 500 - (self._next - 17_900_000_000_000_000) if minutes is None else minutes
        ident = str(self._next)
        self.comments[ident] = {
            "id": ident,
            "on": media or (self.comments[parent]["on"] if parent else self.post),
            "parent": parent,
            "from": author,
            "text": text,
            "timestamp": stamp(age),
            "hidden": False,
        }
        return self.comments[ident]

    def add(self, text: str) -> None:
        self.comment(text)

    def edit(self, text: str, changed: str) -> None:
        """Nobody can edit a comment on Instagram; a direct read would show it all the same."""
        self._find(text)["text"] = changed

    def remove(self, text: str) -> None:
        del self.comments[self._find(text)["id"]]

    def published(self) -> list[str]:
        return [c["text"] for c in self.comments.values() if c["from"] is OWN]

    def revoke(self) -> None:
        self._token = "another"

    def _find(self, text: str) -> dict[str, Any]:
        return next(c for c in self.comments.values() if c["text"] == text)

    def _shown(self, comment: dict[str, Any], *, below: bool = True) -> dict[str, Any]:
        shown = {k: comment[k] for k in ("id", "text", "timestamp", "hidden")}
        shown["username"] = comment["from"]["username"]
        if self.shows_from:
            shown["from"] = comment["from"]
        if comment["parent"]:
            shown["parent_id"] = comment["parent"]
        replies = self._replies(comment["id"])
        if below and replies:
            listed: dict[str, Any] = {"data": [self._shown(c, below=False) for c in replies[:50]]}
            if len(replies) > 50:
                path = f"/v26.0/{comment['id']}/replies"
                link = f"{self.server.url}{path}?access_token={TOKEN}&after=c50"
                listed["paging"] = {"cursors": {"after": "c50"}, "next": link}
            shown["replies"] = listed
        return shown

    def _replies(self, ident: str) -> list[dict[str, Any]]:
        found = [c for c in self.comments.values() if c["parent"] == ident]
        return sorted(found, key=lambda c: c["timestamp"])

    def _top(self, media: str) -> list[dict[str, Any]]:
        found = [c for c in self.comments.values() if c["on"] == media and not c["parent"]]
        return sorted(found, key=lambda c: c["timestamp"], reverse=True)

    def _listed(self, media: dict[str, Any]) -> dict[str, Any]:
        count = sum(c["on"] == media["id"] for c in self.comments.values())
        top = self._top(media["id"])
        newest = {"comments": {"data": [{"id": top[0]["id"]}]}} if top else {}
        return {**media, "comments_count": count, **newest}

    def _answer(self, request: Request) -> Reply:
        refused = refusal(request, self._token)
        if refused is not None:
            return refused
        version, _, rest = request.path.removeprefix("/").partition("/")
        ident, _, edge = rest.partition("/")
        if version != "v26.0":
            return failure(2500, "Unknown path components")
        if ident in (USER, "me"):
            return self._account(request, edge)
        if ident in self.media and edge == "comments":
            return paged([self._shown(c) for c in self._top(ident)], request, self.server.url, 50)
        found = self.comments.get(ident)
        if found is None:
            return not_there()
        if edge == "replies" and request.method == "POST":
            top = found["parent"] or ident
            made = self.comment(request.form["message"], OWN, top, minutes=0)
            return Reply.json({"id": made["id"]})
        if edge == "replies":
            below = [self._shown(c) for c in self._replies(ident)]
            return paged(below, request, self.server.url, 50)
        media = self.media[found["on"]]
        return Reply.json(
            {**self._shown(found), "media": {k: media[k] for k in ("id", "permalink")}}
        )

    def _account(self, request: Request, edge: str) -> Reply:
        if edge == "media":
            media = sorted(self.media.values(), key=lambda m: m["timestamp"], reverse=True)
            return paged([self._listed(m) for m in media], request, self.server.url, 25)
        if edge == "mentions":
            self.answered_elsewhere.append(request.form)
            return Reply.json({"id": "17911111111111111"})
        asked = re.search(r"(mentioned_\w+)\.\w+\((\d+)\)", request.get("fields"))
        if asked is None:
            return Reply.json(OWN)
        told = self.elsewhere.get(asked[2])
        return not_there() if told is None else Reply.json({asked[1]: told, "id": USER})
