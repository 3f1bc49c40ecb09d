"""Record keys of our own choice: the same reply always gets the same one.

A TID is 64 bits written in 13 characters: a zero, 53 bits of microseconds since 1970, ten bits
that keep two clocks apart (atproto.com/specs/tid).
"""

from __future__ import annotations

import re
from hashlib import blake2b

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
TID = re.compile(r"^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}\Z")
_FIRST, _LAST = 1_640_995_200_000_000, 4_102_444_800_000_000
"""The years 2022 and 2100: a time outside is no time of a post."""
_SECOND = 1_000_000


def key_for(parent_uri: str, key: str) -> str:
    """Return the record key of the reply called `key` to the post at `parent_uri`.

    It depends on nothing else. Its time is within the second after the post's own, where the
    post's key tells one; two replies of one second meet once in a thousand million times.
    """
    seed = blake2b(f"{parent_uri}\n{key}".encode(), digest_size=16).digest()
    number = int.from_bytes(seed[:8], "big")
    base = microseconds_of(parent_uri.rpartition("/")[2])
    if not _FIRST <= base < _LAST:
        year = 365 * 86_400 * _SECOND
        base = _FIRST + int.from_bytes(seed[8:], "big") % year
    return write_tid(base + 1 + number % _SECOND, number // _SECOND % 1024)


def write_tid(microseconds: int, clock: int) -> str:
    """Return the TID of a moment and a clock.

    >>> write_tid(1_700_000_000_000_000, 5)
    '3ke6kg3wk2227'
    """
    number = (microseconds << 10) | clock
    return "".join(LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def microseconds_of(tid: str) -> int:
    """Return the time in `tid`, or 0 where it is none."""
    if not TID.match(tid):
        return 0
    number = 0
    for char in tid:
        number = number << 5 | LETTERS.index(char)
    return number >> 10
