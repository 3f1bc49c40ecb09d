"""The wrapper around every answer of the interface, and the errors that it names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line

THROTTLED, NO_METHOD, WRITE_FAILED, DUPLICATE = 502, 404, 407, 409
REFUSED = frozenset({401, 402, 403, 405, 406})
"""access_token_required, invalid_access_token, access_denied, key_required and
access_token_compromised."""
_SECONDS = re.compile(r"\bin\s+([0-9]{1,7})\s+second", re.I)
_LONG = re.compile(r"[^\s`]{16,}")
_OF_CREDENTIALS = re.compile(r"\bkey\b|access_token", re.I)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What one answer holds. `backoff` is how long the method asked for must be left alone,
    `spent` whether the day's quota is used up."""

    items: list[Any]
    has_more: bool
    backoff: timedelta | None = None
    spent: bool = False


def unwrap(answer: Answer) -> Wrapped:
    """Return what the wrapper holds; raise `LayoutChanged` when there is none."""
    found = answer.json()
    items = found.get("items") if isinstance(found, dict) else None
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        raise LayoutChanged(f"{public_part(answer.url)} answered no items")
    left = found.get("quota_remaining")
    return Wrapped(
        items,
        found.get("has_more") is True,
        _span(found.get("backoff")),
        spent=isinstance(left, int) and not isinstance(left, bool) and left <= 0,
    )


def until_renewed(now: datetime) -> timedelta:
    """Return the time until midnight UTC, when the day's quota is said to begin anew."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return midnight - now


def explain(answer: Answer, writing: bool) -> ConnectorError | None:
    """Return the error that an answer's body names by its ``error_id``, or None.

    Errors come with the status 400 as a rule, and some proxies make a 200 or 502 of it.
    """
    if answer.body.lstrip()[:1] != b"{" or b"error_id" not in answer.body:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    number = found.get("error_id") if isinstance(found, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    where = public_part(answer.url)
    name = clip(one_line(str(found.get("error_name") or number)), 60)
    message = str(found.get("error_message") or "")
    # A message may repeat what was sent, and the key was sent; no plain word is as long.
    told = f"{name}: {clip(one_line(_LONG.sub('…', message)), 120)}" if message else name
    if number == THROTTLED or name == "throttle_violation":
        match = _SECONDS.search(message)
        wait = timedelta(seconds=int(match[1])) if match else _span(found.get("backoff"))
        return RateLimited(f"{where} asks us to slow down ({name})", wait)
    # A key that nobody knows is called a bad parameter.
    if number in REFUSED or (number == 400 and _OF_CREDENTIALS.search(message)):
        return AuthFailed(f"{where} refused us ({told})")
    if number == NO_METHOD:
        return LayoutChanged(f"{where} is no method of the interface ({name})")
    if number == DUPLICATE and writing:
        return UnknownOutcome(f"{where} says that it has this already ({name})")
    if number == 503:
        return Unavailable(f"{where} is out of order ({name})")
    if number >= 500:
        kind = UnknownOutcome if writing else Unavailable
        return kind(f"{where} failed ({name})")
    return Rejected(f"{where} refused the request ({told})")


def _span(value: Any) -> timedelta | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return timedelta(seconds=min(float(value), 7 * 86_400.0))
