"""The generic webhook: who is admitted, what is mapped, and how answers leave."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotAdmitted,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.hooks import Delivery
from connectors.testing.http_server import LoopbackServer, Reply
from connectors.webhook import KIND, WebhookConnector, WebhookSettings
from connectors.webhook.mapping import open_delivery
from connectors.webhook.pointers import MISSING, find
from tests.support.cassettes import RECORDINGS

SECRET = "the secret of the shop"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TRUSTPILOT = {
    "items": "/events",
    "action": "/eventName",
    "created_words": ["service-review-created"],
    "edited_words": ["service-review-updated"],
    "deleted_words": ["service-review-deleted"],
    "id": "/eventData/id",
    "title": "/eventData/title",
    "text": "/eventData/text",
    "author": "/eventData/consumer/name",
    "author_id": "/eventData/consumer/id",
    "rating": "/eventData/stars",
    "url": "/eventData/link",
    "created_at": "/eventData/createdAt",
    "updated_at": "/eventData/updatedAt",
    "language": "/eventData/language",
}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_WEBHOOK_SECRET", SECRET)


def settings(**told: Any) -> WebhookSettings:
    return WebhookSettings.model_validate({"secret": "env:TEST_WEBHOOK_SECRET", **told})


def opened(body: Any, **told: Any) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return open_delivery(settings(**told), Delivery(raw))


def one(body: Any, **told: Any) -> FoundMention:
    (found,) = opened(body, **told).mentions
    return found


def review(**told: Any) -> dict[str, Any]:
    return {"id": 17, "text": "Cold coffee.", "author": "Ada", "rating": 2, **told}


class TestAdmission:
    body = b'{"id": 1}'

    def signed(self, secret: str = SECRET, stamp: str = "") -> str:
        said = (f"{stamp}.".encode() if stamp else b"") + self.body
        return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()

    def admit(self, headers: dict[str, str], query: dict[str, str] | None = None, **t: Any) -> None:
        assert KIND.hook is not None
        KIND.hook.admit(settings(**t), Delivery(self.body, headers, query or {}), NOW)

    @pytest.mark.parametrize(
        ("style", "header"),
        [
            ("github", "x-hub-signature-256"),
            ("meta", "x-hub-signature-256"),
            ("discourse", "x-discourse-event-signature"),
        ],
    )
    def test_a_signature_over_the_raw_body(self, style: str, header: str) -> None:
        self.admit({header: f"sha256={self.signed()}"}, signature=style)
        for wrong in ("", "sha256=", f"sha256={self.signed('another')}", "é" * 64):
            with pytest.raises(NotAdmitted) as caught:
                self.admit({header: wrong}, signature=style)
            assert SECRET not in repr(caught.value)
        with pytest.raises(NotAdmitted):
            self.admit({"x-other": f"sha256={self.signed()}"}, signature=style)

    def test_a_header_of_ones_own(self) -> None:
        told = {"signature": "github", "signature_header": "X-Shop-Signature"}
        self.admit({"x-shop-signature": self.signed()}, **told)

    def test_a_stamped_signature_holds_for_five_minutes(self) -> None:
        for apart, good in ((0, True), (299, True), (-299, True), (301, False), (-301, False)):
            stamp = str(int(NOW.timestamp()) - apart)
            headers = {"stripe-signature": f"t={stamp},v1={self.signed(stamp=stamp)}"}
            if good:
                self.admit(headers, signature="stamped")
            else:
                with pytest.raises(NotAdmitted):
                    self.admit(headers, signature="stamped")

    def test_a_shown_secret(self) -> None:
        self.admit({"authorization": f"Bearer {SECRET}"}, signature="bearer")
        self.admit({}, {"secret": SECRET}, signature="query")
        with pytest.raises(NotAdmitted):
            self.admit({"authorization": "Bearer no"}, signature="bearer")
        with pytest.raises(NotAdmitted):
            self.admit({"authorization": f"Bearer {SECRET}"}, signature="query")

    def test_a_name_with_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEST_WEBHOOK_SECRET", "shop:pässword")
        coded = b64encode("shop:pässword".encode()).decode()
        self.admit({"authorization": f"Basic {coded}"}, signature="basic")
        for wrong in ("", "Basic", "Basic !!", "Basic c2hvcDpubw==", f"Bearer {coded}"):
            with pytest.raises(NotAdmitted):
                self.admit({"authorization": wrong}, signature="basic")

    def test_a_missing_secret_of_ours_admits_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_WEBHOOK_SECRET")
        with pytest.raises(AuthFailed):
            self.admit({"x-hub-signature-256": f"sha256={self.signed('')}"})

    def test_ids_of_senders(self) -> None:
        assert KIND.hook is not None
        assert KIND.hook.delivery_id is not None
        assert KIND.hook.delivery_id(Delivery(b"", {"x-github-delivery": "abc"})) == "abc"
        assert KIND.hook.delivery_id(Delivery(b"", {"x-discourse-event-id": "7"})) == "7"
        assert KIND.hook.delivery_id(Delivery(b"", {"x-request-id": "proxy"})) == ""


class TestMapping:
    def test_all_that_is_declared(self) -> None:
        found = one(
            review(
                title="Never again",
                user={"id": 5},
                lang="en",
                shop="quay",
                url="https://shop.example/r/17",
                created_at="2026-03-01T10:00:00+01:00",
                updated_at=1772363000,
                answers=4,
            ),
            title="/title",
            author_id="/user/id",
            language="/lang",
            location="/shop",
            parent="/answers",
            kind="comment",
            addressed_to_us=True,
        )
        assert (found.external_id, found.text, found.title) == ("17", "Cold coffee.", "Never again")
        assert (found.author_name, found.author_id) == ("Ada", "5")
        assert (found.rating, found.rating_max) == (2.0, 5.0)
        assert found.url == "https://shop.example/r/17"
        assert found.created_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        assert found.edited_at is not None
        assert (found.language, found.location, found.parent_external_id) == ("en", "quay", "4")
        assert found.kind == "comment"
        assert found.addressed_to_us

    def test_one_object_instead_of_a_list(self) -> None:
        assert len(opened({"review": review()}, items="/review").mentions) == 1
        assert len(opened([review(), review(id=18)]).mentions) == 2

    def test_items_that_cannot_be_mapped_are_told(self) -> None:
        items = [review(), None, 5, [], {}, {"id": True, "text": "x"}, {"id": 1}, review(text=7),
                 review(id=18)]  # fmt: skip
        page = opened({"items": items}, items="/items")
        assert [each.external_id for each in page.mentions] == ["17", "18"]
        assert [each.where for each in page.problems] == [
            f"delivery, item {n}" for n in (2, 3, 4, 5, 6, 7, 8)
        ]

    @pytest.mark.parametrize("body", [b"", b"[", b"\xff", b"[" * 100_000, b"5", b'"x"', b"null"])
    def test_a_body_that_is_none(self, body: bytes) -> None:
        with pytest.raises(LayoutChanged):
            opened(body)
        with pytest.raises(LayoutChanged):
            opened({"other": []}, items="/items")

    def test_actions_by_their_words(self) -> None:
        assert one(review(action="Deleted")).deleted
        assert one(review(action="EDITED", updated_at="2026-03-01T11:00:00Z")).edited_at
        assert opened(review(action="labeled")).mentions == ()
        assert opened(review(action="labeled")).problems == ()
        assert opened(review(action=["deleted"])).mentions == ()
        assert not one(review()).deleted
        assert one({"action": "deleted", "item": {"id": 3}}, items="/item").deleted
        assert not one(review(action="deleted"), action=None).deleted
        assert opened({"action": "ping"}, items="/item").mentions == ()

    @pytest.mark.parametrize(
        ("rating", "scale", "wanted"),
        [
            (4, 5, (4.0, 5.0)),
            ("4/5", 10, (4.0, 5.0)),
            (8, 10, (8.0, 10.0)),
            (80, "/best", (80.0, 100.0)),
            (9, 5, (None, 5.0)),
            (-1, 5, (None, 5.0)),
            (True, 5, (None, 5.0)),
            (None, 5, (None, 5.0)),
            ({"value": 4}, 5, (None, 5.0)),
            (0, 5, (0.0, 5.0)),
        ],
        ids=str,
    )
    def test_ratings_on_any_scale(self, rating: Any, scale: Any, wanted: Any) -> None:
        found = one(review(rating=rating, best=100), rating_max=scale)
        assert (found.rating, found.rating_max) == wanted
        assert found.rating is None or found.rating_min <= found.rating

    def test_html_where_it_is_said_to_be(self) -> None:
        text = "<p>Cold &amp; late</p>"
        assert one(review(text=text), text_is_html=True).text == "Cold & late"
        assert one(review(text=text)).text == text

    def test_hostile_values(self) -> None:
        found = one(
            review(
                id=10**150,
                text="a\0b\ud800\u202e" * 10,
                author="x" * 10_000,
                url="javascript:alert(1)",
                created_at="99999-01-01",
            )
        )
        assert found.external_id == str(10**150)
        assert "\0" not in found.text
        found.text.encode()
        assert len(found.author_name) <= 200
        assert found.url == ""
        assert found.created_at is None

    @pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
    def test_recorded_events_of_trustpilot(self) -> None:
        body = (RECORDINGS / "trustpilot/trustpilot-review-events.json").read_bytes()
        events = json.loads(body)["events"]
        known = [each for each in events if each["eventName"] == "service-review-created"]
        page = opened(body, **TRUSTPILOT)
        assert len(page.mentions) == len(known)
        assert page.problems == ()
        for found, event in zip(page.mentions, known, strict=True):
            assert found.external_id == event["eventData"]["id"]
            assert found.rating == event["eventData"]["stars"]
            assert found.created_at is not None

    @pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
    @pytest.mark.parametrize("name", ["created", "edited"])
    def test_recorded_deliveries_of_a_tracker(self, name: str) -> None:
        path = RECORDINGS / f"webhook_inbound/issue_comment_{name}.payload.json"
        comment = json.loads(path.read_bytes())["comment"]
        found = one(
            path.read_bytes(),
            id="/comment/id",
            text="/comment/body",
            author="/comment/user/login",
            url="/comment/html_url",
            created_at="/comment/created_at",
            updated_at="/comment/updated_at",
        )
        assert found.external_id == str(comment["id"])
        assert found.text == comment["body"].strip()
        assert found.url == comment["html_url"]


class TestPointers:
    DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, 'k"l': 6, " ": 7, "n": None}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("pointer", "value"),
        [
            ("", DOCUMENT),
            ("/foo", ["bar", "baz"]),
            ("/foo/0", "bar"),
            ("/", 0),
            ("/a~1b", 1),
            ("/m~0n", 8),
            ('/k"l', 6),
            ("/ ", 7),
            ("/n", None),
            ("/foo/2", MISSING),
            ("/foo/-", MISSING),
            ("/foo/01", MISSING),
            ("/foo/-1", MISSING),
            ("/foo/bar", MISSING),
            ("/nothing", MISSING),
            ("/n/x", MISSING),
            ("/foo/0/x", MISSING),
        ],
    )
    def test_the_examples_of_the_standard(self, pointer: str, value: Any) -> None:
        assert find(self.DOCUMENT, pointer) is value or find(self.DOCUMENT, pointer) == value

    @trial(deadline=None)
    @given(st.dictionaries(st.text(), st.integers()), st.text())
    def test_every_name_can_be_pointed_at(self, document: dict[str, int], name: str) -> None:
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        assert find(document, pointer) == document.get(name, MISSING)

    @pytest.mark.parametrize("wrong", ["id", "/a~2", "a/b", "~"])
    def test_what_is_no_pointer_is_refused(self, wrong: str) -> None:
        with pytest.raises(ValidationError):
            settings(id=wrong)


class TestAnswering:
    @pytest.fixture
    def server(self) -> Iterator[LoopbackServer]:
        with LoopbackServer() as running:
            yield running

    def connect(self, server: LoopbackServer, **told: Any) -> WebhookConnector:
        given = {
            "reply_url": f"{server.url}/reviews/{{id}}/answer",
            "allow_private_addresses": True,
            **told,
        }
        return WebhookConnector(settings(**given), Context("shop", now=lambda: NOW))

    def test_a_signed_request_with_its_key(self, server: LoopbackServer) -> None:
        server.otherwise(lambda _: Reply.json({"id": 9, "url": "https://x.example/9"}))
        ref = MentionRef("a/../b?", author_name="Ada")
        receipt = self.connect(server).reply(ref, "Es tut uns leid – Mara", "key-1")
        (request,) = server.requests
        assert request.path == "/reviews/a/../b?/answer", "the server's own decoding"
        assert request.headers["Idempotency-Key"] == "key-1"
        told = json.loads(request.body)
        assert (told["id"], told["text"], told["key"]) == (
            "a/../b?",
            "Es tut uns leid – Mara",
            "key-1",
        )
        wanted = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        assert request.headers["X-Rapport-Signature-256"] == f"sha256={wanted}"
        assert (receipt.state, receipt.external_id) == ("visible", "9")
        assert receipt.url == "https://x.example/9"

    @pytest.mark.parametrize("ident", ["", ".", ".."])
    def test_an_id_that_would_lead_elsewhere_is_refused(
        self, server: LoopbackServer, ident: str
    ) -> None:
        with pytest.raises(Rejected):
            self.connect(server).reply(MentionRef(ident), "Sorry.", "key")
        assert server.requests == []

    @pytest.mark.parametrize(
        ("reply", "error"),
        [
            (Reply(401), AuthFailed),
            (Reply(403), AuthFailed),
            (Reply(404), Gone),
            (Reply(400), Rejected),
            (Reply(422), Rejected),
            (Reply(429, headers={"Retry-After": "7"}), RateLimited),
            (Reply(503, headers={"Retry-After": "7"}), Unavailable),
            (Reply(500), UnknownOutcome),
            (Reply(fault="drop"), UnknownOutcome),
            (Reply.redirect("https://elsewhere.example/"), Rejected),
        ],
        ids=lambda each: str(each)[:24],
    )
    def test_each_refusal_has_its_name(
        self, server: LoopbackServer, reply: Reply, error: type[ConnectorError]
    ) -> None:
        server.otherwise(lambda _: reply)
        with pytest.raises(error) as caught:
            self.connect(server).reply(MentionRef("1"), "Sorry.", "key")
        assert SECRET not in repr(caught.value)

    @pytest.mark.parametrize(
        ("reply", "told", "state"),
        [
            (Reply(202), {}, "accepted"),
            (Reply(200), {}, "visible"),
            (Reply(204), {}, "visible"),
            (Reply.json({"status": "Published"}), {"reply_state": "/status"}, "visible"),
            (Reply.json({"status": "queued"}), {"reply_state": "/status"}, "accepted"),
            (Reply.json({"status": "spam"}), {"reply_state": "/status"}, "rejected"),
            (Reply.json({"live": True}), {"reply_state": "/live"}, "visible"),
            (Reply.json({"live": False}), {"reply_state": "/live"}, "accepted"),
        ],
        ids=str,
    )
    def test_what_became_of_it(
        self, server: LoopbackServer, reply: Reply, told: dict[str, Any], state: str
    ) -> None:
        server.otherwise(lambda _: reply)
        assert self.connect(server, **told).reply(MentionRef("1"), "Sorry.", "k").state == state

    @pytest.mark.parametrize("reply", [Reply(200), Reply.json({}), Reply.json({"status": 5})])
    def test_a_state_that_is_missing_is_not_guessed(
        self, server: LoopbackServer, reply: Reply
    ) -> None:
        server.otherwise(lambda _: reply)
        with pytest.raises(UnknownOutcome):
            self.connect(server, reply_state="/status").reply(MentionRef("1"), "Sorry.", "k")

    def test_a_text_that_is_too_long_is_not_sent(self, server: LoopbackServer) -> None:
        connector = self.connect(server, reply_max_length=5)
        with pytest.raises(Rejected):
            connector.reply(MentionRef("1"), "Sorry.", "key")
        assert server.requests == []
        assert KIND.capabilities_of is not None
        able = KIND.capabilities_of(settings(reply_url="https://x.example", reply_max_length=5))
        assert (able.reply_mode, able.max_length) == ("keyed", 5)

    def test_without_an_address_answers_are_given_by_hand(self, server: LoopbackServer) -> None:
        with pytest.raises(NotSupported):
            self.connect(server, reply_url=None).reply(MentionRef("1"), "Sorry.", "key")

    @pytest.mark.parametrize(
        "url",
        ["https://{id}.example/answer", "https://x.example/{secret}", "ftp://x.example", "x"],
    )
    def test_addresses_that_cannot_be_trusted_are_refused(self, url: str) -> None:
        with pytest.raises(ValidationError):
            settings(reply_url=url)

    def test_health_needs_the_secrets(
        self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.connect(server).verify().ok
        assert server.requests == []
        monkeypatch.delenv("TEST_WEBHOOK_SECRET")
        with pytest.raises(AuthFailed):
            self.connect(server).verify()


@trial(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner, max_size=4)
                    | st.dictionaries(st.sampled_from(["id", "text", "rating", "action", "x"]),
                                      inner, max_size=5), max_leaves=20))  # fmt: skip
def test_any_json_is_mapped_told_or_no_delivery(document: Any) -> None:
    body = json.dumps(document).encode()
    told = WebhookSettings.model_validate({"secret": "env:X"})
    try:
        page = open_delivery(told, Delivery(body))
    except LayoutChanged:
        return
    for found in page.mentions:
        assert found.external_id
        assert found.rating is None or found.rating_min <= found.rating <= found.rating_max


def test_a_word_cannot_mean_two_things() -> None:
    with pytest.raises(ValidationError):
        settings(created_words=["done"], deleted_words=["Done"])
