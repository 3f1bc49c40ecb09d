"""Feeds that are made to hold the processor or to fill the memory."""

from __future__ import annotations

import time

import pytest

from connectors.errors import LayoutChanged
from connectors.feed.document import read_document
from connectors.feed.quick import read_quickly
from connectors.outcomes import Answer

HEAD = b"<rss><channel><item><title>Late</title><guid>1</guid></item>"
ATTRIBUTES = b"".join(b'a%d="" ' % number for number in range(50_000))
OVERGROWN = {
    "elements within elements": HEAD + b"<a>" * 1_500_000,
    "very many elements": HEAD + b"<item/>" * 700_000,
    "very many attributes": HEAD + b"<item " + ATTRIBUTES + b"/></channel></rss>",
    "very many attributes of the root": b"<rss "
    + ATTRIBUTES
    + b">"
    + HEAD[5:]
    + b"</channel></rss>",
}
FAMILY = (
    "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
    "<rss><channel><title>&b;</title></channel></rss>"
)


@pytest.mark.parametrize("body", OVERGROWN.values(), ids=OVERGROWN.keys())
def test_a_feed_of_nothing_but_markup_is_refused_at_once(body: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(LayoutChanged):
        read_document(Answer(200, {"Content-Type": "text/xml"}, body, "https://blog.example/"))
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("encoding", ["cp037", "utf-16", "utf-7"])
@pytest.mark.parametrize("blanks", [1, 300, 1000])
def test_no_document_type_hides_behind_an_encoding(encoding: str, blanks: int) -> None:
    head = f'<?xml version="1.0"{" " * blanks}encoding="{encoding}"?>'.encode()
    assert read_quickly(head + FAMILY.encode(encoding), "") is None
