"""Hacker News: every hit of a generous, short-sighted search, and only those that name us."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
from connectors.budgets import Meter
from connectors.errors import AuthFailed, LayoutChanged, NotSupported, RateLimited, Rejected
from connectors.hackernews import KIND, HackerNewsConnector, HackerNewsSettings
from connectors.hackernews.items import mention_of_hit
from connectors.hackernews.walk import Walk, step
from connectors.naming import names
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW
from tests.connectors.peers.hackernews import START, ThisPeer, hit_of
from tests.support.cassettes import RECORDINGS

SEARCH = "/api/v1/search_by_date"


@pytest.fixture
def opened() -> Iterator[list[HackerNewsConnector]]:
    connectors: list[HackerNewsConnector] = []
    yield connectors
    for connector in connectors:
        connector.close()


class Counted:
    """A meter that keeps what was spent, and has room for `room`."""

    def __init__(self, room: int = 1000) -> None:
        self.spent: list[tuple[str, float]] = []
        self.room = room

    def spend(self, budget: str, amount: float = 1.0) -> None:
        if len(self.spent) >= self.room:
            raise RateLimited("the budget is used up", timedelta(seconds=9))
        self.spent.append((budget, amount))

    def charge(self, budget: str, amount: float) -> None:
        self.spent.append((budget, amount))


def connect(
    peer: ThisPeer, opened: list[HackerNewsConnector], meter: Meter | None = None, **said: Any
) -> HackerNewsConnector:
    chosen = HackerNewsSettings.model_validate({**peer.settings, **said})
    context = Context("h", now=lambda: NOW, meter=meter or Counted())
    opened.append(HackerNewsConnector(chosen, context))
    return opened[-1]


def drain(connector: HackerNewsConnector, cursor: Any) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    for _ in range(200):
        pages.append(connector.fetch(cursor))
        cursor = json.loads(json.dumps(dict(pages[-1].next_cursor)))
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def found_in(pages: list[Page]) -> dict[str, FoundMention]:
    return {m.external_id: m for page in pages for m in page.mentions}


def test_more_than_the_search_shows_at_once_is_found_window_by_window(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    for n in range(2345):
        peer.write(f"My coffee number {n}", time=START - n // 7)
    pages, cursor = drain(connect(peer, opened), {})
    assert set(found_in(pages)) == {str(ident) for ident in peer.items}
    assert cursor == {"newest": {"coffee": START}}
    windows = {request.get("numericFilters") for request in peer.server.requests}
    assert len(windows) >= 3
    peer.server.requests.clear()
    again, same = drain(connect(peer, opened), cursor)
    assert same == cursor
    assert set(found_in(again)) <= set(found_in(pages))


def test_many_hits_in_one_second_are_found_up_to_what_the_search_shows(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    for n in range(990):
        peer.write(f"My coffee number {n}", time=START)
    peer.write("An earlier coffee", time=START - 5)
    pages, _ = drain(connect(peer, opened), {})
    assert len(found_in(pages)) == 991
    for n in range(600):
        peer.write(f"My other coffee number {n}", time=START)
    pages, _ = drain(connect(peer, opened), {})
    assert len(found_in(pages)) == 1001
    assert "An earlier coffee" in {m.text for m in found_in(pages).values()}
    assert [p.reason for page in pages for p in page.problems] == [
        "one second holds more hits than the search shows; the rest is out of reach"
    ]


def test_a_smaller_page_than_asked_for_is_no_end(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    peer.hits_per_page_at_most = 20
    for n in range(75):
        peer.write(f"My coffee number {n}")
    pages, _ = drain(connect(peer, opened), {})
    assert len(found_in(pages)) == 75


def test_pages_come_oldest_first_and_the_window_overlaps(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    peer.write("First coffee", time=START)
    peer.write("Second coffee", time=START + 100)
    pages, cursor = drain(connect(peer, opened), {})
    assert [m.text for m in pages[0].mentions] == ["First coffee", "Second coffee"]
    peer.write("A late coffee", time=START - 7000)
    pages, again = drain(connect(peer, opened), cursor)
    assert "A late coffee" in {m.text for m in found_in(pages).values()}
    assert again == cursor
    assert f"created_at_i>={START + 100 - 3 * 3600}" in peer.server.requests[-1].get(
        "numericFilters"
    )


def test_the_first_poll_reads_the_history_that_was_asked_for(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    peer.write("Old coffee", time=int((NOW - timedelta(days=40)).timestamp()))
    peer.write("Recent coffee", time=int((NOW - timedelta(days=20)).timestamp()))
    pages, _ = drain(connect(peer, opened), {})
    assert [m.text for m in found_in(pages).values()] == ["Recent coffee"]
    pages, _ = drain(connect(peer, opened, history_days=60), {})
    assert len(found_in(pages)) == 2


def test_each_name_has_its_own_window(peer: ThisPeer, opened: list[HackerNewsConnector]) -> None:
    peer.write("Our coffee", time=START)
    peer.write("Our tea", time=START - 50)
    connector = connect(peer, opened, queries=["coffee", "nobody", "tea"])
    pages, cursor = drain(connector, {})
    assert {m.text for m in found_in(pages).values()} == {"Our coffee", "Our tea"}
    assert cursor == {"newest": {"coffee": START, "tea": START - 50}}
    assert [request.get("query") for request in peer.server.requests] == [
        '"coffee"',
        '"nobody"',
        '"tea"',
    ]
    _, less = drain(connect(peer, opened, queries=["tea"]), cursor)
    assert less == {"newest": {"tea": START - 50}}


def test_a_walk_goes_on_after_a_restart_and_forgets_a_name_that_is_gone(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    for n in range(250):
        peer.write(f"My coffee number {n}")
    first = connect(peer, opened).fetch({})
    assert first.more
    pages, _ = drain(connect(peer, opened), json.loads(json.dumps(dict(first.next_cursor))))
    assert len({**found_in([first]), **found_in(pages)}) == 250
    pages, _ = drain(connect(peer, opened, queries=["number"]), first.next_cursor)
    assert len(found_in(pages)) == 250
    broken = {"newest": {"coffee": "x", "tea": 5}, "walk": {"query": "coffee"}}
    pages, _ = drain(connect(peer, opened), broken)
    assert len(found_in(pages)) == 250


def test_only_what_names_us_word_for_word_is_taken(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    for text in (
        "Coffeehouses are many",
        "COFFEE, at last",
        "the coffee's cold",
        "<i>coffee</i>-maker",
    ):
        peer.write(text)
    peer.write("", type="story", title="A list of shops", url="https://coffee.example/shops")
    peer.write("", type="story", title="Decoffeeinated", url="https://x.example/")
    peer.write("Nothing but the coffeelike author", by="coffee")
    pages, _ = drain(connect(peer, opened), {})
    assert {m.text for m in found_in(pages).values()} == {
        "COFFEE, at last",
        "the coffee's cold",
        "<i>coffee</i>-maker",
        "A list of shops",
    }
    pages, _ = drain(connect(peer, opened, exact=False), {})
    assert len(found_in(pages)) == 7


def test_whole_threads_bring_comments_under_a_story_that_names_us(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    hit = {**hit_of(peer.write("It broke again")), "story_title": "Show HN: Coffee at home"}
    peer.server.on(SEARCH, Reply.json({"hits": [hit]}))
    assert connect(peer, opened).fetch({}).mentions == ()
    [found] = connect(peer, opened, whole_threads=True).fetch({}).mentions
    assert found.raw == {"story_id": "39000000", "story_title": "Show HN: Coffee at home"}


def test_fields_of_a_comment_and_of_a_story(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    comment = peer.write("x", parent=39_000_001)
    comment["text"] = "Cold coffee.<p>It&#x27;s <i>late</i> &amp; dear: <a href='#'>link</a>"
    story = peer.write(
        "", type="story", title="Ask HN: Is coffee &amp; tea late?", url="https://a.example/b"
    )
    pages, _ = drain(connect(peer, opened), {})
    found = found_in(pages)
    one, two = found[str(comment["id"])], found[str(story["id"])]
    assert one.text == "Cold coffee.\n\nIt's late & dear: link"
    assert (one.kind, one.parent_external_id, one.title) == ("comment", "39000001", "")
    assert (one.author_name, one.author_id) == ("ada", "ada")
    assert one.author_url == "https://news.ycombinator.com/user?id=ada"
    assert one.url == f"https://news.ycombinator.com/item?id={comment['id']}"
    assert one.created_at == datetime.fromtimestamp(comment["time"], tz=UTC)
    assert (two.kind, two.text, two.title) == ("post", "Ask HN: Is coffee & tea late?", "")
    assert two.parent_external_id == ""
    assert two.raw is not None
    assert two.raw["link"] == "https://a.example/b"
    for listed in (one, two):
        read = connect(peer, opened).read(MentionRef(listed.external_id))
        assert read is not None
        assert (read.text, read.title, read.kind) == (listed.text, listed.title, listed.kind)
        assert read.created_at == listed.created_at


def test_an_edit_within_two_hours_is_listed_again(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    item = peer.write("Cold coffee")
    connector = connect(peer, opened)
    _, cursor = drain(connector, {})
    peer.write("Somebody else's coffee", time=START + 7000)
    pages, cursor = drain(connector, cursor)
    item["text"] = "Cold coffee. Edit: they mended it"
    pages, _ = drain(connector, cursor)
    assert found_in(pages)[str(item["id"])].text == "Cold coffee. Edit: they mended it"


def test_our_own_user_is_no_customer_and_its_answer_is_found(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    item = peer.write("Cold coffee", story=39_000_000)
    connector = connect(peer, opened, username="harbour")
    ref = MentionRef(str(item["id"]), raw={"story_id": "39000000"})
    text = "We're sorry about the coffee."
    peer.write(text, by="harbour", parent=1)
    assert connector.find_reply(ref, text, "k") is None
    peer.write("Another answer", by="harbour", parent=item["id"])
    peer.write(text, by="ben", parent=item["id"])
    assert connector.find_reply(ref, text, "k") is None
    ours = peer.write(text, by="harbour", parent=item["id"])
    receipt = connector.find_reply(ref, text, "k")
    assert receipt is not None
    assert (receipt.state, receipt.external_id) == ("visible", str(ours["id"]))
    assert peer.server.requests[-1].get("tags") == "comment,author_harbour,story_39000000"
    pages, _ = drain(connector, {})
    assert {m.author_id for m in found_in(pages).values()} == {"ada", "ben"}
    with pytest.raises(NotSupported, match="username"):
        connect(peer, opened).find_reply(ref, text, "k")


def test_answers_are_written_by_hand(peer: ThisPeer, opened: list[HackerNewsConnector]) -> None:
    ref = MentionRef("42")
    settings = HackerNewsSettings.model_validate(peer.settings)
    assert KIND.answer_page is not None
    assert KIND.answer_page(settings, ref) == "https://news.ycombinator.com/reply?id=42"
    with pytest.raises(NotSupported):
        connect(peer, opened).reply(ref, "Sorry", "k")
    assert KIND.capabilities_of is not None
    assert not KIND.capabilities_of(settings).can_find_reply
    named = HackerNewsSettings.model_validate({**peer.settings, "username": "harbour"})
    assert KIND.capabilities_of(named).can_find_reply


def test_a_broken_hit_is_reported_and_the_others_read(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    good = hit_of(peer.write("Cold coffee"))
    odd = [
        None,
        7,
        {},
        {"objectID": ["1"]},
        {"objectID": "2", "comment_text": 5, "created_at_i": "x", "_tags": None},
        {"objectID": 10**17, "comment_text": "coffee \ud800 \0 " + "x" * 100_000, "author": 7},
        {"objectID": "4", "title": "coffee", "created_at_i": 10**30},
        {"objectID": "5", "title": "coffee", "created_at": "2026-02-28T10:00:00.000Z"},
    ]
    peer.server.on(SEARCH, Reply.json({"hits": [good, *odd]}))
    page = connect(peer, opened).fetch({})
    assert len(page.problems) == 4
    found = {m.external_id: m for m in page.mentions}
    assert set(found) == {good["objectID"], str(10**17), "4", "5"}
    assert found["5"].created_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert found["4"].created_at is None
    assert page.next_cursor == {"newest": {"coffee": good["created_at_i"]}}


def test_a_server_that_repeats_itself_does_not_keep_us_busy(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    hits = [hit_of(peer.write(f"My coffee number {n}")) for n in range(20)]
    said = {"hits": hits, "nbHits": 30_000_000, "nbPages": 50, "hitsPerPage": 20, "page": 0}
    peer.server.on(SEARCH, Reply.json(said))
    pages, _ = drain(connect(peer, opened), {})
    assert len(found_in(pages)) == 20
    assert len(peer.server.requests) == 2


def test_a_time_in_the_future_does_not_close_our_eyes(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    peer.write("Coffee from the future", time=START + 10**9)
    _, cursor = drain(connect(peer, opened), {})
    peer.write("Coffee of today", time=START)
    pages, _ = drain(connect(peer, opened), cursor)
    assert "Coffee of today" in {m.text for m in found_in(pages).values()}


def test_what_is_gone_and_what_is_hidden(peer: ThisPeer, opened: list[HackerNewsConnector]) -> None:
    item = peer.write("Cold coffee")
    connector = connect(peer, opened)
    assert connector.read(MentionRef("1")) is None
    item["dead"] = True
    hidden = connector.read(MentionRef(str(item["id"])))
    assert hidden is not None
    assert (hidden.deleted, hidden.text) == (True, "")
    peer.remove("Cold coffee")
    assert connector.read(MentionRef(str(item["id"]))) is None
    peer.server.on("/v0/item/5.json", Reply.json([1]))
    with pytest.raises(LayoutChanged):
        connector.read(MentionRef("5"))
    for bad in ("", "../1", "1.json", "a", "1" * 30):
        with pytest.raises(Rejected):
            connector.read(MentionRef(bad))


def test_every_call_is_booked_before_it_is_made(
    peer: ThisPeer, opened: list[HackerNewsConnector]
) -> None:
    for n in range(250):
        peer.write(f"My coffee number {n}")
    meter = Counted(room=2)
    connector = connect(peer, opened, meter)
    page = connector.fetch(connector.fetch({}).next_cursor)
    with pytest.raises(RateLimited):
        connector.fetch(page.next_cursor)
    assert meter.spent == [("calls", 1.0)] * 2
    assert peer.requests() == 2
    settings = HackerNewsSettings.model_validate(peer.settings)
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(settings)
    assert budget.burst is not None
    assert budget.amount + budget.burst == 10_000


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply.json({"message": "indexName is not valid", "status": 400}, 400), Rejected),
        (Reply.json({"message": "Forbidden", "status": 403}, 403), AuthFailed),
        (Reply.html("<h1>slow down</h1>", 429), RateLimited),
        (Reply.json({"hits": None}), LayoutChanged),
        (Reply.json({"nbHits": 0}), LayoutChanged),
    ],
)
def test_refusals_of_the_search_are_named(
    peer: ThisPeer, opened: list[HackerNewsConnector], reply: Reply, error: type[Exception]
) -> None:
    peer.server.on(SEARCH, reply)
    with pytest.raises(error):
        connect(peer, opened).fetch({})
    with pytest.raises(error):
        connect(peer, opened).verify()


def test_verify_says_what_is_searched(peer: ThisPeer, opened: list[HackerNewsConnector]) -> None:
    peer.write("Cold coffee")
    health = connect(peer, opened, queries=["coffee", "Harbour Coffee"]).verify()
    assert health.ok
    assert health.summary == (
        "searches Hacker News for coffee, Harbour Coffee; 1 hits for the first; answers by hand"
    )
    assert peer.requests() == 1


def test_settings_are_checked() -> None:
    chosen = HackerNewsSettings.model_validate({"queries": ['"Harbour  Coffee"']})
    assert chosen.queries == ("Harbour Coffee",)
    assert chosen.items_host() == "https://hacker-news.firebaseio.com"
    moved = HackerNewsSettings.model_validate(
        {"queries": ["a"], "base_url": "http://127.0.0.1:99/"}
    )
    assert moved.items_host() == "http://127.0.0.1:99"
    for bad in (
        {"queries": []},
        {"queries": ["!!"]},
        {"queries": ["a"], "username": "a b"},
        {"queries": ["a"], "kinds": []},
    ):
        with pytest.raises(ValidationError):
            HackerNewsSettings.model_validate(bad)


@pytest.mark.parametrize(
    ("text", "phrase", "there"),
    [
        ("Acme is down", "acme", True),
        ("Acmeist poems", "acme", False),
        ("(ACME)", "Acme", True),
        ("see https://www.acme.example/x", "acme.example", True),
        ("Harbour\nCoffee", "harbour coffee", True),
        ("Coffee at the harbour", "harbour coffee", False),
        ("Café Zoë was full", "cafe zoe", True),
        ("CAFE ZOE", "Café Zoë", True),
        ("competitive", "comment", False),
        ("", "acme", False),
        ("I left C++ behind", "C++", True),
        ("I left c behind", "C++", False),
        ("anything", "!!", False),
    ],
)
def test_a_name_is_found_as_a_reader_finds_it(text: str, phrase: str, there: bool) -> None:
    assert names(text, phrase) is there


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=1, max_size=15))
def test_a_name_between_blanks_is_always_found(before: str, after: str, phrase: str) -> None:
    assert names(f"{before} {phrase} {after}", phrase) == names(phrase, phrase)


@given(
    times=st.lists(st.integers(1, 60), max_size=120),
    size=st.integers(1, 12),
)
def test_a_walk_ends_and_sees_everything(times: list[int], size: int) -> None:
    """Pages of any size, any times: a walk sees every hit and comes to an end."""
    hits = sorted(enumerate(times), key=lambda hit: -hit[1])
    walk: Walk | None = Walk("q", 1)
    seen: set[int] = set()
    for _ in range(2000):
        if walk is None:
            break
        inside = [hit for hit in hits if hit[1] <= (walk.upper or 99)]
        shown = inside[walk.page * size : (walk.page + 1) * size]
        seen |= {number for number, _ in shown}
        envelope = {"hitsPerPage": size, "nbPages": -(-len(inside) // size), "nbHits": len(inside)}
        walk = step(walk, [str(n) for n, _ in shown], [t for _, t in shown], envelope).following
    assert walk is None
    assert seen == {number for number, _ in hits}


KEYS = (
    "objectID",
    "author",
    "title",
    "url",
    "story_text",
    "comment_text",
    "created_at",
    "created_at_i",
    "story_id",
    "story_title",
    "parent_id",
    "_tags",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=25,
)


@given(JSON)
def test_a_hit_of_any_shape_is_a_mention_or_a_problem(hit: Any) -> None:
    for one in (hit, {"objectID": "5", **(hit if isinstance(hit, dict) else {})}):
        with contextlib.suppress(ValueError):
            json.dumps(mention_of_hit(one).raw)


def test_recorded_items_are_read(peer: ThisPeer, opened: list[HackerNewsConnector]) -> None:
    """Each recorded item is served as the item service does; what it is was read by eye."""
    folder = RECORDINGS / "hackernews_firebase"
    if not folder.exists():
        pytest.skip("the recordings are not here")
    connector = connect(peer, opened)
    live = gone = 0
    for path in sorted(folder.glob("[0-9]*.json")):
        ident = path.name.split(".")[0]
        body = path.read_bytes()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        peer.server.on(f"/v0/item/{ident}.json", Reply(body=body, headers=kind))
        found = connector.read(MentionRef(ident))
        told = json.loads(body)
        if told is None or told.get("deleted"):
            gone += 1
            assert found is None
            continue
        live += 1
        assert found is not None
        assert (found.external_id, found.author_name) == (ident, told["by"])
        assert found.created_at == datetime.fromtimestamp(told["time"], tz=UTC)
        assert found.text
        assert found.parent_external_id == str(told.get("parent", ""))
        assert "<p>" not in found.text
    assert (live, gone) == (8, 2)


def test_an_old_story_has_its_title_as_the_storys() -> None:
    hit = {
        "objectID": "2088000", "created_at_i": 1294664717, "author": "ada", "title": None,
        "url": None, "story_text": None, "comment_text": None, "story_id": None,
        "story_title": "Harbour Coffee opens", "story_url": "https://harbour.example/",
        "_tags": ["story", "author_ada", "story_2088000"],
    }  # fmt: skip
    found = mention_of_hit(hit)
    assert (found.kind, found.text, found.title) == ("post", "Harbour Coffee opens", "")
    assert (found.raw or {})["link"] == "https://harbour.example/"
    below = mention_of_hit({**hit, "comment_text": "Too loud", "_tags": ["comment"]})
    assert (below.kind, below.text, below.title) == ("comment", "Too loud", "")
    assert "link" not in (below.raw or {})
