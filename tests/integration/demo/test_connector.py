"""Rapport's connector against the platform, over real HTTP, with everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Context, FoundMention, MentionRef
from connectors.demo import KIND, DemoConnector, DemoSettings, capabilities_of
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from monitor.demo.script import shipped_week
from monitor.demo.server import DemoServer

Connect = Callable[..., DemoConnector]


@pytest.fixture
def connect(demo: DemoServer) -> Iterator[Connect]:
    with ExitStack() as stack:

        def build(board: str = "reviews", **settings: object) -> DemoConnector:
            chosen = DemoSettings.model_validate(
                {"base_url": demo.base_url, "board": board, **settings}
            )
            connector = KIND.build(chosen, Context("demo"))
            assert isinstance(connector, DemoConnector)
            stack.callback(connector.close)
            return connector

        yield build


def ref(mention: FoundMention) -> MentionRef:
    return MentionRef(mention.external_id, raw=mention.raw or {})


def only(connector: DemoConnector) -> FoundMention:
    (mention,) = connector.fetch({}).mentions
    return mention


def replies(ask) -> list[str]:
    return [each["text"] for each in ask("GET", "/control/ledger").json()["replies"]]


def test_a_review_comes_with_all_that_the_platform_tells(connect, demo):
    mention = only(connect())
    assert mention.kind == "review"
    assert (mention.text, mention.rating, mention.language) == ("Cold tea.", 1.0, "en")
    assert (mention.rating_min, mention.rating_max) == (1.0, 5.0)
    assert (mention.author_name, mention.location) == ("Ada", "quay")
    assert mention.created_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert mention.url == f"{demo.base_url}/reviews/{mention.external_id}"
    assert mention.raw is not None
    assert mention.edited_at is None
    assert not mention.deleted


def test_the_cursor_brings_every_change_once_and_only_changes(connect, clock):
    connector = connect(page_size=1)
    clock.move(seconds=1)
    first = connector.fetch({})
    assert first.more
    second = connector.fetch(first.next_cursor)
    assert not second.more
    assert connector.fetch(second.next_cursor).mentions == ()
    clock.move(seconds=1)
    (edited,) = connector.fetch(second.next_cursor).mentions
    assert (edited.text, edited.rating) == ("Was fine.", 2.0)
    assert edited.edited_at is not None


def test_the_whole_week_is_read_through_pages_of_any_size(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", speed=1e9) as demo:
        found: dict[str, FoundMention] = {}
        for board, size in (("reviews", 7), ("feed", 200)):
            chosen = DemoSettings(base_url=demo.base_url, board=board, page_size=size)
            connector = DemoConnector(chosen, Context("demo"))
            cursor, more = {}, True
            while more:
                page = connector.fetch(cursor)
                found |= {mention.external_id: mention for mention in page.mentions}
                assert page.problems == ()
                cursor, more = dict(page.next_cursor), page.more
            connector.close()
    assert len(found) == len(shipped_week())
    assert sum(mention.deleted for mention in found.values()) >= 4
    assert {mention.kind for mention in found.values()} == {"review", "post", "comment"}


def test_a_deletion_is_told_and_reading_it_confirms_it(connect, clock):
    connector = connect()
    clock.move(seconds=3)
    alive = next(m for m in connector.fetch({}).mentions if m.text == "Hm.")
    clock.move(seconds=1)
    gone = next(m for m in connector.fetch({}).mentions if m.external_id == alive.external_id)
    assert gone.deleted
    assert connector.read(ref(alive)) is None
    with pytest.raises(Gone):
        connector.reply(ref(alive), "Too late", "k")
    with pytest.raises(Gone):
        connector.find_reply(ref(alive), "Too late", "k")


def test_reading_one_mention_tells_what_the_list_told(connect):
    for board in ("reviews", "feed"):
        connector = connect(board)
        mention = only(connector)
        assert connector.read(ref(mention)) == mention


def test_a_reply_on_the_review_board_stands_there_once_however_often_it_is_sent(connect, ask):
    connector = connect()
    mention = only(connector)
    assert connector.find_reply(ref(mention), "Sorry, Ada.", "k") is None
    first = connector.reply(ref(mention), "Sorry, Ada.", "k")
    assert connector.reply(ref(mention), "Sorry, Ada.", "k") == first
    assert first.state == "visible"
    assert connector.find_reply(ref(mention), "Sorry,  Ada.", "k") == first
    assert connector.find_reply(ref(mention), "Something else", "k") is None
    assert only(connector).our_reply == "Sorry, Ada."


def test_a_reply_on_the_feed_is_found_before_it_would_stand_there_twice(connect, ask):
    connector = connect("feed")
    mention = only(connector)
    ask.fault("lost_response", times=1)
    with pytest.raises(UnknownOutcome):
        connector.reply(ref(mention), "Cups are on their way 🥤", "k")
    found = connector.find_reply(ref(mention), "Cups are on their way 🥤", "k")
    assert found is not None
    assert found.url.endswith(f"#{found.external_id}")
    assert replies(ask) == ["Cups are on their way 🥤"]
    assert len(connector.fetch({}).mentions) == 1


def test_an_answer_to_another_comment_in_the_thread_is_not_taken_for_ours(connect, clock):
    connector = connect("feed")
    clock.move(seconds=2)
    post, comment = connector.fetch({}).mentions
    connector.reply(ref(comment), "Sorry!", "k1")
    assert connector.find_reply(ref(post), "Sorry!", "k2") is None
    assert connector.find_reply(ref(comment), "Sorry!", "k1") is not None


def test_an_authors_answer_names_our_reply_and_is_addressed_to_us(connect, clock):
    connector = connect("feed")
    receipt = connector.reply(ref(only(connector)), "Soon", "k")
    clock.move(seconds=1)
    asked = next(m for m in connector.fetch({}).mentions if m.text == "When?")
    assert asked.parent_external_id == receipt.external_id
    assert asked.addressed_to_us
    assert asked.kind == "comment"


def test_every_fault_has_its_name_in_our_vocabulary(connect, ask):
    connector = connect()
    mention = only(connector)
    ask.fault("rate_limited", times=1, retry_after=9)
    with pytest.raises(RateLimited) as limited:
        connector.fetch({})
    assert limited.value.retry_after == timedelta(seconds=9)
    for fault, error in (
        ("server_error", Unavailable),
        ("unauthorized", AuthFailed),
        ("layout_change", LayoutChanged),
        ("truncated", Unavailable),
    ):
        ask.fault(fault, times=1)
        with pytest.raises(error):
            connector.fetch({})
    ask.fault("slow_body", times=1, seconds=0.1)
    assert connector.fetch({}).mentions == (mention,)
    for fault in ("server_error", "lost_response", "truncated"):
        ask.fault(fault, times=1, targets=["write"])
        with pytest.raises(UnknownOutcome):
            connector.reply(ref(mention), "Sorry", "k")


def test_duplicates_and_disorder_lose_nothing(connect, clock, ask):
    connector = connect()
    clock.move(hours=1)
    plain = connector.fetch({})
    ask.fault("duplicates", times=1)
    ask.fault("out_of_order", times=1)
    mixed = connector.fetch({})
    assert len(mixed.mentions) == 2 * len(plain.mentions)
    assert {m.external_id for m in mixed.mentions} == {m.external_id for m in plain.mentions}
    assert mixed.next_cursor == plain.next_cursor


def test_a_source_may_watch_one_place(connect, clock):
    clock.move(hours=1)
    assert [m.text for m in connect(location="quay").fetch({}).mentions] == ["Cold tea."]


def test_a_token_is_sent_and_its_absence_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DEMO_TOKEN", "s3cret")
    with DemoServer(tmp_path / "demo.db", token="s3cret", week=()) as demo, ExitStack() as stack:

        def build(token: str | None) -> DemoConnector:
            chosen = DemoSettings.model_validate({"base_url": demo.base_url, "token": token})
            connector = DemoConnector(chosen, Context("demo"))
            stack.callback(connector.close)
            return connector

        health = build("env:DEMO_TOKEN").verify()
        assert health.ok
        assert "Harbour Coffee" in health.summary
        with pytest.raises(AuthFailed):
            build(None).verify()
        monkeypatch.setenv("DEMO_TOKEN", "wrong")
        with pytest.raises(AuthFailed) as failed:
            build("env:DEMO_TOKEN").fetch({})
        assert "wrong" not in str(failed.value)


def test_nobody_there_is_unavailable_also_for_a_reply(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", week=()) as demo:
        address = demo.base_url
    connector = DemoConnector(DemoSettings(base_url=address), Context("demo"))
    for call in (
        lambda: connector.fetch({}),
        lambda: connector.reply(MentionRef("r1"), "x", "k"),
    ):
        with pytest.raises(Unavailable):
            call()
    connector.close()


def test_an_id_cannot_lead_to_another_address(connect):
    for strange in ("../../control/faults", "r1?x=1", "", "r 1", "r1/../r2"):
        with pytest.raises(Rejected):
            connect().read(MentionRef(strange))


def test_too_long_a_reply_is_rejected_and_measured_as_the_platform_does(connect):
    connector = connect()
    limit = KIND.capabilities.max_length
    assert limit is not None
    assert connector.measure("😀" * limit) == limit
    assert connector.reply(ref(only(connector)), "😀" * limit, "k").state == "visible"
    with pytest.raises(Rejected):
        connector.reply(ref(only(connector)), "😀" * (limit + 1), "k")


def test_the_boards_differ_in_what_a_repeated_reply_does():
    assert capabilities_of(DemoSettings(board="reviews")).reply_mode == "replace"
    assert capabilities_of(DemoSettings(board="feed")).reply_mode == "append"
    assert KIND.capabilities.reply_mode == "append"


@pytest.mark.parametrize("address", ["ftp://x", "localhost:8321", "http://", "http://x/?a=b"])
def test_an_address_that_is_none_is_refused_at_once(address):
    with pytest.raises(ValueError, match="expected an address"):
        DemoSettings(base_url=address)
