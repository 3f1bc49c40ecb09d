"""Turns Tripadvisor's reviews into mentions, without a record to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.ratings import parse_rating
from connectors.text import clean, clip, one_line


def mention_of(review: Any, location: str) -> tuple[FoundMention, str]:
    """Return the mention, and what is odd about it in a few words.

    The id is qualified with the place's. Raises `ValueError` when it is no review.
    """
    if not isinstance(review, dict):
        raise ValueError("this is no review")
    number = review.get("id")
    ident = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    if not ident.isascii() or not ident.isdigit() or len(ident) > 30:
        raise ValueError("the review has no id")
    text, title = clean(_text(review, "text")).strip(), one_line(_text(review, "title"))
    rating, _ = parse_rating(review.get("rating"))
    odd = ""
    if rating is None or not 1 <= rating <= 5:
        rating, odd = None, "the review is kept without its rating, which is none of 1 to 5"
    if not text and not title and rating is None:
        raise ValueError("the review has neither words nor stars")
    user, answer = _part(review, "user"), _part(review, "owner_response")
    found = FoundMention(
        external_id=f"{location}:{ident}",
        text=text or title,
        title=clip(title, 300) if text else "",
        author_name=clip(one_line(_text(user, "username")), 200),
        rating=rating,
        language=clip(_text(review, "lang"), 20),
        url=web_link(review.get("url")),
        created_at=parse_date(review.get("published_date")),
        our_reply=clean(_text(answer, "text")).strip(),
        our_reply_at=parse_date(answer.get("published_date")),
    )
    return found, odd


def _part(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
