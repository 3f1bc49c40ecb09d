"""The App Store's public feed: every country and page, its traps, and what was recorded."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.appstore import KIND, AppStoreConnector, AppStoreSettings
from connectors.appstore.entries import read_page
from connectors.base import Context, FoundMention, MentionRef, Problem
from connectors.errors import (
    ConnectorError,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Unavailable,
)
from connectors.outcomes import Answer
from connectors.testing.http_server import Reply
from tests.connectors.peers.appstore import APP, ThisPeer
from tests.support.cassettes import RECORDINGS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FOLDER = RECORDINGS / "appstore_rss"


def connect(peer: ThisPeer, now: datetime = NOW, **said: Any) -> AppStoreConnector:
    chosen = AppStoreSettings.model_validate({**peer.settings, **said})
    return AppStoreConnector(chosen, Context("a", now=lambda: now))


def drain(
    connector: AppStoreConnector, cursor: Any
) -> tuple[list[FoundMention], list[Problem], Any]:
    found: list[FoundMention] = []
    problems: list[Problem] = []
    for _ in range(200):
        page = connector.fetch(cursor)
        found += page.mentions
        problems += page.problems
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            connector.close()
            return found, problems, cursor
    raise AssertionError("there is always more")


def pages_asked(peer: ThisPeer) -> list[tuple[str, int]]:
    asked = [re.match(r"/(\w\w)/.*/page=(\d+)/", path) for path in peer.server.paths()]
    peer.server.requests.clear()
    return [(match[1], int(match[2])) for match in asked if match]


def test_every_page_of_every_country_is_read(peer: ThisPeer) -> None:
    for n in range(530):
        peer.add(f"us {n}", "us")
    for n in range(120):
        peer.add(f"gb {n}", "gb")
    peer.add("de 0", "de")
    found, problems, _ = drain(connect(peer, countries=["us", "GB", "de", "fr", "us"]), {})
    assert problems == []
    assert len(found) == len({m.external_id for m in found}) == 500 + 120 + 1
    asked = pages_asked(peer)
    assert asked[:10] == [("us", n) for n in range(1, 11)]
    assert asked[10:] == [
        ("gb", 1),
        ("gb", 2),
        ("gb", 3),
        ("gb", 4),
        ("de", 1),
        ("de", 2),
        ("fr", 1),
    ]


def test_later_polls_read_only_what_is_new_in_each_country(peer: ThisPeer) -> None:
    for n in range(300):
        peer.add(f"us {n}", "us")
        peer.add(f"gb {n}", "gb")
    said = {"countries": ["us", "gb"]}
    _, _, cursor = drain(connect(peer, **said), {})
    pages_asked(peer)
    _, _, again = drain(connect(peer, **said), cursor)
    assert again == cursor
    assert pages_asked(peer) == [("us", 1), ("gb", 1)]
    peer.edit("gb 3", "gb 3, mended since")
    for n in range(70):
        peer.add(f"late {n}", "gb")
    found, _, cursor = drain(connect(peer, **said), again)
    assert {m.text for m in found} >= {f"late {n}" for n in range(70)} | {"gb 3, mended since"}
    assert pages_asked(peer) == [("us", 1), ("gb", 1), ("gb", 2)]
    assert len(json.dumps(cursor)) < 5_000


def test_everything_is_read_once_a_day(peer: ThisPeer) -> None:
    """An edit that is not moved to the front is seen then."""
    for n in range(160):
        peer.add(f"us {n}")
    _, _, cursor = drain(connect(peer), {})
    peer.reviews["us"][-1]["text"] = "changed where it stands"
    found, _, cursor = drain(connect(peer), cursor)
    assert "changed where it stands" not in {m.text for m in found}
    tomorrow = NOW.replace(day=2)
    found, _, after = drain(connect(peer, tomorrow), cursor)
    assert "changed where it stands" in {m.text for m in found}
    assert drain(connect(peer, tomorrow), after)[2] == after


def test_a_removed_or_added_country_does_not_confuse_the_cursor(peer: ThisPeer) -> None:
    for n in range(60):
        peer.add(f"us {n}", "us")
        peer.add(f"gb {n}", "gb")
    page = connect(peer, countries=["gb", "us"]).fetch({})
    found, _, _ = drain(connect(peer, countries=["us", "fr"]), page.next_cursor)
    assert len({m.external_id for m in found}) == 60
    _, _, cursor = drain(connect(peer, countries=["us"]), {})
    found, _, _ = drain(connect(peer, countries=["us", "gb"]), cursor)
    assert {m.location for m in found} == {"us", "gb"}
    assert len({m.external_id for m in found if m.location == "gb"}) == 60


def test_a_failing_country_does_not_keep_the_others_waiting(peer: ThisPeer) -> None:
    peer.add("from gb", "gb")
    peer.add("from de", "de")
    said = {"countries": ["us", "gb", "de"]}
    peer.down = {"us": Reply(503), "de": Reply(404)}
    found, problems, cursor = drain(connect(peer, **said), {})
    assert [m.text for m in found] == ["from gb"]
    assert [p.where for p in problems] == ["us page 1", "de page 1"]
    assert "503" in problems[0].reason
    peer.down = {}
    peer.add("from us", "us")
    found, problems, _ = drain(connect(peer, **said), cursor)
    assert {m.text for m in found} == {"from us", "from gb", "from de"}
    assert problems == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503), Unavailable),
        (Reply(502, b"<html>Bad Gateway</html>"), Unavailable),
        (Reply.html("<html>Sign in to the guest network</html>"), LayoutChanged),
        (Reply(404), Gone),
        (Reply(429, headers={"Retry-After": "30"}), RateLimited),
    ],
)
def test_an_outage_of_all_countries_is_raised(
    peer: ThisPeer, reply: Reply, error: type[ConnectorError]
) -> None:
    peer.down = {"us": reply, "gb": reply}
    with pytest.raises(error):
        drain(connect(peer), {})
    if error is not Gone:
        with pytest.raises(error):
            drain(connect(peer, countries=["us", "gb"]), {})


def test_an_outage_in_the_middle_goes_on_where_it_was(peer: ThisPeer) -> None:
    for n in range(120):
        peer.add(f"us {n}")
    first = connect(peer).fetch({})
    peer.down = {"us": Reply(502)}
    with pytest.raises(Unavailable):
        connect(peer).fetch(first.next_cursor)
    peer.down = {}
    found, _, _ = drain(connect(peer), first.next_cursor)
    assert len(found) + len(first.mentions) == 120


@pytest.mark.parametrize("status", [400, 404])
def test_a_further_page_that_is_refused_ends_its_country(peer: ThisPeer, status: int) -> None:
    for n in range(120):
        peer.add(f"us {n}")
    second = f"/us/rss/customerreviews/page=2/id={APP}/sortby=mostrecent/json"
    peer.server.on(second, Reply(status))
    found, problems, cursor = drain(connect(peer), {})
    assert len(found) == 50
    assert [p.where for p in problems] == ["us page 2"]
    assert drain(connect(peer), cursor)[2] == cursor


def test_an_empty_feed_deletes_nothing_and_forgets_nothing(peer: ThisPeer) -> None:
    for n in range(60):
        peer.add(f"us {n}")
    _, _, cursor = drain(connect(peer), {})
    kept = peer.reviews.pop("us")
    page = connect(peer).fetch(cursor)
    assert page.mentions == ()
    assert "nothing is taken for deleted" in page.problems[0].reason
    assert page.next_cursor == cursor
    peer.reviews["us"] = kept
    peer.add("after the silence")
    found, problems, _ = drain(connect(peer), page.next_cursor)
    assert "after the silence" in {m.text for m in found}
    assert problems == []


def test_the_app_itself_and_a_bare_single_review(peer: ThisPeer) -> None:
    peer.shows_app = True
    assert drain(connect(peer), {})[:2] == ([], [])
    peer.add("Cold coffee")
    assert [m.text for m in drain(connect(peer), {})[0]] == ["Cold coffee"]
    peer.shows_app, peer.bare_single = False, True
    assert [m.text for m in drain(connect(peer), {})[0]] == ["Cold coffee"]


def test_the_xml_form_is_read_as_well(peer: ThisPeer) -> None:
    peer.speaks = "xml"
    text = "I <3 this app & <b>love</b> it; \u00e9\U0001f600 &amp; more"
    ident = peer.add(text)
    for n in range(60):
        peer.add(f"us {n}")
    found, problems, _ = drain(connect(peer), {})
    assert problems == []
    assert len(found) == 61
    [one] = [m for m in found if m.external_id == ident]
    assert (one.text, one.rating, one.author_name, one.author_id) == (text, 2.0, "Ada", "77")
    assert one.created_at == datetime(2026, 2, 28, 14, 35, 33, tzinfo=UTC)
    assert one.title == "Cold coffee"


def test_fields_of_a_review(peer: ThisPeer) -> None:
    ident = peer.add("I <3 it & <script>alert(1)</script> &lt; \x07\ud83d\n\nbye", rating="1")
    [found], _, _ = drain(connect(peer), {})
    assert found.external_id == ident
    assert found.text == "I <3 it & <script>alert(1)</script> &lt; \ufffd\n\nbye"
    assert (found.rating, found.rating_min, found.rating_max) == (1.0, 1.0, 5.0)
    assert found.author_id == ident[-6:]
    assert found.author_url == f"https://itunes.apple.com/us/reviews/id{ident[-6:]}"
    assert found.url == "https://itunes.apple.com/us/review"
    assert (found.location, found.created_at) == ("us", None)
    assert found.raw == {"country": "us", "version": "1.2"}


def answer(value: Any) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(200, {}, body, "https://itunes.example/us/rss")


def review(**changed: Any) -> dict[str, Any]:
    return {
        "id": {"label": "5"},
        "im:rating": {"label": "3"},
        "title": {"label": "T"},
        "content": {"label": "Words"},
        "updated": {"label": "2026-02-28T07:35:33-07:00"},
        **changed,
    }


@pytest.mark.parametrize(
    ("odd", "kept", "problems"),
    [
        (review(), 1, 0),
        (review(id="77"), 1, 0),
        (review(id={"label": 77}), 1, 0),
        (review(**{"im:rating": {"label": ""}}), 1, 1),
        (review(**{"im:rating": {"label": "0"}}), 1, 1),
        (review(**{"im:rating": {"label": "NaN"}}), 1, 1),
        (review(**{"im:rating": None}), 1, 1),
        (review(author={"uri": {"label": ""}, "name": {"label": "Ada"}}), 1, 0),
        (review(author=[]), 1, 0),
        (review(link=[{"attributes": {"href": "javascript:alert(1)"}}]), 1, 0),
        (review(content={"label": ""}), 1, 0),
        (review(content=None, title=None), 0, 1),
        (review(id=None), 0, 1),
        (review(id={"label": ["x"]}), 0, 1),
        (review(id={"label": "x" * 5000}), 0, 1),
        (None, 0, 1),
        ("text", 0, 1),
        (17, 0, 1),
        ([], 0, 1),
    ],
)
def test_an_odd_entry_is_told_and_the_others_are_read(odd: Any, kept: int, problems: int) -> None:
    good = review(id={"label": "1"})
    found = read_page(answer({"feed": {"entry": [good, odd, good]}}), "us")
    assert len(found.mentions) == 2 + kept
    assert len(found.problems) == problems
    assert all(m.rating is None or 1 <= m.rating <= 5 for m in found.mentions)
    assert all("Words" not in p.reason for p in found.problems)


def test_the_time_is_taken_from_the_newer_shape() -> None:
    [found] = read_page(answer({"feed": {"entry": review()}}), "us").mentions
    assert found.created_at == datetime(2026, 2, 28, 14, 35, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"feed": None},
        {"feed": {"entry": "many"}},
        b"",
        b"null",
        b"<html><body>Sign in</body></html>",
        b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id>",
        b"<rss version='2.0'><channel><item><title>x</title></item></channel></rss>",
        b"CustomerReviews RSS",
    ],
)
def test_what_is_no_page_of_the_feed_is_never_an_empty_one(body: Any) -> None:
    with pytest.raises(LayoutChanged):
        read_page(answer(body), "us")


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reading(body: bytes) -> None:
    with contextlib.suppress(LayoutChanged):
        read_page(answer(body), "us")


def test_a_page_too_deep_ends_a_country() -> None:
    found = read_page(answer(b"CustomerReviews RSS page depth is limited to 10"), "us")
    assert (found.mentions, found.problems) == ((), ())


def test_each_request_is_booked_before_it_is_made(peer: ThisPeer) -> None:
    class Meter:
        spent: list[str]

        def __init__(self) -> None:
            self.spent = []

        def spend(self, budget: str, amount: float = 1.0) -> None:
            if len(self.spent) == 2:
                raise RateLimited("the budget is used up")
            self.spent.append(budget)

        def charge(self, budget: str, amount: float) -> None:
            raise AssertionError("nothing is charged here")

    for n in range(120):
        peer.add(f"us {n}")
    meter = Meter()
    chosen = AppStoreSettings.model_validate(peer.settings)
    connector = AppStoreConnector(chosen, Context("a", now=lambda: NOW, meter=meter))
    second = connector.fetch(connector.fetch({}).next_cursor)
    with pytest.raises(RateLimited):
        connector.fetch(second.next_cursor)
    assert meter.spent == ["calls", "calls"]
    assert peer.requests() == 2
    connector.close()
    assert KIND.budgets_of is not None
    assert {budget.name for budget in KIND.budgets_of(chosen)} == {"calls"}


def test_verify_tells_an_app_without_reviews(peer: ThisPeer) -> None:
    health = connect(peer).verify()
    assert (health.ok, "Check app_id" in health.advice) == (True, True)
    peer.add("Cold")
    assert APP in connect(peer).verify().summary


def test_answers_are_given_by_hand(peer: ThisPeer) -> None:
    peer.add("Cold")
    connector = connect(peer)
    assert KIND.answer_page is not None
    page = KIND.answer_page(AppStoreSettings.model_validate(peer.settings), MentionRef("1"))
    assert page == f"https://appstoreconnect.apple.com/apps/{APP}"
    with pytest.raises(NotSupported):
        connector.reply(MentionRef("1"), "Sorry", "k")


def test_settings_are_checked() -> None:
    chosen = AppStoreSettings.model_validate({"app_id": "5", "countries": ["US", "us", "gb"]})
    assert chosen.countries == ("us", "gb")
    for bad in ({"app_id": "x"}, {"countries": ["usa"]}, {"countries": []}, {"pages": 11}):
        with pytest.raises(ValidationError):
            AppStoreSettings.model_validate({"app_id": "5", **bad})


def recorded() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def ids_in(text: str) -> list[str]:
    """Find the ids of recorded reviews by their place in the text, not by its structure."""
    flat = re.sub(r"\s+", "", text)
    return re.findall(r"\"im:rating\":\{\"label\":\"[^\"]*\"\},\"id\":\{\"label\":\"(\d+)\"", flat)


def test_recorded_pages_are_replayed(peer: ThisPeer) -> None:
    """Each recorded page is served as page 1; all its reviews are found, with their ratings."""
    if not recorded():
        pytest.skip("the recordings are not here")
    total = 0
    for path in recorded():
        body = path.read_bytes()
        where = f"/us/rss/customerreviews/page={{}}/id={APP}/sortby=mostrecent/json"
        peer.server.on(where.format(1), Reply(200, body))
        found, problems, _ = drain(connect(peer), {})
        wanted = ids_in(body.decode())
        assert [m.external_id for m in found] == wanted, path.name
        odd = '"im:rating":{"label":""}' in body.decode() or (
            '"im:rating":{"label":"0"}' in body.decode()
        )
        assert bool(problems) == odd, path.name
        assert all(m.text and m.author_name for m in found)
        total += len(wanted)
    assert total >= 55


def test_the_recorded_page_in_full(peer: ThisPeer) -> None:
    path = FOLDER / "497799835_cn_5.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    found = read_page(answer(path.read_bytes()), "cn")
    assert len(found.mentions) == 50
    assert found.problems == ()
    ratings = re.findall(r"\"im:rating\":\{\"label\":\"(\d)\"\}", path.read_text("utf-8"))
    assert [m.rating for m in found.mentions] == [float(r) for r in ratings]
    assert all(m.author_id and m.url for m in found.mentions)
