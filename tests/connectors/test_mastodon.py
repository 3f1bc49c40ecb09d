"""Mastodon: reading without gaps, answering once, and its own way of counting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef
from connectors.errors import AuthFailed, Gone, RateLimited, Rejected
from connectors.http import Http
from connectors.lengths import graphemes
from connectors.mastodon import KIND, MastodonConnector, MastodonSettings
from connectors.mastodon.length import post_length
from connectors.mastodon.statuses import least_public, mention_of
from connectors.testing.http_server import LoopbackServer, Reply
from connectors.text import same_text
from tests.connectors.peers.mastodon import GUEST, OWN, ThisPeer
from tests.support.cassettes import RECORDINGS, Exchange, read_cassette

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def opened() -> Iterator[list[MastodonConnector]]:
    connectors: list[MastodonConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(peer: ThisPeer, opened: list[MastodonConnector], **said: Any) -> MastodonConnector:
    chosen = MastodonSettings.model_validate({**peer.settings, **said})
    opened.append(MastodonConnector(chosen, Context("m", now=lambda: NOW)))
    return opened[-1]


def drain(connector: MastodonConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(60):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention, **changed: Any) -> MentionRef:
    said = {"raw": found.raw, "language": found.language, **changed}
    return MentionRef(found.external_id, author_id=found.author_id, **said)


def test_more_than_a_page_is_read_without_gaps_and_oldest_first(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    for n in range(200):
        peer.add(f"Complaint {n}")
    found, cursor = drain(connect(peer, opened), {})
    assert [m.text for m in found] == [f"@harbour Complaint {n}" for n in range(200)]
    peer.add("One more")
    peer.server.requests.clear()
    found, _ = drain(connect(peer, opened), cursor)
    assert [m.text for m in found] == ["@harbour One more"]
    assert peer.server.requests[0].get("min_id") == cursor["last"]["mentions"]
    assert peer.server.requests[0].query[0] == ("types[]", "mention")


def test_fields_of_a_mention(peer: ThisPeer, opened: list[MastodonConnector]) -> None:
    peer.add("Cold coffee")
    [found], _ = drain(connect(peer, opened), {})
    assert (found.kind, found.addressed_to_us, found.language) == ("post", True, "en")
    assert (found.author_name, found.author_id) == ("Ada", "ada@elsewhere.example")
    assert found.author_url == "https://elsewhere.example/@ada"
    assert found.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.raw == {
        "acct": "ada@elsewhere.example",
        "visibility": "public",
        "spoiler_text": "",
        "bot": False,
    }


def test_tags_are_followed_from_their_newest_page_without_our_own_posts(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    for n in range(60):
        peer.write(GUEST, f"Tagged {n}", None, "public")
    peer.write(OWN, "We are open", None, "public")
    connector = connect(peer, opened, tags=["#coffee"], mentions=False)
    found, cursor = drain(connector, {})
    assert [m.text for m in found] == [f"@harbour Tagged {n}" for n in range(21, 60)]
    assert {m.addressed_to_us for m in found} == {True}
    peer.write(GUEST, "Tagged later", None, "public")
    found, _ = drain(connector, cursor)
    assert [m.text for m in found] == ["@harbour Tagged later"]
    assert "/api/v1/timelines/tag/coffee" in peer.server.paths()


def test_a_broken_notification_is_reported_and_the_others_read(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("First")
    peer.notifications.append({"id": "900", "type": "mention", "account": GUEST, "status": None})
    peer.notifications.append({"id": "901", "type": "favourite", "account": GUEST})
    peer.notifications.append(
        {
            "id": "902",
            "type": "mention",
            "status": {"id": "5", "account": GUEST, "content": "<p>x</p>"},
        }
    )
    page = connect(peer, opened).fetch({})
    assert [m.text for m in page.mentions] == ["@harbour First", "x"]
    assert [(p.where, p.reason) for p in page.problems] == [("mentions 900", "the post is missing")]
    assert page.next_cursor["last"]["mentions"] == "902"


def test_a_server_that_ignores_min_id_does_not_keep_us_busy(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("First")
    peer.server.on("/api/v1/notifications", Reply.json(peer.notifications))
    found, _ = drain(connect(peer, opened), {})
    assert len(found) == 1
    assert len(peer.server.requests) == 2


def test_ids_sort_by_length_then_text(peer: ThisPeer, opened: list[MastodonConnector]) -> None:
    peer._next = 998
    peer.add("Nine hundred")
    peer.add("A thousand")
    _, cursor = drain(connect(peer, opened), {})
    assert cursor["last"]["mentions"] == "1002"


def test_an_edit_is_seen_by_a_direct_read(peer: ThisPeer, opened: list[MastodonConnector]) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    peer.edit("Cold coffee", "They mended it")
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.edited_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert again.addressed_to_us
    peer.remove("They mended it")
    assert connector.read(ref_of(found)) is None


def test_edits_are_found_by_looking_again_twice_an_hour(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("Cold coffee")
    peer.add("Late coffee")
    peer.write(GUEST, "Tagged", None, "public")
    clock = [NOW]
    chosen = MastodonSettings.model_validate({**peer.settings, "tags": ["coffee"]})
    opened.append(MastodonConnector(chosen, Context("m", now=lambda: clock[0])))
    _, cursor = drain(opened[-1], {})
    peer.edit("Late coffee", "They mended it")
    peer.edit("Tagged", "They mended that")
    assert drain(opened[-1], cursor) == ([], cursor)
    clock[0] += timedelta(minutes=31)
    found, cursor = drain(opened[-1], cursor)
    assert {m.text for m in found} == {"@harbour They mended it", "@harbour They mended that"}
    assert {m.edited_at for m in found} == {datetime(2026, 3, 1, 11, tzinfo=UTC)}
    peer.server.requests.clear()
    assert drain(opened[-1], cursor) == ([], cursor)
    assert peer.requests() == 2


def test_each_request_is_booked(peer: ThisPeer, opened: list[MastodonConnector]) -> None:
    spent: list[str] = []

    class Ledger:
        def spend(self, budget: str, amount: float = 1.0) -> None:
            spent.append(f"{budget} {amount:g}")

        def charge(self, budget: str, amount: float) -> None:
            raise AssertionError(f"nothing is charged afterwards: {budget} {amount}")

    peer.add("Cold coffee")
    chosen = MastodonSettings.model_validate(peer.settings)
    opened.append(MastodonConnector(chosen, Context("m", now=lambda: NOW, meter=Ledger())))
    [found], _ = drain(opened[-1], {})
    opened[-1].reply(ref_of(found), "Sorry.", "k")
    assert spent == ["calls 1"] * peer.requests()
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(chosen)
    assert budget.amount + (budget.burst or 0) <= 300


def test_the_reply_mentions_its_reader_and_carries_its_key(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    receipt = connector.reply(ref_of(found, language="de-AT"), "Es tut uns leid.", "reply-7")
    posted = peer.server.requests[-1]
    assert posted.headers["Idempotency-Key"] == "reply-7"
    assert posted.form == {
        "status": "@ada@elsewhere.example Es tut uns leid.",
        "in_reply_to_id": found.external_id,
        "visibility": "public",
        "language": "de",
    }
    assert (receipt.state, receipt.url) == (
        "visible",
        f"https://mastodon.example/@x/{receipt.external_id}",
    )
    assert connector.reply(ref_of(found), "Es tut uns leid.", "reply-7").external_id == (
        receipt.external_id
    )
    assert len(peer.published()) == 1
    connector.reply(ref_of(found), "Again, @ada@elsewhere.example: sorry", "reply-8")
    assert peer.server.requests[-1].form["status"].count("@ada@elsewhere.example") == 1


def test_what_a_reply_needs_is_read_where_it_is_not_at_hand(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.visibility = "private"
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    connector.reply(MentionRef(found.external_id), "Sorry.", "k")
    assert peer.server.requests[-1].form["visibility"] == "private"
    assert peer.server.requests[-1].form["status"].startswith("@ada@elsewhere.example ")


def test_a_content_warning_is_kept_and_counted(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("Cold coffee")
    status = next(iter(peer.statuses.values()))
    status["spoiler_text"] = "food, cold"
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    assert found.title == "food, cold"
    connector.reply(ref_of(found), "Sorry.", "k")
    assert peer.server.requests[-1].form["spoiler_text"] == "food, cold"


@pytest.mark.parametrize(
    ("post", "ours", "expected"),
    [
        ("public", "unlisted", "unlisted"),
        ("direct", "public", "direct"),
        ("private", "unlisted", "private"),
        ("unlisted", "public", "unlisted"),
        ("limited", "public", "direct"),
    ],
)
def test_a_reply_is_never_more_public_than_the_post(post: str, ours: str, expected: str) -> None:
    assert least_public(ours, post) == expected


def test_a_reply_that_is_too_long_here_is_refused_before_it_is_sent(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.limit = 100
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    connector.reply(ref_of(found), "x" * 95, "k1")
    with pytest.raises(Rejected, match="101 characters with the mention, 100 fit"):
        connector.reply(ref_of(found), "x" * 96, "k2")
    assert len(peer.published()) == 1


def test_only_our_own_answer_with_this_text_is_found(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _ = drain(connector, {})
    text = "We are sorry, Ada: the machine is mended. https://harbour.example/hours"
    peer.write(GUEST, text, found.external_id, "public")
    assert connector.find_reply(ref_of(found), text, "k") is None
    peer.write(OWN, "A colleague's other answer", found.external_id, "public")
    assert connector.find_reply(ref_of(found), text, "k") is None
    stands = peer.write(OWN, text, found.external_id, "public")
    there = connector.find_reply(ref_of(found), text, "k")
    assert there is not None
    assert there.external_id == stands["id"]
    peer.remove("Cold coffee")
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), text, "k")


def test_renderings_of_one_text_are_one() -> None:
    assert same_text("@ada Sorry,\n\nwe'll mend it!", "Sorry, we&#39;ll mend it")
    assert not same_text("Sorry, we'll mend it", "Sorry, we'll mend it soon")
    assert not same_text("@ada", "@ben")


def test_rates_are_read_as_mastodon_tells_them(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    ends = {"X-RateLimit-Reset": (NOW + timedelta(seconds=90)).isoformat(), "Date": "-"}
    peer.server.on("/api/v1/notifications", Reply.json({"error": "Too many requests"}, 429, **ends))
    with pytest.raises(RateLimited) as caught:
        connect(peer, opened).fetch({})
    assert caught.value.retry_after is not None
    last = Reply.json([], X_RateLimit_Remaining="0", X_RateLimit_Reset="45")
    peer.server.on("/api/v1/notifications", last)
    page = connect(peer, opened).fetch({})
    assert page.poll_no_sooner_than == page.account_rests == timedelta(seconds=45)


def test_verify_tells_a_token_that_may_not_write(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    assert (
        connect(peer, opened).verify().summary
        == "reads and may answer as @harbour on 127.0.0.1, 500 characters"
    )
    forbidden = {"error": "This action is outside the authorized scopes"}
    peer.server.on("/api/v1/statuses", Reply.json(forbidden, 403))
    health = connect(peer, opened).verify()
    assert (health.ok, "write:statuses" in health.advice) == (False, True)
    peer.revoke()
    with pytest.raises(AuthFailed, match="access token is invalid"):
        connect(peer, opened).verify()


def test_a_missing_token_is_a_failed_login(
    peer: ThisPeer, opened: list[MastodonConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_MASTODON_TOKEN")
    with pytest.raises(AuthFailed, match="env:TEST_MASTODON_TOKEN"):
        connect(peer, opened).fetch({})
    assert peer.requests() == 0


@pytest.mark.parametrize("ident", ["", "../../admin", "1/context", "a b", "x" * 50])
def test_what_is_no_id_never_becomes_part_of_an_address(
    peer: ThisPeer, opened: list[MastodonConnector], ident: str
) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect(peer, opened).read(MentionRef(ident))
    assert peer.requests() == 0


def test_settings_are_checked() -> None:
    good = {"base_url": "https://mastodon.example", "token": "env:T"}
    assert MastodonSettings.model_validate({**good, "tags": ["#a"]}).tags == ("a",)
    for bad in ({"tags": ["a b"]}, {"token": "secret"}, {"base_url": "mastodon"}):
        with pytest.raises(ValidationError):
            MastodonSettings.model_validate({**good, **bad})


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        ("see https://harbour.example/a/very/long/address?with=query&and=more.", 28),
        ("http://a.io", 23),
        ("@ada@elsewhere.example hi", 7),
        ("@ada hi", 7),
        ("mail me: ada@elsewhere.example", 30),
        ("Grüße", 5),
        ("e\u0301", 1),
        ("👍🏽", 1),
        ("👩‍👩‍👧", 1),
        ("🇩🇪🇫🇷", 2),
        ("❤️", 1),
        ("日本語", 3),
        ("한국어", 3),
        ("a\r\nb", 3),
    ],
)
def test_length_is_counted_as_mastodon_counts(text: str, length: int) -> None:
    assert post_length(text) == length


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80))
def test_a_reader_never_sees_more_characters_than_there_are(text: str) -> None:
    assert graphemes(text) <= len(text)
    assert (graphemes(text) > 0) == bool(text)


def cassettes() -> list[Path]:
    return sorted((RECORDINGS / "mastodon").glob("*.y*ml"))


def statuses_in(value: Any) -> Iterator[dict[str, Any]]:
    """Find every recorded post by its shape, independently of the connector."""
    if isinstance(value, list):
        for one in value:
            yield from statuses_in(one)
    elif isinstance(value, dict):
        if {"content", "visibility", "account", "in_reply_to_id"} <= set(value):
            yield value
        for one in value.values():
            yield from statuses_in(one)


def recorded_json(exchange: Exchange) -> Any:
    return exchange.json() if exchange.body[:1] in (b"[", b"{") else None


def test_every_recorded_post_is_understood() -> None:
    if not cassettes():
        pytest.skip("the recordings are not here")
    count = 0
    for path in cassettes():
        for exchange in read_cassette(path):
            for status in statuses_in(recorded_json(exchange)):
                found = mention_of(status, "https://mastodon.example")
                count += 1
                assert found.external_id == status["id"]
                assert found.created_at is not None
                assert found.text or not status["content"]
                assert "<" not in found.text or "&lt;" in status["content"]
                assert (found.edited_at is None) == (not status.get("edited_at"))
    assert count >= 80


def test_recorded_timelines_are_replayed_as_a_tag(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    """Recorded pages are served where the tag's timeline is; every post on them is found."""
    if not cassettes():
        pytest.skip("the recordings are not here")
    replayed = 0
    for path in cassettes():
        for exchange in read_cassette(path):
            if "/timelines/" not in exchange.uri and "/statuses?" not in exchange.uri:
                continue
            posts = recorded_json(exchange)
            if not isinstance(posts, list):
                continue
            peer.server.on("/api/v1/timelines/tag/any", Reply.json(posts), Reply.json([]))
            connector = connect(peer, opened, tags=["any"], mentions=False)
            found, cursor = drain(connector, {})
            assert {m.external_id for m in found} == {post["id"] for post in posts}
            newest = max((post["id"] for post in posts), key=lambda i: (len(i), i))
            assert cursor["last"] == {"tag:any": newest}
            replayed += len(posts)
    assert replayed >= 40


