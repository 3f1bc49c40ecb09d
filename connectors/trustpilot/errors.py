"""What Trustpilot's refusals mean where the status alone does not say it."""

from __future__ import annotations

import json
from typing import Any

from connectors.errors import AuthFailed, ConnectorError, RateLimited
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked


def explain(answer: Answer, now: Any) -> ConnectorError | None:
    """Return the error that a fault of the gateway means, whatever status it came with.

    ``{"fault": {"faultstring": …, "detail": {"errorcode": "oauth.v2.InvalidApiKey"}}}``. None
    leaves it to the usual rules, which also read ``{"message": …}``.
    """
    if b'"fault' not in answer.body[:300]:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    fault = found.get("fault") if isinstance(found, dict) else None
    if not isinstance(fault, dict):
        return None
    detail = fault.get("detail")
    code = str(detail.get("errorcode", "")) if isinstance(detail, dict) else ""
    said = clip(one_line(str(fault.get("faultstring", ""))), 120)
    where = public_part(answer.url)
    if answer.status == 429 or "ratelimit" in code.lower():
        return RateLimited(f"{where}: {said or code}", wait_asked(answer.headers, now()))
    if code.lower().startswith(("oauth", "keymanagement")):
        return AuthFailed(f"{where}: {said or code}")
    return None
