"""Ids from outside, before they become part of a path, a header or a command to a mail server."""

from __future__ import annotations

import re

import pytest

from connectors import meta
from connectors.appstore import entries
from connectors.appstoreconnect import reviews as appstoreconnect
from connectors.bluesky import tids
from connectors.googlebusiness import reviews as googlebusiness
from connectors.googlebusiness import settings as googlesettings
from connectors.googleplay import reviews as googleplay
from connectors.hackernews import items
from connectors.mailbox import sending
from connectors.mailbox.settings import is_address
from connectors.mastodon import source as mastodon
from connectors.reddit import things
from connectors.trustpilot import reviews as trustpilot
from connectors.x import ids
from connectors.yelp import reviews as yelp
from connectors.youtube import comments

GOOD: list[tuple[re.Pattern[str], str]] = [
    (meta._NODE, "12_34"),
    (entries._ID, "123"),
    (appstoreconnect.ID, "00-1f"),
    (tids.TID, "3jzfcijpj2z2a"),
    (googlebusiness._ID, "Ab_-"),
    (googlebusiness.REVIEW, "accounts/1/locations/2/reviews/Ab"),
    (googlesettings.LOCATION, "accounts/1/locations/2"),
    (googlesettings.ACCOUNT, "accounts/1"),
    (googleplay.ID, "gp:AOq"),
    (items._ID, "123"),
    (sending._ID, "a@shop.example"),
    (mastodon._ID, "123"),
    (things.NAME, "t1_abc"),
    (trustpilot.ID, "5f1e"),
    (ids._ID, "123"),
    (yelp.ID, "xAG4O7l"),
    (comments.ID, "Ugz.8x"),
]
NASTY = ("\n", "\r\n", "/../x", "?a=b", "#a", "%2f..", " HTTP/1.1", "\x00", "\u2028", "\\", "@evil")


@pytest.mark.parametrize(("pattern", "ident"), GOOD)
def test_nothing_can_follow_an_id(pattern: re.Pattern[str], ident: str) -> None:
    assert pattern.match(ident)
    # In a header, what would end a path is harmless.
    tails = ("\n", "\r\n", "\x00", "\u2028", ">") if pattern is sending._ID else NASTY
    for tail in tails:
        assert not pattern.match(ident + tail), tail


@pytest.mark.parametrize("tail", ["\n", "\r\nRCPT TO:<x@y.example>", ">", " ", "\x00", "\u2028"])
def test_nothing_can_follow_an_address(tail: str) -> None:
    assert is_address("ana@customer.example")
    assert not is_address(f"ana@customer.example{tail}")
