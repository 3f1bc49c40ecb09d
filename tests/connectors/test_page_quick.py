"""What is found without building a page's tree is what the tree holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.outcomes import Answer
from connectors.page.quick import blocks_of
from connectors.page.source import Content, read_page
from tests.support.cassettes import RECORDINGS

REVIEW = json.dumps(
    {"@type": "Review", "reviewBody": "Cold & <late>", "author": "Ada", "reviewRating": "2"}
)
LD = f'<script type="application/ld+json">{REVIEW}</script>'
PIECES = [
    LD, LD.replace("Cold", "Late").replace('"application/ld+json"', "'application/ld+json'"),
    LD.replace("script", "SCRIPT"), LD.replace(' type="', " TYPE = "), LD.replace("</script>", ""),
    LD.replace("</script>", "</script >"), LD.replace("</script>", "</ script>"),
    LD.replace("application", "&#97;pplication"), LD.replace(REVIEW, f"<!-- {REVIEW} -->"),
    f"<!-- {LD} -->", f"<!--[if IE]>{LD}<![endif]-->", f"<![CDATA[{LD}]]>", f"<!--->{LD}-->",
    f"<!-- a -- b --!>{LD}", '<p title="a > b">x</p>',
    "<p title='<script>'>x</p>", "<p title=it's>x</p>", "<a href=x/>y</a>", "<br/>", "a < b", "<3",
    "<meta name=robots content=noindex>", '<META NAME="Robots" CONTENT="noarchive, nofollow"/>',
    "<meta content='none' name='rapport'>", "<meta name=robots name=other content=noindex>",
    "<title>a <b>c</title>", "<title>plain</title>", f"<textarea>{LD}</textarea>",
    f"<noscript>{LD}</noscript>", f"<template>{LD}</template>", f"<svg>{LD}</svg>",
    "<style>a > b { content: '</p>' }</style>", "<style><!-- x --></style>",
    "<script>if (a<b) {}</script>",
    "<script src=x />", "<script>document.write('<script>x</script>')</script>", "</p>", "</p x>",
    "<!DOCTYPE html>", "<?php x ?>", "<", ">", "\"", "'", "&nbsp;", "<div itemscope>",
    "<p a='1' a=\"2\">",
    "<x:y z>", "<p\n  b = c\t>", "<iframe><p></iframe>", "<plaintext>", "\ufeff", "é", "\r\n",
]  # fmt: skip


def both(body: bytes, kind: str) -> tuple[Content, Content]:
    answer = Answer(200, {"Content-Type": kind}, body, "https://site.example/reviews")
    return read_page(answer, quickly=False), read_page(answer)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=8),
    noise=st.text(alphabet="<>/!-'\"= ax&", max_size=4),
    at=st.integers(0, 400),
    kind=st.sampled_from(["text/html; charset=utf-8", "text/html"]),
)
def test_any_markup_comes_out_the_same(pieces: list[str], noise: str, at: int, kind: str) -> None:
    text = "".join(pieces)
    slow, quick = both((text[:at] + noise + text[at:]).encode(), kind)
    assert quick == slow


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "text/html; charset=x"])
def test_recorded_pages_come_out_the_same(kind: str) -> None:
    folder = RECORDINGS / "html_structured_data_extruct"
    paths: list[Path] = sorted(folder.glob("*.html"))
    if not paths:
        pytest.skip("the recordings are not here")
    quickly = 0
    for path in paths:
        for body in (path.read_bytes(), path.read_bytes().replace(b"itemscope", b"item-scope")):
            slow, quick = both(body, kind)
            assert quick == slow, path.name
            quickly += blocks_of(body, None) is not None
    assert quickly >= 3


@pytest.mark.parametrize("odd", ["<![<CDATA[x", "<![", "<![1]>", "<![foo[x]]>", "<![ if x]>"])
def test_a_section_that_is_none_costs_no_review(odd: str) -> None:
    slow, quick = both(f"<p>{odd}</p>{LD}".encode(), "text/html")
    assert quick == slow
    assert [each.mention.author_name for each in slow.reviews] == ["Ada"]


def test_markup_that_no_parser_takes_is_a_problem_and_no_crash() -> None:
    slow, quick = both(f"<p><![<CDATA[x</p>{LD}".encode("utf-16"), "text/html; charset=utf-16")
    assert quick == slow
    assert not slow.reviews
    assert "cannot be read" in slow.problems[0].reason


def test_a_plain_page_needs_no_tree_and_an_odd_one_does() -> None:
    plain = f"<!DOCTYPE html><html><head><title>V</title>{LD}</head><body><p>x</body></html>"
    found = blocks_of(plain.encode(), None)
    assert found == ([REVIEW], [])
    for odd in (
        "<p>a < b",
        "<div itemscope>",
        "<p title=it's>",
        "<![CDATA[x]]>",
        "<!-- a -- b -->",
    ):
        assert blocks_of((plain + odd).encode(), None) is None
    assert blocks_of(b"<html><p>No reviews</p></html>", None) is None


@pytest.mark.parametrize("piece", ["<p a=", "<p a='", "<p " + "a " * 9, "<!--", "<p a=b ", "</p "])
def test_broken_markup_takes_no_longer_the_more_there_is_of_it(piece: str) -> None:
    """Half a megabyte of it; a search that goes back and forth would take minutes."""
    assert blocks_of((LD + piece * (500_000 // len(piece))).encode(), "utf-8") is None
