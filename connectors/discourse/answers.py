"""What a Discourse forum's own error bodies and answers to a reply mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.base import Receipt
from connectors.dates import parse_date
from connectors.discourse.posts import mention_of, number_of
from connectors.errors import AuthFailed, ConnectorError, Gone, RateLimited, Rejected
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line


def explain(answer: Answer, _writing: bool) -> ConnectorError | None:
    """Return the error that an answer's body names, or None.

    ``{"errors": [...], "error_type": "...", "extras": {"wait_seconds": 12}}``; the texts are in
    the forum's own language, the types are not.
    """
    if answer.status < 400 or answer.status >= 500 or not answer.body.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    where = public_part(answer.url)
    kind = found.get("error_type")
    said = _reason(found)
    if answer.status == 429 or kind == "rate_limit":
        wait = _wait(found)
        # Without a word in the body the headers are read as everywhere.
        if wait is None and answer.status == 429:
            return None
        return RateLimited(f"{where} asks us to slow down ({answer.status})", wait)
    if kind in ("invalid_access", "not_logged_in", "read_only") or answer.status in (401, 403):
        if kind == "read_only":
            return RateLimited(f"{where} takes no posts at the moment: it is read-only")
        return AuthFailed(f"{where} refused us ({answer.status}){said}")
    if answer.status in (404, 410) or kind == "not_found":
        return Gone(f"{where} is not there ({answer.status})")
    if answer.status == 422:
        return Rejected(f"{where} refused the request (422){said}")
    return None


def receipt_of(found: Any, base_url: str) -> Receipt:
    """Return the receipt for the answer to a new post; raise `ValueError` when it is none.

    The post itself, or it wrapped as ``post``, or ``"action": "enqueued"`` where it waits for a
    moderator.
    """
    if not isinstance(found, dict):
        raise ValueError("no post")
    if found.get("action") == "enqueued":
        pending = found.get("pending_post")
        ident = number_of(pending.get("id")) if isinstance(pending, dict) else 0
        return Receipt(
            "accepted",
            external_id=f"pending-{ident}" if ident else "",
            reason="it waits for a moderator of the forum",
        )
    post = found.get("post") if isinstance(found.get("post"), dict) else found
    return standing(post, base_url)


def standing(post: Any, base_url: str) -> Receipt:
    """Return the receipt for a post of ours that stands in the forum. Raises `ValueError`."""
    mention = mention_of(post, base_url)
    return Receipt(
        "accepted" if post.get("hidden") is True else "visible",
        external_id=mention.external_id,
        url=mention.url,
        at=parse_date(post.get("created_at")),
        text=mention.text,
        reason="the forum hides it for now" if post.get("hidden") is True else "",
    )


def _wait(found: Mapping[str, Any]) -> timedelta | None:
    extras = found.get("extras")
    seconds = extras.get("wait_seconds") if isinstance(extras, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return timedelta(seconds=min(max(float(seconds), 0.0), 86_400.0 * 30))


def _reason(found: Mapping[str, Any]) -> str:
    errors = found.get("errors")
    said = [one for one in errors if isinstance(one, str)] if isinstance(errors, list) else []
    if not said and isinstance(found.get("error"), str):
        said = [found["error"]]
    return f": {clip(one_line('; '.join(said)), 160)}" if said else ""
