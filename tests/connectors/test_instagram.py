"""Instagram: threads one level deep, media without news left alone, and mentions by webhook."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    NotAdmitted,
    NotSupported,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.hooks import Delivery
from connectors.instagram import KIND, InstagramConnector, InstagramSettings
from connectors.instagram.comments import Owner, answers_in, comment_of
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.vault import MemoryVault
from tests.connectors.peers.instagram import OWN, USER, ThisPeer, stamp
from tests.support.cassettes import RECORDINGS
from tests.support.meta_graph import TOKEN, VERIFY, failure, signed

BEN = {"id": "9002", "username": "ben_b"}


def connect(peer: ThisPeer, now: datetime = NOW, **said: Any) -> InstagramConnector:
    chosen = InstagramSettings.model_validate({**peer.settings, **said})
    return InstagramConnector(chosen, Context("i", now=lambda: now))


def drain(connector: InstagramConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(60):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        assert TOKEN not in json.dumps(cursor), "the token must never be stored"
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, raw=dict(found.raw or {}))


def test_a_poll_without_news_is_one_call(peer: ThisPeer) -> None:
    peer.comment("Cold")
    _, cursor = drain(connect(peer), {})
    peer.server.requests.clear()
    page = connect(peer).fetch(cursor)
    assert (page.unchanged, page.more, dict(page.next_cursor)) == (True, False, cursor)
    assert peer.server.paths() == [f"/v26.0/{USER}/media"]
    assert peer.server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_account_may_be_called_me_and_its_name_is_asked_for_once(peer: ThisPeer) -> None:
    peer.comment("Cold")
    peer.comment("Ours", OWN)
    other = peer.publish(minutes=20)
    peer.comment("Stale", media=other)
    found, _ = drain(connect(peer, user_id="me"), {})
    assert {m.text for m in found} == {"Cold", "Stale"}
    assert peer.server.paths().count("/v26.0/me") == 1
    peer.server.requests.clear()
    drain(connect(peer, username="@HarbourCoffee"), {})
    assert f"/v26.0/{USER}" not in peer.server.paths()


def test_threads_are_read_whole_over_many_pages(peer: ThisPeer) -> None:
    for n in range(120):
        peer.comment(f"Comment {n}", minutes=900 - n)
    top = peer.comment("A long thread", minutes=100)
    for n in range(130):
        peer.comment(f"Reply {n}", BEN, parent=top["id"], minutes=90)
    found, cursor = drain(connect(peer), {})
    assert len({m.external_id for m in found}) == 251
    replies = [m for m in found if m.text.startswith("Reply")]
    assert {m.parent_external_id for m in replies} == {top["id"]}
    assert len(replies) == 130
    peer.comment("One more", minutes=1)
    peer.server.requests.clear()
    found, _ = drain(connect(peer, username="harbourcoffee"), cursor)
    assert "One more" in {m.text for m in found}
    paths = peer.server.paths()
    assert paths.count(f"/v26.0/{peer.post}/comments") == 1, "it stops at known ground"


def test_a_new_reply_deep_below_an_old_comment_is_found(peer: ThisPeer) -> None:
    old = peer.comment("Old", minutes=9000)
    for n in range(120):
        peer.comment(f"Comment {n}", minutes=5000 - 10 * n)
    _, cursor = drain(connect(peer), {})
    peer.comment("Still cold", BEN, parent=old["id"], minutes=2)
    found, _ = drain(connect(peer), cursor)
    assert "Still cold" in {m.text for m in found}


def test_a_comment_in_place_of_a_deleted_one_is_found(peer: ThisPeer) -> None:
    """The number of comments is the same; the id of the newest is not."""
    first = peer.comment("First")
    _, cursor = drain(connect(peer), {})
    del peer.comments[first["id"]]
    peer.comment("Second")
    found, _ = drain(connect(peer), cursor)
    assert [m.text for m in found] == ["Second"]


def test_fields_of_a_comment(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee", minutes=30)
    peer.comment("Same here", BEN, parent=top["id"], minutes=20)
    first, second = drain(connect(peer), {})[0]
    assert (first.kind, first.addressed_to_us, first.locked) == ("comment", True, "")
    assert (first.author_name, first.author_id) == ("ada.drinks", "9001")
    assert first.author_url == "https://www.instagram.com/ada.drinks/"
    assert first.url == peer.media[peer.post]["permalink"] + f"c/{first.external_id}/"
    assert first.created_at == NOW - timedelta(minutes=30)
    assert first.raw == {"media": peer.post, "answer_at": first.external_id, "to": ""}
    assert second.parent_external_id == first.external_id
    assert second.raw == {"media": peer.post, "answer_at": first.external_id, "to": "ben_b"}


def test_our_replies_are_answers_to_whom_they_name(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee", minutes=90)
    ben = peer.comment("Same here", BEN, parent=top["id"], minutes=80)
    peer.comment("We are sorry", OWN, parent=top["id"], minutes=70)
    peer.comment("@ben_b you too", OWN, parent=top["id"], minutes=60)
    for shown in (True, False):
        peer.shows_from = shown
        found = {m.external_id: m for m in drain(connect(peer), {})[0]}
        assert set(found) == {top["id"], ben["id"]}
        assert found[top["id"]].our_reply == "We are sorry"
        assert found[ben["id"]].our_reply == "@ben_b you too"
        assert found[ben["id"]].our_reply_at == NOW - timedelta(minutes=60)
        for ident, reply in ((top["id"], "We are sorry"), (ben["id"], "@ben_b you too")):
            there = connect(peer).read(MentionRef(ident))
            assert there is not None
            assert there.our_reply == reply


def test_a_reply_that_names_a_stranger_answers_the_thread() -> None:
    owner = Owner("", "harbour")
    top = {"id": "1", "username": "ada"}
    replies = [
        {"id": "2", "username": "harbour", "text": "@nobody hello", "timestamp": "x"},
        None,
        {"username": "ben", "text": "no id"},
        {"id": "4", "username": "Harbour", "text": "@ben sorry"},
    ]
    assert set(answers_in(top, replies, owner)) == {"1"}
    assert answers_in({}, [{"username": "harbour", "text": "hi"}], owner) == {}


def test_hidden_comments_are_locked(peer: ThisPeer) -> None:
    peer.comment("Rude words")["hidden"] = True
    [found], _ = drain(connect(peer), {})
    assert found.locked == "hidden comments take no answer"


def test_odd_items_are_reported_and_the_others_read(peer: ThisPeer) -> None:
    items: list[Any] = [
        None,
        {"text": "no id"},
        {"id": "3"},
        {"id": 4, "text": None, "timestamp": stamp(1), "from": None, "username": 5},
        {
            "id": "5",
            "text": "bare",
            "timestamp": "x",
            "replies": {"data": {"id": "6", "text": "y"}},
        },
        {"id": "7", "text": "z", "timestamp": stamp(9), "replies": {"data": [None, "x"]}},
        {"id": "8", "text": "n", "username": "../../x", "replies": []},
    ]
    peer.comment("so that there is news")
    peer.server.on(f"/v26.0/{peer.post}/comments", Reply.json({"data": items}))
    connector = connect(peer)
    page = connector.fetch(connector.fetch({}).next_cursor)
    assert [m.external_id for m in page.mentions] == ["4", "5", "6", "7", "8"]
    assert len(page.problems) == 5
    assert page.mentions[-1].author_url == ""
    peer.server.on(f"/v26.0/{USER}/media", Reply.json({"data": [{"caption": "no id"}, 5]}))
    assert len(connect(peer).fetch({}).problems) == 2


def test_replies_that_go_round_in_circles_end(peer: ThisPeer) -> None:
    item = {"id": "5", "text": "t", "timestamp": stamp(5), "username": "ada",
            "replies": {"data": [{"id": "6", "text": "y", "username": "ben"}],
                        "paging": {"next": "https://x.example/?after=same"}}}  # fmt: skip
    peer.comment("so that there is news")
    peer.server.on(f"/v26.0/{peer.post}/comments", Reply.json({"data": [item]}))
    below = {"data": [{"id": "7", "text": "z"}], "paging": {"next": "https://x/?after=same"}}
    peer.server.on("/v26.0/5/replies", Reply.json(below))
    found, _ = drain(connect(peer), {})
    assert [m.external_id for m in found] == ["5", "6", "7"]
    assert peer.server.paths().count("/v26.0/5/replies") == 2


def test_reading_one_comment(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    connector = connect(peer)
    found = connector.read(MentionRef(top["id"]))
    assert found is not None
    assert (found.text, found.our_reply) == ("Cold coffee", "")
    assert found.raw == {"media": peer.post, "answer_at": top["id"], "to": ""}
    del peer.comments[top["id"]]
    assert connector.read(MentionRef(top["id"])) is None
    peer.revoke()
    with pytest.raises(AuthFailed):
        connector.read(MentionRef(top["id"]))


def test_an_answer_to_a_reply_goes_to_its_thread_with_a_name(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    peer.comment("Same here", BEN, parent=top["id"])
    found = drain(connect(peer), {})[0]
    [below] = [m for m in found if m.text == "Same here"]
    connector = connect(peer)
    assert connector.find_reply(ref_of(below), "Sorry, Ben", "k") is None
    receipt = connector.reply(ref_of(below), "Sorry, Ben", "k")
    assert peer.comments[receipt.external_id]["parent"] == top["id"]
    assert peer.published() == ["@ben_b Sorry, Ben"]
    there = connector.find_reply(ref_of(below), "Sorry, Ben", "k")
    assert there is not None
    assert there.external_id == receipt.external_id
    connector.reply(ref_of(below), "@Ben_B Sorry again", "k2")
    connector.reply(ref_of(below), "x" * 298, "k3")
    assert peer.published()[1:] == ["@Ben_B Sorry again", "x" * 298]
    connector.reply(MentionRef(below.external_id, parent_external_id=top["id"]), "Sorry", "k4")
    assert peer.published()[-1] == "Sorry"


def test_only_our_own_answer_with_this_text_is_found(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    text = "We are sorry; it is mended"
    peer.comment(text, BEN, parent=top["id"])
    ref = MentionRef(top["id"])
    assert connect(peer).find_reply(ref, text, "k") is None
    for n in range(70):
        peer.comment(f"Filler {n}", BEN, parent=top["id"])
    stands = peer.comment(text, OWN, parent=top["id"], minutes=0)
    there = connect(peer).find_reply(ref, text, "k")
    assert there is not None
    assert (there.external_id, there.text) == (stands["id"], text)
    del peer.comments[top["id"]]
    with pytest.raises(Gone):
        connect(peer).find_reply(ref, text, "k")


def test_a_reply_is_measured_and_an_unreadable_answer_is_unknown(peer: ThisPeer) -> None:
    top = peer.comment("Cold coffee")
    ref = MentionRef(top["id"])
    with pytest.raises(Rejected, match="301 characters, 300 fit"):
        connect(peer).reply(ref, "x" * 301, "k")
    assert peer.requests() == 0
    for reply in (Reply.html("<html>"), Reply.json({"success": True}), Reply.json([])):
        peer.server.on(f"/v26.0/{top['id']}/replies", reply)
        with pytest.raises(UnknownOutcome):
            connect(peer).reply(ref, "Sorry", "k")


@pytest.mark.parametrize(
    ("text", "objections"),
    [
        ("Sorry!", 0),
        ("", 1),
        ("WE ARE SORRY", 1),
        ("OK 🙂 https://Harbour.example", 1),
        ("A", 0),
        ("#a #b #c #d", 0),
        ("#a #b #c #d #e", 1),
        ("http://a.example www.b.example", 1),
        ("https://a.example is open", 0),
        ("日本語", 0),
        ("#A #B #C #D #E HTTPS://A.B HTTPS://C.D", 3),
    ],
)
def test_what_instagram_refuses_is_told(peer: ThisPeer, text: str, objections: int) -> None:
    assert len(connect(peer).objections(text)) == objections


def test_mentions_elsewhere_come_by_webhook_and_are_read_and_answered(peer: ThisPeer) -> None:
    [found] = opened(peer, {"media_id": "178", "comment_id": "179"}, field="mentions").mentions
    assert (found.external_id, found.text) == ("mention:178:179", "")
    peer.elsewhere["179"] = {
        "id": "179", "text": "@harbourcoffee is cold", "timestamp": stamp(5),
        "username": "ben_b", "media": {"id": "178", "permalink": "https://www.instagram.com/p/X/"},
    }  # fmt: skip
    there = connect(peer).read(ref_of(found))
    assert there is not None
    assert (there.external_id, there.text) == (found.external_id, "@harbourcoffee is cold")
    assert (there.author_name, there.url) == ("ben_b", "https://www.instagram.com/p/X/")
    receipt = connect(peer).reply(ref_of(there), "Sorry, Ben", "k")
    assert receipt.external_id == "17911111111111111"
    sent = {k: v for k, v in peer.answered_elsewhere[0].items() if k != "appsecret_proof"}
    assert sent == {"media_id": "178", "comment_id": "179", "message": "Sorry, Ben"}
    with pytest.raises(NotSupported):
        connect(peer).find_reply(ref_of(there), "Sorry, Ben", "k")
    [caption] = opened(peer, {"media_id": "180"}, field="mentions").mentions
    peer.elsewhere["180"] = {"id": "180", "caption": "Never again", "username": "ben_b"}
    there = connect(peer).read(ref_of(caption))
    assert there is not None
    assert (there.kind, there.text) == ("post", "Never again")
    assert connect(peer).read(MentionRef("mention:999")) is None


def delivered(value: Any, field: str = "comments", account: str = USER, **more: Any) -> Delivery:
    entry = {"id": account, "time": 1772366400, "changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": "instagram", "entry": [entry], **more}).encode()
    return Delivery(body, signed(body))


def opened(peer: ThisPeer, value: Any, said: Any = None, **more: Any) -> Page:
    assert KIND.hook is not None
    chosen = InstagramSettings.model_validate({**peer.settings, **(said or {})})
    return KIND.hook.open(chosen, delivered(value, **more))


COMMENTED = {
    "id": "17865799348089039", "text": "Cold coffee",
    "from": {"id": "9001", "username": "ada.drinks"},
    "media": {"id": "178", "media_product_type": "FEED"},
}  # fmt: skip


def test_deliveries_of_the_webhook(peer: ThisPeer) -> None:
    [found] = opened(peer, COMMENTED).mentions
    assert (found.external_id, found.text, found.author_id) == (
        "17865799348089039",
        "Cold coffee",
        "9001",
    )
    assert found.created_at == datetime.fromtimestamp(1772366400, UTC)
    assert found.raw == {"media": "178", "answer_at": "17865799348089039", "to": ""}
    [below] = opened(peer, {**COMMENTED, "parent_id": "55"}).mentions
    assert (below.parent_external_id, below.raw["answer_at"] if below.raw else "") == ("55", "55")
    live = {**COMMENTED, "media": {"id": "1", "media_product_type": "LIVE"}}
    [spoken] = opened(peer, live, field="live_comments").mentions
    assert "live videos" in spoken.locked
    assert opened(peer, {**COMMENTED, "from": OWN}).mentions == ()
    ours = {**COMMENTED, "from": {"id": "5", "username": "HarbourCoffee"}}
    assert opened(peer, ours, {"username": "harbourcoffee"}).mentions == ()
    assert opened(peer, COMMENTED, account="5").mentions == ()
    assert len(opened(peer, COMMENTED, {"user_id": "me"}, account="5").mentions) == 1
    assert opened(peer, COMMENTED, field="story_insights").mentions == ()
    for bad, field in ((None, "comments"), ({}, "comments"), ({"media_id": 0}, "mentions"),
                       (None, "mentions")):  # fmt: skip
        assert len(opened(peer, bad, field=field).problems) == (0 if bad == {"media_id": 0} else 1)
    with pytest.raises(LayoutChanged):
        opened(peer, COMMENTED, object="page")


def test_deliveries_are_admitted_by_their_signature(peer: ThisPeer) -> None:
    assert KIND.hook is not None
    assert KIND.hook.challenge is not None
    chosen = InstagramSettings.model_validate(peer.settings)
    good = delivered(COMMENTED)
    KIND.hook.admit(chosen, good, NOW)
    with pytest.raises(NotAdmitted):
        KIND.hook.admit(chosen, Delivery(good.body + b" ", good.headers), NOW)
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "42"}
    assert KIND.hook.challenge(chosen, asked) == "42"
    assert KIND.hook.challenge(chosen, {**asked, "hub.verify_token": "x"}) is None


def test_errors_are_facebooks(peer: ThisPeer) -> None:
    path = f"/v26.0/{USER}/media"
    usage = {"1": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 3}]}
    limited = failure(
        80002, "too many calls", headers={"X-Business-Use-Case-Usage": json.dumps(usage)}
    )
    peer.server.on(path, limited)
    with pytest.raises(RateLimited) as caught:
        connect(peer).fetch({})
    assert caught.value.retry_after == timedelta(minutes=3)
    peer.server.on(path, failure(190, f"Invalid OAuth access token {TOKEN}"))
    with pytest.raises(AuthFailed) as refused:
        connect(peer).fetch({})
    assert TOKEN not in str(refused.value)
    peer.server.on(path, failure(4, "action is blocked", subcode=2207051, status=403))
    with pytest.raises(Rejected, match="abusive"):
        connect(peer).fetch({})
    peer.server.on(path, failure(10, "(#10) needs instagram_manage_comments", status=403))
    with pytest.raises(AuthFailed, match="lacks instagram_manage_comments"):
        connect(peer).fetch({})


def test_verify_names_the_account(peer: ThisPeer) -> None:
    health = connect(peer).verify()
    assert (health.ok, "@harbourcoffee" in health.summary) == (True, True)
    assert peer.requests() == 1
    assert not connect(peer, username="another").verify().ok


def test_a_token_is_renewed_every_week_and_kept(
    peer: ThisPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = MemoryVault()
    chosen = InstagramSettings.model_validate({**peer.settings, "renew_token": True})

    def used(day: int) -> str:
        peer.server.requests.clear()
        now = NOW + timedelta(days=day)
        connector = InstagramConnector(chosen, Context("i", now=lambda: now, vault=vault))
        with contextlib.suppress(AuthFailed):
            connector.fetch({})
        connector.close()
        return peer.server.requests[-1].headers["Authorization"].removeprefix("Bearer ")

    path = "/refresh_access_token"
    peer.server.on(path, Reply.json({"access_token": "renewed-1", "expires_in": 5183944}))
    assert used(0) == used(1) == TOKEN
    assert path not in peer.server.paths(), "a new token is too young to be renewed"
    assert used(3) == "renewed-1"
    asked = peer.server.requests[0]
    assert (asked.path, asked.get("grant_type"), asked.get("access_token")) == (
        path,
        "ig_refresh_token",
        TOKEN,
    )
    peer.server.on(path, failure(190, "too young"))
    assert used(9) == "renewed-1"
    assert path not in peer.server.paths()
    assert used(11) == "renewed-1", "a failed renewal changes nothing"
    assert path in peer.server.paths()
    assert used(11) == "renewed-1"
    assert path not in peer.server.paths(), "and is tried again the next day only"
    peer.server.on(path, Reply.json({"token": "x"}), Reply.json({"access_token": "renewed-2"}))
    assert used(13) == "renewed-1"
    assert used(15) == "renewed-2"
    assert peer.server.requests[0].get("access_token") == "renewed-1"
    monkeypatch.setenv("TEST_INSTAGRAM_TOKEN", "another-configured")
    assert used(16) == "another-configured"


def test_settings_are_checked() -> None:
    chosen = InstagramSettings.model_validate({"token": "env:T"})
    assert (chosen.base_url, chosen.user_id) == ("https://graph.instagram.com/v26.0", "me")
    for bad in ({"user_id": "harbour"}, {"token": TOKEN}, {"username": "a b"}):
        with pytest.raises(ValidationError):
            InstagramSettings.model_validate({"token": "env:T", **bad})


def recorded(name: str) -> Any:
    path = RECORDINGS / "instagram" / name
    if not path.exists():
        pytest.skip("the recordings are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def test_recorded_shapes_are_understood(peer: ThisPeer) -> None:
    listed, single = recorded("medias_p2.json"), recorded("ig_comment.json")
    found = comment_of(single)
    assert (found.external_id, found.author_name) == (single["id"], single["username"])
    assert (found.raw or {})["media"] == single["media"]["id"]
    media = [one["id"] for one in listed["data"]]
    listed["data"][0]["comments_count"] = 2
    peer.server.on(f"/v26.0/{USER}/media", Reply.json(listed))
    page = {"data": [single], "paging": {"cursors": {"after": "after"}}}
    peer.server.on(f"/v26.0/{media[0]}/comments", Reply.json(page))
    connector = connect(peer, datetime(2026, 11, 22, tzinfo=UTC))
    mentions, cursor = drain(connector, {})
    below = [one["id"] for one in single["replies"]["data"]]
    assert [m.external_id for m in mentions] == [single["id"], *below]
    assert set(cursor["posts"]) == set(media)
    assert drain(connector, cursor) == ([], cursor)


def test_recorded_mentions_elsewhere_are_understood(peer: ThisPeer) -> None:
    for name, kind in (("mentioned_comment.json", "comment"), ("mentioned_media.json", "post")):
        told = recorded(name)
        inner = next(value for value in told.values() if isinstance(value, dict))
        peer.server.on(f"/v26.0/{USER}", Reply.json(told))
        ident = f"mention:1:{inner['id']}" if kind == "comment" else f"mention:{inner['id']}"
        found = connect(peer).read(MentionRef(ident))
        assert found is not None
        assert (found.kind, found.text) == (kind, inner.get("text") or inner.get("caption"))
        assert found.created_at is not None


@pytest.mark.parametrize(
    "name", ["insights_new.json", "user_insights.json", "product_tags.json", "product_appeal.json",
             "recently_searched_hashtags.json", "media_default.json"]
)  # fmt: skip
def test_other_recorded_answers_do_no_harm(peer: ThisPeer, name: str) -> None:
    peer.server.on(f"/v26.0/{USER}/media", Reply.json(recorded(name)))
    connector = connect(peer)
    if name == "media_default.json":
        with pytest.raises(LayoutChanged):
            connector.fetch({})
    else:
        assert connector.fetch({}).mentions == ()
