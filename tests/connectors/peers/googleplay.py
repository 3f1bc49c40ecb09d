"""The Android Publisher API's reviews of one app, as Google's reference has it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.googleplay.source import SCOPE
from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer
from tests.connectors.peers.google_account import UNAUTHENTICATED, GoogleAccount, fault, key_file

APP = "com.example.app"
ROOT = f"/androidpublisher/v3/applications/{APP}/reviews"
NOT_FOUND = fault(404, "NOT_FOUND", "The review was not found.", "reviewNotFound")


class ThisPeer(WebPeer):
    """Lists what was changed within seven days, the newest change first."""

    secret = "s3cr3t"

    def serve(self) -> None:
        self.account = GoogleAccount(SCOPE)
        self.reviews: dict[str, dict[str, Any]] = {}
        self.clock = NOW - timedelta(days=1)
        key = self.folder / "key.json"
        key.write_text(key_file())
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "package_name": APP,
            "service_account": f"file:{key}",
            "allow_private_addresses": True,
        }

    def add(self, text: str, **changed: Any) -> str:
        ident = f"gp:AOqpTO-{len(self.reviews) + 1}"
        user = {
            "text": text,
            "lastModified": self.tick(),
            "starRating": 2,
            "reviewerLanguage": "en_US",
            "device": "heroqltevzw",
            "androidOsVersion": 34,
            "appVersionCode": 1440,
            "appVersionName": "1.44",
            "thumbsUpCount": 0,
            "thumbsDownCount": 0,
            "deviceMetadata": {"productName": "heroqltevzw (Galaxy S7)", "ramMb": 4096},
            **changed,
        }
        self.reviews[ident] = {
            "reviewId": ident,
            "authorName": "Ada",
            "comments": [{"userComment": user}],
        }
        return ident

    def edit(self, text: str, changed: str) -> None:
        self.user(self._find(text)).update(text=changed, lastModified=self.tick())

    def remove(self, text: str) -> None:
        del self.reviews[self._find(text)["reviewId"]]

    def published(self) -> list[str]:
        return [
            one["developerComment"]["text"]
            for review in self.reviews.values()
            for one in review["comments"]
            if "developerComment" in one
        ]

    def revoke(self) -> None:
        self.account.revoked = True

    def tick(self) -> dict[str, Any]:
        self.clock += timedelta(seconds=1)
        return {"seconds": str(int(self.clock.timestamp())), "nanos": 525000000}

    def user(self, review: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = review["comments"][0]["userComment"]
        return found

    def _find(self, text: str) -> dict[str, Any]:
        return next(r for r in self.reviews.values() if self.user(r)["text"] == text)

    def _changed(self, review: dict[str, Any]) -> datetime:
        return datetime.fromtimestamp(int(self.user(review)["lastModified"]["seconds"]), tz=UTC)

    def _answer(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.account.token(request)
        if not self.account.admits(request):
            return UNAUTHENTICATED
        if request.path == ROOT:
            return self._list(request)
        if not request.path.startswith(ROOT + "/"):
            return fault(404, "NOT_FOUND", f"Package not found: {APP}.", "applicationNotFound")
        ident = request.path.removeprefix(ROOT + "/")
        replying = ident.endswith(":reply")
        review = self.reviews.get(re.sub(r":reply$", "", ident))
        if review is None:
            return NOT_FOUND
        return self._reply(request, review) if replying else Reply.json(review)

    def _list(self, request: Request) -> Reply:
        size, token = int(request.get("maxResults", "10")), request.get("token", "0")
        if not token.isdigit() or size > 100:
            return fault(400, "INVALID_ARGUMENT", "Invalid Value", "invalid")
        listed = [r for r in self.reviews.values() if self._changed(r) > NOW - timedelta(days=7)]
        listed.sort(key=self._changed, reverse=True)
        page = listed[int(token) : int(token) + size]
        if not page:
            return Reply.json({})
        found: dict[str, Any] = {"reviews": page}
        if int(token) + size < len(listed):
            found["tokenPagination"] = {"nextPageToken": str(int(token) + size)}
        return Reply.json(found)

    def _reply(self, request: Request, review: dict[str, Any]) -> Reply:
        text = json.loads(request.body)["replyText"]
        if request.method != "POST" or not 1 <= len(text) <= 350:
            return fault(400, "INVALID_ARGUMENT", "The reply is too long.", "replyTooLong")
        stands = re.sub(r"<[^<>]*>", "", text)
        at = self.tick()
        review["comments"][1:] = [{"developerComment": {"text": stands, "lastModified": at}}]
        return Reply.json({"result": {"replyText": stands, "lastEdited": at}})
