"""How an author is addressed, and when nobody is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.names import LONGEST_NAME, first_name, full_name

NAMES = {
    "Kim A.": "Kim",
    "Kim": "Kim",
    "Anna Schmidt": "Anna",
    "anna schmidt": "Anna",
    "JOHN SMITH": "John",
    "Müller, Anna": "Anna",
    "Anna Smith, PhD": "Anna",
    "Anna (she)": "Anna",
    "Anna 🌸": "Anna",
    "𝓐𝓷𝓷𝓪": "Anna",
    "Dr. Müller": "Dr. Müller",
    "Dr. Anna Müller": "Anna",
    "Prof. Dr. K. Weiß": "Prof. Weiß",
    "Frau Schmidt": "Frau Schmidt",
    "M. Dupont": "M. Dupont",
    "Jean-Paul D.": "Jean-Paul",
    "McKenna S": "McKenna",
    "Mary O’Brien": "Mary",
    "Stephen King": "Stephen",
    "Krzysztof": "Krzysztof",
    "Žofia Nová": "Žofia",
    "Олена Коваль": "Олена",
    "Ευγενία Παππά": "Ευγενία",
    "王小明": "王小明",
    "김민수": "김민수",
    "田中 太郎": "田中",
    "محمد علي": "محمد",
    "प्रिया शर्मा": "प्रिया",
}

NO_NAMES = [
    "",
    "   ",
    "user123",
    "A Google user",
    "Anonymous",
    "Gast",
    "Utilisateur anonyme",
    "anna@post.example",
    "@anna",
    "Anna_Schmidt",
    "🌸",
    "K.",
    "A",
    "J. Smith",
    "BEST DEALS NOW",
    "BUY CHEAP",
    "coffeelover",
    "Coffee Lover",
    "Angry Customer",
    "Enttäuschter Kunde",
    "<b>Anna</b>",
    "{contact}",
    "[Anna](http://x.example)",
    "<!channel>",
    "https://x.example",
    "Tom & Jerry",
    "Аnna",  # a Cyrillic capital in front
    "A\u202enna",
    "Lone\ud800",
    "Ann\u0300\u0301\u0302\u0303a",
    "Xyzzzz",
    "Bcdf",
    "عبد الله",
    "The Man Who Waited Too Long",
    "匿名",
    "null",
    "Arschloch",
    "x" * 500,
]


@pytest.mark.parametrize(("display_name", "expected"), NAMES.items())
def test_a_plausible_name_gives_a_first_name(display_name: str, expected: str) -> None:
    assert first_name(display_name) == expected


@pytest.mark.parametrize("display_name", NO_NAMES)
def test_an_implausible_name_gives_none(display_name: str) -> None:
    assert first_name(display_name) == ""


def test_nobody_is_addressed_by_our_own_name() -> None:
    assert first_name("Harbour Coffee", avoid="Harbour Coffee") == ""
    assert first_name("Mara Harbour", avoid="Harbour Coffee") == ""


def test_a_full_name_needs_first_and_last_name() -> None:
    assert full_name("Kim Abel") == "Kim Abel"
    assert full_name("Kim A.") == ""
    assert full_name("Kim") == ""
    assert full_name("user 123") == ""


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_whatever_comes_in_only_a_short_bare_name_comes_out(display_name: str) -> None:
    name = first_name(display_name)
    assert len(name) <= LONGEST_NAME + 8
    assert all(unicodedata.category(char)[0] in "LM" or char in " .-'’・" for char in name)
