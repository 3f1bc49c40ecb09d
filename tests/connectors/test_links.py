"""Which platform a link belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors import registry
from connectors.links import recognise

KNOWN: list[tuple[str, str, dict[str, Any]]] = [
    ("https://apps.apple.com/app/id77", "appstore", {"app_id": "77"}),
    ("https://apps.apple.com/gb/app/harbour-coffee/id77?l=en", "appstore",
     {"app_id": "77", "countries": ["gb"]}),
    ("https://play.google.com/store/apps/details?hl=de&id=com.harbour.app", "googleplay",
     {"package_name": "com.harbour.app"}),
    ("https://www.yelp.com/biz/harbour-coffee-porto?osq=x", "yelp",
     {"business_id": "harbour-coffee-porto"}),
    ("https://m.yelp.co.uk/biz/harbour", "yelp", {"business_id": "harbour"}),
    ("https://www.trustpilot.com/review/harbour.example", "trustpilot", {}),
    ("https://www.tripadvisor.de/Restaurant_Review-g1-d2525-Reviews-Harbour-Porto.html",
     "tripadvisor", {"location_id": "2525"}),
    ("https://www.facebook.com/harbourcoffee/", "facebook", {}),
    ("https://www.facebook.com/106512345678901", "facebook", {"page_id": "106512345678901"}),
    ("https://instagram.com/harbour.coffee", "instagram", {"username": "harbour.coffee"}),
    ("https://x.com/harbour", "x", {"username": "harbour"}),
    ("https://old.reddit.com/r/coffee/new", "reddit", {"subreddits": ["coffee"]}),
    ("https://bsky.app/profile/harbour.example", "bluesky", {"queries": ["harbour.example"]}),
    ("https://www.youtube.com/watch?v=abcdefghijk", "youtube", {"video_ids": ["abcdefghijk"]}),
    ("https://stackoverflow.com/questions/tagged/harbour", "stackexchange",
     {"tags": ["harbour"], "site": "stackoverflow"}),
    ("https://coffee.stackexchange.com/questions/tagged/harbour", "stackexchange",
     {"tags": ["harbour"], "site": "coffee"}),
    ("https://social.example/@harbour", "mastodon", {"base_url": "https://social.example"}),
]  # fmt: skip


@pytest.mark.parametrize(("link", "connector", "settings"), KNOWN)
def test_a_link_names_its_platform(link: str, connector: str, settings: dict[str, Any]) -> None:
    assert recognise(link) == (connector, settings)
    fields = registry.load(connector).settings.model_fields
    assert set(settings) <= set(fields)


@pytest.mark.parametrize(
    "link",
    [
        "https://blog.example/feed.xml",
        "https://www.reddit.com/r/coffee/new.rss",
        "https://apps.apple.com.evil.example/app/id77",
        "https://x.com/harbour/status/5",
        "ftp://x.com/harbour",
        "not a link",
        "",
        "https://[",
    ],
)
def test_what_belongs_to_no_platform_is_left_to_others(link: str) -> None:
    assert recognise(link) is None


@given(some.text())
def test_nothing_makes_it_fail(text: str) -> None:
    recognise(text)
    recognise(f"https://x.com/{text}")
