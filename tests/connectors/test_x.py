"""X: walks from new to old without gaps, edits under one id, prices, and who may be answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
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
from connectors.outcomes import Answer
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.vault import MemoryVault
from connectors.x import KIND, XConnector, XSettings
from connectors.x.errors import explaining
from connectors.x.ids import id_at, made_at
from connectors.x.length import weighted_length
from connectors.x.posts import Reader, listing_of, mention_of
from tests.connectors.peers.x import BEARER, GUEST, OWN, ThisPeer, not_found, problem
from tests.support.cassettes import RECORDINGS, Exchange, read_cassette

MENTIONS = f"/2/users/{OWN['id']}/mentions"
SEARCH = "/2/tweets/search/recent"


class Till:
    """Counts what is spent, and has so many dollars."""

    def __init__(self, dollars: float = 100.0, answers: float = 0.0) -> None:
        self.dollars = dollars
        self.answers = answers
        self.used: dict[str, float] = {}

    def spend(self, budget: str, amount: float = 1.0) -> None:
        room = {"reading": self.dollars, "answering": self.answers}.get(budget, 1e9)
        if self.used.get(budget, 0.0) + amount >= room:
            raise RateLimited(f"the budget {budget} is used up", timedelta(hours=3))
        self.used[budget] = self.used.get(budget, 0.0) + amount

    def charge(self, budget: str, amount: float) -> None:
        self.used[budget] = self.used.get(budget, 0.0) + amount


def connect(
    peer: ThisPeer,
    now: datetime = NOW,
    meter: Till | None = None,
    vault: MemoryVault | None = None,
    **said: Any,
) -> XConnector:
    chosen = XSettings.model_validate({**peer.settings, **said})
    context = Context("x", now=lambda: now, meter=meter or Till(), vault=vault or MemoryVault())
    return XConnector(chosen, context)


def drain(connector: XConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(80):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, raw=dict(found.raw or {}))


def test_many_pages_are_read_down_to_the_last_walk(peer: ThisPeer) -> None:
    for n in range(250):
        peer.add(f"Complaint {n}")
    found, cursor = drain(connect(peer), {})
    assert {m.text for m in found} == {f"@harbour Complaint {n}" for n in range(250)}
    newest = max(peer.posts, key=int)
    assert cursor == {"mentions": {"newest": newest, "settled": True}}
    peer.add("One more")
    peer.server.requests.clear()
    found, _ = drain(connect(peer), cursor)
    assert [m.text for m in found] == ["@harbour One more"]
    assert peer.server.requests[0].get("since_id") == newest


def test_a_restart_in_the_middle_of_a_walk_leaves_no_gap(peer: ThisPeer) -> None:
    for n in range(30):
        peer.add(f"Complaint {n}")
    _, cursor = drain(connect(peer), {})
    for n in range(30, 60):
        peer.add(f"Complaint {n}")
    peer.limit = 10
    found = set()
    for step in range(20):
        page = connect(peer).fetch(cursor)
        found |= {m.text for m in page.mentions}
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if step == 1:
            peer.add("Came during the walk")
        if not page.more:
            break
    later, _ = drain(connect(peer), cursor)
    assert {f"@harbour Complaint {n}" for n in range(30, 60)} <= found
    assert [m.text for m in later] == ["@harbour Came during the walk"]


def test_a_page_token_that_was_kept_too_long_begins_the_walk_anew(peer: ThisPeer) -> None:
    peer.limit = 10
    for n in range(35):
        peer.add(f"Complaint {n}")
    page = connect(peer).fetch({})
    assert page.more
    refused = problem(400, "Invalid Request", "The 'pagination_token' value is not valid")
    peer.server.on(MENTIONS, refused, peer._answer)
    found, _ = drain(connect(peer), page.next_cursor)
    assert len({m.external_id for m in found}) == 35
    peer.server.on(MENTIONS, refused)
    with pytest.raises(Rejected):
        drain(connect(peer), page.next_cursor)


def test_a_walk_that_x_refuses_to_go_on_with_ends_and_is_told(peer: ThisPeer) -> None:
    """Beginning anew for ever would cost money for ever."""
    peer.limit = 10
    for n in range(35):
        peer.add(f"Complaint {n}")
    refused = problem(400, "Invalid Request", "The 'pagination_token' value is not valid")
    peer.server.otherwise(lambda r: refused if r.get("pagination_token") else peer._answer(r))
    cursor: Any = {}
    problems = 0
    for _ in range(6):
        page = connect(peer).fetch(cursor)
        problems += len(page.problems)
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            break
    assert (page.more, problems) == (False, 1)
    assert cursor == {"mentions": {"newest": max(peer.posts, key=int), "settled": True}}
    peer.add("Later")
    assert [m.text for m in drain(connect(peer), cursor)[0]] == ["@harbour Later"]


def test_what_reaches_the_search_late_is_found_while_that_can_happen(peer: ThisPeer) -> None:
    peer.write(GUEST, "@harbour first", at=NOW - timedelta(seconds=30))
    _, cursor = drain(connect(peer), {})
    assert cursor["mentions"]["settled"] is False
    peer.write(GUEST, "@harbour late", at=NOW - timedelta(seconds=60))
    found, cursor = drain(connect(peer), cursor)
    assert "@harbour late" in {m.text for m in found}
    later = NOW + timedelta(minutes=5)
    _, cursor = drain(connect(peer, later), cursor)
    assert cursor["mentions"]["settled"] is True
    assert drain(connect(peer, later), cursor) == ([], cursor)


def test_a_server_that_heeds_no_since_id_does_not_keep_us_busy(peer: ThisPeer) -> None:
    for n in range(3):
        peer.add(f"Complaint {n}")
    _, cursor = drain(connect(peer), {})
    newest = cursor["mentions"]["newest"]
    body = {
        "data": [peer.posts[newest]],
        "meta": {"result_count": 1, "newest_id": newest, "next_token": "for-ever"},
    }
    peer.server.on(MENTIONS, Reply.json(body))
    peer.server.requests.clear()
    _, again = drain(connect(peer), cursor)
    assert (again, len(peer.server.requests)) == (cursor, 1)
    drain(connect(peer), {})
    assert len(peer.server.requests) == 3, "the same token twice ends a walk"


def test_mentions_and_a_search_are_read_in_turn(peer: ThisPeer) -> None:
    peer.limit = 10
    for n in range(15):
        peer.add(f"Coffee {n}")
        peer.write(GUEST, f"Coffee somewhere {n}")
    said = {"query": "coffee -is:retweet"}
    found, cursor = drain(connect(peer, **said), {})
    assert len({m.external_id for m in found}) == 30
    assert {m.external_id for m in found if m.addressed_to_us} == {
        p["id"] for p in peer.posts.values() if "@harbour" in p["text"]
    }
    assert set(cursor) == {"mentions", "search"}
    peer.server.requests.clear()
    page = connect(peer, **said).fetch(cursor)
    assert (page.unchanged, dict(page.next_cursor)) == (True, cursor)
    assert peer.server.paths() == [MENTIONS, SEARCH]
    asked = peer.server.requests[1]
    assert asked.get("query") == "coffee -is:retweet"
    assert asked.get("max_results") == "100"


def test_the_search_forgets_a_watermark_from_before_its_window(peer: ThisPeer) -> None:
    peer.write(GUEST, "coffee one", at=NOW - timedelta(days=1))
    said = {"query": "coffee", "mentions": False}
    _, cursor = drain(connect(peer, **said), {})
    later = NOW + timedelta(days=9)
    drain(connect(peer, later, **said), cursor)
    assert peer.server.requests[-1].get("since_id") == ""
    peer.server.on(
        SEARCH, problem(400, "Invalid Request", "'since_id' must be larger than 1"), peer._answer
    )
    found, _ = drain(connect(peer, **said), cursor)
    assert [m.text for m in found] == ["coffee one"]


def test_the_first_reading_reaches_back_as_far_as_wanted(peer: ThisPeer) -> None:
    peer.write(GUEST, "@harbour coffee long ago", at=NOW - timedelta(days=20))
    peer.write(GUEST, "@harbour coffee lately", at=NOW - timedelta(days=2))
    assert len(drain(connect(peer), {})[0]) == 2
    found, cursor = drain(connect(peer, history_days=7, query="coffee"), {})
    assert {m.text for m in found} == {"@harbour coffee lately"}
    asked = {r.path: r.get("since_id") for r in peer.server.requests}
    assert asked[MENTIONS] == id_at(NOW - timedelta(days=7))
    assert asked[SEARCH] == "", "the search's own window is no longer"
    found, _ = drain(connect(peer, history_days=1, query="coffee", mentions=False), {})
    assert found == []
    assert peer.server.requests[-1].get("since_id") == id_at(NOW - timedelta(days=1))
    assert drain(connect(peer, history_days=7, query="coffee"), cursor) == ([], cursor)


def test_fields_of_a_post(peer: ThisPeer) -> None:
    post = peer.write(GUEST, "@harbour cold &amp; late")
    [found], _ = drain(connect(peer), {})
    assert (found.kind, found.addressed_to_us, found.language) == ("post", True, "en")
    assert (found.author_name, found.author_id) == ("Ada", "77")
    assert found.author_url == "https://x.com/ada"
    assert found.url == f"https://x.com/ada/status/{post['id']}"
    assert found.text == "@harbour cold & late"
    assert found.created_at == NOW - timedelta(hours=1)
    assert found.raw == {"latest": post["id"], "summoned": True}
    below = peer.write(GUEST, "@harbour again", parent=post["id"])
    [_, found] = sorted(drain(connect(peer), {})[0], key=lambda m: int(m.external_id))
    assert (found.kind, found.parent_external_id) == ("comment", post["id"])
    assert found.external_id == below["id"]


def test_an_edit_is_the_same_mention_and_answered_at_its_latest_version(peer: ThisPeer) -> None:
    peer.add("cold")
    connector = connect(peer)
    [before], cursor = drain(connector, {})
    peer.edit("cold", "warm now")
    [after], _ = drain(connector, cursor)
    assert after.external_id == before.external_id
    assert (after.text, after.created_at) == ("@harbour warm now", before.created_at)
    latest = (after.raw or {})["latest"]
    assert latest != before.external_id
    assert after.edited_at == made_at(latest)
    there = connector.read(MentionRef(before.external_id))
    assert there is not None
    assert (there.external_id, there.text) == (before.external_id, "@harbour warm now")
    connector.reply(ref_of(after), "Thank you", "k")
    sent = json.loads(peer.server.requests[-1].body)
    assert sent["reply"] == {"in_reply_to_tweet_id": latest}


def test_long_posts_and_odd_ones(peer: ThisPeer) -> None:
    items: list[Any] = [
        None,
        {"id": "x"},
        {"id": "9"},
        {"id": "1456012973835788293", "text": "short…", "note_tweet": {"text": "the whole"},
         "entities": None, "referenced_tweets": {"type": "replied_to"}, "author_id": 5,
         "edit_history_tweet_ids": "x"},
        {"id": "99999999999999999999", "text": "far", "created_at": "never"},
        {"id": "20", "text": "the first days", "created_at": "2006-03-21T20:50:14.000Z"},
    ]  # fmt: skip
    peer.server.on(MENTIONS, Reply.json({"data": items, "meta": {"result_count": 6}}))
    page = connect(peer).fetch({})
    assert [m.text for m in page.mentions] == ["the whole", "far", "the first days"]
    assert len(page.problems) == 3
    assert page.mentions[0].url == "https://x.com/i/status/1456012973835788293"
    one = {"data": {"id": "20", "text": "alone"}, "meta": {"result_count": 1}}
    peer.server.on(MENTIONS, Reply.json(one))
    assert [m.text for m in connect(peer).fetch({}).mentions] == ["alone"]


def test_partial_errors_beside_data_spoil_nothing(peer: ThisPeer) -> None:
    peer.add("cold")
    post = next(iter(peer.posts.values()))
    suspended = {"title": "Not Found Error", "resource_type": "user", "resource_id": "77",
                 "type": "https://api.twitter.com/2/problems/resource-not-found"}  # fmt: skip
    body = {"data": [post], "errors": [suspended], "meta": {"result_count": 1}}
    peer.server.on(MENTIONS, Reply.json(body))
    page = connect(peer).fetch({})
    assert ([m.author_name for m in page.mentions], page.problems) == ([""], ())


@pytest.mark.parametrize(
    "body",
    [
        {"meta": {"result_count": 3}},
        {"data": None},
        {"data": "x", "meta": {}},
        {},
        {"meta": None},
    ],
)
def test_no_posts_are_emptiness_only_where_x_says_so(peer: ThisPeer, body: Any) -> None:
    peer.server.on(MENTIONS, Reply.json(body))
    with pytest.raises(LayoutChanged):
        connect(peer).fetch({})


def test_errors_in_a_good_answer_without_data(peer: ThisPeer) -> None:
    for kind, error in (
        ("resource-not-found", Gone),
        ("not-authorized-for-resource", AuthFailed),
        ("invalid-request", Rejected),
    ):
        told = {"title": "x", "type": f"https://api.twitter.com/2/problems/{kind}"}
        peer.server.on(MENTIONS, Reply.json({"errors": [told]}))
        with pytest.raises(error):
            connect(peer).fetch({})


def test_our_own_posts_are_no_mentions(peer: ThisPeer) -> None:
    peer.write(OWN, "coffee from @harbour")
    peer.write(GUEST, "coffee for me")
    found, _ = drain(connect(peer, query="coffee"), {})
    assert [m.text for m in found] == ["coffee for me"]
    found, _ = drain(connect(peer, query="coffee", user_id="", refresh_token=None), {})
    assert [m.text for m in found] == ["coffee for me"]


POST: dict[str, Any] = {"id": "1456012973835788293", "text": "coffee", "author_id": "77"}


@pytest.mark.parametrize(
    ("more", "summoned"),
    [
        ({}, False),
        ({"text": "ask @Harbour about it"}, True),
        ({"text": "ask @harbourmaster, or mail a@harbour"}, False),
        ({"in_reply_to_user_id": OWN["id"]}, True),
        ({"entities": {"mentions": [{"id": OWN["id"], "username": "renamed"}]}}, True),
        ({"entities": {"mentions": [{"username": "HARBOUR"}]}}, True),
        ({"entities": {"mentions": [{"id": "5", "username": "harbour"}]}}, False),
        ({"entities": {"urls": [{"expanded_url": "https://x.com/harbour/status/20"}]}}, True),
        ({"entities": {"urls": [{"expanded_url": "https://x.com/else/status/20"}]}}, False),
        ({"referenced_tweets": [{"type": "quoted", "id": "20"}]}, True),
        ({"referenced_tweets": [{"type": "retweeted", "id": "20"}]}, False),
        (
            {
                "text": "RT @ada: @harbour is cold",
                "referenced_tweets": [{"type": "retweeted", "id": "20"}],
            },
            False,
        ),
        ({"entities": [], "referenced_tweets": [None, {"type": "quoted"}]}, False),
    ],
)
def test_who_spoke_to_us(more: Mapping[str, Any], summoned: bool) -> None:
    others = {"20": {"id": "20", "author_id": OWN["id"]}}
    reader = Reader(OWN["id"], "harbour")
    found = mention_of({**POST, **more}, reader, others=others)
    assert found.addressed_to_us is summoned
    locked = mention_of({**POST, **more, "reply_settings": "following"}, reader, others=others)
    assert bool(locked.locked) is not summoned


def test_reading_one_post(peer: ThisPeer) -> None:
    peer.add("cold")
    [ident] = peer.posts
    connector = connect(peer)
    there = connector.read(MentionRef(ident))
    assert there is not None
    assert (there.text, there.author_name) == ("@harbour cold", "Ada")
    peer.posts.clear()
    assert connector.read(MentionRef(ident)) is None
    path = f"/2/tweets/{ident}"
    kind = "https://api.twitter.com/2/problems/not-authorized-for-resource"
    hidden = {"errors": [{"title": "Authorization Error", "resource_type": "tweet", "type": kind}]}
    for gone in (Reply.json(hidden), not_found(ident), problem(404, "Not Found Error")):
        peer.server.on(path, gone)
        assert connector.read(MentionRef(ident)) is None
    for odd in (Reply.json({}), Reply.json({"data": []}), Reply.json({"data": [5]})):
        peer.server.on(path, odd)
        with pytest.raises(ConnectorError):
            connector.read(MentionRef(ident))


def test_an_answer_is_sent_as_our_account_and_found_again(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    connector = connect(peer)
    text = "Sorry! See https://harbour.example/hours and www.harbour.example"
    assert connector.find_reply(ref_of(found), text, "k") is None
    receipt = connector.reply(ref_of(found), text, "k")
    sent = peer.server.requests[-1]
    assert sent.headers["Authorization"] == "Bearer access-1"
    assert json.loads(sent.body) == {
        "text": text,
        "reply": {"in_reply_to_tweet_id": found.external_id},
    }
    stands = peer.posts[receipt.external_id]
    stands["text"] = "@ada Sorry! See https://t.co/abc and https://t.co/def"
    stands["entities"] = {
        "urls": [
            {"url": "https://t.co/abc", "expanded_url": "https://harbour.example/hours"},
            {"url": "https://t.co/def", "expanded_url": "http://www.harbour.example"},
        ]
    }
    there = connect(peer).find_reply(ref_of(found), text, "k")
    assert there is not None
    assert (there.external_id, there.state) == (receipt.external_id, "visible")
    assert there.url == f"https://x.com/i/status/{receipt.external_id}"
    assert connector.find_reply(ref_of(found), "Another text", "k") is None
    stands["referenced_tweets"] = [{"type": "replied_to", "id": "5"}]
    assert connector.find_reply(ref_of(found), text, "k") is None


def test_find_reply_asks_who_we_are_and_reads_on(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    connector = connect(peer, user_id="", query="coffee")
    receipt = connector.reply(ref_of(found), "Sorry", "k")
    peer.limit = 10
    for n in range(25):
        peer.write(OWN, f"News {n}")
    there = connector.find_reply(ref_of(found), "Sorry", "k")
    assert there is not None
    assert there.external_id == receipt.external_id
    assert peer.server.paths().count("/2/users/me") == 1
    asked = peer.server.requests[-1]
    assert asked.get("since_id") == found.external_id
    for n in range(120):
        peer.write(OWN, f"More news {n}")
    with pytest.raises(Unavailable):
        connector.find_reply(ref_of(found), "Never written", "k")


def test_refresh_tokens_rotate_and_live_in_the_vault(peer: ThisPeer) -> None:
    for n in range(3):
        peer.add(f"Complaint {n}")
    found, _ = drain(connect(peer), {})
    vault = MemoryVault()
    connect(peer, vault=vault).reply(ref_of(found[0]), "Sorry 0", "k0")
    assert (peer.renewals, (vault.get("x-user") or {})["refresh_token"]) == (1, "refresh-1")
    connect(peer, vault=vault).reply(ref_of(found[1]), "Sorry 1", "k1")
    assert peer.renewals == 1, "the access token is kept as well"
    later = NOW + timedelta(hours=3)
    connect(peer, later, vault=vault).reply(ref_of(found[2]), "Sorry 2", "k2")
    assert (vault.get("x-user") or {})["refresh_token"] == "refresh-2"
    body = peer.server.requests[-2]
    assert body.path == "/2/oauth2/token"
    assert body.form["refresh_token"] == "refresh-1"
    assert body.headers["Authorization"].startswith("Basic ")


def test_a_refused_refresh_token_gives_way_to_a_new_one(
    peer: ThisPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    vault = MemoryVault()
    vault.put("x-user", {"access_token": "", "refresh_token": "dead", "expires_at": "2026-01-01"})
    connect(peer, vault=vault).reply(ref_of(found), "Sorry", "k")
    assert (vault.get("x-user") or {})["refresh_token"] == "refresh-1"
    monkeypatch.setenv("TEST_X_REFRESH", "dead-too")
    vault.put("x-user", {"access_token": "", "refresh_token": "dead", "expires_at": "2026-01-01"})
    with pytest.raises(AuthFailed) as caught:
        connect(peer, vault=vault).reply(ref_of(found), "Sorry again", "k")
    assert "dead" not in repr(caught.value)


def test_a_public_client_names_itself_in_the_form(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    connect(peer, client_secret=None).reply(ref_of(found), "Sorry", "k")
    [asked] = [r for r in peer.server.requests if r.path == "/2/oauth2/token"]
    assert "Authorization" not in asked.headers
    assert asked.form["client_id"] == "client"


def test_without_a_refresh_token_answers_are_posted_by_hand(peer: ThisPeer) -> None:
    chosen = XSettings.model_validate({**peer.settings, "refresh_token": None})
    assert KIND.capabilities_of is not None
    assert KIND.answer_page is not None
    able = KIND.capabilities_of(chosen)
    assert (able.can_reply, able.reply_mode, able.needs_summons) == (False, "manual", True)
    ref = MentionRef("20", raw={"latest": "21"})
    assert KIND.answer_page(chosen, ref) == "https://x.com/intent/post?in_reply_to=21"
    connector = connect(peer, refresh_token=None)
    with pytest.raises(NotSupported):
        connector.reply(ref, "Sorry", "k")
    assert able.can_find_reply
    post = peer.write(GUEST, "coffee is cold")
    by_hand = peer.write(OWN, "Sorry", parent=post["id"])
    there = connector.find_reply(MentionRef(post["id"]), "Sorry", "k")
    assert there is not None
    assert there.external_id == by_hand["id"]
    nobody = connect(peer, refresh_token=None, user_id="", query="coffee")
    with pytest.raises(NotSupported):
        nobody.find_reply(ref, "Sorry", "k")
    with_token = KIND.capabilities_of(XSettings.model_validate(peer.settings))
    assert (with_token.reply_mode, with_token.recheck_within) == ("append", timedelta(hours=24))


def test_who_did_not_speak_to_us_is_answered_by_hand(peer: ThisPeer) -> None:
    peer.write(GUEST, "coffee is cold")
    [found], _ = drain(connect(peer, query="coffee", mentions=False), {})
    assert not found.addressed_to_us
    till = Till()
    with pytest.raises(Rejected, match="post this answer by hand"):
        connect(peer, meter=till).reply(ref_of(found), "Sorry", "k")
    assert till.used["reading"] == pytest.approx(0.0)


def test_the_same_text_twice_is_refused(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    connector = connect(peer)
    connector.reply(ref_of(found), "Sorry", "k")
    with pytest.raises(Rejected, match="posted there already"):
        connector.reply(ref_of(found), "Sorry", "k")


def test_an_unreadable_answer_to_a_write_is_unknown(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    till = Till()
    connector = connect(peer, meter=till)
    for reply in (Reply.html("<html>", 201), Reply.json({"data": {}}, 201), Reply.json([], 201)):
        peer.server.on("/2/tweets", reply)
        with pytest.raises(UnknownOutcome):
            connector.reply(ref_of(found), "Sorry", "k")
    peer.server.on("/2/tweets", Reply(fault="drop"))
    with pytest.raises(UnknownOutcome):
        connector.reply(ref_of(found), "Sorry", "k")
    assert till.used["reading"] == pytest.approx(0.04), "what may have been sent stays booked"


def test_every_post_and_user_is_booked_once(peer: ThisPeer) -> None:
    for n in range(3):
        peer.add(f"coffee {n}")
    till = Till()
    connector = connect(peer, meter=till)
    _, cursor = drain(connector, {})
    assert till.used["reading"] == pytest.approx(3 * 0.001 + 0.010)
    drain(connector, cursor)
    assert till.used["reading"] == pytest.approx(0.013)
    till = Till()
    drain(connect(peer, meter=till, query="coffee", mentions=False, author_names=False), {})
    assert till.used["reading"] == pytest.approx(3 * 0.005)
    assert till.used["calls"] == 1
    till = Till()
    connector = connect(peer, meter=till)
    ident = next(iter(peer.posts))
    connector.read(MentionRef(ident))
    connector.read(MentionRef(ident))
    assert till.used["reading"] == pytest.approx(0.015)


def test_an_answer_is_booked_before_it_is_sent(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    till = Till(0.015)
    connector = connect(peer, meter=till)
    with pytest.raises(RateLimited, match=r"today's cap of \$5 is used up"):
        connector.reply(ref_of(found), "Sorry, see https://harbour.example", "k")
    assert peer.published() == []
    connector.reply(ref_of(found), "Sorry", "k")
    assert till.used == pytest.approx({"reading": 0.01, "replies": 1, "calls": 1})


def test_no_room_is_told_before_anything_is_asked(peer: ThisPeer) -> None:
    peer.add("cold")
    connector = connect(peer, meter=Till(0.0), daily_cap=0.5)
    with pytest.raises(RateLimited, match=r"today's cap of \$0.5 is used up") as caught:
        connector.fetch({})
    assert (caught.value.retry_after, caught.value.budget) == (timedelta(hours=3), "reading")
    assert peer.requests() == 0
    assert KIND.budgets_of is not None
    budgets = {b.name: b for b in KIND.budgets_of(XSettings.model_validate(peer.settings))}
    dollars = budgets["reading"]
    assert (dollars.per, dollars.unit) == (timedelta(days=1), "USD")
    both = [dollars, budgets["answering"]]
    at_most = sum(each.amount + (each.burst or 0) for each in both)
    assert at_most == pytest.approx(5.0), "no 24 hours may cost more than the cap"
    assert set(budgets) == {"reading", "answering", "calls", "replies"}


def test_reading_does_not_starve_answers(peer: ThisPeer) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    till = Till(0.0, answers=0.25)
    connector = connect(peer, meter=till)
    with pytest.raises(RateLimited):
        connector.fetch({})
    connector.reply(ref_of(found), "Sorry", "k")
    assert till.used["answering"] == pytest.approx(0.01)
    with pytest.raises(Rejected):
        connector.reply(ref_of(found), "Sorry", "k")
    assert till.used["answering"] == pytest.approx(0.01), "what was refused is given back"


def test_verify_says_what_a_poll_costs(peer: ThisPeer) -> None:
    vault = MemoryVault()
    health = connect(peer, vault=vault).verify()
    assert health.ok
    assert health.summary == (
        "reads mentions of @harbour; a poll without news costs nothing, a full page of 100 posts "
        "up to $1.10, a day at most $5; may answer who speaks to the account"
    )
    health = connect(peer, query="coffee", user_id="", refresh_token=None, page_size=10).verify()
    assert "up to $0.15" in health.summary
    assert "by hand" in health.summary
    assert not connect(peer, username="another", vault=vault).verify().ok
    peer.server.on("/2/users/me", Reply.json({"data": {"id": "5", "username": "x"}}))
    assert "another account" in connect(peer, vault=vault).verify().summary


ERRORS: list[tuple[Reply, type[ConnectorError], str]] = [
    (problem(401, "Unauthorized"), AuthFailed, "Unauthorized"),
    (problem(403, "Forbidden", "client-not-enrolled", "https://api.x.com/2/problems/client-forbidden"),
     AuthFailed, "refused us"),
    (problem(402, "CreditsDepleted", "Your account does not have any credits"), AuthFailed,
     "console.x.com"),
    (problem(403, "Forbidden", "You have used up your credits"), AuthFailed, "credits are used up"),
    (problem(404, "Not Found Error"), Gone, "not there"),
    (problem(400, "Invalid Request", "One or more parameters to your request was invalid."),
     Rejected, "parameters"),
    (problem(503, "Service Unavailable"), Unavailable, "out of order"),
    (problem(429, "Too Many Requests"), RateLimited, "slow down"),
    (Reply.json({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429), RateLimited,
     "Rate limit"),
    (Reply.json({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 400), RateLimited,
     ""),
    (Reply.json({"errors": [{"code": 89, "message": "Invalid or expired token."}]}, 401),
     AuthFailed, "Invalid or expired"),
    (Reply.json({"errors": [{"code": 144, "message": "No status found"}]}, 404), Gone, "144"),
    (Reply.json({"errors": [{"code": 130, "message": "Over capacity"}]}, 503), Unavailable, "130"),
    (Reply.json({"errors": [{"code": 326, "message": "locked"}]}, 403), AuthFailed, "326"),
    (Reply.json({"error": "Not Found", "request": "/1/x.json"}, 404), Gone, ""),
    (Reply.html("<html>over capacity</html>", 502), Unavailable, ""),
    (Reply.html("<html>slow down</html>", 429), RateLimited, ""),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "error", "words"), ERRORS, ids=lambda one: str(one)[-40:])
def test_errors_are_named(
    peer: ThisPeer, reply: Reply, error: type[ConnectorError], words: str
) -> None:
    peer.server.on(MENTIONS, reply)
    with pytest.raises(ConnectorError) as caught:
        connect(peer).fetch({})
    assert type(caught.value) is error
    assert words in str(caught.value)
    assert "?" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (problem(403, "Forbidden", "You are not permitted to perform this action."), Rejected),
        (problem(403, "Forbidden", "Your client app is not configured with write"), AuthFailed),
        (problem(400, "Invalid Request", "in_reply_to_tweet_id does not exist"), Gone),
        (problem(402, "CreditsDepleted", "no credits"), AuthFailed),
        (Reply.json({"errors": "Status is a duplicate."}, 403), Rejected),
        (Reply.json({"errors": [{"code": 187, "message": "duplicate"}]}, 403), Rejected),
        (Reply.json({"errors": [{"code": 433, "message": "who can reply"}]}, 403), Rejected),
        (Reply.json({"errors": [{"code": 131, "message": "Internal error"}]}, 500), UnknownOutcome),
        (problem(500, "Internal Server Error"), UnknownOutcome),
        (problem(429, "Too Many Requests"), RateLimited),
    ],
)  # fmt: skip
def test_refused_answers_are_named(
    peer: ThisPeer, reply: Reply, error: type[ConnectorError]
) -> None:
    peer.add("cold")
    [found], _ = drain(connect(peer), {})
    peer.server.on("/2/tweets", reply)
    with pytest.raises(ConnectorError) as caught:
        connect(peer).reply(ref_of(found), "Sorry", "k")
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("headers", "detail", "seconds"),
    [
        ({"x-rate-limit-reset": "1772366490", "Date": "-"}, "", 90),
        ({"Retry-After": "7"}, "", 7),
        ({"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1772370000",
          "x-rate-limit-reset": "1772366490", "Date": "-"}, "", 3600),
        ({"Date": "-"}, "Usage cap exceeded: Monthly product cap", 12 * 3600),
    ],
)  # fmt: skip
def test_waiting_times_are_read(
    peer: ThisPeer, headers: dict[str, str], detail: str, seconds: int
) -> None:
    body = json.dumps({"title": "UsageCapExceeded" if detail else "Too Many", "detail": detail})
    peer.server.on(MENTIONS, Reply(429, body.encode(), headers))
    with pytest.raises(RateLimited) as caught:
        connect(peer).fetch({})
    assert caught.value.retry_after == timedelta(seconds=seconds)


def test_the_last_call_lets_the_account_rest(peer: ThisPeer) -> None:
    last = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1772366500", "Date": "-"}
    peer.server.on(MENTIONS, Reply(200, b'{"meta":{"result_count":0}}', last))
    assert connect(peer).fetch({}).account_rests == timedelta(seconds=100)


def test_tokens_stay_out_of_messages(peer: ThisPeer) -> None:
    peer.server.on(MENTIONS, problem(401, "Unauthorized", f"Could not use {BEARER}"))
    with pytest.raises(AuthFailed) as caught:
        connect(peer).fetch({})
    assert BEARER not in repr(caught.value)


@pytest.mark.parametrize("ident", ["", "../me", "1/2", "a b", "x" * 30, "1" * 30])
def test_what_is_no_id_never_becomes_part_of_an_address(peer: ThisPeer, ident: str) -> None:
    for call in (
        lambda: connect(peer).read(MentionRef(ident)),
        lambda: connect(peer).reply(MentionRef(ident), "Sorry", "k"),
    ):
        with pytest.raises(Rejected, match="no id"):
            call()
    assert peer.requests() == 0


def test_settings_are_checked() -> None:
    good = {"bearer_token": "env:T", "query": "coffee"}
    assert XSettings.model_validate(good).base_url == "https://api.x.com/2"
    for bad in (
        {"query": ""},
        {"query": "", "user_id": "5", "mentions": False},
        {"bearer_token": "AAAA"},
        {"refresh_token": "env:R"},
        {"query": "x" * 513},
        {"user_id": "harbour"},
        {"daily_cap": 0},
    ):
        with pytest.raises(ValidationError):
            XSettings.model_validate({**good, **bad})


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        ("Grüße", 5),
        ("e\u0301", 1),
        ("see https://harbour.example/a/very/long/address?with=query&and=more.", 28),
        ("http://a.io", 23),
        ("harbour.com and more", 32),
        ("www.harbour.de", 23),
        ("Done.Thanks", 11),
        ("mail ada@harbour.com", 20),
        ("e.g. node.js", 12),
        ("日本語", 6),
        ("한국어", 6),
        ("Привет", 6),
        ("مرحبا", 5),
        ("👍", 2),
        ("👍🏽", 2),
        ("👩‍👩‍👧", 2),
        ("👩‍❤️‍💋‍👩", 2),
        ("👩‍👩‍👩‍👩‍👩", 5),
        ("🇩🇪🇫🇷", 4),
        ("❤️", 2),
        ("1️⃣", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("“quotes” – and … dots", 22),
        ("x" * 280, 280),
    ],
)
def test_length_is_weighted(text: str, length: int) -> None:
    assert weighted_length(text) == length


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=80))
def test_no_character_weighs_more_than_a_link_does(text: str) -> None:
    assert weighted_length(text) <= 23 * max(1, len(text)) + 2 * len(text)
    assert (weighted_length(text) > 0) == bool(text)


def test_a_reply_is_measured_before_it_is_sent(peer: ThisPeer) -> None:
    connector = connect(peer)
    with pytest.raises(Rejected, match="282 weighted characters, 280 fit"):
        connector.reply(MentionRef("20"), "日" * 141, "k")
    assert peer.requests() == 0
    assert connector.measure("日本") == 4
    assert connector.objections(" ")
    assert connector.objections("a\ufeffb")
    assert not connector.objections("Sorry")


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime(2011, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  made aware below
def test_ids_tell_their_moment(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    ident = str(int(id_at(moment)) + 1)
    made = made_at(ident)
    assert made is not None
    assert abs(made - moment) < timedelta(milliseconds=2)


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.text() | st.integers() | st.booleans(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["errors", "error", "title", "detail", "code", "data",
                                         "meta", "message", "statuses", "includes", "users"]),
                        inner, max_size=4)))  # fmt: skip
def test_any_body_is_read(body: Any) -> None:
    for status in (400, 403, 429):
        explaining(lambda: NOW)(Answer(status, {}, json.dumps(body).encode(), "https://x/1"), True)
    listing_of(body)


def exchanges(folder: str = "x") -> list[tuple[str, Exchange]]:
    found = []
    for path in sorted((RECORDINGS / folder).glob("*")):
        try:
            found += [(path.name, one) for one in read_cassette(path)]
        except (ValueError, AttributeError, KeyError):
            continue
    return found


def statuses_in(body: Any) -> list[dict[str, Any]]:
    """Find what is listed in a recorded answer, independently of the connector."""
    if isinstance(body, list):
        return [one for one in body if isinstance(one, dict) and "text" in one]
    for key in ("data", "statuses", "results"):
        if isinstance(body, dict) and isinstance(body.get(key), list):
            return [one for one in body[key] if "text" in one]
    return []


def test_recorded_pages_are_replayed_whole(peer: ThisPeer) -> None:
    replayed = 0
    for name, exchange in exchanges():
        if exchange.status != 200 or exchange.method != "GET":
            continue
        body = exchange.json()
        wanted = statuses_in(body)
        if not wanted:
            continue
        headers = {k: v for k, v in exchange.headers.items() if k.startswith("x-rate")}
        reply = Reply(200, exchange.body, headers)
        path, said = MENTIONS, {}
        if "search" in exchange.uri:
            path, said = SEARCH, {"query": "tweepy", "mentions": False}
        peer.server.on(path, reply, Reply.json({"meta": {"result_count": 0}}))
        now = datetime(2022, 10, 8, tzinfo=UTC)
        found, cursor = drain(connect(peer, now, **said), {})
        idents = {one.get("id_str") or one["id"] for one in wanted}
        assert {(m.raw or {})["latest"] for m in found} == idents, name
        stream = cursor["search" if said else "mentions"]
        assert stream["newest"] == max(idents, key=int)
        assert "walk" not in stream
        assert all(m.text and (m.created_at or int(m.external_id) < 3e10) for m in found)
        replayed += len(wanted)
    if not exchanges():
        pytest.skip("the recordings are not here")
    assert replayed >= 100


def test_recorded_writes_are_understood(peer: ThisPeer) -> None:
    made = [one for _, one in exchanges() if one.method == "POST" and one.status == 201]
    if not made:
        pytest.skip("the recordings are not here")
    for exchange in made:
        peer.server.on("/2/tweets", Reply(201, exchange.body))
        receipt = connect(peer).reply(MentionRef("20"), "Test Tweet", "k")
        peer.refresh = "refresh-0"
        said = exchange.json()["data"]
        assert (receipt.external_id, receipt.text) == (said["id"], said["text"])


def test_recorded_single_posts_are_read(peer: ThisPeer) -> None:
    single = [one for name, one in exchanges() if name == "test_client_get_tweet.yaml"]
    if not single:
        pytest.skip("the recordings are not here")
    for exchange in single:
        said = exchange.json()["data"]
        peer.server.on(f"/2/tweets/{said['id']}", Reply(200, exchange.body))
        there = connect(peer).read(MentionRef(said["id"]))
        assert there is not None
        assert there.external_id == said["id"]
        assert there.created_at == made_at(said["id"])


def test_the_old_shapes_are_understood(peer: ThisPeer) -> None:
    folder = RECORDINGS / "x_v1_fixtures"
    if not folder.exists():
        pytest.skip("the recordings are not here")
    for name, count in (("premium_search.json", 1), ("retweets.json", 1)):
        body = (folder / name).read_bytes()
        peer.server.on(SEARCH, Reply(200, body), Reply.json({"meta": {"result_count": 0}}))
        found, _ = drain(connect(peer, query="x", mentions=False), {})
        wanted = statuses_in(json.loads(body))
        assert len(found) == len(wanted) == count
        assert found[0].author_name
        assert found[0].author_url.startswith("https://x.com/")
        assert found[0].created_at is not None
    for name, error in (("not_found.json", Gone), ("already_posted.json", Rejected)):
        status = 404 if error is Gone else 403
        answer = Answer(status, {}, (folder / name).read_bytes(), "https://x.example/1")
        assert type(explaining(lambda: NOW)(answer, True)) is error
    peer.server.on(SEARCH, Reply(200, (folder / "ids_list.json").read_bytes()))
    with pytest.raises(LayoutChanged):
        connect(peer, query="x", mentions=False).fetch({})


def test_recorded_statuses_of_the_old_api_are_read_and_taken(peer: ThisPeer) -> None:
    names = ("testgetstatus.json", "testupdateanddestroystatus.json")
    old = [one for name, one in exchanges() if name in names]
    if not old:
        pytest.skip("the recordings are not here")
    for exchange in old:
        said = exchange.json()
        if "id_str" not in said:
            continue
        ident = said["id_str"]
        peer.server.on(f"/2/tweets/{ident}", Reply(200, exchange.body))
        there = connect(peer).read(MentionRef(ident))
        assert there is not None
        assert (there.external_id, there.author_name) == (ident, said["user"]["name"])
        peer.server.on("/2/tweets", Reply(200, exchange.body))
        peer.refresh = "refresh-0"
        assert connect(peer).reply(MentionRef("20"), "testing", "k").external_id == ident


def test_pages_are_what_the_core_expects(peer: ThisPeer) -> None:
    page = connect(peer).fetch({})
    assert isinstance(page, Page)
    assert page.unchanged is False, "the first reading notes that nothing was there"


def test_posts_of_the_first_years_have_numbers_for_ids() -> None:
    old = {
        "id": 36657062, "text": "@harbourcoffee the &amp;amp; in your menu is a mistake",
        "created_at": "Mon Apr 23 06:56:04 +0000 2007", "in_reply_to_status_id": 36657000,
        "in_reply_to_user_id": 106, "user": {"id": 17, "name": "Ada", "screen_name": "ada"},
    }  # fmt: skip
    for body in ([old], old, {"results": [old]}):
        listing = listing_of(body)
        assert listing is not None
        [post] = listing.posts
        found = mention_of(post, Reader("106", "harbourcoffee"), users=listing.users)
        assert (found.external_id, found.author_id, found.author_name) == ("36657062", "17", "Ada")
        assert (found.parent_external_id, found.addressed_to_us) == ("36657000", True)
        # X escapes once, so what is escaped twice was written so.
        assert found.text == "@harbourcoffee the &amp; in your menu is a mistake"
