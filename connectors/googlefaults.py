"""What Google's error answers mean, in both of their generations.

Google answers errors in two ways at once: ``errors[].reason`` (``quotaExceeded``) and ``status``
with typed ``details`` (``RESOURCE_EXHAUSTED``, ``RATE_LIMIT_EXCEEDED``). Rate limits come as 429
and as 403, worthless keys as 400, and a project without access as a quota of 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

PACIFIC = ZoneInfo("America/Los_Angeles")
ONE_MINUTE = timedelta(minutes=1)
RATES = frozenset(
    {
        "concurrentLimitExceeded",
        "dailyLimitExceeded",
        "limitExceeded",
        "quotaExceeded",
        "rateLimitExceeded",
        "servingLimitExceeded",
        "userRateLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_EXHAUSTED",
    }
)
_DAILY = frozenset({"dailyLimitExceeded", "quotaExceeded"})
_KEYS = frozenset({"keyInvalid", "keyExpired", "API_KEY_INVALID", "UNAUTHENTICATED", "authError"})
_PASSING = frozenset(
    {"ABORTED", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "UNKNOWN", "processingFailure"}
)
_SECRETS = re.compile(r"(?:api_key:|AIza|ya29\.|1//|GOCSPX-)[^\s'\"]*")
_DELAY = re.compile(r"^(\d{1,9}(?:\.\d{1,9})?)s$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error body of Google says.

    `reasons` are all reasons and the status it names; `quota` describes the quota that was hit.
    """

    code: int
    reasons: frozenset[str]
    message: str = ""
    retry_delay: timedelta | None = None
    quota: Mapping[str, str] = field(default_factory=dict)


Special = Callable[[Fault, bool], ConnectorError | None]
"""What one platform knows of a fault before the general rules; also told if it was a write."""


def read_fault(answer: Answer) -> Fault | None:
    """Return the fault that `answer` tells, also inside a 200; None where it is no error of theirs.

    >>> read_fault(Answer(403, {}, b'{"error": {"errors": [{"reason": "forbidden"}]}}', "")).reasons
    frozenset({'forbidden'})
    """
    if answer.status < 400 and b'"error"' not in answer.body[:64]:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, list) and found:
        found = found[0]
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, str):
        message = said(found, "error_description") or error
        return Fault(answer.status, frozenset({error}), _public(message))
    if not isinstance(error, dict):
        return None
    code = error.get("code")
    if type(code) is not int or not 0 < code < 1000:
        code = answer.status
    reasons = {error["status"]} if isinstance(error.get("status"), str) else set()
    delay: timedelta | None = None
    quota: dict[str, str] = {}
    for one in [*_dicts(error.get("errors")), *_dicts(error.get("details"))]:
        if isinstance(one.get("reason"), str):
            reasons.add(one["reason"])
        if isinstance(one.get("metadata"), dict):
            quota.update({str(k): str(v) for k, v in one["metadata"].items()})
        if match := _DELAY.match(str(one.get("retryDelay", ""))):
            delay = timedelta(seconds=float(match[1]))
    return Fault(
        answer.status if answer.status >= 400 else code,
        frozenset(reasons),
        _public(said(error, "message")),
        delay,
        quota,
    )


def name_fault(fault: Fault, answer: Answer, now: datetime, *, writing: bool) -> ConnectorError:
    """Return the typed error that `fault` is."""
    where = public_part(answer.url)
    words = f": {fault.message}" if fault.message else ""
    asked = wait_asked(answer.headers, now) or fault.retry_delay
    if fault.code == 429 or fault.reasons & RATES:
        if no_access(fault):
            return AuthFailed(f"{where}: Google grants this project no calls at all (quota 0)")
        return RateLimited(f"{where}: Google's quota is used up{words}", asked or _rest(fault, now))
    if fault.code in (401, 403) or fault.reasons & _KEYS or "API key" in fault.message:
        return AuthFailed(f"{where} refused us ({fault.code}){words}")
    if fault.code in (404, 410):
        return Gone(f"{where} is not there ({fault.code})")
    if fault.code >= 500 or fault.code in (408, 409, 425) or fault.reasons & _PASSING:
        turned_away = fault.code == 503 and "Retry-After" in answer.headers
        if writing and not turned_away:
            return UnknownOutcome(f"{where} failed after the request was sent ({fault.code})")
        return Unavailable(f"{where} is out of order ({fault.code})", asked)
    return Rejected(f"{where} refused the request ({fault.code}){words}")


def said(found: Mapping[str, Any], key: str) -> str:
    """Return the text under `key`; nothing where there is none, or something else."""
    value = found.get(key)
    return value if isinstance(value, str) else ""


def no_access(fault: Fault) -> bool:
    """Tell whether the quota that was hit is 0, as it is before Google approves a project."""
    return fault.quota.get("quota_limit_value") == "0"


def until_pacific_midnight(now: datetime) -> timedelta:
    """Return how long until daily quotas start anew: at midnight in California, summer or not."""
    local = now.astimezone(PACIFIC)
    following = (local + timedelta(days=1)).date()
    midnight = datetime(following.year, following.month, following.day, tzinfo=PACIFIC)
    return midnight.astimezone(UTC) - now


def _rest(fault: Fault, now: datetime) -> timedelta | None:
    unit = f"{fault.quota.get('quota_unit', '')} {fault.quota.get('quota_limit', '')}".lower()
    if fault.reasons & _DAILY or "/d/" in unit or "perday" in unit:
        return until_pacific_midnight(now)
    return ONE_MINUTE if "/min" in unit or "perminute" in unit else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _public(message: str) -> str:
    """Return Google's message on one short line, without the key that some of them repeat."""
    return clip(one_line(_SECRETS.sub("…", message)), 160)
