"""What the error codes and usage headers of Meta's Graph API mean.

Facebook and Instagram answer nearly every refusal with HTTP 400 or 403 and a code in the body;
rate limits too. The codes are those of Meta's page on handling errors, the headers those of its
page on rate limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Explain
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

DEAD_TOKEN = frozenset({102, 104, 190})
RATES = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
PERMISSIONS = frozenset({3, 10, *range(200, 300)})
DEPRECATED = frozenset({12, 2635})
TRANSIENT = frozenset({1, 2})
BLOCKED, DUPLICATE, NO_SUCH_ALIAS = 368, 506, 803
ACTION_BLOCKED = 2207051
"""Instagram's subcode under code 4 for an account that is held back as suspicious."""
INVALID, NOT_THERE = 100, 33
"""Code and subcode of an object that does not exist, or no longer, or not for us."""

SLOW_DOWN_AT = 80.0
"""Per cent of a limit from which on we rest between calls."""
_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(hours=1)
_SHARES = ("call_count", "total_cputime", "total_time")
_USAGE = ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage")

_CODE_IN_WORDS = re.compile(r"^\(#(\d{1,7})\)")
_PERMISSION = re.compile(
    r"\b(?:pages|instagram|business|manage|publish|read|catalog|ads)_[a-z_]{3,60}"
)
_ABOUT_ACCESS = re.compile(r"permission|reviewable feature|app ?secret|access token|session", re.I)
_UNKNOWN_FIELD = re.compile(r"nonexisting (?:field|edge)|unknown path", re.I)
_ERROR_FIRST = re.compile(rb'\s*\{\s*"error')
_LONG_WORD = re.compile(r"[\w|%=-]{20,}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One error as the Graph API tells it; code and subcode are 0 where it names none."""

    code: int
    subcode: int
    message: str
    transient: bool = False


def explaining(now: Callable[[], datetime]) -> Explain:
    """Return the function that names the Graph API's own errors, for `connectors.http.Http`."""

    def explain(answer: Answer, writing: bool) -> ConnectorError | None:
        fault = fault_in(answer)
        return None if fault is None else _named(fault, answer, now(), writing)

    return explain


def fault_in(answer: Answer) -> Fault | None:
    """Return the error that `answer` carries in its body, whatever its status; else None."""
    if answer.status < 400 and not _ERROR_FIRST.match(answer.body):
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    error = found.get("error")
    if not isinstance(error, dict):
        if not {"error_code", "error_message", "error_type"} & set(found):
            return None
        # The older interface, and Instagram's token endpoint, write it flat.
        error = {
            "code": found.get("error_code", found.get("code")),
            "message": found.get("error_description") or found.get("error_message"),
        }
    message = error.get("message")
    message = one_line(message) if isinstance(message, str) else ""
    code = _number(error.get("code"))
    if not code and (match := _CODE_IN_WORDS.match(message)):
        code = int(match[1])
    return Fault(
        code, _number(error.get("error_subcode")), message, error.get("is_transient") is True
    )


def _named(fault: Fault, answer: Answer, now: datetime, writing: bool) -> ConnectorError:
    where = public_part(answer.url)
    code, subcode, status = fault.code, fault.subcode, answer.status
    numbers = f"code {code or 'unknown'}" + (f", subcode {subcode}" if subcode else "")
    said = f" ({numbers}){_public_words(fault.message)}"
    about_access = bool(_ABOUT_ACCESS.search(fault.message))
    if code == BLOCKED or (code == 4 and subcode == ACTION_BLOCKED):
        return Rejected(f"{where}: Meta blocks this account for now as abusive{said}")
    if code in RATES or status == 429:
        wait = time_to_regain(answer.headers) or wait_asked(answer.headers, now)
        return RateLimited(f"{where}: the limit of calls is reached{said}", wait)
    if code in DEAD_TOKEN:
        return AuthFailed(f"{where}: the access token is not valid any more{said}")
    if (code == INVALID and subcode == NOT_THERE) or code == NO_SUCH_ALIAS:
        return Gone(f"{where} is not there, or not for this token ({numbers})")
    if code in PERMISSIONS or (code in (0, INVALID, 2500) and about_access):
        return AuthFailed(f"{where}: {_missing(fault.message)}{said}")
    if code in DEPRECATED or (code in (INVALID, 2500) and _UNKNOWN_FIELD.search(fault.message)):
        return LayoutChanged(
            f"{where}: this version of the Graph API no longer offers that; "
            f"change the version in base_url{said}"
        )
    if code == DUPLICATE:
        return Rejected(f"{where}: the same text was posted there a moment ago{said}")
    if code in TRANSIENT or fault.transient or status >= 500:
        if writing:
            return UnknownOutcome(f"{where} failed after the request was sent{said}")
        return Unavailable(f"{where} is out of order{said}", wait_asked(answer.headers, now))
    if status in (404, 410):
        return Gone(f"{where} is not there ({numbers})")
    if status in (401, 403):
        return AuthFailed(f"{where}: {_missing(fault.message)}{said}")
    return Rejected(f"{where} refused the request{said}")


def time_to_regain(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long until access is regained, as the business usage header says (minutes)."""
    minutes = [_decimal(one.get("estimated_time_to_regain_access")) for one in _usages(headers)]
    longest = max(minutes, default=0.0)
    return timedelta(minutes=min(longest, 7 * 1440.0)) if longest > 0 else None


def rest_advised(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long the account should rest by its usage headers, or None below 80 per cent.

    Between 80 and 100 per cent the rest grows evenly from five minutes to an hour, in which the
    usage of an hour has gone.
    """
    regained = time_to_regain(headers)
    if regained is not None:
        return regained
    share = max(
        (_decimal(one.get(name)) for one in _usages(headers) for name in _SHARES), default=0.0
    )
    if share < SLOW_DOWN_AT:
        return None
    part = min(1.0, (share - SLOW_DOWN_AT) / (100.0 - SLOW_DOWN_AT))
    return _SHORTEST + (_LONGEST - _SHORTEST) * part


def _usages(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield each record of usage in the headers; business records come in lists by account."""
    for name in _USAGE:
        said = headers.get(name, "")
        if not said:
            continue
        try:
            found = json.loads(said)
        except (ValueError, RecursionError):
            continue
        if not isinstance(found, dict):
            continue
        yield found
        for several in found.values():
            if isinstance(several, list):
                yield from (one for one in several if isinstance(one, dict))


def _missing(message: str) -> str:
    named = sorted(set(_PERMISSION.findall(message)))
    if named:
        return f"the token lacks {' or '.join(named[:4])}"
    return "the token or the app lacks a permission"


def _public_words(message: str) -> str:
    """Return the platform's words, ready to be appended, without what could be a token in them."""

    def hide(match: re.Match[str]) -> str:
        word = match[0]
        return "…" if any(char.isdigit() or char.isupper() for char in word) else word

    words = _LONG_WORD.sub(hide, _CODE_IN_WORDS.sub("", message)).strip()
    return f": {clip(words, 120)}" if words else ""


def _number(said: Any) -> int:
    if isinstance(said, bool):
        return 0
    try:
        return int(said)
    except (TypeError, ValueError, OverflowError):
        return 0


def _decimal(said: Any) -> float:
    try:
        number = float(said)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return number if 0 <= number < 1e9 else 0.0
