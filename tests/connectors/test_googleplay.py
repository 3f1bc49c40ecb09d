"""Google Play: a week of reviews, titles before a tab, edits after our answer, 350 characters."""

from __future__ import annotations

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
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.googlefaults import until_pacific_midnight
from connectors.googleplay import KIND, GooglePlayConnector, GooglePlaySettings
from connectors.googleplay.reviews import mention_of, moment
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.connectors.peers.google_account import fault, key_file
from tests.connectors.peers.googleplay import APP, ROOT, ThisPeer
from tests.support.spending import CountingMeter

Opened = list[GooglePlayConnector]


@pytest.fixture
def opened() -> Iterator[Opened]:
    connectors: Opened = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(peer: ThisPeer, opened: Opened, **said: Any) -> GooglePlayConnector:
    chosen = GooglePlaySettings.model_validate({**peer.settings, **said})
    opened.append(GooglePlayConnector(chosen, Context("p", now=lambda: NOW)))
    return opened[-1]


def drain(connector: GooglePlayConnector, cursor: Any) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    for _ in range(200):
        pages.append(connector.fetch(json.loads(json.dumps(dict(cursor)))))
        cursor = pages[-1].next_cursor
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def found_in(pages: list[Page]) -> list[FoundMention]:
    return [one for page in pages for one in page.mentions]


def age(peer: ThisPeer, ident: str, days: float) -> None:
    at = int((NOW - timedelta(days=days)).timestamp())
    peer.user(peer.reviews[ident])["lastModified"] = {"seconds": str(at)}


def test_the_first_run_reads_the_whole_week_and_the_next_what_is_new(
    peer: ThisPeer, opened: Opened
) -> None:
    for n in range(450):
        age(peer, peer.add(f"Crash {n}"), 6.9 - n / 100)
    pages, cursor = drain(connect(peer, opened), {})
    assert {one.text for one in found_in(pages)} == {f"Crash {n}" for n in range(450)}
    assert peer.server.paths().count(ROOT) == 5
    assert all(dict(r.query)["maxResults"] == "100" for r in peer.server.requests if r.query)
    peer.add("New crash")
    peer.server.requests.clear()
    pages, later = drain(connect(peer, opened), cursor)
    assert "New crash" in {one.text for one in found_in(pages)}
    assert peer.server.paths().count(ROOT) == 2
    assert drain(connect(peer, opened), later)[1] == later


def test_what_is_older_than_a_week_is_not_listed_and_can_be_read(
    peer: ThisPeer, opened: Opened
) -> None:
    ident = peer.add("Old crash")
    age(peer, ident, 8)
    connector = connect(peer, opened)
    assert found_in(drain(connector, {})[0]) == []
    found = connector.read(MentionRef(ident))
    assert found is not None
    assert found.text == "Old crash"
    assert KIND.capabilities.listing_window == timedelta(days=7)


def test_fields_of_a_review(peer: ThisPeer, opened: Opened) -> None:
    ident = peer.add("Never again\tIt crashes\nall the time. ")
    [found] = found_in(drain(connect(peer, opened), {})[0])
    assert (found.external_id, found.kind) == (ident, "review")
    assert (found.title, found.text) == ("Never again", "It crashes\nall the time.")
    assert (found.rating, found.language, found.location) == (2.0, "en-US", APP)
    assert found.created_at == NOW - timedelta(days=1) + timedelta(seconds=1.525)
    assert found.edited_at is None
    assert found.url == (
        f"https://play.google.com/store/apps/details?id={APP}&reviewId=gp%3AAOqpTO-1"
    )
    assert found.raw == {
        "device": "heroqltevzw",
        "androidOsVersion": 34,
        "appVersionCode": 1440,
        "appVersionName": "1.44",
        "thumbsUpCount": 0,
        "thumbsDownCount": 0,
        "productName": "heroqltevzw (Galaxy S7)",
    }


def test_an_edit_after_our_answer_shows_as_one(peer: ThisPeer, opened: Opened) -> None:
    peer.add("It crashes")
    connector = connect(peer, opened)
    [found], cursor = found_in(drain(connector, {})[0]), drain(connector, {})[1]
    receipt = connector.reply(MentionRef(found.external_id), "Please update. Mara", "k")
    assert (receipt.state, receipt.text) == ("visible", "Please update. Mara")
    assert receipt.at is not None
    [answered] = found_in(drain(connector, cursor)[0])
    assert (answered.our_reply, answered.edited_at) == ("Please update. Mara", None)
    peer.edit("It crashes", "It still crashes")
    [edited] = found_in(drain(connector, cursor)[0])
    assert edited.external_id == found.external_id
    assert edited.our_reply == "Please update. Mara"
    assert edited.our_reply_at is not None
    assert edited.edited_at is not None
    assert edited.our_reply_at < edited.edited_at


