"""Facebook: comments at every level, posts without news left alone, and codes behind HTTP 400."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
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
from connectors.facebook import KIND, FacebookConnector, FacebookSettings
from connectors.facebook.comments import comment_of
from connectors.hooks import Delivery
from connectors.meta import next_place
from connectors.meta_errors import explaining, fault_in, rest_advised
from connectors.meta_progress import runs_backwards
from connectors.outcomes import Answer
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.connectors.peers.facebook import GUEST, OWN, PAGE, ThisPeer, stamp
from tests.support.cassettes import RECORDINGS
from tests.support.meta_graph import TOKEN, VERIFY, failure, signed

VISITOR = {"id": "7002", "name": "Ben"}


def connect(peer: ThisPeer, now: datetime = NOW, **said: Any) -> FacebookConnector:
    chosen = FacebookSettings.model_validate({**peer.settings, **said})
    return FacebookConnector(chosen, Context("f", now=lambda: now))


def drain(connector: FacebookConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for page in pages_of(connector, cursor):
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
    return found, cursor


def pages_of(connector: FacebookConnector, cursor: Any) -> list[Page]:
    pages: list[Page] = []
    for _ in range(80):
        pages.append(connector.fetch(cursor))
        cursor = json.loads(json.dumps(dict(pages[-1].next_cursor)))
        assert TOKEN not in json.dumps(cursor), "the token must never be stored"
        if not pages[-1].more:
            return pages
    raise AssertionError("there is always more")


def ref_of(found: FoundMention, **changed: Any) -> MentionRef:
    return MentionRef(found.external_id, **{"raw": dict(found.raw or {}), **changed})


def test_a_poll_without_news_is_one_call(peer: ThisPeer) -> None:
    for n in range(3):
        peer.comment(f"Complaint {n}")
    _, cursor = drain(connect(peer), {})
    peer.server.requests.clear()
    page = connect(peer).fetch(cursor)
    assert (page.unchanged, page.more, dict(page.next_cursor)) == (True, False, cursor)
    assert peer.server.paths() == [f"/v26.0/{PAGE}/feed"]
    peer.server.requests.clear()
    other = peer.publish("Another post", minutes=20)
    peer.comment("News", post=other, minutes=5)
    found, _ = drain(connect(peer), cursor)
    assert [m.text for m in found] == ["News"]
    assert peer.server.paths() == [f"/v26.0/{PAGE}/feed", f"/v26.0/{other}/comments"]


def test_the_token_goes_into_the_header_and_the_proof_beside(peer: ThisPeer) -> None:
    peer.comment("Cold")
    drain(connect(peer), {})
    for request in peer.server.requests:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in str(request.query)
        assert len(request.get("appsecret_proof")) == 64


def test_every_level_is_read_over_many_pages(peer: ThisPeer) -> None:
    for n in range(230):
        top = peer.comment(f"Complaint {n}", minutes=400 - n)
        if n % 10 == 0:
            peer.comment(f"Answer to {n}", VISITOR, parent=top["id"], minutes=400 - n)
    found, cursor = drain(connect(peer), {})
    assert len({m.external_id for m in found}) == 253
    [answer] = [m for m in found if m.text == "Answer to 20"]
    [top_one] = [m for m in found if m.text == "Complaint 20"]
    assert answer.parent_external_id == top_one.external_id
    peer.comment("One more", minutes=1)
    peer.server.requests.clear()
    found, _ = drain(connect(peer), cursor)
    assert "One more" in {m.text for m in found}
    assert len(peer.server.requests) < 4, "it stops at known ground"


def test_an_old_comment_that_appears_late_is_found(peer: ThisPeer) -> None:
    """A comment that was held back comes with its old date, far below the newest."""
    for n in range(250):
        peer.comment(f"Complaint {n}", minutes=5000 - 10 * n)
    _, cursor = drain(connect(peer), {})
    peer.comment("Held back for two days", minutes=4999)
    peer.posts[peer.post]["updated_time"] = stamp(0)
    found, _ = drain(connect(peer), cursor)
    assert "Held back for two days" in {m.text for m in found}


def test_a_server_that_lists_the_other_way_round_is_read_to_the_end(peer: ThisPeer) -> None:
    for n in range(130):
        peer.comment(f"Complaint {n}", minutes=4000 - 10 * n)
    forward = peer._answer
    peer.server.otherwise(lambda r: forward(_without(r, "order")))
    found, cursor = drain(connect(peer), {})
    assert len({m.external_id for m in found}) == 130
    peer.comment("The newest, on the last page", minutes=2)
    found, _ = drain(connect(peer), cursor)
    assert "The newest, on the last page" in {m.text for m in found}


def _without(request: Any, name: str) -> Any:
    query = tuple((k, v) for k, v in request.query if k != name)
    return type(request)(request.method, request.path, query, request.headers, request.body)


def test_fields_of_a_comment(peer: ThisPeer) -> None:
    peer.comment("It was <cold> & late", minutes=30)
    [found], _ = drain(connect(peer), {})
    assert (found.kind, found.addressed_to_us, found.locked) == ("comment", True, "")
    assert (found.author_name, found.author_id) == ("Ada", "7001")
    assert found.text == "It was <cold> & late"
    assert found.created_at == NOW - timedelta(minutes=30)
    assert found.url.startswith(f"https://www.facebook.com/{PAGE}/posts/")
    assert found.raw == {"post": peer.post, "answer_at": found.external_id, "hidden": False}


def test_our_own_comment_is_the_answer_to_its_parent(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee", minutes=90)
    peer.comment("We are sorry", OWN, parent=top["id"], minutes=60)
    peer.comment("Our own announcement", OWN, minutes=50)
    later = peer.comment("And you?", VISITOR, parent=top["id"], minutes=40)
    found, cursor = drain(connect(peer), {})
    by_id = {m.external_id: m for m in found}
    assert set(by_id) == {top["id"], later["id"]}
    assert by_id[top["id"]].our_reply == "We are sorry"
    assert by_id[top["id"]].our_reply_at == NOW - timedelta(minutes=60)
    assert by_id[later["id"]].our_reply == ""
    peer.comment("We have mended it", OWN, parent=top["id"], minutes=10)
    found, _ = drain(connect(peer), cursor)
    [again] = [m for m in found if m.external_id == top["id"]]
    assert again.our_reply == "We have mended it"


def test_our_answer_reaches_its_comment_on_another_page(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee", minutes=5000)
    for n in range(150):
        peer.comment(f"Filler {n}", minutes=4000 - n)
    _, cursor = drain(connect(peer), {})
    peer.comment("We are sorry", OWN, parent=top["id"], minutes=3)
    found, _ = drain(connect(peer), cursor)
    told = [m for m in found if m.external_id == top["id"]]
    assert {m.our_reply for m in told} == {"We are sorry"}
    found, _ = drain(connect(peer), {})
    assert {m.our_reply for m in found if m.external_id == top["id"]} == {"We are sorry"}


def test_what_visitors_post_is_a_mention_and_our_comment_its_answer(peer: ThisPeer) -> None:
    theirs = peer.publish("You let me wait an hour", VISITOR, minutes=100)
    peer.comment("We are sorry, Ben", OWN, post=theirs, minutes=50)
    peer.comment("Same here", GUEST, post=theirs, minutes=40)
    found, cursor = drain(connect(peer), {})
    posts = [m for m in found if m.kind == "post"]
    assert {m.external_id for m in posts} == {theirs}
    assert posts[-1].our_reply == "We are sorry, Ben"
    assert {m.text for m in found if m.kind == "comment"} == {"Same here"}
    assert drain(connect(peer), cursor)[0] == []
    found, _ = drain(connect(peer, visitor_posts=False), {})
    assert {m.text for m in found if m.kind == "post" and not m.our_reply} == set()


def test_a_visitor_whose_name_is_hidden_is_known_by_the_kind_of_post(peer: ThisPeer) -> None:
    theirs = peer.publish("You let me wait", VISITOR, minutes=100)
    del peer.posts[theirs]["from"]
    del peer.posts[peer.post]["from"]
    found, _ = drain(connect(peer), {})
    assert [(m.external_id, m.author_id) for m in found] == [(theirs, "")]


def test_posts_that_tag_the_page_are_read_where_wanted(peer: ThisPeer) -> None:
    tagging = {"id": "7002_55", "from": VISITOR, "message": "Never again @Harbour",
               "created_time": stamp(30)}  # fmt: skip
    peer.tagging.append(tagging)
    assert drain(connect(peer), {})[0] == []
    found, cursor = drain(connect(peer, tagged=True), {})
    assert [(m.external_id, m.kind) for m in found] == [("7002_55", "post")]
    found, again = drain(connect(peer, tagged=True), cursor)
    assert again == cursor
    peer.posts["7002_55"] = tagging
    there = connect(peer).read(MentionRef("7002_55"))
    assert there is not None
    assert there.text == "Never again @Harbour"


def test_the_first_reading_takes_all_posts_and_later_ones_the_young(peer: ThisPeer) -> None:
    for n in range(60):
        post = peer.publish(f"Post {n}", minutes=60 * 24 * (n + 1))
        peer.comment(f"Under {n}", post=post, minutes=60 * 24 * (n + 1) - 5)
    found, cursor = drain(connect(peer), {})
    assert len(found) == 60
    peer.server.requests.clear()
    _, cursor = drain(connect(peer), cursor)
    assert len(peer.server.requests) == 2, "the pages that hold posts of the last 30 days"
    assert len(cursor["posts"]) == 50
    found, _ = drain(connect(peer, most_posts=10), {})
    assert len(found) == 9, "ten posts are read, one of them without comments"


def test_old_posts_on_the_first_page_stay_watched(peer: ThisPeer) -> None:
    """A Page that posts twice a year hears what is written under its last post."""
    far = NOW + timedelta(days=900)
    peer.comment("Old")
    _, cursor = drain(connect(peer, far), {})
    peer.comment("Much later", minutes=-60 * 24 * 800)
    found, _ = drain(connect(peer, far), cursor)
    assert "Much later" in {m.text for m in found}


def test_odd_items_are_reported_and_the_others_read(peer: ThisPeer) -> None:
    items: list[Any] = [
        None,
        "x",
        {"message": "no id"},
        {"id": "1_2"},
        {"id": 13, "message": "a number as id", "created_time": "x", "from": None},
        {"id": "1_4", "message": None, "created_time": stamp(1), "from": {"id": "9"},
         "attachment": {"type": "sticker", "title": "A sad face"}},
        {"id": "1_5", "message": "\x00nul\ud800", "created_time": stamp(2), "parent": []},
        {"id": "../../me", "message": "climbing", "created_time": stamp(2)},
    ]  # fmt: skip
    peer.comment("so that there is news")
    body = json.dumps({"data": items}).encode()
    peer.server.on(f"/v26.0/{peer.post}/comments", Reply(body=body))
    pages = pages_of(connect(peer), {})
    found = [m for page in pages for m in page.mentions]
    assert [m.external_id for m in found] == ["13", "1_4", "1_5"]
    assert [m.text for m in found][:2] == ["a number as id", "A sad face"]
    assert sum(len(page.problems) for page in pages) == 5


def test_one_object_instead_of_a_list_and_answers_by_ids(peer: ThisPeer) -> None:
    peer.comment("so that there is news")
    one = {"id": "1_2", "message": "alone", "created_time": stamp(3)}
    for body in ({"data": one}, {"1_2": one}):
        peer.server.on(f"/v26.0/{peer.post}/comments", Reply.json(body))
        found, _ = drain(connect(peer), {})
        assert [m.text for m in found] == ["alone"]


def test_a_list_that_goes_round_in_circles_ends(peer: ThisPeer) -> None:
    peer.comment("so that there is news")
    page = {
        "data": [{"id": "1_2", "message": "again", "created_time": stamp(3)}],
        "paging": {"cursors": {"after": "same"}, "next": "https://x.example/?after=same"},
    }
    peer.server.on(f"/v26.0/{peer.post}/comments", Reply.json(page))
    found, _ = drain(connect(peer), {})
    assert {m.text for m in found} == {"again"}
    assert len(peer.server.requests) < 5


def test_a_place_that_was_kept_too_long_begins_the_walk_anew(peer: ThisPeer) -> None:
    for n in range(150):
        peer.comment(f"Complaint {n}", minutes=400 - n)
    connector = connect(peer)
    first = connector.fetch({})
    middle = connector.fetch(first.next_cursor)
    assert middle.next_cursor["walk"]["place"] == {"after": "c100"}
    stale = json.loads(json.dumps(dict(middle.next_cursor)))
    path = f"/v26.0/{peer.post}/comments"
    expired = failure(100, "(#100) The cursor has expired")
    peer.server.on(path, expired, peer._answer)
    found, _ = drain(connector, stale)
    assert len({m.external_id for m in found}) == 150
    peer.server.on(path, expired)
    with pytest.raises(Rejected):
        drain(connector, stale)


def test_a_list_that_is_refused_again_ends_and_is_told(peer: ThisPeer) -> None:
    for n in range(150):
        peer.comment(f"Complaint {n}", minutes=400 - n)
    expired = failure(100, "(#100) The cursor has expired")
    peer.server.otherwise(lambda r: expired if r.get("after") else peer._answer(r))
    pages = pages_of(connect(peer), {})
    assert sum(len(page.problems) for page in pages) == 1
    assert len({m.external_id for page in pages for m in page.mentions}) == 100
    for n in range(30):
        peer.publish(f"Post {n}", minutes=300 - n)
    pages = pages_of(connect(peer), {})
    assert any("left out" in p.reason for page in pages for p in page.problems)
    blocked = failure(368, "abusive")
    peer.server.otherwise(lambda r: blocked if r.get("after") else peer._answer(r))
    with pytest.raises(Rejected, match="abusive"):
        pages_of(connect(peer), {})


def test_a_list_that_hides_that_it_goes_round_in_circles_ends_too(
    peer: ThisPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.meta_reading.LIST_PAGES", 5)
    monkeypatch.setattr("connectors.meta_reading.WALK_PAGES", 5)
    peer.comment("so that there is news")

    def turn(request: Any) -> Reply:
        body = json.loads(peer._answer(_without(request, "after")).body)
        place = int(request.get("after") or 0) + 1
        body["paging"] = {"next": f"https://x.example/?after={place}"}
        return Reply.json(body)

    peer.server.otherwise(turn)
    found, _ = drain(connect(peer), {})
    assert {m.text for m in found} == {"so that there is news"}
    assert len(peer.server.requests) < 15


def test_links_to_the_next_page_are_never_followed(peer: ThisPeer) -> None:
    """Only their place is taken, so a link to elsewhere leads nowhere."""
    link = f"https://evil.example/steal?access_token={TOKEN}&after=abc&limit=5&appsecret_proof=1"
    assert next_place({"paging": {"next": link}}) == {"after": "abc"}
    assert next_place({"paging": {"cursors": {"after": "abc"}}}) is None
    assert next_place({"paging": {"next": "https://x/?until=99&__paging_token=t"}}) == {
        "until": "99",
        "__paging_token": "t",
    }
    for nothing in ({}, {"paging": None}, {"paging": {"next": 5}}, [], None):
        assert next_place(nothing) is None
    with pytest.raises(LayoutChanged):
        next_place({"paging": {"next": "https://x/?limit=5"}})


def test_the_post_that_is_walked_may_be_deleted_meanwhile(peer: ThisPeer) -> None:
    peer.comment("Gone with its post")
    connector = connect(peer)
    page = connector.fetch({})
    del peer.posts[peer.post]
    page = connector.fetch(page.next_cursor)
    assert (page.more, len(page.problems)) == (False, 1)
    assert page.next_cursor == {"posts": {}}


def test_reading_one_comment_shows_our_answer_edits_and_deletion(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    peer.comment("Sorry", OWN, parent=top["id"], minutes=100)
    peer.comment("Sorry again", OWN, parent=top["id"], minutes=20)
    connector = connect(peer)
    ref = MentionRef(top["id"])
    found = connector.read(ref)
    assert found is not None
    assert found.our_reply == "Sorry again"
    top["message"] = "Cold coffee, and stale cake"
    top["can_comment"] = False
    found = connector.read(ref)
    assert found is not None
    assert (found.text, bool(found.locked)) == ("Cold coffee, and stale cake", True)
    del peer.comments[top["id"]]
    assert connector.read(ref) is None
    peer.revoke()
    with pytest.raises(AuthFailed):
        connector.read(ref)


def test_a_missing_comment_is_not_believed_gone_when_the_page_is_out_of_reach(
    peer: ThisPeer,
) -> None:
    peer.server.on(f"/v26.0/{PAGE}", failure(10, "(#10) requires pages_read_engagement"))
    with pytest.raises(AuthFailed, match="lacks pages_read_engagement"):
        connect(peer).read(MentionRef("1_2"))


def test_a_reply_to_an_answer_that_takes_none_goes_to_its_parent(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    below = peer.comment("Same here", VISITOR, parent=top["id"])
    below["can_comment"] = False
    found, _ = drain(connect(peer), {})
    [one] = [m for m in found if m.external_id == below["id"]]
    assert one.locked == ""
    receipt = connect(peer).reply(ref_of(one), "Sorry, Ben", "k")
    assert peer.comments[receipt.external_id]["parent"] == top["id"]
    there = connect(peer).find_reply(ref_of(one), "Sorry, Ben", "k")
    assert there is not None
    assert there.external_id == receipt.external_id


def test_only_our_own_answer_with_this_text_is_found(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee", minutes=900)
    ref, text = MentionRef(top["id"]), "We are sorry, Ada: it is mended. https://harbour.example"
    peer.comment(text, VISITOR, parent=top["id"])
    assert connect(peer).find_reply(ref, text, "k") is None
    stands = peer.comment(text, OWN, parent=top["id"], minutes=800)
    for n in range(120):
        peer.comment(f"Filler {n}", VISITOR, parent=top["id"], minutes=700 - n)
    there = connect(peer).find_reply(ref, text, "k")
    assert there is not None
    assert (there.external_id, there.state) == (stands["id"], "visible")
    del peer.comments[top["id"]]
    with pytest.raises(Gone):
        connect(peer).find_reply(ref, text, "k")


def test_a_reply_is_measured_and_an_unreadable_answer_is_unknown(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    ref = MentionRef(top["id"])
    with pytest.raises(Rejected, match="8001 characters, 8000 fit"):
        connect(peer).reply(ref, "x" * 8001, "k")
    assert peer.requests() == 0
    assert connect(peer).objections("  ")
    assert not connect(peer).objections("Sorry")
    for reply in (Reply.html("<html>"), Reply.json({"success": True}), Reply.json([])):
        peer.server.on(f"/v26.0/{top['id']}/comments", reply)
        with pytest.raises(UnknownOutcome):
            connect(peer).reply(ref, "Sorry", "k")


CODES: list[tuple[Reply, type[ConnectorError], str]] = [
    (failure(190, "Error validating access token", subcode=460), AuthFailed, "not valid any more"),
    (failure(102, "Session key invalid"), AuthFailed, "not valid"),
    (failure(4, "(#4) Application request limit reached", status=403), RateLimited, "limit"),
    (failure(17, "(#17) User request limit reached"), RateLimited, "limit"),
    (failure(32, "(#32) Page request limit reached", status=403), RateLimited, "limit"),
    (failure(613, "Calls to this api have exceeded the rate limit."), RateLimited, "limit"),
    (failure(80001, "There have been too many calls to this Page account."), RateLimited, "limit"),
    (failure(80006, "too many"), RateLimited, "limit"),
    (failure(10, "(#10) requires the pages_read_engagement permission"), AuthFailed,
     "lacks pages_read_engagement"),
    (failure(200, "(#200) Requires pages_manage_engagement permission", status=403), AuthFailed,
     "lacks pages_manage_engagement"),
    (failure(299, "(#299)"), AuthFailed, "lacks a permission"),
    (failure(100, "Object does not exist, cannot be loaded due to missing permission or "
             "reviewable feature. It requires the 'pages_read_engagement' permission"),
     AuthFailed, "lacks pages_read_engagement"),
    (failure(12, "(#12) deprecated for versions v22.0 and higher"), LayoutChanged, "base_url"),
    (failure(100, "(#100) Tried accessing nonexisting field (x) on node type (Page)"),
     LayoutChanged, "base_url"),
    (failure(1, "An unknown error occurred", status=500), Unavailable, "out of order"),
    (failure(2, "Service temporarily unavailable", is_transient=True), Unavailable, "out of order"),
    (failure(368, "The action attempted has been deemed abusive"), Rejected, "abusive"),
    (failure(506, "Duplicate status message"), Rejected, "same text"),
    (failure(100, "(#100) Invalid parameter"), Rejected, "Invalid parameter"),
    (failure(100, "Unsupported get request. missing permissions", subcode=33), Gone, "not there"),
    (failure(803, "Some of the aliases you requested do not exist", status=404), Gone, ""),
    (Reply.json({"error": {"message": "(#4) limit", "type": "OAuthException"}}, 400), RateLimited,
     ""),
    (Reply.json({"error_code": 190, "error_description": "Error validating"}, 400), AuthFailed, ""),
    (Reply.json({"error": {"code": "17", "message": None}}, 400), RateLimited, ""),
    (Reply.json({"error": {"message": "An access token is required to request this resource."}},
                400), AuthFailed, ""),
    (failure(190, "hidden in a good answer", status=200), AuthFailed, ""),
    (Reply(200, b' {\n  "error": {"code": 4, "message": "spread over lines"}}'), RateLimited, ""),
    (Reply.json({"error": "odd"}, 400), Rejected, ""),
    (Reply.html("<html>busy</html>", 503), Unavailable, ""),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "error", "words"), CODES, ids=lambda one: str(one)[-40:])
def test_codes_are_named(
    peer: ThisPeer, reply: Reply, error: type[ConnectorError], words: str
) -> None:
    peer.server.on(f"/v26.0/{PAGE}/feed", reply)
    with pytest.raises(ConnectorError) as caught:
        connect(peer).fetch({})
    assert words in str(caught.value)
    assert type(caught.value) is error
    assert "?" not in str(caught.value)


def test_a_transient_error_after_a_write_is_an_unknown_outcome(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    for reply, error in (
        (failure(2, "Service temporarily unavailable", status=503), UnknownOutcome),
        (failure(613, "too fast"), RateLimited),
        (failure(506, "Duplicate"), Rejected),
        (failure(200, "needs pages_manage_engagement", status=403), AuthFailed),
    ):
        peer.server.on(f"/v26.0/{top['id']}/comments", reply)
        with pytest.raises(error):
            connect(peer).reply(MentionRef(top["id"]), "Sorry", "k")


def test_an_error_that_repeats_the_token_hides_it(peer: ThisPeer) -> None:
    peer.server.on(f"/v26.0/{PAGE}/feed", failure(190, f"Malformed access token {TOKEN}"))
    with pytest.raises(AuthFailed) as caught:
        connect(peer).fetch({})
    assert TOKEN not in repr(caught.value)
    assert "Malformed access token ..." in str(caught.value)


def test_the_time_to_regain_access_is_kept(peer: ThisPeer) -> None:
    usage = {"106": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    headers = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    peer.server.on(f"/v26.0/{PAGE}/feed", failure(80001, "too many", headers=headers))
    with pytest.raises(RateLimited) as caught:
        connect(peer).fetch({})
    assert caught.value.retry_after == timedelta(minutes=19)
    peer.server.on(f"/v26.0/{PAGE}/feed", failure(4, "x", headers={"Retry-After": "90"}))
    with pytest.raises(RateLimited) as caught:
        connect(peer).fetch({})
    assert caught.value.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"X-App-Usage": '{"call_count":79,"total_time":3,"total_cputime":1}'}, None),
        ({"X-App-Usage": '{"call_count":80}'}, 5),
        ({"X-Page-Usage": '{"call_count":1,"total_cputime":"90"}'}, 32.5),
        ({"X-App-Usage": '{"call_count":250}'}, 60),
        ({"X-Business-Use-Case-Usage": '{"1":[{"call_count":100}]}'}, 60),
        (
            {
                "X-Business-Use-Case-Usage": '{"1":[{"call_count":3,'
                '"estimated_time_to_regain_access":7}],"2":5}'
            },
            7,
        ),
        ({"X-App-Usage": "nonsense"}, None),
        ({"X-App-Usage": "[1]"}, None),
        ({}, None),
    ],
)
def test_usage_headers_slow_us_down(headers: dict[str, str], minutes: float | None) -> None:
    rest = rest_advised(headers)
    assert rest == (None if minutes is None else timedelta(minutes=minutes))


def test_a_page_near_its_limit_lets_the_account_rest(peer: ThisPeer) -> None:
    peer.server.on(
        f"/v26.0/{PAGE}/feed", Reply.json({"data": []}, X_Page_Usage='{"call_count":100}')
    )
    assert connect(peer).fetch({}).account_rests == timedelta(hours=1)


def test_verify_names_the_page(peer: ThisPeer) -> None:
    health = connect(peer).verify()
    assert (health.ok, "Harbour Coffee" in health.summary) == (True, True)
    assert "pages_manage_engagement" in health.advice
    assert peer.requests() == 1
    peer.server.on(f"/v26.0/{PAGE}", Reply.json({"id": "5", "name": "Another"}))
    assert not connect(peer).verify().ok


def test_calls_are_spent_before_they_are_made(peer: ThisPeer) -> None:
    class Meter:
        spent = 0.0

        def spend(self, budget: str, amount: float = 1.0) -> None:
            assert budget == "calls"
            if self.spent >= 2:
                raise RateLimited("used up", timedelta(minutes=1))
            self.spent += amount

        def charge(self, budget: str, amount: float) -> None:
            raise AssertionError("nothing is charged afterwards")

    peer.comment("Cold")
    meter = Meter()
    chosen = FacebookSettings.model_validate(peer.settings)
    connector = FacebookConnector(chosen, Context("f", now=lambda: NOW, meter=meter))
    _, cursor = drain(connector, {})
    assert meter.spent == len(peer.server.requests) == 2
    with pytest.raises(RateLimited):
        connector.fetch(cursor)
    assert len(peer.server.requests) == 2
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(chosen)
    assert (budget.name, budget.amount, budget.per) == ("calls", 200, timedelta(hours=1))


def delivered(value: Any, field: str = "feed", page: str = PAGE, **more: Any) -> Delivery:
    entry = {"id": page, "time": 1772366400, "changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": "page", "entry": [entry], **more}).encode()
    return Delivery(body, signed(body))


def opened(peer: ThisPeer, value: Any, **more: Any) -> Page:
    assert KIND.hook is not None
    return KIND.hook.open(FacebookSettings.model_validate(peer.settings), delivered(value, **more))


COMMENTED = {
    "item": "comment", "verb": "add", "comment_id": "1001_5", "post_id": f"{PAGE}_1001",
    "parent_id": f"{PAGE}_1001", "from": GUEST, "message": "Cold coffee",
    "created_time": 1772366000,
    "post": {"permalink_url": "https://www.facebook.com/106/posts/1001"},
}  # fmt: skip
UNNAMED = {key: value for key, value in COMMENTED.items() if key != "from"}


def test_deliveries_of_the_webhook(peer: ThisPeer) -> None:
    [found] = opened(peer, COMMENTED).mentions
    assert (found.external_id, found.text, found.parent_external_id) == (
        "1001_5",
        "Cold coffee",
        "",
    )
    assert found.created_at == datetime.fromtimestamp(1772366000, UTC)
    assert (found.author_id, found.edited_at) == ("7001", None)
    [edited] = opened(peer, {**COMMENTED, "verb": "edited", "message": "Warm now"}).mentions
    assert edited.text == "Warm now"
    assert edited.edited_at == datetime.fromtimestamp(1772366400, UTC)
    [below] = opened(peer, {**COMMENTED, "comment_id": "1001_6", "parent_id": "1001_5"}).mentions
    assert below.parent_external_id == "1001_5"
    removed = {k: v for k, v in COMMENTED.items() if k != "message"}
    [gone] = opened(peer, {**removed, "verb": "remove"}).mentions
    assert (gone.external_id, gone.deleted, gone.text) == ("1001_5", True, "")
    [post] = opened(
        peer, {"item": "status", "verb": "add", "post_id": f"{PAGE}_9", "from": GUEST,
               "message": "You let me wait"}
    ).mentions  # fmt: skip
    assert (post.kind, post.external_id) == ("post", f"{PAGE}_9")


def test_deliveries_of_older_versions_name_a_sender(peer: ThisPeer) -> None:
    said = {**UNNAMED, "sender_id": 7001, "sender_name": "Ada"}
    [found] = opened(peer, said).mentions
    assert (found.author_id, found.author_name) == ("7001", "Ada")


def test_deliveries_of_who_names_the_page_elsewhere(peer: ThisPeer) -> None:
    post = {"item": "post", "verb": "add", "post_id": "8_9", "message": "Harbour is too loud"}
    [found] = opened(peer, post, field="mention").mentions
    assert (found.kind, found.external_id, found.text) == ("post", "8_9", "Harbour is too loud")
    comment = {**post, "item": "comment", "comment_id": "9_3"}
    [found] = opened(peer, comment, field="mention").mentions
    assert (found.kind, found.external_id, found.addressed_to_us) == ("comment", "9_3", True)
    # What the token may not see is not deleted for that.
    connector = FacebookConnector(FacebookSettings.model_validate(peer.settings), Context("f"))
    with pytest.raises(NotSupported):
        connector.read(MentionRef("9_3", raw=found.raw or {}))
    assert connector.read(MentionRef("9_3")) is None


@pytest.mark.parametrize(
    "value",
    [
        {**COMMENTED, "verb": "hide"},
        {**COMMENTED, "from": OWN},
        {"item": "reaction", "verb": "add", "post_id": f"{PAGE}_1", "from": GUEST},
        {"item": "status", "verb": "add", "post_id": f"{PAGE}_1", "message": "ours, unnamed"},
        {**UNNAMED, "sender_id": int(PAGE), "sender_name": "Harbour Coffee"},
        {"item": "album", "verb": "add", "sender_id": int(PAGE)},
        {"item": "video", "verb": "mute", "video_flag_reason": 1},
        {k: v for k, v in {**COMMENTED, "verb": "edited"}.items() if k != "message"},
    ],
)
def test_what_is_no_customers_word_is_left_out(peer: ThisPeer, value: Any) -> None:
    page = opened(peer, value)
    assert (page.mentions, page.problems) == ((), ())


def test_odd_deliveries(peer: ThisPeer) -> None:
    assert opened(peer, COMMENTED, page="5").mentions == ()
    assert opened(peer, COMMENTED, field="ratings").mentions == ()
    assert len(opened(peer, None).problems) == 1
    assert len(opened(peer, {**COMMENTED, "comment_id": None}).problems) == 1
    for bad in ({"object": "instagram"}, {"entry": None}):
        with pytest.raises(LayoutChanged):
            opened(peer, COMMENTED, **bad)
    assert KIND.hook is not None
    with pytest.raises(LayoutChanged):
        KIND.hook.open(FacebookSettings.model_validate(peer.settings), Delivery(b"<html>"))


def test_deliveries_are_admitted_by_their_signature(peer: ThisPeer) -> None:
    assert KIND.hook is not None
    chosen = FacebookSettings.model_validate(peer.settings)
    good = delivered(COMMENTED)
    KIND.hook.admit(chosen, good, NOW)
    for bad in (
        Delivery(good.body + b" ", good.headers),
        Delivery(good.body),
        Delivery(good.body, {"x-hub-signature-256": "sha256=00"}),
    ):
        with pytest.raises(NotAdmitted):
            KIND.hook.admit(chosen, bad, NOW)
    without = chosen.model_copy(update={"app_secret": None, "verify_token": None})
    with pytest.raises(NotAdmitted, match="app_secret"):
        KIND.hook.admit(without, good, NOW)
    assert KIND.hook.challenge is not None
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    assert KIND.hook.challenge(chosen, asked) == "1158201444"
    assert KIND.hook.challenge(chosen, {**asked, "hub.verify_token": "guess"}) is None
    assert KIND.hook.challenge(chosen, {**asked, "hub.mode": "unsubscribe"}) is None
    assert KIND.hook.challenge(without, asked) is None


def test_settings_are_checked() -> None:
    good = {"page_id": PAGE, "token": "env:T"}
    assert FacebookSettings.model_validate(good).base_url == "https://graph.facebook.com/v26.0"
    for bad in ({"page_id": "harbour"}, {"token": TOKEN}, {"watch_days": 0}, {"base_url": "x"}):
        with pytest.raises(ValidationError):
            FacebookSettings.model_validate({**good, **bad})


@pytest.mark.parametrize("ident", ["", "../me", "1/2", "a b", "x" * 130, "1?fields=x"])
def test_what_is_no_id_never_becomes_part_of_an_address(peer: ThisPeer, ident: str) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect(peer).read(MentionRef(ident))
    assert peer.requests() == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=8))
def test_only_a_page_that_falls_and_never_rises_runs_backwards(ages: list[int]) -> None:
    times: list[datetime | None] = [NOW + timedelta(minutes=age) for age in ages]
    falls = ages == sorted(ages, reverse=True) and len(set(ages)) > 1
    assert runs_backwards(times) == falls
    assert not runs_backwards([*times, None])


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.text() | st.integers() | st.booleans(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["error", "code", "message", "error_subcode", "data"]),
                        inner, max_size=4)))  # fmt: skip
def test_any_error_body_is_read(body: Any) -> None:
    answer = Answer(400, {}, json.dumps(body).encode(), "https://x.example/1")
    fault = fault_in(answer)
    error = explaining(lambda: NOW)(answer, True)
    assert (fault is None) == (error is None)


def recorded(name: str) -> Any:
    path = RECORDINGS / "facebook" / name
    if not path.exists():
        pytest.skip("the recordings are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def test_recorded_comments_are_all_found_over_both_pages(peer: ThisPeer) -> None:
    first, second = recorded("comments_p1.json"), recorded("comments_p2.json")
    feed = recorded("feeds_default_fields_p1.json")
    feed["paging"].pop("next")
    peer.server.on(f"/v26.0/{PAGE}/feed", Reply.json(feed))
    wanted = set()
    for page in (first, second):
        for one in page["data"]:
            query = one["permalink_url"].partition("?")[2]
            wanted.add(query.split("=")[-1])
    for post in feed["data"]:
        peer.server.on(f"/v26.0/{post['id']}/comments", Reply.json({"data": []}))
    walked = f"/v26.0/{feed['data'][0]['id']}/comments"
    peer.server.on(walked, Reply.json(first), Reply.json(second))
    today = datetime(2026, 11, 22, tzinfo=UTC)
    found, cursor = drain(connect(peer, today), {})
    assert {m.external_id.partition("_")[2] for m in found} == wanted
    assert len(found) == len(first["data"]) + len(second["data"])
    assert all(m.created_at is not None and m.text for m in found)
    answers = [one for page in (first, second) for one in page["data"]
               if "reply_comment_id" in one["permalink_url"]]  # fmt: skip
    assert sum(bool(m.parent_external_id) for m in found) == len(answers)
    asked = [r for r in peer.server.requests if r.path == walked]
    assert [r.get("after") for r in asked] == ["", "after"]
    found, again = drain(connect(peer, today), cursor)
    assert (found, again) == ([], cursor)


def test_other_recorded_shapes_are_understood(peer: ThisPeer) -> None:
    single = recorded("comment_info.json")
    assert comment_of(single).external_id == single["id"]
    many = recorded("comments_info.json")
    peer.comment("so that there is news")
    peer.server.on(f"/v26.0/{peer.post}/comments", Reply.json(many))
    found, _ = drain(connect(peer), {})
    assert {m.external_id for m in found} == set(many)
    made = recorded("create_resp.json")
    peer.server.on("/v26.0/1_2/comments", Reply.json(made))
    assert connect(peer).reply(MentionRef("1_2"), "Hi", "k").external_id == made["id"]
    for name in ("full_connecions_p2.json", "multi_posts_data_fields.json", "search_pages.json"):
        listed = recorded(name)
        peer.server.on(f"/v26.0/{PAGE}/feed", Reply.json(listed), Reply.json({"data": []}))
        connect(peer).fetch({})


def test_recorded_refusals_are_named() -> None:
    path = RECORDINGS / "facebook" / "mock_facebook_responses.yml"
    if not path.exists():
        pytest.skip("the recordings are not here")
    named = {"OAuthAccessTokenException": AuthFailed, "Exception": Rejected}
    seen = 0
    for body in bodies_in(yaml.safe_load(path.read_text(encoding="utf-8"))):
        try:
            said = json.loads(body)
        except ValueError:
            continue
        if not isinstance(said, dict) or not {"error", "error_code"} & set(said):
            continue
        error = explaining(lambda: NOW)(Answer(400, {}, body.encode(), "https://x/1"), False)
        kind = said.get("error", {}).get("type", "OAuthAccessTokenException")
        wanted = named.get(kind, Rejected)
        assert type(error) is wanted, said
        seen += 1
    assert seen >= 4


def bodies_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("body"), str):
            yield value["body"]
        for one in value.values():
            yield from bodies_in(one)
