"""The platform as its endpoints see it: boards, switches, the time, the owner's token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from monitor.demo.faults import Faults
from monitor.demo.probe import NAME
from monitor.demo.script import Entry
from monitor.demo.stage import OWNER, Stage, StoryClock
from monitor.demo.store import Item, Store

LONGEST_REPLY = 1500
"""In characters, on both boards."""

BOARDS = ("reviews", "feed")
LOCATIONS = {"quay": "Quay Street", "mill": "Old Mill", "app": "Harbour App"}

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything that an endpoint needs. `token` is empty where none is asked for.

    `week` and `speed` are what a new week begins with.
    """

    store: Store
    stage: Stage
    faults: Faults
    clock: Clock
    week: tuple[Entry, ...]
    speed: float
    token: str = ""
    with_parent: bool = False

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.clock().timestamp()

    def advance(self) -> float:
        """Let happen what is due, and return the time."""
        now = self.now()
        self.stage.advance(now)
        return now

    def story(self) -> StoryClock:
        """Return the story's clock; the server begins a week before it serves anything."""
        clock = self.stage.clock()
        assert clock is not None
        return clock

    def admits(self, request: Request) -> bool:
        """Tell whether the request carries the owner's token, where one is asked for."""
        if not self.token:
            return True
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode())


def iso(seconds: float | None) -> str | None:
    """Return a time as RFC 3339 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def path_of(item: Item) -> str:
    """Return the path of the page where an item can be seen."""
    folder = "reviews" if item.board == "reviews" else "posts"
    anchor = "" if item.id == item.root_id else f"#{item.id}"
    return f"/{folder}/{item.root_id}{anchor}"


def link_of(item: Item, request: Request) -> str:
    """Return the whole address of the page where an item can be seen."""
    return str(request.base_url).rstrip("/") + path_of(item)


__all__ = [
    "BOARDS",
    "LOCATIONS",
    "LONGEST_REPLY",
    "NAME",
    "OWNER",
    "Clock",
    "Platform",
    "iso",
    "link_of",
    "path_of",
]
