"""Taking a reply down, where the platforms differ: addresses, refusals, and what is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.base import Connector, Context, MentionRef
from connectors.errors import Gone, NotSupported, Rejected, UnknownOutcome
from connectors.testing.contract import fetch_all, mentions, ref_of
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.connectors.peers.x import problem

TEXT = "We are sorry about the cold coffee; the machine is mended. Mara"


class Stand:
    """A connector, its peer, and one reply of ours that stands there."""

    def __init__(self, name: str, peer: Any, **changed: Any) -> None:
        self.kind, self.peer = registry.load(name), peer
        peer.add("The coffee was cold")
        settings = self.kind.settings.model_validate({**peer.settings, **changed})
        self.connector: Connector = self.kind.build(settings, Context("source", now=lambda: NOW))
        pages, _ = fetch_all(self.connector, {})
        self.ref: MentionRef = ref_of(next(iter(mentions(pages).values())))
        self.receipt = self.connector.reply(self.ref, TEXT, "key-1")

    def last(self) -> tuple[str, str]:
        request = self.peer.server.requests[-1]
        return request.method, request.path


@pytest.fixture
def stand(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stand]:
    name: str = request.param
    peer = import_module(f"tests.connectors.peers.{name}").ThisPeer(tmp_path, monkeypatch)
    peer.open()
    made = Stand(name, peer)
    yield made
    made.connector.close()
    peer.close()


ADDRESSES = [
    ("mastodon", "DELETE", "/api/v1/statuses/{id}"),
    ("googlebusiness", "DELETE", "/v4/{id}"),
    ("trustpilot", "DELETE", "/v1/private/reviews/{id}/reply"),
    ("appstoreconnect", "DELETE", "/v1/customerReviewResponses/{id}"),
    ("discourse", "DELETE", "/posts/{id}.json"),
    ("youtube", "DELETE", "/youtube/v3/comments"),
    ("bluesky", "POST", "/xrpc/com.atproto.repo.deleteRecord"),
    ("reddit", "POST", "/api/del"),
    ("x", "DELETE", "/2/tweets/{id}"),
]


@pytest.mark.parametrize(("stand", "method", "path"), ADDRESSES, indirect=["stand"])
def test_it_is_asked_for_as_the_platform_documents_it(stand: Stand, method: str, path: str) -> None:
    stand.connector.withdraw(stand.ref, stand.receipt.external_id)
    assert stand.last() == (method, path.format(id=stand.receipt.external_id))
    assert stand.peer.published() == []


@pytest.mark.parametrize("stand", ["x"], indirect=True)
def test_x_must_say_that_it_is_deleted(stand: Stand) -> None:
    stand.peer.break_with(Reply.json({"data": {"deleted": False}}))
    with pytest.raises(Rejected):
        stand.connector.withdraw(stand.ref, stand.receipt.external_id)
    stand.peer.break_with(Reply(body=b"<html>"))
    with pytest.raises(UnknownOutcome):
        stand.connector.withdraw(stand.ref, stand.receipt.external_id)
    stand.peer.break_with(problem(404, "Not Found Error"))
    with pytest.raises(Gone):
        stand.connector.withdraw(stand.ref, stand.receipt.external_id)


@pytest.mark.parametrize("stand", ["bluesky"], indirect=True)
def test_bluesky_deletes_posts_of_our_account_only(stand: Stand) -> None:
    for uri in (stand.ref.external_id, "at://", "r1"):
        with pytest.raises(Rejected):
            stand.connector.withdraw(stand.ref, uri)
    assert len(stand.peer.published()) == 1


@pytest.mark.parametrize("stand", ["reddit"], indirect=True)
def test_reddit_deletes_comments_only(stand: Stand) -> None:
    with pytest.raises(NotSupported):
        stand.connector.withdraw(stand.ref, "t4_abc")
    with pytest.raises(Rejected):
        stand.connector.withdraw(stand.ref, stand.ref.external_id)


@pytest.mark.parametrize("stand", ["discourse"], indirect=True)
def test_what_waits_for_a_moderator_is_the_moderators(stand: Stand) -> None:
    with pytest.raises(NotSupported):
        stand.connector.withdraw(stand.ref, "pending-71")


@pytest.mark.parametrize(
    "stand", ["mastodon", "appstoreconnect", "discourse", "youtube", "x"], indirect=True
)
@pytest.mark.parametrize("ident", ["", "../../accounts", "1/../2", "a b"])
def test_an_id_that_is_none_asks_nothing(stand: Stand, ident: str) -> None:
    before = len(stand.peer.server.requests)
    with pytest.raises(Rejected):
        stand.connector.withdraw(stand.ref, ident)
    assert len(stand.peer.server.requests) == before
