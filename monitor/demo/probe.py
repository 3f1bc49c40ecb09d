"""Asks who serves a port. Imports next to nothing: the daemon asks before it loads anything."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

NAME = "marmalade"
"""What `/api/health` says, so that others know who serves this port."""


def who_serves(host: str, port: int, timeout: float = 2.0) -> dict[str, object] | None:
    """Return what the demo platform on that port says of itself; None where there is none."""
    line = HTTPConnection(host, port, timeout=timeout)
    try:
        line.request("GET", "/api/health")
        told = json.loads(line.getresponse().read(10_000))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        line.close()
    return told if isinstance(told, dict) and told.get("platform") == NAME else None
