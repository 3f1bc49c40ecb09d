"""A feed as a source: asked politely, read tolerantly."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from connectors.base import BaseConnector, Context, Cursor, Health, Page
from connectors.feed.document import read_document
from connectors.feed.extras import rest_until
from connectors.feed.settings import FeedSettings
from connectors.http import Http
from connectors.outcomes import Answer
from connectors.waits import freshness

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


class FeedConnector(BaseConnector):
    """Reads one feed with conditional requests. The cursor holds the validators as they came,
    the address that the feed moved to for good, and the hours in which it wants no reader.

    Entries that are no longer in the feed have only fallen off its end; they are not deleted,
    unless the feed says so.
    """

    name = "feed"

    def __init__(self, settings: FeedSettings, context: Context) -> None:
        self._settings = settings
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": ACCEPT},
            now=context.now,
        )

    def fetch(self, cursor: Cursor) -> Page:
        state: dict[str, Any] = dict(cursor)
        if state.get("url") != self._settings.url:
            state = {"url": self._settings.url}
        resting = rest_until(state.get("skips"), self._http.now())
        if resting is not None:
            return Page((), state, unchanged=True, poll_no_sooner_than=resting)
        ask: dict[str, str] = {}
        if state.get("etag"):
            ask["If-None-Match"] = state["etag"]
        if state.get("last_modified"):
            ask["If-Modified-Since"] = state["last_modified"]
        answer = self._http.get(state.get("moved_to") or self._settings.url, headers=ask)
        print_ = blake2b(answer.body, digest_size=16).hexdigest()
        if answer.status == 304 or print_ == state.get("print"):
            self._remember(state, answer)
            wait = freshness(answer.headers)
            return Page((), state, unchanged=True, poll_no_sooner_than=wait)
        document = read_document(answer)
        state["print"] = print_
        state.pop("skips", None)
        if document.skips:
            state["skips"] = dict(document.skips)
        self._remember(state, answer)
        if not document.complete:
            # Half a feed must be asked for again, and not be answered with "nothing new".
            for key in ("print", "etag", "last_modified"):
                state.pop(key, None)
        waits = [wait for wait in (freshness(answer.headers), document.ttl) if wait is not None]
        return Page(
            document.mentions,
            state,
            problems=document.problems,
            poll_no_sooner_than=max(waits, default=None),
        )

    def verify(self) -> Health:
        answer = self._http.get(self._settings.url)
        document = read_document(answer)
        named = f" of “{document.title}”" if document.title else ""
        advice = f"It has moved: change url to {answer.moved_to}" if answer.moved_to else ""
        return Health(True, f"{len(document.mentions)} entries{named} can be read", advice)

    def close(self) -> None:
        self._http.close()

    def _remember(self, state: dict[str, Any], answer: Answer) -> None:
        """Keep the validators, also those that come with a 304 (RFC 9111 section 4.3.4)."""
        for key, header in (("etag", "ETag"), ("last_modified", "Last-Modified")):
            if answer.headers.get(header):
                state[key] = answer.headers[header]
            elif answer.status != 304:
                state.pop(key, None)
        if answer.moved_to:
            state["moved_to"] = answer.moved_to
