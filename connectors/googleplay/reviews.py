"""Turns a review on Google Play into a mention."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.googlefaults import said
from connectors.ratings import parse_rating
from connectors.text import clean, clip, one_line

ID = re.compile(r"^[\w:=+-][\w:=+.-]{0,299}\Z", re.A)
EARLIEST, LATEST = 10**8, 7 * 10**9
"""Epoch seconds outside are a zero, a default or a finer unit, and no time of a review."""
_DEVICE = (
    "device",
    "androidOsVersion",
    "appVersionCode",
    "appVersionName",
    "thumbsUpCount",
    "thumbsDownCount",
)


def mention_of(review: Any, package: str) -> FoundMention:
    """Return the mention that `review` is; raise `ValueError` when it lacks what makes it one.

    Play tells only when a review was last changed, so that is its time. One that is later than
    our reply has certainly been edited. The title, where there is one, stands before a tab.
    """
    if not isinstance(review, dict):
        raise ValueError("the review is missing")
    ident = said(review, "reviewId")
    if not ID.match(ident):
        raise ValueError("the review has no id")
    user, ours = latest(review, "userComment"), latest(review, "developerComment")
    if not user:
        raise ValueError("the review has no comment of a user")
    title, text = _titled(said(user, "originalText") or said(user, "text"))
    rating, _ = parse_rating(user.get("starRating"))
    if rating is not None and not 1 <= rating <= 5:
        rating = None
    if not text and rating is None:
        raise ValueError("the review has neither a rating nor a text")
    changed, replied = moment(user.get("lastModified")), moment(ours.get("lastModified"))
    return FoundMention(
        external_id=ident,
        text=text,
        title=title,
        author_name=clip(one_line(said(review, "authorName")), 200),
        rating=rating,
        language=clip(said(user, "reviewerLanguage").replace("_", "-"), 20),
        url="https://play.google.com/store/apps/details?"
        f"id={quote(package)}&reviewId={quote(ident, safe='')}",
        created_at=changed,
        edited_at=changed if changed and replied and changed > replied else None,
        location=package,
        our_reply=clean(said(ours, "text")).strip(),
        our_reply_at=replied,
        raw=_device(user),
    )


def latest(review: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the newest comment of `kind` (``userComment``, ``developerComment``), or nothing."""
    comments = review.get("comments")
    if isinstance(comments, dict):
        comments = [comments]
    found: list[dict[str, Any]] = [
        one[kind]
        for one in (comments if isinstance(comments, list) else ())
        if isinstance(one, dict) and isinstance(one.get(kind), dict)
    ]
    if len(found) > 1:
        times = [moment(one.get("lastModified")) for one in found]
        known = [(time, n) for n, time in enumerate(times) if time is not None]
        return found[max(known)[1]] if known else found[-1]
    return found[0] if found else {}


def moment(value: Any) -> datetime | None:
    """Return the moment of ``{"seconds": "1486482936", "nanos": 525000000}``, to microseconds."""
    if not isinstance(value, dict):
        return parse_date(value) if isinstance(value, str) else None
    try:
        seconds, nanos = int(value.get("seconds", "")), int(value.get("nanos") or 0)
    except (TypeError, ValueError, OverflowError):
        return parse_date(str(value.get("seconds", "")))
    if not EARLIEST <= seconds < LATEST:
        return None
    found = datetime.fromtimestamp(seconds, tz=UTC)
    return found.replace(microsecond=nanos // 1000) if 0 < nanos < 10**9 else found


def _titled(text: str) -> tuple[str, str]:
    title, tab, body = text.partition("\t")
    if not tab:
        title, body = "", text
    title, body = clip(one_line(title), 300), clean(body).strip()
    return (title, body) if body else ("", title)


def _device(user: Mapping[str, Any]) -> dict[str, Any]:
    """Return what helps to answer: which device, which version of the app."""
    found = {key: user[key] for key in _DEVICE if isinstance(user.get(key), str | int)}
    metadata = user.get("deviceMetadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("productName"), str):
        found["productName"] = metadata["productName"]
    return {key: clip(v, 200) if isinstance(v, str) else v for key, v in found.items()}
