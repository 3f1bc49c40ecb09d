"""A Facebook Page with its posts, a customer, a visitor, and the comments below."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer
from tests.support.meta_graph import APP_SECRET, TOKEN, VERIFY, failure, not_there, paged, refusal

PAGE = "106512345678901"
OWN = {"id": PAGE, "name": "Harbour Coffee"}
GUEST = {"id": "7001", "name": "Ada"}


def stamp(minutes: int) -> str:
    """Return a time so many minutes before noon, as the Graph API writes it."""
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


class ThisPeer(WebPeer):
    secret = TOKEN

    def serve(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.tagging: list[dict[str, Any]] = []
        self.comments: dict[str, dict[str, Any]] = {}
        self.shows_authors = True
        self._next = 1000
        self._token = TOKEN
        for name, value in (
            ("TEST_FACEBOOK_TOKEN", TOKEN),
            ("TEST_FACEBOOK_SECRET", APP_SECRET),
            ("TEST_FACEBOOK_VERIFY", VERIFY),
        ):
            self.environment.setenv(name, value)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": f"{self.server.url}/v26.0",
            "page_id": PAGE,
            "token": "env:TEST_FACEBOOK_TOKEN",
            "app_secret": "env:TEST_FACEBOOK_SECRET",
            "verify_token": "env:TEST_FACEBOOK_VERIFY",
            "allow_private_addresses": True,
        }
        self.post = self.publish("We open at eight")

    def publish(self, text: str, author: dict[str, Any] = OWN, minutes: int = 600) -> str:
        """Put a post on the Page and return its id."""
        self._next += 1
        ident = f"{PAGE}_{self._next}"
        self.posts[ident] = {
            "id": ident,
            "from": author,
            "message": text,
            "created_time": stamp(minutes),
            "updated_time": stamp(minutes),
            "status_type": "mobile_status_update" if author is OWN else "wall_post",
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{self._next}",
        }
        return ident

    def comment(
        self,
        text: str,
        author: dict[str, Any] = GUEST,
        parent: str = "",
        post: str = "",
        minutes: int | None = None,
    ) -> dict[str, Any]:
        """Write a comment under a post, or below another comment."""
        post = post or (self.comments[parent]["post"] if parent else self.post)
        self._next += 1
        number = post.partition("_")[2]
        age = 500 - (self._next - 1000) if minutes is None else minutes
        ident = f"{number}_{self._next}"
        self.comments[ident] = {
            "id": ident,
            "post": post,
            "parent": parent,
            "from": author,
            "message": text,
            "created_time": stamp(age),
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{number}/?comment_id={self._next}",
            "is_hidden": False,
            "can_comment": True,
            "like_count": 0,
        }
        if post in self.posts:
            self.posts[post]["updated_time"] = stamp(age)
        return self.comments[ident]

    def add(self, text: str) -> None:
        self.comment(text)

    def edit(self, text: str, changed: str) -> None:
        self._find(text)["message"] = changed

    def remove(self, text: str) -> None:
        del self.comments[self._find(text)["id"]]

    def published(self) -> list[str]:
        return [c["message"] for c in self.comments.values() if c["from"] is OWN]

    def revoke(self) -> None:
        self._token = "another"

    def _find(self, text: str) -> dict[str, Any]:
        return next(c for c in self.comments.values() if c["message"] == text)

    def _shown(self, comment: dict[str, Any]) -> dict[str, Any]:
        shown = {k: v for k, v in comment.items() if k not in ("post", "parent")}
        if not self.shows_authors and comment["from"] is not OWN:
            del shown["from"]
        if comment["parent"] in self.comments:
            shown["parent"] = self._shown(self.comments[comment["parent"]])
        shown["comment_count"] = sum(c["parent"] == comment["id"] for c in self.comments.values())
        return shown

    def _below(self, ident: str) -> list[dict[str, Any]]:
        return [c for c in self.comments.values() if ident in (c["post"], c["parent"])]

    def _listed(self, post: dict[str, Any]) -> dict[str, Any]:
        total = len(self._below(post["id"]))
        summary = {"order": "chronological", "total_count": total, "can_comment": True}
        return {**post, "comments": {"data": [], "summary": summary}}

    def _answer(self, request: Request) -> Reply:
        refused = refusal(request, self._token)
        if refused is not None:
            return refused
        version, _, rest = request.path.removeprefix("/").partition("/")
        ident, _, edge = rest.partition("/")
        if version != "v26.0":
            return failure(2500, "Unknown path components")
        if ident == PAGE and not edge:
            return Reply.json(OWN)
        if ident == PAGE and edge in ("feed", "tagged"):
            posts = sorted(self.posts.values(), key=lambda p: p["created_time"], reverse=True)
            listed = [self._listed(p) for p in (posts if edge == "feed" else self.tagging)]
            return paged(listed, request, self.server.url, 25)
        found = self.posts.get(ident) or self.comments.get(ident)
        if found is None:
            return not_there()
        if edge == "comments" and request.method == "POST":
            parent = ident if ident in self.comments else ""
            made = self.comment(request.form["message"], OWN, parent, "" if parent else ident)
            return Reply.json({"id": made["id"]})
        if edge == "comments":
            below = sorted(self._below(ident), key=lambda c: c["created_time"])
            if request.get("order") == "reverse_chronological":
                below.reverse()
            return paged([self._shown(c) for c in below], request, self.server.url, 25)
        if ident in self.posts:
            if "parent{" in request.get("fields"):
                return failure(
                    100, "(#100) Tried accessing nonexisting field (parent) on node type (PagePost)"
                )
            return Reply.json(
                {**found, "comments": {"data": [self._shown(c) for c in self._below(ident)]}}
            )
        below = [self._shown(c) for c in self._below(ident)]
        return Reply.json({**self._shown(found), "comments": {"data": below}})
