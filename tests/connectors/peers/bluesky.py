"""A Bluesky server: one host that is entrance, home of our account, and the view of all posts."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.bluesky.tids import TID, write_tid
from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

POST = "app.bsky.feed.post"
PASSWORD = "abcd-efgh-ijkl-mnop"
OWN, GUEST = "did:plc:harbour", "did:plc:ada"
HANDLES = {"harbour.example": OWN, "ada.example": GUEST}
START = NOW - timedelta(hours=1)


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class ThisPeer(WebPeer):
    secret = PASSWORD

    def serve(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.reasons: dict[str, str] = {}
        self.blocked: set[str] = set()
        self.page_at_most = 100
        self.logins = self.refreshes = 0
        self.home: str | None = None
        self._number = 0
        self._tokens = {"access": "", "refresh": ""}
        self._password = PASSWORD
        self.life = timedelta(hours=2)
        self.environment.setenv("TEST_BLUESKY_PASSWORD", PASSWORD)
        self.server.otherwise(self._answer)
        # What an answer reads beforehand still works where only the write breaks.
        self.server.spare("/xrpc/app.bsky.feed.getPosts")
        self.settings = {
            "base_url": self.server.url,
            "identifier": "harbour.example",
            "app_password": "env:TEST_BLUESKY_PASSWORD",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.write(text, reason="mention")

    def edit(self, text: str, changed: str) -> None:
        self._find(text)["record"]["text"] = changed

    def remove(self, text: str) -> None:
        del self.posts[self._find(text)["uri"]]

    def published(self) -> list[str]:
        return [p["record"]["text"] for p in self.posts.values() if p["author"]["did"] == OWN]

    def revoke(self) -> None:
        self._password = "another"
        self.expire()
        self._tokens["refresh"] = "gone"

    def expire(self) -> None:
        """Make the access token worthless before its time."""
        self._tokens["access"] = "gone"

    def write(
        self,
        text: str,
        *,
        did: str = GUEST,
        at: datetime | None = None,
        parent: dict[str, Any] | None = None,
        reason: str = "",
        rkey: str = "",
        **record: Any,
    ) -> dict[str, Any]:
        self._number += 1
        moment = at or START + timedelta(seconds=self._number)
        rkey = rkey or write_tid(int(moment.timestamp() * 1e6), self._number % 1024)
        uri = f"at://{did}/{POST}/{rkey}"
        handle = next(name for name, owner in HANDLES.items() if owner == did)
        record = {"$type": POST, "text": text, "createdAt": written(moment), "langs": ["en"]} | {
            **record
        }
        if parent is not None:
            above = parent["record"].get("reply", {}).get("root") or self._ref(parent)
            record["reply"] = {"root": above, "parent": self._ref(parent)}
        self.posts[uri] = {
            "uri": uri,
            "cid": f"bafy{self._number}",
            "author": {"did": did, "handle": handle, "displayName": handle.split(".")[0].title()},
            "record": record,
            "replyCount": 0,
            "indexedAt": written(moment),
            "viewer": {"threadMuted": False, "embeddingDisabled": False},
            "labels": [],
        }
        if reason:
            self.reasons[uri] = reason
        return self.posts[uri]

    @staticmethod
    def _ref(post: dict[str, Any]) -> dict[str, str]:
        return {"uri": post["uri"], "cid": post["cid"]}

    def _find(self, text: str) -> dict[str, Any]:
        return next(p for p in self.posts.values() if text in p["record"]["text"])

    def _answer(self, request: Request) -> Reply:
        method = request.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession":
            return self._log_in(json.loads(request.body))
        if method == "com.atproto.server.refreshSession":
            if request.headers.get("Authorization") != f"Bearer {self._tokens['refresh']}":
                return error("ExpiredToken", "Token has been revoked", 400)
            self.refreshes += 1
            return self._session()
        told = request.headers.get("Authorization")
        public = method in ("app.bsky.feed.searchPosts", "app.bsky.feed.getPosts")
        if told is None and not public:
            return error("AuthMissing", "Authentication Required", 401)
        if told is not None and told != f"Bearer {self._tokens['access']}":
            return error("ExpiredToken", "Token has expired", 400)
        methods: dict[str, Callable[[Request], Reply]] = {
            "com.atproto.server.getSession": lambda _: Reply.json(
                {"did": OWN, "handle": "harbour.example", "active": True}
            ),
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.feed.getPosts": self._get_posts,
            "app.bsky.feed.getPostThread": self._thread,
            "com.atproto.repo.getRecord": self._get_record,
            "com.atproto.repo.createRecord": self._create,
            "com.atproto.repo.deleteRecord": self._delete,
            "com.atproto.identity.resolveHandle": self._resolve,
        }
        if method not in methods:
            return error("MethodNotImplemented", "Method Not Implemented", 501)
        return methods[method](request)

    def _log_in(self, said: dict[str, str]) -> Reply:
        self.logins += 1
        if said != {"identifier": "harbour.example", "password": self._password}:
            return error("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._session()

    def _session(self) -> Reply:
        count = self.logins + self.refreshes
        claims = {"exp": int((NOW + self.life).timestamp()), "n": count}
        body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        self._tokens = {"access": f"head.{body}.a{count}", "refresh": f"head.{body}.r{count}"}
        service = {"id": "#atproto_pds", "serviceEndpoint": self.home or self.server.url}
        return Reply.json(
            {
                "did": OWN,
                "handle": "harbour.example",
                "didDoc": {"id": OWN, "service": [service]},
                "accessJwt": self._tokens["access"],
                "refreshJwt": self._tokens["refresh"],
                "active": True,
            }
        )

    def _notifications(self, request: Request) -> Reply:
        wanted = {value for key, value in request.query if key == "reasons"}
        listed = [
            {key: post[key] for key in ("uri", "cid", "author", "record", "indexedAt", "labels")}
            | {"reason": self.reasons[post["uri"]], "isRead": False}
            for post in self._newest_first()
            if self.reasons.get(post["uri"]) in wanted
        ]
        return self._page("notifications", listed, request)

    def _search(self, request: Request) -> Reply:
        words = request.get("q").strip('"').casefold()
        since, until = request.get("since"), request.get("until")
        listed = [
            post
            for post in self._newest_first()
            if words in post["record"]["text"].casefold()
            and (not since or post["indexedAt"] >= since)
            and (not until or post["indexedAt"] < until)
        ]
        if request.get("cursor") and request.headers.get("Authorization") is None:
            return Reply.html("<h1>403 Forbidden</h1>Request forbidden by rules", 403)
        return self._page("posts", listed, request)

    def _newest_first(self) -> list[dict[str, Any]]:
        return sorted(self.posts.values(), key=lambda p: (p["indexedAt"], p["uri"]), reverse=True)

    def _page(self, key: str, listed: list[dict[str, Any]], request: Request) -> Reply:
        start = int(request.get("cursor") or "0")
        size = min(int(request.get("limit", "25")), self.page_at_most)
        found: dict[str, Any] = {key: listed[start : start + size]}
        if start + size < len(listed):
            found["cursor"] = str(start + size)
        headers = {"RateLimit_Limit": "3000", "RateLimit_Remaining": "2999"}
        return Reply.json(found, **headers)

    def _get_posts(self, request: Request) -> Reply:
        asked = [value for key, value in request.query if key == "uris"]
        there = [self.posts[u] for u in asked if u in self.posts and u not in self.blocked]
        return Reply.json({"posts": there})

    def _thread(self, request: Request) -> Reply:
        uri = request.get("uri")
        if uri in self.blocked:
            view = {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri, "blocked": True}
            return Reply.json({"thread": view})
        if uri not in self.posts:
            return error("NotFound", f"Post not found: {uri}", 400)
        below = [
            {"$type": "app.bsky.feed.defs#threadViewPost", "post": post}
            for post in self.posts.values()
            if post["record"].get("reply", {}).get("parent", {}).get("uri") == uri
        ]
        kind = "app.bsky.feed.defs#threadViewPost"
        replies = below if request.get("depth") != "0" else []
        thread = {"$type": kind, "post": self.posts[uri], "replies": replies}
        return Reply.json({"thread": thread})

    def _get_record(self, request: Request) -> Reply:
        uri = f"at://{request.get('repo')}/{request.get('collection')}/{request.get('rkey')}"
        if uri not in self.posts:
            return error("RecordNotFound", f"Could not locate record: {uri}", 400)
        post = self.posts[uri]
        return Reply.json({"uri": uri, "cid": post["cid"], "value": post["record"]})

    def _create(self, request: Request) -> Reply:
        said = json.loads(request.body)
        record, rkey = said["record"], said["rkey"]
        assert said["repo"] == OWN
        assert said["collection"] == POST
        if not TID.match(rkey):
            return error("InvalidRequest", "Record key is no TID", 400)
        if len(record["text"]) > 300:
            message = "Record/text must not be longer than 300 graphemes"
            return error("InvalidRequest", f"Invalid {POST} record: {message}", 400)
        if f"at://{OWN}/{POST}/{rkey}" in self.posts:
            return error("InternalServerError", "Internal Server Error", 500)
        parent = self.posts.get(record["reply"]["parent"]["uri"])
        post = self.write(record["text"], did=OWN, rkey=rkey)
        post["record"] = record
        if parent is not None:
            parent["replyCount"] += 1
        commit = {"cid": "bafycommit", "rev": rkey}
        found = {"uri": post["uri"], "cid": post["cid"], "commit": commit}
        return Reply.json({**found, "validationStatus": "valid"})

    def _delete(self, request: Request) -> Reply:
        said = json.loads(request.body)
        assert said["repo"] == OWN
        self.posts.pop(f"at://{OWN}/{said['collection']}/{said['rkey']}", None)
        return Reply.json({"commit": {"cid": "bafycommit", "rev": said["rkey"]}})

    def _resolve(self, request: Request) -> Reply:
        did = HANDLES.get(request.get("handle"))
        if did is None:
            return error("InvalidRequest", "Unable to resolve handle", 400)
        return Reply.json({"did": did})


def error(name: str, message: str, status: int) -> Reply:
    return Reply.json({"error": name, "message": message}, status)
