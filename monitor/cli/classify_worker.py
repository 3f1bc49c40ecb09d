"""A worker of ``rapport classify --jobs``: chunks on standard input, answers on standard output.

A process of its own rather than a fork, which is not safe once threads run. It judges one chunk
at a time and ends when its standard input does, so that it outlives nobody, however its parent
died.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from contextlib import suppress
from typing import IO

from monitor.assess import Assessor, make_assessor
from monitor.assess.chunks import Chunk
from monitor.assess.stream import Answers, judge_chunk

_CHUNK = struct.Struct("<QQ")  # the number of the first line, how many bytes
_ANSWERS = struct.Struct("<QQ")  # how many lines could not be read, how many bytes


class Ended(Exception):
    """The other side is gone."""


def send_chunk(sink: IO[bytes], chunk: Chunk) -> None:
    """Write a chunk that is not too long. Raises OSError when nobody reads it."""
    sink.write(_CHUNK.pack(chunk.first, len(chunk.data)))
    sink.write(chunk.data)
    sink.flush()


def receive_answers(source: IO[bytes]) -> Answers:
    """Read the answers to a chunk; waits for them. Raises Ended when they do not come."""
    failed, size = _ANSWERS.unpack(_take(source, _ANSWERS.size))
    return Answers(_take(source, size), failed)


def serve(assessor: Assessor, source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer chunk after chunk until the other side is gone."""
    with suppress(Ended, BrokenPipeError):
        while True:
            first, size = _CHUNK.unpack(_take(source, _CHUNK.size))
            answers = judge_chunk(Chunk(first, _take(source, size)), assessor)
            sink.write(_ANSWERS.pack(answers.failed, len(answers.data)) + answers.data)
            sink.flush()


def own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output; what is printed from now on goes to standard error."""
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, sink


def _take(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise Ended
    return data


if __name__ == "__main__":
    serve(make_assessor(**json.loads(sys.argv[1])), *own_pipes())
