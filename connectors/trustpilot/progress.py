"""How far the reading of a list has come: the cursor of one business unit.

The list is ordered by the time of writing, the newest first. A usual poll reads one day more
than is known. Edits do not move a review, so once a day some weeks are read again, and once a
month everything, for a review that comes back after a dispute or slipped between two pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from connectors.base import FoundMention
from connectors.dates import parse_date

LAG = timedelta(days=1)


@dataclass
class Progress:
    """Where the reading stands. Without `bound` it goes to the list's end."""

    newest: str = ""
    day: str = ""
    month: str = ""
    page: int = 1
    token: str = ""
    bound: datetime | None = None
    print: str = ""
    reached: str = ""
    started: str = ""

    @classmethod
    def at(cls, cursor: Mapping[str, Any], now: datetime, reread: timedelta) -> Progress:
        """Return the progress that `cursor` tells, or the start of a new reading."""
        progress = cls(
            str(cursor.get("newest", "")), str(cursor.get("day", "")), str(cursor.get("month", ""))
        )
        at = cursor.get("at")
        if isinstance(at, Mapping):
            progress.page = int(at.get("page", 1))
            progress.token = str(at.get("token", ""))
            progress.bound = parse_date(at.get("bound"))
            progress.print = str(at.get("print", ""))
            progress.reached = str(at.get("reached", ""))
            progress.started = str(at.get("started", ""))
            return progress
        progress.started = now.date().isoformat()
        newest = parse_date(progress.newest)
        if progress.month == progress.started[:7] and newest is not None:
            since = now if progress.day == progress.started else now - reread
            progress.bound = min(newest, since) - LAG
        return progress

    def passes(self, found: Sequence[FoundMention], listed: int, size: int, more: bool) -> bool:
        """Tell whether another page is needed after one that `listed` so many reviews.

        `more` is what the platform says itself. A page that repeats the one before is the end:
        the server does not turn pages.
        """
        ids = " ".join(mention.external_id for mention in found)
        fingerprint = hashlib.sha256(ids.encode()).hexdigest()[:16]
        repeated = bool(ids) and fingerprint == self.print
        self.print = fingerprint
        times = [mention.created_at for mention in found if mention.created_at is not None]
        if times:
            latest = max(times).isoformat()
            self.reached = max(self.reached, latest)
        if not listed or repeated or not (more or listed >= size):
            return False
        if self.bound is None or not times:
            return True
        # An unordered page proves nothing by its last review alone.
        ordered = all(first >= second for first, second in pairwise(times))
        return (times[-1] if ordered else max(times)) >= self.bound

    def turned(self, token: str) -> Mapping[str, Any]:
        """Return the cursor of the next page."""
        at = {
            "page": self.page + 1,
            "token": token,
            "bound": self.bound.isoformat() if self.bound else "",
            "print": self.print,
            "reached": self.reached,
            "started": self.started,
        }
        return {"newest": self.newest, "day": self.day, "month": self.month, "at": at}

    def finished(self) -> Mapping[str, Any]:
        """Return the cursor after the last page."""
        newest = max(self.newest, self.reached)
        return {"newest": newest, "day": self.started, "month": self.started[:7]}
