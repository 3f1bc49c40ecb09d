"""Turns Yelp's excerpts into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.ratings import parse_rating
from connectors.text import clean, clip, one_line

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Yelp writes times without a zone; they are those of its own office."""
EXCERPT = "Excerpt; the whole review is on Yelp"
ID = re.compile(r"^[\w-]{1,100}\Z")
_ENDS_CUT = ("...", "…")


def mention_of(review: Any, locale: str | None = None) -> tuple[FoundMention, str]:
    """Return the mention, and what is odd about it in a few words.

    Raises `ValueError` when it is no review. Where the id is missing, as in older answers, the
    link has it, or else author and time make one. An excerpt says so in its title.
    """
    if not isinstance(review, dict):
        raise ValueError("this is no review")
    link = web_link(review.get("url"))
    ident = _ident(review, link)
    if not ident:
        raise ValueError("the review has no id")
    text = clean(_text(review, "text") or _text(review, "excerpt")).strip()
    rating, _ = parse_rating(review.get("rating"))
    odd = ""
    if rating is None or not 1 <= rating <= 5:
        rating, odd = None, "the review is kept without its rating, which is none of 1 to 5"
    if not text and rating is None:
        raise ValueError("the review has neither words nor stars")
    user = review.get("user")
    user = user if isinstance(user, dict) else {}
    found = FoundMention(
        external_id=ident,
        text=text,
        title=EXCERPT if text.endswith(_ENDS_CUT) else "",
        author_name=clip(one_line(_text(user, "name")), 200),
        author_id=clip(_text(user, "id"), 100),
        author_url=web_link(user.get("profile_url")),
        rating=rating,
        language=locale.partition("_")[0] if locale else "",
        url=_bare_link(link, ident),
        created_at=parse_date(review.get("time_created"), PACIFIC),
        raw=None,
    )
    return found, odd


def _ident(review: Mapping[str, Any], link: str) -> str:
    said = review.get("id")
    if isinstance(said, str) and ID.match(said):
        return said
    linked = parse_qs(urlsplit(link).query).get("hrid", [""])[0] if link else ""
    if ID.match(linked):
        return linked
    # Whoever wrote at this second is the same review as long as it is not edited.
    user, at = review.get("user"), review.get("time_created")
    who = (user.get("id") or user.get("name")) if isinstance(user, dict) else None
    if not isinstance(who, str) or not who or parse_date(at, PACIFIC) is None:
        return ""
    return "by-" + sha256(f"{who} {at}".encode("utf-8", "replace")).hexdigest()[:22]


def _bare_link(link: str, ident: str) -> str:
    """Return `link` with nothing but the review in its query: the rest counts our clicks."""
    if not link:
        return ""
    parts = urlsplit(link)
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return bare if ident.startswith("by-") else f"{bare}?hrid={ident}"


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
