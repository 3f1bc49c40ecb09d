"""Reads what the Business Profile API lists: one location's reviews, or those of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby, pairwise
from typing import Any

from connectors.base import FoundMention
from connectors.errors import LayoutChanged
from connectors.googlefaults import said

TOGETHER = 50
"""Locations in one question at most."""
_KNOWN = frozenset({"averageRating", "totalReviewCount", "nextPageToken"})


@dataclass(frozen=True, slots=True)
class Group:
    """Locations of one account that are read together."""

    account: str
    locations: tuple[str, ...]

    @property
    def key(self) -> str:
        if len(self.locations) == 1:
            return self.locations[0]
        digest = blake2b(" ".join(self.locations).encode(), digest_size=8).hexdigest()
        return f"{self.account}/{digest}"


def groups_of(locations: Sequence[str], *, together: bool = True) -> list[Group]:
    """Return `locations` by account, in groups that one question may hold, or each by itself."""
    groups: list[Group] = []
    most = TOGETHER if together else 1
    for account, those in groupby(
        sorted(set(locations)), lambda name: name.partition("/locations/")[0]
    ):
        some = tuple(those)
        groups += [Group(account, some[at : at + most]) for at in range(0, len(some), most)]
    return groups


def entries_of(found: dict[str, Any], group: Group, *, first: bool) -> list[tuple[str, Any]]:
    """Return (location, review) of each item of an answer, in either of the two shapes.

    An empty answer means no reviews, but a first page that counts some and shows none does not.
    """
    alone = group.locations[0] if len(group.locations) == 1 else ""
    if "reviews" not in found and "locationReviews" not in found:
        hidden = first and found.get("totalReviewCount") and not said(found, "nextPageToken")
        if hidden or set(found) - _KNOWN:
            raise LayoutChanged("Google answered no list of reviews")
        return []
    entries: list[tuple[str, Any]] = []
    for key in ("reviews", "locationReviews"):
        items = found.get(key, [])
        if isinstance(items, dict):
            items = [items]
        if not isinstance(items, list):
            raise LayoutChanged("Google answered no list of reviews")
        for item in items:
            if key == "reviews" or not isinstance(item, dict):
                entries.append((alone, item))
                continue
            place = said(item, "name") or alone
            several = item.get("reviews")
            inside = several if isinstance(several, list) else [item.get("review")]
            entries += [(place, review) for review in inside]
    return entries


def newest_first(mentions: Sequence[FoundMention]) -> bool:
    """Tell whether a page proves that several locations are mixed by time.

    The order across locations is not documented, so an early end needs a proof: one location's
    reviews on both sides of another's, and no time later than the one before it.
    """
    times = [one.edited_at or one.created_at for one in mentions]
    known = [time for time in times if time is not None]
    if any(later > earlier for earlier, later in pairwise(known)):
        return False
    runs = [place for place, _ in groupby(mentions, lambda one: one.external_id.split("/")[3])]
    return len(runs) > len(set(runs))


def named(items: Any) -> list[dict[str, Any]]:
    """Return those of `items` that have a name."""
    found = items if isinstance(items, list) else []
    return [one for one in found if isinstance(one, dict) and said(one, "name")]