def test_recorded_notifications_are_replayed(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    if not cassettes():
        pytest.skip("the recordings are not here")
    replayed = 0
    for path in cassettes():
        for exchange in read_cassette(path):
            listed = recorded_json(exchange)
            if "/api/v1/notifications?" not in exchange.uri or not isinstance(listed, list):
                continue
            peer.server.on("/api/v1/notifications", Reply.json(listed), Reply.json([]))
            found, _ = drain(connect(peer, opened), {})
            wanted = [n["status"]["id"] for n in listed if n["type"] == "mention"]
            assert sorted(m.external_id for m in found) == sorted(wanted)
            assert all(m.addressed_to_us for m in found)
            replayed += len(wanted)
    assert replayed >= 1


def test_a_recorded_conversation_is_searched_for_our_answer(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    path = RECORDINGS / "mastodon" / "get_context_with_ancesters.yml"
    if not path.exists():
        pytest.skip("the recordings are not here")
    [exchange] = read_cassette(path)
    posts = [status for key in ("ancestors", "descendants") for status in exchange.json()[key]]
    answers = [status for status in posts if status["in_reply_to_id"]]
    assert posts
    ident = "114027213608365869"
    peer.server.on(f"/api/v1/statuses/{ident}/context", Reply.json(exchange.json()))
    assert connect(peer, opened).find_reply(MentionRef(ident), "never written", "k") is None
    for status in answers:
        parent = status["in_reply_to_id"]
        below = {"ancestors": [], "descendants": posts}
        peer.server.on(f"/api/v1/statuses/{parent}/context", Reply.json(below))
        peer.server.on("/api/v1/accounts/verify_credentials", Reply.json(status["account"]))
        text = mention_of(status, "https://x.example").text
        found = connect(peer, opened).find_reply(MentionRef(parent), text, "k")
        assert found is not None
        assert found.external_id == status["id"]


def test_recorded_refusals_are_named() -> None:
    """Each recorded error answer becomes the error that its status means."""
    if not cassettes():
        pytest.skip("the recordings are not here")
    named = {401: AuthFailed, 403: AuthFailed, 404: Gone, 422: Rejected}
    seen: set[int] = set()
    with LoopbackServer() as server, Http(user_agent="T/1", allow_private=True) as http:
        for path in cassettes():
            for exchange in read_cassette(path):
                if exchange.status not in named:
                    continue
                seen.add(exchange.status)
                kind = {"Content-Type": exchange.headers.get("content-type", "")}
                server.on("/x", Reply(exchange.status, exchange.body, kind))
                with pytest.raises(named[exchange.status]):
                    http.write("POST", server.url + "/x", data={"status": ""})
    assert len(seen) >= 2


def test_ids_of_the_first_servers_are_numbers(
    peer: ThisPeer, opened: list[MastodonConnector]
) -> None:
    guest, us = {"id": 7, "acct": "ada", "username": "ada"}, {"id": 9, "acct": "harbour"}
    post = {
        "id": 172429, "account": guest, "content": "<p>@harbour Cold coffee</p>",
        "visibility": "public", "created_at": "2017-04-10T10:00:00.000Z",
        "in_reply_to_id": 172400, "mentions": [{"id": 9, "acct": "harbour"}],
    }  # fmt: skip
    answer = {**post, "id": 172431, "account": us, "in_reply_to_id": 172429, "content": "Sorry"}
    notice = {"id": 51, "type": "mention", "account": guest, "status": post}

    def once(items: list[Any]) -> Any:
        return lambda request: Reply.json(items if request.get("min_id") in ("", "0") else [])

    peer.server.on("/api/v1/accounts/verify_credentials", Reply.json(us))
    peer.server.on("/api/v1/notifications", once([notice]))
    peer.server.on("/api/v1/timelines/tag/coffee", once([answer, post]))
    peer.server.on("/api/v1/statuses/172429", Reply.json(post))
    peer.server.on("/api/v1/statuses/172429/context", Reply.json({"descendants": [answer]}))
    peer.server.on("/api/v1/statuses", Reply.json(answer))
    connector = connect(peer, opened, tags=["coffee"])
    found, cursor = drain(connector, {})
    assert [(m.external_id, m.parent_external_id) for m in found] == [("172429", "172400")] * 2
    assert cursor["last"] == {"mentions": "51", "tag:coffee": "172431"}
    one = connector.read(MentionRef("172429"))
    assert one is not None
    assert one.addressed_to_us
    there = connector.find_reply(ref_of(one), "Sorry", "k")
    assert there is not None
    assert there.external_id == connector.reply(ref_of(one), "Sorry", "k").external_id == "172431"
