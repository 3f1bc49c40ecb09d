"""One business at Yelp as a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.addresses import web_link
from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.errors import LayoutChanged, NotSupported
from connectors.http import Http
from connectors.outcomes import Answer
from connectors.text import clip, one_line
from connectors.waits import exhausted
from connectors.yelp.errors import BusinessMoved, BusinessUnavailable, explain
from connectors.yelp.partner import Partner
from connectors.yelp.reviews import mention_of
from connectors.yelp.settings import YelpSettings

MOST = 50
SEEN = 200
"""So many ids of excerpts are kept, to know which are new."""


class YelpConnector(BaseConnector):
    """Asks for a business's numbers, and for the excerpts when those changed, or once a day.

    Yelp shows three or seven reviews of its own choice. When it counts more new reviews than it
    shows, that is told as a problem with the link to open, once for each change.
    """

    name = "yelp"

    def __init__(self, settings: YelpSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=lambda answer, _writing: explain(answer, self._http.now),
            before=lambda: context.meter.spend("calls"),
        )
        self._partner = Partner(settings, context, self._http)

    def fetch(self, cursor: Cursor) -> Page:
        today = self._http.now().date().isoformat()
        moved = str(cursor.get("moved", ""))
        problems: list[Problem] = []
        try:
            answer, business, now_at = self._business(moved or self._settings.business_id)
        except BusinessUnavailable as error:
            if not cursor.get("count"):
                return Page((), dict(cursor), unchanged=True)
            return Page((), dict(cursor), problems=(Problem("business", str(error)),))
        if now_at:
            moved = now_at
            reason = f"was merged into {now_at}; put that id into business_id"
            problems.append(Problem("business", reason))
        count, rating = _count(business), business.get("rating")
        rests = exhausted(answer.headers, self._http.now())
        state: dict[str, Any] = {"count": count, "rating": rating, "day": today}
        if moved:
            state["moved"] = moved
        seen = [str(ident) for ident in cursor.get("seen", ())]
        if rests is None and any(
            cursor.get(key) != state[key] for key in ("count", "rating", "day")
        ):
            found, odd, rests = self._excerpts(moved or self._settings.business_id)
        elif rests is None:
            return Page((), dict(cursor) | state, problems=tuple(problems), unchanged=True)
        else:
            # No call is left for the excerpts: the old numbers stay, so that they are read later.
            return Page((), dict(cursor), problems=tuple(problems), account_rests=rests)
        shown = _inline(business, self._settings.locale) if not found and not odd else []
        found += shown
        problems += odd
        new = [m.external_id for m in found if m.external_id not in seen]
        if cursor.get("count") is not None and count - int(cursor["count"]) > len(new):
            problems.append(_unseen(business, int(cursor["count"]), len(new)))
        ids = [m.external_id for m in found]
        state["seen"] = list(dict.fromkeys([*ids, *seen]))[:SEEN]
        return Page(tuple(found), state, problems=tuple(problems), account_rests=rests)

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        if not self._settings.may_answer:
            raise NotSupported("Yelp takes answers by API from its partners only")
        return self._partner.reply(ref, text, key)

    def objections(self, text: str) -> tuple[str, ...]:
        return self._partner.objections(text)

    def verify(self) -> Health:
        """Prove that the key knows the business, and that the partner's token works."""
        try:
            _, business, moved = self._business(self._settings.business_id)
        except BusinessUnavailable:
            return Health(
                True,
                "the key works; Yelp shows nothing of the business yet",
                "Check business_id, unless the business has no reviews",
            )
        name = clip(one_line(str(business.get("name") or self._settings.business_id)), 100)
        summary = f"reads excerpts of the {_count(business)} reviews of {name}"
        advice = f"Put {moved} into business_id; the business was merged" if moved else ""
        if not self._settings.may_answer:
            return Health(True, f"{summary}; answers are given at biz.yelp.com", advice)
        return Health(True, f"{summary} and may answer as {self._partner.owner()}", advice)

    def close(self) -> None:
        self._http.close()

    def _business(self, ident: str) -> tuple[Answer, Mapping[str, Any], str]:
        """Return the answer, the business in it, and its new id where it was merged."""
        moved = ""
        try:
            answer = self._get(f"/v3/businesses/{quote(ident, safe='')}")
        except BusinessMoved as error:
            moved = error.new_id
            if not moved or moved == ident:
                raise
            answer = self._get(f"/v3/businesses/{quote(moved, safe='')}")
        found = answer.json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self._base} answered no business")
        _count(found)
        return answer, found, moved

    def _excerpts(self, ident: str) -> tuple[list[FoundMention], list[Problem], Any]:
        asked: dict[str, Any] = {"limit": MOST, "sort_by": self._settings.sort_by}
        if self._settings.locale:
            asked["locale"] = self._settings.locale
        try:
            answer = self._get(f"/v3/businesses/{quote(ident, safe='')}/reviews", asked)
        except BusinessUnavailable:
            return [], [], None
        body = answer.json()
        reviews = body.get("reviews") if isinstance(body, dict) else None
        if not isinstance(reviews, list):
            raise LayoutChanged(f"{self._base} answered no list of reviews")
        found, problems = _read(reviews, self._settings.locale)
        return found, problems, exhausted(answer.headers, self._http.now())

    def _get(self, path: str, asked: Mapping[str, Any] | None = None) -> Answer:
        key = {"Authorization": f"Bearer {self._settings.api_key.reveal()}"}
        return self._http.get(self._base + path, params=asked, headers=key)


def _read(reviews: list[Any], locale: str | None) -> tuple[list[FoundMention], list[Problem]]:
    found: list[FoundMention] = []
    problems: list[Problem] = []
    for number, review in enumerate(reviews, 1):
        try:
            mention, odd = mention_of(review, locale)
        except ValueError as error:
            problems.append(Problem(f"excerpt {number}", str(error)))
            continue
        found.append(mention)
        if odd:
            problems.append(Problem(f"review {mention.external_id}", odd))
    return found, problems


def _inline(business: Mapping[str, Any], locale: str | None) -> list[FoundMention]:
    """Return the excerpts inside the business itself, where older answers have them."""
    reviews = business.get("reviews")
    return _read(reviews, locale)[0] if isinstance(reviews, list) else []


def _count(business: Mapping[str, Any]) -> int:
    """Return how many reviews there are; a list of reviews calls it their total."""
    count = business.get("review_count", business.get("total"))
    if isinstance(count, bool) or not isinstance(count, int):
        raise LayoutChanged("Yelp answered a business without a count of reviews")
    return count


def _unseen(business: Mapping[str, Any], before: int, shown: int) -> Problem:
    count = _count(business)
    more = count - before
    link = web_link(business.get("url")).partition("?")[0] or "the business's page on Yelp"
    what = "a new review" if more == 1 else f"{more} new reviews"
    reason = (
        f"Yelp counts {count} reviews, {what}, and shows {shown or 'none'} of them; open {link}"
    )
    return Problem("business", reason)
