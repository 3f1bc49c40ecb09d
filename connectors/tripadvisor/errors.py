"""What Tripadvisor's refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import AuthFailed, ConnectorError, Gone, RateLimited, Rejected
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

BOUND = (
    "Tripadvisor refused the key: it is wrong, or bound to a domain (set `referer`) or to "
    "addresses that are not ours"
)


def explain(answer: Answer, now: Callable[[], datetime]) -> ConnectorError | None:
    """Return the error that an answer means; None leaves it to the usual rules.

    The day's budget comes back at midnight UTC. A good answer may hold an empty ``error``, and
    an error with a code may come with status 200. What the platform says is not repeated where
    it could repeat our key.
    """
    where = public_part(answer.url)
    if answer.status == 429:
        return _used_up(where, answer, now())
    if answer.status in (401, 403):
        return AuthFailed(f"{where} ({answer.status}): {BOUND}")
    code, kind = _code_in(answer)
    if answer.status >= 300 or not code:
        return None
    if code == 429:
        return _used_up(where, answer, now())
    if code in (401, 403):
        return AuthFailed(f"{where} ({code}): {BOUND}")
    if code in (404, 410):
        return Gone(f"{where} is not there ({code})")
    return Rejected(f"{where} refused the request ({code}){': ' if kind else ''}{kind}")


def _used_up(where: str, answer: Answer, now: datetime) -> RateLimited:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    wait = wait_asked(answer.headers, now) or tomorrow - now
    return RateLimited(f"{where}: the day's budget of calls is used up (429)", wait)


def _code_in(answer: Answer) -> tuple[int, str]:
    if b'"error"' not in answer.body:
        return 0, ""
    try:
        found: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return 0, ""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return 0, ""
    code = error.get("code")
    try:
        number = 0 if isinstance(code, bool) or code is None else int(code)
    except (TypeError, ValueError, OverflowError):
        number = 0
    return number, clip(one_line(str(error.get("type") or "")), 60)
