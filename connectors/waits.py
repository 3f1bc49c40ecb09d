"""Reads how long a server asks us to wait, in each form that platforms use for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.dates import parse_date

RESETS = (
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-rate-limit-reset",
    "ratelimit-resettime",
    "x-ratelimit-reset-after",
)
REMAINING = (
    "x-ratelimit-remaining",
    "ratelimit-remaining",
    "x-rate-limit-remaining",
    "ratelimit-resourceremaining",
)
UNTOLD = timedelta(minutes=5)
"""How long to rest when no call is left and nobody says until when."""
_NOTHING = re.compile(r"^0(?:\.0*)?$")
_SECONDS = re.compile(r"^\d{1,9}(?:\.\d+)?s?$")
_RESET_PARAMETER = re.compile(r"(?:^|[;,\s])(?:reset|t)\s*=\s*(\d{1,9})\b")
LONGEST_SECONDS = 10_000_000
"""A plain number above this is a moment (epoch), below it a span: about four months."""


def wait_asked(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer with these headers asks us to wait, or None.

    ``Retry-After`` goes first (seconds or HTTP date, RFC 9110 section 10.2.3; some send ISO),
    then the reset headers: seconds left (Reddit), epoch (X, Bluesky) or ISO time (Mastodon,
    Yelp). Moments are compared with the server's own ``Date`` where it sends one, so that a
    wrong clock on either side does no harm. `headers` must look names up in any case.
    """
    now = _server_time(headers.get("Date", "")) or now
    asked = _read(headers.get("Retry-After", ""), now)
    for name in RESETS:
        if asked is not None:
            return asked
        asked = _read(headers.get(name, ""), now)
    if asked is None and (match := _RESET_PARAMETER.search(headers.get("RateLimit", ""))):
        asked = timedelta(seconds=int(match[1]))
    return asked


def exhausted(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long to rest where these headers say that no call is left, or None.

    Reads each spelling of ``…-remaining`` (``0``, Reddit's ``0.0``) and Apple's
    ``X-Rate-Limit: user-hour-lim:3500;user-hour-rem:0;``, whose hour is waited out.
    """
    for name in REMAINING:
        value = headers.get(name, "").strip()
        if _NOTHING.match(value):
            return wait_asked(headers, now) or UNTOLD
    if re.search(r"-rem:\s*0\s*(?:;|$)", headers.get("X-Rate-Limit", "")):
        return timedelta(hours=1)
    return None


def freshness(headers: Mapping[str, str]) -> timedelta | None:
    """Return the ``max-age`` of ``Cache-Control``, or None; never more than a day."""
    match = re.search(r"max-age\s*=\s*\"?(\d{1,9})", headers.get("Cache-Control", ""), re.I)
    if match is None or int(match[1]) == 0:
        return None
    return min(timedelta(seconds=int(match[1])), timedelta(days=1))


def _server_time(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo is not None else None


def _read(value: str, now: datetime) -> timedelta | None:
    value = value.strip()
    if not value:
        return None
    if _SECONDS.match(value):
        number = float(value.rstrip("s"))
        if number < LONGEST_SECONDS:
            return timedelta(seconds=number)
    moment = parse_date(value)
    return None if moment is None else max(moment - now, timedelta(0))
