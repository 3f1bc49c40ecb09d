"""Reddit: listings that end early, refusals that look like success, texts that others delete."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
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
from connectors.reddit import KIND, RedditConnector, RedditSettings
from connectors.reddit.api import agent_of
from connectors.reddit.refusals import wait_in
from connectors.reddit.things import mention_of
from connectors.reddit.walk import Walk, step
from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW
from connectors.vault import MemoryVault, Vault
from tests.connectors.peers.reddit import PASSWORD, SECRET, START, US, ThisPeer
from tests.support.cassettes import RECORDINGS, Exchange, read_cassette
from tests.support.spending import CountingMeter

NEW, COMMENTS = "/r/harbour/new", "/r/harbour/comments"
COMMENT = "/api/comment"
GRANT = "/api/v1/access_token"


@pytest.fixture
def opened() -> Iterator[list[RedditConnector]]:
    connectors: list[RedditConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer,
    opened: list[RedditConnector],
    *,
    vault: Vault | None = None,
    meter: CountingMeter | None = None,
    now: datetime = NOW,
    account: bool = True,
    **said: Any,
) -> RedditConnector:
    told = {**peer.settings, **said}
    if not account:
        del told["password"]
    chosen = RedditSettings.model_validate(told)
    counted = meter or CountingMeter()
    context = Context("r", now=lambda: now, vault=vault or MemoryVault(), meter=counted)
    opened.append(RedditConnector(chosen, context))
    return opened[-1]


def drain(connector: RedditConnector, cursor: Any) -> tuple[list[Page], Any]:
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


def ref_of(thing: dict[str, Any], **said: Any) -> MentionRef:
    return MentionRef(thing["data"]["name"], **said)


def listing(*things: Any, after: str | None = None) -> Reply:
    data = {"modhash": "", "children": list(things), "after": after, "before": None}
    return Reply.json({"kind": "Listing", "data": data})


# Reading


def test_posts_and_comments_are_read_page_by_page_to_the_end(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    posts = [peer.post(f"Post {n}") for n in range(230)]
    comments = [peer.comment(f"Comment {n}", posts[n % 7]) for n in range(310)]
    pages, cursor = drain(connect(peer, opened, inbox=[]), {})
    wanted = {thing["data"]["name"] for thing in posts + comments}
    assert set(found_in(pages)) == wanted
    assert set(cursor) == {"newest", "same"}
    peer.server.requests.clear()
    pages, again = drain(connect(peer, opened, inbox=[]), cursor)
    assert again == cursor
    assert [page.unchanged for page in pages] == [True]
    assert [r.path for r in peer.server.requests] == [GRANT, NEW, COMMENTS]


def test_a_burst_is_read_back_to_what_is_known_also_after_a_restart(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    peer.post("Known", created_utc=float(START - 90_000))
    _, cursor = drain(connect(peer, opened, inbox=[]), {})
    for n in range(350):
        peer.post(f"Burst {n}", created_utc=float(START + n // 40))
    first = connect(peer, opened, inbox=[]).fetch(cursor)
    assert first.more
    assert first.next_cursor["newest"] == cursor["newest"]
    peer.post("In between")
    pages, cursor = drain(
        connect(peer, opened, inbox=[]), json.loads(json.dumps(first.next_cursor))
    )
    assert {f"Burst {n}" for n in range(350)} <= texts_in([first, *pages])
    pages, _ = drain(connect(peer, opened, inbox=[]), cursor)
    assert "In between" in texts_in(pages)


def test_what_was_deleted_since_does_not_stop_the_reading(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    """Reddit's own ``before`` would give nothing here, because the newest known thing is gone."""
    for n in range(5):
        peer.post(f"Post {n}")
    _, cursor = drain(connect(peer, opened), {})
    peer.remove("Post 4")
    peer.post("A new one")
    pages, _ = drain(connect(peer, opened), cursor)
    assert "A new one" in texts_in(pages)
    assert not any(request.get("before") for request in peer.server.requests)


