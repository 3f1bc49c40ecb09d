"""Answers that go wrong on the wire itself: dropped, cut off, or trickling.

HTTP frameworks do their best to finish every answer; here the connection underneath is needed.
`LineProtocol` remembers it for each client while it is open.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_LINES: dict[tuple[Any, Any], asyncio.Transport] = {}
"""Open connections by both of their ends, as ASGI scopes name them."""


class LineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the connection of each client within reach."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _LINES[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _LINES.pop((self.client, self.server), None)
        super().connection_lost(exc)


async def _hang_up(scope: Scope) -> None:
    ends = (scope.get("client"), scope.get("server"))
    line = _LINES.get(ends)
    if line is None:
        raise RuntimeError("the connection cannot be dropped: not served by LineProtocol")
    line.close()
    while ends in _LINES:  # return only when the server knows that nobody is there any more
        await asyncio.sleep(0.001)


class Dropped(Response):
    """No answer at all: the connection closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _hang_up(scope)


class Truncated(Response):
    """The head and half of the body of `whole`, then the connection closes."""

    def __init__(self, whole: Response) -> None:
        super().__init__(bytes(whole.body), whole.status_code, media_type=whole.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _hang_up(scope)


class Slow(Response):
    """The answer `whole` in `pieces` pieces, taking `seconds` in all."""

    def __init__(self, whole: Response, seconds: float, pieces: int = 20) -> None:
        super().__init__(bytes(whole.body), whole.status_code, media_type=whole.media_type)
        self.seconds = seconds
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        body = bytes(self.body)
        size = max(1, -(-len(body) // self.pieces))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self.seconds / self.pieces)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
