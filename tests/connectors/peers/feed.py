"""A site with an Atom feed that answers conditional requests."""

from __future__ import annotations

from xml.sax.saxutils import escape

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer


class ThisPeer(WebPeer):
    def serve(self) -> None:
        self._entries: dict[int, str] = {}
        self._version = 0
        self.server.on("/feed.xml", self._answer)
        self.settings = {"url": self.server.url + "/feed.xml", "allow_private_addresses": True}

    def add(self, text: str) -> None:
        self._version += 1
        self._entries[self._version] = text

    def edit(self, text: str, changed: str) -> None:
        self._version += 1
        self._entries = {n: changed if t == text else t for n, t in self._entries.items()}

    def remove(self, text: str) -> None:
        self._version += 1
        self._entries = {n: t for n, t in self._entries.items() if t != text}

    def _answer(self, request: Request) -> Reply:
        etag = f'W/"{self._version}"'
        if request.headers.get("If-None-Match") == etag:
            return Reply(304, headers={"ETag": etag})
        entries = "".join(
            f"<entry><id>tag:site.example,2026:{n}</id><title>Visit {n}</title>"
            f"<published>2026-02-0{n % 9 + 1}T10:00:00Z</published>"
            f"<content>{escape(text)}</content></entry>"
            for n, text in self._entries.items()
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Visits</title>{entries}</feed>'
        kind = "application/atom+xml; charset=utf-8"
        return Reply(body=body.encode(), headers={"ETag": etag, "Content-Type": kind})
