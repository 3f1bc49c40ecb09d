"""X with one account of ours, a customer, prices, and the rule of the summons."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer
from connectors.x.ids import id_at

BEARER = "AAAAAAAAAAbearerOfTheHarbour"
OWN = {"id": "2244994945", "username": "harbour", "name": "Harbour Coffee"}
GUEST = {"id": "77", "username": "ada", "name": "Ada"}
USERS = {user["id"]: user for user in (OWN, GUEST)}


def problem(
    status: int, title: str, detail: str = "", kind: str = "about:blank", **headers: str
) -> Reply:
    """Return an error as API 2 writes it."""
    body = {"title": title, "detail": detail or title, "type": kind, "status": status}
    return Reply.json(body, status, **headers)


def not_found(ident: str) -> Reply:
    """Return the 200 with which X says that a post is not there."""
    error = {
        "value": ident,
        "detail": f"Could not find tweet with id: [{ident}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": ident,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
    return Reply.json({"errors": [error]})


class ThisPeer(WebPeer):
    secret = BEARER

    def serve(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.limit = 100
        self.refresh = "refresh-0"
        self.access = ""
        self.renewals = 0
        self._bearer = BEARER
        self._age = itertools.count(0)
        for name, value in (
            ("TEST_X_BEARER", BEARER),
            ("TEST_X_REFRESH", self.refresh),
            ("TEST_X_SECRET", "client-secret"),
        ):
            self.environment.setenv(name, value)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": f"{self.server.url}/2",
            "bearer_token": "env:TEST_X_BEARER",
            "user_id": OWN["id"],
            "username": "harbour",
            "client_id": "client",
            "client_secret": "env:TEST_X_SECRET",
            "refresh_token": "env:TEST_X_REFRESH",
            "allow_private_addresses": True,
        }

    def write(
        self,
        author: dict[str, Any],
        text: str,
        *,
        at: datetime | None = None,
        parent: str = "",
        **more: Any,
    ) -> dict[str, Any]:
        """Put a post there; the later it is written, the later its id."""
        moment = at or NOW - timedelta(hours=1) + timedelta(seconds=next(self._age))
        ident = str(int(id_at(moment)) + 2 + len(self.posts))
        post: dict[str, Any] = {
            "id": ident,
            "text": text,
            "author_id": author["id"],
            "created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "conversation_id": ident,
            "lang": "en",
            "reply_settings": "everyone",
            "edit_history_tweet_ids": [ident],
        }
        if "@harbour" in text:
            post["entities"] = {
                "mentions": [{"start": 0, "end": 8, "username": "harbour", "id": OWN["id"]}]
            }
        if parent:
            post["referenced_tweets"] = [{"type": "replied_to", "id": parent}]
            post["in_reply_to_user_id"] = self.posts[parent]["author_id"]
        self.posts[ident] = {**post, **more}
        return self.posts[ident]

    def add(self, text: str) -> None:
        self.write(GUEST, f"@harbour {text}")

    def edit(self, text: str, changed: str) -> None:
        """An edit is a new post that lists all versions; the search shows the latest only."""
        before = self._find(text)
        after = self.write(GUEST, f"@harbour {changed}")
        after["edit_history_tweet_ids"] = [*before["edit_history_tweet_ids"], after["id"]]
        before["edit_history_tweet_ids"] = after["edit_history_tweet_ids"]

    def remove(self, text: str) -> None:
        del self.posts[self._find(text)["id"]]

    def published(self) -> list[str]:
        return [p["text"] for p in self.posts.values() if p["author_id"] == OWN["id"]]

    def revoke(self) -> None:
        self._bearer = "another"

    def _find(self, text: str) -> dict[str, Any]:
        return next(p for p in self.posts.values() if text in p["text"])

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix("/2")
        if path == "/oauth2/token":
            return self._renew(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in (self._bearer, self.access) or not given:
            return problem(401, "Unauthorized")
        if path == "/tweets" and request.method == "POST":
            return (
                self._post(request)
                if given == self.access
                else problem(
                    403,
                    "Unsupported Authentication",
                    "Authenticating with OAuth 2.0 Application-Only "
                    "is forbidden for this endpoint.",
                )
            )
        if path == "/users/me":
            return Reply.json({"data": OWN}) if given == self.access else problem(403, "Forbidden")
        if path == "/tweets/search/recent":
            return self._search(request)
        parts = path.strip("/").split("/")
        if parts[0] == "tweets" and request.method == "DELETE":
            if given != self.access:
                return problem(403, "Forbidden")
            gone = self.posts.pop(parts[1], None) is None
            return not_found(parts[1]) if gone else Reply.json({"data": {"deleted": True}})
        if parts[0] == "tweets":
            return self._single(parts[1], request)
        if parts[1] not in USERS:
            return problem(404, "Not Found Error")
        if len(parts) == 2:
            return Reply.json({"data": USERS[parts[1]]})
        if parts[2] == "mentions":
            named = [p for p in self.posts.values() if "@harbour" in p["text"]]
            return self._page(named, request, "pagination_token")
        own = [p for p in self.posts.values() if p["author_id"] == parts[1]]
        return self._page(own, request, "pagination_token")

    def _search(self, request: Request) -> Reply:
        since = request.get("since_id")
        if since and int(since) < int(id_at(NOW - timedelta(days=7))):
            return problem(
                400,
                "Invalid Request",
                "'since_id' must be a tweet id created after [x]. Please "
                "use a 'since_id' that is larger than 1",
            )
        word = request.get("query").split()[0].casefold()
        young = id_at(NOW - timedelta(days=7))
        found = [
            p
            for p in self.posts.values()
            if word in p["text"].casefold() and int(p["id"]) > int(young)
        ]
        return self._page(found, request, "next_token")

    def _page(self, posts: list[dict[str, Any]], request: Request, key: str) -> Reply:
        since = int(request.get("since_id", "0"))
        latest = [p for p in posts if p["edit_history_tweet_ids"][-1] == p["id"]]
        chosen = sorted(
            (p for p in latest if int(p["id"]) > since), key=lambda p: int(p["id"]), reverse=True
        )
        token = request.get(key)
        if token:
            chosen = [p for p in chosen if int(p["id"]) < int(token[1:])]
        size = min(int(request.get("max_results", "10")), self.limit)
        page = chosen[:size]
        headers = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449",
                   "x-rate-limit-reset": "1772366400"}  # fmt: skip
        if not page:
            return Reply(200, json.dumps({"meta": {"result_count": 0}}).encode(), headers)
        meta = {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"], "result_count": len(page)}
        if len(chosen) > size:
            meta["next_token"] = f"t{page[-1]['id']}"
        body: dict[str, Any] = {"data": page, "meta": meta, **self._includes(page, request)}
        return Reply(200, json.dumps(body).encode(), headers)

    def _includes(self, posts: list[dict[str, Any]], request: Request) -> dict[str, Any]:
        if "author_id" not in request.get("expansions"):
            return {}
        authors = dict.fromkeys(p["author_id"] for p in posts)
        return {"includes": {"users": [USERS[ident] for ident in authors]}}

    def _single(self, ident: str, request: Request) -> Reply:
        post = self.posts.get(ident)
        if post is None:
            return not_found(ident)
        return Reply.json({"data": post, **self._includes([post], request)})

    def _post(self, request: Request) -> Reply:
        said = json.loads(request.body)
        parent = self.posts.get(said["reply"]["in_reply_to_tweet_id"])
        if parent is None:
            return problem(
                403,
                "Forbidden",
                "You attempted to reply to a Tweet that is deleted or not visible to you.",
            )
        if "@harbour" not in parent["text"]:
            return problem(
                403,
                "Forbidden",
                "Reply to this conversation is not allowed because you have not been mentioned or "
                "otherwise engaged by the author of the post you are replying to.",
            )
        if said["text"] in self.published():
            return problem(
                403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."
            )
        made = self.write(OWN, said["text"], parent=parent["id"])
        return Reply.json({"data": {"id": made["id"], "text": made["text"]}}, 201)

    def _renew(self, request: Request) -> Reply:
        """Each refresh token works once; the answer brings the next."""
        form = request.form
        if form.get("refresh_token") != self.refresh or form.get("client_id") != "client":
            return Reply.json(
                {"error": "invalid_request", "error_description": "Value passed was invalid."}, 400
            )
        self.renewals += 1
        self.refresh, self.access = f"refresh-{self.renewals}", f"access-{self.renewals}"
        return Reply.json(
            {
                "token_type": "bearer",
                "expires_in": 7200,
                "access_token": self.access,
                "refresh_token": self.refresh,
                "scope": "tweet.read tweet.write users.read offline.access",
            }
        )
