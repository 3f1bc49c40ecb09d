"""Turns a review of a Google Business Profile into a mention, and its reply into a receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention, Receipt, ReceiptState
from connectors.dates import parse_date
from connectors.googlefaults import said
from connectors.ratings import parse_rating
from connectors.text import clean, clip, one_line

REVIEW = re.compile(
    r"^accounts/[\w-]{1,64}/locations/[\w-]{1,64}/reviews/[\w=:+-][\w=:+.-]{0,300}\Z", re.A
)
_ID = re.compile(r"^[\w=:+-][\w=:+.-]{0,300}\Z", re.A)
# The marks are Google's; accounts in other languages get them translated.
_TRANSLATED = re.compile(r"\([^()\n]{0,40}Google[^()\n]{0,40}\)", re.I)
_ORIGINAL = re.compile(r"\(Origin[^()\n]{0,20}\)[ \t]*\n?", re.I)
_STATES: Mapping[str, ReceiptState] = {"PENDING": "accepted", "REJECTED": "rejected"}


def mention_of(
    review: Any, location: str, names: Mapping[str, str], *, pending: bool = False
) -> FoundMention:
    """Return the mention that `review` is; raise `ValueError` when it lacks what makes it one.

    Its id is the whole name, ``accounts/…/locations/…/reviews/…``, for that is its address. A
    rating may stand without a text and, rarely, a text without a rating. A reply that Google
    rejected stands nowhere, so it is not told as ours; one that Google still checks is told only
    where `pending` ones are wanted, since the customer cannot see it yet.
    """
    if not isinstance(review, dict):
        raise ValueError("the review is missing")
    name = name_of(review, location)
    if not name:
        raise ValueError("the review has no id")
    text = original(said(review, "comment"))
    rating, _ = parse_rating(review.get("starRating"))
    if rating is not None and not 1 <= rating <= 5:
        rating = None
    if not text and rating is None:
        raise ValueError("the review has neither a rating nor a text")
    place = name.partition("/reviews/")[0]
    reviewer = review.get("reviewer")
    reviewer = reviewer if isinstance(reviewer, dict) else {}
    anonymous = reviewer.get("isAnonymous") is True
    written, changed = (parse_date(review.get(key)) for key in ("createTime", "updateTime"))
    reply = review.get("reviewReply")
    reply = reply if isinstance(reply, dict) else {}
    state = reply_state(reply)
    shown = reply if state == "visible" or (pending and state == "accepted") else {}
    media = review.get("reviewMediaItems")
    return FoundMention(
        external_id=name,
        text=text,
        author_name="" if anonymous else clip(one_line(said(reviewer, "displayName")), 200),
        rating=rating,
        url=web_link(review.get("reviewReplyUrl")),
        created_at=written or changed,
        edited_at=changed if written and changed and changed > written else None,
        location=names.get(place) or names.get(location) or place,
        our_reply=original(said(shown, "comment")),
        our_reply_at=parse_date(shown.get("updateTime")),
        raw={
            "reply_state": said(reply, "reviewReplyState"),
            "reply_violation": violation(reply),
            "media": len(media) if isinstance(media, list) else 0,
        },
    )


def name_of(review: Mapping[str, Any], location: str) -> str:
    """Return the whole name of a review, put together from its id where it has none."""
    name, ident = said(review, "name"), said(review, "reviewId")
    if REVIEW.match(name):
        return name
    if location and _ID.match(ident):
        return f"{location}/reviews/{ident}"
    return ""


def receipt_of(name: str, reply: Mapping[str, Any], *, missing: ReceiptState) -> Receipt:
    """Return the receipt of our reply to the review `name`.

    `missing` is the state of a reply that names none, as before April 2026.
    """
    state = reply_state(reply) if said(reply, "reviewReplyState") else missing
    reason = violation(reply)
    if state == "rejected" and not reason:
        reason = "Google's moderation rejected it"
    return Receipt(
        state,
        external_id=f"{name}/reply",
        at=parse_date(reply.get("updateTime")),
        text=original(said(reply, "comment")),
        reason=reason if state == "rejected" else "",
    )


def reply_state(reply: Mapping[str, Any]) -> ReceiptState:
    """Return how far a reply is; one that names no state stands there, as before April 2026."""
    return _STATES.get(said(reply, "reviewReplyState").upper(), "visible")


def violation(reply: Mapping[str, Any]) -> str:
    """Return which policy a reply violates, in words; Google names it as one capital word."""
    found = reply.get("policyViolation")
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, str)), "")
    if not isinstance(found, str) or found.upper().endswith("UNSPECIFIED"):
        return ""
    return clip(one_line(found.replace("_", " ").lower()), 200)


def original(comment: str) -> str:
    """Return what was written, without Google's translation in front of it or behind it.

    >>> original("(Translated by Google) Good\\n\\n(Original)\\nGut")
    'Gut'
    >>> original("Gut\\n\\n(Translated by Google)\\nGood")
    'Gut'
    """
    comment = clean(comment).strip()
    mark = _TRANSLATED.search(comment)
    if mark is None:
        return comment
    if mark.start() == 0:
        behind = _ORIGINAL.search(comment, mark.end())
        written = comment[behind.end() :].strip() if behind else ""
        return written or comment
    if comment[: mark.start()].endswith("\n"):
        return comment[: mark.start()].strip() or comment
    return comment
