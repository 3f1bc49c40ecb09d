"""What Reddit's refusals mean; many of them come with status 200."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

_WAIT = re.compile(r"(?<!\d)(\d{1,5})\s*(millisecond|second|sec|minute|min|hour|day)s?\b", re.I)
_UNITS = {
    "millisecond": 0.001,
    "second": 1.0,
    "sec": 1.0,
    "minute": 60.0,
    "min": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
}
_CLOSED = "is closed to us (403)"
THERE_NO_MORE = frozenset(
    {"DELETED_COMMENT", "DELETED_LINK", "DELETED_THING", "NO_THING_ID", "PARENT_DELETED"}
)
LOCKED = frozenset({"THREAD_LOCKED", "TOO_OLD", "COMMENT_LOCKED", "SUBREDDIT_LOCKED", "ARCHIVED"})
NOT_NOW = frozenset({"RATELIMIT", "QUOTA_FILLED", "SUBREDDIT_RATELIMIT"})
NO_LOGIN = frozenset({"USER_REQUIRED", "WRONG_PASSWORD", "INVALID_OAUTH2_TOKEN"})
TROUBLE = frozenset({"SERVER_ERROR", "INTERNAL_SERVER_ERROR", "CONCURRENT_MODIFICATION"})


def is_closed(error: ConnectorError) -> bool:
    """Tell whether `error` is about one place that is closed to us, and not about our token."""
    return isinstance(error, AuthFailed) and _CLOSED in str(error)


def wait_in(text: str) -> timedelta | None:
    """Return the waiting time that a sentence names; its parts add up.

    >>> wait_in("you are doing that too much. try again in 9 minutes.")
    datetime.timedelta(seconds=540)
    """
    found = [float(number) * _UNITS[unit.lower()] for number, unit in _WAIT.findall(text)]
    return timedelta(seconds=sum(found)) if found else None


def explainer(now: Callable[[], datetime]) -> Callable[[Answer, bool], ConnectorError | None]:
    """Return the function that names Reddit's refusals, for `connectors.http.Http`."""

    def explain(answer: Answer, writing: bool) -> ConnectorError | None:
        if not writing and answer.status < 400:
            return None  # listings hold no refusals, and are long
        try:
            found = answer.json()
        except LayoutChanged:
            found = None
        told = found if isinstance(found, dict) else {}
        inner = told.get("json")
        if answer.status < 400:
            errors = inner.get("errors") if isinstance(inner, dict) else None
            return _first(errors, answer, now())
        return _refused(answer, told, now())

    return explain


def _first(errors: Any, answer: Answer, now: datetime) -> ConnectorError | None:
    """Return what the first of ``[["CODE", "words", "field"], …]`` means."""
    if not isinstance(errors, list) or not errors:
        return None
    first = errors[0] if isinstance(errors[0], list) else [errors[0]]
    texts = [one_line(str(part)) for part in first if part is not None]
    code = clip(texts[0], 60).upper() if texts else "an error without a name"
    words = clip(texts[1], 160) if len(texts) > 1 else ""
    return named(code, words, answer, now)


def named(code: str, words: str, answer: Answer, now: datetime) -> ConnectorError:
    """Return the error that one of Reddit's codes is."""
    said = f"{public_part(answer.url)}: {code}" + (f", {words}" if words else "")
    if code in NOT_NOW:
        return RateLimited(said, wait_in(words) or wait_asked(answer.headers, now))
    if code in THERE_NO_MORE:
        return Gone(said)
    if code in NO_LOGIN:
        return AuthFailed(said)
    if code in TROUBLE:
        return UnknownOutcome(said)
    return Rejected(f"locked: {said}" if code in LOCKED else said)


def _refused(answer: Answer, told: Mapping[str, Any], now: datetime) -> ConnectorError | None:
    """Name what the usual rules would not say well enough; None leaves the answer to them."""
    where = public_part(answer.url)
    reason = told.get("reason")
    reason = clip(one_line(reason), 60) if isinstance(reason, str) else ""
    if answer.status == 400 and reason.upper() in NOT_NOW | THERE_NO_MORE | LOCKED:
        return named(reason.upper(), _words(told), answer, now)
    if answer.status == 403:
        if "insufficient_scope" in answer.headers.get("WWW-Authenticate", ""):
            return AuthFailed(f"{where}: the token lacks a scope (insufficient_scope)")
        return AuthFailed(f"{where} {_CLOSED}{f': {reason}' if reason else ''}")
    if answer.status == 404 and reason:
        return Gone(f"{where} is not there (404): {reason}")
    if answer.status in (400, 409, 413, 415, 422) and (reason or _words(told)):
        return Rejected(f"{where} refused the request ({answer.status}): {reason} {_words(told)}")
    return None


def _words(told: Mapping[str, Any]) -> str:
    words = told.get("explanation") or told.get("message")
    return clip(one_line(words), 160) if isinstance(words, str) else ""
