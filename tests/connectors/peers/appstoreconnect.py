"""App Store Connect for one app; it checks every token's signature and claims."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

APP, KEY_ID, ISSUER = "497799835", "2X9R4HXF34", "57246542-96fe-1a63-e053-0824d011072a"
REAL = "https://api.appstoreconnect.apple.com"


class ThisPeer(WebPeer):
    def serve(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.responses: dict[str, dict[str, Any]] = {}
        self.tokens: list[str] = []
        self.links_from = self.server.url
        self.most = 200
        self.now = NOW
        self._next = 0x538A6CDB0000
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        self.secret = pem.splitlines()[1]
        self.pem = pem
        self.public: Any = private.public_key()
        path = self.folder / "AuthKey.p8"
        path.write_text(pem, "utf-8")
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "app_id": APP,
            "key_id": KEY_ID,
            "issuer_id": ISSUER,
            "private_key": f"file:{path}",
            "allow_private_addresses": True,
        }

    def add(self, text: str, age: timedelta = timedelta(hours=1)) -> dict[str, Any]:
        self._next += 1
        ident = f"00000193-f7fb-5203-538a-{self._next:012x}"
        review = {
            "type": "customerReviews",
            "id": ident,
            "attributes": {
                "rating": 2,
                "title": "Cold coffee",
                "body": text,
                "reviewerNickname": "ada77",
                "createdDate": (NOW - age - timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S-07:00"),
                "territory": "GBR",
            },
            "links": {"self": f"{self.links_from}/v1/customerReviews/{ident}"},
        }
        self.reviews.append(review)
        return review

    def edit(self, text: str, changed: str) -> None:
        said = self._find(text)["attributes"]
        said["body"] = changed
        said["createdDate"] = (NOW - timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S-07:00")

    def remove(self, text: str) -> None:
        review = self._find(text)
        self.reviews.remove(review)
        self.responses.pop(review["id"], None)

    def published(self) -> list[str]:
        return [one["attributes"]["responseBody"] for one in self.responses.values()]

    def revoke(self) -> None:
        self.public = ec.generate_private_key(ec.SECP256R1()).public_key()

    def _find(self, text: str) -> dict[str, Any]:
        return next(one for one in self.reviews if one["attributes"]["body"] == text)

    def _answer(self, request: Request) -> Reply:
        if not self._knows(request.headers.get("Authorization", "")):
            return refusal(401, "NOT_AUTHORIZED", "Authentication credentials are invalid.")
        path = request.path
        if path == f"/v1/apps/{APP}/customerReviews":
            return self._list(request)
        if path == "/v1/customerReviewResponses" and request.method == "POST":
            return self._respond(json.loads(request.body)["data"])
        if path.startswith("/v1/customerReviewResponses/") and request.method == "DELETE":
            return self._withdraw(path.rpartition("/")[2])
        ident, _, rest = path.removeprefix("/v1/customerReviews/").partition("/")
        review = next((one for one in self.reviews if one["id"] == ident), None)
        if review is None:
            return refusal(404, "NOT_FOUND", "The specified resource does not exist")
        if rest == "response":
            return Reply.json({"data": self.responses.get(ident), "links": {}}, **_rates())
        return Reply.json({**self._included([review]), "data": self._related(review)}, **_rates())

    def _knows(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        self.tokens.append(token)
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(
                token,
                self.public,
                algorithms=["ES256"],
                audience="appstoreconnect-v1",
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return False
        at = self.now.timestamp()
        fresh = claims["iat"] <= at < claims["exp"] and claims["exp"] - claims["iat"] <= 1200
        named = claims.get("iss") == ISSUER or claims.get("sub") == "user"
        return header.get("kid") == KEY_ID and header.get("typ") == "JWT" and fresh and named

    def _list(self, request: Request) -> Reply:
        if request.get("cursor") == "stale":
            return refusal(400, "PARAMETER_ERROR.INVALID", "The cursor is not valid")
        size = min(int(request.get("limit", "20")), self.most)
        begin = int(request.get("cursor", "0"))
        wanted = [one for one in request.get("filter[territory]").split(",") if one]
        listed = [
            one
            for one in sorted(
                self.reviews, key=lambda one: str(one["attributes"]["createdDate"]), reverse=True
            )
            if not wanted or one["attributes"]["territory"] in wanted
        ]
        chosen = listed[begin : begin + size]
        links = {"self": f"{self.links_from}{request.path}"}
        if begin + size < len(listed):
            query = [pair for pair in request.query if pair[0] != "cursor"]
            asked = urlencode([*query, ("cursor", str(begin + size))])
            links["next"] = f"{self.links_from}{request.path}?{asked}"
        body = {"data": [self._related(one) for one in chosen], **self._included(chosen)}
        paging = {"paging": {"total": len(listed), "limit": size}}
        return Reply.json({**body, "links": links, "meta": paging}, **_rates())

    def _related(self, review: dict[str, Any]) -> dict[str, Any]:
        response = self.responses.get(review["id"])
        data = {"type": response["type"], "id": response["id"]} if response else None
        return {**review, "relationships": {"response": {"data": data, "links": {}}}}

    def _included(self, reviews: list[dict[str, Any]]) -> dict[str, Any]:
        found = [self.responses[r["id"]] for r in reviews if r["id"] in self.responses]
        return {"included": found} if found else {}

    def _respond(self, data: dict[str, Any]) -> Reply:
        ident = data["relationships"]["review"]["data"]["id"]
        if all(one["id"] != ident for one in self.reviews):
            return refusal(409, "ENTITY_ERROR.RELATIONSHIP.INVALID", "The review does not exist")
        self.responses[ident] = {
            "type": "customerReviewResponses",
            "id": f"response-{ident[-6:]}",
            "attributes": {
                "responseBody": data["attributes"]["responseBody"],
                "lastModifiedDate": "2026-03-01T05:00:00-07:00",
                "state": "PENDING_PUBLISH",
            },
        }
        return Reply.json({"data": self.responses[ident], "links": {}}, 201)

    def _withdraw(self, ident: str) -> Reply:
        for review, response in self.responses.items():
            if response["id"] == ident:
                del self.responses[review]
                return Reply(204, headers=_rates())
        return refusal(404, "NOT_FOUND", "The specified resource does not exist")


def _rates() -> dict[str, str]:
    return {"X_Rate_Limit": "user-hour-lim:3500;user-hour-rem:3400;"}


def refusal(status: int, code: str, title: str, **headers: str) -> Reply:
    one = {"id": "1", "status": str(status), "code": code, "title": title, "detail": title}
    return Reply.json({"errors": [one]}, status, **headers)
