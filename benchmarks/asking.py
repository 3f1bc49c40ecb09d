"""Asks the pages as a server would be asked, without a socket between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.million import NOW
from monitor.app import App, compose
from monitor.config import load
from monitor.web.access import make_link, redeem
from monitor.web.app import create_app
from monitor.web.site import Site
from monitor.web.visitors import cookie_name

SHIPPED = Path(__file__).parent.parent / "config.yaml"
HOST = "127.0.0.1"


def open_app(folder: Path, url: str) -> App:
    """Return the application of the shipped configuration on another store, at `NOW`."""
    lines = SHIPPED.read_text("utf-8").splitlines()
    told = [f"database: {url}" if line.startswith("database:") else line for line in lines]
    path = folder / "config.yaml"
    path.write_text("\n".join(told), "utf-8")
    return compose(load(path), clock=lambda: NOW)


class Visitor:
    """A signed-in person who asks for one page after the other."""

    def __init__(self, app: App) -> None:
        link = make_link(app.database, "http://x", "Mara", NOW, timedelta(hours=1))
        token = redeem(app.database, link.rpartition("/")[2], NOW)
        self._cookie = f"{cookie_name(Site(app))}={token}".encode()
        self._web = create_app(app)
        self._loop = asyncio.new_event_loop()

    def get(self, address: str) -> tuple[int, int]:
        """Return the status of the answer and its length in bytes."""
        return self._loop.run_until_complete(self._ask(address))

    async def _ask(self, address: str) -> tuple[int, int]:
        told = urlsplit(address)
        headers: Iterable[tuple[bytes, bytes]] = (
            (b"host", HOST.encode()),
            (b"cookie", self._cookie),
        )
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": told.path,
            "raw_path": told.path.encode(),
            "query_string": told.query.encode(),
            "root_path": "",
            "headers": list(headers),
            "client": (HOST, 1),
            "server": (HOST, 80),
        }
        status, length = 0, 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, length
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                length += len(message.get("body", b""))

        await self._web(scope, receive, send)
        return status, length

    def close(self) -> None:
        """End the loop in which the pages run."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
