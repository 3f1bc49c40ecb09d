"""App Store Connect: signed tokens, every page, answers from accepted to published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.appstoreconnect import KIND, AppStoreConnectConnector, AppStoreConnectSettings
from connectors.appstoreconnect.reviews import mention_of, responses_in
from connectors.base import Context, FoundMention, MentionRef, Problem
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.connectors.peers.appstoreconnect import APP, REAL, ThisPeer, refusal
from tests.support.cassettes import RECORDINGS

LIST = f"/v1/apps/{APP}/customerReviews"
RESPONSES = "/v1/customerReviewResponses"


@pytest.fixture
def opened() -> Iterator[list[AppStoreConnectConnector]]:
    connectors: list[AppStoreConnectConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer,
    opened: list[AppStoreConnectConnector],
    context: Context | None = None,
    **said: Any,
) -> AppStoreConnectConnector:
    chosen = AppStoreConnectSettings.model_validate({**peer.settings, **said})
    context = context or Context("c", now=lambda: peer.now)
    opened.append(AppStoreConnectConnector(chosen, context))
    return opened[-1]


def drain(
    connector: AppStoreConnectConnector, cursor: Any
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
    count = peer.server.paths().count(LIST)
    peer.server.requests.clear()
    return count


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, url=found.url)


@pytest.mark.parametrize("links_from", ["", REAL])
def test_every_page_is_read_and_the_token_stays_at_home(
    peer: ThisPeer, opened: list[AppStoreConnectConnector], links_from: str
) -> None:
    """The next page's address is used at our own address, whatever host it names."""
    peer.links_from = links_from or peer.links_from
    peer.most = 30
    for n in range(205):
        peer.add(f"Complaint {n}", timedelta(days=n))
    found, problems, _ = drain(connect(peer, opened), {})
    assert problems == []
    assert [m.text for m in found] == [f"Complaint {n}" for n in range(205)]
    asked = [request for request in peer.server.requests if request.path == LIST]
    assert len(asked) == 7
    assert {(r.get("sort"), r.get("limit"), r.get("include")) for r in asked} == {
        ("-createdDate", "200", "response")
    }


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/steal", "//evil.example/x", "/v2/x", "http://[", "x" * 5_000],
)
def test_a_next_page_elsewhere_is_never_asked_for(
    peer: ThisPeer, opened: list[AppStoreConnectConnector], link: str
) -> None:
    peer.server.on(LIST, Reply.json({"data": [], "links": {"next": link}}))
    with pytest.raises(LayoutChanged, match="none of its own"):
        connect(peer, opened).fetch({})
    assert len(peer.server.requests) == 1


