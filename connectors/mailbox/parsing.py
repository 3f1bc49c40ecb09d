"""Takes a mail apart with the standard library, in bounded time.

The library reads some headers in the square of their length or worse, and comments within
comments until the stack ends: a mail of a quarter of a megabyte could hold a processor for hours.
So headers are cut before they are read, and a mail of very many parts is not taken apart at once.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Any

HEADER_MOST = 1_000
"""Characters of a header that are read. Subjects are shown shorter, and addresses are too."""
_MARKS = re.compile(r"(?:[^\"(\\<>,;:@\[\]\udc80-\udcff]*[\"(\\<>,;:@\[\]\udc80-\udcff]){80}")
"""What the library stumbles over; a header has some of them, and not very many."""
BOUNDARIES_MOST = 30
"""Parts within parts: each line of a mail is compared with the boundary of each."""
_BOUNDARY = re.compile(rb"boundary", re.I)


class _Bounded(EmailPolicy):
    """Reads headers as the default policy does, as far as they can be read."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return parsed(name, value) if isinstance(value, str) else value


@lru_cache(maxsize=256)
def parsed(name: str, value: str) -> Any:
    """Return a header as the standard library reads it; an empty one where it cannot."""
    flat = "".join(value[:HEADER_MOST].splitlines())
    if name.lower() != "subject" and (many := _MARKS.match(flat)):
        flat = many[0]
    try:
        return _PLAIN.header_factory(name, flat)
    except Exception:  # the parser raises of many kinds on odd headers
        return _PLAIN.header_factory(name, "")


def message_in(raw: bytes) -> Message:
    """Return the mail in `raw`. One of very many parts has its headers read, and is one text."""
    if len(_BOUNDARY.findall(raw)) <= BOUNDARIES_MOST:
        try:
            return message_from_bytes(raw, policy=_BOUNDED)
        except RecursionError:  # mails within mails within mails
            pass
    return BytesHeaderParser(policy=_BOUNDED).parsebytes(raw)


_PLAIN = EmailPolicy()
_BOUNDED = _Bounded()