def bare(**user: Any) -> dict[str, Any]:
    return {"reviewId": "gp:1", "comments": [{"userComment": user}]}


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("\tOnly a body", "", "Only a body"),
        ("Only a title\t", "", "Only a title"),
        ("Plain", "", "Plain"),
        ("T\tb\tc", "T", "b\tc"),
        ("\t \0", "", ""),
    ],
)
def test_the_title_stands_before_a_tab(text: str, title: str, body: str) -> None:
    found = mention_of(bare(text=text, starRating=1), APP)
    assert (found.title, found.text) == (title, body)


def test_odd_reviews_are_understood_or_named(peer: ThisPeer, opened: Opened) -> None:
    reviews: list[Any] = [
        bare(text="translated", originalText="Kopf\tübersetzt", starRating=2),
        {"reviewId": "new-style-uuid", "comments": {"userComment": {"text": "one object"}}},
        {**bare(text="old", lastModified={"seconds": "100000000"}), "reviewId": "gp:2"},
        {"reviewId": "gp:3", "comments": []},
        {"reviewId": "gp:4"},
        {"comments": [{"userComment": {"text": "no id"}}]},
        {"reviewId": "../x", "comments": [{"userComment": {"text": "no id"}}]},
        bare(text="", starRating=0),
        None,
    ]
    reviews[2]["comments"] += [
        {"userComment": {"text": "new", "lastModified": {"seconds": 1767225600, "nanos": "x"}}}
    ]
    peer.server.on(ROOT, Reply.json({"reviews": reviews, "pageInfo": {}}))
    page = connect(peer, opened).fetch({})
    assert [(m.title, m.text) for m in page.mentions] == [
        ("Kopf", "übersetzt"), ("", "one object"), ("", "new")
    ]  # fmt: skip
    assert len(page.problems) == 6
    assert page.problems[0] == type(page.problems[0])(
        "review gp:3", "the review has no comment of a user"
    )


@given(st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=30)), st.integers())
def test_any_time_is_a_moment_or_none(seconds: Any, nanos: int) -> None:
    found = moment({"seconds": seconds, "nanos": nanos})
    assert found is None or found.tzinfo is not None


def test_times_come_as_texts_and_numbers() -> None:
    at = datetime(2017, 2, 7, 15, 55, 36, tzinfo=UTC)
    assert moment({"seconds": "1486482936", "nanos": 525000000}) == at.replace(microsecond=525000)
    assert moment({"seconds": 1486482936}) == at
    assert moment({"seconds": "1486482936", "nanos": True}) == at
    assert moment("2017-02-07T15:55:36Z") == at
    assert moment(None) is None


@pytest.mark.parametrize("answer", [{"items": []}, {"reviews": "x"}, {"reviews": 1}, []])
def test_a_strange_answer_is_not_taken_for_no_reviews(
    peer: ThisPeer, opened: Opened, answer: Any
) -> None:
    peer.server.on(ROOT, Reply.json(answer))
    with pytest.raises(LayoutChanged):
        connect(peer, opened).fetch({})


def test_a_reply_is_checked_before_it_is_sent(peer: ThisPeer, opened: Opened) -> None:
    connector = connect(peer, opened)
    ref = MentionRef("gp:1")
    with pytest.raises(Rejected, match="351 characters, 350 fit"):
        connector.reply(ref, "ü" * 351, "k")
    with pytest.raises(Rejected, match="HTML"):
        connector.reply(ref, "See <b>here</b>", "k")
    with pytest.raises(Rejected, match="empty"):
        connector.reply(ref, " ", "k")
    assert connector.objections("I <3 R&D; 5 < 6 > 4") == ()
    assert connector.objections("a &amp; b") == ("HTML, which Google Play strips",)
    assert peer.requests() == 0


def test_a_reply_replaces_the_former_and_is_found(peer: ThisPeer, opened: Opened) -> None:
    ident = peer.add("It crashes")
    connector = connect(peer, opened)
    connector.reply(MentionRef(ident), "x" * 350, "k")
    connector.reply(MentionRef(ident), "Please update. Mara", "k2")
    assert peer.published() == ["Please update. Mara"]
    sent = peer.server.requests[-1]
    assert (sent.method, sent.path) == ("POST", f"{ROOT}/{ident}:reply")
    assert connector.find_reply(MentionRef(ident), "x" * 350, "k") is None
    there = connector.find_reply(MentionRef(ident), "Please update. Mara", "k2")
    assert there is not None
    assert (there.state, there.external_id) == ("visible", ident)
    peer.remove("It crashes")
    assert connector.read(MentionRef(ident)) is None
    with pytest.raises(Gone):
        connector.find_reply(MentionRef(ident), "Please update. Mara", "k2")


def test_an_unreadable_answer_to_a_reply_is_an_unknown_outcome(
    peer: ThisPeer, opened: Opened
) -> None:
    ident = peer.add("It crashes")
    for answer in (Reply.html("fine"), Reply.json([]), fault(500, "INTERNAL", "oops")):
        peer.server.on(f"{ROOT}/{ident}:reply", answer)
        with pytest.raises(UnknownOutcome):
            connect(peer, opened).reply(MentionRef(ident), "Sorry", "k")


