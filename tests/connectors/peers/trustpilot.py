"""Trustpilot's API for one business unit: public and private lists, tokens, replies."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

UNIT = "46d6a890ffa235a75b00021d"
KEY, SECRET, USER = "key-of-the-shop", "s3cret-of-the-shop", "5e3de1b45fb06f0001790b50"
TOKEN = "t0ken-of-the-shop"


class ThisPeer(WebPeer):
    secret = SECRET

    def serve(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.key, self.token = KEY, TOKEN
        self.per_page = 100
        self.pages_by_token = False
        self.tokens_given = 0
        self._next = 0x62C8968BE77911F2449E0000
        self.environment.setenv("TEST_TRUSTPILOT_KEY", KEY)
        self.environment.setenv("TEST_TRUSTPILOT_SECRET", SECRET)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "business_unit_id": UNIT,
            "api_key": "env:TEST_TRUSTPILOT_KEY",
            "api_secret": "env:TEST_TRUSTPILOT_SECRET",
            "author_business_user_id": USER,
            "allow_private_addresses": True,
        }

    def add(self, text: str, age: timedelta = timedelta(hours=1)) -> dict[str, Any]:
        self._next += 1
        written = NOW - age
        review: dict[str, Any] = {
            "id": f"{self._next:x}",
            "stars": 2,
            "title": text[:10] + "…",
            "text": text,
            "language": "en",
            "createdAt": written.strftime("%Y-%m-%dT%H:%M:%S"),
            "updatedAt": None,
            "numberOfLikes": 0,
            "isVerified": True,
            "status": "active",
            "companyReply": None,
            "consumer": {"id": "507f191e810c19729de860ea", "displayName": "Ada", "links": []},
            "businessUnit": {"id": UNIT, "displayName": "Harbour Coffee"},
            "referenceId": "order-7",
        }
        self.reviews.insert(0, review)
        self.reviews.sort(key=lambda one: str(one["createdAt"]), reverse=True)
        return review

    def edit(self, text: str, changed: str) -> None:
        review = self._find(text)
        review["text"] = changed
        review["updatedAt"] = NOW.strftime("%Y-%m-%dT%H:%M:%S")

    def remove(self, text: str) -> None:
        self.reviews.remove(self._find(text))

    def published(self) -> list[str]:
        return [r["companyReply"]["text"] for r in self.reviews if r["companyReply"]]

    def revoke(self) -> None:
        self.key = self.token = "another"

    def _find(self, text: str) -> dict[str, Any]:
        return next(review for review in self.reviews if review["text"] == text)

    def _answer(self, request: Request) -> Reply:
        path = request.path
        if path.endswith("/accesstoken"):
            return self._token(request)
        if path.startswith("/v1/private/"):
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return _fault("Invalid access token", "oauth.v2.InvalidAccessToken")
        elif request.headers.get("apikey") != self.key:
            return _fault("Invalid ApiKey", "oauth.v2.InvalidApiKey")
        if path in (
            f"/v1/business-units/{UNIT}/reviews",
            f"/v1/private/business-units/{UNIT}/reviews",
        ):
            return self._list(request)
        if path == f"/v1/business-units/{UNIT}":
            return Reply.json({"id": UNIT, "displayName": "Harbour Coffee", "links": []})
        ident = path.removeprefix("/v1/private/reviews/").removeprefix("/v1/reviews/")
        ident, _, rest = ident.partition("/")
        review = next((one for one in self.reviews if one["id"] == ident), None)
        if review is None:
            return Reply.json({"message": "Not found", "errorCode": 404, "details": None}, 404)
        if rest == "reply" and request.method == "DELETE":
            if review["companyReply"] is None:
                return Reply.json({"message": "Not found", "errorCode": 404, "details": None}, 404)
            review["companyReply"] = None
            return Reply(204)
        if rest == "reply" and request.method == "POST":
            return self._reply(review, json.loads(request.body))
        return Reply.json(review)

    def _token(self, request: Request) -> Reply:
        pair = base64.b64encode(f"{self.key}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return _fault("Invalid client identifier", "oauth.v2.InvalidClientIdentifier")
        if request.form != {"grant_type": "client_credentials"}:
            return Reply.json({"message": "Unsupported grant_type"}, 400)
        self.tokens_given += 1
        return Reply.json({"access_token": self.token, "expires_in": "359999"})

    def _list(self, request: Request) -> Reply:
        if request.get("orderBy") != "createdat.desc":
            return Reply.json({"message": "unexpected order"}, 400)
        size = min(int(request.get("perPage", "20")), 100, self.per_page)
        page = int(request.get("pageToken") or request.get("page", "1")) % 1000
        chosen = self.reviews[(page - 1) * size : page * size]
        body: dict[str, Any] = {"links": [], "reviews": chosen}
        if page * size < len(self.reviews):
            body["links"] = [{"href": self.server.url, "method": "GET", "rel": "next-page"}]
            if self.pages_by_token:
                body["nextPageToken"] = str(7000 + page + 1)
        return Reply.json(body)

    def _reply(self, review: dict[str, Any], sent: dict[str, Any]) -> Reply:
        if sent.get("authorBusinessUserId") != USER:
            return Reply.json({"message": "Unknown business user", "errorCode": 1}, 400)
        now = NOW.strftime("%Y-%m-%dT%H:%M:%S")
        review["companyReply"] = {"text": sent["message"], "createdAt": now, "updatedAt": None}
        return Reply(201)


def _fault(said: str, code: str) -> Reply:
    return Reply.json({"fault": {"faultstring": said, "detail": {"errorcode": code}}}, 401)
