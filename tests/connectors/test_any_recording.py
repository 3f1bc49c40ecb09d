"""Every recorded answer of a platform, played to its connector as the answer to everything.

Whatever a platform once said, none of it may crash a connector: what it cannot use it must name.
That all items are found and each error is the right one is tried in each connector's own tests.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.base import Connector, Context, FoundMention, MentionRef
from connectors.errors import ConnectorError
from connectors.hooks import Delivery
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.support.cassettes import RECORDINGS, read_cassette

FOLDERS = {
    "appstore": ("appstore_rss",),
    "appstoreconnect": ("appstoreconnect_jsonapi_shapes",),
    "bluesky": ("bluesky",),
    "discourse": ("discourse", "discourse_docs_responses"),
    "facebook": ("facebook",),
    "feed": ("rss_atom", "rss_atom_feedparser_corpus"),
    "hackernews": ("hackernews_firebase",),
    "instagram": ("instagram", "facebook"),
    "mastodon": ("mastodon",),
    "page": ("html_structured_data_extruct",),
    "reddit": ("reddit",),
    "stackexchange": ("stackexchange",),
    "trustpilot": ("trustpilot",),
    "x": ("x", "x_v1_fixtures"),
    "yelp": ("yelp_v3", "yelp_v2"),
    "youtube": ("youtube",),
}
PAGES = 12
"""A recorded link to a next page leads to the same answer for ever."""

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recorded answers are not on this machine"
)


def replies(path: Path) -> Iterator[Reply]:
    """Yield the answers in one recording: the exchanges of a cassette, or a body as it stands."""
    if path.suffix in (".yml", ".yaml") or '"http_interactions"' in path.read_text(
        encoding="utf-8", errors="replace"
    ):
        for exchange in read_cassette(path):
            kept = {"content-type", "link", "retry-after"}
            headers = {
                name: value
                for name, value in exchange.headers.items()
                if name in kept or "ratelimit" in name or "rate-limit" in name
            }
            yield Reply(exchange.status, exchange.body, headers)
        return
    kinds = {".json": "application/json", ".html": "text/html; charset=utf-8"}
    body = path.read_bytes()
    yield Reply(body=body, headers={"Content-Type": kinds.get(path.suffix, "text/xml")})


@needs_recordings
@pytest.mark.parametrize("name", FOLDERS)
def test_no_recorded_answer_crashes_its_connector(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = registry.load(name)
    peer = import_module(f"tests.connectors.peers.{name}").ThisPeer(tmp_path, monkeypatch)
    peer.open()
    settings = kind.settings.model_validate(peer.settings)
    answers = 0
    try:
        for folder in FOLDERS[name]:
            for path in sorted((RECORDINGS / folder).iterdir()):
                for reply in replies(path):
                    answers += 1
                    peer.break_with(reply)
                    connector = kind.build(settings, Context("source", now=lambda: NOW))
                    assert ask_everything(connector, path).isprintable(), path
                    connector.close()
    finally:
        peer.close()
    assert answers > 0


def ask_everything(connector: Connector, path: Path) -> str:
    """Make every call of the contract; return the errors that were told."""
    told = []
    ref = MentionRef("1", author_name="Ada")
    try:
        for found in walk(connector):
            check(found, path)
            ref = MentionRef(found.external_id, url=found.url, raw=found.raw or {})
    except ConnectorError as error:
        told.append(str(error))
    calls: list[Callable[[], object]] = [
        lambda: connector.read(ref),
        lambda: connector.find_reply(ref, "We are sorry.", "key"),
        lambda: connector.reply(ref, "We are sorry about the wait.", "key"),
        connector.verify,
    ]
    for call in calls:
        try:
            call()
        except ConnectorError as error:
            told.append(str(error))
    return " ".join(told)


def walk(connector: Connector) -> Iterator[FoundMention]:
    cursor: Any = {}
    for _ in range(PAGES):
        page = connector.fetch(cursor)
        yield from page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return


def check(found: FoundMention, path: Path) -> None:
    assert found.external_id, path
    assert found.created_at is None or found.created_at.tzinfo is not None, path
    assert found.rating is None or found.rating_min <= found.rating <= found.rating_max, path
    json.dumps(found.raw)
    for text in (found.text, found.title, found.author_name, found.url):
        text.encode()
        assert "\0" not in text, path


@needs_recordings
@pytest.mark.parametrize(
    "name", [name for name in registry.names() if registry.load(name).hook is not None]
)
def test_no_recorded_body_crashes_a_webhook(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = registry.load(name)
    assert kind.hook is not None
    peer = import_module(f"tests.connectors.peers.{name}").ThisPeer(tmp_path, monkeypatch)
    peer.open()
    settings = kind.settings.model_validate(peer.settings)
    peer.close()
    for folder in ("webhook_inbound", "trustpilot", "facebook", "instagram", "discourse"):
        for path in sorted((RECORDINGS / folder).glob("*.json")):
            delivery = Delivery(path.read_bytes(), {"x-discourse-event": "post_created"})
            with contextlib.suppress(ConnectorError):
                for found in kind.hook.open(settings, delivery).mentions:
                    check(found, path)
