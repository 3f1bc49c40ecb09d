"""YouTube: threads and all their replies, our own comments, units, and the recorded answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.testing.http_server import LoopbackServer, Reply, Request
from connectors.testing.peers import NOW
from connectors.youtube import KIND, YouTubeConnector, YouTubeSettings
from connectors.youtube.comments import answered, mention_of, receipt_of, thread_of
from monitor.intake.circles import Circles
from tests.connectors.peers.google_account import fault
from tests.connectors.peers.youtube import API, CHANNEL, GUEST, KEY, OTHER, VIDEO, ThisPeer
from tests.support.cassettes import RECORDINGS
from tests.support.spending import CountingMeter

Opened = list[YouTubeConnector]
THREADS, COMMENTS = f"{API}/commentThreads", f"{API}/comments"


@pytest.fixture
def opened() -> Iterator[Opened]:
    connectors: Opened = []
    yield connectors
    for connector in connectors:
        connector.close()


def by_key(peer: ThisPeer, **said: Any) -> dict[str, Any]:
    """Return settings with an API key, which only reads."""
    kept = {k: v for k, v in peer.settings.items() if not k.startswith(("client", "refresh"))}
    return {**kept, "api_key": "env:TEST_YT_KEY", **said}


def connect(
    peer: ThisPeer, opened: Opened, settings: dict[str, Any] | None = None, **said: Any
) -> YouTubeConnector:
    chosen = YouTubeSettings.model_validate({**(settings or peer.settings), **said})
    opened.append(YouTubeConnector(chosen, Context("y", now=lambda: NOW)))
    return opened[-1]


def drain(connector: YouTubeConnector, cursor: Any) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    for _ in range(300):
        given_cursor = json.loads(json.dumps(dict(cursor)))
        pages.append(connector.fetch(given_cursor))
        cursor = pages[-1].next_cursor
        if not pages[-1].more:
            return pages, cursor
        assert dict(cursor) != given_cursor, "it goes round in circles"
    raise AssertionError("there is always more")


def found_in(pages: list[Page]) -> dict[str, FoundMention]:
    return {one.external_id: one for page in pages for one in page.mentions}


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(
        found.external_id, parent_external_id=found.parent_external_id, raw=found.raw or {}
    )


def test_every_thread_and_every_reply_is_found(peer: ThisPeer, opened: Opened) -> None:
    expected = set()
    for n in range(230):
        thread = peer.add(f"Complaint {n}")
        expected.add(thread)
        for m in range({7: 3, 50: 6, 120: 240}.get(n, 0)):
            expected.add(peer.answer(thread, f"Me too {m}", OTHER))
    for settings in (peer.settings, by_key(peer)):
        pages, cursor = drain(connect(peer, opened, settings), {})
        assert set(found_in(pages)) == expected
        assert not any(page.problems for page in pages)
        assert drain(connect(peer, opened, settings), cursor)[1] == cursor


def test_a_quiet_poll_costs_few_units(peer: ThisPeer, opened: Opened) -> None:
    for n in range(400):
        thread = peer.add(f"Complaint {n}")
        for m in range(8 if n < 200 else 0):
            peer.answer(thread, f"Me too {m}", OTHER)
    connector = connect(peer, opened, by_key(peer))
    _, cursor = drain(connector, {})
    for comment in peer.threads.values():
        comment["snippet"]["publishedAt"] = comment["snippet"]["updatedAt"] = "2026-01-01T00:00:00Z"
    for _ in range(2):
        _, cursor = drain(connector, cursor)
    peer.units = 0
    _, again = drain(connector, cursor)
    assert again == cursor
    assert peer.units <= 4, "one page, and a hundred threads looked at again by fifties"


def test_a_new_reply_in_an_old_thread_is_found(peer: ThisPeer, opened: Opened) -> None:
    threads = [peer.add(f"Complaint {n}") for n in range(150)]
    for n in range(9):
        peer.answer(threads[60], f"Me too {n}", OTHER)
    connector = connect(peer, opened, by_key(peer))
    _, cursor = drain(connector, {})
    late = {
        peer.answer(threads[55], "Short thread, late word"),
        peer.answer(threads[60], "Long thread, late word"),
    }
    pages, cursor = drain(connect(peer, opened, by_key(peer)), cursor)
    assert late <= set(found_in(pages))
    peer.edit("Complaint 70", "They mended it")
    pages, _ = drain(connector, cursor)
    assert found_in(pages)[threads[70]].text == "They mended it"


def test_a_deleted_thread_does_not_hide_the_others(peer: ThisPeer, opened: Opened) -> None:
    peer.fussy = True
    threads = [peer.add(f"Complaint {n}") for n in range(60)]
    connector = connect(peer, opened, by_key(peer))
    _, cursor = drain(connector, {})
    for n in range(150):
        peer.add(f"Newer {n}")
    peer.remove("Complaint 13")
    late = peer.answer(threads[12], "Late word")
    pages, cursor = drain(connector, cursor)
    assert late in found_in(pages)
    assert threads[13] not in json.dumps(cursor)


def test_fields_of_a_comment_and_of_a_reply(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee &amp; <b>late</b>\ntwice")
    reply = peer.answer(top, "Here too", OTHER)
    found = found_in(drain(connect(peer, opened), {})[0])
    one = found[top]
    assert one.text == "Cold coffee &amp; <b>late</b>\ntwice"
    assert (one.kind, one.author_name, one.author_id) == ("comment", "@ada", GUEST)
    assert one.author_url == f"http://www.youtube.com/channel/{GUEST}"
    assert one.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={top}"
    assert one.created_at == NOW - timedelta(hours=12) + timedelta(seconds=1)
    assert (one.edited_at, one.parent_external_id, one.locked) == (None, "", "")
    assert found[reply].parent_external_id == top
    assert found[reply].url == f"https://www.youtube.com/watch?v={VIDEO}&lc={reply}"
    peer.locked = True
    assert all(m.locked for m in found_in(drain(connect(peer, opened), {})[0]).values())


def test_our_own_comments_are_answers_and_no_mentions(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    question = peer.answer(top, "Is it any better?")
    peer.answer(top, "We mended the machine.", CHANNEL)
    stranger = peer.answer(top, "Here too", OTHER)
    peer.answer(top, "@Ben that is another shop", CHANNEL)
    own_thread = peer.add("Welcome!", author=CHANNEL)
    below = peer.answer(own_thread, "Never again", OTHER)
    found = found_in(drain(connect(peer, opened), {})[0])
    assert set(found) == {top, question, stranger, below}
    assert found[top].our_reply == "@Ben that is another shop"
    assert found[question].our_reply == "", "two customers talk, and it is not named"
    assert found[stranger].our_reply == "@Ben that is another shop"
    assert found[below].our_reply == ""
    assert found[below].parent_external_id == own_thread
    other = found_in(drain(connect(peer, opened, by_key(peer, own_channel_ids=[])), {})[0])
    assert len(other) == 7, "a channel of others speaks for itself"


def test_an_answer_deep_in_a_long_thread_is_seen(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    for n in range(7):
        peer.answer(top, f"Me too {n}")
    peer.answer(top, "We mended it.", CHANNEL)
    found = [m for p in drain(connect(peer, opened), {})[0] for m in p.mentions]
    assert [m.our_reply for m in found if m.external_id == top][-1] == "We mended it."
    assert len({m.external_id for m in found}) == 8
    again = connect(peer, opened).read(MentionRef(top))
    assert again is not None
    assert (again.our_reply, again.locked) == ("We mended it.", "")


def test_replies_that_are_counted_and_not_shown_look_like_no_circle(
    peer: ThisPeer, opened: Opened
) -> None:
    """YouTube counts replies that it hides, so listing them may bring nothing new."""
    peer.hidden = 2
    for n in range(120):
        top = peer.add(f"Complaint {n}")
        peer.answer(top, "Me too", OTHER)
        peer.answer(top, "We mended it.", CHANNEL)
    connector = connect(peer, opened, by_key(peer))
    pages, cursor = drain(connector, {})
    circles = Circles()
    for page in pages:
        circles.look(page)
    found = found_in(pages)
    assert len(found) == 240
    assert {one.our_reply for one in found.values() if not one.parent_external_id} == {
        "We mended it."
    }
    peer.units = 0
    drain(connector, cursor)
    assert peer.units <= 5, "what was listed in vain is not listed again"


def test_what_was_paid_for_is_told_when_the_units_run_out(peer: ThisPeer) -> None:
    peer.hidden = 1
    for n in range(10):
        top = peer.add(f"Complaint {n}")
        peer.answer(top, "Me too", OTHER)
    meter = CountingMeter()
    settings = YouTubeSettings.model_validate(by_key(peer))
    connector = YouTubeConnector(settings, Context("y", now=lambda: NOW, meter=meter))
    try:
        first = connector.fetch({})
        meter.refuse("units", after=4)
        second = connector.fetch(first.next_cursor)
        assert len(second.next_cursor["going"]["replies"]) == 6
        with pytest.raises(RateLimited):
            connector.fetch(second.next_cursor)
    finally:
        connector.close()


def test_a_video_of_the_channel_is_not_told_twice(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    both = by_key(peer, video_ids=[VIDEO])
    pages, cursor = drain(connect(peer, opened, both), {})
    assert [m.external_id for page in pages for m in page.mentions] == [top]
    assert drain(connect(peer, opened, both), cursor)[1] == cursor


def test_one_silent_video_does_not_stop_the_others(peer: ThisPeer, opened: Opened) -> None:
    videos = ["video-00002", "video-00003", VIDEO]
    peer.off.add(videos[0])
    peer.gone.add(videos[1])
    peer.add("Cold coffee")
    settings = by_key(peer, channel_id="", video_ids=videos)
    pages, cursor = drain(connect(peer, opened, settings), {})
    assert len(found_in(pages)) == 1
    problems = [(one.where, one.reason) for page in pages for one in page.problems]
    assert problems == [
        ("video:video-00002", "comments are switched off"),
        ("video:video-00003", "it is not there any more"),
    ]
    pages, same = drain(connect(peer, opened, settings), cursor)
    assert same == cursor
    assert not any(page.problems for page in pages), "it is told once"
    peer.off.clear()
    late = peer.add("Switched on again", videos[0])
    pages, cursor = drain(connect(peer, opened, settings), cursor)
    assert late in found_in(pages)
    assert list(cursor["silent"]) == ["video:video-00003"]


def test_what_is_gone_altogether_is_gone(peer: ThisPeer, opened: Opened) -> None:
    peer.gone.add(VIDEO)
    with pytest.raises(Gone):
        connect(peer, opened, by_key(peer, channel_id="", video_ids=[VIDEO])).fetch({})
    peer.gone.clear()
    peer.off.add(VIDEO)
    page = connect(peer, opened, by_key(peer, channel_id="", video_ids=[VIDEO])).fetch({})
    assert [one.reason for one in page.problems] == ["comments are switched off"]


def test_a_forgotten_token_begins_the_round_anew_once(peer: ThisPeer, opened: Opened) -> None:
    for n in range(150):
        peer.add(f"Complaint {n}")
    page = connect(peer, opened).fetch({})
    stale = json.loads(json.dumps(dict(page.next_cursor)).replace("at-100", "forgotten"))
    pages, _ = drain(connect(peer, opened), stale)
    assert len(found_in(pages)) == 150
    stale["streams"]["channel"]["again"] = True
    with pytest.raises(Unavailable):
        connect(peer, opened).fetch(stale)


def test_replies_that_cannot_be_listed_are_told_and_tried_again(
    peer: ThisPeer, opened: Opened
) -> None:
    top = peer.add("Cold coffee")
    for n in range(7):
        peer.answer(top, f"Me too {n}")
    connector = connect(peer, opened, by_key(peer))
    peer.server.on(COMMENTS, fault(404, "", "not found", "commentNotFound"))
    pages, cursor = drain(connector, {})
    assert [one.where for page in pages for one in page.problems] == [f"thread {top}"]
    peer.server.on(COMMENTS, peer._answer)
    pages, _ = drain(connector, cursor)
    assert len(found_in(pages)) == 8


@pytest.mark.parametrize("token", ["same", "other"])
def test_a_server_that_repeats_a_page_is_told_and_left(
    peer: ThisPeer, opened: Opened, token: str
) -> None:
    top = peer.add("For ever")
    item = peer._thread(peer.threads[top], Request("GET", THREADS, (), {}, b""))
    numbers = iter(range(1000))

    def answer(_request: Request) -> Reply:
        following = token if token == "same" else f"{token}-{next(numbers)}"
        return Reply.json({"items": [item], "nextPageToken": following})

    peer.server.on(THREADS, answer)
    pages, cursor = drain(connect(peer, opened, by_key(peer, watch_threads=0)), {})
    assert len(pages) == 2
    assert any("repeats" in one.reason for each in pages for one in each.problems)
    assert "mark" not in json.dumps(cursor)


def test_a_reply_goes_below_the_first_comment(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    below = peer.answer(top, "Here too", OTHER)
    connector = connect(peer, opened)
    found = found_in(drain(connector, {})[0])
    receipt = connector.reply(ref_of(found[below]), "We are sorry. Mara", "k")
    sent = peer.server.requests[-1]
    assert sent.query == (("part", "snippet"),)
    assert json.loads(sent.body) == {
        "snippet": {"parentId": top, "textOriginal": "We are sorry. Mara"}
    }
    assert (receipt.state, receipt.text) == ("visible", "We are sorry. Mara")
    assert receipt.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={receipt.external_id}"
    for one in (found[top], found[below], MentionRef(below)):
        ref = ref_of(one) if isinstance(one, FoundMention) else one
        there = connector.find_reply(ref, "We are sorry. Mara", "k")
        assert there is not None
        assert there.external_id == receipt.external_id
    assert connector.find_reply(ref_of(found[top]), "Another text", "k") is None


def test_only_our_own_reply_with_this_text_is_found_on_any_page(
    peer: ThisPeer, opened: Opened
) -> None:
    top = peer.add("Cold coffee")
    ours = peer.answer(top, "We are sorry. Mara", CHANNEL)
    for n in range(205):
        peer.answer(top, f"Me too {n}", OTHER)
    peer.answer(top, "We are sorry. Mara", OTHER)
    there = connect(peer, opened).find_reply(MentionRef(top), "We are sorry. Mara", "k")
    assert there is not None
    assert there.external_id == ours
    peer.remove("Cold coffee")
    with pytest.raises(Gone):
        connect(peer, opened).find_reply(MentionRef(top), "We are sorry. Mara", "k")


def test_replies_that_are_refused(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    connector = connect(peer, opened)
    with pytest.raises(Rejected, match="10001 characters, 10000 fit"):
        connector.reply(MentionRef(top), "x" * 10_001, "k")
    with pytest.raises(Rejected, match="empty"):
        connector.reply(MentionRef(top), " \n", "k")
    assert peer.requests() == 0
    peer.locked = True
    with pytest.raises(Rejected, match="switched off") as caught:
        connector.reply(MentionRef(top), "Sorry", "k")
    assert type(caught.value) is Rejected
    peer.server.on(COMMENTS, Reply.json({"kind": "youtube#comment"}), Reply.html("fine"))
    for _ in range(2):
        with pytest.raises(UnknownOutcome):
            connector.reply(MentionRef(top), "Sorry", "k")


def test_an_api_key_only_reads(peer: ThisPeer, opened: Opened) -> None:
    peer.add("Cold coffee")
    connector = connect(peer, opened, by_key(peer))
    assert len(found_in(drain(connector, {})[0])) == 1
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported, match="OAuth"):
            call(MentionRef("Ugx"), "Sorry", "k")
    assert KIND.capabilities_of is not None
    settings = YouTubeSettings.model_validate(by_key(peer))
    able = KIND.capabilities_of(settings)
    assert (able.can_reply, able.reply_mode, able.retention) == (
        False, "manual", timedelta(days=30)
    )  # fmt: skip
    assert not any("s3cr3t" in str(request.query) for request in peer.server.requests)
    assert {r.headers.get("X-Goog-Api-Key") for r in peer.server.requests} == {KEY}


def test_a_worthless_key_is_told_without_it(
    peer: ThisPeer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_YT_KEY", "AIza-wrong-s3cr3t")
    with pytest.raises(AuthFailed, match="API key not valid") as caught:
        connect(peer, opened, by_key(peer)).fetch({})
    assert "s3cr3t" not in str(caught.value)
    suspended = "Permission denied: Consumer 'api_key:AIza-s3cr3t' has been suspended."
    peer.server.on(THREADS, fault(403, "PERMISSION_DENIED", suspended, "forbidden"))
    with pytest.raises(AuthFailed, match="Consumer '…' has been suspended") as caught:
        connect(peer, opened, by_key(peer)).fetch({})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fault(403, "", "quota", "quotaExceeded"), RateLimited),
        (fault(403, "", "slow down", "rateLimitExceeded"), RateLimited),
        (fault(429, "RESOURCE_EXHAUSTED", "quota"), RateLimited),
        (fault(403, "", "no", "forbidden"), AuthFailed),
        (fault(403, "", "no", "accessNotConfigured"), AuthFailed),
        (fault(403, "PERMISSION_DENIED", "no", "insufficientPermissions"), AuthFailed),
        (fault(401, "UNAUTHENTICATED", "no", "authorizationRequired"), AuthFailed),
        (fault(400, "", "no", "invalidParameter"), Rejected),
        (fault(400, "", "could not", "processingFailure"), Unavailable),
        (fault(404, "", "no", "channelNotFound"), Gone),
        (fault(500, "", "oops", "backendError"), Unavailable),
        (Reply.json({"error": "error message"}, 400), Rejected),
        (Reply.json({"kind": "x"}, 200), LayoutChanged),
        (Reply.json({"items": {}}, 200), LayoutChanged),
    ],
)
def test_each_error_has_its_name(
    peer: ThisPeer, opened: Opened, reply: Reply, error: type[ConnectorError]
) -> None:
    answer = {"kind": "x", "strange": 1} if reply.body == b'{"kind": "x"}' else None
    peer.server.on(THREADS, Reply.json(answer) if answer else reply)
    with pytest.raises(error):
        connect(peer, opened).fetch({})


def test_used_up_units_are_waited_out_until_midnight_in_california(
    peer: ThisPeer, opened: Opened
) -> None:
    peer.server.on(THREADS, fault(403, "", "quota", "quotaExceeded"))
    with pytest.raises(RateLimited) as caught:
        connect(peer, opened).fetch({})
    assert caught.value.retry_after == timedelta(hours=20)
    peer.server.on(COMMENTS, fault(403, "", "quota", "quotaExceeded"))
    with pytest.raises(RateLimited):
        connect(peer, opened).reply(MentionRef("Ugx"), "Sorry", "k")


def test_units_are_booked_as_google_counts_them(peer: ThisPeer) -> None:
    top = peer.add("Cold coffee")
    for n in range(8):
        peer.answer(top, f"Me too {n}", OTHER)
    meter = CountingMeter()
    settings = YouTubeSettings.model_validate(peer.settings)
    connector = YouTubeConnector(settings, Context("y", now=lambda: NOW, meter=meter))
    try:
        _, cursor = drain(connector, {})
        drain(connector, cursor)
        connector.read(MentionRef(top))
        connector.reply(MentionRef(top), "Sorry", "k")
        connector.find_reply(MentionRef(top), "Sorry", "k")
        connector.verify()
        assert meter.spent == {"units": peer.units}
        meter.refuse("units")
        before = peer.units
        with pytest.raises(RateLimited):
            connector.fetch(cursor)
        assert peer.units == before
    finally:
        connector.close()
    assert KIND.budgets_of is not None
    [budget] = KIND.budgets_of(settings)
    assert budget.amount + (budget.burst or 0) <= 10_000


def test_a_comment_is_read_directly_until_it_is_gone(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Cold coffee")
    below = peer.answer(top, "Here too", OTHER)
    connector = connect(peer, opened)
    peer.edit("Here too", "Here too, twice")
    found = connector.read(MentionRef(below, parent_external_id=top))
    assert found is not None
    assert (found.text, found.parent_external_id) == ("Here too, twice", top)
    assert found.edited_at is not None
    assert found.url.endswith(f"v={VIDEO}&lc={below}")
    peer.remove("Here too, twice")
    assert connector.read(MentionRef(below)) is None
    peer.server.on(COMMENTS, fault(404, "", "no", "commentNotFound"))
    assert connector.read(MentionRef(top)) is None
    with pytest.raises(Rejected, match="no id"):
        connector.read(MentionRef("../x"))


def test_verify_tells_who_answers(peer: ThisPeer, opened: Opened) -> None:
    assert connect(peer, opened).verify().summary == (
        "reads the comments of 1 stream; answers as Harbour Coffee (UCharbourcoffee) "
        "with up to 10,000 characters"
    )
    other = connect(peer, opened, own_channel_ids=["UCsomebody"]).verify()
    assert "check who signed in" in other.advice
    assert "OAuth" in connect(peer, opened, by_key(peer)).verify().summary
    peer.off.add(VIDEO)
    off = connect(peer, opened, by_key(peer, channel_id="", video_ids=[VIDEO])).verify()
    assert off.ok
    assert "switched off" in off.summary
    peer.server.on(f"{API}/channels", Reply.json({"kind": "youtube#channelListResponse"}))
    health = connect(peer, opened).verify()
    assert not health.ok
    assert "no channel" in health.summary


def test_odd_items_are_told_and_the_rest_is_read(peer: ThisPeer, opened: Opened) -> None:
    top = peer.add("Fine")
    good = peer._thread(peer.threads[top], Request("GET", THREADS, (), {}, b""))

    def odd(**changed: Any) -> dict[str, Any]:
        made = json.loads(json.dumps(good))
        made["id"] = f"Ugy{len(items)}"
        made["snippet"]["topLevelComment"]["id"] = made["id"]
        made["snippet"]["topLevelComment"]["snippet"] |= changed
        return dict(made)

    items: list[Any] = [good, None, {}, {"id": "x", "snippet": {}}, {"id": "../x", "snippet": {}}]
    items.append(odd(authorChannelId=None, authorDisplayName=None, publishedAt="soon"))
    items.append(odd(authorChannelId="UCplain", textDisplay="a &lt;b&gt;<br>c \0\ud800"))
    items.append(odd(textOriginal="kept <br> as it is"))
    items.append(odd(textDisplay=None))
    items.append({**odd(), "replies": {"comments": [None, {"id": "Ugz.1", "snippet": {}}]}})
    items.append({**odd(), "replies": [], "snippet": {**odd()["snippet"], "totalReplyCount": "x"}})
    peer.server.on(THREADS, Reply.json({"items": items}))
    page = connect(peer, opened, by_key(peer)).fetch({})
    texts = [m.text for m in page.mentions]
    assert texts == ["Fine", "Fine", "a <b>\nc \ufffd", "kept <br> as it is", "Fine", "Fine"]
    assert page.mentions[1].author_id == ""
    assert page.mentions[2].author_id == "UCplain"
    assert len(page.problems) == 7
    assert not any(m.text in str(p) for m in page.mentions for p in page.problems)


@pytest.mark.parametrize(
    ("status", "state"),
    [("published", "visible"), ("", "visible"), ("heldForReview", "accepted"),
     ("likelySpam", "accepted"), ("rejected", "rejected")],
)  # fmt: skip
def test_moderation_is_followed(status: str, state: str) -> None:
    snippet = {"textOriginal": "Sorry", "moderationStatus": status}
    receipt = receipt_of(mention_of({"id": "Ugx.1", "snippet": snippet}))
    assert receipt.state == state
    assert bool(receipt.reason) == (state == "rejected")


@given(
    st.lists(
        st.tuples(st.sampled_from(["us", "a", "b", ""]), st.booleans(), st.integers(0, 9)),
        max_size=12,
    )
)
def test_nobody_but_us_is_left_out(thread: list[tuple[str, bool, int]]) -> None:
    comments = [
        FoundMention(
            str(n),
            f"text {n}",
            author_id=author,
            parent_external_id="0" if below else "",
            created_at=datetime.fromtimestamp(10**9 + second, tz=UTC),
        )
        for n, (author, below, second) in enumerate(thread)
    ]
    others = answered(comments, frozenset({"us"}))
    assert [one.external_id for one in others] == [
        str(n) for n, (author, *_) in enumerate(thread) if author != "us"
    ]


def test_settings_are_checked() -> None:
    key = {"api_key": "env:K"}
    good = {**key, "channel_id": CHANNEL}
    assert YouTubeSettings.model_validate(good).own() == {CHANNEL}
    for bad in (
        key,
        {"channel_id": CHANNEL},
        {**key, "channel_id": "@handle"},
        {**key, "video_ids": ["https://youtu.be/x"]},
        {**good, "client_id": "env:A"},
    ):
        with pytest.raises(ValidationError):
            YouTubeSettings.model_validate(bad)


def recorded(name: str) -> Any:
    path = RECORDINGS / "youtube" / name
    if not path.exists():
        pytest.skip("the recordings are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def comments_in(value: Any) -> Iterator[dict[str, Any]]:
    """Find every recorded comment by its shape, independently of the connector."""
    if isinstance(value, list):
        for one in value:
            yield from comments_in(one)
    elif isinstance(value, dict):
        snippet = value.get("snippet")
        if isinstance(snippet, dict) and "textDisplay" in snippet:
            yield value
        for one in value.values():
            yield from comments_in(one)


@pytest.mark.parametrize(
    "name", ["comment_thread_single.json", "comment_threads_all_to_me.json",
             "comment_threads_by_channel.json", "comment_threads_by_video_paged_2.json"],
)  # fmt: skip
def test_recorded_threads_are_found_to_the_last(opened: Opened, name: str) -> None:
    body = recorded(name)
    with LoopbackServer() as server:
        server.on(THREADS, Reply.json(body))
        server.on(COMMENTS, fault(404, "", "not found", "commentNotFound"))
        connector = replaying(server, opened)
        found = found_in(drain(connector, {})[0])
        present = {one["id"]: one["snippet"] for one in comments_in(body)}
        assert set(found) == set(present)
        for ident, snippet in present.items():
            assert found[ident].text == snippet["textOriginal"].strip()
            assert found[ident].author_id == snippet["authorChannelId"]["value"]
            assert found[ident].created_at is not None


def test_recorded_pages_are_joined(opened: Opened) -> None:
    first, second = (recorded(f"comment_threads_by_video_paged_{n}.json") for n in (1, 2))
    below = [recorded(f"comments_by_parent_paged_{n}.json") for n in (1, 2)]
    with LoopbackServer() as server:

        def threads(request: Request) -> Reply:
            token = request.get("pageToken")
            assert token in ("", first["nextPageToken"])
            return Reply.json(second if token else first)

        def replies(request: Request) -> Reply:
            token = request.get("pageToken")
            assert token in ("", below[0]["nextPageToken"])
            return Reply.json(below[1] if token else below[0])

        server.on(THREADS, threads)
        server.on(COMMENTS, replies)
        pages, _ = drain(replaying(server, opened), {})
        present = {one["id"] for body in (first, second, *below) for one in comments_in(body)}
        assert set(found_in(pages)) == present
        assert len(present) == 8
        assert server.paths().count(THREADS) == 2
        replies_found = [m for m in found_in(pages).values() if m.parent_external_id]
        assert {m.parent_external_id for m in replies_found} == {"Ugw5zYU6n9pmIgAZWvN4AaABAg"}


def test_a_recorded_comment_is_read(opened: Opened) -> None:
    body = recorded("comments_single.json")
    ident = body["items"][0]["id"]
    with LoopbackServer() as server:
        server.on(COMMENTS, Reply.json(body))
        found = replaying(server, opened).read(MentionRef(ident))
        assert found is not None
        assert found.text == body["items"][0]["snippet"]["textOriginal"]


def test_a_recorded_insertion_is_a_receipt(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    body = recorded("testdata__apidata__comments__insert_response.json")
    for name in ("A", "B", "C"):
        monkeypatch.setenv(f"TEST_YT_{name}", "x")
    oauth = {
        "client_id": "env:TEST_YT_A",
        "client_secret": "env:TEST_YT_B",
        "refresh_token": "env:TEST_YT_C",
    }
    with LoopbackServer() as server:
        server.on("/token", Reply.json({"access_token": "t", "expires_in": 3599}))
        server.on(COMMENTS, Reply.json(body))
        connector = replaying(server, opened, **oauth)
        receipt = connector.reply(MentionRef(body["snippet"]["parentId"]), "wow", "k")
        assert (receipt.external_id, receipt.text, receipt.state) == (body["id"], "wow", "visible")
    thread = thread_of(recorded("insert_response.json"))
    assert thread.top is not None
    assert thread.top.text == "Sun from the api"


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("error_permission_resp.json", 403, AuthFailed),
        ("error_permission_resp.json", 200, AuthFailed),
        ("error_response_simple.json", 400, Rejected),
        ("error_response_simple.json", 403, AuthFailed),
    ],
)
def test_recorded_errors_are_named(
    opened: Opened, name: str, status: int, error: type[ConnectorError]
) -> None:
    with LoopbackServer() as server:
        server.on(THREADS, Reply.json(recorded(name), status))
        with pytest.raises(error):
            replaying(server, opened).fetch({})


def replaying(server: LoopbackServer, opened: Opened, **said: Any) -> YouTubeConnector:
    settings = {
        "base_url": server.url,
        "video_ids": ["F1UP7wRCPH8"],
        "api_key": "env:PATH",
        "allow_private_addresses": True,
        **said,
    }
    chosen = YouTubeSettings.model_validate(settings)
    opened.append(YouTubeConnector(chosen, Context("y", now=lambda: NOW)))
    return opened[-1]
