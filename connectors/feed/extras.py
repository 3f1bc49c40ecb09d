"""What a feed says besides its entries: when not to ask, and what was taken back.

Both are rare, and no parser of feeds tells of them, so they are looked for in the bytes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import FoundMention
from connectors.feed.entries import LONGEST_ID
from connectors.text import clean

MOST_REMOVED = 1000
_BLOCK = re.compile(rb"<skip(hours|days)\s*>(.{0,2000}?)</skip\1\s*>", re.I | re.S)
_HOUR = re.compile(rb"<hour\s*>\s*(\d{1,2})\s*</hour\s*>", re.I)
_DAY = re.compile(rb"<day\s*>\s*([a-z]{6,9})\s*</day\s*>", re.I)
_REMOVED = re.compile(
    rb"<(?:[\w.-]{1,40}:)?deleted-entry\s(?:[^>]{0,1000}?\s)?ref\s*=\s*(\"[^\"<>]{1,2000}\"|'[^'<>]{1,2000}')"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Skips = Mapping[str, list[int]]


def skips_in(body: bytes) -> Skips:
    """Return the hours (GMT) and weekdays (Monday is 0) in which a feed wants no reader.

    ``skipHours`` and ``skipDays`` of RSS 2.0. A feed that skips all hours means none of them.
    """
    found: dict[str, list[int]] = {}
    if b"<skip" not in body and b"<SKIP" not in body:
        return found
    for kind, inner in _BLOCK.findall(body):
        if kind.lower() == b"hours":
            # Some count the hours from 1 to 24, as RSS 0.91 had it.
            hours = {int(said) % 24 for said in _HOUR.findall(inner) if int(said) <= 24}
            if 0 < len(hours) < 24:
                found["hours"] = sorted(hours)
        else:
            names = {said.decode().lower() for said in _DAY.findall(inner)}
            days = sorted(_DAYS.index(name) for name in names if name in _DAYS)
            if 0 < len(days) < 7:
                found["days"] = days
    return found


def rest_until(skips: Any, now: datetime) -> timedelta | None:
    """Return how long the feed is not to be asked from `now` on, or None where it may be."""
    if not isinstance(skips, Mapping):
        return None
    hours, days = set(skips.get("hours") or ()), set(skips.get("days") or ())
    if not hours and not days:
        return None
    at = now
    for _ in range(24 * 7 + 1):
        if at.hour not in hours and at.weekday() not in days:
            return at - now if at > now else None
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return None  # every hour of the week is skipped, which nobody means


def removed_in(body: bytes) -> tuple[FoundMention, ...]:
    """Return the entries that an Atom feed says were deleted (``at:deleted-entry``, RFC 6721)."""
    if b"deleted-entry" not in body:
        return ()
    refs = dict.fromkeys(
        clean(html.unescape(said[1:-1].decode("utf-8", "replace"))).strip()
        for said in _REMOVED.findall(body)[:MOST_REMOVED]
    )
    return tuple(
        FoundMention(external_id=ref, text="", kind="post", deleted=True)
        for ref in refs
        if 0 < len(ref) <= LONGEST_ID
    )
