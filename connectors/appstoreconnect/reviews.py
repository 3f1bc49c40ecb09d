"""Turns App Store Connect's reviews, and the answers included with them, into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.base import FoundMention, Receipt, ReceiptState
from connectors.dates import parse_date
from connectors.text import clean, clip, one_line

ID = re.compile(r"^[\w.:-]{1,100}\Z")
_REVIEW, _RESPONSE = "customerReviews", "customerReviewResponses"


def mention_of(
    review: Any, responses: Mapping[str, Mapping[str, Any]], page: str
) -> tuple[FoundMention, str]:
    """Return the mention, and what is odd about it in a few words.

    `responses` are the included answers by their own ids and by those of their reviews; `page`
    is where a person sees the reviews. Raises `ValueError` when it is no review.
    """
    if not isinstance(review, dict) or review.get("type", _REVIEW) != _REVIEW:
        raise ValueError("this is no review")
    ident = review.get("id")
    if not isinstance(ident, str) or not ID.match(ident):
        raise ValueError("the review has no id")
    said = review.get("attributes")
    if not isinstance(said, dict):
        raise ValueError("the review says nothing")
    text, title = clean(_text(said, "body")).strip(), one_line(_text(said, "title"))
    rating, odd = _rating(said.get("rating"))
    if not text and not title and rating is None:
        raise ValueError("the review has neither words nor stars")
    territory = clip(one_line(_text(said, "territory")), 20)
    response = responses.get(_answered_by(review)) or responses.get(ident) or {}
    answer = _attributes(response)
    found = FoundMention(
        external_id=ident,
        text=text or title,
        title=clip(title, 300) if text else "",
        author_name=clip(one_line(_text(said, "reviewerNickname")), 200),
        rating=rating,
        url=page,
        created_at=parse_date(said.get("createdDate")),
        location=territory,
        our_reply=clean(_text(answer, "responseBody")).strip(),
        our_reply_at=parse_date(answer.get("lastModifiedDate")),
        raw={"territory": territory},
    )
    return found, odd


def responses_in(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the answers included in `body`, by their own ids and by those of their reviews."""
    found: dict[str, Mapping[str, Any]] = {}
    included = body.get("included")
    for one in included if isinstance(included, list) else ():
        if not isinstance(one, dict) or one.get("type") != _RESPONSE:
            continue
        for key in (one.get("id"), _related(one, "review")):
            if isinstance(key, str) and key:
                found[key] = one
    return found


def receipt_of(response: Any) -> Receipt:
    """Return the receipt that an answer is: accepted until it is published.

    Raises `ValueError` when it is none.
    """
    if not isinstance(response, dict) or not isinstance(response.get("id"), str):
        raise ValueError("this is no answer")
    said = _attributes(response)
    state: ReceiptState = "visible" if said.get("state") == "PUBLISHED" else "accepted"
    return Receipt(
        state,
        external_id=response["id"],
        at=parse_date(said.get("lastModifiedDate")),
        text=clean(_text(said, "responseBody")),
    )


def _answered_by(review: Mapping[str, Any]) -> str:
    return _related(review, "response")


def _related(resource: Mapping[str, Any], name: str) -> str:
    found: Any = resource
    for key in ("relationships", name, "data", "id"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _attributes(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    said = resource.get("attributes")
    return said if isinstance(said, dict) else {}


def _rating(value: Any) -> tuple[float | None, str]:
    try:
        rating = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        rating = 0.0
    if 1 <= rating <= 5:
        return rating, ""
    return None, "the review is kept without its rating, which is none of 1 to 5"


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
