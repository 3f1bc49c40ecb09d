"""Cut a stream of bytes into chunks of whole lines, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

LONGEST_LINE = 10_000_000
"""The most bytes a line may have. A longer one is told, and left out without being kept."""

BLOCK = 32_768
"""How many bytes to read at once, at most: some two hundred lines, judged in a few hundredths of
a second."""


class Chunk(NamedTuple):
    """Some whole lines of a stream, the last perhaps without its line feed.

    ``first`` is the number of the first one, counted from 1. A line that is ``too_long`` is a
    chunk of its own, without data.
    """

    first: int
    data: bytes
    too_long: bool = False


class Chunker:
    """Takes blocks of any size as they are read and gives the lines that they complete.

    Lines are never held back: once a block has brought their end they are given. Only the
    beginning of a line that has not ended is kept, and of a line longer than ``longest`` bytes
    not even that. ``longest`` is no less than the size of the blocks.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._number = 1
        self._begun = bytearray()
        self._skipping = False

    def feed(self, block: bytes) -> Iterator[Chunk]:
        """Yield what ``block`` completes: at most one line too long, and one chunk of lines."""
        first = block.find(b"\n")
        if self._skipping:
            if first < 0:
                return
            self._skipping = False
            block = block[first + 1 :]
        elif len(self._begun) + (len(block) if first < 0 else first) > self._longest:
            # The line that began earlier; no line within a block can be too long.
            yield self._too_long()
            self._skipping = first < 0
            block = b"" if first < 0 else block[first + 1 :]
        end = block.rfind(b"\n") + 1
        if end:
            lines = bytes(self._begun) + block[:end] if self._begun else block[:end]
            self._begun.clear()
            yield self._chunk(lines, lines.count(b"\n"))
            block = block[end:]
        self._begun += block

    def end(self) -> Iterator[Chunk]:
        """Yield the last line if the stream ended without a line feed."""
        if self._begun:
            lines = bytes(self._begun)
            self._begun.clear()
            yield self._chunk(lines, 1)

    def _chunk(self, lines: bytes, count: int) -> Chunk:
        chunk = Chunk(self._number, lines)
        self._number += count
        return chunk

    def _too_long(self) -> Chunk:
        self._begun.clear()
        chunk = Chunk(self._number, b"", too_long=True)
        self._number += 1
        return chunk