@pytest.mark.parametrize("ident", ["", "..", "a/b", "a?b", "a b", "x" * 400, "%2e%2e"])
def test_what_is_no_id_never_becomes_part_of_an_address(
    peer: ThisPeer, opened: Opened, ident: str
) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect(peer, opened).read(MentionRef(ident))
    assert peer.requests() == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fault(400, "INVALID_ARGUMENT", "Invalid Value", "invalid"), Rejected),
        (fault(401, "UNAUTHENTICATED", "stale", "authError"), AuthFailed),
        (fault(403, "PERMISSION_DENIED", "The caller does not have permission"), AuthFailed),
        (fault(403, "", "API not enabled", "accessNotConfigured"), AuthFailed),
        (fault(404, "NOT_FOUND", "Package not found", "applicationNotFound"), Gone),
        (fault(403, "", "Rate Limit Exceeded", "rateLimitExceeded"), RateLimited),
        (fault(403, "", "User Rate Limit Exceeded", "userRateLimitExceeded"), RateLimited),
        (fault(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), RateLimited),
        (fault(500, "INTERNAL", "Backend Error", "backendError"), Unavailable),
        (fault(503, "UNAVAILABLE", "Backend Error", "backendError"), Unavailable),
    ],
)
def test_each_error_of_google_has_its_name(
    peer: ThisPeer, opened: Opened, reply: Reply, error: type[ConnectorError]
) -> None:
    peer.server.on(ROOT, reply)
    with pytest.raises(error) as caught:
        connect(peer, opened).fetch({})
    assert type(caught.value) is error
    assert "s3cr3t" not in str(caught.value)


def test_a_daily_quota_is_waited_out_until_midnight_in_california(
    peer: ThisPeer, opened: Opened
) -> None:
    peer.server.on(ROOT, fault(403, "", "Daily Limit Exceeded", "dailyLimitExceeded"))
    with pytest.raises(RateLimited) as caught:
        connect(peer, opened).fetch({})
    assert caught.value.retry_after == timedelta(hours=20)  # 4 o'clock there


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        ("2026-03-01T12:00:00+00:00", 20),
        ("2026-03-08T08:00:00+00:00", 23),  # the short night
        ("2026-11-01T07:00:00+00:00", 25),  # the long one
        ("2026-07-01T06:59:00+00:00", 1 / 60),
    ],
)
def test_midnight_in_california_is_found_in_summer_and_winter(moment: str, hours: float) -> None:
    assert until_pacific_midnight(datetime.fromisoformat(moment)) == timedelta(hours=hours)


def test_a_key_that_cannot_be_used_is_told_without_it(
    peer: ThisPeer, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json.loads(key_file())
    no_pem = {**good, "private_key": "-----BEGIN PRIVATE KEY-----\ns3cr3t\n"}
    for number, content in enumerate(
        ["s3cr3t", "[]", "{}", json.dumps(no_pem), json.dumps({**good, "private_key": 5})]
    ):
        path = tmp_path / f"bad{number}.json"
        path.write_text(content)
        with pytest.raises(AuthFailed) as caught:
            connect(peer, opened, service_account=f"file:{path}").fetch({})
        assert "s3cr3t" not in str(caught.value)
    assert peer.requests() == 0
    monkeypatch.setenv("TEST_PLAY_KEY", key_file())
    peer.add("It crashes")
    connector = connect(peer, opened, service_account="env:TEST_PLAY_KEY")
    assert len(connector.fetch({}).mentions) == 1
    assert connector.verify().ok


def test_reads_and_replies_have_their_own_budgets(peer: ThisPeer) -> None:
    ident = peer.add("It crashes")
    meter = CountingMeter()
    settings = GooglePlaySettings.model_validate(peer.settings)
    connector = GooglePlayConnector(settings, Context("p", now=lambda: NOW, meter=meter))
    try:
        connector.fetch({})
        connector.read(MentionRef(ident))
        connector.reply(MentionRef(ident), "Sorry", "k")
    finally:
        connector.close()
    assert meter.spent == {"reads": 2, "replies": 1}
    assert KIND.budgets_of is not None
    granted = {"reads": 200, "replies": 2000}
    for budget in KIND.budgets_of(settings):
        assert budget.amount + (budget.burst or 0) <= granted[budget.name]


def test_settings_are_checked() -> None:
    good = {"package_name": " com.example.app ", "service_account": "env:K"}
    assert GooglePlaySettings.model_validate(good).package_name == APP
    for bad in ({"package_name": "app"}, {"package_name": "a/../b"}, {"service_account": "{}"}):
        with pytest.raises(ValidationError):
            GooglePlaySettings.model_validate({**good, **bad})