def test_later_polls_read_one_page_and_the_day_s_first_reads_weeks(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    for n in range(600):
        peer.add(f"Complaint {n}", timedelta(hours=3 * n))
    connector = connect(peer, opened)
    _, _, cursor = drain(connector, {})
    assert lists_asked(peer) == 3
    assert drain(connector, cursor)[2] == cursor
    assert lists_asked(peer) == 1
    peer.add("On the edge of the lag", timedelta(hours=20))
    peer.edit("Complaint 500", "Edited after months")
    found, _, cursor = drain(connector, cursor)
    assert {"On the edge of the lag", "Edited after months"} <= {m.text for m in found}
    peer.now = NOW + timedelta(days=1)
    lists_asked(peer)
    _, _, cursor = drain(connector, cursor)
    assert lists_asked(peer) == 2
    assert drain(connector, cursor)[2] == cursor
    assert lists_asked(peer) == 1
    peer.now = NOW + timedelta(days=31)
    found, _, _ = drain(connector, cursor)
    assert len(found) == 601


def test_many_reviews_of_one_moment_lose_none(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    for n in range(250):
        peer.add(f"Old {n}", timedelta(days=5))
    peer.add("From the future", timedelta(days=-90))
    _, _, cursor = drain(connect(peer, opened), {})
    for n in range(450):
        peer.add(f"New {n}", timedelta(minutes=1))
    found, _, _ = drain(connect(peer, opened), cursor)
    assert {m.text for m in found} >= {f"New {n}" for n in range(450)}


def test_a_stale_next_page_begins_the_round_anew_once(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    peer.add("Complaint")
    stale = {"token": f"{LIST}?cursor=stale", "lag": 1, "started": "2026-03-01"}
    connector = connect(peer, opened)
    page = connector.fetch(stale)
    assert (page.mentions, page.more) == ((), True)
    assert [m.text for m in drain(connector, page.next_cursor)[0]] == ["Complaint"]
    with pytest.raises(Rejected, match="PARAMETER_ERROR"):
        connector.fetch({**stale, "again": True})


def test_a_list_that_goes_in_circles_ends(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    review = peer.add("Complaint")
    body = {"data": [review], "links": {"next": f"{REAL}{LIST}?cursor=7"}}
    peer.server.on(LIST, Reply.json(body))
    found, _, _ = drain(connect(peer, opened), {})
    assert len(found) == 2


def test_only_some_territories_are_read(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    peer.add("From Britain")
    peer.add("From the States")["attributes"]["territory"] = "USA"
    found, _, _ = drain(connect(peer, opened, territories=["USA", "CAN"]), {})
    assert [(m.text, m.location) for m in found] == [("From the States", "USA")]


def test_fields_of_a_review(peer: ThisPeer, opened: list[AppStoreConnectConnector]) -> None:
    review = peer.add("I <3 it & <b>x</b> \x07\ud83d cold\r\ncoffee")
    peer.responses[review["id"]] = response("Sorry.", "PUBLISHED")
    [found], _, _ = drain(connect(peer, opened), {})
    assert found.text == "I <3 it & <b>x</b> \ufffd cold\ncoffee"
    assert (found.title, found.rating, found.author_name) == ("Cold coffee", 2.0, "ada77")
    assert found.created_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert found.url == f"https://appstoreconnect.apple.com/apps/{APP}"
    assert (found.our_reply, found.location) == ("Sorry.", "GBR")
    assert found.our_reply_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert found.raw == {"territory": "GBR"}


def response(text: str, state: str, ident: str = "r1") -> dict[str, Any]:
    said = {
        "responseBody": text,
        "lastModifiedDate": "2026-03-01T05:00:00-07:00",
        "state": state,
    }
    return {"type": "customerReviewResponses", "id": ident, "attributes": said}


def test_included_answers_are_matched_in_either_direction() -> None:
    review = {"type": "customerReviews", "id": "a1", "attributes": {"body": "x", "rating": 1}}
    answer = response("Sorry", "PUBLISHED")
    backwards = {**answer, "relationships": {"review": {"data": {"id": "a1"}}}}
    forwards = {**review, "relationships": {"response": {"data": {"id": "r1"}}}}
    for one, included in ((review, backwards), (forwards, answer)):
        found, _ = mention_of(one, responses_in({"included": [None, 1, included]}), "")
        assert found.our_reply == "Sorry"
    other = responses_in({"included": [{**answer, "type": "apps"}]})
    assert mention_of(forwards, other, "")[0].our_reply == ""


GOOD = {
    "type": "customerReviews",
    "id": "a1",
    "attributes": {"rating": 3, "body": "Words", "createdDate": "2026-02-28T10:00:00-07:00"},
}


def said(**changed: Any) -> dict[str, Any]:
    return {**GOOD, "attributes": {**GOOD["attributes"], **changed}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("review", "kept", "odd"),
    [
        (GOOD, True, False),
        (said(rating=None), True, True),
        (said(rating=0), True, True),
        (said(rating="5"), True, False),
        (said(body=None, title=None), True, False),
        (said(body=None, title="Only a title"), True, False),
        (said(body=None, rating=None), False, True),
        (said(createdDate=[], territory=5, reviewerNickname=None), True, False),
        ({**GOOD, "relationships": {"response": None}}, True, False),
        ({**GOOD, "relationships": []}, True, False),
        ({**GOOD, "attributes": None}, False, True),
        ({**GOOD, "type": "apps"}, False, True),
        ({**GOOD, "id": 5}, False, True),
        ({**GOOD, "id": "a/b"}, False, True),
        ({**GOOD, "id": "x" * 400}, False, True),
        (None, False, True),
        ([], False, True),
    ],
)
def test_an_odd_review_is_told_and_the_others_are_read(
    peer: ThisPeer, opened: list[AppStoreConnectConnector], review: Any, kept: bool, odd: bool
) -> None:
    body = {"data": [{**GOOD, "id": "b"}, review, {**GOOD, "id": "c"}], "included": "?"}
    peer.server.on(LIST, Reply.json(body))
    page = connect(peer, opened).fetch({})
    assert [m.external_id for m in page.mentions] == ["b", *(["a1"] if kept else []), "c"]
    assert bool(page.problems) == odd
    assert all("Words" not in problem.reason for problem in page.problems)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "attributes", "body", "rating", "relationships", "data"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=9,
    )
)
def test_no_review_crashes_the_reading(review: Any) -> None:
    try:
        found, _ = mention_of(review, {}, "")
    except ValueError:
        return
    assert found.external_id


def test_an_answer_is_accepted_first_and_published_later(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened)
    [found], _, _ = drain(connector, {})
    assert connector.find_reply(ref_of(found), "Sorry, Ada.", "k") is None
    receipt = connector.reply(ref_of(found), "Sorry, Ada.", "k")
    assert receipt.state == "accepted"
    assert json.loads(peer.server.requests[-1].body) == {
        "data": {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": "Sorry, Ada."},
            "relationships": {
                "review": {"data": {"type": "customerReviews", "id": found.external_id}}
            },
        }
    }
    there = connector.find_reply(ref_of(found), "Sorry,  Ada", "k")
    assert there is not None
    assert (there.state, there.external_id) == ("accepted", receipt.external_id)
    peer.responses[found.external_id]["attributes"]["state"] = "PUBLISHED"
    there = connector.find_reply(ref_of(found), "Sorry, Ada.", "k")
    assert there is not None
    assert (there.state, there.at) == ("visible", datetime(2026, 3, 1, 12, tzinfo=UTC))
    connector.reply(ref_of(found), "We are sorry, Ada.", "k2")
    assert peer.published() == ["We are sorry, Ada."]
    assert connector.find_reply(ref_of(found), "Sorry, Ada.", "k") is None
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.our_reply == "We are sorry, Ada."


def test_a_reply_is_refused_before_it_is_sent(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    connector = connect(peer, opened)
    with pytest.raises(Rejected, match="5971 characters, 5970 fit"):
        connector.reply(MentionRef("a1"), "x" * 5_971, "k")
    for ident in ("", "../apps", "a b", "a/response", "..", "a?b"):
        for call in (connector.read, lambda ref: connector.reply(ref, "Sorry", "k")):
            with pytest.raises(Rejected, match="no id"):
                call(MentionRef(ident))
    assert peer.requests() == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(409, "ENTITY_ERROR.RELATIONSHIP.INVALID", "No such review"), Gone),
        (refusal(404, "NOT_FOUND", "No such review"), Gone),
        (refusal(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", "Too long"), Rejected),
        (refusal(422, "ENTITY_UNPROCESSABLE", "No"), Rejected),
        (refusal(403, "FORBIDDEN_ERROR", "No role"), AuthFailed),
        (refusal(429, "RATE_LIMIT_EXCEEDED", "Slow"), RateLimited),
        (refusal(500, "UNEXPECTED_ERROR", "Oops"), UnknownOutcome),
        (Reply(fault="drop"), UnknownOutcome),
        (Reply(201), UnknownOutcome),
        (Reply.json({"data": []}, 201), UnknownOutcome),
        (Reply.html("<html>", 201), UnknownOutcome),
        (Reply(503, headers={"Retry-After": "5"}), Unavailable),
    ],
)
def test_what_becomes_of_a_reply_is_named(
    peer: ThisPeer,
    opened: list[AppStoreConnectConnector],
    reply: Reply,
    error: type[ConnectorError],
) -> None:
    peer.server.on(RESPONSES, reply)
    with pytest.raises(error):
        connect(peer, opened).reply(MentionRef("a1"), "Sorry", "k")


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (refusal(401, "NOT_AUTHORIZED", "Invalid"), AuthFailed, "NOT_AUTHORIZED"),
        (refusal(403, "FORBIDDEN.REQUIRED_AGREEMENTS", "Sign it"), AuthFailed, "AGREEMENTS"),
        (refusal(404, "NOT_FOUND", "No app"), Gone, "NOT_FOUND"),
        (refusal(400, "PARAMETER_ERROR.ILLEGAL", "Bad"), Rejected, "ILLEGAL"),
        (refusal(409, "STATE_ERROR", "No"), Rejected, "STATE"),
        (refusal(500, "UNEXPECTED_ERROR", "Oops"), Unavailable, "500"),
        (Reply.json({"errors": []}, 400), Rejected, "400"),
        (Reply.json({"errors": [1]}, 401), AuthFailed, "401"),
        (Reply.json({"errors": "no"}, 404), Gone, "404"),
        (Reply.json({"data": {}}), LayoutChanged, "no list"),
        (Reply.html("<html>maintenance</html>"), LayoutChanged, "JSON"),
    ],
)
def test_refusals_have_their_names(
    peer: ThisPeer,
    opened: list[AppStoreConnectConnector],
    reply: Reply,
    error: type[ConnectorError],
    says: str,
) -> None:
    peer.server.on(LIST, reply)
    with pytest.raises(error, match=says) as caught:
        connect(peer, opened).fetch({})
    assert peer.secret not in str(caught.value)
    assert "Bearer" not in str(caught.value)


def test_a_used_up_hour_is_waited_out(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    used = {"X_Rate_Limit": "user-hour-lim:3500;user-hour-rem:0;"}
    connector = connect(peer, opened)
    peer.server.on(LIST, Reply.json({"data": []}, **used))
    assert connector.fetch({}).account_rests == timedelta(hours=1)
    for headers, wait in ((used, 3_600), ({}, 3_600), ({"Retry_After": "20"}, 20)):
        peer.server.on(LIST, refusal(429, "RATE_LIMIT_EXCEEDED", "Slow", **headers))
        with pytest.raises(RateLimited) as caught:
            connector.fetch({})
        assert caught.value.retry_after == timedelta(seconds=wait)


def test_each_call_is_booked(peer: ThisPeer, opened: list[AppStoreConnectConnector]) -> None:
    class Meter:
        left = 1

        def spend(self, budget: str, amount: float = 1.0) -> None:
            assert (budget, amount) == ("calls", 1.0)
            if not self.left:
                raise RateLimited("the budget is used up")
            self.left -= 1

        def charge(self, budget: str, amount: float) -> None:
            raise AssertionError("nothing is charged here")

    connector = connect(peer, opened, Context("c", now=lambda: NOW, meter=Meter()))
    connector.fetch({})
    with pytest.raises(RateLimited):
        connector.fetch({})
    assert peer.requests() == 1
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(AppStoreConnectSettings.model_validate(peer.settings))
    assert (budget.name, budget.amount + (budget.burst or 0)) == ("calls", 3_500)


def test_a_token_is_used_for_a_quarter_of_an_hour(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    connector = connect(peer, opened)
    for minutes in (0, 7, 14.9, 15, 29, -60):
        peer.now = NOW + timedelta(minutes=minutes)
        connector.fetch({})
    assert [token == peer.tokens[0] for token in peer.tokens] == [True] * 3 + [False] * 3
    assert len(set(peer.tokens)) == 3


def test_a_token_says_what_apple_asks_for(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    connect(peer, opened).fetch({})
    connect(peer, opened, issuer_id=None).fetch({})
    team, own = (jwt.decode(t, options={"verify_signature": False}) for t in peer.tokens)
    assert set(team) == {"iss", "iat", "exp", "aud"}
    assert (set(own), own["sub"]) == ({"sub", "iat", "exp", "aud"}, "user")
    assert jwt.get_unverified_header(peer.tokens[0]) == {
        "alg": "ES256",
        "kid": "2X9R4HXF34",
        "typ": "JWT",
    }


def test_the_key_may_stand_in_a_variable_on_one_line(
    peer: ThisPeer, opened: list[AppStoreConnectConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_ASC_KEY", peer.pem.replace("\n", "\\n"))
    assert connect(peer, opened, private_key="env:TEST_ASC_KEY").fetch({}).mentions == ()


@pytest.mark.parametrize("key", ["no key at all", "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END"])
def test_a_key_that_is_none_is_told_without_showing_it(
    peer: ThisPeer,
    opened: list[AppStoreConnectConnector],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    monkeypatch.setenv("TEST_ASC_KEY", key)
    with pytest.raises(AuthFailed, match="env:TEST_ASC_KEY holds no private key") as caught:
        connect(peer, opened, private_key="env:TEST_ASC_KEY").fetch({})
    assert "MIGH" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert peer.requests() == 0


def test_find_reply_tells_a_changed_layout(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    for body in ([], {}, {"data": {"id": 5}}, {"data": "x"}):
        peer.server.on("/v1/customerReviews/a1/response", Reply.json(body))
        with pytest.raises(LayoutChanged):
            connect(peer, opened).find_reply(MentionRef("a1"), "Sorry", "k")
    for body in ([], {}, {"data": None}, {"data": {"id": "a1"}}):
        peer.server.on("/v1/customerReviews/a1", Reply.json(body))
        with pytest.raises(LayoutChanged):
            connect(peer, opened).read(MentionRef("a1"))


def test_verify_makes_one_call(peer: ThisPeer, opened: list[AppStoreConnectConnector]) -> None:
    health = connect(peer, opened).verify()
    assert (health.ok, peer.requests()) == (True, 1)
    assert "Customer Support" in health.advice
    peer.revoke()
    with pytest.raises(AuthFailed):
        connect(peer, opened).verify()


def test_settings_are_checked(peer: ThisPeer) -> None:
    for bad in (
        {"app_id": "com.example.app"},
        {"territories": ["us"]},
        {"private_key": "-----BEGIN"},
        {"key_id": "a/b"},
    ):
        with pytest.raises(ValidationError):
            AppStoreConnectSettings.model_validate({**peer.settings, **bad})


def test_a_recorded_list_of_another_kind_is_told_item_by_item(
    peer: ThisPeer, opened: list[AppStoreConnectConnector]
) -> None:
    """The recorded envelope is Apple's own; its items are apps, and so none of them a review."""
    path = RECORDINGS / "appstoreconnect_jsonapi_shapes" / "apps.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    body = json.loads(path.read_text("utf-8"))
    peer.server.on(LIST, Reply.json(body))
    page = connect(peer, opened).fetch({})
    assert page.mentions == ()
    assert len(page.problems) == len(body["data"])
    reviews = [{**GOOD, "id": one["id"]} for one in body["data"]]
    peer.server.on(LIST, Reply.json({**body, "data": reviews}))
    page = connect(peer, opened).fetch({})
    assert [m.external_id for m in page.mentions] == [one["id"] for one in body["data"]]
