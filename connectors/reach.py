"""How far back a round of reading goes: a day usually, some weeks once a day, all once a month.

For listings that are newest first and do not move what was edited, answered or shown again to
the front: their older items are read again now and then, at a price that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

USUAL = timedelta(days=1)
EVERYTHING = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far behind the mark this round reads, and when further rounds were last complete.

    `started` is the day on which the round began; `day` and `month` name the last ones of which
    a round that reads weeks, or everything, was complete.
    """

    lag: timedelta
    started: str
    day: str = ""
    month: str = ""

    @classmethod
    def resume(
        cls, cursor: Mapping[str, Any], now: datetime, reread: timedelta, *, begun: bool
    ) -> Reach:
        """Read what `state` wrote. A round that has `begun` keeps its reach to its end."""
        today = now.date().isoformat()
        day, month = str(cursor.get("day", "")), str(cursor.get("month", ""))
        if begun:
            lag = timedelta(days=int(cursor.get("lag", USUAL.days)))
            return cls(lag, str(cursor.get("started", today)), day, month)
        if month != today[:7]:
            return cls(EVERYTHING, today, day, month)
        return cls(reread if day != today else USUAL, today, day, month)

    def completed(self) -> Reach:
        """Return the reach after a complete round."""
        return replace(self, day=self.started, month=self.started[:7])

    def state(self, *, begun: bool) -> dict[str, Any]:
        """Return what a cursor keeps, in the middle of a round or between two."""
        kept: dict[str, Any] = {"day": self.day, "month": self.month}
        return kept | {"lag": self.lag.days, "started": self.started} if begun else kept
