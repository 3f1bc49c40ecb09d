"""Feeds: asked politely, read tolerantly, refused where they are dangerous."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Context, Page
from connectors.errors import Gone, LayoutChanged
from connectors.feed import FeedConnector, FeedSettings
from connectors.feed.document import read_document, without_doctype
from connectors.feed.extras import rest_until, skips_in
from connectors.outcomes import Answer
from connectors.testing.http_server import LoopbackServer, Reply

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/recordings"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Visits</title>{}</feed>'


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def feed(server: LoopbackServer) -> Iterator[FeedConnector]:
    said = FeedSettings(url=server.url + "/feed", allow_private_addresses=True)
    connector = FeedConnector(said, Context("news", now=lambda: NOW))
    yield connector
    connector.close()


def answer(body: str | bytes, kind: str = "application/xml") -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return Answer(200, {"Content-Type": kind}, raw, "https://site.example/feed")


def entry(ident: str, text: str = "The cup was cold", extra: str = "") -> str:
    return (
        f"<entry><id>{ident}</id><title>T {ident}</title><content>{text}</content>{extra}</entry>"
    )


def test_validators_are_sent_back_as_they_came(server: LoopbackServer, feed: FeedConnector) -> None:
    moment = "Sun, 01 Mar 2026 10:00:00 GMT"
    server.on(
        "/feed",
        Reply(
            body=ATOM.format(entry("1")).encode(),
            headers={"ETag": 'W/"a b"', "Last-Modified": moment, "Cache-Control": "max-age=900"},
        ),
        Reply(304, headers={"ETag": 'W/"c"', "Cache-Control": "max-age=60"}),
    )
    first = feed.fetch({})
    assert first.poll_no_sooner_than == timedelta(minutes=15)
    second = feed.fetch(first.next_cursor)
    assert server.requests[1].headers["If-None-Match"] == 'W/"a b"'
    assert server.requests[1].headers["If-Modified-Since"] == moment
    assert (second.unchanged, second.mentions) == (True, ())
    assert second.poll_no_sooner_than == timedelta(minutes=1)
    feed.fetch(second.next_cursor)
    assert server.requests[2].headers["If-None-Match"] == 'W/"c"', "a 304 may renew it"


def test_an_equal_body_is_unchanged_without_validators(
    server: LoopbackServer, feed: FeedConnector
) -> None:
    server.on("/feed", Reply(body=ATOM.format(entry("1")).encode()))
    first = feed.fetch({})
    assert feed.fetch(first.next_cursor) == Page((), first.next_cursor, unchanged=True)


def test_a_permanent_move_is_remembered_and_a_new_address_forgets_it(
    server: LoopbackServer, feed: FeedConnector
) -> None:
    server.on("/feed", Reply.redirect("/new", 301))
    server.on("/new", Reply(body=ATOM.format(entry("1")).encode()))
    first = feed.fetch({})
    feed.fetch(first.next_cursor)
    assert server.paths() == ["/feed", "/new", "/new"]
    other = {**first.next_cursor, "url": "https://elsewhere.example/feed"}
    feed.fetch(other)
    assert server.paths()[3:] == ["/feed", "/new"]


def test_a_closed_feed_is_gone(server: LoopbackServer, feed: FeedConnector) -> None:
    server.on("/feed", Reply(410))
    with pytest.raises(Gone):
        feed.fetch({})


def test_rss_fields_and_ttl() -> None:
    document = read_document(
        answer(
            "<rss version='2.0'><channel><title>News</title><ttl>90</ttl><item>"
            "<title>Caf&amp;#233; &lt;b&gt;closed&lt;/b&gt;</title>"
            "<link>https://site.example/1?utm=x</link><guid isPermaLink='false'>g 1</guid>"
            "<author>ada@site.example (Ada Byron)</author>"
            "<pubDate>Mon, 21 Nov 2016 17:00:10 +0100</pubDate>"
            "<description>&lt;p&gt;One&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;Two"
            "&lt;/p&gt;</description></item></channel></rss>"
        )
    )
    [found] = document.mentions
    assert (found.external_id, found.title, found.text) == ("g 1", "Café closed", "One\n\nTwo")
    assert (found.author_name, found.url) == ("Ada Byron", "https://site.example/1?utm=x")
    assert found.created_at == datetime(2016, 11, 21, 16, 0, 10, tzinfo=UTC)
    assert (found.kind, document.ttl, document.problems) == ("post", timedelta(minutes=90), ())


def test_identity_is_the_id_else_the_link_else_the_content() -> None:
    rss = (
        "<rss version='2.0'><channel>"
        "<item><guid>a</guid><link>https://s.example/1</link><title>x</title></item>"
        "<item><link>https://s.example/2</link><title>x</title></item>"
        "<item><title>only a title</title></item>"
        "<item><author>nobody</author></item>"
        "</channel></rss>"
    )
    document = read_document(answer(rss))
    ids = [m.external_id for m in document.mentions]
    assert ids[:2] == ["a", "https://s.example/2"]
    assert re.fullmatch("~[0-9a-f]{24}", ids[2])
    assert [p.where for p in document.problems] == ["https://site.example/feed entry 4"]
    assert [m.external_id for m in read_document(answer(rss)).mentions] == ids


def test_an_update_after_publication_is_an_edit() -> None:
    dates = "<published>2026-02-01T10:00:00Z</published><updated>2026-02-02T10:00:00Z</updated>"
    [found] = read_document(answer(ATOM.format(entry("1", extra=dates)))).mentions
    assert found.edited_at == datetime(2026, 2, 2, 10, tzinfo=UTC)
    only = "<updated>2026-02-02T10:00:00Z</updated>"
    [found] = read_document(answer(ATOM.format(entry("1", extra=only)))).mentions
    assert (found.created_at, found.edited_at) == (datetime(2026, 2, 2, 10, tzinfo=UTC), None)


def test_google_alerts_are_unwrapped() -> None:
    body = ATOM.format(
        "<entry><id>tag:google.com,2013:googlealerts/feed:1</id>"
        "<title type='html'>&lt;b&gt;Harbour&lt;/b&gt; Coffee opens</title>"
        "<link href='https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://news.example/a%3Fb%3D1"
        "&amp;ct=ga'/><published>2026-02-01T10:00:00Z</published>"
        "<content type='html'>A second &lt;b&gt;Harbour&lt;/b&gt; shop&amp;nbsp;...</content>"
        "</entry>"
    )
    [found] = read_document(answer(body)).mentions
    assert (found.url, found.title) == ("https://news.example/a?b=1", "Harbour Coffee opens")
    assert found.text == "A second Harbour shop ..."


def test_apples_reviews_carry_their_rating_and_the_app_itself_is_passed_over() -> None:
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:im='http://itunes.apple.com/rss'>"
        "<entry><id>1</id><title>My App</title><im:name>My App</im:name></entry>"
        "<entry><id>77</id><title>Crashes</title><im:rating>1</im:rating>"
        "<content type='text'>It crashes &lt; 5 s</content><content type='html'>&lt;table&gt;It "
        "crashes&lt;/table&gt;</content><author><name>Ada</name></author></entry></feed>"
    )
    [found] = read_document(answer(body)).mentions
    assert (found.external_id, found.kind, found.rating) == ("77", "review", 1.0)
    assert (found.text, found.author_name) == ("It crashes < 5 s", "Ada")


def test_broken_xml_gives_what_is_readable_and_says_so() -> None:
    body = ATOM.format(entry("1") + "<entry><id>2</id><title>a & b</title></entry>" + entry("3"))
    document = read_document(answer(body))
    assert [m.external_id for m in document.mentions] == ["1", "2", "3"]
    assert len(document.problems) == 1
    assert "broken XML" in document.problems[0].reason


def test_half_a_feed_keeps_the_last_entry_waiting(
    server: LoopbackServer, feed: FeedConnector
) -> None:
    whole = ATOM.format(entry("1") + entry("2", "A long text that is cut"))
    server.on(
        "/feed",
        Reply(body=whole[: whole.index("that is")].encode(), headers={"ETag": '"half"'}),
        Reply(body=whole.encode(), headers={"ETag": '"whole"'}),
    )
    first = feed.fetch({})
    assert [m.external_id for m in first.mentions] == ["1"]
    assert "in the middle" in first.problems[-1].reason
    second = feed.fetch(first.next_cursor)
    assert server.requests[1].headers.get("If-None-Match") is None
    assert [m.external_id for m in second.mentions] == ["1", "2"]


def test_what_is_whole_in_half_a_feed_does_not_wait(
    server: LoopbackServer, feed: FeedConnector
) -> None:
    whole = ATOM.format(entry("1") + entry("2") + entry("3"))
    cut = whole[: whole.index("</feed")]
    server.on("/feed", Reply(body=cut.encode(), headers={"ETag": '"half"'}))
    first = feed.fetch({})
    assert [m.external_id for m in first.mentions] == ["1", "2", "3"]
    assert ["broken XML" in problem.reason for problem in first.problems] == [True]
    again = feed.fetch(first.next_cursor)
    assert server.requests[1].headers.get("If-None-Match") is None
    assert len(again.mentions) == 3


def test_an_id_that_stands_twice_is_reported() -> None:
    document = read_document(answer(ATOM.format(entry("1", "a b") + entry("1", "c d"))))
    assert [m.text for m in document.mentions] == ["a b"]
    assert "stands twice" in document.problems[0].reason


LAUGHS = (
    '<?xml version="1.0"?><!-- x --><!DOCTYPE feed [<!ENTITY a "<b>lol</b>">'
    + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 if n else chr(0)};".replace(chr(0), "") * 10}">'
        for n in range(9)
    )
    + "]>"
)


def test_entities_of_its_own_are_not_unfolded() -> None:
    document = read_document(answer(LAUGHS + ATOM.format(entry("1", "x &a8; y"))))
    assert [len(m.text) < 20 for m in document.mentions] == [True]
    assert "entities of its own" in document.problems[0].reason
    secret = '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    [found] = read_document(answer(secret + ATOM.format(entry("1", "see &x; here")))).mentions
    assert "root" not in found.text
    with pytest.raises(LayoutChanged, match="refused"):
        read_document(answer(('<?xml version="1.0" encoding="utf-16"?>' + LAUGHS).encode("utf-16")))


def test_a_harmless_document_type_is_dropped() -> None:
    old = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.example/a>b">'
    body, declares = without_doctype((old + "<rss/>").encode())
    assert (body, declares) == (b"<rss/>", False)


def test_a_web_page_is_no_feed_and_tells_where_its_feed_is() -> None:
    page = (
        "<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' "
        "href='/blog/feed?token=1'></head><body>Hello</body></html>"
    )
    with pytest.raises(LayoutChanged, match=r"its feed is https://site\.example/blog/feed$"):
        read_document(answer(page, "text/html"))


def json_feed(*items: Any) -> Answer:
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": list(items)}
    return answer(json.dumps(body), "application/feed+json")


def test_a_json_feed_is_read_and_its_bad_items_reported() -> None:
    document = read_document(
        json_feed(
            {"id": 5, "content_text": "plain <3", "url": "https://s.example/5",
             "authors": [{"name": "Ada", "url": "https://s.example/ada"}],
             "date_published": "2026-02-01T10:00:00+01:00"},
            {"id": "b", "title": "T", "content_html": "<p>Hi</p><script>1</script>"},
            "no object", {}, {"id": None},
        )
    )  # fmt: skip
    assert [(m.external_id, m.text) for m in document.mentions] == [("5", "plain <3"), ("b", "Hi")]
    assert document.mentions[0].created_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert document.mentions[0].author_name == "Ada"
    assert len(document.problems) == 3


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b"{", b'{"version": 5}', b"plain", b"\x00\x01"])
def test_what_is_no_feed_at_all_is_a_changed_layout(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        read_document(answer(body))


@settings(max_examples=80, deadline=None)
@given(
    noise=st.binary(max_size=60),
    at=st.integers(0, 400),
    length=st.integers(0, 60),
)
def test_damage_never_crashes(noise: bytes, at: int, length: int) -> None:
    whole = ATOM.format(entry("1") + entry("2") + entry("3")).encode()
    try:
        document = read_document(answer(whole[:at] + noise + whole[at + length :]))
    except LayoutChanged:
        return
    for found in document.mentions:
        found.text.encode()


def recorded() -> list[Path]:
    folders = ("rss_atom_feedparser_corpus", "rss_atom")
    return sorted(path for name in folders for path in (RECORDINGS / name).glob("*"))


def test_recorded_feeds_are_replayed_and_every_entry_found_or_reported(
    server: LoopbackServer,
) -> None:
    """The entries are counted in the bytes themselves, not by the parser on trial."""
    files = recorded()
    if not files:
        pytest.skip("the recordings are not here")
    counted = found = reported = refused = 0
    for path in files:
        body = path.read_bytes()
        declared = re.search(rb"Header:\s*Content-type:\s*([^\r\n]+)", body, re.I)
        kind = declared[1].decode("latin-1").strip() if declared else "application/xml"
        server.on("/feed", Reply(body=body, headers={"Content-Type": kind}))
        said = FeedSettings(url=server.url + "/feed", allow_private_addresses=True)
        connector = FeedConnector(said, Context("news", now=lambda: NOW))
        flat = re.sub(rb"<!--.*?-->", b"", body.replace(b"\0", b""), flags=re.S)
        entries = len(re.findall(rb"<(?:\w+:)?(?:item|entry)[\s>]", flat))
        if path.suffix == ".json":
            entries = len(json.loads(body)["items"])
        counted += entries
        try:
            page = connector.fetch({})
        except LayoutChanged:
            refused += 1
            assert entries == 0, path.name
            continue
        finally:
            connector.close()
        found += len(page.mentions)
        broken = [p for p in page.problems if " entry " in p.where]
        reported += len(broken)
        assert len(page.mentions) + len(broken) == entries, path.name
    assert counted == found + reported
    assert counted >= 55
    assert found >= 40


def test_hours_and_days_to_skip_are_kept(server: LoopbackServer) -> None:
    skips = "<skipHours><hour>12</hour><hour>13</hour></skipHours><SKIPDAYS></SKIPDAYS>"
    item = "<item><guid>1</guid><title>Cold</title></item>"
    body = f'<rss version="2.0"><channel><title>V</title>{skips}{item}</channel></rss>'
    server.on("/feed", Reply(body=body.encode()))
    clock = [NOW]
    said = FeedSettings(url=server.url + "/feed", allow_private_addresses=True)
    connector = FeedConnector(said, Context("news", now=lambda: clock[0]))
    page = connector.fetch({})
    assert len(page.mentions) == 1
    clock[0] = NOW + timedelta(minutes=20)
    resting = connector.fetch(page.next_cursor)
    assert (resting.unchanged, resting.next_cursor) == (True, page.next_cursor)
    assert resting.poll_no_sooner_than == timedelta(hours=1, minutes=40)
    assert len(server.requests) == 1
    clock[0] = NOW + timedelta(hours=2)
    connector.fetch(page.next_cursor)
    assert len(server.requests) == 2
    connector.close()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("<skipHours><hour>24</hour><hour> 3 </hour></skipHours>", {"hours": [0, 3]}),
        ("<skipDays><day>Sunday</day><day>Someday</day></skipDays>", {"days": [6]}),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>", {}),
        ("<skipHours><hour>99</hour></skipHours>", {}),
        ("<skipHours>", {}),
    ],
)
def test_skips_are_read(said: str, expected: dict[str, list[int]]) -> None:
    assert skips_in(said.encode()) == expected


@pytest.mark.parametrize(
    ("skips", "expected"),
    [
        ({"hours": [12]}, timedelta(hours=1)),
        ({"hours": [11]}, None),
        ({"days": [6]}, timedelta(hours=12)),
        ({"days": [6], "hours": [0, 1]}, timedelta(hours=14)),
        ({"hours": list(range(24))}, None),
        ("nonsense", None),
    ],
)
def test_a_feed_rests_until_it_wants_readers(skips: Any, expected: timedelta | None) -> None:
    assert rest_until(skips, NOW) == expected  # a Sunday at noon


def test_entries_that_a_feed_takes_back_are_told() -> None:
    removed = (
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'when="2026-03-01T10:00:00Z" ref="tag:a&amp;b"><at:comment>x</at:comment>'
        "</at:deleted-entry><at:deleted-entry ref='1' when='2026-03-01T10:00:00Z'/>"
        "<at:deleted-entry when='2026-03-01T10:00:00Z'/>"
    )
    body = ATOM.format(entry("1") + removed).replace("<feed", '<feed xmlns:at="urn:x"', 1)
    found = read_document(answer(body)).mentions
    assert [(m.external_id, m.deleted) for m in found] == [("1", False), ("tag:a&b", True)]
