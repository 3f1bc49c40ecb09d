"""A shop's page with its reviews in JSON-LD, and a robots.txt that allows reading it."""

from __future__ import annotations

import json

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer


class ThisPeer(WebPeer):
    def serve(self) -> None:
        self._reviews: dict[int, str] = {}
        self._count = 0
        self.server.on("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /admin\n"))
        self.server.on("/reviews", self._answer)
        self.server.spare("/robots.txt")
        self.settings = {"url": self.server.url + "/reviews", "allow_private_addresses": True}

    def add(self, text: str) -> None:
        self._count += 1
        self._reviews[self._count] = text

    def edit(self, text: str, changed: str) -> None:
        self._reviews = {n: changed if t == text else t for n, t in self._reviews.items()}

    def remove(self, text: str) -> None:
        self._reviews = {n: t for n, t in self._reviews.items() if t != text}

    def _answer(self, request: Request) -> Reply:
        reviews = [
            {
                "@type": "Review",
                "author": {"@type": "Person", "name": f"Guest {n}"},
                "datePublished": f"2026-02-{n % 27 + 1:02}",
                "reviewBody": text,
                "reviewRating": {"@type": "Rating", "ratingValue": "2"},
            }
            for n, text in self._reviews.items()
        ]
        data = {"@context": "https://schema.org", "@type": "Cafe", "review": reviews}
        script = json.dumps(data).replace("<", "\\u003c")
        return Reply.html(
            f"<html><head><title>Shop</title></head><body><h1>Reviews</h1>"
            f'<script type="application/ld+json">{script}</script></body></html>'
        )
