"""Reddit with one subreddit, an inbox, and two users: a customer and us."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

SECRET, PASSWORD = "s3cret-of-the-app", "passw0rd-of-the-shop"
US, GUEST = "harbourcoffee", "ada"
START = int(NOW.timestamp()) - 3600
CEILING = 1000
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = DIGITS[rest] + text
    return text or "0"


class ThisPeer(WebPeer):
    secret = PASSWORD

    def serve(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.inbox: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self.errors: list[list[str]] = []
        self.page_at_most = 100
        self.hidden: set[str] = set()
        self.grants = 0
        self._number = 1_000_000_000
        self._token = ""
        self._secret, self._password = SECRET, PASSWORD
        self.environment.setenv("TEST_REDDIT_SECRET", SECRET)
        self.environment.setenv("TEST_REDDIT_PASSWORD", PASSWORD)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "client_id": "app",
            "client_secret": "env:TEST_REDDIT_SECRET",
            "username": US,
            "password": "env:TEST_REDDIT_PASSWORD",
            "subreddits": ["harbour"],
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.post(text)

    def edit(self, text: str, changed: str) -> None:
        data = self._find(text)["data"]
        data["selftext" if "selftext" in data else "body"] = changed
        data["edited"] = float(START + 1800)

    def remove(self, text: str) -> None:
        """The author deletes it: it leaves the listings, and its place stays."""
        data = self._find(text)["data"]
        data["selftext" if "selftext" in data else "body"] = "[deleted]"
        data["author"] = "[deleted]"
        self.hidden.add(data["name"])

    def published(self) -> list[str]:
        said = [thing["data"] for thing in self.things.values() if thing["kind"] == "t1"]
        return [data["body"] for data in said if data["author"] == US]

    def revoke(self) -> None:
        self._token, self._secret = "gone", "another"

    def expire(self) -> None:
        self._token = "gone"

    def post(self, text: str, *, author: str = GUEST, **said: Any) -> dict[str, Any]:
        data = {"title": "A visit", "selftext": text, "url": "https://www.reddit.com/x"}
        return self._add("t3", {**data, "author": author, **said})

    def comment(
        self, text: str, parent: dict[str, Any], *, author: str = GUEST, box: str = "", **said: Any
    ) -> dict[str, Any]:
        above = parent["data"]
        link = above["name"] if parent["kind"] == "t3" else above["link_id"]
        data = {"body": text, "parent_id": above["name"], "link_id": link, "replies": ""}
        thing = self._add("t1", {**data, "author": author, **said})
        if box:
            self.inbox[thing["data"]["name"]] = box
        return thing

    def message(self, text: str, *, author: str = GUEST, **said: Any) -> dict[str, Any]:
        data = {"subject": "A question", "body": text, "replies": "", "parent_id": None}
        thing = self._add("t4", {**data, "author": author, "context": "", **said})
        self.inbox[thing["data"]["name"]] = "messages"
        return thing

    def _add(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        ident = base36(self._number)
        data = {
            "id": ident,
            "name": f"{kind}_{ident}",
            "subreddit": "harbour",
            "created_utc": float(START + self._number - 1_000_000_000),
            "edited": False,
            "locked": False,
            "archived": False,
            **said,
        }
        if kind == "t3":
            data.setdefault("permalink", f"/r/harbour/comments/{ident}/a_visit/")
        if kind == "t1":
            post = str(data["link_id"]).removeprefix("t3_")
            data.setdefault("permalink", f"/r/harbour/comments/{post}/a_visit/{ident}/")
        self.things[str(data["name"])] = {"kind": kind, "data": data}
        return self.things[str(data["name"])]

    def _find(self, text: str) -> dict[str, Any]:
        for thing in self.things.values():
            data = thing["data"]
            if text in data.get("selftext", "") or text in data.get("body", ""):
                return thing
        raise LookupError(text)

    def _answer(self, request: Request) -> Reply:
        agent = request.headers.get("User-Agent", "")
        if not agent.endswith(f"(by /u/{US})"):
            return Reply.html("<h1>too many requests</h1>", 429, Retry_After="4")
        if request.path == "/api/v1/access_token":
            return self._grant(request)
        if request.headers.get("Authorization") != f"bearer {self._token}":
            wrong = 'Bearer realm="reddit", error="invalid_token"'
            said = {"message": "Unauthorized", "error": 401}
            return Reply.json(said, 401, WWW_Authenticate=wrong)
        assert request.get("raw_json") == "1"
        parts = request.path.strip("/").split("/")
        if request.path == "/api/comment":
            return self._comment(request.form)
        if request.path == "/api/del":
            return self._delete(request.form["id"])
        if request.path == "/api/v1/me":
            return Reply.json({"name": US, "is_suspended": False})
        if request.path == "/api/info":
            asked = request.get("id").split(",")
            return self._listing([self.things[name] for name in asked if name in self.things])
        if parts[0] == "subreddits":
            return self._listing([{"kind": "t5", "data": {"name": "t5_abc"}}])
        if parts[0] == "r" and parts[1] != "harbour":
            return Reply.redirect(f"/subreddits/search?q={parts[1]}&raw_json=1")
        if parts[0] == "r":
            return self._page({"new": "t3", "comments": "t1"}[parts[2]], request)
        if request.path == "/search":
            return self._page("t3", request, request.get("q").strip('"'))
        if parts[0] == "message":
            return self._message(parts[1:], request)
        if parts[0] == "comments":
            return self._thread(*parts[1:])
        if parts[0] == "user":
            mine = [t for t in self._newest("t1") if t["data"]["author"] == parts[1]]
            return self._listing(mine[:100])
        return Reply.json({"message": "Not Found", "error": 404}, 404)

    def _grant(self, request: Request) -> Reply:
        pair = b64encode(f"app:{self._secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return Reply.json({"message": "Unauthorized", "error": 401}, 401)
        form = request.form
        self.forms.append(form)
        if form["grant_type"] == "password" and form["password"] != self._password:
            return Reply.json({"error": "invalid_grant"})
        if form["grant_type"] == "refresh_token" and form["refresh_token"] == "worn out":
            return Reply.json({"message": "Bad Request", "error": 400}, 400)
        self.grants += 1
        self._token = f"token-{self.grants}"
        said = {"access_token": self._token, "token_type": "bearer", "expires_in": 3600}
        return Reply.json({**said, "scope": "*"})

    def _newest(self, kind: str) -> list[dict[str, Any]]:
        chosen = [
            thing
            for name, thing in self.things.items()
            if thing["kind"] == kind and name not in self.hidden
        ]
        return sorted(chosen, key=lambda t: (t["data"]["created_utc"], t["data"]["id"]))[::-1]

    def _page(self, kind: str, request: Request, words: str = "") -> Reply:
        listed = [
            thing for thing in self._newest(kind) if words.casefold() in str(thing).casefold()
        ]
        return self._cut(listed, request)

    def _cut(self, listed: list[dict[str, Any]], request: Request) -> Reply:
        names = [thing["data"]["name"] for thing in listed[:CEILING]]
        start = names.index(request.get("after")) + 1 if request.get("after") in names else 0
        size = min(int(request.get("limit", "25")), self.page_at_most)
        more = start + size < len(names)
        after = names[start + size - 1] if more else None
        return self._listing(listed[:CEILING][start : start + size], after)

    @staticmethod
    def _listing(things: list[dict[str, Any]], after: str | None = None) -> Reply:
        data = {"modhash": None, "children": things, "after": after, "before": None}
        rates = {"x_ratelimit_remaining": "599.0", "x_ratelimit_reset": "300"}
        return Reply.json({"kind": "Listing", "data": data}, **rates)

    def _message(self, parts: list[str], request: Request) -> Reply:
        if parts[0] == "messages":
            name = f"t4_{parts[1]}"
            return self._listing([self.things[name]] if name in self.things else [])
        listed = [
            self._boxed(thing)
            for kind in ("t1", "t4")
            for thing in self._newest(kind)
            if thing["data"]["name"] in self.inbox
            and parts[0] in (self.inbox[thing["data"]["name"]], "inbox")
        ]
        return self._cut(listed, request)

    @staticmethod
    def _boxed(thing: dict[str, Any]) -> dict[str, Any]:
        """Return a comment as an inbox shows it: without the post's name and its own link."""
        data = {**thing["data"]}
        if thing["kind"] == "t1":
            data["context"] = f"{data.pop('permalink')}?context=3"
            data["subject"] = "comment reply"
            del data["link_id"], data["locked"], data["archived"]
        return {"kind": thing["kind"], "data": data}

    def _thread(self, post: str, _slug: str = "", comment: str = "") -> Reply:
        head = self.things.get(f"t3_{post}")
        if head is None:
            return Reply.json({"message": "Not Found", "error": 404}, 404)
        if comment:
            one = self.things.get(f"t1_{comment}")
            below = [self._nested(one)] if one else []
        else:
            below = self._below(head)
        listings = [
            {"kind": "Listing", "data": {"children": things, "after": None, "before": None}}
            for things in ([head], below)
        ]
        return Reply.json(listings)

    def _below(self, thing: dict[str, Any]) -> list[dict[str, Any]]:
        name = thing["data"]["name"]
        return [self._nested(one) for one in self._newest("t1") if one["data"]["parent_id"] == name]

    def _nested(self, thing: dict[str, Any]) -> dict[str, Any]:
        below = self._below(thing)
        listing = {"kind": "Listing", "data": {"children": below, "after": None}}
        return {"kind": "t1", "data": {**thing["data"], "replies": listing if below else ""}}

    def _delete(self, name: str) -> Reply:
        thing = self.things.get(name)
        if thing is not None and thing["data"]["author"] == US:
            thing["data"] |= {"author": "[deleted]", "body": "[deleted]"}
        return Reply.json({})

    def _comment(self, form: dict[str, str]) -> Reply:
        assert form["api_type"] == "json"
        if self.errors:
            return Reply.json({"json": {"errors": self.errors}})
        parent = self.things.get(form["thing_id"])
        if parent is None or parent["data"]["author"] == "[deleted]":
            errors = [["DELETED_COMMENT", "that comment has been deleted", "parent"]]
            return Reply.json({"json": {"errors": errors}})
        if parent["data"]["locked"]:
            errors = [["THREAD_LOCKED", "Comments are locked.", "parent"]]
            return Reply.json({"json": {"errors": errors}})
        if parent["kind"] == "t4":
            name = parent["data"]["name"]
            thing = self.message(form["text"], author=US, parent_id=name)
            inner = parent["data"]["replies"] or {"kind": "Listing", "data": {"children": []}}
            inner["data"]["children"].append(thing)
            parent["data"]["replies"] = inner
        else:
            thing = self.comment(form["text"], parent, author=US)
        said = json.loads(json.dumps(thing))
        return Reply.json({"json": {"errors": [], "data": {"things": [said]}}})
