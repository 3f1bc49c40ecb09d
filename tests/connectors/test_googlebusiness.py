"""Google Business Profile: one place or many, edits, moderated replies, the quota of nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import ConnectorKind, Context, FoundMention, MentionRef, Page
from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.googlebusiness import KIND, GoogleBusinessConnector, GoogleBusinessSettings
from connectors.googlebusiness.reviews import mention_of, original
from connectors.testing.http_server import Reply
from tests.connectors.peers.google_account import fault
from tests.connectors.peers.googlebusiness import (
    ACCOUNT,
    DENIED,
    HARBOUR,
    MARKET,
    NOT_FOUND,
    ThisPeer,
)
from tests.support.spending import CountingMeter

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIST = f"/v4/{HARBOUR}/reviews"
BATCH = f"/v4/{ACCOUNT}/locations:batchGetReviews"
QUOTA = "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'"


@pytest.fixture
def opened() -> Iterator[list[GoogleBusinessConnector]]:
    connectors: list[GoogleBusinessConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


Opened = list[GoogleBusinessConnector]


def connect(peer: ThisPeer, opened: Opened, **said: Any) -> GoogleBusinessConnector:
    chosen = GoogleBusinessSettings.model_validate({**peer.settings, **said})
    opened.append(GoogleBusinessConnector(chosen, Context("g", now=lambda: NOW)))
    return opened[-1]


def drain(connector: GoogleBusinessConnector, cursor: Any) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    for _ in range(200):
        pages.append(connector.fetch(json.loads(json.dumps(dict(cursor)))))
        cursor = pages[-1].next_cursor
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def found_in(pages: list[Page]) -> list[FoundMention]:
    return [one for page in pages for one in page.mentions]


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, raw=found.raw or {})


def listed(peer: ThisPeer) -> int:
    return sum(path in (LIST, BATCH) for path in peer.server.paths())


def test_the_first_run_reads_all_and_the_next_only_the_newest_page(
    peer: ThisPeer, opened: Opened
) -> None:
    for n in range(173):
        peer.add(f"Complaint {n}")
    pages, cursor = drain(connect(peer, opened), {})
    assert {one.text for one in found_in(pages)} == {f"Complaint {n}" for n in range(173)}
    assert listed(peer) == 4
    # All reviews are of one day, so within the lag: the next round reads them all once more.
    again, same = drain(connect(peer, opened), cursor)
    assert same == cursor
    for name, review in peer.reviews.items():
        if not name.endswith("-173"):
            review["createTime"] = review["updateTime"] = "2026-01-01T10:00:00Z"
    peer.server.requests.clear()
    again, same = drain(connect(peer, opened), cursor)
    assert same == cursor
    assert (listed(peer), len(found_in(again))) == (1, 50)


def test_a_late_review_within_the_lag_is_found(peer: ThisPeer, opened: Opened) -> None:
    for n in range(60):
        peer.add(f"New {n}")
    _, cursor = drain(connect(peer, opened), {})
    peer.add("Held back", createTime="2026-02-25T01:00:00Z", updateTime="2026-02-25T01:00:00Z")
    pages, _ = drain(connect(peer, opened), cursor)
    assert "Held back" in {one.text for one in found_in(pages)}


def test_a_round_that_breaks_off_goes_on_where_it_was(peer: ThisPeer, opened: Opened) -> None:
    for n in range(120):
        peer.add(f"Complaint {n}")
    first = connect(peer, opened).fetch({})
    assert first.more
    pages, cursor = drain(connect(peer, opened), first.next_cursor)
    assert len({one.external_id for one in [*first.mentions, *found_in(pages)]}) == 120
    assert "token" not in json.dumps(cursor)


def test_a_token_that_google_forgot_begins_the_round_anew_once(
    peer: ThisPeer, opened: Opened
) -> None:
    for n in range(60):
        peer.add(f"Complaint {n}")
    page = connect(peer, opened).fetch({})
    stale = json.loads(json.dumps(dict(page.next_cursor)).replace('"50"', '"forgotten"'))
    pages, _ = drain(connect(peer, opened), stale)
    assert len({one.external_id for one in found_in(pages)}) == 60
    again = {"groups": {HARBOUR: {"token": "forgotten", "again": True}}}
    with pytest.raises(Rejected, match="pageToken"):
        connect(peer, opened).fetch(again)


@pytest.mark.parametrize("token", ["same", "other"])
def test_a_server_that_repeats_a_page_is_told_and_left(
    peer: ThisPeer, opened: Opened, token: str
) -> None:
    name = peer.add("For ever")
    tokens = iter(range(1000))

    def answer(_request: Any) -> Reply:
        following = token if token == "same" else f"{token}-{next(tokens)}"
        return Reply.json({"reviews": [peer.reviews[name]], "nextPageToken": following})

    peer.server.on(LIST, answer)
    pages, cursor = drain(connect(peer, opened), {})
    assert len(pages) == 2
    assert "repeats" in pages[-1].problems[0].reason
    assert cursor == {}, "what was not shown may come yet"


@pytest.mark.parametrize("mixed", [True, False])
def test_many_locations_are_asked_for_together_and_none_is_lost(
    peer: ThisPeer, opened: Opened, mixed: bool
) -> None:
    peer.mixed = mixed
    for n in range(130):
        peer.add(f"H {n}", HARBOUR)
        peer.add(f"M {n}", MARKET)
    places = {"locations": [MARKET, HARBOUR], "names": {HARBOUR: "Harbour"}}
    pages, cursor = drain(connect(peer, opened, **places), {})
    mentions = found_in(pages)
    assert len({one.external_id for one in mentions}) == 260
    assert {one.location for one in mentions} == {"Harbour", MARKET}
    for review in peer.reviews.values():
        review["createTime"] = review["updateTime"] = "2026-01-02T00:00:00Z"
    peer.add("H new", HARBOUR)
    peer.add("M new", MARKET)
    peer.server.requests.clear()
    pages, _ = drain(connect(peer, opened, **places), cursor)
    assert {"H new", "M new"} <= {one.text for one in found_in(pages)}
    # Where the places are not mixed by time, nothing proves that what follows is old.
    assert listed(peer) <= (2 if mixed else 6)


def test_one_refused_location_does_not_silence_the_others(peer: ThisPeer, opened: Opened) -> None:
    lost, foreign = f"{ACCOUNT}/locations/lost", f"{ACCOUNT}/locations/foreign"
    places = {"locations": [HARBOUR, lost, MARKET, foreign]}
    peer.refused = {lost: NOT_FOUND, foreign: DENIED}
    for n in range(60):
        peer.add(f"H {n}", HARBOUR)
        peer.add(f"M {n}", MARKET)
    pages, cursor = drain(connect(peer, opened, **places), {})
    assert len({one.external_id for one in found_in(pages)}) == 120
    assert [(one.where, one.reason) for page in pages for one in page.problems] == [
        (foreign, "Google refuses it; see who manages it"),
        (lost, "it is not there; see who manages it"),
    ]
    peer.add("H new", HARBOUR)
    pages, cursor = drain(connect(peer, opened, **places), cursor)
    assert "H new" in {one.text for one in found_in(pages)}
    assert not any(page.problems for page in pages), "it is told once"
    pages, same = drain(connect(peer, opened, **places), cursor)
    assert same == cursor
    peer.refused = {}
    peer.add("F new", foreign)
    pages, cursor = drain(connect(peer, opened, **places), cursor)
    assert "F new" in {one.text for one in found_in(pages)}
    assert "silent" not in cursor
    peer.server.requests.clear()
    pages, _ = drain(connect(peer, opened, locations=[HARBOUR, MARKET]), cursor)
    assert BATCH in peer.server.paths(), "other locations are asked for together again"


@pytest.mark.parametrize(("refusal", "error"), [("gone", Gone), ("denied", AuthFailed)])
def test_an_account_that_is_refused_altogether_is_told_as_one(
    peer: ThisPeer, opened: Opened, refusal: str, error: type[ConnectorError]
) -> None:
    peer.add("Cold coffee", HARBOUR)
    places = {"locations": [HARBOUR, MARKET]}
    reply = NOT_FOUND if refusal == "gone" else DENIED
    peer.refused = {HARBOUR: reply, MARKET: reply}
    connector = connect(peer, opened, **places)
    _, cursor = drain(connector, {})
    with pytest.raises(error) as caught:
        drain(connector, cursor)
    assert type(caught.value) is error
    peer.refused = {MARKET: reply}
    pages, cursor = drain(connector, cursor)
    assert {one.text for one in found_in(pages)} == {"Cold coffee"}
    peer.refused = {}
    _, cursor = drain(connector, cursor)
    assert "silent" not in cursor


def test_what_concerns_the_account_is_blamed_on_no_location(peer: ThisPeer, opened: Opened) -> None:
    connector = connect(peer, opened, locations=[HARBOUR, MARKET])
    _, cursor = drain(connector, {})
    for reply, error in (
        (zero_quota(), AuthFailed),
        (fault(429, "RESOURCE_EXHAUSTED", QUOTA, quota_unit="1/min/{project}"), RateLimited),
        (fault(503, "UNAVAILABLE", "later"), Unavailable),
        (fault(401, "UNAUTHENTICATED", "no"), AuthFailed),
    ):
        peer.server.on(BATCH, reply)
        with pytest.raises(error):
            connector.fetch(cursor)
    peer.revoke()
    with pytest.raises(AuthFailed, match="no token was given"):
        connect(peer, opened, locations=[HARBOUR, MARKET]).fetch(cursor)


def test_fifty_locations_go_into_one_question(peer: ThisPeer, opened: Opened) -> None:
    places = [f"{ACCOUNT}/locations/{n}" for n in range(1000, 1120)]
    for place in places:
        peer.add(f"At {place}", place)
    pages, cursor = drain(connect(peer, opened, locations=places), {})
    assert len(found_in(pages)) == 120
    sizes = [
        len(json.loads(r.body)["locationNames"]) for r in peer.server.requests if r.body[:1] == b"{"
    ]
    assert sorted(set(sizes)) == [20, 50]
    more = [*places, HARBOUR]
    peer.add("Old, at a place that was added", HARBOUR, updateTime="2019-01-01T00:00:00Z")
    pages, _ = drain(connect(peer, opened, locations=more), cursor)
    assert "Old, at a place that was added" in {one.text for one in found_in(pages)}


def test_fields_of_a_review(peer: ThisPeer, opened: Opened) -> None:
    peer.add(
        "Cold coffee",
        createTime="2026-02-27T10:00:00.123456789Z",
        updateTime="2026-02-28T10:00:00+01:00",
        reviewReplyUrl="https://business.google.com/n/1/reviews/2",
        reviewMediaItems=[{"thumbnailUrl": "https://lh3.example/1"}],
        reviewReply={"comment": "Sorry", "updateTime": "2026-02-27T12:00:00Z"},
    )
    [found] = found_in(drain(connect(peer, opened), {})[0])
    assert found.external_id == f"{HARBOUR}/reviews/AbF-1"
    assert (found.kind, found.author_name, found.rating) == ("review", "Ada L.", 2.0)
    assert found.created_at == datetime(2026, 2, 27, 10, 0, 0, 123456, tzinfo=UTC)
    assert found.edited_at == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert (found.our_reply, found.our_reply_at) == ("Sorry", datetime(2026, 2, 27, 12, tzinfo=UTC))
    assert found.url == "https://business.google.com/n/1/reviews/2"
    assert found.location == HARBOUR
    assert found.raw == {"reply_state": "", "reply_violation": "", "media": 1}
    assert KIND.answer_page is not None
    assert KIND.answer_page(None, ref_of(found)).startswith("https://business.google.com/")


def test_odd_reviews(peer: ThisPeer, opened: Opened) -> None:
    peer.add("", starRating="FIVE", comment=None)
    peer.add("No stars", starRating="STAR_RATING_UNSPECIFIED")
    peer.add("x", comment="", starRating="STAR_RATING_UNSPECIFIED")
    peer.add("Nobody", reviewer={"isAnonymous": True, "displayName": "A Google User"})
    peer.add("Bare", reviewer=None, createTime=None, updateTime="soon", reviewReply=None)
    peer.add("Hostile \0\ud800 <b>text</b> " + "x" * 5000, starRating="ONE")
    peer.reviews["broken"] = {"name": "../../x", "comment": "no id", "updateTime": "2026"}
    page = Page((), {})
    reviews = [*peer.reviews.values(), None, "x", 5]
    peer.server.on(LIST, Reply.json({"reviews": reviews}))
    page = connect(peer, opened).fetch({})
    by_text = {one.text: one for one in page.mentions}
    assert by_text[""].rating == 5.0
    assert by_text["No stars"].rating is None
    assert by_text["Nobody"].author_name == ""
    assert by_text["Bare"].created_at is None
    assert any(text.startswith("Hostile \ufffd <b>text</b>") for text in by_text)
    assert len(page.mentions) == 5
    assert len(page.problems) == 5
    assert {one.where for one in page.problems} == {f"a review of {HARBOUR}"}


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("(Translated by Google) Cold.\n\n(Original)\nKalt.", "Kalt."),
        ("Kalt.\n\n(Translated by Google)\nCold.", "Kalt."),
        ("(Übersetzt von Google) Kalt.\n\n(Original)\nIt (Original) is", "It (Original) is"),
        ("(Traducido por Google) Frío\n\n(Original)\nKalt\n\nzweimal", "Kalt\n\nzweimal"),
        ("(Translated by Google) without", "(Translated by Google) without"),
        ("Say (Google it) and (Original) tea", "Say (Google it) and (Original) tea"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_original_is_kept_and_not_the_translation(comment: str, text: str) -> None:
    assert original(comment) == text


@given(st.text())
def test_no_text_is_lost_for_looking_translated(text: str) -> None:
    assert bool(original(text)) == bool(original(original(text)))
    assert original(f"(Translated by Google) x\n\n(Original)\nK{text}").startswith("K")


def test_both_shapes_of_a_batch_are_read(peer: ThisPeer, opened: Opened) -> None:
    peer.add("One", HARBOUR)
    one = next(iter(peer.reviews.values()))
    two = {**one, "name": "", "reviewId": "two", "comment": "Two"}
    peer.server.on(
        BATCH,
        Reply.json(
            {"locationReviews": [{"name": MARKET, "reviews": [two]}, {"review": one}, None]}
        ),
    )
    page = connect(peer, opened, locations=[HARBOUR, MARKET]).fetch({})
    assert {m.external_id for m in page.mentions} == {one["name"], f"{MARKET}/reviews/two"}
    assert len(page.problems) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"averageRating": 4.3, "totalReviewCount": 47},
        {"items": []},
        {"reviews": "none"},
        {"reviews": 5},
        [],
    ],
)
def test_a_strange_answer_is_not_taken_for_no_reviews(
    peer: ThisPeer, opened: Opened, answer: Any
) -> None:
    peer.server.on(LIST, Reply.json(answer))
    with pytest.raises(LayoutChanged):
        connect(peer, opened).fetch({})


def test_an_empty_location_answers_an_empty_object(peer: ThisPeer, opened: Opened) -> None:
    page = connect(peer, opened).fetch({})
    assert (page.mentions, dict(page.next_cursor), page.more) == ((), {}, False)


@pytest.mark.parametrize(
    ("reply_state", "violation", "state", "reason"),
    [
        ("PENDING", None, "accepted", ""),
        ("APPROVED", None, "visible", ""),
        ("", None, "visible", ""),
        ("REVIEW_REPLY_STATE_UNSPECIFIED", None, "visible", ""),
        ("REJECTED", "PERSONAL_INFORMATION", "rejected", "personal information"),
        ("REJECTED", {"reason": "OFF_TOPIC"}, "rejected", "off topic"),
        ("REJECTED", "POLICY_VIOLATION_UNSPECIFIED", "rejected", "Google's moderation rejected it"),
    ],
)
def test_a_reply_is_followed_through_moderation(
    peer: ThisPeer, opened: Opened, reply_state: str, violation: Any, state: str, reason: str
) -> None:
    name = peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found] = found_in(drain(connector, {})[0])
    receipt = connector.reply(ref_of(found), "We are sorry. Mara", "k")
    assert (receipt.state, receipt.external_id) == ("accepted", f"{name}/reply")
    reply = peer.reviews[name]["reviewReply"]
    reply.pop("reviewReplyState")
    reply |= {"reviewReplyState": reply_state} if reply_state else {}
    reply |= {"policyViolation": violation} if violation else {}
    there = connector.find_reply(ref_of(found), "We are sorry. Mara", "k")
    assert there is not None
    assert (there.state, there.reason) == (state, reason)
    assert connector.find_reply(ref_of(found), "Another text", "k") is None
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.our_reply == ("" if state == "rejected" else "We are sorry. Mara")
    [heard] = found_in(drain(connector, {})[0])
    assert heard.our_reply == ("We are sorry. Mara" if state == "visible" else "")
    peer.remove("Cold coffee")
    assert connector.read(ref_of(found)) is None
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), "We are sorry. Mara", "k")


def test_the_reply_replaces_what_stands_there(peer: ThisPeer, opened: Opened) -> None:
    peer.add("Cold coffee")
    peer.moderation = ""
    connector = connect(peer, opened)
    [found] = found_in(drain(connector, {})[0])
    connector.reply(ref_of(found), "First", "k1")
    assert connector.reply(ref_of(found), "Second", "k2").state == "accepted"
    assert peer.published() == ["Second"]
    put = peer.server.requests[-1]
    assert (put.method, json.loads(put.body)) == ("PUT", {"comment": "Second"})


def test_length_counts_bytes(peer: ThisPeer, opened: Opened) -> None:
    connector = connect(peer, opened)
    assert connector.measure("Größe 🙂") == 12
    ref = MentionRef(f"{HARBOUR}/reviews/x")
    with pytest.raises(Rejected, match="4097 bytes, 4096 fit"):
        connector.reply(ref, "ü" * 2048 + "x", "k")
    with pytest.raises(Rejected, match="empty"):
        connector.reply(ref, "  ", "k")
    assert connector.objections(" ") == ("an empty reply",)
    assert peer.requests() == 0


@pytest.mark.parametrize(
    "name", ["", "x", f"{HARBOUR}/reviews/", f"{HARBOUR}/reviews/a/../b", f"{HARBOUR}/reviews/..",
             f"{HARBOUR}/reviews/a?b", f"{HARBOUR}/reviews/a%2Fb"],
)  # fmt: skip
def test_what_is_no_name_never_becomes_part_of_an_address(
    peer: ThisPeer, opened: Opened, name: str
) -> None:
    with pytest.raises(Rejected, match="no name"):
        connect(peer, opened).read(MentionRef(name))
    assert peer.requests() == 0


def test_an_unreadable_answer_to_a_reply_is_an_unknown_outcome(
    peer: ThisPeer, opened: Opened
) -> None:
    name = peer.add("Cold coffee")
    peer.server.on(f"/v4/{name}/reply", Reply.html("<h1>fine</h1>"))
    with pytest.raises(UnknownOutcome):
        connect(peer, opened).reply(MentionRef(name), "Sorry", "k")


ERRORS: list[tuple[Reply, type[ConnectorError]]] = [
    (fault(401, "UNAUTHENTICATED", "Invalid Credentials", "authError"), AuthFailed),
    (fault(403, "PERMISSION_DENIED", "The caller does not have permission"), AuthFailed),
    (fault(403, "PERMISSION_DENIED", "API has not been used", "accessNotConfigured"), AuthFailed),
    (fault(404, "NOT_FOUND", "Requested entity was not found."), Gone),
    (fault(400, "INVALID_ARGUMENT", "Request contains an invalid argument."), Rejected),
    (fault(400, "FAILED_PRECONDITION", "The location is not verified."), Rejected),
    (fault(500, "INTERNAL", "Internal error encountered."), Unavailable),
    (fault(503, "UNAVAILABLE", "The service is currently unavailable."), Unavailable),
    (fault(504, "DEADLINE_EXCEEDED", "Deadline"), Unavailable),
    (fault(403, "PERMISSION_DENIED", "Rate", "rateLimitExceeded"), RateLimited),
    (fault(429, "RESOURCE_EXHAUSTED", QUOTA), RateLimited),
    (Reply.json([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], 429), RateLimited),
    (Reply.json({"error": {"code": 403, "message": "no"}}, 200), AuthFailed),
]


@pytest.mark.parametrize(("reply", "error"), ERRORS)
def test_each_error_of_google_has_its_name(
    peer: ThisPeer, opened: Opened, reply: Reply, error: type[ConnectorError]
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    _, cursor = drain(connector, {})
    peer.server.on(LIST, reply)
    with pytest.raises(error) as caught:
        connector.fetch(cursor)
    assert type(caught.value) is error
    assert "s3cr3t" not in str(caught.value)


def zero_quota() -> Reply:
    return fault(
        429, "RESOURCE_EXHAUSTED", f"{QUOTA} for consumer 'project_number:1'.",
        quota_limit="DefaultRequestsPerMinutePerProject", quota_limit_value="0",
        quota_unit="1/min/{project}", service="mybusiness.googleapis.com",
    )  # fmt: skip


def test_a_quota_of_nothing_names_the_form_whenever_it_comes(
    peer: ThisPeer, opened: Opened
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    _, cursor = drain(connector, {})
    peer.server.on(LIST, zero_quota())
    for given_cursor in ({}, cursor):
        with pytest.raises(AuthFailed, match="Application for Basic API Access"):
            connect(peer, opened).fetch(given_cursor)
    with pytest.raises(AuthFailed, match="quota 0"):
        connector.verify()


def test_a_quota_refused_before_any_answer_names_the_form_too(
    peer: ThisPeer, opened: Opened
) -> None:
    peer.server.on(LIST, fault(429, "RESOURCE_EXHAUSTED", QUOTA))
    with pytest.raises(AuthFailed, match="Application for Basic API Access"):
        connect(peer, opened).fetch({})
    with pytest.raises(AuthFailed, match="Application for Basic API Access"):
        connect(peer, opened).verify()
    with pytest.raises(RateLimited):
        connect(peer, opened).fetch({"groups": {HARBOUR: {"mark": "2026-02-01T00:00:00+00:00"}}})


def test_the_wait_is_read_wherever_google_says_it(peer: ThisPeer, opened: Opened) -> None:
    info = {
        "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "31.5s"
    }  # fmt: skip
    body = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [info]}}
    minute = fault(429, "RESOURCE_EXHAUSTED", QUOTA, quota_unit="1/min/{project}",
                   quota_limit_value="300")  # fmt: skip
    for reply, wait in (
        (Reply.json(body, 429), timedelta(seconds=31.5)),
        (Reply.json(body, 429, Retry_After="9"), timedelta(seconds=9)),
        (minute, timedelta(minutes=1)),
    ):
        peer.server.on(LIST, reply)
        with pytest.raises(RateLimited) as caught:
            connect(peer, opened).fetch({})
        assert caught.value.retry_after == wait


def test_a_revoked_refresh_token_is_told(peer: ThisPeer, opened: Opened) -> None:
    peer.revoke()
    with pytest.raises(AuthFailed, match="no token was given") as caught:
        connect(peer, opened).fetch({})
    assert "s3cr3t" not in str(caught.value)
    assert peer.server.paths() == ["/token"]


def test_a_stale_access_token_is_renewed_once(peer: ThisPeer, opened: Opened) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    connector.fetch({})
    refused = fault(401, "UNAUTHENTICATED", "stale")
    peer.server.on(LIST, refused, Reply.json({"reviews": list(peer.reviews.values())}))
    assert len(connector.fetch({}).mentions) == 1
    assert peer.server.paths().count("/token") == 2


def test_verify_tells_what_is_read_or_what_there_is(peer: ThisPeer, opened: Opened) -> None:
    peer.add("Cold coffee")
    health = connect(peer, opened).verify()
    assert health.summary == (
        "reads 1 location, the first with 1 review, and may answer with 4096 bytes"
    )
    health = connect(peer, opened, locations=[]).verify()
    assert not health.ok
    assert f"{HARBOUR} (Harbour), {MARKET} (Market)" in health.summary
    assert "locations" in health.advice
    peer.server.on("/v1/accounts", Reply.json({}))
    assert "no location" in connect(peer, opened, locations=[]).verify().summary
    with pytest.raises(BadSettings):
        connect(peer, opened, locations=[]).fetch({})


def test_each_call_is_booked(peer: ThisPeer) -> None:
    peer.add("Cold coffee")
    meter = CountingMeter()
    settings = GoogleBusinessSettings.model_validate(peer.settings)
    connector = GoogleBusinessConnector(settings, Context("g", now=lambda: NOW, meter=meter))
    try:
        [found] = connector.fetch({}).mentions
        connector.read(ref_of(found))
        connector.reply(ref_of(found), "Sorry", "k")
        assert meter.spent == {"calls": 3}
        meter.refuse("calls")
        before = peer.requests()
        with pytest.raises(RateLimited):
            connector.fetch({"groups": {HARBOUR: {}}})
        assert peer.requests() == before
    finally:
        connector.close()
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(settings)
    assert budget.amount + (budget.burst or 0) <= 300


def test_settings_are_checked() -> None:
    kind: ConnectorKind = KIND
    good = {"client_id": "env:A", "client_secret": "env:B", "refresh_token": "env:C"}
    real = kind.settings.model_validate({**good, "locations": [f"/{HARBOUR}/"]})
    assert isinstance(real, GoogleBusinessSettings)
    assert real.locations == (HARBOUR,)
    assert real.beside("", "https://oauth2.googleapis.com/token") == (
        "https://oauth2.googleapis.com/token"
    )
    played = GoogleBusinessSettings.model_validate({**good, "base_url": "http://127.0.0.1:9/v4"})
    assert played.beside("", "https://oauth2.googleapis.com/token") == "http://127.0.0.1:9/token"
    for bad in ({"locations": ["locations/222"]}, {"refresh_token": "1//x"}, {"base_url": "x"}):
        with pytest.raises(ValidationError):
            kind.settings.model_validate({**good, **bad})


def test_a_review_needs_an_address() -> None:
    with pytest.raises(ValueError, match="no id"):
        mention_of({"comment": "x", "reviewId": "a/b"}, HARBOUR, {})
