"""Notices a platform that shows the same items on page after page."""

from __future__ import annotations

from connectors.base import Page
from connectors.errors import LayoutChanged

PATIENCE = 3
"""So many pages without anything new may follow each other: overlapping pages are normal."""


class Circles:
    """Looks at the pages of one turn in their order."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._stale = 0

    def look(self, page: Page) -> None:
        """Raise `LayoutChanged` when pages go on without ever showing anything new."""
        ids = {mention.external_id for mention in page.mentions}
        self._stale = self._stale + 1 if ids and ids <= self._seen else 0
        self._seen |= ids
        if page.more and self._stale >= PATIENCE:
            raise LayoutChanged("the platform shows the same items on every page")
