"""Discourse: walking down without gaps, full posts for hits, answering once, the queue."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef
from connectors.budgets import Budget
from connectors.discourse import KIND, DiscourseConnector, DiscourseSettings
from connectors.discourse.posts import mention_of, said
from connectors.discourse.streams import PAGE, walked
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotAdmitted,
    NotSupported,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.hooks import Delivery
from connectors.testing.http_server import Reply
from tests.connectors.peers.discourse import GUEST, OWN, ThisPeer
from tests.support.cassettes import RECORDINGS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANSWER = "We are sorry, Ada: the machine is mended. Mara of Harbour Coffee"
Connect = Callable[..., DiscourseConnector]


@pytest.fixture
def connect(peer: ThisPeer) -> Iterator[Connect]:
    opened: list[DiscourseConnector] = []

    def make(context: Context | None = None, **said: Any) -> DiscourseConnector:
        chosen = DiscourseSettings.model_validate({**peer.settings, **said})
        opened.append(DiscourseConnector(chosen, context or Context("d", now=lambda: NOW)))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def drain(connector: DiscourseConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(200):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, url=found.url, raw=found.raw or {})


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("windowed", [True, False])
def test_every_post_is_found_across_pages_gaps_and_restarts(
    peer: ThisPeer, connect: Connect, inclusive: bool, windowed: bool
) -> None:
    peer.inclusive, peer.windowed = inclusive, windowed
    for n in range(130):
        peer.add(f"Complaint {n}")
    peer._next += 500  # numbers that private posts took
    for n in range(130, 170):
        peer.add(f"Complaint {n}")
    found, cursor = drain(connect(), {})
    assert {int(m.text.split()[1]) for m in found} == set(range(170))
    for n in range(170, 300):
        peer.add(f"Complaint {n}")
    page = connect().fetch(cursor)
    assert page.more
    late, _ = drain(connect(), json.loads(json.dumps(dict(page.next_cursor))))
    both = {int(m.text.split()[1]) for m in (*page.mentions, *late)}
    assert set(range(170, 300)) <= both


def test_what_appears_during_a_walk_is_found_by_the_next_poll(
    peer: ThisPeer, connect: Connect
) -> None:
    for n in range(120):
        peer.add(f"Complaint {n}")
    page = connect().fetch({})
    peer.add("Meanwhile")
    found, cursor = drain(connect(), page.next_cursor)
    found += drain(connect(), cursor)[0]
    assert "Meanwhile" in {m.text for m in found}


def test_the_first_run_takes_no_more_history_than_asked(peer: ThisPeer, connect: Connect) -> None:
    for n in range(200):
        peer.add(f"Complaint {n}")
    found, cursor = drain(connect(history_posts=100), {})
    assert len(found) == 100
    assert cursor["streams"]["posts"]["newest"] == 210
    assert "walk" not in cursor["streams"]["posts"]


def test_a_quiet_forum_costs_one_request_and_changes_nothing(
    peer: ThisPeer, connect: Connect
) -> None:
    peer.add("Cold coffee")
    connector = connect()
    _, cursor = drain(connector, {})
    peer.server.requests.clear()
    peer.find("Cold coffee")["reads"] = 77
    page = connector.fetch(cursor)
    assert (page.unchanged, page.mentions, page.next_cursor) == (True, (), cursor)
    assert peer.requests() == 1


@trials(max_examples=200, deadline=None)
@given(
    ids=st.sets(st.integers(1, 700), max_size=150),
    known=st.integers(0, 700),
    inclusive=st.booleans(),
    windowed=st.booleans(),
)
def test_a_walk_reads_all_above_the_watermark_and_ends(
    ids: set[int], known: int, inclusive: bool, windowed: bool
) -> None:
    state: dict[str, Any] = {"newest": known} if known else {}
    seen: set[int] = set()
    for _ in range(100):
        walk = state.get("walk")
        below = max(ids, default=0) + 1 if walk is None else walk["before"] + int(inclusive)
        page = sorted((i for i in ids if i < below), reverse=True)
        page = [i for i in page if i >= below - PAGE] if windowed else page[:PAGE]
        seen |= set(page)
        state, more = walked(state, page, 10_000)
        if not more:
            break
    else:
        raise AssertionError("it never ends")
    assert {i for i in ids if i > known} <= seen
    assert state["newest"] == max([known, *ids])


def test_fields_of_a_post(peer: ThisPeer, connect: Connect) -> None:
    first = peer.write(GUEST, "Cold coffee")
    peer.write("ben", "Mine too", first["topic_id"], 1)
    peer.write(OWN, "We are open", first["topic_id"])
    found, _ = drain(connect(), {})
    reply, post = found
    assert (post.kind, post.title, post.author_name, post.author_id) == (
        "post",
        "Visit no. 11",
        "Ada",
        "ada",
    )
    assert post.url == f"{peer.server.url}/t/visit-no-11/110/1"
    assert post.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert post.edited_at is None
    assert post.raw is not None
    assert set(post.raw) == {"topic_id", "post_number", "topic_title", "topic_slug"}
    assert (reply.kind, reply.parent_external_id, reply.addressed_to_us) == ("comment", "11", False)


def test_an_answer_to_ours_names_it_although_it_is_not_on_the_page(
    peer: ThisPeer, connect: Connect
) -> None:
    first = peer.write(GUEST, "Cold coffee")
    ours = peer.write(OWN, "We are sorry", first["topic_id"], 1)
    for n in range(60):
        peer.add(f"Complaint {n}")
    peer.write(GUEST, "Still cold", first["topic_id"], ours["post_number"])
    page = connect().fetch({})
    [again] = [m for m in page.mentions if m.text == "Still cold"]
    assert (again.parent_external_id, again.addressed_to_us) == (str(ours["id"]), True)


def test_only_what_people_say_in_public_is_a_mention(peer: ThisPeer, connect: Connect) -> None:
    odd: list[dict[str, Any]] = [
        {"post_type": 3},
        {"post_type": 4},
        {"cooked_hidden": True},
        {"topic_archetype": "private_message"},
        {"post_type": None},
    ]
    for n, changed in enumerate(odd):
        peer.write(GUEST, f"Post {n}").update(changed)
    peer.write("Harbour", "Our own, in another spelling")
    found, _ = drain(connect(colleagues=["mara"]), {})
    assert [m.text for m in found] == ["Post 4"]


def test_deletions_and_hiding_are_told(peer: ThisPeer, connect: Connect) -> None:
    peer.write(GUEST, "Taken back")["user_deleted"] = True
    peer.write(GUEST, "Removed")["deleted_at"] = "2026-03-01T11:00:00Z"
    peer.write(GUEST, "Flagged")["hidden"] = True
    found, _ = drain(connect(), {})
    told = {m.text: (m.deleted, bool(m.locked)) for m in found}
    assert told == {
        "Taken back": (True, False),
        "Removed": (True, False),
        "Flagged": (False, True),
    }


def test_categories_choose(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Here")
    peer.write(GUEST, "There")["category_id"] = 6
    found, _ = drain(connect(categories=[6]), {})
    assert [m.text for m in found] == ["There"]


def test_quotes_of_others_are_not_what_an_author_says() -> None:
    cooked = (
        '<aside class="quote no-group" data-username="ben"><div class="title">ben:</div>'
        "<blockquote><p>It is fine</p><aside>x</aside></blockquote></aside>\n<p>It is not</p>"
    )
    assert said({"cooked": cooked}) == "It is not"
    assert said({"cooked": '<aside class="quote"><p>Only this</p></aside>'}) == "Only this"
    assert said({"cooked": '<aside class="onebox"><p>a link</p></aside>'}) == "a link"
    assert said({"cooked": '<aside class="quote"><p>never closed'}) == "never closed"


@trials(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/aside clquote=\"'p x", max_size=200))
def test_any_markup_gives_some_text(cooked: str) -> None:
    said({"cooked": cooked})


def test_an_edit_and_the_state_of_its_topic_are_read(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect()
    [found], cursor = drain(connector, {})
    again = connector.read(ref_of(found))
    assert again is not None
    assert (again.title, again.text, again.locked) == (found.title, found.text, "")
    peer.edit("Cold coffee", "They mended it")
    peer.topics[110]["closed"] = True
    [listed], _ = drain(connector, cursor)
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.text == listed.text == "They mended it"
    assert again.edited_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert again.locked == "the topic is closed"


def test_hits_of_a_search_are_read_in_full_and_once(peer: ThisPeer, connect: Connect) -> None:
    for n in range(65):
        peer.add(f"Harbour coffee was far too cold at visit {n}")
    peer.add("Something else")
    connector = connect(posts=False, searches=["Harbour coffee"])
    found, cursor = drain(connector, {})
    assert sorted(m.text for m in found) == sorted(
        f"Harbour coffee was far too cold at visit {n}" for n in range(65)
    )
    assert {m.title[:9] for m in found} == {"Visit no."}
    asked = peer.server.requests[0]
    assert (asked.get("q"), asked.get("page")) == ("Harbour coffee order:latest", "1")
    peer.server.requests.clear()
    page = connector.fetch(cursor)
    assert (page.unchanged, page.next_cursor, peer.requests()) == (True, cursor, 1)
    peer.add("Harbour coffee again")
    found, _ = drain(connect(posts=False, searches=["Harbour coffee"]), cursor)
    assert [m.text for m in found] == ["Harbour coffee again"]


def test_a_hit_whose_post_we_may_not_read_keeps_its_excerpt(
    peer: ThisPeer, connect: Connect
) -> None:
    peer.add("Harbour coffee was far too cold")
    peer.server.on("/posts/11.json", Reply(404))
    [found], _ = drain(connect(posts=False, searches=["Harbour"]), {})
    assert (found.external_id, found.text) == ("11", "Harbour coffee was f")


def test_topics_of_old_searches_become_their_first_posts(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    old = [{"type": "topic", "name": "Topics", "more": True, "results": [
        {"id": 110, "title": "Visit no. 11", "url": "/t/visit-no-11/110"},
        {"id": 5, "title": "A topic that is gone", "url": "/t/x/5"}, {"title": "No id"}]},
        {"type": "user", "results": [{"id": "ada"}]}]  # fmt: skip
    peer.server.on("/search.json", Reply.json(old))
    connector = connect(posts=False, searches=["coffee"])
    page = connector.fetch({})
    assert [(m.external_id, m.text) for m in page.mentions] == [
        ("11", "Cold coffee"),
        ("topic-5", "A topic that is gone"),
    ]
    assert [p.reason for p in page.problems] == ["a hit has no id"]
    assert connector.read(ref_of(page.mentions[1])) is None
    assert connector.fetch(page.next_cursor).unchanged


def test_notifications_name_posts_that_speak_to_us(peer: ThisPeer, connect: Connect) -> None:
    for n, kind in enumerate((1, 5, 9, 2)):
        post = peer.write(GUEST, f"Post {n}")
        peer.notices.append(
            {
                "id": 900 + n,
                "notification_type": kind,
                "created_at": "2026-03-01T10:00:00Z",
                "topic_id": post["topic_id"],
                "post_number": 1,
                "data": {"original_post_id": post["id"], "topic_title": "A visit"},
            }
        )
    peer.notices.append({"id": 990, "notification_type": 1, "data": {}})
    connector = connect(posts=False, notifications=True)
    page = connector.fetch({})
    assert {m.text: m.addressed_to_us for m in page.mentions} == {
        "Post 0": True,
        "Post 2": False,
        "Post 3": True,
    }
    assert [p.reason for p in page.problems] == ["the notification names no post"]
    assert connector.fetch(page.next_cursor).unchanged


def test_without_a_key_a_public_forum_is_read_and_answered_by_hand(
    peer: ThisPeer, connect: Connect
) -> None:
    peer.add("Cold coffee")
    connector = connect(api_key=None, username="")
    [found], _ = drain(connector, {})
    assert all("Api-Key" not in r.headers for r in peer.server.requests)
    settings = DiscourseSettings.model_validate({**peer.settings, "api_key": None, "username": ""})
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(settings).reply_mode == "manual"
    assert KIND.answer_page is not None
    assert KIND.answer_page(settings, ref_of(found)) == found.url
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported):
            call(ref_of(found), ANSWER, "k")
    assert "as a guest" in connector.verify().summary


def test_a_user_key_acts_as_whom_the_forum_says(peer: ThisPeer, connect: Connect) -> None:
    said = {"api_key": None, "username": "", "user_api_key": "env:TEST_DISCOURSE_KEY"}
    peer.server.on("/session/current.json", Reply.json({"current_user": {"username": "mara"}}))
    health = connect(**said).verify()
    assert health.summary.endswith("as @mara, 32,000 characters")
    assert peer.server.requests[-1].headers["User-Api-Key"] == peer.secret
    assert "Api-Username" not in peer.server.requests[-1].headers


def test_a_reply_goes_below_its_post(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    receipt = connector.reply(ref_of(found), ANSWER, "k")
    sent = peer.server.requests[-1]
    assert json.loads(sent.body) == {"topic_id": 110, "raw": ANSWER, "reply_to_post_number": 1}
    assert (sent.headers["Api-Key"], sent.headers["Api-Username"]) == (peer.secret, OWN)
    assert (receipt.state, receipt.url) == ("visible", f"{peer.server.url}/t/visit-no-11/110/2")
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert (there.external_id, there.state) == (receipt.external_id, "visible")
    with pytest.raises(Rejected, match="too similar"):
        connector.reply(ref_of(found), ANSWER, "k")
    connector.reply(MentionRef(found.external_id), ANSWER + " again", "k2")
    assert json.loads(peer.server.requests[-1].body)["topic_id"] == 110


def test_a_reply_that_waits_is_followed(peer: ThisPeer, connect: Connect) -> None:
    peer.moderated = True
    peer.add("Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    receipt = connector.reply(ref_of(found), ANSWER, "k")
    assert (receipt.state, receipt.external_id) == ("accepted", "pending-71")
    waiting = connector.find_reply(ref_of(found), ANSWER, "k")
    assert waiting is not None
    assert waiting.state == "accepted"
    peer.queue.clear()
    assert connector.find_reply(ref_of(found), ANSWER, "k") is None
    peer.staff = True
    peer.refused = [{"id": 71, "topic_id": 110, "payload": {"raw": ANSWER}}]
    refused = connector.find_reply(ref_of(found), ANSWER, "k")
    assert refused is not None
    assert refused.state == "rejected"
    peer.write(OWN, ANSWER, 110, 1)
    seen = connector.find_reply(ref_of(found), ANSWER, "k")
    assert seen is not None
    assert seen.state == "visible"


def test_where_the_queue_is_not_shown_nobody_can_tell(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    peer.server.on(f"/posts/{OWN}/pending.json", Reply(404))
    with pytest.raises(NotSupported):
        connector.find_reply(ref_of(found), ANSWER, "k")


def test_our_reply_is_found_among_many_and_nobody_elses(peer: ThisPeer, connect: Connect) -> None:
    first = peer.write(GUEST, "Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    for n in range(45):
        peer.write("ben", f"Mine too {n}", first["topic_id"], 1)
    peer.write("ben", ANSWER, first["topic_id"], 1)
    assert connector.find_reply(ref_of(found), ANSWER, "k") is None
    stands = peer.write(OWN, ANSWER, first["topic_id"], 1)
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert there.external_id == str(stands["id"])
    peer.remove("Cold coffee")
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), ANSWER, "k")


def test_our_reply_is_known_by_what_was_written(peer: ThisPeer, connect: Connect) -> None:
    first = peer.write(GUEST, "Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    linked = "We are sorry, see [our page](https://a.io/b) and https://a.io/c for more"
    stands = peer.write(OWN, linked, first["topic_id"], 1)
    stands["cooked"] = '<p>We are sorry, see <a href="#">our page</a> and a box for more</p>'
    there = connector.find_reply(ref_of(found), linked, "k")
    assert there is not None
    assert there.external_id == str(stands["id"])


def test_a_closed_topic_refuses_and_a_deleted_one_is_gone(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    peer.topics[110]["closed"] = True
    with pytest.raises(Rejected, match="closed or deleted"):
        connector.reply(ref_of(found), ANSWER, "k")
    peer.remove("Cold coffee")
    with pytest.raises(Gone):
        connector.reply(ref_of(found), ANSWER, "k")


def test_length_has_two_ends(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect(longest_reply=100)
    [found], _ = drain(connector, {})
    assert connector.objections("x" * 20) == ()
    assert connector.objections(" Thanks. " + " " * 40) == ("it has fewer than 20 characters",)
    peer.server.requests.clear()
    with pytest.raises(Rejected, match="101 characters, 100 fit"):
        connector.reply(ref_of(found), "x" * 101, "k")
    assert peer.requests() == 0
    with pytest.raises(Rejected, match="too short"):
        connector.reply(ref_of(found), "x", "k")


def test_an_unreadable_answer_to_a_reply_is_unknown(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    connector = connect()
    [found], _ = drain(connector, {})
    for odd in (Reply(body=b"<html>"), Reply.json({"success": True}), Reply.json([])):
        peer.server.on("/posts.json", odd)
        with pytest.raises(UnknownOutcome):
            connector.reply(ref_of(found), ANSWER, "k")


ERRORS: list[tuple[int, dict[str, Any], type[ConnectorError], float | None]] = [
    (429, {"errors": ["x"], "error_type": "rate_limit",
           "extras": {"wait_seconds": 12, "time_left": "12 seconds"}}, RateLimited, 12),
    (429, {"errors": ["Slow down, you're making too many requests."]}, RateLimited, None),
    (422, {"errors": ["x"], "error_type": "rate_limit", "extras": {"wait_seconds": 3}},
     RateLimited, 3),
    (403, {"errors": ["You are not permitted."], "error_type": "invalid_access"},
     AuthFailed, None),
    (403, {"errors": ["You need to be logged in."], "error_type": "not_logged_in"},
     AuthFailed, None),
    (404, {"errors": ["x"], "error_type": "not_found"}, Gone, None),
    (400, {"errors": ["x"], "error_type": "not_found"}, Gone, None),
    (422, {"action": "create_post", "errors": ["Body is too short"]}, Rejected, None),
    (400, {"errors": ["x"], "error_type": "invalid_parameters"}, Rejected, None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "error", "wait"), ERRORS)
def test_each_error_of_the_forum_has_its_name(
    peer: ThisPeer,
    connect: Connect,
    status: int,
    body: dict[str, Any],
    error: type[ConnectorError],
    wait: float | None,
) -> None:
    peer.server.on("/posts.json", Reply.json(body, status))
    with pytest.raises(error) as caught:
        connect().fetch({})
    assert type(caught.value) is error
    if isinstance(caught.value, RateLimited):
        expected = None if wait is None else timedelta(seconds=wait)
        assert caught.value.retry_after == expected
    assert peer.secret not in str(caught.value)


def test_odd_posts_are_problems_and_the_others_are_read(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    good = peer.find("Cold coffee")
    odd = [good, None, {}, {"id": "x"}, {"id": 10**30}, {"id": 7, "username": 5},
           {"id": "9", "raw": [{"type": "paragraph"}], "cooked": "<p>Words</p>"}]  # fmt: skip
    peer.server.on("/posts.json", Reply.json({"latest_posts": odd}))
    page = connect().fetch({})
    assert [m.external_id for m in page.mentions] == ["11", "9"]
    assert len(page.problems) == 5
    peer.server.on("/posts.json", Reply.json({"latest_posts": good}))
    assert len(connect().fetch({}).mentions) == 1
    peer.server.on("/posts.json", Reply.json({"posts": []}))
    with pytest.raises(LayoutChanged):
        connect().fetch({})


class Ledger:
    def __init__(self) -> None:
        self.spent: list[str] = []

    def spend(self, budget: str, amount: float = 1.0) -> None:
        self.spent.append(budget)

    def charge(self, budget: str, amount: float) -> None:
        raise AssertionError(f"nothing is charged afterwards: {budget} {amount}")


def test_each_request_is_booked(peer: ThisPeer, connect: Connect) -> None:
    peer.add("Cold coffee")
    ledger = Ledger()
    drain(connect(Context("d", now=lambda: NOW, meter=ledger), searches=["coffee"]), {})
    assert ledger.spent == ["calls"] * peer.requests()
    settings = DiscourseSettings.model_validate(peer.settings)
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(settings)
    assert isinstance(budget, Budget)
    assert budget.amount + (budget.burst or 0) <= 60


def test_a_used_up_account_rests(peer: ThisPeer, connect: Connect) -> None:
    empty = Reply.json({"latest_posts": []}, X_RateLimit_Remaining="0", Retry_After="30")
    peer.server.on("/posts.json", empty)
    assert connect().fetch({}).account_rests == timedelta(seconds=30)


def delivery(event: str, body: Any, secret: str = "s3cret") -> Delivery:
    raw = json.dumps(body).encode()
    signed = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return Delivery(
        raw,
        {
            "x-discourse-event": event,
            "x-discourse-event-id": "4711",
            "x-discourse-event-signature": signed,
        },
    )


def test_deliveries_are_admitted_by_their_signature(
    peer: ThisPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK", "s3cret")
    settings = DiscourseSettings.model_validate(
        {**peer.settings, "webhook_secret": "env:TEST_HOOK"}
    )
    hook = KIND.hook
    assert hook is not None
    post = peer.write(GUEST, "Cold coffee") | {"topic_title": "Visit"}
    hook.admit(settings, delivery("post_created", {"post": post}), NOW)
    for wrong in (delivery("post_created", {"post": post}, "other"), Delivery(b"{}")):
        with pytest.raises(NotAdmitted):
            hook.admit(settings, wrong, NOW)
    bare = DiscourseSettings.model_validate(peer.settings)
    with pytest.raises(NotAdmitted):
        hook.admit(bare, delivery("post_created", {"post": post}), NOW)
    for event, deleted in (("post_created", False), ("post_edited", False),
                           ("post_destroyed", True)):  # fmt: skip
        [found] = hook.open(settings, delivery(event, {"post": post})).mentions
        assert (found.external_id, found.title, found.deleted) == ("11", "Visit", deleted)
    assert hook.delivery_id is not None
    assert hook.delivery_id(delivery("ping", {"ping": "OK"})) == "4711"
    for nothing in (
        delivery("ping", {"ping": "OK"}),
        delivery("topic_created", {"topic": {"id": 1}}),
        delivery("post_created", {"post": {**post, "topic_archetype": "private_message"}}),
        delivery("post_created", {"post": {**post, "username": OWN}}),
    ):
        assert hook.open(settings, nothing).mentions == ()
    assert hook.open(settings, delivery("post_created", {"post": {}})).problems
    for odd in (Delivery(b"<html>"), Delivery(b"[]"), delivery("post_created", {})):
        with pytest.raises(LayoutChanged):
            hook.open(settings, odd)


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": "the key itself"},
        {"username": ""},
        {"user_api_key": "env:OTHER"},
        {"posts": False},
        {"api_key": None, "notifications": True},
        {"searches": ["ab"]},
        {"base_url": "forum"},
    ],
)
def test_settings_are_checked(peer: ThisPeer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DiscourseSettings.model_validate({**peer.settings, **wrong})


@pytest.mark.parametrize("ident", ["", "../../admin", "1/replies", "a", "topic-x", "0"])
def test_what_is_no_id_never_becomes_part_of_an_address(
    peer: ThisPeer, connect: Connect, ident: str
) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect().read(MentionRef(ident))
    assert peer.requests() == 0


def recorded() -> list[Path]:
    folders = (RECORDINGS / "discourse", RECORDINGS / "discourse_docs_responses")
    found = sorted(path for folder in folders for path in folder.glob("*.json"))
    if not found:
        pytest.skip("the recordings are not here")
    return found


def posts_in(value: Any) -> Iterator[dict[str, Any]]:
    """Find every recorded post by its shape, independently of the connector."""
    if isinstance(value, list):
        for one in value:
            yield from posts_in(one)
    elif isinstance(value, dict):
        if {"id", "cooked", "username", "created_at"} <= set(value):
            yield value
        for one in value.values():
            yield from posts_in(one)


def test_every_recorded_post_is_understood() -> None:
    count = 0
    for path in recorded():
        for post in posts_in(json.loads(path.read_text())):
            found = mention_of(post, "https://forum.example")
            count += 1
            assert found.external_id == str(post["id"])
            assert found.text
            assert "<" not in found.text or "&lt;" in post["cooked"]
            assert found.created_at is not None
            assert "/t/" in found.url or "topic_id" not in post
    assert count >= 12


def test_recorded_latest_posts_are_replayed_whole(peer: ThisPeer, connect: Connect) -> None:
    body = json.loads(next(p for p in recorded() if p.name == "posts_before.json").read_text())
    peer.server.on("/posts.json", Reply.json(body))
    found, cursor = drain(connect(), {})
    assert {m.external_id for m in found} == {str(p["id"]) for p in body["latest_posts"]}
    assert drain(connect(), cursor) == ([], cursor)


def test_every_recorded_body_is_read_or_told_in_any_place(peer: ThisPeer, connect: Connect) -> None:
    for path in recorded():
        reply = Reply.json(json.loads(path.read_text()))
        for place, chosen in (
            ("/posts.json", {}),
            ("/search.json", {"posts": False, "searches": ["abc"]}),
            ("/notifications.json", {"posts": False, "notifications": True}),
        ):
            peer.server.on(place, reply)
            with contextlib.suppress(ConnectorError):
                drain(connect(**chosen), {})


def test_recorded_notifications_are_found(peer: ThisPeer, connect: Connect) -> None:
    body = json.loads(next(p for p in recorded() if p.name == "notifications.json").read_text())
    peer.server.on("/notifications.json", Reply.json(body))
    found, _ = drain(connect(posts=False, notifications=True), {})
    assert [m.external_id for m in found] == [str(n["data"]["original_post_id"]) for n in body]
