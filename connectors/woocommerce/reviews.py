"""Turns a shop's reviews and WordPress comments into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.addresses import host_of, web_link
from connectors.base import FoundMention, Receipt
from connectors.dates import parse_date
from connectors.ratings import parse_rating
from connectors.text import clip, html_to_text, one_line, unescape

REMOVED = frozenset({"spam", "trash"})
APPROVED = frozenset({"approved", "approve", "1"})


def mention_of_review(review: Any, base_url: str) -> FoundMention:
    """Return the mention that a product's review is; raise `ValueError` when it is none.

    Nothing of the reviewer's mail address is kept but a fingerprint, which tells two people of
    one name apart. A rating of 0 is none. Older versions name some fields otherwise.
    """
    ident = _id(review, "review")
    text = html_to_text(_text(review, "review"))
    score = parse_rating(review.get("rating"))[0]
    score = score if score is not None and 1 <= score <= 5 else None
    if not text and score is None:
        raise ValueError("the review has neither a text nor a rating")
    product = number_of(review.get("product_id"))
    link = web_link(review.get("product_permalink"))
    return FoundMention(
        external_id=str(ident),
        text=text,
        kind="review",
        author_name=_name(_said(review, "reviewer", "reviewer_name", "name")),
        author_id=_fingerprint(_said(review, "reviewer_email", "email"), base_url),
        rating=score,
        url=f"{link.partition('#')[0]}#comment-{ident}" if link else "",
        created_at=written_at(review),
        location=clip(one_line(unescape(_text(review, "product_name"))), 200),
        deleted=review.get("status") in REMOVED,
        raw={
            "type": "review",
            "product_id": product,
            "status": _text(review, "status"),
            "verified": review.get("verified") is True,
        },
    )


def mention_of_comment(comment: Any) -> FoundMention:
    """Return the mention that a WordPress comment is; raise `ValueError` when it is none."""
    ident = _id(comment, "comment")
    text = content_of(comment)
    if not text:
        raise ValueError("the comment has no text")
    parent = number_of(comment.get("parent"))
    user = number_of(comment.get("author"))
    return FoundMention(
        external_id=str(ident),
        text=text,
        kind="comment",
        author_name=_name(_text(comment, "author_name")),
        author_id=f"user-{user}" if user else "",
        url=web_link(comment.get("link")),
        created_at=written_at(comment),
        parent_external_id=str(parent) if parent else "",
        deleted=comment.get("status") in REMOVED,
        raw={
            "type": "comment",
            "product_id": number_of(comment.get("post")),
            "status": _text(comment, "status"),
        },
    )


def receipt_of(comment: Any) -> Receipt:
    """Return the receipt for a comment of ours; raise `ValueError` when it is none."""
    ident = _id(comment, "comment")
    status = _text(comment, "status") or "approved"
    state = "visible" if status in APPROVED else "rejected" if status in REMOVED else "accepted"
    reasons = {
        "accepted": "it waits for approval in the shop",
        "rejected": f"the shop has it as {status}",
    }
    return Receipt(
        state,  # type: ignore[arg-type]  # one of three literals
        external_id=str(ident),
        url=web_link(comment.get("link")),
        at=parse_date(comment.get("date_gmt")),
        text=content_of(comment),
        reason=reasons.get(state, ""),
    )


def content_of(comment: Mapping[str, Any]) -> str:
    """Return the text of a comment, whose content is an object or, in old versions, a string."""
    content = comment.get("content")
    if isinstance(content, dict):
        content = content.get("rendered") or content.get("raw")
    return html_to_text(content) if isinstance(content, str) else ""


def written_at(found: Mapping[str, Any]) -> datetime | None:
    """Return when a review or comment was written: in UTC, else by the site's own clock."""
    for key in ("date_created_gmt", "date_gmt", "date_created", "date", "created_at"):
        moment = parse_date(found.get(key))
        if moment is not None:
            return moment
    return None


def number_of(value: Any) -> int:
    """Return `value` as a positive number, 0 where it is none."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**18:
        return 0
    return value


def _id(found: Any, what: str) -> int:
    if not isinstance(found, dict):
        raise ValueError(f"the {what} is no object")
    ident = number_of(found.get("id"))
    if not ident:
        raise ValueError(f"the {what} has no id")
    return ident


def _name(said: str) -> str:
    name = clip(one_line(unescape(said)), 200)
    # Some shops put the mail address where the name belongs.
    return name.partition("@")[0] if "@" in name else name


def _fingerprint(mail: str, base_url: str) -> str:
    mail = mail.strip().casefold()
    if not mail:
        return ""
    salted = f"{host_of(base_url)}\0{mail}".encode("utf-8", "replace")
    return f"mail-{blake2b(salted, digest_size=10).hexdigest()}"


def _said(found: Mapping[str, Any], *keys: str) -> str:
    return next((said for key in keys if (said := _text(found, key))), "")


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
