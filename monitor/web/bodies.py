"""Reads the body of what a machine sends: whole, bounded in size and in time."""

from __future__ import annotations

import asyncio

from fastapi import Request

from monitor.web.forms import BODY_MAX


class TooLarge(Exception):
    """The body is larger than `BODY_MAX` bytes."""


def announces_too_much(request: Request) -> bool:
    """Tell whether the sender says that its body is too large, or says no number at all."""
    length = request.headers.get("content-length", "0")
    return not (length.isascii() and length.isdigit()) or int(length[:18]) > BODY_MAX


async def read_body(request: Request, seconds: float) -> bytes:
    """Return the body.

    Raises `TooLarge`, `TimeoutError` after so many seconds, and starlette's `ClientDisconnect`
    when the sender went away.
    """
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_MAX:
                raise TooLarge
    return bytes(body)
