"""A stream is cut into whole lines, whatever the blocks it is read in, in constant memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.chunks import BLOCK, Chunk, Chunker

LONGEST = 12
STREAM = st.text(alphabet="ab\n", max_size=200).map(str.encode)


def cut(blocks: Iterable[bytes], longest: int = LONGEST) -> list[Chunk]:
    chunker = Chunker(longest)
    chunks = [chunk for block in blocks for chunk in chunker.feed(block)]
    return [*chunks, *chunker.end()]


def lines(chunks: list[Chunk]) -> dict[int, bytes | None]:
    """Every line by its number; None for one that was too long."""
    found: dict[int, bytes | None] = {}
    for chunk in chunks:
        if chunk.too_long:
            assert chunk.data == b""
            found[chunk.first] = None
        else:
            found.update(enumerate(chunk.data.splitlines(), chunk.first))
    return found


@given(STREAM, st.integers(1, LONGEST))
def test_each_line_comes_once_with_its_number_however_it_is_read(stream: bytes, size: int) -> None:
    blocks = [stream[at : at + size] for at in range(0, len(stream), size)]
    expected = {
        number: line if len(line) <= LONGEST else None
        for number, line in enumerate(stream.splitlines(), 1)
    }
    assert lines(cut(blocks)) == expected


def test_a_line_is_given_as_soon_as_its_end_is_read() -> None:
    chunker = Chunker()
    assert list(chunker.feed(b"one\ntwo")) == [Chunk(1, b"one\n")]
    assert list(chunker.feed(b" and a half")) == []
    assert list(chunker.feed(b"\n")) == [Chunk(2, b"two and a half\n")]
    assert list(chunker.end()) == []


def test_a_line_too_long_is_told_before_it_ends_and_once() -> None:
    chunker = Chunker(4)
    assert list(chunker.feed(b"a\nbbb")) == [Chunk(1, b"a\n")]
    assert list(chunker.feed(b"bb")) == [Chunk(2, b"", too_long=True)]
    assert list(chunker.feed(b"bb")) == []
    assert list(chunker.feed(b"b\nc\n")) == [Chunk(3, b"c\n")]


def test_a_line_without_end_takes_no_more_memory_than_the_longest() -> None:
    block = b"a" * BLOCK
    chunker = Chunker(10 * BLOCK)
    tracemalloc.start()
    try:
        told = [chunk for _ in range(2_000) for chunk in chunker.feed(block)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told == [Chunk(1, b"", too_long=True)]
    assert peak < 40 * BLOCK
