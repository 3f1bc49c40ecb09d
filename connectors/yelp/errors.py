"""What Yelp's own error codes mean, of both its APIs and of the one before them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import AuthFailed, ConnectorError, Gone, RateLimited, Rejected
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

_AUTH = frozenset(
    {
        "TOKEN_INVALID",
        "TOKEN_MISSING",
        "UNAUTHORIZED_ACCESS_TOKEN",
        "UNAUTHORIZED_API_KEY",
        "NOT_AUTHORIZED",
        "INVALID_TOKEN",
        "INVALID_CONSUMER_KEY",
        "INVALID_OAUTH_CREDENTIALS",
        "INSUFFICIENT_SCOPE",
        "R2R_PERMISSION_DENIED",
    }
)
_GONE = frozenset({"BUSINESS_NOT_FOUND", "R2R_REVIEW_DOES_NOT_EXIST"})
_DAY_USED_UP = frozenset({"ACCESS_LIMIT_REACHED", "EXCEEDED_REQS", "EXCEEDED_REQUESTS"})
_REFUSED = frozenset({"VALIDATION_ERROR", "INVALID_LOCALE", "INVALID_PARAMETER", "INVALID_REQUEST"})
_WORDS: Mapping[str, str] = {
    "R2R_PROBLEM_WITH_USER_PHOTO": "the business user needs a photo that Yelp accepts",
    "R2R_UNACCEPTABLE_BIZ_USER_NAME": "the business user needs a name that Yelp accepts",
    "R2R_BUSINESS_NOT_CLAIMED": "the business must be claimed at biz.yelp.com",
    "R2R_PUBLIC_COMMENTS_DISABLED": "Yelp takes no public answers for this business",
    "R2R_COMMENTS_NOT_ALLOWED": "Yelp takes no answer to this review",
    "R2R_INVALID_RESPONSE_TEXT": "Yelp does not accept this text",
    "R2R_INVALID_RESPONSE_TYPE": "Yelp does not accept this kind of answer",
}
A_MOMENT = timedelta(seconds=1)


class BusinessUnavailable(Rejected):
    """Yelp shows nothing of the business: it has no reviews yet, or is hidden."""


class BusinessMoved(Gone):
    """The business was merged into another; `new_id` is that one's id, where Yelp tells it."""

    def __init__(self, message: str, new_id: str) -> None:
        super().__init__(message)
        self.new_id = new_id


def explain(answer: Answer, now: Callable[[], datetime]) -> ConnectorError | None:
    """Return the error that Yelp's code means, whatever status it came with; None leaves it to
    the usual rules.

    The code stands under ``code`` (Places) or ``id`` (partners, and the API of before).
    """
    found = _error_in(answer)
    if found is None:
        return None
    code = str(found.get("code") or found.get("id") or "")
    said = found.get("description") or found.get("text") or ""
    where = f"{public_part(answer.url)}: {clip(one_line(code), 60)}"
    message = f"{where}: {clip(one_line(str(said)), 120)}" if said else where
    if code == "BUSINESS_UNAVAILABLE":
        return BusinessUnavailable(message)
    if code == "BUSINESS_MIGRATED":
        return BusinessMoved(message, one_line(str(found.get("new_business_id") or "")))
    if code == "TOO_MANY_REQUESTS_PER_SECOND":
        # The reset header of this answer tells of the day, which is not used up.
        asked = answer.headers.get("Retry-After", "")
        wait = wait_asked({"Retry-After": asked}, now()) if asked else None
        return RateLimited(message, wait or A_MOMENT)
    if code in _DAY_USED_UP:
        return RateLimited(message, wait_asked(answer.headers, now()) or until_midnight(now()))
    if code == "R2R_COMMENT_QUOTA_EXCEEDED":
        return RateLimited(
            f"{where}: 20 answers a day are taken for one location", until_midnight(now())
        )
    if code in _AUTH:
        return AuthFailed(message)
    if code in _GONE:
        return Gone(message)
    if code in _WORDS:
        return Rejected(f"{where}: {_WORDS[code]}")
    if code in _REFUSED or answer.status < 400:
        return Rejected(message)
    return None


def until_midnight(now: datetime) -> timedelta:
    """Return the time until the next midnight UTC, when Yelp's day begins."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow - now


def _error_in(answer: Answer) -> Mapping[str, Any] | None:
    if b'"error"' not in answer.body[:500]:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else None
