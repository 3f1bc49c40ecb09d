"""``rapport watch``: listens for a name without an account, and can keep what it found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from connectors.testing.http_server import LoopbackServer, Reply, Request
from tests.integration.cli.conftest import Call

OTHERS = ("hackernews", "appstore", "bluesky", "stackexchange")
NEWS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><item>
<guid>n1</guid><title>Harbour Coffee opens a second shop</title>
<description>A new place by the mill.</description></item></channel></rss>"""


@pytest.fixture
def world() -> Iterator[LoopbackServer]:
    """The platforms that need no account, on one server."""
    with LoopbackServer() as server:
        server.on("/api/v1/search_by_date", _stories)
        server.on("/news", Reply(body=NEWS.encode(), headers={"Content-Type": "text/xml"}))
        server.on("/xrpc/app.bsky.feed.searchPosts", Reply.json({"posts": []}))
        server.on("/search/excerpts", Reply.json({"items": [], "has_more": False}))
        server.on("/search", Reply.json({"resultCount": 2, "results": [
            {"trackId": 77, "trackName": "Harbour Coffee Rewards", "sellerName": "HC Ltd"},
            {"trackId": 78, "trackName": "Harbourside Parking", "sellerName": "Docks"},
        ]}))  # fmt: skip
        server.on("/us/rss/customerreviews/page=1/id=77/sortby=mostrecent/json", Reply.json(
            {"feed": {"entry": [{
                "id": {"label": "r1"}, "im:rating": {"label": "1"},
                "author": {"name": {"label": "Ada"}}, "title": {"label": "Charged twice"},
                "content": {"label": "It charged me twice and nobody answers. Terrible."},
            }]}}
        ))  # fmt: skip
        yield server


def _stories(request: Request) -> Reply:
    hits = [] if request.get("page") not in ("", "0") else [{
        "objectID": "5", "created_at": "2026-11-01T10:00:00Z", "created_at_i": 1793527200,
        "author": "ben", "title": None, "comment_text": "Harbour Coffee is fine, I go there often.",
        "story_id": 4, "parent_id": 4, "_tags": ["comment"],
    }]  # fmt: skip
    return Reply.json({"hits": hits, "nbHits": len(hits), "page": 0, "nbPages": 1,
                       "hitsPerPage": 100})  # fmt: skip


def pointed_at(server: LoopbackServer) -> list[str]:
    told = [f"feed.url={server.url}/news"]
    told += [f"{name}.base_url={server.url}" for name in OTHERS]
    told += [f"{name}.allow_private_addresses=true" for name in ("feed", *OTHERS)]
    return [part for pair in told for part in ("--set", pair)]


def test_what_is_found_is_shown_and_judged_and_nothing_is_stored(
    folder: Path, rapport: Call, world: LoopbackServer
) -> None:
    (folder / "config.yaml").unlink()
    done = rapport("watch", "Harbour Coffee", "--once", *pointed_at(world))
    assert done.returncode == 0, done.stderr
    assert "watching Hacker News: queries Harbour Coffee" in done.stdout
    assert "Ada, 1 of 5  COMPLAINT" in done.stdout
    assert "2026-11-01 10:00 UTC  Hacker News  ben  no complaint" in done.stdout
    assert "Harbour Coffee opens a second shop" in done.stdout
    assert "3 found, 1 would open a case; nothing was stored" in done.stdout
    assert "Harbourside" not in done.stdout
    assert done.stderr == ""
    assert list(folder.iterdir()) == []


def test_a_platform_in_trouble_is_told_and_the_others_go_on(
    folder: Path, rapport: Call, world: LoopbackServer
) -> None:
    world.on("/search", Reply(503))
    done = rapport("watch", "Harbour Coffee", "--once", "--json", *pointed_at(world))
    assert done.returncode == 0
    assert "App Store, public feed:" in done.stderr
    assert "503" in done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["connector"] for one in found} == {"hackernews", "feed"}


def test_saving_writes_a_configuration_that_loads_and_adds_nothing_twice(
    folder: Path, rapport: Call, world: LoopbackServer
) -> None:
    (folder / "config.yaml").unlink()
    for _ in range(2):
        done = rapport("watch", "Harbour Coffee", "--save", *pointed_at(world))
        assert done.returncode == 0, done.stderr
    written = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert written["brands"][0]["name"] == "Harbour Coffee"
    kinds = [source["connector"] for source in written["sources"]]
    assert len(kinds) == len(set(kinds))
    assert {"hackernews", "appstore", "feed"} <= set(kinds)
    listed = rapport("sources")
    assert "harbour-coffee-appstore" in listed.stdout


def test_nothing_to_watch_is_an_error(folder: Path, rapport: Call, world: LoopbackServer) -> None:
    done = rapport("watch", "  ", "--once", *pointed_at(world))
    assert done.returncode != 0