def test_a_listing_that_ends_too_early_is_told(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    peer.post("Known", created_utc=float(START - 90_000))
    _, cursor = drain(connect(peer, opened, inbox=[]), {})
    for n in range(1050):
        peer.post(f"Burst {n}", created_utc=float(START + n))
    pages, _ = drain(connect(peer, opened, inbox=[]), cursor)
    assert len(found_in(pages)) == 1000
    assert [p.where for page in pages for p in page.problems] == ["new:harbour"]


def test_searches_and_each_part_of_the_inbox_have_their_own_mark(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Our coffee")
    peer.post("Our tea")
    peer.comment("u/harbourcoffee please", post, box="mentions")
    peer.comment("An answer", post, box="comments")
    peer.comment("To your post", post, box="selfreply")
    peer.message("In private")
    said = {"subreddits": [], "queries": ["coffee"]}
    parts = ["mentions", "comments", "selfreply", "messages"]
    pages, cursor = drain(connect(peer, opened, **said, inbox=parts), {})
    found = found_in(pages).values()
    assert {(m.kind, m.text, m.addressed_to_us) for m in found} == {
        ("post", "Our coffee", False),
        ("comment", "u/harbourcoffee please", True),
        ("comment", "An answer", True),
        ("comment", "To your post", True),
        ("message", "In private", True),
    }
    assert set(cursor["newest"]) == {"search:coffee", *(f"inbox:{part}" for part in parts)}
    asked = next(r for r in peer.server.requests if r.path == "/search")
    assert dict(asked.query) == {
        "q": "coffee",
        "sort": "new",
        "type": "link",
        "t": "year",
        "limit": "100",
        "raw_json": "1",
    }


def test_the_same_comment_in_a_subreddit_and_in_the_inbox_is_one(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    comment = peer.comment("u/HarbourCoffee please", peer.post("A post"), box="mentions")
    pages, _ = drain(connect(peer, opened), {})
    twice = [m for page in pages for m in page.mentions if m.kind == "comment"]
    assert len(twice) == 2
    for one in twice:
        assert one.external_id == comment["data"]["name"]
        assert one.addressed_to_us
        assert (one.raw or {})["link_id"] == comment["data"]["link_id"]
        assert one.url == f"https://www.reddit.com{comment['data']['permalink']}"
    assert twice[0].text == twice[1].text


def test_names_choose_from_a_subreddit_that_is_about_more(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    peer.post("Something else")
    post = peer.post("It was cold", title="HARBOUR coffee again")
    peer.post("", title="A list", url="https://harbour-coffee.example/")
    peer.comment("Harbour Coffeehouse", post)
    peer.comment("harbour\n\ncoffee!", post)
    peer.comment("ask u/harbourcoffee", post)
    pages, _ = drain(connect(peer, opened, names=["Harbour Coffee"]), {})
    assert texts_in(pages) == {"It was cold", "A list", "harbour\n\ncoffee!", "ask u/harbourcoffee"}


def test_our_own_posts_are_no_mentions(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    post = peer.post("We open at eight", author="HarbourCoffee")
    peer.comment("Yes, at eight", post, author=US)
    peer.comment("Thank you", post)
    pages, _ = drain(connect(peer, opened), {})
    assert texts_in(pages) == {"Thank you"}


def test_fields_of_a_post_and_of_a_comment(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    post = peer.post("Cold <b>& late\r\n", title="My  visit", edited=float(START + 99))
    comment = peer.comment("So was mine", post, locked=True)
    link = peer.post("", title="A review", url="https://blog.example/x", archived=True)
    pages, _ = drain(connect(peer, opened, inbox=[]), {})
    found = found_in(pages)
    one = found[post["data"]["name"]]
    assert (one.kind, one.title, one.text) == ("post", "My visit", "Cold <b>& late")
    assert (one.author_name, one.author_id) == ("ada", "ada")
    assert one.author_url == "https://www.reddit.com/user/ada"
    assert one.edited_at == datetime.fromtimestamp(START + 99, tz=UTC)
    assert one.created_at == datetime.fromtimestamp(post["data"]["created_utc"], tz=UTC)
    assert (one.parent_external_id, one.locked, one.deleted) == ("", "", False)
    two = found[comment["data"]["name"]]
    assert (two.kind, two.title, two.parent_external_id) == ("comment", "", one.external_id)
    assert (two.locked, two.edited_at) == ("the moderators have locked it", None)
    three = found[link["data"]["name"]]
    assert (three.text, three.title) == ("A review", "")
    assert three.locked == "it is too old to be answered"
    assert (three.raw or {})["link"] == "https://blog.example/x"


@pytest.mark.parametrize(
    ("said", "deleted", "author"),
    [
        ({"selftext": "[deleted]", "author": "[deleted]"}, True, ""),
        ({"selftext": "[removed]"}, True, "ada"),
        ({"selftext": "[ Removed by Reddit ]"}, True, "ada"),
        ({"selftext": "x", "removed_by_category": "moderator"}, True, "ada"),
        ({"selftext": "x", "removed_by_category": None}, False, "ada"),
        ({"selftext": "I wrote [deleted] once"}, False, "ada"),
        ({"selftext": "x", "author": "[deleted]"}, False, ""),
        ({"selftext": "x", "author": None}, False, ""),
    ],
)
def test_what_authors_and_moderators_take_away(
    said: dict[str, Any], deleted: bool, author: str
) -> None:
    data = {"name": "t3_abc", "title": "T", "author": "ada", **said}
    found = mention_of({"kind": "t3", "data": data})
    assert (found.deleted, found.author_id) == (deleted, author)
    assert bool(found.text) != deleted


def test_broken_things_are_reported_and_the_others_read(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    good = peer.post("Good")
    odd: list[Any] = [
        None,
        7,
        {"kind": "t1"},
        {"kind": "t5", "data": {"name": "t5_abc", "display_name": "x"}},
        {"kind": "t1", "data": {"name": "t1_abc", "body": None}},
        {"kind": "t1", "data": {"name": "../../x", "body": "x"}},
        {"kind": "more", "data": {"children": ["a"], "count": 3}},
        {"kind": "t1", "data": {"id": "abd", "body": "no name \0 \ud800", "created_utc": "x"}},
        {"kind": "t3", "data": {"name": "t3_abe", "title": "t" * 5000, "created_utc": 1e30}},
    ]
    peer.server.on(NEW, listing(*odd, good))
    page = connect(peer, opened).fetch({})
    assert [m.external_id for m in page.mentions] == [good["data"]["name"], "t3_abe", "t1_abd"]
    assert [p.reason for p in page.problems] == [
        "it has no name",
        "it has no text",
        "it has no name",
        "it has no name",
        "it has no name",
        "it has no name",
    ]


def test_a_listing_that_goes_round_does_not_keep_us_busy(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Again")
    name = post["data"]["name"]
    for replies in ([listing(post, after=name)], [listing(post, after="t3_a"), listing(post)]):
        peer.server.on(NEW, *replies)
        peer.server.requests.clear()
        drain(connect(peer, opened, inbox=[]), {})
        assert len([r for r in peer.server.requests if r.path == NEW]) == 2
    endless = iter(range(10_000))
    peer.server.on(
        NEW,
        lambda request: listing(
            {"kind": "t3", "data": {"name": f"t3_{next(endless)}", "title": "x"}},
            after=f"t3_x{next(endless)}",
        ),
    )
    pages, _ = drain(connect(peer, opened, inbox=[]), {})
    assert len(pages) < 40


def test_one_closed_subreddit_does_not_silence_the_others(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    peer.post("Heard")
    private = {"reason": "private", "message": "Forbidden", "error": 403}
    for kind in ("new", "comments"):
        peer.server.on(f"/r/secret/{kind}", Reply.json(private, 403))
    connector = connect(peer, opened, subreddits=["secret", "nowhere", "harbour"], inbox=[])
    pages, cursor = drain(connector, {})
    assert texts_in(pages) == {"Heard"}
    assert [p.where for page in pages for p in page.problems] == [
        "new:secret",
        "comments:secret",
        "new:nowhere",
        "comments:nowhere",
    ]
    assert set(cursor["newest"]) == {"new:harbour"}
    with pytest.raises(AuthFailed, match="private"):
        connect(peer, opened, subreddits=["secret"], inbox=[]).fetch({})
    with pytest.raises(Gone, match="no r/nowhere"):
        connect(peer, opened, subreddits=["nowhere"], inbox=[]).fetch({})
    peer.revoke()
    with pytest.raises(AuthFailed):
        connect(peer, opened, subreddits=["secret", "harbour"]).fetch({})


def test_a_cursor_that_is_not_ours_starts_anew(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    peer.post("First")
    good = Walk("new:harbour").dump()
    for odd in (
        {"walk": 5},
        {"walk": {**good, "since": "x"}},
        {"walk": {**good, "stream": "new:gone"}},
        {"newest": {"new:harbour": "x", "new:gone": 1}, "same": {"new:harbour": 4}},
        {"newest": 3},
    ):
        pages, cursor = drain(connect(peer, opened), odd)
        assert texts_in(pages) == {"First"}
        assert set(cursor["newest"]) == {"new:harbour"}


# The token


def test_a_token_is_kept_and_renewed_where_it_is_refused(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    vault, meter = MemoryVault(), CountingMeter()
    for _ in range(3):
        connect(peer, opened, vault=vault, meter=meter).fetch({})
    assert peer.grants == 1
    assert peer.forms == [{"grant_type": "password", "username": US, "password": PASSWORD}]
    assert meter.spent == {"calls": peer.requests()}
    peer.expire()
    connect(peer, opened, vault=vault).fetch({})
    assert peer.grants == 2
    connect(peer, opened, vault=vault, now=NOW + timedelta(hours=1)).fetch({})
    assert peer.grants == 3


def test_each_way_to_a_token(
    peer: ThisPeer, opened: list[RedditConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(peer, opened, account=False).fetch({})
    assert peer.forms == [{"grant_type": "client_credentials"}]
    monkeypatch.setenv("TEST_REDDIT_REFRESH", "r3fresh")
    said = {"refresh_token": "env:TEST_REDDIT_REFRESH"}
    connect(peer, opened, account=False, **said).fetch({})
    assert peer.forms[-1] == {"grant_type": "refresh_token", "refresh_token": "r3fresh"}
    vault = MemoryVault()

    def rotate(request: Request) -> Reply:
        given = peer._answer(request)
        return Reply.json({**json.loads(given.body), "refresh_token": "rotated"})

    peer.server.on(GRANT, rotate)
    connect(peer, opened, account=False, vault=vault, **said).fetch({})
    peer.expire()
    connect(peer, opened, account=False, vault=vault, **said).fetch({})
    assert peer.forms[-1] == {"grant_type": "refresh_token", "refresh_token": "rotated"}


def test_another_user_does_not_inherit_the_token(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    vault = MemoryVault()
    connect(peer, opened, vault=vault).fetch({})
    connect(peer, opened, vault=vault, account=False).fetch({})
    assert peer.grants == 2


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply.json({"error": "invalid_grant"}), AuthFailed),
        (
            Reply.json(
                {
                    "error": "unauthorized_client",
                    "error_description": "Only script apps may use password auth",
                }
            ),
            AuthFailed,
        ),
        (Reply.json({"message": "Unauthorized", "error": 401}, 401), AuthFailed),
        (Reply.json({"message": "Bad Request", "error": 400}, 400), AuthFailed),
        (Reply.html("<h1>403</h1>whoa there, pardner!", 403), AuthFailed),
        (Reply.html("<h1>slow</h1>", 429, Retry_After="4"), RateLimited),
        (Reply(502), Unavailable),
        (Reply.html("<p>no token"), LayoutChanged),
    ],
)
def test_a_refused_token_has_its_name(
    peer: ThisPeer, opened: list[RedditConnector], reply: Reply, expected: type[Exception]
) -> None:
    peer.server.on(GRANT, reply)
    with pytest.raises(expected) as caught:
        connect(peer, opened).fetch({})
    assert PASSWORD not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_missing_secret_is_a_failed_login(
    peer: ThisPeer, opened: list[RedditConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_REDDIT_PASSWORD")
    with pytest.raises(AuthFailed, match="env:TEST_REDDIT_PASSWORD"):
        connect(peer, opened).fetch({})
    assert peer.requests() == 0


def test_every_request_says_who_we_are_in_reddits_own_form(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    connect(peer, opened).fetch({})
    agents = {request.headers["User-Agent"] for request in peer.server.requests}
    assert agents == {f"python:rapport:v0.1 (by /u/{US})"}
    assert agent_of("odd", "x") == "python:rapport:v0 (by /u/x)"


# Reading one


def test_what_is_gone_and_what_is_not(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    post = peer.post("Cold coffee")
    connector = connect(peer, opened)
    found = connector.read(ref_of(post))
    assert found is not None
    assert (found.text, found.deleted) == ("Cold coffee", False)
    peer.remove("Cold coffee")
    gone = connector.read(ref_of(post))
    assert gone is not None
    assert (gone.deleted, gone.text, gone.author_id) == (True, "", "")
    assert connector.read(MentionRef("t1_0")) is None
    message = peer.message("In private")
    read = connector.read(ref_of(message))
    assert read is not None
    assert (read.kind, read.title, read.text) == ("message", "A question", "In private")
    assert connector.read(MentionRef("t4_zzz")) is None
    for bad in ("", "abc", "t5_abc", "t1_abc,t1_abd", "t1_../x", "t1_" + "a" * 40):
        for call in (
            lambda c, n: c.read(MentionRef(n)),
            lambda c, n: c.reply(MentionRef(n), "x", "k"),
            lambda c, n: c.find_reply(MentionRef(n), "x", "k"),
        ):
            with pytest.raises(Rejected, match="no name"):
                call(connector, bad)


def test_a_direct_read_tells_our_answer(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    post = peer.post("Cold coffee")
    comment = peer.comment("Mine too", post)
    connector = connect(peer, opened)
    for thing in (post, comment):
        before = connector.read(ref_of(thing))
        assert before is not None
        assert before.our_reply == ""
        peer.comment("We are sorry", thing, author=US)
        after = connector.read(ref_of(thing))
        assert after is not None
        assert after.our_reply == "We are sorry"
        assert after.our_reply_at is not None
    post["data"]["locked"] = True
    below = connector.read(ref_of(comment))
    assert below is not None
    assert below.locked == "the moderators have locked it", "a locked post locks what is below"
    peer.server.on(f"/comments/{post['data']['id']}", Reply.json({"error": 403}, 404))
    closed = connector.read(ref_of(post))
    assert closed is not None
    assert (closed.our_reply, closed.locked) == ("", "the moderators have locked it")


# Answering


def test_an_answer_is_sent_as_reddit_wants_it(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Cold coffee")
    receipt = connect(peer, opened).reply(ref_of(post), "Sorry & <thanks> = 100 %", "k")
    sent = peer.server.requests[-1]
    assert sent.form == {
        "api_type": "json",
        "thing_id": post["data"]["name"],
        "text": "Sorry & <thanks> = 100 %",
    }
    assert receipt.state == "visible"
    assert receipt.url.startswith("https://www.reddit.com/r/harbour/comments/")
    assert receipt.text == "Sorry & <thanks> = 100 %"
    message = peer.message("In private")
    private = connect(peer, opened).reply(ref_of(message), "Of course", "k")
    assert private.external_id.startswith("t4_")
    there = connect(peer, opened).find_reply(ref_of(message), "Of course", "k")
    assert there is not None
    assert there.external_id == private.external_id


@pytest.mark.parametrize(
    ("errors", "expected", "words"),
    [
        ([["RATELIMIT", "try again in 9 minutes.", "ratelimit"]], RateLimited, "RATELIMIT"),
        ([["THREAD_LOCKED", "Comments are locked.", "parent"]], Rejected, "locked: "),
        ([["TOO_OLD", "that's a piece of history now", "parent"]], Rejected, "locked: "),
        ([["DELETED_COMMENT", "that comment has been deleted", "parent"]], Gone, "DELETED"),
        ([["DELETED_LINK", "that link has been deleted", "parent"]], Gone, "DELETED_LINK"),
        ([["NO_TEXT", "we need something here", "text"]], Rejected, "NO_TEXT"),
        ([["SUBREDDIT_NOTALLOWED", "you aren't allowed to post there.", "sr"]], Rejected, "SUBR"),
        ([["USER_REQUIRED", "Please log in to do that.", None]], AuthFailed, "USER_REQUIRED"),
        ([["SERVER_ERROR"]], UnknownOutcome, "SERVER_ERROR"),
        (["SOMETHING_NEW"], Rejected, "SOMETHING_NEW"),
        ([[]], Rejected, "without a name"),
    ],
)
def test_a_refusal_inside_a_good_answer_is_no_success(
    peer: ThisPeer,
    opened: list[RedditConnector],
    errors: list[Any],
    expected: type[ConnectorError],
    words: str,
) -> None:
    post = peer.post("Cold coffee")
    peer.errors = errors
    with pytest.raises(expected, match=words) as caught:
        connect(peer, opened).reply(ref_of(post), "Sorry", "k")
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(minutes=9)
    assert peer.published() == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply.json({"json": {"errors": [], "data": {"things": []}}}),
        Reply.json({"json": {"errors": []}}),
        Reply.json({"json": {"errors": None}}),
        Reply.json({"json": {"errors": [], "data": {"things": [{"kind": "t1"}]}}}),
        Reply.json({}),
        Reply.json([1]),
        Reply.html("<p>ok"),
        Reply(204),
        Reply(500),
        Reply(fault="drop"),
    ],
)
def test_an_answer_that_is_not_shown_is_unknown(
    peer: ThisPeer, opened: list[RedditConnector], reply: Reply
) -> None:
    post = peer.post("Cold coffee")
    connector = connect(peer, opened)
    connector.verify()
    peer.server.on(COMMENT, reply)
    with pytest.raises(UnknownOutcome):
        connector.reply(ref_of(post), "Sorry", "k")


def test_only_our_own_answer_right_below_is_found(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Cold coffee")
    comment = peer.comment("Mine too", post)
    other = peer.comment("And mine", post)
    text = "We are sorry; the machine is *mended*."
    peer.comment(text, comment)
    peer.comment(text, other, author=US)
    deep = peer.comment("Deeper", peer.comment("Deep", comment))
    peer.comment(text, deep, author=US)
    connector = connect(peer, opened)
    for ref in (ref_of(comment), ref_of(post)):
        assert connector.find_reply(ref, text, "k") is None
    ours = peer.comment(text, comment, author="HarbourCoffee")
    for raw in ({}, {"link_id": post["data"]["name"]}):
        there = connector.find_reply(ref_of(comment, raw=raw), text, "k")
        assert there is not None
        assert there.external_id == ours["data"]["name"]
    assert connector.find_reply(ref_of(comment), "Another text", "k") is None
    with pytest.raises(Gone):
        connector.find_reply(MentionRef("t1_zzz"), text, "k")


def test_in_a_thread_that_is_shown_in_part_our_own_comments_are_searched(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Cold coffee")
    ours = peer.comment("We are sorry", post, author=US)
    more = {"kind": "more", "data": {"children": ["x"], "count": 9, "id": "_", "name": "t1__"}}
    listings = [
        {"kind": "Listing", "data": {"children": [post], "after": None}},
        {"kind": "Listing", "data": {"children": [more], "after": None}},
    ]
    peer.server.on(f"/comments/{post['data']['id']}", Reply.json(listings))
    there = connect(peer, opened).find_reply(ref_of(post), "We are sorry", "k")
    assert there is not None
    assert there.external_id == ours["data"]["name"]


def test_below_a_comment_that_its_thread_does_not_show_our_own_comments_are_searched(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Cold coffee")
    comment = peer.comment("Mine was cold, too", post)
    ours = peer.comment("We are sorry", comment, author=US)
    path = f"/comments/{post['data']['id']}/_/{comment['data']['id']}"
    empty = {"kind": "Listing", "data": {"children": [], "after": None}}
    peer.server.on(path, Reply.json([empty, empty]))
    connector = connect(peer, opened)
    there = connector.find_reply(ref_of(comment), "We are sorry", "k")
    assert there is not None
    assert there.external_id == ours["data"]["name"]
    assert connector.find_reply(ref_of(comment), "Another text", "k") is None


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001])
def test_what_does_not_fit_is_refused_before_it_is_sent(
    peer: ThisPeer, opened: list[RedditConnector], text: str
) -> None:
    with pytest.raises(Rejected):
        connect(peer, opened).reply(ref_of(peer.post("x")), text, "k")
    assert peer.requests() == 0


def test_without_an_account_there_is_no_answer(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    connector = connect(peer, opened, account=False)
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported):
            call(MentionRef("t1_a"), "Sorry", "k")
    told = {**peer.settings}
    assert KIND.capabilities_of is not None
    with_one = KIND.capabilities_of(RedditSettings.model_validate(told))
    assert (with_one.can_reply, with_one.reply_mode) == (True, "append")
    del told["password"]
    without = KIND.capabilities_of(RedditSettings.model_validate(told))
    assert (without.can_reply, without.reply_mode) == (False, "manual")
    assert without.recheck_within == timedelta(hours=48)


# Refusals, rates and settings


@pytest.mark.parametrize(
    ("reply", "expected", "words"),
    [
        (
            Reply.json(
                {"message": "Forbidden", "error": 403},
                403,
                WWW_Authenticate='Bearer realm="reddit", error="insufficient_scope"',
            ),
            AuthFailed,
            "lacks a scope",
        ),
        (Reply.json({"error": 403}, 403), AuthFailed, "403"),
        (Reply.json({"reason": "banned", "message": "Not Found", "error": 404}, 404), Gone, "ban"),
        (Reply.json({"message": "Not Found", "error": 404}, 404), Gone, "404"),
        (Reply(451), Rejected, "451"),
        (Reply.html("<h1>busy</h1>", 429), RateLimited, "slow down"),
        (Reply.json({"message": "Too Many Requests", "error": 429}, 429), RateLimited, "slow"),
        (Reply(503), Unavailable, "503"),
        (Reply.html("<html>you broke reddit</html>"), LayoutChanged, "instead of JSON"),
        (Reply.json({"kind": "Listing", "data": {}}), LayoutChanged, "no listing"),
    ],
)
def test_refusals_of_a_listing_have_their_names(
    peer: ThisPeer,
    opened: list[RedditConnector],
    reply: Reply,
    expected: type[ConnectorError],
    words: str,
) -> None:
    peer.server.on(NEW, reply)
    with pytest.raises(expected, match=words):
        connect(peer, opened).fetch({})


def test_a_validation_error_is_told_in_reddits_words(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    post = peer.post("Cold coffee")
    said = {
        "fields": ["text"],
        "explanation": "this community wants more words",
        "message": "Bad Request",
        "reason": "BODY_TOO_SHORT",
    }
    peer.server.on(COMMENT, Reply.json(said, 400))
    with pytest.raises(Rejected, match="BODY_TOO_SHORT this community wants more words"):
        connect(peer, opened).reply(ref_of(post), "Sorry", "k")
    limited = {**said, "reason": "RATELIMIT", "explanation": "try again in 2 minutes"}
    peer.server.on(COMMENT, Reply.json(limited, 400))
    with pytest.raises(RateLimited) as caught:
        connect(peer, opened).reply(ref_of(post), "Sorry", "k")
    assert caught.value.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("you are doing that too much. try again in 9 minutes.", 540),
        ("Looks like you've been doing that a lot. Take a break for 5 seconds", 5),
        ("try again in 1 minute", 60),
        ("take a break for 2 hours and 3 minutes", 7380),
        ("take a break for 1 day", 86_400),
        ("take a break for 250 milliseconds", 0.25),
    ],
)
def test_waiting_times_are_read_from_sentences(text: str, seconds: float) -> None:
    found = wait_in(text)
    assert found is not None
    assert found.total_seconds() == seconds


def test_a_sentence_without_a_time_names_none() -> None:
    assert wait_in("you are doing that too much") is None
    assert wait_in("12345678901234567890 minutes") is None


def test_the_account_rests_when_its_calls_are_used_up(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    data = {"children": [], "after": None}
    said = {"kind": "Listing", "data": data}
    rates = {"x_ratelimit_remaining": "0.0", "x_ratelimit_reset": "318", "x_ratelimit_used": "600"}
    peer.server.on(NEW, Reply.json(said, **rates))
    peer.server.on(COMMENTS, Reply.json(said, **rates))
    page = connect(peer, opened, inbox=[]).fetch({})
    assert page.account_rests == timedelta(seconds=318)


def test_verify_tells_who_we_are_and_what_we_may(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    health = connect(peer, opened, queries=["coffee"]).verify()
    assert health.ok
    assert health.summary == (
        "reads r/harbour, searches, the inbox and may answer as u/harbourcoffee"
    )
    public = connect(peer, opened, account=False).verify()
    assert (public.ok, public.summary) == (True, "reads r/harbour; answers by hand")
    peer.server.on("/api/v1/me", Reply.json({"name": US, "is_suspended": True}))
    assert not connect(peer, opened).verify().ok
    peer.server.on("/api/v1/me", Reply.json({"name": "somebody"}))
    assert "belongs to u/somebody" in connect(peer, opened).verify().summary


def test_settings_are_checked() -> None:
    good = {"client_id": "a", "client_secret": "env:S", "username": "/u/harbourcoffee"}
    chosen = RedditSettings.model_validate(
        {
            **good,
            "subreddits": ["r/Coffee", "/r/tea/"],
            "queries": ["Harbour  Coffee", "acme", "title:acme cold", "a OR b"],
        }
    )
    assert chosen.username == "harbourcoffee"
    assert chosen.subreddits == ("Coffee", "tea")
    assert chosen.queries == ('"Harbour Coffee"', "acme", "title:acme cold", "a OR b")
    assert chosen.token_host() == "https://www.reddit.com"
    moved = {**good, "subreddits": ["tea"], "base_url": "http://127.0.0.1:9/"}
    assert RedditSettings.model_validate(moved).token_host() == "http://127.0.0.1:9"
    for bad in (
        good,
        {**good, "password": "env:P", "inbox": []},
        {**good, "subreddits": ["a b"]},
        {**good, "subreddits": ["../x"]},
        {**good, "queries": ["!"]},
        {**good, "names": ["!"], "subreddits": ["tea"]},
        {**good, "username": "a b", "subreddits": ["tea"]},
        {**good, "client_secret": "plain", "subreddits": ["tea"]},
    ):
        with pytest.raises(ValidationError):
            RedditSettings.model_validate(bad)


def test_budgets_stay_below_what_is_allowed() -> None:
    assert KIND.budgets_of is not None
    told = {"client_id": "a", "client_secret": "env:S", "username": "abc", "subreddits": ["tea"]}
    [budget] = KIND.budgets_of(RedditSettings.model_validate(told))
    assert budget.burst is not None
    assert budget.amount + budget.burst == 1000
    assert budget.per == timedelta(minutes=10)


@given(
    times=st.lists(st.integers(1, 50), max_size=150),
    size=st.integers(7, 40),
    since=st.integers(0, 60),
)
def test_a_walk_ends_and_sees_all_that_is_newer_than_what_is_known(
    times: list[int], size: int, since: int
) -> None:
    things = sorted(enumerate(times), key=lambda thing: -thing[1])
    walk: Walk | None = Walk("s", since)
    seen: set[int] = set()
    for _ in range(100):
        if walk is None:
            break
        start = int(walk.after or "0")
        shown = things[start : start + size]
        seen |= {number for number, _ in shown}
        after = str(start + size) if start + size < len(things) else ""
        taken = step(walk, [f"t{n}" for n, _ in shown], [at for _, at in shown], after)
        walk = taken.following
    assert walk is None
    assert {number for number, at in things if at >= since} <= seen


KEYS = (
    "kind",
    "data",
    "name",
    "id",
    "body",
    "selftext",
    "title",
    "author",
    "permalink",
    "context",
    "parent_id",
    "link_id",
    "created_utc",
    "edited",
    "removed_by_category",
    "locked",
    "url",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=25,
)


@given(JSON)
def test_a_thing_of_any_shape_is_a_mention_or_a_problem(thing: Any) -> None:
    inner = thing if isinstance(thing, dict) else {}
    for one in (thing, {"kind": "t1", "data": {"name": "t1_abc", "body": "x", **inner}}):
        with contextlib.suppress(ValueError):
            json.dumps(mention_of(one, username=US).raw)


# Recordings


def cassettes() -> list[Path]:
    folder = RECORDINGS / "reddit"
    if not folder.exists():
        pytest.skip("the recordings are not here")
    return sorted(folder.glob("*.json"))


def answered(exchange: Exchange) -> Reply:
    kept = ("content-type", "retry-after", "www-authenticate", "location")
    headers = {
        name: value
        for name, value in exchange.headers.items()
        if name in kept or name.startswith("x-ratelimit")
    }
    return Reply(exchange.status, exchange.body, headers)


def listed_in(exchange: Exchange) -> list[dict[str, Any]]:
    """Return the comments, posts and messages of a recorded listing, by their kind alone."""
    if exchange.body[:1] != b"{":
        return []
    data = exchange.json().get("data")
    things = data.get("children") if isinstance(data, dict) else None
    return [t for t in things or [] if t.get("kind") in ("t1", "t3", "t4")]


def test_every_recorded_listing_is_read_whole(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    """Each recorded page of a file is served in turn where the subreddit's posts are."""
    count = 0
    for path in cassettes():
        pages = [e for e in read_cassette(path) if listed_in(e) and e.method == "GET"]
        if not pages:
            continue
        wanted = {thing["data"]["name"] for e in pages for thing in listed_in(e)}
        # The last page repeats for ever, as with a server that knows nothing else.
        peer.server.on(NEW, *map(answered, pages))
        for number, exchange in enumerate(pages[:-1]):
            if not exchange.json()["data"].get("after"):
                peer.server.on(NEW, *map(answered, pages[: number + 1]))
                wanted = {t["data"]["name"] for e in pages[: number + 1] for t in listed_in(e)}
                break
        connector = connect(peer, opened, inbox=[], username="nobody-at-all")
        peer.server.on("/api/v1/access_token", Reply.json({"access_token": "x"}))
        peer.server.on(COMMENTS, listing())
        found, _ = drain(connector, {})
        others = [p for page in found for p in page.problems]
        assert set(found_in(found)) == wanted, path.name
        assert not others, (path.name, others)
        for mention in found_in(found).values():
            assert mention.created_at is not None
            assert mention.text or mention.deleted
            assert mention.url or mention.kind == "message"
        count += len(wanted)
    assert count >= 1300


def test_recorded_inboxes_and_searches_are_read(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    served = {
        "TestInbox.test_comment_replies.json": ("/message/comments", {"inbox": ["comments"]}, 64),
        "TestInbox.test_submission_replies.json": (
            "/message/selfreply",
            {"inbox": ["selfreply"]},
            64,
        ),
        "TestSubreddit.test_search.json": ("/search", {"queries": ["praw"], "inbox": []}, 0),
    }
    tried = 0
    for path in cassettes():
        if path.name not in served:
            continue
        where, said, count = served[path.name]
        exchange = read_cassette(path)[-1]
        things = listed_in(exchange)
        assert len(things) >= count
        peer.server.on(where, answered(exchange), listing())
        pages, _ = drain(connect(peer, opened, subreddits=[], **said), {})
        assert set(found_in(pages)) == {t["data"]["name"] for t in things}
        assert all(m.addressed_to_us == ("message" in where) for m in found_in(pages).values())
        tried += 1
    assert tried == 3


def test_recorded_streams_go_on_from_where_they_were(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    for path in cassettes():
        if not path.name.startswith("TestSubredditStreams"):
            continue
        first, second = [e for e in read_cassette(path) if listed_in(e)]
        where, other = (NEW, COMMENTS) if "submissions" in path.name else (COMMENTS, NEW)
        peer.server.on(other, listing())
        peer.server.on(where, Reply.json(whole(first)))
        connector = connect(peer, opened, inbox=[], username="nobody-at-all")
        peer.server.on(GRANT, Reply.json({"access_token": "x"}))
        pages, cursor = drain(connector, {})
        assert set(found_in(pages)) == {t["data"]["name"] for t in listed_in(first)}
        merged = whole(second)
        merged["data"]["children"] += listed_in(first)
        peer.server.on(where, Reply.json(merged))
        pages, _ = drain(connector, cursor)
        assert {t["data"]["name"] for t in listed_in(second)} <= set(found_in(pages))


def whole(exchange: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = exchange.json()
    found["data"]["after"] = None
    return found


def test_every_recorded_token_answer_has_its_name(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    given_, refused = 0, 0
    for path in cassettes():
        for exchange in read_cassette(path):
            if "/access_token" not in exchange.uri:
                continue
            peer.server.on(GRANT, answered(exchange))
            peer.server.on(NEW, listing())
            peer.server.on(COMMENTS, listing())
            connector = connect(peer, opened, inbox=[])
            if exchange.status == 200 and "access_token" in exchange.json():
                assert connector.fetch({}).mentions == ()
                given_ += 1
            else:
                with pytest.raises(AuthFailed):
                    connector.fetch({})
                refused += 1
    assert given_ >= 40
    assert refused == 4


READ_ERRORS = {
    302: Gone,
    401: AuthFailed,
    403: AuthFailed,
    404: Gone,
    451: Rejected,
    502: Unavailable,
    503: Unavailable,
}


def test_every_recorded_refusal_has_its_name(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    reads = writes = 0
    post = peer.post("Cold coffee")
    for path in cassettes():
        for exchange in read_cassette(path):
            if "/access_token" in exchange.uri or "revoke" in exchange.uri:
                continue
            if exchange.method == "GET" and exchange.status >= 400:
                peer.server.on(NEW, answered(exchange))
                with pytest.raises(READ_ERRORS[exchange.status]):
                    connect(peer, opened).fetch({})
                reads += 1
            elif exchange.method != "GET":
                peer.server.on(COMMENT, answered(exchange))
                body = exchange.body
                expected: type[ConnectorError] | None = UnknownOutcome
                if exchange.status == 400 or b"SUBREDDIT_EXISTS" in body:
                    expected = Rejected
                elif b'"things": [{' in body:
                    expected = None
                writes += 1
                if expected is None:
                    receipt = connect(peer, opened).reply(ref_of(post), "Test reply", "k")
                    assert receipt.external_id == "t1_d162ara"
                    continue
                with pytest.raises(expected):
                    connect(peer, opened).reply(ref_of(post), "Sorry", "k")
    assert reads >= 10
    assert writes >= 14


def test_recorded_single_reads_tell_what_is_gone(
    peer: ThisPeer, opened: list[RedditConnector]
) -> None:
    told: dict[str, FoundMention | None] = {}
    for path in cassettes():
        for exchange in read_cassette(path):
            if "/api/info" not in exchange.uri:
                continue
            name = next(part for part in exchange.uri.split("id=")[1].split("&"))
            peer.server.on("/api/info", answered(exchange))
            told[name] = connect(peer, opened).read(MentionRef(name))
    assert told["t1_0"] is None
    for name, deleted in (("t1_d1616q2", True), ("t1_d7ltvl0", True), ("t1_cklhv0f", False)):
        found = told[name]
        assert found is not None
        assert found.deleted is deleted
    assert len(told) == 5


def test_recorded_threads_are_searched(peer: ThisPeer, opened: list[RedditConnector]) -> None:
    tried = 0
    for path in cassettes():
        for exchange in read_cassette(path):
            if "/comments/" not in exchange.uri or exchange.body[:1] != b"[":
                continue
            post = exchange.json()[0]["data"]["children"][0]["data"]
            peer.server.on(f"/comments/{post['id']}", answered(exchange))
            ref = MentionRef(post["name"])
            assert connect(peer, opened).find_reply(ref, "never written", "k") is None
            tried += 1
    assert tried >= 4
