"""Hacker News as a source: searched by date for names, read item by item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.dates import utc_now
from connectors.errors import LayoutChanged, NotSupported, Rejected
from connectors.hackernews.items import id_of, mention_of_hit, mention_of_item
from connectors.hackernews.settings import HackerNewsSettings
from connectors.hackernews.walk import PER_PAGE, Walk, step
from connectors.http import Http
from connectors.naming import names
from connectors.text import html_to_text, normalised
from connectors.waits import exhausted

OVERLAP = timedelta(hours=3)
"""How far each poll reads again: a text may change for two hours, and the search comes late."""
SEARCH_PATH = "/api/v1/search_by_date"


class HackerNewsConnector(BaseConnector):
    """Searches for each name in turn.

    The cursor holds the time of the newest hit of each name (``newest``) and, between two pages,
    where we are (``walk``). Edits leave no mark there; the overlap shows them.
    """

    name = "hackernews"

    def __init__(self, settings: HackerNewsSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._items = settings.items_host()
        self._context = context
        self._now: Callable[[], datetime] = context.now or utc_now
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        queries = self._settings.queries
        newest = _newest_in(cursor, queries)
        walk = Walk.load(cursor.get("walk"))
        if walk is None or walk.query not in queries:
            walk = self._begin(queries[0], newest)
        while True:
            page, hits = self._page(walk, newest)
            if hits or not page.more:
                return page
            walk = Walk.load(page.next_cursor["walk"]) or walk

    def read(self, ref: MentionRef) -> FoundMention | None:
        ident = id_of(ref.external_id)
        if not ident:
            raise Rejected("this is no id of an item")
        item = self._http.get(f"{self._items}/v0/item/{ident}.json").json()
        if item is None:
            return None
        if not isinstance(item, dict):
            raise LayoutChanged(f"{self._items} answered no item")
        if item.get("deleted") is True:
            return None
        try:
            return mention_of_item(item)
        except ValueError as error:
            raise LayoutChanged(f"item {ident}: {error}") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look for a comment of our own user right under `ref`, with this text.

        The search shows a new comment after some minutes, so its absence is no proof before.
        """
        if not self._settings.username:
            raise NotSupported("only with `username` it is known which answer is ours")
        ident = id_of(ref.external_id)
        story = id_of(ref.raw.get("story_id")) or ident
        params = {
            "tags": f"comment,author_{self._settings.username},story_{story}",
            "hitsPerPage": PER_PAGE,
        }
        for hit in self._search(params)["hits"]:
            try:
                found = mention_of_hit(hit)
            except ValueError:
                continue
            ours = found.author_id.casefold() == self._settings.username.casefold()
            if not ours or found.parent_external_id != ident:
                continue
            if normalised(html_to_text(found.text)) == normalised(text):
                return Receipt(
                    "visible", found.external_id, found.url, found.created_at, found.text
                )
        return None

    def verify(self) -> Health:
        asked = {"query": f'"{self._settings.queries[0]}"', "tags": self._tags(), "hitsPerPage": 1}
        found = self._search(asked)
        known = found.get("nbHits")
        count = f"; {known:,} hits for the first" if known.__class__ is int else ""
        listed = ", ".join(self._settings.queries)
        return Health(True, f"searches Hacker News for {listed}{count}; answers by hand")

    def close(self) -> None:
        self._http.close()

    def _begin(self, query: str, newest: Mapping[str, int]) -> Walk:
        known = newest.get(query)
        if known is None:
            first = self._context.first_moment(self._now(), self._settings.history_days)
            return Walk(query, max(int(first.timestamp()), 0))
        return Walk(query, max(known - int(OVERLAP.total_seconds()), 0))

    def _page(self, walk: Walk, newest: dict[str, int]) -> tuple[Page, bool]:
        """Read one page and return it, and whether it held any hits at all."""
        params = {
            "query": f'"{walk.query}"',
            "tags": self._tags(),
            "numericFilters": walk.filters(),
            "hitsPerPage": PER_PAGE,
            "page": walk.page,
        }
        answer = self._http.get(self._base + SEARCH_PATH, params=params)
        found = self._envelope(answer.json())
        hits = found["hits"]
        mentions, problems = self._read(walk.query, hits)
        ids, times = _ids_and_times(hits)
        taken = step(walk, ids, times, found)
        if taken.crowded:
            reason = "one second holds more hits than the search shows; the rest is out of reach"
            problems.append(Problem(f"query {walk.query!r}", reason))
        following = taken.following
        if following is None:
            top = min(taken.done.top, int(self._now().timestamp()))
            if top > newest.get(walk.query, 0):
                newest[walk.query] = top
            place = self._settings.queries.index(walk.query) + 1
            if place < len(self._settings.queries):
                following = self._begin(self._settings.queries[place], newest)
        state: dict[str, Any] = {"newest": newest}
        if following is not None:
            state["walk"] = following.dump()
        rests = exhausted(answer.headers, self._now())
        page = Page(
            tuple(mentions),
            state,
            more=following is not None,
            problems=tuple(problems),
            account_rests=rests,
        )
        return page, bool(hits)

    def _read(self, query: str, hits: list[Any]) -> tuple[list[FoundMention], list[Problem]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        own = self._settings.username.casefold()
        for hit in reversed(hits):  # answers are newest first
            try:
                found = mention_of_hit(hit)
            except ValueError as error:
                ident = id_of(hit.get("objectID")) if isinstance(hit, dict) else ""
                problems.append(Problem(f"query {query!r}, hit {ident or '?'}", str(error)))
                continue
            if own and found.author_id.casefold() == own:
                continue
            if self._settings.exact and not self._is_named(query, found, hit):
                continue
            mentions.append(found)
        return mentions, problems

    def _is_named(self, query: str, found: FoundMention, hit: Mapping[str, Any]) -> bool:
        keys = ["url", "story_title", "story_url"] if self._settings.whole_threads else ["url"]
        said = [found.title, found.text, *(hit.get(key) for key in keys)]
        return any(isinstance(text, str) and names(text, query) for text in said)

    def _search(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._envelope(self._http.get(self._base + SEARCH_PATH, params=params).json())

    def _envelope(self, found: Any) -> dict[str, Any]:
        if not isinstance(found, dict) or not isinstance(found.get("hits"), list):
            raise LayoutChanged(f"{self._base} answered no hits, which even an empty search has")
        return found

    def _tags(self) -> str:
        return f"({','.join(self._settings.kinds)})"


def _newest_in(cursor: Cursor, queries: tuple[str, ...]) -> dict[str, int]:
    said = cursor.get("newest")
    kept = said if isinstance(said, Mapping) else {}
    return {key: kept[key] for key in queries if kept.get(key).__class__ is int}


def _ids_and_times(hits: list[Any]) -> tuple[list[str], list[int]]:
    ids: list[str] = []
    times: list[int] = []
    for hit in hits:
        told = hit if isinstance(hit, dict) else {}
        ids.append(id_of(told.get("objectID")) or "?")
        when = told.get("created_at_i")
        if when.__class__ is int and 0 < when < 10**11:
            times.append(when)
    return ids, times
