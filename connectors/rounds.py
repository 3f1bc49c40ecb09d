"""Reads a listing that is newest first: page by page, back to where the last round began.

The next round starts at the newest page again and goes back until it is a while behind that
point: the lag is for what platforms show late. Only a complete round moves the mark, so a round
that breaks off loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.dates import parse_date


@dataclass(frozen=True, slots=True)
class Round:
    """How far one listing is read. `mark` is the newest time of the last complete round.

    `token` is the page to ask for (the first has none), `newest` the newest time met in this
    round, `shown` tells the last page apart, `again` that this round began anew because the
    platform no longer knew a token.
    """

    mark: datetime | None = None
    token: str = ""
    newest: datetime | None = None
    shown: str = ""
    again: bool = False

    @classmethod
    def resume(cls, state: Mapping[str, Any]) -> Round:
        """Read what `state` wrote; what cannot be read counts as not begun."""
        return cls(
            parse_date(state.get("mark")),
            str(state.get("token") or ""),
            parse_date(state.get("newest")),
            str(state.get("shown") or ""),
            bool(state.get("again")),
        )

    def state(self) -> dict[str, Any]:
        """Return the round for a cursor: JSON without what is empty."""
        said = {
            "mark": self.mark.isoformat() if self.mark else "",
            "token": self.token,
            "newest": self.newest.isoformat() if self.newest else "",
            "shown": self.shown,
            "again": self.again,
        }
        return {name: value for name, value in said.items() if value}

    @property
    def begun(self) -> bool:
        return bool(self.token)

    def behind(self, times: Sequence[datetime | None], lag: timedelta) -> bool:
        """Tell whether a page with these times, newest first, reaches `lag` behind the mark."""
        known = [time for time in times if time is not None]
        return self.mark is not None and bool(known) and known[-1] < self.mark - lag

    def turn(
        self,
        ids: Sequence[str],
        times: Sequence[datetime | None],
        following: str,
        *,
        enough: bool,
        now: datetime,
    ) -> Step:
        """Return what follows a page with these items, after which `following` comes.

        `enough` ends the round early. A platform that hands out the same page for ever ends it
        too, without moving the mark: what it did not show may come yet. Times in the future
        count as now, for a mark ahead of the clock would hide what comes.
        """
        newest = max([now if time > now else time for time in times if time], default=None)
        newest = max((time for time in (newest, self.newest) if time), default=None)
        shown = blake2b("\0".join(ids).encode("utf-8", "replace"), digest_size=8).hexdigest()
        circling = bool(following) and (
            following == self.token or (bool(ids) and shown == self.shown)
        )
        if circling:
            return Step(Round(self.mark), finished=True, circling=True)
        if enough or not following:
            mark = max((time for time in (self.mark, newest) if time), default=None)
            return Step(Round(mark), finished=True)
        return Step(Round(self.mark, following, newest, shown, self.again), finished=False)

    def restarted(self) -> Round | None:
        """Return this round from its first page; None where that has been tried already."""
        if not self.token or self.again:
            return None
        return replace(Round(self.mark), again=True)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows a page: the round as it stands then, and whether it is over."""

    round: Round
    finished: bool
    circling: bool = False
