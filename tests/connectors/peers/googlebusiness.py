"""The Business Profile API with two locations of one account, as Google's reference has it."""

from __future__ import annotations

import json
import re
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer
from tests.connectors.peers.google_account import (
    CLIENT,
    REFRESH,
    SECRET,
    UNAUTHENTICATED,
    GoogleAccount,
    fault,
)

ACCOUNT = "accounts/111"
HARBOUR, MARKET = f"{ACCOUNT}/locations/222", f"{ACCOUNT}/locations/333"
_LIST = re.compile(r"^/v4/(accounts/\w+/locations/\w+)/reviews$")
_ONE = re.compile(r"^/v4/(accounts/\w+/locations/\w+/reviews/[\w-]+)(/reply)?$")
DENIED = fault(403, "PERMISSION_DENIED", "The caller does not have permission")
NOT_FOUND = fault(404, "NOT_FOUND", "Requested entity was not found.")


class ThisPeer(WebPeer):
    secret = "s3cr3t"

    def serve(self) -> None:
        self.account = GoogleAccount()
        self.reviews: dict[str, dict[str, Any]] = {}
        self.moderation = "PENDING"
        self.mixed = True
        self.refused: dict[str, Reply] = {}
        self._clock = 0
        for name, value in (("ID", CLIENT), ("SECRET", SECRET), ("REFRESH", REFRESH)):
            self.environment.setenv(f"TEST_GBP_{name}", value)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "client_id": "env:TEST_GBP_ID",
            "client_secret": "env:TEST_GBP_SECRET",
            "refresh_token": "env:TEST_GBP_REFRESH",
            "locations": [HARBOUR],
            "allow_private_addresses": True,
        }

    def add(self, text: str, location: str = HARBOUR, **changed: Any) -> str:
        ident = f"AbF-{len(self.reviews) + 1}"
        now = self.tick()
        name = f"{location}/reviews/{ident}"
        self.reviews[name] = {
            "reviewId": ident,
            "reviewer": {"displayName": "Ada L.", "profilePhotoUrl": "https://lh3.example/a"},
            "starRating": "TWO",
            "comment": text,
            "createTime": now,
            "updateTime": now,
            "name": name,
            **changed,
        }
        return name

    def edit(self, text: str, changed: str) -> None:
        self._find(text).update(comment=changed, updateTime=self.tick())

    def remove(self, text: str) -> None:
        del self.reviews[self._find(text)["name"]]

    def published(self) -> list[str]:
        return [r["reviewReply"]["comment"] for r in self.reviews.values() if "reviewReply" in r]

    def revoke(self) -> None:
        self.account.revoked = True

    def tick(self) -> str:
        """Return a time later than all before, with Google's nine digits at times."""
        self._clock += 1
        minutes, seconds = divmod(self._clock, 60)
        fraction = ("", ".120Z", ".120345Z", ".120345678Z")[self._clock % 4] or "Z"
        return f"2026-02-27T{10 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}{fraction}"

    def _find(self, text: str) -> dict[str, Any]:
        return next(r for r in self.reviews.values() if r.get("comment") == text)

    def _answer(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.account.token(request)
        if not self.account.admits(request):
            return UNAUTHENTICATED
        if request.path == "/v1/accounts":
            return Reply.json({"accounts": [{"name": ACCOUNT, "accountName": "Acme"}]})
        if request.path == f"/v1/{ACCOUNT}/locations":
            if request.get("readMask") != "name,title":
                return fault(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
            places = [("222", "Harbour"), ("333", "Market")]
            return Reply.json(
                {"locations": [{"name": f"locations/{i}", "title": title} for i, title in places]}
            )
        if request.path == f"/v4/{ACCOUNT}/locations:batchGetReviews":
            return self._batch(request)
        if match := _LIST.match(request.path):
            asked = {key: request.get(key) for key in ("pageSize", "pageToken", "orderBy")}
            return self._page([match[1]], asked, "reviews")
        if match := _ONE.match(request.path):
            return self._one(request, match[1], reply=bool(match[2]))
        return NOT_FOUND

    def _batch(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        if request.method != "POST" or not 1 <= len(asked["locationNames"]) <= 50:
            return fault(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        return self._page(asked["locationNames"], asked, "locationReviews")

    def _page(self, locations: list[str], asked: dict[str, Any], key: str) -> Reply:
        for location in locations:
            if location in self.refused:
                return self.refused[location]
        size = int(asked.get("pageSize") or 50)
        if asked.get("orderBy") != "updateTime desc" or size > 50:
            return fault(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        token = str(asked.get("pageToken") or "0")
        if not token.isdigit():
            return fault(400, "INVALID_ARGUMENT", "Invalid pageToken.")
        chosen = [r for n, r in self.reviews.items() if n.partition("/reviews/")[0] in locations]
        chosen.sort(key=lambda one: str(one.get("updateTime")), reverse=True)
        if not self.mixed:
            chosen.sort(key=lambda one: str(one["name"]).split("/")[3])
        page = chosen[int(token) : int(token) + size]
        if not page:
            return Reply.json({})
        found: dict[str, Any] = {"reviews": page}
        if key == "locationReviews":
            found = {
                key: [{"name": r["name"].partition("/reviews/")[0], "review": r} for r in page]
            }
        else:
            found |= {"averageRating": 2.0, "totalReviewCount": len(chosen)}
        if int(token) + size < len(chosen):
            found["nextPageToken"] = str(int(token) + size)
        return Reply.json(found)

    def _one(self, request: Request, name: str, *, reply: bool) -> Reply:
        review = self.reviews.get(name)
        if review is None:
            return NOT_FOUND
        if not reply:
            return Reply.json(review)
        if request.method == "DELETE":
            return NOT_FOUND if review.pop("reviewReply", None) is None else Reply.json({})
        if request.method != "PUT":
            return fault(405, "METHOD_NOT_ALLOWED", "no")
        comment = json.loads(request.body)["comment"]
        if len(comment.encode()) > 4096:
            return fault(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        review["reviewReply"] = {"comment": comment, "updateTime": self.tick()}
        if self.moderation:
            review["reviewReply"]["reviewReplyState"] = self.moderation
        return Reply.json(review["reviewReply"])
