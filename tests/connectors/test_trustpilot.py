"""Trustpilot: both lists to their end, edits, replies, the webhook, and every refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Problem
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
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.trustpilot import KIND, TrustpilotConnector, TrustpilotSettings
from connectors.trustpilot.reviews import mention_of
from connectors.vault import MemoryVault
from tests.connectors.peers.trustpilot import KEY, SECRET, TOKEN, UNIT, USER, ThisPeer
from tests.support.cassettes import RECORDINGS

PUBLIC = {"api_secret": None, "author_business_user_id": None}


@pytest.fixture
def opened() -> Iterator[list[TrustpilotConnector]]:
    connectors: list[TrustpilotConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer, opened: list[TrustpilotConnector], context: Context | None = None, **said: Any
) -> TrustpilotConnector:
    chosen = TrustpilotSettings.model_validate({**peer.settings, **said})
    opened.append(TrustpilotConnector(chosen, context or Context("t", now=lambda: NOW)))
    return opened[-1]


def drain(
    connector: TrustpilotConnector, cursor: Any
) -> tuple[list[FoundMention], list[Problem], Any]:
    found: list[FoundMention] = []
    problems: list[Problem] = []
    for _ in range(60):
        page = connector.fetch(cursor)
        found += page.mentions
        problems += page.problems
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, problems, cursor
    raise AssertionError("there is always more")


def lists_asked(peer: ThisPeer) -> int:
    count = sum(path.endswith(f"{UNIT}/reviews") for path in peer.server.paths())
    peer.server.requests.clear()
    return count


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, url=found.url)


@pytest.mark.parametrize("by_token", [False, True])
@pytest.mark.parametrize("per_page", [100, 7])
@pytest.mark.parametrize("said", [{}, PUBLIC])
def test_every_page_of_either_list_is_read(
    peer: ThisPeer,
    opened: list[TrustpilotConnector],
    by_token: bool,
    per_page: int,
    said: dict[str, Any],
) -> None:
    peer.pages_by_token, peer.per_page = by_token, per_page
    for n in range(205):
        peer.add(f"Complaint {n}", timedelta(days=n))
    found, problems, _ = drain(connect(peer, opened, **said), {})
    assert problems == []
    assert sorted(m.text for m in found) == sorted(f"Complaint {n}" for n in range(205))
    private = any(path.startswith("/v1/private/business-units") for path in peer.server.paths())
    assert private == (not said)


def test_a_full_last_page_ends_with_an_empty_one(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    for n in range(100):
        peer.add(f"Complaint {n}", timedelta(days=n))
    assert len(drain(connect(peer, opened), {})[0]) == 100
    assert lists_asked(peer) == 2


def test_a_server_that_does_not_turn_pages_keeps_nobody_busy(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    review = peer.add("Complaint")
    body = {"links": [{"rel": "next-page"}], "reviews": [review], "nextPageToken": "x"}
    peer.server.on(f"/v1/private/business-units/{UNIT}/reviews", Reply.json(body))
    found, _, _ = drain(connect(peer, opened), {})
    assert len(found) == 2
    assert lists_asked(peer) == 2


def test_later_polls_read_one_page_and_the_day_s_first_reads_weeks(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    for n in range(400):
        peer.add(f"Complaint {n}", timedelta(hours=6 * n))
    connector = connect(peer, opened)
    _, _, cursor = drain(connector, {})
    lists_asked(peer)
    assert drain(connector, cursor)[2] == cursor
    assert lists_asked(peer) == 1
    peer.add("On the edge of the lag", timedelta(hours=20))
    found, _, cursor = drain(connector, cursor)
    assert "On the edge of the lag" in {m.text for m in found}
    peer.edit("Complaint 110", "Edited after four weeks")
    tomorrow = connect(peer, opened, Context("t", now=lambda: NOW + timedelta(days=1)))
    lists_asked(peer)
    found, _, later = drain(tomorrow, cursor)
    assert lists_asked(peer) == 2
    [edited] = [m for m in found if m.text == "Edited after four weeks"]
    assert edited.edited_at == NOW
    assert drain(tomorrow, later)[2] == later
    assert lists_asked(peer) == 1


def test_once_a_month_everything_is_read_for_what_came_back(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    for n in range(150):
        peer.add(f"Complaint {n}", timedelta(days=n))
    _, _, cursor = drain(connect(peer, opened), {})
    peer.add("Hidden while under dispute", timedelta(days=100))
    april = connect(peer, opened, Context("t", now=lambda: NOW + timedelta(days=31)))
    assert "Hidden while under dispute" in {m.text for m in drain(april, cursor)[0]}


def test_equal_times_and_a_wrong_clock_lose_nothing(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    for n in range(120):
        peer.add(f"Imported {n}", timedelta(days=2))
    peer.add("From the future", timedelta(days=-400))
    _, _, cursor = drain(connect(peer, opened), {})
    for n in range(110):
        peer.add(f"New {n}", timedelta(minutes=1))
    found, _, _ = drain(connect(peer, opened), cursor)
    assert {m.text for m in found} >= {f"New {n}" for n in range(110)}


def test_an_unordered_list_is_read_until_a_whole_page_is_old(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    old = [peer.add(f"Old {n}", timedelta(days=200 + n)) for n in range(100)]
    connector = connect(peer, opened)
    _, _, cursor = drain(connector, {})
    late = [peer.add(f"Late {n}", timedelta(minutes=n)) for n in range(4)]
    mixed = [late[0], *old[:50], late[1], *old[50:98]]
    pages = [Reply.json({"reviews": mixed}), Reply.json({"reviews": late[2:]})]
    peer.server.on(f"/v1/private/business-units/{UNIT}/reviews", *pages)
    found, _, _ = drain(connector, cursor)
    assert {m.text for m in found} >= {f"Late {n}" for n in range(4)}


def test_fields_of_a_review(peer: ThisPeer, opened: list[TrustpilotConnector]) -> None:
    review = peer.add("I <3 it & <script>x</script> \x07\ud83d cold\r\ncoffee")
    review["companyReply"] = {
        "text": "Sorry.",
        "createdAt": "2026-03-01T10:00:00",
        "updatedAt": "2026-03-01T11:00:00Z",
    }
    review["location"] = {"id": "9", "name": "Pier 4"}
    review["consumer"]["email"] = "ada@example.org"
    [found], _, _ = drain(connect(peer, opened), {})
    assert found.text == "I <3 it & <script>x</script> \ufffd cold\ncoffee"
    assert (found.rating, found.language, found.author_name) == (2.0, "en", "Ada")
    assert found.url == f"https://www.trustpilot.com/reviews/{review['id']}"
    assert found.created_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert found.edited_at is None
    assert (found.our_reply, found.location, found.locked) == ("Sorry.", "Pier 4", "")
    assert found.our_reply_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert found.raw == {"verified": True, "reference": "order-7"}


GOOD = {"id": "a1", "stars": 3, "text": "Words", "createdAt": "2026-03-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("review", "kept", "odd"),
    [
        (GOOD, True, False),
        ({**GOOD, "stars": "4"}, True, False),
        ({**GOOD, "stars": None}, True, True),
        ({**GOOD, "stars": 9}, True, True),
        ({**GOOD, "stars": True}, True, True),
        ({**GOOD, "text": None, "title": None}, True, False),
        ({**GOOD, "text": None, "stars": None}, False, True),
        ({**GOOD, "consumer": None, "companyReply": "x", "location": []}, True, False),
        ({**GOOD, "complianceLabels": [None], "updatedAt": 7, "createdAt": {}}, True, False),
        ({**GOOD, "id": None}, False, True),
        ({**GOOD, "id": 17}, False, True),
        ({**GOOD, "id": "../../x"}, False, True),
        ({**GOOD, "id": "x" * 900}, False, True),
        (None, False, True),
        ([GOOD], False, True),
        ("x", False, True),
    ],
)
def test_an_odd_review_is_told_and_the_others_are_read(
    peer: ThisPeer, opened: list[TrustpilotConnector], review: Any, kept: bool, odd: bool
) -> None:
    body = {"reviews": [{**GOOD, "id": "b"}, review, {**GOOD, "id": "c"}]}
    peer.server.on(f"/v1/private/business-units/{UNIT}/reviews", Reply.json(body))
    page = connect(peer, opened).fetch({})
    assert [m.external_id for m in page.mentions] == ["b", *(["a1"] if kept else []), "c"]
    assert bool(page.problems) == odd
    assert all("Words" not in problem.reason for problem in page.problems)


@pytest.mark.parametrize(
    ("title", "text", "kept"),
    [
        ("Some of the screens are too…", "Some of the screens are too hard to read", ""),
        ("Awful", "Never again", "Awful"),
        ("Cold\u2026", "Cold", ""),
        ("Cold coffee", "", ""),
    ],
)
def test_a_title_made_up_from_the_text_is_dropped(title: str, text: str, kept: str) -> None:
    found, _ = mention_of({**GOOD, "title": title, "text": text})
    assert found.title == kept
    assert found.text == (text or title)


@pytest.mark.parametrize(
    ("said", "locked"),
    [
        ({"status": "active"}, False),
        ({}, False),
        ({"status": "hidden"}, True),
        ({"status": "Archived"}, True),
        ({"reportData": {"reviewVisibility": "hidden"}}, True),
        ({"reportData": {"reviewVisibility": "visible"}}, False),
        ({"reportData": None}, False),
    ],
)
def test_a_hidden_review_takes_no_answer(said: dict[str, Any], locked: bool) -> None:
    assert bool(mention_of({**GOOD, **said})[0].locked) == locked


def test_a_reply_is_sent_as_documented_and_replaces_the_last(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _, _ = drain(connector, {})
    receipt = connector.reply(ref_of(found), "Sorry, Ada.", "k")
    sent = peer.server.requests[-1]
    assert sent.path == f"/v1/private/reviews/{found.external_id}/reply"
    assert json.loads(sent.body) == {"authorBusinessUserId": USER, "message": "Sorry, Ada."}
    assert (sent.headers["Authorization"], "apikey" in sent.headers) == (f"Bearer {TOKEN}", False)
    assert (receipt.state, receipt.url) == ("visible", found.url)
    connector.reply(ref_of(found), "We are sorry, Ada.", "k2")
    assert peer.published() == ["We are sorry, Ada."]
    assert connector.find_reply(ref_of(found), "Sorry, Ada.", "k") is None
    there = connector.find_reply(ref_of(found), "We are sorry,  Ada", "k2")
    assert there is not None
    assert (there.at, there.text) == (NOW, "We are sorry, Ada.")
    again = connector.read(ref_of(found))
    assert again is not None
    assert (again.our_reply, again.our_reply_at) == ("We are sorry, Ada.", NOW)
    peer.remove("Cold coffee")
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), "We are sorry, Ada.", "k2")


def test_a_reply_is_refused_before_it_is_sent(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    connector = connect(peer, opened, max_reply_length=5)
    with pytest.raises(Rejected, match="6 characters, 5 fit"):
        connector.reply(MentionRef("a1"), "Sorry!", "k")
    for ident in ("", "../x", "a b", "a/reply"):
        with pytest.raises(Rejected, match="no id"):
            connector.reply(MentionRef(ident), "Sorry", "k")
        with pytest.raises(Rejected, match="no id"):
            connector.read(MentionRef(ident))
    with pytest.raises(NotSupported):
        connect(peer, opened, **PUBLIC).reply(MentionRef("a1"), "Sorry", "k")
    assert peer.requests() == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply.json({"message": "Unknown business user", "errorCode": 1}, 400), Rejected),
        (Reply(500), UnknownOutcome),
        (Reply(fault="drop"), UnknownOutcome),
        (Reply(503, headers={"Retry-After": "9"}), Unavailable),
        (Reply(429), RateLimited),
        (Reply(404), Gone),
        (Reply(303, headers={"Location": "/x"}), UnknownOutcome),
    ],
)
def test_what_becomes_of_a_reply_is_named(
    peer: ThisPeer,
    opened: list[TrustpilotConnector],
    answer: Reply,
    error: type[ConnectorError],
) -> None:
    peer.server.on("/v1/private/reviews/a1/reply", answer)
    with pytest.raises(error):
        connect(peer, opened).reply(MentionRef("a1"), "Sorry", "k")


def fault(code: str, said: str = "No") -> dict[str, Any]:
    return {"fault": {"faultstring": said, "detail": {"errorcode": code}}}


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (Reply.json(fault("oauth.v2.InvalidApiKey", "Invalid ApiKey"), 401), AuthFailed, "ApiKey"),
        (Reply.json(fault("oauth.v2.InvalidApiKey", "Invalid ApiKey"), 400), AuthFailed, "ApiKey"),
        (Reply.json(fault("oauth.v2.InvalidApiKey", "Invalid ApiKey"), 200), AuthFailed, "ApiKey"),
        (Reply.json(fault("policies.ratelimit.QuotaViolation"), 429), RateLimited, "No"),
        (Reply.json(fault("policies.ratelimit.SpikeArrestViolation"), 500), RateLimited, "No"),
        (Reply.json(fault("messaging.adaptors.http.flow.GatewayTimeout"), 504), Unavailable, "504"),
        (Reply.json({"message": "Bad perPage", "errorCode": 2}, 400), Rejected, "Bad perPage"),
        (Reply.json({"message": "No rights", "errorCode": 3}, 403), AuthFailed, "No rights"),
        (Reply.json({"message": "Not found"}, 404), Gone, "404"),
        (Reply.json({"fault": "odd"}), LayoutChanged, "no list"),
        (Reply.json({"fault": {"detail": 1}}, 500), Unavailable, "500"),
        (Reply(200, b'{"fault'), LayoutChanged, "JSON"),
    ],
)
def test_refusals_have_their_names(
    peer: ThisPeer,
    opened: list[TrustpilotConnector],
    answer: Reply,
    error: type[ConnectorError],
    says: str,
) -> None:
    peer.server.on(f"/v1/business-units/{UNIT}/reviews", answer)
    with pytest.raises(error, match=says) as caught:
        connect(peer, opened, **PUBLIC).fetch({})
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_token_is_asked_for_once_and_again_when_it_is_refused(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    vault = MemoryVault()
    context = Context("t", now=lambda: NOW, vault=vault)
    for _ in range(3):
        connect(peer, opened, context).fetch({})
    assert peer.tokens_given == 1
    kept = vault.get("token")
    assert kept is not None
    assert kept["expires_at"] == (NOW + timedelta(seconds=359_999)).isoformat()
    peer.token = "renewed"
    connect(peer, opened, context).fetch({})
    assert peer.tokens_given == 2
    late = Context("t", now=lambda: NOW + timedelta(days=5), vault=vault)
    connect(peer, opened, late).fetch({})
    assert peer.tokens_given == 3


def test_each_call_is_booked_in_every_budget_or_in_none(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    class Meter:
        def __init__(self) -> None:
            self.used: dict[str, float] = {}
            self.full = ""

        def spend(self, budget: str, amount: float = 1.0) -> None:
            if budget == self.full:
                raise RateLimited("the budget is used up")
            self.charge(budget, amount)

        def charge(self, budget: str, amount: float) -> None:
            self.used[budget] = self.used.get(budget, 0) + amount

    meter = Meter()
    connector = connect(peer, opened, Context("t", now=lambda: NOW, meter=meter))
    connector.fetch({})
    assert meter.used == {"calls": 2, "calls an hour": 2, "calls a year": 2}
    assert peer.requests() == 2
    assert KIND.budgets_of is not None
    chosen = TrustpilotSettings.model_validate(peer.settings)
    budgets = KIND.budgets_of(chosen)
    assert {budget.name for budget in budgets} == set(meter.used)
    assert [b.amount + (b.burst or 0) for b in budgets] == [833, 10_000, 200_000]
    meter.full = "calls a year"
    with pytest.raises(RateLimited):
        connector.fetch({})
    assert meter.used == {"calls": 2, "calls an hour": 2, "calls a year": 2}
    assert peer.requests() == 2
    free = TrustpilotSettings.model_validate({**peer.settings, "calls_per_year": 0})
    assert len(KIND.budgets_of(free)) == 2


def test_verify_tells_what_may_be_done(peer: ThisPeer, opened: list[TrustpilotConnector]) -> None:
    assert connect(peer, opened).verify().summary == (
        "reads all reviews of Harbour Coffee and may answer them"
    )
    reading = connect(peer, opened, **PUBLIC).verify()
    assert "public reviews" in reading.summary
    assert "api_secret" in reading.advice
    assert "author_business_user_id" in (
        connect(peer, opened, author_business_user_id=None).verify().advice
    )
    peer.revoke()
    with pytest.raises(AuthFailed, match="Invalid ApiKey"):
        connect(peer, opened).verify()


def test_what_may_be_done_follows_from_the_settings(peer: ThisPeer) -> None:
    assert KIND.capabilities_of is not None
    able = KIND.capabilities_of(TrustpilotSettings.model_validate(peer.settings))
    assert (able.can_reply, able.reply_mode, able.max_length) == (True, "replace", 10_000)
    reading = KIND.capabilities_of(TrustpilotSettings.model_validate({**peer.settings, **PUBLIC}))
    assert (reading.can_reply, reading.reply_mode) == (False, "manual")
    with pytest.raises(ValidationError):
        TrustpilotSettings.model_validate({**peer.settings, "api_secret": None})
    with pytest.raises(ValidationError):
        TrustpilotSettings.model_validate({**peer.settings, "business_unit_id": "a/b"})


HOOKED = {
    "business_unit_id": UNIT,
    "api_key": "env:TEST_TRUSTPILOT_KEY",
    "webhook_secret": "env:TEST_TRUSTPILOT_HOOK",
}


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("delivery", "admitted"),
    [
        (Delivery(b"", query={"secret": "hook-s3cret"}), True),
        (Delivery(b"", {"authorization": basic("any:hook-s3cret")}), True),
        (Delivery(b"", {"authorization": "Bearer hook-s3cret"}), True),
        (Delivery(b"", query={"secret": "wrong"}), False),
        (Delivery(b""), False),
        (Delivery(b"", {"authorization": basic("hook-s3cret")}), False),
        (Delivery(b"", {"authorization": basic("any:wrong")}, {"secret": "hook-s3cret"}), False),
        (Delivery(b"", {"authorization": "Basic %%%"}), False),
        (Delivery(b"", {"authorization": "Basic \u00e9"}), False),
    ],
)
def test_only_who_knows_the_secret_is_admitted(
    delivery: Delivery, admitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TRUSTPILOT_HOOK", "hook-s3cret")
    assert KIND.hook is not None
    chosen = TrustpilotSettings.model_validate(HOOKED)
    if admitted:
        KIND.hook.admit(chosen, delivery, NOW)
        return
    with pytest.raises(NotAdmitted) as caught:
        KIND.hook.admit(chosen, delivery, NOW)
    assert "hook-s3cret" not in str(caught.value)


def test_without_a_secret_nobody_is_admitted() -> None:
    assert KIND.hook is not None
    chosen = TrustpilotSettings.model_validate({**HOOKED, "webhook_secret": None})
    with pytest.raises(NotAdmitted):
        KIND.hook.admit(chosen, Delivery(b"", query={"secret": ""}), NOW)


def opened_page(body: Any, query: dict[str, str] | None = None) -> Any:
    assert KIND.hook is not None
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    chosen = TrustpilotSettings.model_validate(HOOKED)
    return KIND.hook.open(chosen, Delivery(raw, query=query or {}))


def event(name: Any, data: Any) -> dict[str, Any]:
    return {"eventName": name, "version": "1", "eventData": data}


def test_events_become_mentions_and_unknown_ones_are_passed_over() -> None:
    page = opened_page(
        {
            "events": [
                event("service-review-created", {**GOOD, "consumer": {"name": "Ada"}}),
                event("service-review-updated", {**GOOD, "id": "a2", "stars": 5}),
                event("service-review-deleted", {"id": "a3"}),
                event("service-review-deleted", {"id": None}),
                event("service-review-created", None),
                event("product-review-created", {**GOOD, "id": "a4"}),
                event("foo", 17),
                event(None, GOOD),
                None,
            ]
        }
    )
    assert [(m.external_id, m.deleted) for m in page.mentions] == [
        ("a1", False),
        ("a2", False),
        ("a3", True),
    ]
    assert page.mentions[0].author_name == "Ada"
    assert len(page.problems) == 4


def test_another_business_unit_s_events_are_not_ours() -> None:
    body = {"events": [event("service-review-created", GOOD)]}
    assert opened_page(body, {"businessUnitId": "another"}).mentions == ()
    assert len(opened_page(body, {"businessUnitId": UNIT}).mentions) == 1


@pytest.mark.parametrize("body", [b"", b"x", [], {}, {"events": None}, None, b"[" * 99_999])
def test_a_delivery_of_something_else_is_told(body: Any) -> None:
    with pytest.raises(LayoutChanged):
        opened_page(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*GOOD, "title", "consumer"]), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_no_review_crashes_the_reading(review: Any) -> None:
    try:
        found, _ = mention_of(review)
    except ValueError:
        return
    assert found.text or found.rating is not None
    json.dumps(found.raw)


def test_the_recorded_webhook_is_opened() -> None:
    path = RECORDINGS / "trustpilot" / "trustpilot-review-events.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    text = path.read_text("utf-8")
    wanted = text.count('"eventName":"service-review-created"')
    page = opened_page(text.encode())
    assert (len(page.mentions), page.problems) == (wanted, ())
    [found] = page.mentions
    assert (found.external_id, found.rating) == ("62c8968be77911f2449e9f74", 4.0)
    assert found.created_at == datetime(2022, 7, 8, 22, 41, 48, tzinfo=UTC)
    assert found.title == ""
    assert found.raw == {"verified": True, "reference": "XELeKJriAxDQq3ps"}


def test_the_recorded_review_is_read_from_a_list_too(
    peer: ThisPeer, opened: list[TrustpilotConnector]
) -> None:
    path = RECORDINGS / "trustpilot" / "trustpilot-review-events.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    reviews = [one["eventData"] for one in json.loads(path.read_text("utf-8"))["events"]]
    peer.server.on(f"/v1/business-units/{UNIT}/reviews", Reply.json({"reviews": reviews}))
    found, problems, _ = drain(connect(peer, opened, **PUBLIC), {})
    assert (len(found), problems) == (len(reviews), [])
