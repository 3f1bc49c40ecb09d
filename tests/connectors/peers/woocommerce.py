"""A WordPress site with WooCommerce: products, reviews, comments below them, one moderator."""

from __future__ import annotations

import base64
import html
import json
from datetime import datetime
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer

KEY, SECRET, USER, PASSWORD = "ck_shop", "cs_s3cret-of-the-shop", "mara", "abcd efgh 1234"
OWN = 3
REVIEWS, COMMENTS = "/wp-json/wc/v3/products/reviews", "/wp-json/wp/v2/comments"


class ThisPeer(WebPeer):
    secret = SECRET

    def serve(self) -> None:
        self.comments: dict[int, dict[str, Any]] = {}
        self.moderator = True
        self.holds = False
        self.closed = False
        self.headers = "pages"
        self.behind = 0
        """Hours by which the site's clock is behind UTC; `after` is compared with its time."""
        self._secret = SECRET
        self._next = 30
        self.environment.setenv("TEST_SHOP_KEY", KEY)
        self.environment.setenv("TEST_SHOP_SECRET", SECRET)
        self.environment.setenv("TEST_SHOP_PASSWORD", PASSWORD)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "consumer_key": "env:TEST_SHOP_KEY",
            "consumer_secret": "env:TEST_SHOP_SECRET",
            "wordpress_user": USER,
            "application_password": "env:TEST_SHOP_PASSWORD",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.review(text)

    def edit(self, text: str, changed: str) -> None:
        self.find(text)["text"] = changed

    def remove(self, text: str) -> None:
        ident = self.find(text)["id"]
        self.comments = {n: c for n, c in self.comments.items() if n != ident}

    def published(self) -> list[str]:
        return [c["text"] for c in self.comments.values() if c["author"] == OWN]

    def revoke(self) -> None:
        self._secret = "another"

    def review(self, text: str, date: str = "2026-02-28T10:00:00", **said: Any) -> dict[str, Any]:
        return self._write(text, date, {"type": "review", "rating": 2, "author": 0, **said})

    def comment(self, text: str, parent: int, author: int = 0, **said: Any) -> dict[str, Any]:
        given = {"type": "comment", "author": author, "parent": parent, **said}
        return self._write(text, "2026-02-28T11:00:00", given)

    def find(self, text: str) -> dict[str, Any]:
        return next(c for c in self.comments.values() if c["text"] == text)

    def _write(self, text: str, date: str, said: dict[str, Any]) -> dict[str, Any]:
        self._next += 1
        self.comments[self._next] = {
            "id": self._next,
            "text": text,
            "date": date,
            "post": 22,
            "parent": 0,
            "status": "approved",
            "name": "Ada &amp; Ben",
            **said,
        }
        # A direct look precedes every reply, and is not what a test breaks.
        self.server.spare(*(f"{REVIEWS}/{n}" for n in self.comments))
        return self.comments[self._next]

    def _as_review(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["id"],
            "date_created": "2026-02-28T02:00:00",
            "date_created_gmt": one["date"],
            "product_id": one["post"],
            "product_name": "Dark &#038; strong",
            "product_permalink": "https://shop.example/product/dark/",
            "status": one["status"],
            "reviewer": one["name"],
            "reviewer_email": "ada@mail.example",
            "review": f"<p>{html.escape(one['text'])}</p>\n",
            "rating": one["rating"],
            "verified": True,
        }

    def _as_comment(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["id"],
            "post": one["post"],
            "parent": one["parent"],
            "author": one["author"],
            "author_name": one["name"],
            "date_gmt": one["date"],
            "content": {"rendered": f"<p>{html.escape(one['text'])}</p>\n"},
            "link": f"https://shop.example/product/dark/#comment-{one['id']}",
            "status": one["status"],
            "type": "comment",
        }

    def _error(self, code: str, status: int) -> Reply:
        said = {"code": code, "message": "Sorry, <b>no</b>.", "data": {"status": status}}
        return Reply.json(said, status)

    def _answer(self, request: Request) -> Reply:
        said = request.headers.get("Authorization", "").removeprefix("Basic ")
        name, _, word = base64.b64decode(said).decode().partition(":")
        path = request.path
        if path.startswith(REVIEWS):
            if (name, word) != (KEY, self._secret):
                return self._error("woocommerce_rest_cannot_view", 401)
            ident = path.removeprefix(REVIEWS).strip("/")
            if not ident:
                return self._page(self._chosen("review", request), request, self._as_review)
            one = self.comments.get(int(ident))
            if one is None:
                return self._error("woocommerce_rest_review_invalid_id", 404)
            return Reply.json(self._as_review(one))
        if name and (name, word) != (USER, PASSWORD):
            return self._error("incorrect_password", 401)
        if path == "/wp-json/wp/v2/users/me" and name:
            able = {"moderate_comments": self.moderator}
            shown = {"capabilities": able} if request.get("context") == "edit" else {}
            return Reply.json({"id": OWN, "name": "Mara", **shown})
        if path == COMMENTS:
            if request.method == "POST":
                return self._create(request, bool(name))
            if request.get("status", "approve") != "approve" and not (name and self.moderator):
                return self._error("rest_forbidden_param", 401)
            return self._page(self._chosen("comment", request), request, self._as_comment)
        if path.startswith(COMMENTS):
            one = self.comments.get(int(path.removeprefix(COMMENTS).strip("/")))
            if one is None:
                return self._error("rest_comment_invalid_id", 404)
            return Reply.json(self._as_comment(one))
        return self._error("rest_no_route", 404)

    def _chosen(self, kind: str, request: Request) -> list[dict[str, Any]]:
        shown = {
            "all": {"approved", "hold"},
            "any": {"approved", "hold", "spam", "trash"},
        }.get(request.get("status", "approved"), {"approved"})
        found = [c for c in self.comments.values() if c["type"] == kind and c["status"] in shown]
        if parent := request.get("parent"):
            found = [c for c in found if c["parent"] == int(parent)]
        if after := request.get("after"):
            limit = datetime.fromisoformat(after).timestamp() + self.behind * 3600
            found = [c for c in found if datetime.fromisoformat(c["date"]).timestamp() > limit]
        return sorted(found, key=lambda c: (c["date"], c["id"]), reverse=True)

    def _page(self, found: list[dict[str, Any]], request: Request, shape: Any) -> Reply:
        size, page = int(request.get("per_page", "10")), int(request.get("page", "1"))
        pages = -(-len(found) // size)
        shown = [shape(one) for one in found[(page - 1) * size : page * size]]
        headers: dict[str, str] = {}
        if self.headers == "pages":
            headers = {"X_WP_Total": str(len(found)), "X_WP_TotalPages": str(pages)}
        elif self.headers == "link" and page < pages:
            headers = {"Link": f'<{self.server.url}{request.path}?page={page + 1}>; rel="next"'}
        elif self.headers == "link" and page > 1:
            headers = {"Link": f'<{self.server.url}{request.path}?page=1>; rel="prev"'}
        return Reply.json(shown, 200, **headers)

    def _create(self, request: Request, known: bool) -> Reply:
        if not known:
            return self._error("rest_comment_login_required", 401)
        if self.closed:
            return self._error("rest_comment_closed", 403)
        body = json.loads(request.body)
        same = (c for c in self.comments.values() if c["parent"] == body["parent"])
        if any(c["text"] == body["content"] for c in same):
            return self._error("comment_duplicate", 409)
        status = "hold" if self.holds else "approved"
        made = self.comment(body["content"], body["parent"], OWN, post=body["post"], status=status)
        return Reply.json(self._as_comment(made), 201)
