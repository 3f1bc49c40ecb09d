"""How times, texts and links from outside are put on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.web.outside import clean, hidden_characters, safe_url
from monitor.web.words import LONG, Times, duration, fold, zone
from responders.differences import difference

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = Times(NOW, zone("Europe/Berlin"))
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_600, "1 h"), (7_800, "2 h 10 min"),
     (86_400, "1 d"), (90_000, "1 d 1 h"), (86_400 * 30 + 59, "30 d")],
)  # fmt: skip
def test_a_length_of_time_is_told_in_two_units(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_time_carries_its_zone_in_winter_and_in_summer() -> None:
    assert BERLIN.absolute(NOW) == "Mon 2 Mar 2026, 10:00 CET"
    assert BERLIN.absolute(datetime(2026, 7, 1, 9, tzinfo=UTC)) == "Wed 1 Jul 2026, 11:00 CEST"
    assert BERLIN.short(NOW) == "10:00 CET"
    assert BERLIN.short(NOW - timedelta(days=1)) == "1 Mar, 10:00 CET"
    assert BERLIN.short(NOW - timedelta(days=365)) == "2 Mar 2025, 10:00 CET"


def test_the_last_hour_is_soon_and_the_deadline_itself_is_not_overdue() -> None:
    assert BERLIN.nearness(NOW + timedelta(hours=1, seconds=1)) == "calm"
    assert BERLIN.nearness(NOW + timedelta(hours=1)) == "soon"
    assert BERLIN.nearness(NOW) == "soon"
    assert BERLIN.nearness(NOW - timedelta(seconds=1)) == "overdue"
    assert BERLIN.distance(NOW) == "in 0 s"


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert zone("Nowhere/Atall").key == "UTC"
    assert zone("../../etc/passwd").key == "UTC"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_nothing_that_turns_or_hides_text_survives(text: str) -> None:
    shown = clean(text)
    assert not set(OVERRIDES + "\x00\x07\x1b\x7f\x85") & set(shown)
    assert clean(shown) == shown


def test_emoji_arabic_and_line_breaks_are_left_as_they_are() -> None:
    for text in ("👩‍👧 ❤️", "مرحبا بالعالم", "می‌خواهم", "two\nlines\tand a tab", "naïve café"):
        assert clean(text) == text


def test_hidden_characters_are_named_once() -> None:
    assert hidden_characters("a\u202eb\u202ec\u200b") == ["U+200B", "U+202E"]
    assert hidden_characters("Plain words, ünicode, 👩‍👧\r\n") == []


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://a.example", "data:text/html,x", "//a",
     "https:", "http://[::1", "https://a.example/\nx", "java\tscript:x", "", "ftp://a.example/",
     "https://a.example/\u202e"],
)  # fmt: skip
def test_only_plain_web_links_are_followed(url: str) -> None:
    assert safe_url(url) == ""


def test_web_links_are_left_as_they_are() -> None:
    for url in ("http://a.example", "https://a.example:8/b?c=d&e=%20#f", "https://ä.example/ü"):
        assert safe_url(url) == url


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    changes = difference(before, after)
    assert changes is not None
    assert "".join(words for kind, words in changes if kind != "new") == before
    assert "".join(words for kind, words in changes if kind != "gone") == after


def test_very_long_texts_are_not_compared() -> None:
    assert difference("a " * 5_000, "b") is None


@given(st.text(alphabet="ab \n", max_size=40), st.integers(min_value=1, max_value=400))
@settings(max_examples=60, deadline=None)
def test_a_folded_text_loses_no_word(piece: str, times: int) -> None:
    text = piece * times
    begun, rest = fold(text)
    assert "".join((begun + rest).split()) == "".join(text.split())
    assert bool(rest) <= (len(text) > LONG)
    assert len(begun) <= LONG
