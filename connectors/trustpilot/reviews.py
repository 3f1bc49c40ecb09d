"""Turns Trustpilot's reviews, of the lists and of the webhook, into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.text import clean, clip, one_line

ID = re.compile(r"^[0-9A-Za-z_-]{1,64}\Z")
_SHOWN = frozenset({"", "active", "published"})
_CUT = "…"


def mention_of(review: Any) -> tuple[FoundMention, str]:
    """Return the mention, and what is odd about it in a few words.

    Raises `ValueError` when it is no review. Times without a zone are UTC. The consumer's
    e-mail address of the private list is left out.
    """
    if not isinstance(review, dict):
        raise ValueError("this is no review")
    ident = review.get("id")
    if not isinstance(ident, str) or not ID.match(ident):
        raise ValueError("the review has no id")
    text = clean(_text(review, "text")).strip()
    title = one_line(_text(review, "title"))
    rating, odd = _rating(review.get("stars"))
    if not text and not title and rating is None:
        raise ValueError("the review has neither words nor stars")
    consumer = _part(review, "consumer")
    written, touched = parse_date(review.get("createdAt")), parse_date(review.get("updatedAt"))
    reply = _part(review, "companyReply")
    who = _text(consumer, "id")
    found = FoundMention(
        external_id=ident,
        text=text or title,
        title="" if not text or _repeats(title, text) else clip(title, 300),
        author_name=clip(one_line(_text(consumer, "displayName") or _text(consumer, "name")), 200),
        author_id=clip(who, 100),
        author_url=f"https://www.trustpilot.com/users/{who}" if ID.match(who) else "",
        rating=rating,
        language=clip(_text(review, "language"), 20),
        url=f"https://www.trustpilot.com/reviews/{ident}",
        created_at=written,
        edited_at=touched if touched and written and touched > written else None,
        location=_location(review),
        our_reply=clean(_text(reply, "text")).strip(),
        our_reply_at=replied_at(reply),
        locked=_lock(review),
        raw=_kept(review),
    )
    return found, odd


def company_reply(review: Any) -> Mapping[str, Any] | None:
    """Return the company's reply under `review`, or None where there is none."""
    reply = _part(review, "companyReply") if isinstance(review, dict) else {}
    return reply if _text(reply, "text").strip() else None


def replied_at(reply: Mapping[str, Any]) -> datetime | None:
    """Return when the reply was given, or changed last."""
    return parse_date(reply.get("updatedAt")) or parse_date(reply.get("createdAt"))


def _repeats(title: str, text: str) -> bool:
    """Tell whether the title is only the beginning of the text, as Trustpilot makes one up."""
    return one_line(text).startswith(title.removesuffix(_CUT).rstrip())


def _rating(stars: Any) -> tuple[float | None, str]:
    try:
        value = float(stars) if not isinstance(stars, bool) else 0.0
    except (TypeError, ValueError):
        value = 0.0
    if 1 <= value <= 5:
        return value, ""
    return None, "the review is kept without its stars, which are none of 1 to 5"


def _lock(review: Mapping[str, Any]) -> str:
    status = one_line(_text(review, "status")).lower()
    if status not in _SHOWN:
        return f"Trustpilot shows it as {clip(status, 40)}"
    report = _part(review, "reportData")
    if _text(report, "reviewVisibility").lower() == "hidden":
        return "it was reported and is hidden until that is settled"
    return ""


def _location(review: Mapping[str, Any]) -> str:
    place = _part(review, "location")
    said = _text(place, "name") or _text(place, "id") or _text(review, "locationId")
    return clip(one_line(said), 200)


def _kept(review: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"verified": review.get("isVerified") is True}
    if reference := one_line(_text(review, "referenceId")):
        kept["reference"] = clip(reference, 200)
    return kept


def _part(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
