"""What the error bodies of WooCommerce and WordPress mean.

``{"code": "...", "message": "...", "data": {"status": 403}}``; messages are in the shop's own
language, codes are not.
"""

from __future__ import annotations

import json

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
from connectors.text import clip, html_to_text, one_line

GONE = frozenset(
    {
        "woocommerce_rest_review_invalid_id",
        "woocommerce_rest_invalid_id",
        "rest_comment_invalid_id",
        "rest_comment_invalid_post_id",
        "rest_comment_trash_post",
        "woocommerce_rest_product_invalid_id",
    }
)
REFUSED = frozenset(
    {
        "rest_comment_closed",
        "rest_comment_draft_post",
        "rest_comment_content_invalid",
        "comment_content_column_length",
        "rest_comment_author_data_required",
        "rest_invalid_param",
        "rest_missing_callback_param",
    }
)


def explain(answer: Answer, writing: bool) -> ConnectorError | None:
    """Return the error that an answer's body names by its code, or None."""
    if answer.status < 400 or b'"code"' not in answer.body:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    code = found.get("code") if isinstance(found, dict) else None
    if not isinstance(code, str):
        return None
    where = public_part(answer.url)
    message = found.get("message")
    said = clip(one_line(html_to_text(message)), 120) if isinstance(message, str) else ""
    told = f"{clip(one_line(code), 60)}{f': {said}' if said else ''}"
    if code == "rest_no_route":
        return LayoutChanged(f"{where} is no address of WooCommerce ({code})")
    if code.endswith("comment_duplicate"):
        if writing:
            return UnknownOutcome(f"{where} says that this reply stands there already ({code})")
        return Rejected(f"{where} refused the request ({told})")
    if code.endswith("comment_flood"):
        return RateLimited(f"{where} asks us to slow down ({code})")
    if code in GONE:
        return Gone(f"{where} is not there ({code})")
    if code in REFUSED:
        return Rejected(f"{where} refused the request ({told})")
    if answer.status in (401, 403):
        return AuthFailed(f"{where} refused us ({told})")
    return None
