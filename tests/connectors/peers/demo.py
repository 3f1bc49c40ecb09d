"""The demo platform itself, behind a line on which things can go wrong."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer
from monitor.demo.server import DemoServer
from tests.support.marmalade import Caller

TOKEN = "t0ken-of-the-owner"


@cache
def platform() -> Caller:
    """Start the platform once for all tests of a process; each begins with a reset."""
    folder = tempfile.TemporaryDirectory(prefix="demo-peer-")
    server = DemoServer(Path(folder.name) / "demo.db", week=(), token=TOKEN).start()
    atexit.register(folder.cleanup)
    atexit.register(server.stop)  # called first: the last one registered
    return Caller(server)


class ThisPeer(WebPeer):
    secret = TOKEN
    authors_tell_deletions = True

    def serve(self) -> None:
        self._platform = platform()
        self._platform("POST", "/control/reset")
        self._ids: dict[str, str] = {}
        self.environment.setenv("TEST_DEMO_TOKEN", TOKEN)
        self.server.otherwise(self._pass_on)
        self.settings = {
            "base_url": self.server.url,
            "board": "feed",
            "token": "env:TEST_DEMO_TOKEN",
            "page_size": 2,
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        told = self._platform("POST", "/control/mentions", {"board": "feed", "text": text})
        self._ids[text] = told.json()["id"]

    def edit(self, text: str, changed: str) -> None:
        ident = self._ids[changed] = self._ids.pop(text)
        self._platform("POST", f"/control/mentions/{ident}/edit", {"text": changed})

    def remove(self, text: str) -> None:
        self._platform("DELETE", f"/control/mentions/{self._ids.pop(text)}")

    def published(self) -> list[str]:
        replies = self._platform("GET", "/control/ledger").json()["replies"]
        down = {reply["reply_id"] for reply in replies if reply["outcome"] == "withdrawn"}
        stands = [reply for reply in replies if reply["outcome"] == "created"]
        return [reply["text"] for reply in stands if reply["reply_id"] not in down]

    def revoke(self) -> None:
        self.environment.setenv("TEST_DEMO_TOKEN", "expired")

    def _pass_on(self, request: Request) -> Reply:
        query = "&".join(f"{name}={value}" for name, value in request.query)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() in ("authorization", "content-type", "idempotency-key")
        }
        told = self._platform(
            request.method, f"{request.path}?{query}", headers=headers, raw=request.body
        )
        return Reply(told.status, told.body, {"Content-Type": told.headers.get("content-type", "")})
