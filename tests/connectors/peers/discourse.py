"""A Discourse forum with a customer's account and ours; each thing a customer says is a topic."""

from __future__ import annotations

import html
import json
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer

KEY = "k3y-of-the-forum"
OWN, GUEST = "harbour", "ada"
PAGE = 50


class ThisPeer(WebPeer):
    secret = KEY

    def serve(self) -> None:
        self.posts: dict[int, dict[str, Any]] = {}
        self.topics: dict[int, dict[str, Any]] = {}
        self.queue: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.moderated = False
        self.staff = False
        self.inclusive = False
        """Older forums count the post that ``before`` names."""
        self.windowed = False
        """Older forums answer what is left of fifty numbers instead of fifty posts."""
        self._key = KEY
        self._next = 10
        self.environment.setenv("TEST_DISCOURSE_KEY", KEY)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "api_key": "env:TEST_DISCOURSE_KEY",
            "username": OWN,
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.write(GUEST, text)

    def edit(self, text: str, changed: str) -> None:
        post = self.find(text)
        post["cooked"] = f"<p>{html.escape(changed)}</p>"
        post["raw"] = changed
        post["version"] += 1
        post["updated_at"] = "2026-03-01T11:00:00.000Z"

    def remove(self, text: str) -> None:
        post = self.find(text)
        del self.posts[post["id"]]
        if post["post_number"] == 1:
            del self.topics[post["topic_id"]]

    def published(self) -> list[str]:
        return [post["raw"] for post in self.posts.values() if post["username"] == OWN]

    def revoke(self) -> None:
        self._key = "another"

    def write(
        self, name: str, text: str, topic_id: int = 0, parent: int | None = None
    ) -> dict[str, Any]:
        self._next += 1
        ident = self._next
        if not topic_id:
            topic_id = ident * 10
            self.topics[topic_id] = {
                "id": topic_id,
                "title": f"Visit no. {ident}",
                "slug": f"visit-no-{ident}",
                "closed": False,
                "archived": False,
            }
        within = [p for p in self.posts.values() if p["topic_id"] == topic_id]
        answered = next((p for p in within if p["post_number"] == parent), None)
        self.posts[ident] = {
            "id": ident,
            "name": name.title(),
            "username": name,
            "created_at": "2026-03-01T10:00:00.000Z",
            "updated_at": "2026-03-01T10:00:00.000Z",
            "cooked": f"<p>{html.escape(text)}</p>",
            "raw": text,
            "post_number": max((p["post_number"] for p in within), default=0) + 1,
            "post_type": 1,
            "reply_to_post_number": parent,
            "reply_to_user": {"username": answered["username"]} if answered else None,
            "topic_id": topic_id,
            "topic_slug": self.topics[topic_id]["slug"],
            "category_id": 5,
            "version": 1,
            "hidden": False,
            "deleted_at": None,
            "user_deleted": False,
            "reads": 1,
        }
        return self.posts[ident]

    def find(self, text: str) -> dict[str, Any]:
        return next(p for p in self.posts.values() if p["raw"] == text)

    def _answer(self, request: Request) -> Reply:
        given = request.headers.get("Api-Key")
        if given is not None and given != self._key:
            said = {"errors": ["You are not permitted."], "error_type": "invalid_access"}
            return Reply.json(said, 403)
        path = request.path
        if path == "/posts.json":
            return self._create(request) if request.method == "POST" else self._latest(request)
        if path == "/search.json":
            return self._search(request)
        if path == "/session/current.json" and given:
            return Reply.json({"current_user": {"username": OWN}})
        if path == "/notifications.json" and given:
            return Reply.json({"notifications": self.notices, "load_more_notifications": ""})
        if path == f"/posts/{OWN}/pending.json" and given:
            return Reply.json({"pending_posts": self.queue})
        if path == "/review.json" and self.staff:
            return Reply.json({"reviewables": self.refused})
        if path.startswith("/posts/by_number/"):
            place = tuple(map(int, path.removesuffix(".json").split("/")[3:]))
            there = (p for p in self.posts.values() if (p["topic_id"], p["post_number"]) == place)
            return self._one(next(there, None))
        if path.startswith("/posts/"):
            ident, _, rest = path.removeprefix("/posts/").removesuffix(".json").partition("/")
            post = self.posts.get(int(ident)) if ident.isdigit() else None
            if post and request.method == "DELETE":
                del self.posts[post["id"]]
                return Reply(200)
            return self._replies(post, request) if post and rest == "replies" else self._one(post)
        if path.startswith("/t/"):
            topic = self.topics.get(int(path.removeprefix("/t/").removesuffix(".json")))
            if topic is not None:
                topic = {**topic, "post_stream": {"posts": self._within(topic)}}
            return self._one(topic)
        return self._one(None)

    def _one(self, found: dict[str, Any] | None) -> Reply:
        if found is None:
            said = ["The requested URL or resource could not be found."]
            return Reply.json({"errors": said, "error_type": "not_found"}, 404)
        return Reply.json(found)

    def _within(self, topic: dict[str, Any]) -> list[dict[str, Any]]:
        return [p for p in self.posts.values() if p["topic_id"] == topic["id"]][:20]

    def _latest(self, request: Request) -> Reply:
        before = int(request.get("before", "0"))
        top = (
            before if before and not self.inclusive else (before or max(self.posts, default=0)) + 1
        )
        chosen = sorted((i for i in self.posts if i < top), reverse=True)
        chosen = [i for i in chosen if i >= top - PAGE] if self.windowed else chosen[:PAGE]
        shown = [
            {**self.posts[i], "topic_title": self.topics[self.posts[i]["topic_id"]]["title"]}
            for i in chosen
        ]
        for post in shown:
            if post["reply_to_user"] is None:
                del post["reply_to_user"]
        return Reply.json({"latest_posts": shown})

    def _search(self, request: Request) -> Reply:
        words, page = request.get("q").split(" order:")[0], int(request.get("page", "1"))
        hits = [p for p in self.posts.values() if words in p["raw"]][::-1]
        shown = hits[(page - 1) * PAGE : page * PAGE]
        keys = ("id", "name", "username", "created_at", "topic_id", "post_number")
        return Reply.json(
            {
                "posts": [{**{k: p[k] for k in keys}, "blurb": p["raw"][:20]} for p in shown],
                "topics": [self.topics[p["topic_id"]] for p in shown],
                "grouped_search_result": {
                    "more_full_page_results": True if len(hits) > page * PAGE else None
                },
            }
        )

    def _replies(self, post: dict[str, Any], request: Request) -> Reply:
        after = max(int(request.get("after", "1")), 1)
        found = [
            p
            for p in self.posts.values()
            if p["topic_id"] == post["topic_id"]
            and p["reply_to_post_number"] == post["post_number"]
            and p["post_number"] > after
        ]
        # The list leaves out what was written; only a post by itself tells it.
        return Reply.json([{k: v for k, v in p.items() if k != "raw"} for p in found[:20]])

    def _create(self, request: Request) -> Reply:
        if not request.headers.get("Api-Key"):
            return Reply.json({"errors": ["Log in."], "error_type": "not_logged_in"}, 403)
        body = json.loads(request.body)

        def refuse(reason: str) -> Reply:
            return Reply.json({"action": "create_post", "errors": [reason]}, 422)

        topic = self.topics.get(body["topic_id"])
        if topic is None or topic["closed"]:
            return refuse("Something has gone wrong. Perhaps the topic was closed or deleted.")
        if len(body["raw"]) < 20:
            return refuse("Body is too short (minimum is 20 characters)")
        if any(p["raw"] == body["raw"] and p["username"] == OWN for p in self.posts.values()):
            return refuse("Body is too similar to what you recently posted")
        if self.moderated:
            waiting = {"id": 71, "raw": body["raw"], "topic_id": topic["id"]}
            self.queue.append({"id": 71, "raw_text": body["raw"], "topic_id": topic["id"]})
            return Reply.json({"success": True, "action": "enqueued", "pending_post": waiting})
        return Reply.json(
            self.write(OWN, body["raw"], topic["id"], body.get("reply_to_post_number"))
        )
