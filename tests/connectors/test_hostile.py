"""Platforms that mean harm, or are broken as if they did: every connector against each of them.

Time and memory stay bounded, the error has a type, and the same connector goes on afterwards.
The faults that every connector meets in the contract suite are not repeated here.
"""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from connectors import registry
from connectors.base import Connector, ConnectorKind, Context, Page
from connectors.errors import ConnectorError, Unavailable
from connectors.http import Limits
from connectors.testing.contract import TEXTS, fetch_all, mentions, speaks_http, texts
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW, Peer

MEGABYTE = 1024 * 1024
QUICK = (1.0, 1.0, 1.0, 5 * MEGABYTE, 5)
"""Limits where they are to be met: connect, read and total seconds, bytes, redirects."""

HTTP = [name for name in registry.names() if speaks_http(registry.load(name))]


@pytest.fixture(params=HTTP)
def kind(request: pytest.FixtureRequest) -> ConnectorKind:
    return registry.load(request.param)


@pytest.fixture
def quick_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits.__init__, "__defaults__", QUICK)


@pytest.fixture
def peer(kind: ConnectorKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    opened: Peer = import_module(f"tests.connectors.peers.{kind.name}").ThisPeer(
        tmp_path, monkeypatch
    )
    opened.open()
    if not opened.plays_http or opened.break_with is None or opened.deliveries() is not None:
        opened.close()
        pytest.skip("this platform is not asked over HTTP")
    yield opened
    opened.close()


@pytest.fixture
def connector(kind: ConnectorKind, peer: Peer) -> Iterator[Connector]:
    settings = kind.settings.model_validate(peer.settings)
    made = kind.build(settings, Context("source", base_dir=peer.base_dir, now=lambda: NOW))
    yield made
    made.close()


def bomb(megabytes: int) -> bytes:
    """Return a gzip body that unpacks to so many megabytes of JSON-like text."""
    return gzip.compress(b'{"data":["' + b"x" * megabytes * MEGABYTE)


FLOODS = {
    "a body without end": Reply(body=b'{"x":"' + b"x" * 65536, fault="flood"),
    "a byte at a time": Reply(body=b"{", fault="drip"),
    "a head and then nothing": Reply(body=b"{}", fault="stall"),
    "a gzip bomb": Reply(body=bomb(200), headers={"Content-Encoding": "gzip"}),
    "a bomb in a redirect": Reply(
        302, bomb(50), {"Content-Encoding": "gzip", "Location": "/elsewhere"}
    ),
}


@pytest.mark.usefixtures("quick_limits")
@pytest.mark.parametrize("reply", FLOODS.values(), ids=FLOODS.keys())
def test_time_and_memory_are_bounded(peer: Peer, connector: Connector, reply: Reply) -> None:
    peer.add(TEXTS[0])
    pages, cursor = fetch_all(connector, {})
    assert peer.break_with is not None
    peer.break_with(reply)
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(ConnectorError) as caught:
            fetch_all(connector, cursor)
        seconds = time.monotonic() - begun
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds < 10
    assert peak < 40 * MEGABYTE
    assert "\n" not in str(caught.value)
    peer.break_with(None)
    peer.add(TEXTS[1])
    pages, _ = fetch_all(connector, cursor)
    assert TEXTS[1] in texts(pages)


WRONG_BODIES = {
    "latin-1 that says utf-8": Reply(
        body='{"text":"Größe"}'.encode("latin-1"),
        headers={"Content-Type": "application/json; charset=utf-8"},
    ),
    "an unknown character set": Reply(
        body=b"{}", headers={"Content-Type": "application/json; charset=klingon"}
    ),
    "utf-16": Reply(body='{"a":1}'.encode("utf-16"), headers={"Content-Type": "application/json"}),
    "a number": Reply(body=b"5", headers={"Content-Type": "application/json"}),
    "a number too long to read": Reply(
        body=b"9" * 100_000, headers={"Content-Type": "application/json"}
    ),
    "null": Reply(body=b"null", headers={"Content-Type": "application/json"}),
    "not a number": Reply(body=b'{"id": NaN}', headers={"Content-Type": "application/json"}),
    "lone surrogates": Reply(
        body=json.dumps({"error": "\ud800\n\x1b[31m"}).encode(),
        status=400,
        headers={"Content-Type": "application/json"},
    ),
    "headers of nonsense": Reply(
        429, headers={"Retry-After": "soon", "X-RateLimit-Reset": "-5", "Date": "never"}
    ),
}


@pytest.mark.parametrize("reply", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_what_cannot_be_read_is_told(peer: Peer, connector: Connector, reply: Reply) -> None:
    peer.add(TEXTS[0])
    _, cursor = fetch_all(connector, {})
    assert peer.break_with is not None
    peer.break_with(reply)
    told = ""
    pages: list[Page] = []
    try:
        pages, _ = fetch_all(connector, cursor)
    except ConnectorError as error:
        told = str(error)
    assert told.isprintable()
    assert not any(mention.deleted for mention in mentions(pages).values())
    peer.break_with(None)


def test_a_platform_that_is_away_for_a_while_loses_nothing(
    peer: Peer, connector: Connector
) -> None:
    peer.add(TEXTS[0])
    _, cursor = fetch_all(connector, {})
    assert peer.break_with is not None
    peer.break_with(Reply(503, headers={"Retry-After": "30"}))
    peer.add(TEXTS[1])
    with pytest.raises(Unavailable):
        fetch_all(connector, cursor)
    peer.break_with(None)
    pages, _ = fetch_all(connector, cursor)
    assert TEXTS[1] in texts(pages)
