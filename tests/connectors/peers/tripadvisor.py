"""Tripadvisor's Content API for one place: five newest reviews a language, key in the query."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

PLACE, KEY = "25234055", "key-0f-the-shop"


class ThisPeer(WebPeer):
    secret = KEY

    def serve(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.key = KEY
        self.bound_to = ""
        self._next = 873_376_574
        self.environment.setenv("TEST_TRIPADVISOR_KEY", KEY)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": f"{self.server.url}/api/v1",
            "location_id": PLACE,
            "api_key": "env:TEST_TRIPADVISOR_KEY",
            "allow_private_addresses": True,
        }

    def add(self, text: str, language: str = "en") -> dict[str, Any]:
        self._next += 1
        written = NOW - timedelta(days=3) + timedelta(minutes=len(self.reviews))
        review = {
            "id": self._next,
            "lang": language,
            "location_id": int(PLACE),
            "published_date": written.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "rating": 2,
            "helpful_votes": 1,
            "url": f"https://www.tripadvisor.com/ShowUserReviews-g1-d{PLACE}-r{self._next}-x.html",
            "trip_type": "Solo travel",
            "travel_date": "2026-02-28",
            "text": text,
            "title": "Cold coffee",
            "is_machine_translated": False,
            "user": {"username": "AdaL", "user_location": {"id": "1", "name": "Kiel"}},
            "subratings": {},
        }
        self.reviews.append(review)
        return review

    def edit(self, text: str, changed: str) -> None:
        self._find(text)["text"] = changed

    def remove(self, text: str) -> None:
        self.reviews.remove(self._find(text))

    def revoke(self) -> None:
        self.key = "another"

    def _find(self, text: str) -> dict[str, Any]:
        return next(one for one in self.reviews if one["text"] == text)

    def _answer(self, request: Request) -> Reply:
        if request.get("key") != self.key:
            said = f"User is not authorized to access this resource with key {request.get('key')}"
            return Reply.json({"Message": said}, 403)
        if self.bound_to and request.headers.get("Referer") != self.bound_to:
            return Reply.json({"Message": "Forbidden"}, 403)
        if request.path != f"/api/v1/location/{PLACE}/reviews":
            said = {"message": "Location not found", "type": "NotFoundException", "code": 404}
            return Reply.json({"error": said}, 404)
        listed = [one for one in self.reviews if one["lang"] == request.get("language")]
        chosen = listed[::-1][:5]
        paging = {
            "next": f"{self.server.url}{request.path}?key={KEY}&offset=5",
            "results": len(chosen),
            "total_results": len(listed),
            "skipped": 0,
        }
        return Reply.json(
            {
                "data": chosen,
                "paging": paging,
                "error": {"message": "", "type": "", "code": 0},
            }
        )
