"""Yelp: the trigger and the excerpts, its many refusals, and the partner's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, MentionRef, Page
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
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.vault import MemoryVault
from connectors.yelp import KIND, YelpConnector, YelpSettings
from connectors.yelp.partner import alike
from connectors.yelp.reviews import EXCERPT, mention_of
from connectors.yelp.settings import API, PARTNER_API
from tests.connectors.peers.yelp import BUSINESS, FIRST_TOKEN, KEY, SECRET, ThisPeer, error, refusal
from tests.support.cassettes import RECORDINGS, read_cassette

DETAILS = f"/v3/businesses/{BUSINESS}"
REVIEWS = f"{DETAILS}/reviews"
READING = {
    "partner_client_id": None,
    "partner_client_secret": None,
    "partner_refresh_token": None,
}
MIDNIGHT = {"RateLimit-ResetTime": "2026-03-02T00:00:00+00:00"}


@pytest.fixture
def opened() -> Iterator[list[YelpConnector]]:
    connectors: list[YelpConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer, opened: list[YelpConnector], context: Context | None = None, **said: Any
) -> YelpConnector:
    chosen = YelpSettings.model_validate({**peer.settings, **said})
    opened.append(YelpConnector(chosen, context or Context("y", now=lambda: NOW)))
    return opened[-1]


def stored(page: Page) -> Any:
    assert not page.more
    return json.loads(json.dumps(dict(page.next_cursor)))


def asked(peer: ThisPeer) -> list[str]:
    paths = peer.server.paths()
    peer.server.requests.clear()
    return paths


def test_excerpts_are_asked_for_when_the_numbers_change_or_once_a_day(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    for n in range(3):
        peer.add(f"Complaint {n}")
    connector = connect(peer, opened)
    page = connector.fetch({})
    assert sorted(m.text for m in page.mentions) == [f"Complaint {n}" for n in range(3)]
    assert page.problems == ()
    assert asked(peer) == [DETAILS, REVIEWS]
    again = connector.fetch(stored(page))
    assert (again.mentions, again.unchanged, again.next_cursor) == ((), True, page.next_cursor)
    assert asked(peer) == [DETAILS]
    peer.edit("Complaint 1", "They have made it good")
    changed = connector.fetch(stored(page))
    assert "They have made it good" in {m.text for m in changed.mentions}
    assert asked(peer) == [DETAILS, REVIEWS]
    tomorrow = connect(peer, opened, Context("y", now=lambda: NOW + timedelta(days=1)))
    assert len(tomorrow.fetch(stored(changed)).mentions) == 3
    assert asked(peer) == [DETAILS, REVIEWS]


def test_new_reviews_that_yelp_does_not_show_are_told_once(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    for n in range(5):
        peer.add(f"Complaint {n}")
    connector = connect(peer, opened)
    page = connector.fetch({})
    shown = list(peer.reviews)
    for n in range(3):
        peer.add(f"Later {n}")
    listed = {"reviews": [*shown[:2], peer.reviews[-1]], "total": 8}
    peer.server.on(REVIEWS, Reply.json(listed))
    page = connector.fetch(stored(page))
    assert "Later 2" in {m.text for m in page.mentions}
    [problem] = page.problems
    assert problem.reason == (
        "Yelp counts 8 reviews, 3 new reviews, and shows 1 of them; "
        f"open https://www.yelp.com/biz/{BUSINESS}"
    )
    assert connector.fetch(stored(page)).problems == ()
    peer.add("Hidden")
    [problem] = connector.fetch(stored(page)).problems
    assert "9 reviews, a new review, and shows none of them" in problem.reason


def test_fields_of_an_excerpt(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    review = peer.add("Cold\n\ncoffee & <b>late</b> \x07\ud83d...")
    review["time_created"] = "2026-07-05 20:55:57"
    [found] = connect(peer, opened, locale="de_DE").fetch({}).mentions
    assert peer.server.requests[-1].get("locale") == "de_DE"
    assert found.text == "Cold\n\ncoffee & <b>late</b> \ufffd..."
    assert found.title == EXCERPT
    assert found.created_at == datetime(2026, 7, 6, 3, 55, 57, tzinfo=UTC)
    assert (found.rating, found.author_name, found.language) == (2.0, "Ada L.", "de")
    assert found.author_id == "3_GQehuy2tNLqKSTOCJIEg"
    assert found.url == f"https://www.yelp.com/biz/{BUSINESS}?hrid={review['id']}"
    assert mention_of({**review, "text": "Short."})[0].title == ""


def test_without_an_id_author_and_time_tell_a_review_apart() -> None:
    old = {"rating": 1, "time_created": "2016-08-29 00:41:13", "user": {"name": "Ada L."}}
    link = "https://www.yelp.com/biz/x?utm_source=y"
    first, again = (mention_of({**old, "url": link, "text": t})[0] for t in ("Cold", "Late"))
    other, _ = mention_of({**old, "user": {"name": "Ben"}})
    assert first.external_id == again.external_id != other.external_id
    assert first.url == "https://www.yelp.com/biz/x"


def test_pacific_time_is_told_in_winter_and_summer() -> None:
    winter, _ = mention_of({"id": "a", "rating": 1, "time_created": "2022-01-05 20:55:57"})
    assert winter.created_at == datetime(2022, 1, 6, 4, 55, 57, tzinfo=UTC)
    epoch, _ = mention_of({"id": "a", "rating": 1, "time_created": 1440895245})
    assert epoch.created_at == datetime(2015, 8, 30, 0, 40, 45, tzinfo=UTC)


GOOD = {"id": "a1", "rating": 3, "text": "Words", "time_created": "2026-02-28 10:00:00"}
LINK = "https://www.yelp.com/biz/x?hrid=b2&utm_source=y"


@pytest.mark.parametrize(
    ("review", "ident", "odd"),
    [
        (GOOD, "a1", False),
        ({**GOOD, "id": None, "url": LINK}, "b2", False),
        ({**GOOD, "id": 17, "url": LINK}, "b2", False),
        ({**GOOD, "rating": "4"}, "a1", False),
        ({**GOOD, "rating": 0}, "a1", True),
        ({**GOOD, "rating": None}, "a1", True),
        ({**GOOD, "text": None, "excerpt": "Old shape"}, "a1", False),
        ({**GOOD, "text": ""}, "a1", False),
        ({**GOOD, "text": "", "rating": None}, "", True),
        ({**GOOD, "user": None, "time_created": []}, "a1", False),
        ({**GOOD, "user": [1], "url": "javascript:alert(1)"}, "a1", False),
        ({**GOOD, "id": None}, "", True),
        ({**GOOD, "id": None, "user": {"name": ""}}, "", True),
        ({**GOOD, "id": None, "user": {"id": "u"}, "time_created": "?"}, "", True),
        ({**GOOD, "id": "x" * 700}, "", True),
        ({**GOOD, "id": "a/../b"}, "", True),
        (None, "", True),
        ("x", "", True),
    ],
)
def test_an_odd_excerpt_is_told_and_the_others_are_read(
    peer: ThisPeer, opened: list[YelpConnector], review: Any, ident: str, odd: bool
) -> None:
    peer.add("One")
    body = {"reviews": [{**GOOD, "id": "first"}, review, {**GOOD, "id": "last"}]}
    peer.server.on(REVIEWS, Reply.json(body))
    page = connect(peer, opened).fetch({})
    assert [m.external_id for m in page.mentions] == ["first", *([ident] * bool(ident)), "last"]
    assert bool(page.problems) == odd
    assert all("Words" not in problem.reason for problem in page.problems)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "url", "user", "excerpt"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just({}),
    )
)
def test_no_excerpt_crashes_the_reading(review: Any) -> None:
    try:
        found, _ = mention_of(review)
    except ValueError:
        return
    assert found.external_id
    assert found.rating is None or 1 <= found.rating <= 5


def test_a_business_without_reviews_is_empty(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    connector = connect(peer, opened)
    assert connector.fetch({}).mentions == ()
    peer.server.on(DETAILS, error("BUSINESS_UNAVAILABLE", "Not now", 403))
    page = connector.fetch({})
    assert (page.mentions, page.problems, page.unchanged) == ((), (), True)
    page = connector.fetch({"count": 4, "rating": 2.0, "day": "2026-03-01", "seen": []})
    assert page.next_cursor["count"] == 4
    assert "BUSINESS_UNAVAILABLE" in page.problems[0].reason
    assert "nothing of the business yet" in connector.verify().summary


@pytest.mark.parametrize("location", ["", "https://api.yelp.example/v3/businesses/new-id"])
def test_a_merged_business_is_followed_by_its_new_id(
    peer: ThisPeer, opened: list[YelpConnector], location: str
) -> None:
    peer.add("Complaint")
    business = {"id": "new-id", "review_count": 1, "rating": 2.0}
    moved = {"code": "BUSINESS_MIGRATED", "description": "Moved.", "new_business_id": "new-id"}
    headers = {"Location": location} if location else {}
    peer.server.on(DETAILS, Reply.json({"error": moved}, 301, **headers))
    peer.server.on("/v3/businesses/new-id", Reply.json(business))
    peer.server.on("/v3/businesses/new-id/reviews", Reply.json({"reviews": peer.reviews}))
    connector = connect(peer, opened)
    page = connector.fetch({})
    assert len(page.mentions) == 1
    assert "put that id into business_id" in page.problems[0].reason
    asked(peer)
    page = connector.fetch(stored(page))
    assert (page.problems, asked(peer)) == ((), ["/v3/businesses/new-id"])
    assert "new-id" in connector.verify().advice
    del moved["new_business_id"]
    peer.server.on(DETAILS, Reply.json({"error": moved}, 301))
    with pytest.raises(Gone, match="MIGRATED"):
        connector.fetch({})


@pytest.mark.parametrize(
    ("reply", "named", "wait"),
    [
        (error("VALIDATION_ERROR", "'x' is not valid", 400), Rejected, None),
        (error("INVALID_LOCALE", "No such locale", 400), Rejected, None),
        (error("TOKEN_INVALID", "Invalid", 401), AuthFailed, None),
        (error("UNAUTHORIZED_ACCESS_TOKEN", "No plan", 401), AuthFailed, None),
        (error("TOKEN_INVALID", "Invalid", 400), AuthFailed, None),
        (error("BUSINESS_NOT_FOUND", "Nowhere", 404), Gone, None),
        (error("TOO_MANY_REQUESTS_PER_SECOND", "Slow", 429, **MIDNIGHT), RateLimited, 1),
        (error("ACCESS_LIMIT_REACHED", "Enough", 429, **MIDNIGHT), RateLimited, 43_200),
        (error("ACCESS_LIMIT_REACHED", "Enough", 429), RateLimited, 43_200),
        (error("ACCESS_LIMIT_REACHED", "Enough", 200), RateLimited, 43_200),
        (error("INTERNAL_ERROR", "Oops", 500), Unavailable, None),
        (error("SOMETHING_NEW", "Oops", 400), Rejected, None),
        (error("SOMETHING_NEW", "Oops", 403), AuthFailed, None),
        (error("SOMETHING_NEW", "Oops", 200), Rejected, None),
        (Reply.json({"error": {"id": "INVALID_PARAMETER", "text": "x"}}, 400), Rejected, None),
        (Reply.json({"error": {"id": "EXCEEDED_REQS", "text": "x"}}, 400), RateLimited, 43_200),
        (Reply.json({"error": "odd"}, 400), Rejected, None),
        (Reply.json({"error": None, "businesses": []}), LayoutChanged, None),
        (Reply.json({"review_count": True}), LayoutChanged, None),
        (Reply(200, b'{"error"'), LayoutChanged, None),
        (Reply(429, b"slow", {"Retry-After": "7"}), RateLimited, 7),
    ],
)
def test_refusals_have_their_names(
    peer: ThisPeer,
    opened: list[YelpConnector],
    reply: Reply,
    named: type[ConnectorError],
    wait: float | None,
) -> None:
    peer.server.on(DETAILS, reply)
    with pytest.raises(named) as caught:
        connect(peer, opened).fetch({})
    assert KEY not in str(caught.value)
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after is not None
        assert abs(caught.value.retry_after.total_seconds() - (wait or 0)) < 1


def test_an_unreadable_list_of_reviews_is_told(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    peer.add("Complaint")
    for body in ({"total": 4}, [], {"reviews": {}}):
        peer.server.on(REVIEWS, Reply.json(body))
        with pytest.raises(LayoutChanged):
            connect(peer, opened).fetch({})


def test_the_day_s_last_call_is_noticed_and_nothing_is_lost(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    peer.add("Complaint")
    peer.headers = {"RateLimit-Remaining": "0", "Date": "-", **MIDNIGHT}
    connector = connect(peer, opened)
    page = connector.fetch({})
    assert (page.mentions, page.next_cursor) == ((), {})
    assert page.account_rests is not None
    assert abs(page.account_rests - timedelta(hours=12)) < timedelta(seconds=1)
    peer.headers = {"RateLimit-Remaining": "5"}
    page = connector.fetch(stored(page))
    assert ([m.text for m in page.mentions], page.account_rests) == (["Complaint"], None)


def test_an_answer_is_sent_as_documented(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    ident = peer.add("Cold coffee")["id"]
    receipt = connect(peer, opened).reply(MentionRef(ident, url="https://y"), "Sorry, Ada.", "k")
    sent = peer.server.requests[-1]
    assert sent.path == f"/reviews/v1/{ident}"
    assert json.loads(sent.body) == {
        "response_text": "Sorry, Ada.",
        "response_type": "public_comment",
    }
    assert sent.headers["Authorization"] == "Bearer access-1"
    assert (receipt.state, receipt.url) == ("visible", "https://y")


def test_the_refresh_token_rotates_and_outlives_a_restart(
    peer: ThisPeer, opened: list[YelpConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = peer.add("Cold coffee")["id"]
    vault = MemoryVault()

    def answer(text: str, now: datetime) -> None:
        context = Context("y", now=lambda: now, vault=vault)
        connect(peer, opened, context).reply(MentionRef(ident), text, text)

    answer("We are sorry for the cold coffee", NOW)
    answer("Something else entirely was said here", NOW + timedelta(days=1))
    assert peer.renewals == 1
    answer("A week later there is a third word", NOW + timedelta(days=7))
    assert (peer.renewals, peer.refresh) == (2, "refresh-2")
    peer.refresh = "consented-anew"
    monkeypatch.setenv("TEST_YELP_REFRESH", "consented-anew")
    answer("After the owner agreed again, this", NOW + timedelta(days=20))
    assert peer.renewals == 3
    peer.refresh = "nobody knows"
    with pytest.raises(AuthFailed, match="no token") as caught:
        answer("Never", NOW + timedelta(days=40))
    assert SECRET not in str(caught.value)
    assert FIRST_TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * 5_001, "5001 characters, 5000 fit"),
        ("Sorry \U0001f600", "emoji"),
        ("Sorry \u2764\ufe0f", "emoji"),
        ("Five \u2b50", "emoji"),
        ("\U0001f1e9\U0001f1ea", "emoji"),
        ("1\u20e3", "emoji"),
    ],
)
def test_what_yelp_refuses_is_not_sent(
    peer: ThisPeer, opened: list[YelpConnector], text: str, says: str
) -> None:
    connector = connect(peer, opened)
    with pytest.raises(Rejected, match=says):
        connector.reply(MentionRef("a1"), text, "k")
    assert peer.requests() == 0
    assert connector.objections("Größe, naïve – “quoted” €5 日本語 № ™ \n ok") == ()
    with pytest.raises(Rejected, match="no id"):
        connector.reply(MentionRef("a1/../b"), "Sorry", "k")


def test_an_answer_that_resembles_an_earlier_one_is_refused(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    first, second = (peer.add(text)["id"] for text in ("Cold coffee", "Late coffee"))
    connector = connect(peer, opened)
    text = "We are sorry that the coffee was cold; the machine is mended since Monday."
    connector.reply(MentionRef(first), text, "k1")
    assert connector.objections(text.upper()) == ("it resembles an earlier answer too closely",)
    assert connector.objections("We are sorry for the wait; two more people work here now.") == ()
    with pytest.raises(Rejected, match="resembles"):
        connector.reply(MentionRef(second), text, "k2")
    connector.reply(MentionRef(first), text, "k1")
    for n in range(25):
        words = " ".join(f"word{n}x{m}" for m in range(9))
        connector.reply(MentionRef(second), words, f"n{n}")
    assert connector.objections(text) == ()


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_likeness_lies_between_nothing_and_all(first: list[str], second: list[str]) -> None:
    assert 0 <= alike(first, second) == alike(second, first) <= 1
    assert alike(first, first) == bool(first)


@pytest.mark.parametrize(
    ("reply", "named", "says"),
    [
        (refusal("INVALID_TOKEN", 401), AuthFailed, "INVALID_TOKEN"),
        (refusal("INSUFFICIENT_SCOPE"), AuthFailed, "SCOPE"),
        (refusal("R2R_PERMISSION_DENIED"), AuthFailed, "PERMISSION"),
        (refusal("INVALID_REQUEST"), Rejected, "INVALID_REQUEST"),
        (refusal("R2R_COMMENTS_NOT_ALLOWED"), Rejected, "no answer to this review"),
        (refusal("R2R_PROBLEM_WITH_USER_PHOTO"), Rejected, "photo"),
        (refusal("R2R_UNACCEPTABLE_BIZ_USER_NAME"), Rejected, "name"),
        (refusal("R2R_REVIEW_DOES_NOT_EXIST"), Gone, "R2R"),
        (refusal("R2R_INVALID_RESPONSE_TYPE"), Rejected, "kind"),
        (refusal("R2R_INVALID_RESPONSE_TEXT"), Rejected, "text"),
        (refusal("R2R_PUBLIC_COMMENTS_DISABLED"), Rejected, "public answers"),
        (refusal("R2R_BUSINESS_NOT_CLAIMED"), Rejected, "claimed"),
        (refusal("R2R_COMMENT_QUOTA_EXCEEDED"), RateLimited, "20 answers"),
        (Reply(500), UnknownOutcome, "500"),
        (Reply(fault="drop"), UnknownOutcome, "dropped"),
        (Reply(503, headers={"Retry-After": "5"}), Unavailable, "503"),
    ],
)
def test_what_becomes_of_an_answer_is_named_and_booked(
    peer: ThisPeer,
    opened: list[YelpConnector],
    reply: Reply,
    named: type[ConnectorError],
    says: str,
) -> None:
    meter = Meter()
    peer.server.on("/reviews/v1/a1", reply)
    connector = connect(peer, opened, Context("y", now=lambda: NOW, meter=meter))
    with pytest.raises(named, match=says) as caught:
        connector.reply(MentionRef("a1"), "We are sorry, Ada", "k")
    assert meter.used["replies"] == (1 if named is UnknownOutcome else 0)
    assert meter.used["calls"] == peer.requests()
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(hours=12)


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


def test_a_used_up_budget_sends_nothing(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    ident = peer.add("Cold coffee")["id"]
    meter = Meter()
    connector = connect(peer, opened, Context("y", now=lambda: NOW, meter=meter))
    meter.full = "replies"
    with pytest.raises(RateLimited):
        connector.reply(MentionRef(ident), "Sorry", "k")
    assert peer.published() == []
    meter.full = "calls"
    asked(peer)
    with pytest.raises(RateLimited):
        connector.fetch({})
    assert asked(peer) == []
    assert KIND.budgets_of is not None
    budgets = KIND.budgets_of(YelpSettings.model_validate(peer.settings))
    assert {b.name: b.amount + (b.burst or 0) for b in budgets} == {"calls": 300, "replies": 20}


def test_without_a_partner_answers_are_given_by_hand(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    chosen = YelpSettings.model_validate({**peer.settings, **READING})
    assert KIND.capabilities_of is not None
    assert KIND.answer_page is not None
    able = KIND.capabilities_of(chosen)
    assert (able.can_reply, able.reply_mode, able.max_length) == (False, "manual", 5_000)
    assert able.retention == timedelta(hours=24)
    assert KIND.answer_page(chosen, MentionRef("a1")) == "https://biz.yelp.com/"
    with pytest.raises(NotSupported):
        connect(peer, opened, **READING).reply(MentionRef("a1"), "Sorry", "k")
    partner = KIND.capabilities_of(YelpSettings.model_validate(peer.settings))
    assert (partner.can_reply, partner.can_find_reply) == (True, False)


def test_verify_tells_what_may_be_done(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    peer.add("Complaint")
    assert connect(peer, opened).verify().summary == (
        "reads excerpts of the 1 reviews of Harbour Coffee and may answer as Mara H."
    )
    assert "biz.yelp.com" in connect(peer, opened, **READING).verify().summary
    peer.refresh = "consumed"
    with pytest.raises(AuthFailed):
        connect(peer, opened).verify()


def test_settings_are_checked() -> None:
    good = {"business_id": "café-zoë-kiel", "api_key": "env:K"}
    partner = {
        "partner_client_id": "c",
        "partner_client_secret": "env:S",
        "partner_refresh_token": "env:R",
    }
    chosen = YelpSettings.model_validate({**good, **partner})
    assert (chosen.base_url, chosen.partner_base) == (API, PARTNER_API)
    replayed = YelpSettings.model_validate({**good, "base_url": "http://127.0.0.1:9/"})
    assert replayed.partner_base == "http://127.0.0.1:9"
    for bad in (
        {"business_id": "a/b"},
        {"business_id": "a?b"},
        {"locale": "de"},
        {"partner_client_id": "c"},
        {"api_key": "plain"},
    ):
        with pytest.raises(ValidationError):
            YelpSettings.model_validate({**good, **bad})


def test_a_name_with_letters_of_its_own_becomes_part_of_the_address(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    with pytest.raises(Gone):
        connect(peer, opened, business_id="café-zoë").fetch({})
    assert peer.server.paths() == ["/v3/businesses/café-zoë"]


def recorded_businesses() -> list[tuple[str, Any]]:
    """Every recorded body with a count of reviews, of either API."""
    found = []
    for path in sorted(RECORDINGS.glob("yelp_v*/*")):
        if path.suffix == ".json":
            found.append((path.name, json.loads(path.read_text("utf-8"))))
        else:
            found += [(path.name, exchange.json()) for exchange in read_cassette(path)]
    return [(name, body) for name, body in found if "review_count" in body]


def test_recorded_businesses_are_understood(peer: ThisPeer, opened: list[YelpConnector]) -> None:
    """Old answers hold their excerpts inside the business; all of them are found."""
    bodies = recorded_businesses()
    if not bodies:
        pytest.skip("the recordings are not here")
    total = 0
    for name, body in bodies:
        peer.server.on(DETAILS, Reply.json(body))
        page = connect(peer, opened).fetch({})
        wanted = [one["id"] for one in body.get("reviews", [])]
        assert [m.external_id for m in page.mentions] == wanted, name
        assert page.problems == ()
        assert page.next_cursor["count"] == body["review_count"]
        for mention, said in zip(page.mentions, body.get("reviews", []), strict=True):
            assert mention.created_at == datetime.fromtimestamp(said["time_created"], UTC)
            assert (mention.title == EXCERPT) == said["excerpt"].endswith("...")
        total += len(wanted)
    assert len(bodies) >= 4
    assert total >= 3


@pytest.mark.parametrize("name", ["error_response.json", "sampleFailureResponse.json"])
def test_recorded_refusals_of_the_old_api_are_named(
    peer: ThisPeer, opened: list[YelpConnector], name: str
) -> None:
    path = RECORDINGS / "yelp_v2" / name
    if not path.exists():
        pytest.skip("the recordings are not here")
    peer.server.on(DETAILS, Reply.json(json.loads(path.read_text("utf-8")), 400))
    connector = connect(peer, opened)
    if "UNAVAILABLE" in path.read_text("utf-8"):
        assert connector.fetch({}).mentions == ()
        return
    with pytest.raises(Rejected):
        connector.fetch({})


def test_what_is_no_business_is_never_taken_for_one(
    peer: ThisPeer, opened: list[YelpConnector]
) -> None:
    path = RECORDINGS / "yelp_v3" / "autocomplete_response.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    peer.server.on(DETAILS, Reply(200, path.read_bytes()))
    with pytest.raises(LayoutChanged):
        connect(peer, opened).fetch({})
