"""RSS, Atom and JSON feeds, among them Google Alerts and Apple's customer reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.checklist import checked
from connectors.feed.settings import FeedSettings
from connectors.feed.source import FeedConnector

__all__ = ["KIND", "FeedConnector", "FeedSettings"]

NEWS = "https://news.google.com/rss/search?q={name}&hl=en-US&gl=US&ceid=US:en"
"""Google's search of the news as a feed; it needs no account."""


def _build(settings: FeedSettings, context: Context) -> Connector:
    return FeedConnector(settings, context)


def _suggest(name: str, given: Mapping[str, Any], _context: Context) -> Iterable[Mapping[str, Any]]:
    """A search of the news is a feed as well; ``{name}`` in a given address stands for the name."""
    address = str(given.get("url", NEWS)).replace("{name}", quote_plus(f'"{name}"'))
    return [{**given, "url": address}]


KIND = ConnectorKind(
    name="feed",
    lists_everything=True,
    title="RSS, Atom and JSON feeds",
    category="web",
    summary="Follows a feed: news, blogs, forums, Google Alerts, Apple's customer reviews",
    settings=FeedSettings,
    capabilities=Capabilities(reply_mode="manual"),
    build=_build,
    suggest=_suggest,
    docs_url="https://www.rssboard.org/rss-specification",
    default_every=timedelta(minutes=30),
    advice={
        "AuthFailed": "The feed asks for a login; ask its owner for an open address.",
        "Gone": "The feed is closed; look for its new address and change `url`.",
        "LayoutChanged": "Open the address in a browser; it should show XML or JSON, not a page.",
        "Rejected": "Open the address in a browser and check that it is spelled correctly.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    cost="Nothing.",
    limits="The feed's own word: Cache-Control, ttl, skipHours, Retry-After.",
    terms="The publisher's own; Rapport keeps what the feed holds and links to the page.",
    tested="Recorded feeds of all versions and the parser tests of a feed library; our own peer.",
    checklist=checked(
        deletions="entries fall off the end of a feed; that says nothing",
        looks_first="nothing is sent",
        moderation="nothing is sent",
        length="nothing is sent",
    ),
)
