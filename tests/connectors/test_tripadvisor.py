"""Tripadvisor: the newest of each language, nothing kept, and a key that no message shows."""

from __future__ import annotations

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
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from connectors.tripadvisor import KIND, TripadvisorConnector, TripadvisorSettings
from connectors.tripadvisor.reviews import mention_of
from tests.connectors.peers.tripadvisor import KEY, PLACE, ThisPeer

LIST = f"/api/v1/location/{PLACE}/reviews"


@pytest.fixture
def opened() -> Iterator[list[TripadvisorConnector]]:
    connectors: list[TripadvisorConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


def connect(
    peer: ThisPeer,
    opened: list[TripadvisorConnector],
    context: Context | None = None,
    **said: Any,
) -> TripadvisorConnector:
    chosen = TripadvisorSettings.model_validate({**peer.settings, **said})
    opened.append(TripadvisorConnector(chosen, context or Context("t", now=lambda: NOW)))
    return opened[-1]


def drain(
    connector: TripadvisorConnector, cursor: Any
) -> tuple[list[FoundMention], list[Problem], Any]:
    found: list[FoundMention] = []
    problems: list[Problem] = []
    for _ in range(30):
        page = connector.fetch(cursor)
        found += page.mentions
        problems += page.problems
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, problems, cursor
    raise AssertionError("there is always more")


def test_the_newest_of_every_language_are_found(
    peer: ThisPeer, opened: list[TripadvisorConnector]
) -> None:
    for n in range(7):
        peer.add(f"Complaint {n}")
        peer.add(f"Beschwerde {n}", "de")
    said = {"languages": ["en", "de", "fr"]}
    found, problems, cursor = drain(connect(peer, opened, **said), {})
    assert problems == []
    assert {m.text for m in found} == {
        f"{word} {n}" for word in ("Complaint", "Beschwerde") for n in range(2, 7)
    }
    assert cursor == {}
    assert [r.get("language") for r in peer.server.requests] == ["en", "de", "fr"]


def test_nothing_of_a_review_is_kept_but_id_and_link(
    peer: ThisPeer, opened: list[TripadvisorConnector]
) -> None:
    peer.add("Complaint")
    page = connect(peer, opened, languages=["en", "de"]).fetch({})
    assert page.next_cursor == {"language": "de"}
    [found] = page.mentions
    assert found.raw is None
    assert (KIND.capabilities.may_store, KIND.capabilities.reply_mode) == (False, "manual")
    assert connect(peer, opened).fetch({"language": "no longer read"}).mentions == (found,)


def test_fields_of_a_review(peer: ThisPeer, opened: list[TripadvisorConnector]) -> None:
    review = peer.add("I <3 it & <b>x</b> \x07\ud83d cold\r\ncoffee")
    review["owner_response"] = {
        "id": 1,
        "text": "Sorry.",
        "published_date": "2026-03-01T09:00:00Z",
    }
    [found], _, _ = drain(connect(peer, opened), {})
    assert found.external_id == f"{PLACE}:{review['id']}"
    assert found.text == "I <3 it & <b>x</b> \ufffd cold\ncoffee"
    assert (found.title, found.rating, found.author_name) == ("Cold coffee", 2.0, "AdaL")
    assert (found.language, found.url) == ("en", review["url"])
    assert found.created_at == datetime(2026, 2, 26, 12, tzinfo=UTC)
    assert (found.our_reply, found.our_reply_at) == (
        "Sorry.",
        datetime(2026, 3, 1, 9, tzinfo=UTC),
    )


GOOD: dict[str, Any] = {"id": 5, "rating": 3, "text": "Words"}


@pytest.mark.parametrize(
    ("review", "kept", "odd"),
    [
        (GOOD, True, False),
        ({**GOOD, "id": "5", "rating": "4"}, True, False),
        ({**GOOD, "rating": None}, True, True),
        ({**GOOD, "rating": 7}, True, True),
        ({**GOOD, "text": None}, True, False),
        ({**GOOD, "text": None, "rating": None}, False, True),
        ({**GOOD, "user": None, "owner_response": [], "published_date": 4}, True, False),
        ({**GOOD, "url": "javascript:alert(1)", "lang": 4}, True, False),
        ({**GOOD, "id": None}, False, True),
        ({**GOOD, "id": True}, False, True),
        ({**GOOD, "id": -5}, False, True),
        ({**GOOD, "id": "٣"}, False, True),
        ({**GOOD, "id": "x/../y"}, False, True),
        ({**GOOD, "id": 10**60}, False, True),
        (None, False, True),
        ("x", False, True),
    ],
)
def test_an_odd_review_is_told_and_the_others_are_read(
    peer: ThisPeer, opened: list[TripadvisorConnector], review: Any, kept: bool, odd: bool
) -> None:
    peer.server.on(LIST, Reply.json({"data": [{**GOOD, "id": 1}, review, {**GOOD, "id": 9}]}))
    page = connect(peer, opened).fetch({})
    wanted = ["1", *(["5"] if kept else []), "9"]
    assert [m.external_id for m in page.mentions] == [f"{PLACE}:{one}" for one in wanted]
    assert bool(page.problems) == odd
    assert all("Words" not in problem.reason for problem in page.problems)


@given(
    st.dictionaries(
        st.sampled_from(["id", "rating", "text", "title", "user", "url", "published_date"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just({}),
    )
)
def test_no_review_crashes_the_reading(review: Any) -> None:
    try:
        found, _ = mention_of(review, PLACE)
    except ValueError:
        return
    assert found.rating is None or 1 <= found.rating <= 5


def test_a_review_is_shown_live_while_it_is_among_the_newest(
    peer: ThisPeer, opened: list[TripadvisorConnector]
) -> None:
    peer.add("Beschwerde", "de")
    peer.add("Complaint")
    connector = connect(peer, opened, languages=["en", "de"])
    found, _, _ = drain(connector, {})
    refs = {m.text: MentionRef(m.external_id, language=m.language) for m in found}
    peer.server.requests.clear()
    shown = connector.read(refs["Beschwerde"])
    assert shown is not None
    assert shown.text == "Beschwerde"
    assert [r.get("language") for r in peer.server.requests] == ["de"]
    peer.remove("Complaint")
    assert connector.read(refs["Complaint"]) is None
    for n in range(6):
        peer.add(f"Later {n}")
    with pytest.raises(NotSupported, match="five newest"):
        connector.read(refs["Complaint"])
    peer.server.on(LIST, Reply.json({"data": []}))
    with pytest.raises(NotSupported):
        connector.read(refs["Beschwerde"])


def said(code: Any, kind: str = "Some") -> dict[str, Any]:
    return {"error": {"message": f"No {KEY}", "type": kind, "code": code}}


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (Reply.json({"Message": f"User with {KEY} is not authorized"}, 403), AuthFailed, "referer"),
        (Reply.json({"message": "Unauthorized"}, 401), AuthFailed, "key"),
        (Reply.json(said(403)), AuthFailed, "referer"),
        (Reply.json(said(404), 404), Gone, "404"),
        (Reply.json(said(404)), Gone, "404"),
        (Reply.json(said("400", "BadRequestException")), Rejected, "BadRequestException"),
        (Reply.json(said(429)), RateLimited, "budget"),
        (Reply.json({"message": "Limit Exceeded"}, 429), RateLimited, "budget"),
        (Reply(502, b"<html>"), Unavailable, "502"),
        (Reply.json({"error": {"message": "", "code": 0}}), LayoutChanged, "no list"),
        (Reply.json({"error": "x"}), LayoutChanged, "no list"),
        (Reply.json({"data": None}), LayoutChanged, "no list"),
        (Reply.html("<html>Sign in</html>"), LayoutChanged, "JSON"),
        (Reply(200, b'{"error"'), LayoutChanged, "JSON"),
        (Reply(fault="drop"), Unavailable, "dropped"),
    ],
)
def test_refusals_have_their_names_and_never_show_the_key(
    peer: ThisPeer,
    opened: list[TripadvisorConnector],
    reply: Reply,
    error: type[ConnectorError],
    says: str,
) -> None:
    peer.server.on(LIST, reply)
    connector = connect(peer, opened)
    with pytest.raises(error, match=says) as caught:
        connector.fetch({})
    assert KEY not in repr(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(error):
        connector.verify()


def test_a_used_up_day_is_waited_out_until_midnight_utc(
    peer: ThisPeer, opened: list[TripadvisorConnector]
) -> None:
    for headers, wait in (({}, timedelta(hours=12)), ({"Retry_After": "7"}, timedelta(seconds=7))):
        peer.server.on(LIST, Reply.json({"message": "Limit Exceeded"}, 429, **headers))
        with pytest.raises(RateLimited) as caught:
            connect(peer, opened).fetch({})
        assert caught.value.retry_after == wait


def test_a_bound_key_needs_its_referer(peer: ThisPeer, opened: list[TripadvisorConnector]) -> None:
    peer.bound_to = "https://www.harbour.example/"
    with pytest.raises(AuthFailed, match="set `referer`"):
        connect(peer, opened).fetch({})
    assert connect(peer, opened, referer=peer.bound_to).verify().ok


def test_the_path_of_the_api_may_be_left_out(
    peer: ThisPeer, opened: list[TripadvisorConnector]
) -> None:
    peer.add("Complaint")
    for base in (peer.server.url, f"{peer.server.url}/", f"{peer.server.url}/api/v1/"):
        assert len(connect(peer, opened, base_url=base).fetch({}).mentions) == 1


def test_each_call_is_booked(peer: ThisPeer, opened: list[TripadvisorConnector]) -> None:
    class Meter:
        left = 1

        def spend(self, budget: str, amount: float = 1.0) -> None:
            if not self.left:
                raise RateLimited("the budget is used up")
            self.left -= 1

        def charge(self, budget: str, amount: float) -> None:
            raise AssertionError("nothing is charged here")

    connector = connect(peer, opened, Context("t", now=lambda: NOW, meter=Meter()))
    connector.fetch({})
    with pytest.raises(RateLimited):
        connector.fetch({})
    assert peer.requests() == 1
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(TripadvisorSettings.model_validate(peer.settings))
    assert budget.amount + (budget.burst or 0) == 5_000


def test_answers_are_given_by_hand(peer: ThisPeer, opened: list[TripadvisorConnector]) -> None:
    peer.add("Complaint")
    connector = connect(peer, opened)
    assert "1 reviews" in connector.verify().summary
    assert KIND.answer_page is not None
    chosen = TripadvisorSettings.model_validate(peer.settings)
    assert KIND.answer_page(chosen, MentionRef("1")).startswith("https://www.tripadvisor.com/")
    with pytest.raises(NotSupported):
        connector.reply(MentionRef("1"), "Sorry", "k")


def test_settings_are_checked(peer: ThisPeer) -> None:
    for bad in (
        {"location_id": "d25234055"},
        {"languages": []},
        {"languages": ["english"]},
        {"api_key": "plain"},
    ):
        with pytest.raises(ValidationError):
            TripadvisorSettings.model_validate({**peer.settings, **bad})
