"""Yelp's Places API for one business, and the partner's API for answering."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

BUSINESS = "harbour-coffee-kiel"
KEY, CLIENT, SECRET = "key-of-the-shop", "client-1", "s3cret-of-the-partner"
FIRST_TOKEN = "refresh-0"


class ThisPeer(WebPeer):
    """Shows the seven newest reviews, in no order of time, as the Premium plan does."""

    secret = SECRET

    def serve(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.answers: dict[str, str] = {}
        self.key = KEY
        self.shown = 7
        self.headers: dict[str, str] = {}
        self.refresh, self.access = FIRST_TOKEN, ""
        self.renewals = 0
        self._next = 0
        self.environment.setenv("TEST_YELP_KEY", KEY)
        self.environment.setenv("TEST_YELP_SECRET", SECRET)
        self.environment.setenv("TEST_YELP_REFRESH", FIRST_TOKEN)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "business_id": BUSINESS,
            "api_key": "env:TEST_YELP_KEY",
            "partner_client_id": CLIENT,
            "partner_client_secret": "env:TEST_YELP_SECRET",
            "partner_refresh_token": "env:TEST_YELP_REFRESH",
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> dict[str, Any]:
        self._next += 1
        ident = f"Rev{self._next:019d}"
        written = NOW - timedelta(days=2) + timedelta(minutes=self._next)
        review = {
            "id": ident,
            "url": f"https://www.yelp.com/biz/{BUSINESS}?adjust_creative=x&hrid={ident}&utm_s=x",
            "text": text,
            "rating": 2,
            "time_created": written.strftime("%Y-%m-%d %H:%M:%S"),
            "user": {
                "id": "3_GQehuy2tNLqKSTOCJIEg",
                "profile_url": "https://www.yelp.com/user_details?userid=3_GQehuy2tNLqKSTOCJIEg",
                "image_url": None,
                "name": "Ada L.",
            },
        }
        self.reviews.append(review)
        return review

    def edit(self, text: str, changed: str) -> None:
        """Who makes it good again gives more stars as well, so the business's rating moves."""
        review = next(one for one in self.reviews if one["text"] == text)
        review.update(text=changed, rating=5)

    def remove(self, text: str) -> None:
        self.reviews = [one for one in self.reviews if one["text"] != text]

    def published(self) -> list[str]:
        return list(self.answers.values())

    def revoke(self) -> None:
        self.key = "another"

    def _answer(self, request: Request) -> Reply:
        path = request.path
        if path == "/token/v1":
            return self._renew(request)
        if path.startswith(("/reviews/v1/", "/v1/business_owner/")):
            return self._partner(request)
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return error("TOKEN_INVALID", "Invalid access token or authorization header.", 401)
        if path == f"/v3/businesses/{BUSINESS}":
            stars = [one["rating"] for one in self.reviews] or [0]
            return Reply.json(
                {
                    "id": "WavvLdfdP6g8aZTtbBQHTw",
                    "alias": BUSINESS,
                    "name": "Harbour Coffee",
                    "url": f"https://www.yelp.com/biz/{BUSINESS}?adjust_creative=x",
                    "review_count": len(self.reviews),
                    "rating": round(sum(stars) / len(stars), 1),
                },
                **self.headers,
            )
        if path == f"/v3/businesses/{BUSINESS}/reviews":
            if not self.reviews:
                return error("BUSINESS_UNAVAILABLE", "No reviews yet", 403)
            chosen = self.reviews[-self.shown :]
            return Reply.json(
                {
                    "reviews": chosen[1::2] + chosen[::2],
                    "total": len(self.reviews),
                    "possible_languages": ["en"],
                },
                **self.headers,
            )
        return error("BUSINESS_NOT_FOUND", "The requested business could not be found.", 404)

    def _renew(self, request: Request) -> Reply:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply.json({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "refresh_token" or form["refresh_token"] != self.refresh:
            return Reply.json({"error": "invalid_grant"}, 400)
        self.renewals += 1
        self.refresh, self.access = f"refresh-{self.renewals}", f"access-{self.renewals}"
        return Reply.json(
            {
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_in": 604800,
                "token_type": "Bearer",
            }
        )

    def _partner(self, request: Request) -> Reply:
        if not self.access or request.headers.get("Authorization") != f"Bearer {self.access}":
            return refusal("INVALID_TOKEN", 401)
        if request.path == "/v1/business_owner/me/profile":
            return Reply.json({"id": "owner-1", "name": "Mara H."})
        ident = request.path.removeprefix("/reviews/v1/")
        if all(one["id"] != ident for one in self.reviews):
            return refusal("R2R_REVIEW_DOES_NOT_EXIST")
        sent = json.loads(request.body)
        if sent.get("response_type") != "public_comment":
            return refusal("R2R_INVALID_RESPONSE_TYPE")
        self.answers[f"{ident}/{len(self.answers)}"] = sent["response_text"]
        return Reply(201)


def error(code: str, said: str, status: int, **headers: str) -> Reply:
    return Reply.json({"error": {"code": code, "description": said}}, status, **headers)


def refusal(code: str, status: int = 400) -> Reply:
    said = {"id": code, "description": "Refused.", "http_code": str(status)}
    return Reply.json({"error": said}, status)
