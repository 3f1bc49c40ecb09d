"""A Stack Exchange site with a customer, another expert and our answering person."""

from __future__ import annotations

import html
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

KEY, TOKEN = "k3y((of-the-application", "t0ken*of-the-person"
OWN = {"user_id": 900, "user_type": "registered", "display_name": "Mara &amp; team",
       "link": "https://stackoverflow.com/users/900/mara"}  # fmt: skip
GUEST = {"user_id": 7, "user_type": "registered", "display_name": "Ada &amp; Ben",
         "link": "https://stackoverflow.com/users/7/ada"}  # fmt: skip
START = int(NOW.timestamp()) - 86_400


class ThisPeer(WebPeer):
    secret = KEY

    def serve(self) -> None:
        self.posts: dict[int, dict[str, Any]] = {}
        self.comments: list[dict[str, Any]] = []
        self.extra: dict[str, Any] = {}
        """What the wrapper carries besides, as a backoff."""
        self.page_size = 100
        self._key = KEY
        self._next = 50
        self.environment.setenv("TEST_STACK_KEY", KEY)
        self.environment.setenv("TEST_STACK_TOKEN", TOKEN)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url + "/2.3",
            "tags": ["harbour-coffee"],
            "key": "env:TEST_STACK_KEY",
            "access_token": "env:TEST_STACK_TOKEN",
            "affiliation": "I work for Harbour Coffee",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.ask(text)

    def edit(self, text: str, changed: str) -> None:
        post = self.find(text)
        post["body"] = f"<p>{html.escape(changed)}</p>"
        post["last_edit_date"] = post["last_activity_date"] = START + 3000

    def remove(self, text: str) -> None:
        ident = self.find(text)["post_id"]
        self.posts = {n: p for n, p in self.posts.items() if ident not in (n, p.get("question_id"))}
        self.comments = [c for c in self.comments if c["post_id"] != ident]

    def published(self) -> list[str]:
        answers = [p["written"] for p in self.posts.values() if p["owner"] is OWN]
        return [c["written"] for c in self.comments if c["owner"] is OWN] + answers

    def revoke(self) -> None:
        self._key = "another"

    def ask(self, text: str, owner: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._write(text, owner or GUEST, 0)

    def answer(self, text: str, question: int, owner: dict[str, Any]) -> dict[str, Any]:
        return self._write(text, owner, question)

    def comment(self, text: str, post: int, owner: dict[str, Any]) -> dict[str, Any]:
        self._next += 1
        found = {
            "comment_id": self._next,
            "post_id": post,
            "owner": owner,
            "creation_date": START + self._next,
            "body": html.escape(text),
            "written": text,
        }
        self.comments.append(found)
        return found

    def find(self, text: str) -> dict[str, Any]:
        return next(p for p in self.posts.values() if p["written"] == text)

    def _write(self, text: str, owner: dict[str, Any], question: int) -> dict[str, Any]:
        self._next += 1
        kind = "answer" if question else "question"
        title = (
            self.posts[question]["title"]
            if question
            else f"Why is visit #{self._next} &quot;cold&quot;?"
        )
        self.posts[self._next] = {
            "post_id": self._next,
            "post_type": kind,
            f"{kind}_id": self._next,
            "question_id": question or self._next,
            "title": title,
            "body": f"<p>{html.escape(text)}</p>",
            "written": text,
            "owner": owner,
            "tags": ["harbour-coffee"],
            "creation_date": START + self._next,
            "last_activity_date": START + self._next,
            "link": f"https://stackoverflow.com/{kind[0]}/{self._next}",
        }
        return self.posts[self._next]

    def _wrap(self, items: list[dict[str, Any]], request: Request, hidden: set[str]) -> Reply:
        page = int(request.get("page", "1"))
        size = min(int(request.get("pagesize", "30")), self.page_size)
        if request.get("filter") != "withbody" and request.path != "/2.3/search/excerpts":
            hidden = {*hidden, "body"}
        shown = items[(page - 1) * size : page * size]
        return self._gzipped(
            {
                "items": [
                    {k: v for k, v in item.items() if k not in {*hidden, "written"}}
                    for item in shown
                ],
                "has_more": len(items) > page * size,
                "quota_max": 10_000,
                "quota_remaining": 9_000,
                **self.extra,
            }
        )

    def _gzipped(self, value: dict[str, Any], status: int = 200) -> Reply:
        plain = Reply.json(value, status)
        return Reply(status, plain.body, plain.headers, gzipped=True)

    def _error(self, number: int, name: str, message: str) -> Reply:
        found = {"error_id": number, "error_name": name, "error_message": message}
        return self._gzipped(found, 400)

    def _answer(self, request: Request) -> Reply:
        said = request.form if request.method == "POST" else dict(request.query)
        if said.get("key", self._key) != self._key:
            message = "`key` doesn't match a known application"
            return self._error(400, "bad_parameter", message)
        if not said.get("site"):
            return self._error(400, "bad_parameter", "`site` is required")
        path = request.path.removeprefix("/2.3")
        if request.method == "POST" or path == "/me":
            if "access_token" not in said:
                return self._error(401, "access_token_required", "a token is needed")
            if said["access_token"] != TOKEN:
                return self._error(402, "invalid_access_token", "the token is not valid")
        if path == "/me":
            return self._wrap([OWN], request, set())
        if path == "/info":
            return self._wrap([{"total_questions": 5}], request, set())
        if path == "/questions":
            return self._questions(request)
        if path == "/search/excerpts":
            return self._excerpts(request)
        return self._of_one(path.strip("/").split("/"), request)

    def _questions(self, request: Request) -> Reply:
        least = int(request.get("min", "0"))
        found = [
            p
            for p in self.posts.values()
            if p["post_type"] == "question"
            and p["last_activity_date"] >= least
            and request.get("tagged") in p["tags"]
        ]
        found.sort(key=lambda p: -p["last_activity_date"])
        return self._wrap(found, request, {"post_id", "post_type"})

    def _excerpts(self, request: Request) -> Reply:
        words, since = request.get("q"), int(request.get("fromdate", "0"))
        found = [
            {
                "item_type": p["post_type"],
                **{k: p[k] for k in ("question_id", "answer_id", "title") if k in p},
                "excerpt": f'… <span class="highlight">{words}</span> …',
                "creation_date": p["creation_date"],
                "last_activity_date": p["last_activity_date"],
            }
            for p in self.posts.values()
            if words in p["written"] and p["creation_date"] >= since
        ]
        return self._wrap(found[::-1], request, set())

    def _of_one(self, parts: list[str], request: Request) -> Reply:
        ids = [int(n) for n in parts[1].split(";")] if len(parts) > 1 else []
        found = [self.posts[n] for n in ids if n in self.posts]
        match (parts[0], parts[2:]):
            case ("posts", []):
                return self._wrap(found, request, {"title", "question_id", "answer_id"})
            case ("questions" | "answers", []):
                return self._wrap(found, request, {"post_id", "post_type"})
            case ("posts", ["comments"]):
                below = [c for c in self.comments if c["post_id"] in ids]
                return self._wrap(below[::-1], request, set())
            case ("questions", ["answers"]):
                answers = [p for p in self.posts.values() if p.get("answer_id")]
                below = [p for p in answers if p["question_id"] in ids]
                return self._wrap(below[::-1], request, {"post_id", "post_type"})
            case ("posts", ["comments", "add"]) | ("questions", ["answers", "add"]):
                return self._add(ids, parts, request)
        return self._error(404, "no_method", "no method found with this name")

    def _add(self, ids: list[int], parts: list[str], request: Request) -> Reply:
        if not ids or ids[0] not in self.posts:
            return self._error(400, "bad_parameter", "`id` is not a post")
        text = request.form["body"]
        least = 15 if parts[2] == "comments" else 30
        if len(text) < least:
            return self._error(407, "write_failed", f"Body must be at least {least} characters")
        if parts[2] == "comments":
            return self._wrap([self.comment(text, ids[0], OWN)], request, set())
        return self._wrap([self.answer(text, ids[0], OWN)], request, {"post_id", "post_type"})
