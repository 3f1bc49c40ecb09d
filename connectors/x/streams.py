"""How far X has been read.

The cursor holds one record a stream (``mentions``, ``search``) and whose turn it is:

``newest``   the newest post of all complete walks
``settled``  that so much time has passed since then that nothing older can still appear
``walk``     the walk under way: ``since`` where it ends, ``top`` the newest post seen on it,
             ``token`` of the next page, ``pages`` that were read

Answers run from new to old, so the watermark moves only when a walk has come down to it. A walk
that a restart cut in two goes on with its token; a token that X refuses begins the walk anew,
once, and then ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.x.ids import id_at, later, made_at

LAG = timedelta(minutes=2)
"""Posts reach the search with some delay; so much is read again while that can matter."""
SEARCH_WINDOW = timedelta(days=7)
_MARGIN = timedelta(hours=1)


@dataclass(slots=True)
class Stream:
    """One stream's record."""

    newest: str = ""
    settled: bool = False
    walk: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Any) -> Stream:
        """Return the record that a cursor holds; anything odd begins from the start."""
        if not isinstance(said, Mapping):
            return cls()
        return cls(
            str(said.get("newest", "")), said.get("settled") is True, dict(said.get("walk") or {})
        )

    def record(self) -> dict[str, Any]:
        """Return what the cursor holds of it."""
        record: dict[str, Any] = {"newest": self.newest, "settled": self.settled}
        return {**record, "walk": self.walk} if self.walk else record

    def since(
        self, now: datetime, window: timedelta | None, history: timedelta | None = None
    ) -> str:
        """Return the id above which to read, or nothing for all that there is.

        The search refuses ids from before its window. `history` is how far the first reading
        reaches back.
        """
        if self.walk:
            return str(self.walk.get("since", ""))
        if not self.newest:
            if history is None or (window is not None and history > window - _MARGIN):
                return ""
            return id_at(now - history)
        made = made_at(self.newest)
        if made is None or (window is not None and made < now - window + _MARGIN):
            return ""
        return self.newest if self.settled else id_at(made - LAG)

    def go_on(self, since: str, top: str, token: str) -> None:
        """Note a page after which there are more."""
        self.walk = {
            "since": since,
            "top": later(top, str(self.walk.get("top", ""))),
            "token": token,
            "pages": int(self.walk.get("pages", 0)) + 1,
            "again": self.walk.get("again", False),
        }

    def finish(self, top: str, now: datetime) -> None:
        """Note that the walk came to its end, so that the watermark may move."""
        self.newest = later(self.newest, later(top, str(self.walk.get("top", ""))))
        self.walk = {}
        made = made_at(self.newest) if self.newest else None
        self.settled = made is None or now - made > LAG

    def begin_anew(self) -> None:
        """Forget the walk's token, and remember that this was done."""
        self.walk = {"since": self.walk.get("since", ""), "top": "", "again": True}
