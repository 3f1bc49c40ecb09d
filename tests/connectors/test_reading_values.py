"""Dates, ratings, texts and addresses as people and platforms write them."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.addresses import host_of, web_link
from connectors.dates import parse_date, sniff_order
from connectors.ratings import likely_top, parse_rating
from connectors.safety import AddressRefused, is_public, resolve_public
from connectors.text import clean, clip, html_to_text, normalised, one_line, tidy, unescape


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-01", utc(2026, 3, 1)),
        ("2026-03-01 14:36:48", utc(2026, 3, 1, 14, 36, 48)),
        ("2026-03-01T14:36+00", utc(2026, 3, 1, 14, 36)),
        ("2026-03-01T10:00:00.123456789Z", utc(2026, 3, 1, 10, 0, 0, 123456)),
        ("2026-03-01T10:00:00-0700", utc(2026, 3, 1, 17)),
        ("20260301", utc(2026, 3, 1)),
        ("1.3.2026", utc(2026, 3, 1)),
        ("31-10-2017 22.10", utc(2017, 10, 31, 22, 10)),
        ("24.12.25 18:05 Uhr", utc(2025, 12, 24, 18, 5)),
        ("12/31/2025 5:30 PM", utc(2025, 12, 31, 17, 30)),
        ("12/31/2025 12:05 am", utc(2025, 12, 31, 0, 5)),
        ("2026/3/1 9:05", utc(2026, 3, 1, 9, 5)),
        ("Tue Oct 31 22:10:47 +0000 2017", utc(2017, 10, 31, 22, 10, 47)),
        ("Mon, 21 Nov 2016 17:00:10 +0100", utc(2016, 11, 21, 16, 0, 10)),
        ("1. März 2026", utc(2026, 3, 1)),
        ("1er janvier 2026", None),
        ("5 de enero de 2026", utc(2026, 1, 5)),
        ("March 5, 2026", utc(2026, 3, 5)),
        ("Thursday, March 5th, 2026 at 4:05 pm", utc(2026, 3, 5, 16, 5)),
        (1486482936, utc(2017, 2, 7, 15, 55, 36)),
        ("1486482936525", utc(2017, 2, 7, 15, 55, 36, 525000)),
        ("1486482936.5", utc(2017, 2, 7, 15, 55, 36, 500000)),
        ("3 months ago", None),
        ("vor einem Jahr", None),
        ("2026-02-30", None),
        ("0001-01-01", None),
        ("0", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ("9" * 40, None),
        (10**400, None),
        (-(10**400), None),
        ([], None),
    ],
)
def test_dates(value: Any, moment: datetime | None) -> None:
    assert parse_date(value) == moment


def test_a_date_without_a_zone_is_taken_in_the_one_that_is_given() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_date("2026-07-01 12:00:00", berlin) == utc(2026, 7, 1, 10)
    assert parse_date("2026-01-01 12:00:00", berlin) == utc(2026, 1, 1, 11)
    assert parse_date("2026-07-01T12:00:00Z", berlin) == utc(2026, 7, 1, 12)


def test_the_order_of_a_column_needs_proof() -> None:
    assert sniff_order(["03/04/2026", "03/25/2026"]) == "month_first"
    assert sniff_order(["03/04/2026", "25/03/2026"]) == "day_first"
    assert sniff_order(["03/04/2026", "x", ""]) == "day_first"


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.datetimes().map(str)))
def test_no_value_crashes_the_readers(value: Any) -> None:
    found = parse_date(value)
    assert found is None or (found.tzinfo is UTC and 1971 <= found.year < 2200)
    score, top = parse_rating(value)
    assert score is None or score == score
    assert top is None or top > 0 or score is not None


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ("4", (4.0, None)),
        ("4,5", (4.5, None)),
        ("4/5", (4.0, 5.0)),
        ("4.5 von 5 Sternen", (4.5, 5.0)),
        ("Rated 4 out of 5", (4.0, 5.0)),
        ("5 stars", (5.0, None)),
        ("★★★★☆", (4.0, 5.0)),
        ("⭐⭐", (2.0, None)),
        ("80%", (80.0, 100.0)),
        ("FIVE", (5.0, None)),
        ("ONE_STAR", (1.0, None)),
        ("STAR_RATING_UNSPECIFIED", (None, None)),
        ("-1", (None, None)),
        ("NA", (None, None)),
        ("great", (None, None)),
        (3, (3.0, None)),
        (float("inf"), (None, None)),
        (10**400, (None, None)),
        (True, (None, None)),
        ({}, (None, None)),
    ],
)
def test_ratings(value: Any, rating: tuple[float | None, float | None]) -> None:
    assert parse_rating(value) == rating


def test_the_scale_that_holds_a_rating() -> None:
    assert [likely_top(x) for x in (5, 5.5, 10, 11)] == [5, 10, 10, 100]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain text", "plain text"),
        ("a < b & c > d", "a < b & c > d"),
        ("I <3 it", "I <3 it"),
        ("<p>One</p><p>Two<br/>Three</p>", "One\n\nTwo\nThree"),
        ("a<script>alert('x')</script>b<style>p{}</style>c", "abc"),
        ("<!-- no --><b>yes</b>", "yes"),
        ("Tom &amp; Ada &#39;s&nbsp;cup", "Tom & Ada 's cup"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<b>unclosed <i>nested", "unclosed nested"),
        ("<span class='invisible'>https://</span><span>a.io/b</span>", "https://a.io/b"),
        ("<p>" * 5000 + "deep", "deep"),
        ("", ""),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_text_is_made_fit_for_every_database() -> None:
    assert clean("a\0b\x07c\r\nd\re\tf\ufeff") == "abc\nd\ne\tf"
    assert clean("x \ud83d y").encode() == "x \ufffd y".encode()
    assert clean("x \ud83d\ude00 y") == "x 😀 y"
    assert tidy("  a   b \n\n\n\n c ") == "a b\n\nc"
    assert one_line(" a\n  b\tc ") == "a b c"
    assert unescape("It&amp;#39;s &lt;b&gt;") == "It's <b>"
    assert clip("abcdef", 4) == "abc…"
    assert normalised("It&#39;s GROßARTIG!") == normalised("its  großartig".replace("its", "it's"))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_cleaned_text_can_always_be_written(text: str) -> None:
    for made in (clean(text), one_line(text), tidy(text), html_to_text(text)):
        made.encode("utf-8")
        assert "\0" not in made
        assert "\r" not in made


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/x", "https://a.example/x"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("//a.example", ""),
        ("https://a.example/" + "x" * 3000, ""),
        (
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fb.example%2F&ct=1",
            "https://b.example/",
        ),
        ("https://www.google.de/url?q=https://b.example/", "https://b.example/"),
        (
            "https://www.google.com/url?url=javascript:x",
            "https://www.google.com/url?url=javascript:x",
        ),
        ("https://google.evil.example/maps", "https://google.evil.example/maps"),
        (None, ""),
        (5, ""),
    ],
)
def test_links(url: Any, link: str) -> None:
    assert web_link(url) == link


def test_hosts() -> None:
    assert host_of("https://WWW.Example.com:8443/x") == "example.com"
    assert host_of("http://[::1") == ""


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.1.1", False),
        ("172.31.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("not an address", False),
        ("", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*_: Any, **__: Any) -> list[Any]:
        found = [("8.8.8.8", 80), ("10.0.0.1", 80)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(AddressRefused, match="allow_private_addresses"):
        resolve_public("two-faced.example", 80)
