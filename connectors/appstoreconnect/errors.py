"""What App Store Connect's refusals mean: ``{"errors": [{"status", "code", "title"}]}``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.errors import AuthFailed, ConnectorError, Gone, RateLimited, Rejected
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import exhausted, wait_asked

HOUR = timedelta(hours=1)
_NOT_THERE = ("NOT_FOUND", "ENTITY_ERROR.RELATIONSHIP.INVALID", "RESOURCE_DOES_NOT_EXIST")


def explain(answer: Answer, now: Callable[[], datetime], *, writing: bool) -> ConnectorError | None:
    """Return the error that Apple's first code means; None leaves it to the usual rules.

    A used-up hour is waited out. An answer to a review that is gone is refused as an invalid
    relationship.
    """
    if answer.status < 400 or b'"errors"' not in answer.body[:1000]:
        return None
    try:
        found = json.loads(answer.body)
        first = found["errors"][0]
        code, said = (
            str(first.get("code", "")),
            str(first.get("title") or first.get("detail") or ""),
        )
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        return None
    where = f"{public_part(answer.url)}: {clip(one_line(code), 80)}"
    message = f"{where}: {clip(one_line(said), 120)}" if said else where
    if answer.status == 429 or code.startswith("RATE_LIMIT"):
        asked = wait_asked(answer.headers, now()) or exhausted(answer.headers, now())
        return RateLimited(message, asked or HOUR)
    if answer.status >= 500:
        return None
    if answer.status in (401, 403) or code.startswith(("NOT_AUTHORIZED", "FORBIDDEN")):
        return AuthFailed(message)
    if answer.status in (404, 410) or (writing and code.startswith(_NOT_THERE)):
        return Gone(message)
    return Rejected(message)
