"""WooCommerce: every review on every page, edits by listing again, replies that wait."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.testing.http_server import Reply
from connectors.woocommerce import KIND, WooCommerceConnector, WooCommerceSettings
from connectors.woocommerce.reviews import mention_of_comment, mention_of_review
from tests.connectors.peers.woocommerce import COMMENTS, OWN, PASSWORD, REVIEWS, SECRET, ThisPeer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANSWER = "We are sorry, Ada: the machine is mended. Mara"
Connect = Callable[..., WooCommerceConnector]


@pytest.fixture
def connect(peer: ThisPeer) -> Iterator[Connect]:
    opened: list[WooCommerceConnector] = []

    def make(context: Context | None = None, **said: Any) -> WooCommerceConnector:
        chosen = WooCommerceSettings.model_validate({**peer.settings, **said})
        opened.append(WooCommerceConnector(chosen, context or Context("w", now=lambda: NOW)))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def drain(connector: WooCommerceConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(60):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, url=found.url, raw=found.raw or {})


@pytest.mark.parametrize("headers", ["pages", "link", "none"])
def test_every_review_on_every_page_is_found(
    peer: ThisPeer, connect: Connect, headers: str
) -> None:
    peer.headers = headers
    for n in range(250):
        peer.review(f"Review {n}", f"2026-0{1 + n % 2}-{1 + n % 28:02}T10:00:00")
    page = connect().fetch({})
    assert (len(page.mentions), page.more) == (100, True)
    peer.review("In between", "2026-03-01T11:00:00")
    late, cursor = drain(connect(), json.loads(json.dumps(dict(page.next_cursor))))
    late += drain(connect(), cursor)[0]
    texts = {m.text for m in (*page.mentions, *late)}
    assert texts == {f"Review {n}" for n in range(250)} | {"In between"}
    asked = peer.server.requests[0]
    assert dict(asked.query) == {
        "per_page": "100",
        "page": "1",
        "order": "desc",
        "orderby": "date_gmt",
        "status": "all",
    }


def test_a_quiet_shop_costs_one_request(peer: ThisPeer, connect: Connect) -> None:
    for n in range(150):
        peer.review(f"Review {n}")
    _, cursor = drain(connect(), {})
    peer.server.requests.clear()
    page = connect().fetch(cursor)
    assert (page.unchanged, page.mentions, page.more) == (True, (), False)
    assert dict(page.next_cursor) == cursor
    [request] = peer.server.requests
    assert request.get("after") == "2026-02-13T10:00:00"


def test_an_edit_far_down_is_seen_within_hours(peer: ThisPeer, connect: Connect) -> None:
    for n in range(250):
        peer.review(f"Review {n}", f"2026-02-{20 + n // 50:02}T{n % 24:02}:00:00")
    clock = [NOW]
    connector = connect(Context("w", now=lambda: clock[0]))
    _, cursor = drain(connector, {})
    peer.edit("Review 3", "They mended it")
    clock[0] += timedelta(hours=7)
    found, cursor = drain(connector, cursor)
    assert "They mended it" in {m.text for m in found}
    peer.server.requests.clear()
    drain(connector, cursor)
    assert peer.requests() == 1


@pytest.mark.parametrize("behind", [-14, 0, 12])
def test_the_sites_own_clock_loses_no_review(peer: ThisPeer, connect: Connect, behind: int) -> None:
    peer.behind = behind
    peer.review("First", "2026-02-28T10:00:00")
    _, cursor = drain(connect(recheck_days=2), {})
    peer.review("Later", "2026-02-28T10:05:00")
    peer.review("Approved late", "2026-02-27T12:00:00")
    found, _ = drain(connect(recheck_days=2), cursor)
    assert {"Later", "Approved late"} <= {m.text for m in found}


def test_fields_of_a_review(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold & late", rating=0)
    peer.review("Still waiting", status="hold")
    held, found = drain(connect(), {})[0]
    assert (found.kind, found.text, found.rating) == ("review", "Cold & late", None)
    assert (found.author_name, found.location) == ("Ada & Ben", "Dark & strong")
    assert found.created_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert found.url == "https://shop.example/product/dark/#comment-31"
    assert found.raw == {
        "type": "review",
        "product_id": 22,
        "status": "approved",
        "verified": True,
    }
    assert held.rating == 2.0
    assert held.raw is not None
    assert held.raw["status"] == "hold"
    assert "mail.example" not in repr(found)
    assert found.author_id == held.author_id != ""


def test_spam_and_trash_are_deletions(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    for status in ("spam", "trash"):
        peer.find("Cold")["status"] = status
        again = connector.read(ref_of(found))
        assert again is not None
        assert again.deleted
        with pytest.raises(Gone):
            connector.reply(ref_of(found), ANSWER, "k")
    assert peer.published() == []
    peer.remove("Cold")
    assert connector.read(ref_of(found)) is None


def test_comments_are_read_without_our_own(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    ours = peer.comment("We are sorry", 31, OWN)
    peer.comment("Still cold", ours["id"])
    peer.comment("Held back", 0, author=77, status="hold")
    found, cursor = drain(connect(comments=True), {})
    told = {m.text: (m.kind, m.parent_external_id, m.author_id) for m in found}
    assert told["Still cold"] == ("comment", "32", "")
    assert told["Held back"] == ("comment", "", "user-77")
    assert set(told) == {"Cold", "Still cold", "Held back"}
    connector = connect(comments=True)
    for one in found:
        again = connector.read(ref_of(one))
        assert again is not None
        assert (again.text, again.title) == (one.text, one.title)
    assert drain(connect(comments=True), cursor) == ([], cursor)
    bare = connect(comments=True, wordpress_user="", application_password=None)
    assert "Held back" not in {m.text for m in drain(bare, {})[0]}


def test_a_reply_becomes_a_comment_below_the_review(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    for ref in (ref_of(found), MentionRef(found.external_id)):
        receipt = connector.reply(ref, f"{ANSWER} {len(ref.raw)}", "k")
        sent = peer.server.requests[-1]
        assert sent.path == COMMENTS
        body = json.loads(sent.body)
        assert body == {"post": 22, "parent": 31, "content": f"{ANSWER} {len(ref.raw)}"}
        assert receipt.state == "visible"
        assert receipt.url.endswith(f"#comment-{receipt.external_id}")
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.our_reply.startswith(ANSWER)
    assert again.our_reply_at == datetime(2026, 2, 28, 11, tzinfo=UTC)
    with pytest.raises(UnknownOutcome, match="stands there already"):
        connector.reply(MentionRef(found.external_id), f"{ANSWER} 0", "k")


@pytest.mark.parametrize(
    ("status", "state"),
    [("hold", "accepted"), ("approved", "visible"), ("spam", "rejected"), ("trash", "rejected")],
)
def test_a_reply_that_waits_is_followed(
    peer: ThisPeer, connect: Connect, status: str, state: str
) -> None:
    peer.holds = True
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    assert connector.reply(ref_of(found), ANSWER, "k").state == "accepted"
    peer.find(ANSWER)["status"] = status
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert there.state == state
    again = connector.read(ref_of(found))
    assert again is not None
    assert bool(again.our_reply) == (state != "rejected")


def test_only_our_own_comment_with_this_text_is_found(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    peer.comment(ANSWER, 31, 77)
    peer.comment("Something else", 31, OWN)
    assert connector.find_reply(ref_of(found), ANSWER, "k") is None
    stands = peer.comment(ANSWER, 31, OWN)
    for n in range(130):
        peer.comment(f"Noise {n}", 31, 77)
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert there.external_id == str(stands["id"])
    peer.remove("Cold")
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), ANSWER, "k")


def test_a_user_who_may_not_moderate_cannot_tell(peer: ThisPeer, connect: Connect) -> None:
    peer.moderator = False
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    with pytest.raises(NotSupported):
        connector.find_reply(ref_of(found), ANSWER, "k")
    peer.comment(ANSWER, 31, OWN)
    assert connector.find_reply(ref_of(found), ANSWER, "k") is not None
    health = connector.verify()
    assert (health.ok, "moderate" in health.summary) == (False, True)


def test_closed_comments_refuse(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    peer.closed = True
    connector = connect()
    [found], _ = drain(connector, {})
    with pytest.raises(Rejected, match="rest_comment_closed: Sorry, no"):
        connector.reply(ref_of(found), ANSWER, "k")


def test_length_is_bytes(peer: ThisPeer, connect: Connect) -> None:
    connector = connect()
    assert connector.measure("Größe") == 7
    with pytest.raises(Rejected, match="65,526 bytes"):
        connector.reply(MentionRef("31"), "x" * 65_526, "k")
    assert peer.requests() == 0


def test_an_unreadable_answer_to_a_reply_is_unknown(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    connector = connect()
    [found], _ = drain(connector, {})
    for odd in (Reply(body=b"<html>"), Reply.json({"ok": True}), Reply.json([]), Reply(500)):
        peer.server.on(COMMENTS, odd)
        with pytest.raises(UnknownOutcome):
            connector.reply(ref_of(found), ANSWER, "k")


def test_without_a_password_people_answer_by_hand(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    said = {"wordpress_user": "", "application_password": None}
    connector = connect(**said)
    [found], _ = drain(connector, {})
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported):
            call(ref_of(found), ANSWER, "k")
    assert (
        connector.verify().summary
        == "reads the 1 reviews of 127.0.0.1; answers are given there by hand"
    )
    settings = WooCommerceSettings.model_validate({**peer.settings, **said})
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(settings).reply_mode == "manual"
    assert KIND.answer_page is not None
    page = KIND.answer_page(settings, ref_of(found))
    assert page == f"{peer.server.url}/wp-admin/comment.php?action=editcomment&c=31"


ERRORS: list[tuple[int, str, type[ConnectorError]]] = [
    (401, "woocommerce_rest_cannot_view", AuthFailed),
    (403, "woocommerce_rest_cannot_view", AuthFailed),
    (401, "woocommerce_rest_authentication_error", AuthFailed),
    (403, "rest_forbidden", AuthFailed),
    (404, "rest_no_route", LayoutChanged),
    (404, "woocommerce_rest_review_invalid_id", Gone),
    (400, "rest_invalid_param", Rejected),
    (400, "comment_flood", RateLimited),
    (409, "comment_duplicate", Rejected),
    (403, "rest_comment_closed", Rejected),
    (403, "rest_comment_invalid_post_id", Gone),
    (429, "too_many_requests", RateLimited),
]


@pytest.mark.parametrize(("status", "code", "error"), ERRORS)
def test_each_error_has_its_name(
    peer: ThisPeer, connect: Connect, status: int, code: str, error: type[ConnectorError]
) -> None:
    body = {"code": code, "message": "Sorry.", "data": {"status": status}}
    peer.server.on(REVIEWS, Reply.json(body, status))
    with pytest.raises(error) as caught:
        connect().fetch({})
    assert type(caught.value) is error
    assert SECRET not in repr(caught.value)
    assert PASSWORD not in repr(caught.value)


def test_odd_reviews_are_problems_and_the_others_are_read(peer: ThisPeer, connect: Connect) -> None:
    good = {"id": 5, "review": "<p>Cold</p>", "rating": "4", "product_id": "22"}
    odd: list[Any] = [good, None, {}, {"id": "x"}, {"id": 6, "review": 5, "rating": 9},
                      {"id": 7, "rating": 3}]  # fmt: skip
    peer.server.on(REVIEWS, Reply.json(odd))
    page = connect().fetch({})
    assert [(m.external_id, m.rating) for m in page.mentions] == [("5", 4.0), ("7", 3.0)]
    assert len(page.problems) == 4
    peer.server.on(REVIEWS, Reply.json(good))
    assert len(connect().fetch({}).mentions) == 1


def test_names_and_contents_in_odd_shapes() -> None:
    found = mention_of_review({"id": 1, "review": "x", "reviewer": "ada@mail.example"}, "https://a")
    assert (found.author_name, found.author_id) == ("ada", "")
    assert mention_of_comment({"id": 1, "content": "plain"}).text == "plain"
    assert mention_of_comment({"id": 1, "content": {"raw": "raw"}}).text == "raw"
    for odd in (
        None,
        {"id": 1},
        {"id": True, "content": "x"},
        {"id": 1, "content": {"rendered": 5}},
    ):
        with pytest.raises(ValueError, match="comment"):
            mention_of_comment(odd)


def test_older_versions_name_some_fields_otherwise(peer: ThisPeer, connect: Connect) -> None:
    old = {"id": 4, "date_created": "2013-06-07T11:57:45", "review": "Bad", "rating": 1,
           "name": "Ada", "email": "ada@mail.example"}  # fmt: skip
    oldest = {"id": "5", "created_at": "2013-06-07T11:57:45Z", "review": "Worse", "rating": "2",
              "reviewer_name": "Ben", "reviewer_email": "ben@mail.example"}  # fmt: skip
    for body in ([old, oldest], {"product_reviews": [old, oldest]}):
        peer.server.on(REVIEWS, Reply.json(body))
        found = connect().fetch({}).mentions
        assert [(m.external_id, m.author_name, m.rating) for m in found] == [
            ("4", "Ada", 1.0),
            ("5", "Ben", 2.0),
        ]
        assert {m.created_at for m in found} == {datetime(2013, 6, 7, 11, 57, 45, tzinfo=UTC)}


@pytest.mark.parametrize("ident", ["", "../users", "1/x", "a"])
def test_what_is_no_id_never_becomes_part_of_an_address(
    peer: ThisPeer, connect: Connect, ident: str
) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect().read(MentionRef(ident))
    assert peer.requests() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"consumer_key": "the key itself"},
        {"wordpress_user": ""},
        {"application_password": None},
        {"base_url": "shop"},
        {"recheck_days": 1},
    ],
)
def test_settings_are_checked(peer: ThisPeer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WooCommerceSettings.model_validate({**peer.settings, **wrong})


class Ledger:
    def __init__(self) -> None:
        self.spent: list[str] = []

    def spend(self, budget: str, amount: float = 1.0) -> None:
        self.spent.append(budget)

    def charge(self, budget: str, amount: float) -> None:
        raise AssertionError(f"nothing is charged afterwards: {budget} {amount}")


def test_each_request_is_booked(peer: ThisPeer, connect: Connect) -> None:
    peer.review("Cold")
    ledger = Ledger()
    connector = connect(Context("w", now=lambda: NOW, meter=ledger), comments=True)
    [found], _ = drain(connector, {})
    connector.reply(ref_of(found), ANSWER, "k")
    assert ledger.spent == ["calls"] * peer.requests()
    assert KIND.budgets_of is not None
    settings = WooCommerceSettings.model_validate(peer.settings)
    assert [budget.name for budget in KIND.budgets_of(settings)] == ["calls"]
