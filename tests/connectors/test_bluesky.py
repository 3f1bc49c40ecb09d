"""Bluesky: two lists read to the end, one session kept, and an answer that cannot stand twice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
from connectors.bluesky import KIND, BlueskyConnector, BlueskySettings
from connectors.bluesky.posts import link_to, mention_of, parts_of
from connectors.bluesky.richtext import facets_of
from connectors.bluesky.session import expiry_of
from connectors.bluesky.tids import TID, key_for, microseconds_of, write_tid
from connectors.bluesky.walk import Walk, step
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.lengths import graphemes
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.vault import MemoryVault, Vault
from tests.connectors.peers.bluesky import GUEST, OWN, POST, START, ThisPeer, error, written
from tests.support.cassettes import RECORDINGS, Exchange, read_cassette
from tests.support.spending import CountingMeter

LISTED = "/xrpc/app.bsky.notification.listNotifications"
SEARCHED = "/xrpc/app.bsky.feed.searchPosts"
CREATED = "/xrpc/com.atproto.repo.createRecord"
LOGIN = "/xrpc/com.atproto.server.createSession"


@pytest.fixture
def opened() -> Iterator[list[BlueskyConnector]]:
    connectors: list[BlueskyConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer,
    opened: list[BlueskyConnector],
    *,
    vault: Vault | None = None,
    meter: CountingMeter | None = None,
    now: datetime = NOW,
    account: bool = True,
    **said: Any,
) -> BlueskyConnector:
    told = {**peer.settings, **said}
    if not account:
        del told["identifier"], told["app_password"]
    chosen = BlueskySettings.model_validate(told)
    counted = meter or CountingMeter()
    context = Context("b", now=lambda: now, vault=vault or MemoryVault(), meter=counted)
    opened.append(BlueskyConnector(chosen, context))
    return opened[-1]


def drain(connector: BlueskyConnector, cursor: Any) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    for _ in range(100):
        pages.append(connector.fetch(cursor))
        cursor = json.loads(json.dumps(dict(pages[-1].next_cursor)))
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def found_in(pages: list[Page]) -> dict[str, FoundMention]:
    return {m.external_id: m for page in pages for m in page.mentions}


def texts_in(pages: list[Page]) -> set[str]:
    return {m.text for m in found_in(pages).values()}


def ref_of(post: dict[str, Any], **said: Any) -> MentionRef:
    return MentionRef(post["uri"], **said)


# Reading


def test_every_notification_is_read_and_later_only_what_is_new(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for n in range(350):
        peer.write(f"Complaint {n}", at=START - timedelta(minutes=n // 3), reason="mention")
    pages, cursor = drain(connect(peer, opened), {})
    assert set(found_in(pages)) == set(peer.posts)
    assert len(pages) == 4
    assert list(cursor) == ["newest", "same"]
    peer.write("A new one", reason="reply")
    peer.server.requests.clear()
    pages, again = drain(connect(peer, opened), cursor)
    assert "A new one" in texts_in(pages)
    assert len([r for r in peer.server.requests if r.path == LISTED]) == 2
    assert again != cursor
    peer.server.requests.clear()
    pages, same = drain(connect(peer, opened), again)
    assert same == again
    assert len([r for r in peer.server.requests if r.path == LISTED]) == 1
    assert [(page.unchanged, page.mentions) for page in pages] == [(True, ())]


def test_a_burst_longer_than_a_page_is_read_back_to_what_is_known(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    peer.write("Known", at=START - timedelta(days=3), reason="mention")
    _, cursor = drain(connect(peer, opened), {})
    for n in range(260):
        peer.write(f"Burst {n}", at=START + timedelta(seconds=n // 50), reason="quote")
    first = connect(peer, opened).fetch(cursor)
    assert first.more
    assert first.next_cursor["newest"] == cursor["newest"], "the round is not over"
    peer.write("In between", at=START + timedelta(minutes=5), reason="mention")
    pages, cursor = drain(connect(peer, opened), json.loads(json.dumps(dict(first.next_cursor))))
    assert {f"Burst {n}" for n in range(260)} <= texts_in([first, *pages])
    pages, _ = drain(connect(peer, opened), cursor)
    assert "In between" in texts_in(pages)


def test_what_arrives_late_is_found(peer: ThisPeer, opened: list[BlueskyConnector]) -> None:
    peer.write("First", reason="mention")
    peer.write("coffee first")
    _, cursor = drain(connect(peer, opened, queries=["coffee"]), {})
    peer.write("Late", at=START - timedelta(minutes=10), reason="mention")
    peer.write("late coffee", at=START - timedelta(minutes=50))
    pages, again = drain(connect(peer, opened, queries=["coffee"]), cursor)
    assert {"Late", "late coffee"} <= texts_in(pages)
    assert again["newest"] == cursor["newest"]


def test_only_mentions_replies_and_quotes_count_and_all_speak_to_us(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for reason in ("mention", "reply", "quote"):
        peer.write(reason, reason=reason)
    post = peer.write("liked")
    listed = [
        {"uri": post["uri"], "reason": "like", "record": {}, "indexedAt": post["indexedAt"]},
        {**post, "reason": "mention"},
        {"uri": "at://x/y/z", "reason": "mention", "record": {"text": "x"}},
        {**post, "uri": post["uri"] + "2", "reason": "reply", "record": None},
        {**post, "uri": "\ud800", "reason": "reply"},
        None,
    ]
    pages, _ = drain(connect(peer, opened), {})
    assert {m.addressed_to_us for m in found_in(pages).values()} == {True}
    assert texts_in(pages) == {"mention", "reply", "quote"}
    [asked] = [r for r in peer.server.requests if r.path == LISTED]
    assert [v for k, v in asked.query if k == "reasons"] == ["mention", "reply", "quote"]
    peer.server.on(LISTED, Reply.json({"notifications": listed}))
    page = connect(peer, opened).fetch({})
    assert [m.text for m in page.mentions] == ["liked"]
    assert [p.reason for p in page.problems] == [
        "the post has no uri",
        "the post has no uri",
        "the post has no text",
        "the post has no uri",
    ]


def test_a_search_is_read_to_its_end_by_cursor_and_by_window(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for n in range(420):
        peer.write(f"coffee {n}", at=START - timedelta(minutes=n // 5))
    peer.write("coffee of old", at=NOW - timedelta(days=50))
    pages, cursor = drain(connect(peer, opened, notifications=False, queries=["coffee"]), {})
    assert texts_in(pages) == {f"coffee {n}" for n in range(420)}
    assert cursor["newest"] == {"search:coffee": int(START.timestamp() * 1000)}
    public = connect(peer, opened, account=False, queries=["coffee"], public_url=peer.server.url)
    peer.server.requests.clear()
    with pytest.raises(AuthFailed):
        drain(public, {})  # a public search of Bluesky's own refuses its cursor


def test_without_an_account_the_search_goes_on_by_window(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for n in range(420):
        peer.write(f"coffee {n}", at=START - timedelta(minutes=n // 5))
    connector = connect(
        peer,
        opened,
        account=False,
        queries=["coffee"],
        public_url=peer.server.url,
        base_url="https://bsky.social",
    )
    pages, cursor = drain(connector, {})
    assert texts_in(pages) == {f"coffee {n}" for n in range(420)}
    assert not any(request.get("cursor") for request in peer.server.requests)
    assert not any("Authorization" in request.headers for request in peer.server.requests)
    _, again = drain(connector, cursor)
    assert again == cursor
    assert peer.logins == 0


def test_more_posts_in_one_moment_than_a_window_shows_are_told(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for n in range(150):
        peer.write(f"coffee {n}", at=START)
    connector = connect(
        peer,
        opened,
        account=False,
        queries=["coffee"],
        public_url=peer.server.url,
        base_url="https://bsky.social",
    )
    pages, _ = drain(connector, {})
    assert len(found_in(pages)) == 100
    assert "one moment holds more posts" in pages[-1].problems[0].reason


def test_a_list_that_repeats_itself_does_not_keep_us_busy(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = {**peer.write("coffee"), "reason": "mention"}
    for cursors in (["same", "same"], ["1", "2"]):
        for path, key in ((LISTED, "notifications"), (SEARCHED, "posts")):
            replies = [Reply.json({key: [post], "cursor": cursor}) for cursor in cursors]
            peer.server.on(path, *replies)
        peer.server.requests.clear()
        pages, _ = drain(connect(peer, opened, queries=["coffee"]), {})
        assert len(found_in(pages)) == 1
        assert len([r for r in peer.server.requests if r.path in (LISTED, SEARCHED)]) <= 6


def test_searches_leave_out_our_own_posts_and_know_who_speaks_to_us(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    ours = peer.write("our coffee", did=OWN)
    peer.write("coffee under ours", parent=ours)
    facet = {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": OWN}]}
    peer.write("coffee @harbour.example", facets=[facet, 7, {"features": None}])
    peer.write("coffee quoted", embed={"record": {"uri": ours["uri"], "cid": "x"}})
    peer.write("just coffee")
    pages, _ = drain(connect(peer, opened, notifications=False, queries=["coffee"]), {})
    assert {m.text: m.addressed_to_us for m in found_in(pages).values()} == {
        "coffee under ours": True,
        "coffee @harbour.example": True,
        "coffee quoted": True,
        "just coffee": False,
    }


def test_fields_of_a_post(peer: ThisPeer, opened: list[BlueskyConnector]) -> None:
    above = peer.write("Above")
    post = peer.write("Cold  coffee\r\n\n\n\nand late", parent=above, reason="mention")
    post["record"]["createdAt"] = "2019-01-01T00:00:00Z"
    pages, _ = drain(connect(peer, opened), {})
    [found] = found_in(pages).values()
    assert found.external_id == post["uri"]
    assert found.text == "Cold coffee\n\nand late"
    assert (found.kind, found.language) == ("comment", "en")
    assert (found.author_name, found.author_id) == ("Ada", GUEST)
    assert found.author_url == f"https://bsky.app/profile/{GUEST}"
    assert found.url == f"https://bsky.app/profile/{GUEST}/post/{post['uri'].split('/')[-1]}"
    assert found.created_at == datetime.fromisoformat(post["indexedAt"]), "not what is claimed"
    assert found.parent_external_id == above["uri"]
    assert found.raw == {
        "cid": post["cid"],
        "handle": "ada.example",
        "root": {"uri": above["uri"], "cid": above["cid"]},
    }


def test_a_claimed_time_in_the_future_does_not_close_our_eyes(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("coffee", at=NOW + timedelta(days=900), reason="mention")
    assert post["indexedAt"].startswith("2028")
    _, cursor = drain(connect(peer, opened, queries=["coffee"]), {})
    peer.write("coffee again", reason="mention")
    pages, _ = drain(connect(peer, opened, queries=["coffee"]), cursor)
    assert "coffee again" in texts_in(pages)
    assert max(cursor["newest"].values()) == int(NOW.timestamp() * 1000)


def test_hostile_text_never_reaches_the_store() -> None:
    uri = f"at://{GUEST}/{POST}/3lprdue7ggw26"
    post = {
        "uri": uri,
        "cid": "a\0b",
        "author": {"handle": "x\0\ud800", "displayName": "\0\u202e"},
        "record": {"text": "x\0\ud800", "langs": ["\0"], "reply": {"root": {"uri": "\0"}}},
    }
    found = mention_of(post)
    said = [found.text, found.author_name, found.language, *map(str, (found.raw or {}).values())]
    assert not any("\0" in text or "\ud800" in text for text in said)
    with pytest.raises(ValueError, match="no uri"):
        mention_of({**post, "uri": f"at://{GUEST}/{POST}/{'a' * 600}"})


def test_pictures_speak_where_there_are_no_words() -> None:
    images = {"images": [{"alt": "A cold cup"}, {"alt": ""}, 5]}
    post = {
        "uri": f"at://{GUEST}/{POST}/3lprdue7ggw26",
        "record": {"text": " ", "embed": {"media": images}},
        "embed": {"media": images, "external": {"title": "Our menu"}},
    }
    assert mention_of(post).text == "A cold cup\nOur menu"


def test_a_cursor_that_is_not_ours_starts_anew(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    peer.write("First", reason="mention")
    good = Walk("notifications").dump()
    for odd in (
        {"walk": 5},
        {"walk": {**good, "since": "x"}},
        {"walk": {**good, "stream": "search:gone"}},
        {"newest": {"notifications": "yesterday", "search:gone": 1}},
        {"newest": 3, "same": {"notifications": 5}},
    ):
        pages, cursor = drain(connect(peer, opened), odd)
        assert texts_in(pages) == {"First"}
        assert set(cursor["newest"]) == {"notifications"}


# The session


def test_one_login_serves_many_connectors_and_survives_a_restart(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    vault, meter = MemoryVault(), CountingMeter()
    for _ in range(3):
        connect(peer, opened, vault=vault, meter=meter).fetch({})
    assert (peer.logins, peer.refreshes) == (1, 0)
    assert meter.spent["logins"] == 1
    peer.expire()
    connect(peer, opened, vault=vault).fetch({})
    assert (peer.logins, peer.refreshes) == (1, 1)
    later = NOW + timedelta(hours=2)
    connect(peer, opened, vault=vault, now=later).fetch({})
    assert (peer.logins, peer.refreshes) == (1, 2), "an expired token is not even tried"
    peer.expire()
    peer._tokens["refresh"] = "gone"
    connect(peer, opened, vault=vault).fetch({})
    assert peer.logins == 2
    refused = error("InvalidRequest", "Bad token method", 400)
    peer.server.on("/xrpc/com.atproto.server.refreshSession", refused)
    peer.expire()
    connect(peer, opened, vault=vault).fetch({})
    assert peer.logins == 3


def test_another_account_does_not_inherit_the_session(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    vault = MemoryVault()
    connect(peer, opened, vault=vault).fetch({})
    with pytest.raises(AuthFailed, match="Invalid identifier"):
        connect(peer, opened, vault=vault, identifier="other.example").fetch({})
    assert peer.requests() == 3


def test_a_chosen_server_is_not_left_whatever_it_says(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    peer.home = "https://elsewhere.invalid"
    peer.write("First", reason="mention")
    pages, _ = drain(connect(peer, opened), {})
    assert texts_in(pages) == {"First"}


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        (
            "https://puffball.us-east.host.bsky.network",
            "https://puffball.us-east.host.bsky.network",
        ),
        (
            "https://puffball.us-east.host.bsky.network/",
            "https://puffball.us-east.host.bsky.network",
        ),
        ("http://puffball.us-east.host.bsky.network", ""),
        ("https://me@puffball.example", "https://puffball.example"),
        ("https://puffball.example/a?b=", "https://puffball.example"),
        ("https://puffball.example:8443/#", "https://puffball.example:8443"),
        ("https://puffball.example:99999", ""),
        ("https://169.254.169.254", ""),
        ("https://[::1]", ""),
        ("https://localhost", ""),
        ("file:///etc/passwd", ""),
        (7, ""),
    ],
)
def test_the_usual_entrance_is_left_for_https_only(
    peer: ThisPeer, opened: list[BlueskyConnector], endpoint: Any, host: str
) -> None:
    connector = connect(peer, opened, base_url="https://bsky.social/")
    document = {"service": [5, {"id": "#atproto_pds", "serviceEndpoint": endpoint}]}
    assert connector._api._session._home(document) == host


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error("AuthenticationRequired", "Invalid identifier or password", 401), AuthFailed),
        (error("AuthFactorTokenRequired", "A sign in code has been sent", 401), AuthFailed),
        (error("AccountTakedown", "Account has been taken down", 401), AuthFailed),
        (
            Reply.json({"error": "RateLimitExceeded", "message": "x"}, 429, RateLimit_Reset="90"),
            RateLimited,
        ),
        (Reply(502), Unavailable),
        (Reply(fault="drop"), Unavailable),
        (Reply.json({"did": OWN}), LayoutChanged),
        (
            Reply.json(
                {"did": OWN, "accessJwt": "", "refreshJwt": "", "active": False, "status": "x"}
            ),
            AuthFailed,
        ),
    ],
)
def test_a_failed_login_has_its_name(
    peer: ThisPeer, opened: list[BlueskyConnector], reply: Reply, expected: type[Exception]
) -> None:
    peer.server.on(LOGIN, reply)
    with pytest.raises(expected) as caught:
        connect(peer, opened).fetch({})
    assert peer.secret not in str(caught.value)


def test_a_missing_password_is_a_failed_login(
    peer: ThisPeer, opened: list[BlueskyConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_BLUESKY_PASSWORD")
    with pytest.raises(AuthFailed, match="env:TEST_BLUESKY_PASSWORD"):
        connect(peer, opened).fetch({})
    assert peer.requests() == 0


def test_expiry_is_read_from_our_own_token_only_where_it_is_one() -> None:
    for odd in ("", "a.b", "a.b.c", "a.eyJleHAiOiAieCJ9.c", "a.bnVsbA.c"):
        assert expiry_of(odd) is None
    assert expiry_of("a.eyJleHAiOiAxNzAwMDAwMDAwfQ.c") == datetime.fromtimestamp(
        1_700_000_000, tz=UTC
    )


# Reading one


def test_what_is_gone_what_is_hidden_and_what_is_closed(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    connector = connect(peer, opened)
    post["viewer"]["replyDisabled"] = True
    closed = connector.read(ref_of(post))
    assert closed is not None
    assert closed.locked == "the author does not take answers from us"
    post["author"]["viewer"] = {"blockedBy": True}
    blocked = connector.read(ref_of(post))
    assert blocked is not None
    assert blocked.locked == "the author has blocked us"
    peer.blocked.add(post["uri"])
    hidden = connector.read(ref_of(post))
    assert hidden is not None
    assert (hidden.text, hidden.deleted) == ("Cold coffee", False)
    assert hidden.locked == "we have blocked the author, or the author us"
    for closed_post in (post,):
        with pytest.raises(Rejected, match="no answer is possible"):
            connector.reply(ref_of(closed_post), "Sorry", "k")
    peer.blocked.clear()
    peer.remove("Cold coffee")
    assert connector.read(ref_of(post)) is None
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": post["uri"], "notFound": True}
    peer.server.on("/xrpc/app.bsky.feed.getPostThread", Reply.json({"thread": gone}))
    assert connector.read(ref_of(post)) is None


def test_a_direct_read_tells_our_answer(peer: ThisPeer, opened: list[BlueskyConnector]) -> None:
    post = peer.write("Cold coffee", reason="mention")
    connector = connect(peer, opened)
    assert (connector.read(ref_of(post)) or FoundMention("", "x")).our_reply == ""
    connector.reply(ref_of(post), "We are sorry", "k")
    found = connector.read(ref_of(post))
    assert found is not None
    assert found.our_reply == "We are sorry"
    assert found.our_reply_at is not None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://bsky.app/profile/x/post/y",
        f"at://{GUEST}/app.bsky.feed.like/3lprdue7ggw26",
        f"at://{GUEST}/{POST}/a/b",
        f"at://{GUEST}/{POST}/a?b",
        f"at://ada.example/{POST}/3lprdue7ggw26",
    ],
)
def test_what_is_no_uri_never_becomes_part_of_an_address(
    peer: ThisPeer, opened: list[BlueskyConnector], uri: str
) -> None:
    for call in (
        lambda c: c.read(MentionRef(uri)),
        lambda c: c.reply(MentionRef(uri), "x", "k"),
        lambda c: c.find_reply(MentionRef(uri), "x", "k"),
    ):
        with pytest.raises(Rejected, match="no uri"):
            call(connect(peer, opened))
    assert peer.requests() == 0
    assert (parts_of(uri), link_to(uri)) == (("", ""), "")


# Answering


def test_an_answer_names_root_and_parent_language_and_links(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    root = peer.write("The start")
    middle = peer.write("The middle", parent=root)
    post = peer.write("Cold coffee", parent=middle, reason="reply")
    meter = CountingMeter()
    text = "Grüße ☕ @ada.example und @nobody.example: https://harbour.example/zeit (neu). #Kaffee"
    receipt = connect(peer, opened, meter=meter).reply(
        ref_of(post, language="de_AT"), text, "reply-7"
    )
    sent = json.loads(next(r for r in peer.server.requests if r.path == CREATED).body)
    record = sent["record"]
    assert record["reply"] == {
        "root": {"uri": root["uri"], "cid": root["cid"]},
        "parent": {"uri": post["uri"], "cid": post["cid"]},
    }
    assert (record["text"], record["langs"]) == (text, ["de-AT"])
    assert record["createdAt"] == "2026-03-01T12:00:00.000Z"
    marked = [
        (text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0])
        for f in record["facets"]
    ]
    kind = "app.bsky.richtext.facet#"
    link = "https://harbour.example/zeit"
    assert marked == [
        ("@ada.example", {"$type": f"{kind}mention", "did": GUEST}),
        (link, {"$type": f"{kind}link", "uri": link}),
        ("#Kaffee", {"$type": f"{kind}tag", "tag": "Kaffee"}),
    ]
    assert receipt.state == "visible"
    assert receipt.external_id == f"at://{OWN}/{POST}/{sent['rkey']}"
    assert receipt.url == f"https://bsky.app/profile/{OWN}/post/{sent['rkey']}"
    assert meter.spent["points"] == 3
    assert meter.spent["calls"] == peer.requests()


def test_a_language_that_is_none_is_not_sent(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    for number, (claimed, sent) in enumerate(
        [("en", ["en"]), ("", ["de"]), ("english!", ["de"]), ("zh_Hant_TW", ["zh-Hant-TW"])]
    ):
        post = peer.write(f"Cold coffee {number}")
        ref = ref_of(post, language=claimed)
        connect(peer, opened, languages=["de"]).reply(ref, "x", "k")
        record = json.loads([r for r in peer.server.requests if r.path == CREATED][-1].body)
        assert record["record"]["langs"] == sent


def test_a_repeated_answer_stands_once(peer: ThisPeer, opened: list[BlueskyConnector]) -> None:
    post = peer.write("Cold coffee", reason="mention")
    first = connect(peer, opened).reply(ref_of(post), "We are sorry", "k")
    second = connect(peer, opened).reply(ref_of(post), "We are sorry", "k")
    assert second.external_id == first.external_id
    assert second.text == "We are sorry"
    assert peer.published() == ["We are sorry"]
    newer = error("RecordAlreadyExists", "There is already a record", 400)
    peer.server.on(CREATED, newer)
    third = connect(peer, opened).reply(ref_of(post), "We are sorry", "k")
    assert third.external_id == first.external_id
    with pytest.raises(Rejected, match="RecordAlreadyExists"):
        connect(peer, opened).reply(ref_of(post), "Another", "another key")


def test_a_write_without_an_answer_is_unknown_and_can_be_looked_up(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    connector = connect(peer, opened)
    connector.verify()
    for reply in (Reply(500), Reply(fault="drop"), Reply.html("<p>ok"), Reply.json({"ok": 1})):
        peer.server.on(CREATED, reply)
        with pytest.raises(UnknownOutcome):
            connector.reply(ref_of(post), "We are sorry", "k")
    assert connector.find_reply(ref_of(post), "We are sorry", "k") is None
    peer.server.on(CREATED, peer._answer)
    stands = connector.reply(ref_of(post), "We are sorry", "k")
    there = connector.find_reply(ref_of(post), "We are sorry", "k")
    assert there is not None
    assert there.external_id == stands.external_id


def test_an_answer_given_by_hand_is_found_by_its_text(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    peer.write("We are sorry", parent=post)
    peer.write("Something else", did=OWN, parent=post)
    connector = connect(peer, opened)
    assert connector.find_reply(ref_of(post), "We are sorry", "k") is None
    hand = peer.write("We are sorry!", did=OWN, parent=post)
    there = connector.find_reply(ref_of(post), "We are sorry", "k")
    assert there is not None
    assert there.external_id == hand["uri"]
    peer.remove("Cold coffee")
    assert connector.find_reply(ref_of(post), "We are sorry", "k") is None


def test_the_session_is_renewed_in_the_middle_of_an_answer(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    connector = connect(peer, opened)
    connector.verify()
    peer.expire()
    connector.reply(ref_of(post), "We are sorry", "k")
    assert (peer.refreshes, peer.published()) == (1, ["We are sorry"])


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x" * 300, True),
        ("x" * 301, False),
        ("👩‍👩‍👧" * 100, True),
        ("👩‍👩‍👧" * 170, False),
        ("é" * 300, True),
        ("half \ud800", False),
        ("", False),
        (" \n", False),
    ],
)
def test_length_is_counted_in_graphemes_and_in_bytes(
    peer: ThisPeer, opened: list[BlueskyConnector], text: str, fits: bool
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    connector = connect(peer, opened)
    if fits and len(text) <= 300:
        connector.reply(ref_of(post), text, "k")
    if not fits:
        with pytest.raises(Rejected):
            connector.reply(ref_of(post), text, "k")
        assert peer.requests() == 0
    assert connector.measure(text) == graphemes(text)
    size = len(text.encode("utf-8", "replace"))
    assert bool(connector.objections(text)) == (size > 3000 or "\ud800" in text)


def test_a_length_that_the_server_refuses_is_told_in_its_words(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee", reason="mention")
    message = f"Invalid {POST} record: Record/text must not be longer than 300 graphemes"
    peer.server.on(CREATED, error("InvalidRequest", message, 400))
    with pytest.raises(Rejected, match="not be longer than 300 graphemes"):
        connect(peer, opened).reply(ref_of(post), "x", "k")


def test_without_an_account_there_is_no_answer(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    post = peer.write("Cold coffee")
    connector = connect(peer, opened, account=False, queries=["coffee"])
    found = connector.read(ref_of(post))
    assert found is not None
    assert found.text == "Cold coffee"
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported):
            call(ref_of(post), "Sorry", "k")
    told = {"queries": ["coffee"]}
    assert KIND.capabilities_of is not None
    without = KIND.capabilities_of(BlueskySettings.model_validate(told))
    assert (without.can_reply, without.reply_mode) == (False, "manual")
    with_one = KIND.capabilities_of(BlueskySettings.model_validate(peer.settings))
    assert (with_one.reply_mode, with_one.key_remembered) == ("keyed", None)


# Facets and keys


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("see https://a.example/b.", ["https://a.example/b"]),
        ("(https://a.example/b_(c))", ["https://a.example/b_(c)"]),
        ("HTTPS://A.example", ["HTTPS://A.example"]),
        ("mail ada@ada.example", []),
        ("hi @ada.example.", ["@ada.example"]),
        ("https://bsky.app/@ada.example#top", ["https://bsky.app/@ada.example#top"]),
        ("#1 is no tag, #2nd and #tag are", ["#2nd", "#tag"]),
        ("no facets", []),
    ],
)
def test_links_mentions_and_tags_are_marked(text: str, marked: list[str]) -> None:
    found = facets_of(text, lambda handle: f"did:plc:{handle}")
    spans = [(f["index"]["byteStart"], f["index"]["byteEnd"]) for f in found]
    assert [text.encode()[a:b].decode() for a, b in spans] == marked


def test_handles_are_asked_once_and_not_without_end() -> None:
    asked: list[str] = []

    def resolve(handle: str) -> str:
        asked.append(handle)
        return ""

    facets_of("@a.example @A.example " + " ".join(f"@b{n}.example" for n in range(9)), resolve)
    assert asked == ["a.example", "b0.example", "b1.example", "b2.example", "b3.example"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_facets_cut_bytes_where_characters_begin(before: str, after: str) -> None:
    text = f"{before} https://a.example/x {after}"
    text = text.encode("utf-8", "replace").decode()
    spans = []
    for facet in facets_of(text, lambda _: "did:plc:x"):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert text.encode()[start:end].decode()
        spans.append((start, end))
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


@given(
    moment=st.integers(1_640_995_200_000_000, 4_102_444_799_000_000),
    clock=st.integers(0, 1023),
    key=st.text(max_size=40),
)
def test_keys_are_tids_that_sort_by_time(moment: int, clock: int, key: str) -> None:
    tid = write_tid(moment, clock)
    assert TID.match(tid)
    assert microseconds_of(tid) == moment
    assert write_tid(moment + 1, 0) > tid
    parent = f"at://{GUEST}/{POST}/{tid}"
    mine = key_for(parent, key)
    assert TID.match(mine)
    assert mine == key_for(parent, key)
    assert 0 < microseconds_of(mine) - moment <= 1_000_000
    assert key_for(parent, key + "x") != mine


@pytest.mark.parametrize("rkey", ["self", "", "zzzzzzzzzzzzz", "2222222222222", "my.own:key~1"])
def test_a_post_with_a_key_of_its_own_is_answered_under_a_plausible_time(rkey: str) -> None:
    mine = key_for(f"at://{GUEST}/{POST}/{rkey}", "k")
    assert TID.match(mine)
    assert 2022 <= datetime.fromtimestamp(microseconds_of(mine) / 1e6, tz=UTC).year <= 2023
    assert mine == key_for(f"at://{GUEST}/{POST}/{rkey}", "k")


# Refusals and settings


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error("InvalidRequest", "Error: limit must be an integer", 400), Rejected),
        (error("InvalidRequest", "Could not locate record: at://x", 400), Gone),
        (error("AccountTakedown", "Account has been taken down", 400), AuthFailed),
        (error("UpstreamFailure", "Upstream Failure", 502), Unavailable),
        (error("InternalServerError", "Internal Server Error", 500), Unavailable),
        (error("MethodNotImplemented", "Method Not Implemented", 501), Unavailable),
        (error("Forbidden", "no", 403), AuthFailed),
        (Reply.html("<h1>403 Forbidden</h1>", 403), AuthFailed),
        (Reply.json(["x"], 400), Rejected),
        (Reply.json({"error": {"x": 1}}, 400), Rejected),
        (Reply.json({"notifications": None}), LayoutChanged),
    ],
)
def test_refusals_have_their_names(
    peer: ThisPeer, opened: list[BlueskyConnector], reply: Reply, expected: type[ConnectorError]
) -> None:
    peer.server.on(LISTED, reply)
    with pytest.raises(expected) as caught:
        connect(peer, opened).fetch({})
    assert "\n" not in str(caught.value)


def test_rates_are_read_as_bluesky_tells_them(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    reset = str(int((NOW + timedelta(seconds=90)).timestamp()))
    headers = {"RateLimit_Reset": reset, "Date": "-"}
    said = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
    peer.server.on(LISTED, Reply.json(said, 429, **headers))
    with pytest.raises(RateLimited) as caught:
        connect(peer, opened).fetch({})
    assert caught.value.retry_after is not None
    last = Reply.json({"notifications": []}, RateLimit_Remaining="0", RateLimit_Reset="45")
    peer.server.on(LISTED, last)
    assert connect(peer, opened).fetch({}).account_rests == timedelta(seconds=45)


def test_verify_tells_who_we_are_and_what_we_may(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    health = connect(peer, opened, queries=["coffee", "tea"]).verify()
    assert health.ok
    assert health.summary == "reads mentions and 2 searches and may answer as @harbour.example"
    public = connect(peer, opened, account=False, queries=["coffee"]).verify()
    assert (public.ok, public.summary) == (True, "reads one search in public; answers by hand")
    told = {"handle": "harbour.example", "active": False, "status": "suspended"}
    peer.server.on("/xrpc/com.atproto.server.getSession", Reply.json(told))
    health = connect(peer, opened).verify()
    assert (health.ok, health.summary) == (False, "@harbour.example is suspended")


def test_settings_are_checked() -> None:
    chosen = BlueskySettings.model_validate(
        {"queries": ["Harbour  Coffee", "coffee", "a lang:en", '"a b" c', "#tag more", "a -b"]}
    )
    assert chosen.queries == (
        '"Harbour Coffee"',
        "coffee",
        "a lang:en",
        '"a b" c',
        "#tag more",
        "a -b",
    )
    assert chosen.public_host() == "https://api.bsky.app"
    assert (
        BlueskySettings.model_validate(
            {"queries": ["a"], "base_url": "http://127.0.0.1:9/"}
        ).public_host()
        == "http://127.0.0.1:9"
    )
    account = {"identifier": "@harbour.example", "app_password": "env:X"}
    assert BlueskySettings.model_validate(account).identifier == "harbour.example"
    for bad in (
        {},
        {"identifier": "harbour.example"},
        {"app_password": "env:X", "queries": ["a"]},
        {**account, "notifications": False},
        {"queries": ['""']},
        {"queries": ["a"], "languages": ["english"]},
        {**account, "identifier": "a b"},
    ):
        with pytest.raises(ValidationError):
            BlueskySettings.model_validate(bad)


def test_budgets_stay_below_what_is_allowed() -> None:
    assert KIND.budgets_of is not None
    settings = BlueskySettings.model_validate({"queries": ["a"]})
    allowed = {"calls": 3000, "logins": 300, "points": 5000}
    for budget in KIND.budgets_of(settings):
        assert budget.burst is not None
        assert budget.amount + budget.burst <= allowed[budget.name]
    [points] = [b for b in KIND.budgets_of(settings) if b.name == "points"]
    assert points.amount * 24 + (points.burst or 0) <= 35_000


@given(
    times=st.lists(st.integers(1, 50), max_size=150),
    size=st.integers(1, 12),
    scrolls=st.booleans(),
)
def test_a_walk_ends_and_sees_everything(times: list[int], size: int, scrolls: bool) -> None:
    """By cursor or by window, a walk ends and sees all that no single moment hides."""
    posts = sorted(enumerate(times), key=lambda post: -post[1])
    walk: Walk | None = Walk("s", 1)
    seen: set[int] = set()
    crowded = False
    for _ in range(1000):
        if walk is None:
            break
        inside = [post for post in posts if not walk.until or post[1] < walk.until]
        start = int(walk.cursor or "0")
        shown = inside[start : start + size]
        seen |= {number for number, _ in shown}
        cursor = str(start + size) if start + size < len(inside) else ""
        taken = step(
            walk,
            [str(n) for n, _ in shown],
            [at for _, at in shown],
            cursor,
            windows=True,
            scrolls=scrolls,
            bounded=False,
        )
        crowded = crowded or taken.crowded
        walk = taken.following
    assert walk is None
    missed = {number for number, _ in posts} - seen
    repeats = any(times.count(moment) >= size for moment in times)
    assert not missed or (not scrolls and repeats)


KEYS = (
    "uri",
    "cid",
    "author",
    "did",
    "handle",
    "record",
    "text",
    "reply",
    "parent",
    "root",
    "facets",
    "features",
    "embed",
    "images",
    "viewer",
    "blockedBy",
    "langs",
    "indexedAt",
    "createdAt",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=25,
)


@given(JSON)
def test_a_post_of_any_shape_is_a_mention_or_a_problem(post: Any) -> None:
    told = {"uri": f"at://{GUEST}/{POST}/3lprdue7ggw26", **(post if isinstance(post, dict) else {})}
    for one in (post, told):
        with contextlib.suppress(ValueError):
            json.dumps(mention_of(one, own_did=OWN).raw)


# Recordings


def recorded(name: str) -> list[Exchange]:
    path = RECORDINGS / "bluesky" / name
    if not path.exists():
        pytest.skip("the recordings are not here")
    return read_cassette(path)


def test_recorded_notifications_are_replayed(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    [exchange] = recorded("n_notifications.yml")
    listed = exchange.json()["notifications"]
    wanted = {n["uri"] for n in listed if n["reason"] in ("mention", "reply", "quote")}
    assert len(wanted) == 18
    rest = Reply.json({"notifications": [], "seenAt": "2025-05-17T13:13:22.109Z"})
    peer.server.on(LISTED, Reply(body=exchange.body), rest)
    pages, cursor = drain(connect(peer, opened), {})
    assert set(found_in(pages)) == wanted
    assert not any(page.problems for page in pages)
    assert all(m.text and m.author_name and m.created_at for m in found_in(pages).values())
    assert cursor["newest"]["notifications"] > 1_747_000_000_000


def test_recorded_posts_are_understood() -> None:
    """Every recorded post view is found by its shape, independently of the connector."""
    folder = RECORDINGS / "bluesky"
    if not folder.exists():
        pytest.skip("the recordings are not here")
    count = 0
    for path in sorted(folder.glob("*.yml")):
        for exchange in read_cassette(path):
            if exchange.body[:1] not in (b"{", b"["):
                continue
            for view in views_in(exchange.json()):
                found = mention_of(view)
                count += 1
                assert found.external_id == view["uri"]
                assert found.created_at == datetime.fromisoformat(view["indexedAt"])
                assert found.author_id == view["author"]["did"]
                assert found.url.endswith(view["uri"].rpartition("/")[2])
                reply = view["record"].get("reply")
                assert found.kind == ("comment" if reply else "post")
    for path in sorted(folder.glob("*.json")):
        for view in views_in(json.loads(path.read_text(encoding="utf-8"))):
            count += 1
            assert mention_of(view).external_id == view["uri"]
    assert count >= 100


def views_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from views_in(one)
    elif isinstance(value, dict):
        wanted = {"uri", "cid", "author", "record", "indexedAt"} <= set(value)
        if wanted and value["record"].get("$type") == POST:
            yield value
        for one in value.values():
            yield from views_in(one)


def test_a_recorded_post_is_read(peer: ThisPeer, opened: list[BlueskyConnector]) -> None:
    [exchange] = recorded("f_getposts.yml")
    [post] = exchange.json()["posts"]
    peer.server.on("/xrpc/app.bsky.feed.getPosts", Reply(body=exchange.body))
    found = connect(peer, opened, account=False, queries=["x"]).read(MentionRef(post["uri"]))
    assert found is not None
    assert (found.external_id, found.author_name) == (post["uri"], post["author"]["displayName"])


def test_recorded_logins_and_answers_are_replayed(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    [refused] = recorded("repo_auth_cache.yml")
    peer.server.on(LOGIN, Reply(refused.status, refused.body))
    with pytest.raises(AuthFailed):
        connect(peer, opened).fetch({})
    [session] = recorded("repo_auth_direct.yml")
    peer.server.on(LOGIN, Reply(body=session.body))
    peer.server.on(LISTED, Reply.json({"notifications": []}))
    assert connect(peer, opened).fetch({}).mentions == ()
    created = recorded("r_post_reply.yml")[-1]
    assert created.uri.endswith("createRecord")
    peer.server.on(LOGIN, peer._answer)
    peer.server.on(CREATED, Reply(body=created.body))
    post = peer.write("Cold coffee", reason="mention")
    receipt = connect(peer, opened).reply(ref_of(post), "We are sorry", "k")
    assert receipt.external_id == created.json()["uri"]
    [record] = recorded("r_getRecord.yml")
    told = record.json()
    peer.server.on("/xrpc/com.atproto.repo.getRecord", Reply(body=record.body))
    connector = connect(peer, opened)
    assert connector.find_reply(ref_of(post), "another text", "k") is None, "it answers nothing"
    assert link_to(told["uri"]).startswith("https://bsky.app/profile/did:plc:")


def test_a_recorded_thread_is_searched_for_our_answer(
    peer: ThisPeer, opened: list[BlueskyConnector]
) -> None:
    path = RECORDINGS / "bluesky" / "thread_view_post_with_embed_media.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    found = json.loads(path.read_text(encoding="utf-8"))
    peer.server.on("/xrpc/app.bsky.feed.getPostThread", Reply.json(found))
    ref = MentionRef(found["thread"]["post"]["uri"])
    connector = connect(peer, opened)
    assert connector.find_reply(ref, "never written", "k") is None
    read = connector.read(ref)
    assert read is not None
    assert read.external_id == ref.external_id


def test_times_are_written_as_the_server_writes_them() -> None:
    assert written(NOW) == "2026-03-01T12:00:00.000Z"
