"""How far the reading of an app's countries has come: the cursor of the feed.

One sweep goes through all countries, page by page. A country is read until the end of a page is
known from the sweep before; once a day everything is read, because the feed does not promise to
move an edited review to the front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KNOWN = 100
"""So many newest ids are kept of each country: two pages."""
TAIL = 5
"""So many reviews at a page's end must be known before what is older is left unread. One would
not do: an edited review may stand anywhere."""


@dataclass
class Progress:
    """Where the sweep stands. `failed` counts the countries that gave no answer in it."""

    countries: tuple[str, ...]
    today: str
    known: dict[str, list[str]] = field(default_factory=dict)
    whole: str = ""
    country: str = ""
    page: int = 1
    seen: list[str] = field(default_factory=list)
    reading_all: bool = False
    started: str = ""
    failed: int = 0

    @classmethod
    def at(cls, cursor: Mapping[str, Any], countries: tuple[str, ...], today: str) -> Progress:
        """Return the progress that `cursor` tells, or a new sweep's start."""
        kept = cursor.get("known")
        known = {
            country: [str(ident) for ident in ids]
            for country, ids in (kept.items() if isinstance(kept, Mapping) else ())
            if country in countries and isinstance(ids, Sequence)
        }
        progress = cls(countries, today, known, str(cursor.get("whole", "")), countries[0])
        progress.started = today
        progress.reading_all = progress.whole != today
        at = cursor.get("at")
        if isinstance(at, Mapping) and at.get("country") in countries:
            progress.country = str(at["country"])
            progress.page = int(at.get("page", 1))
            progress.seen = [str(ident) for ident in at.get("seen", ())]
            progress.reading_all = bool(at.get("all"))
            progress.started = str(at.get("started", today))
            progress.failed = int(at.get("failed", 0))
        return progress

    def is_read_enough(self, ids: Sequence[str], last_page: int) -> bool:
        """Tell whether the country needs no further page after one with `ids`."""
        if not ids or self.page >= last_page:
            return True
        known = set(self.known.get(self.country, ()))
        return not self.reading_all and known.issuperset(ids[-TAIL:])

    def turn_page(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """Return the cursor of the same country's next page."""
        self.seen = [*self.seen, *ids][:KNOWN]
        self.page += 1
        return self._cursor()

    def leave(self, ids: Sequence[str], *, failed: bool = False) -> Mapping[str, Any]:
        """Return the cursor of the next country, or of the sweep's end.

        An empty country keeps what was known of it: the feed is empty for hours at times.
        """
        if failed:
            self.failed += 1
        else:
            newest = [*self.seen, *ids, *self.known.get(self.country, ())]
            if newest:
                self.known[self.country] = list(dict.fromkeys(newest))[:KNOWN]
        self.page, self.seen = 1, []
        following = self.countries.index(self.country) + 1
        if following < len(self.countries):
            self.country = self.countries[following]
            return self._cursor()
        whole = self.started if self.reading_all else self.whole
        return {"known": self.known, "whole": whole}

    @property
    def is_last(self) -> bool:
        """Whether the sweep ends with this country."""
        return self.country == self.countries[-1]

    def _cursor(self) -> Mapping[str, Any]:
        at = {
            "country": self.country,
            "page": self.page,
            "seen": self.seen,
            "all": self.reading_all,
            "started": self.started,
            "failed": self.failed,
        }
        return {"known": self.known, "whole": self.whole, "at": at}
