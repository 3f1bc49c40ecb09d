"""What is read quickly comes out as from feedparser: on recorded feeds and on invented ones."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import LayoutChanged
from connectors.feed.document import Document, read_document, without_doctype
from connectors.feed.quick import read_quickly
from connectors.outcomes import Answer
from tests.support.cassettes import RECORDINGS

KINDS = ("application/xml", "text/xml", "application/atom+xml; charset=UTF-8", "text/html", "")
DATES = (
    "Sun, 01 Mar 2026 10:00:00 GMT", "01 Mar 2026 23:59:59 -0730", "2026-03-01T10:00:00Z",
    "2026-02-28T10:00:00+05:30", "Sun, 30 Feb 2026 10:00:00 GMT", "2026-03-01", "yesterday", "",
    "Mon, 01 Mar 2026 24:00:00 GMT", "2026-03-01T10:00:00.25Z", " 2026-03-01T10:00:00Z\n",
    "1 Mar 2026 10:00 EST", "2026-13-01T10:00:00Z", "0001-01-01T00:00:00Z",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from([
        "Cold", " Cold  coffee\n", "", "Größe", "Gr\u00c3\u00b6\u00c3\u009fe", "AT&T", "1 < 2",
        "<b>Cold</b> &amp; late",
        "&lt;p&gt;x&lt;/p&gt;", "a\u0093b\u0094", "\u00a0", "日本 &eacute;", "<p>One</p><p>Two</p>",
        "http://a.io/?x=1&y=2", "https://a.io/1", "http:///a.io", "tag:a.io,2026:1", "/relative",
        "Ada", "ada@a.io (Ada)", "Ada <ada@a.io>", "urn:x", "2026",
    ]),
    st.text(alphabet="aé&<>;#x1 \u0080\u00c3\u00bc'\"/:@", max_size=12),
)  # fmt: skip


def both(body: bytes, kind: str) -> tuple[Document | str, Document | str]:
    answer = Answer(200, {"Content-Type": kind}, body, "https://site.example/feed")
    found: list[Document | str] = []
    for quickly in (False, True):
        try:
            found.append(read_document(answer, quickly=quickly))
        except LayoutChanged as error:
            found.append(str(error))
    return found[0], found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_recorded_feeds_come_out_the_same(kind: str) -> None:
    folders = ("rss_atom", "rss_atom_feedparser_corpus", "appstore_rss")
    paths: list[Path] = [
        p for f in folders for p in sorted((RECORDINGS / f).glob("*")) if p.is_file()
    ]
    if not paths:
        pytest.skip("the recordings are not here")
    quickly = 0
    for path in paths:
        body = path.read_bytes()
        slow, quick = both(body, kind)
        assert quick == slow, path.name
        try:
            quickly += read_quickly(without_doctype(body)[0], kind) is not None
        except LayoutChanged:
            continue
    assert quickly >= 30


def element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{html.escape(text, quote=False)}</{name}>"


@st.composite
def rss(draw: Any) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        inner = draw(st.lists(st.one_of(
            st.builds(element, st.sampled_from(
                ["title", "link", "description", "author", "category", "comments", "dc:creator",
                 "content:encoded", "slash:comments", "source", "itunes:summary", "rating"]),
                TEXTS),
            st.builds(element, st.sampled_from(["pubDate", "dc:date"]), st.sampled_from(DATES)),
            st.builds(element, st.just("guid"), TEXTS, st.sampled_from(
                ["", ' isPermaLink="false"', ' isPermaLink="true"', ' ispermalink="FALSE"'])),
            st.just('<enclosure url="http://a.io/x.mp3" type="audio/mpeg" length="1"/>'),
            st.just("<description><![CDATA[<p>Cold &amp; late</p>]]></description>"),
            st.just('<title xml:lang="de_AT">Kalt</title>'),
            st.just('<description xml:lang="de_AT">Kalt</description>'),
        ), max_size=6))  # fmt: skip
        parts.append(f"<item>{''.join(inner)}</item>")
    about = draw(st.sampled_from(
        ["<title>V</title>", "<ttl>60</ttl>", "<language>de</language>",
         "<image><title>I</title><url>http://a.io/i</url></image>", "<skipHours/>"]))  # fmt: skip
    root = draw(st.sampled_from(['<rss version="2.0"', '<rss version="0.92"', "<rss",
                                 '<rss version="2.0" xml:lang="en_GB"',
                                 '<rss version="2.0" xml:base="http://a.io/"']))  # fmt: skip
    spaces = (
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
        ' xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd">'
    )
    return f"{root}{spaces}<channel>{about}{''.join(parts)}</channel></rss>"


@st.composite
def atom(draw: Any) -> str:
    kinds = st.sampled_from(["", ' type="html"', ' type="text"', ' type="HTML"', ' type="xhtml"',
                             ' type="text/plain"', ' type="image/png"', ' xml:lang="de_AT"',
                             ' xml:lang=""', ' mode="base64"'])  # fmt: skip
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        inner = draw(st.lists(st.one_of(
            st.builds(element, st.sampled_from(["title", "summary", "content"]), TEXTS, kinds),
            st.builds(element, st.sampled_from(["id", "rights", "logo", "thr:total"]), TEXTS),
            st.builds(element, st.sampled_from(["published", "updated", "issued"]),
                      st.sampled_from(DATES)),
            st.sampled_from([
                '<link href="https://a.io/1"/>',
                '<link rel="alternate" href="http://a.io/?a=1&amp;b=2"/>',
                '<link rel="SELF" href="http://a.io/self"/>',
                '<link rel="alternate" type="text/plain" href="x"/>',
                '<link rel="alternate" type="TEXT/HTML" href="http://a.io/b"/>',
                "<link>http://a.io</link>",
                '<link href=""/>', '<link rel="replies" href="http://a.io/r" thr:count="2"/>',
                "<author><name>Ada</name></author>", "<author><name> Ada </name><uri>http://a.io/ada</uri></author>",
                "<author><name>Ada</name><email>ada@a.io</email></author>", "<author/>",
                "<author>Ada</author>", "<author><email>ada@a.io</email></author>",
                "<author><uri>http://a.io</uri><name>Größe\u0093</name></author>",
                '<category term="x"/>', "<content><p>inline</p></content>",
                "<source><id>s</id></source>",
            ]),
        ), max_size=6))  # fmt: skip
        parts.append(f"<entry>{''.join(inner)}</entry>")
    root = draw(
        st.sampled_from(
            [
                '<feed xmlns="http://www.w3.org/2005/Atom"',
                '<feed xml:lang="en_GB" xmlns="http://www.w3.org/2005/Atom"',
                '<feed xmlns="http://purl.org/atom/ns#" version="0.3"',
            ]
        )
    )
    space = ' xmlns:thr="http://purl.org/syndication/thread/1.0">'
    return f"{root}{space}<title>V</title>{''.join(parts)}</feed>"


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(rss(), atom()),
    head=st.sampled_from(["", '<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0"?>\n']),
    kind=st.sampled_from(KINDS),
)
def test_invented_feeds_come_out_the_same(text: str, head: str, kind: str) -> None:
    slow, quick = both((head + text).encode(), kind)
    assert quick == slow


@pytest.mark.parametrize(
    "odd",
    [
        # A base leaks out of its element and changes the addresses after it.
        "<rss><channel><category base='http://b/'>x</category><item><title>T</title><link>a</link>"
        "</item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>x</id><title>T</title>"
        "<link href=''/></entry></feed>",
        # Of two titles the first counts, unless a picture stands between them.
        "<rss><channel><title>V</title><image><title>I</title></image><title>W</title>"
        "</channel></rss>",
        "<rss><channel><item><guid>http://a.io/1</guid><title>T</title><link/></item></channel></rss>",
        "<rss><channel><items><item><title>T</title></item></items></channel></rss>",
    ],
)
def test_what_once_came_out_differently(odd: str) -> None:
    slow, quick = both(odd.encode(), "application/xml")
    assert quick == slow


def test_the_usual_feed_is_read_quickly_and_the_odd_one_is_not() -> None:
    usual = (
        '<rss version="2.0"><channel><title>V</title><item><title>Cold</title><guid>1</guid>'
        "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    )
    assert read_quickly(usual.encode(), "application/rss+xml") is not None
    for old, new in (
        (
            "<guid>1</guid>",
            "<media:title xmlns:media='http://search.yahoo.com/mrss/'>x</media:title>",
        ),
        ("10:00:00 GMT", "10 o'clock"),
        ("<rss", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss"),
        ("Cold", "C&eacute;ld"),
        ("</rss>", ""),
        ("<rss", '<?xml version="1.0" encoding="iso-8859-1"?><rss'),
    ):
        assert read_quickly(usual.replace(old, new).encode(), "application/rss+xml") is None
    assert read_quickly(usual.encode(), "text/xml; charset=latin1") is None
    assert read_quickly(usual.encode("utf-16"), "") is None
