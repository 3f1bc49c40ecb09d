"""The way through the hits of one query: page by page, then to an older window.

The search shows 1,000 hits of a window at most, whatever page is asked for. So where a window
may hold more, the next one ends at the oldest hit seen; both ends count, for several hits may
share a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

CEILING = 1000
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Walk:
    """Where we are. Times are epoch seconds; 0 means unknown. `marks` recognises the last page."""

    query: str
    lower: int
    upper: int = 0
    page: int = 0
    seen: int = 0
    oldest: int = 0
    top: int = 0
    marks: str = ""

    @classmethod
    def load(cls, said: Any) -> Walk | None:
        """Return the walk that a cursor holds, or None where it holds none that is usable."""
        if not isinstance(said, Mapping) or set(said) != set(cls.__dataclass_fields__):
            return None
        texts = isinstance(said["query"], str) and isinstance(said["marks"], str)
        numbers = [value for key, value in said.items() if key not in ("query", "marks")]
        if not texts or any(value.__class__ is not int or value < 0 for value in numbers):
            return None
        return cls(**said)

    def dump(self) -> dict[str, Any]:
        """Return the walk as a cursor holds it."""
        return asdict(self)

    def filters(self) -> str:
        """Return the window in the search's own words."""
        upper = f",created_at_i<={self.upper}" if self.upper else ""
        return f"created_at_i>={self.lower}{upper}"


@dataclass(frozen=True, slots=True)
class Step:
    """What one page leads to: the walk with that page counted, and the next question if any.

    `crowded` tells that one second holds more hits than the search will ever show.
    """

    done: Walk
    following: Walk | None
    crowded: bool = False


def step(walk: Walk, ids: Sequence[str], times: Sequence[int], envelope: Mapping[str, Any]) -> Step:
    """Count one page of hits and say what to ask for next."""
    marks = blake2b("\n".join(ids).encode(), digest_size=8).hexdigest() if ids else ""
    oldest = min([*times, *([walk.oldest] if walk.oldest else [])], default=0)
    done = replace(
        walk,
        seen=walk.seen + len(ids),
        oldest=oldest,
        top=max([*times, walk.top]),
        marks=marks,
    )
    if not ids or marks == walk.marks:
        return Step(done, None)  # the end, or a server that says the same whatever is asked
    size = _count(envelope, "hitsPerPage") or PER_PAGE
    pages = _count(envelope, "nbPages")
    more = walk.page + 1 < pages if pages else len(ids) >= size
    if more and (walk.page + 1) * size < CEILING:
        return Step(done, replace(done, page=walk.page + 1))
    if done.seen + size <= CEILING and _count(envelope, "nbHits") <= done.seen:
        return Step(done, None)
    upper = oldest
    crowded = walk.upper > 0 and upper == walk.upper and done.seen + size > CEILING
    if walk.upper and upper >= walk.upper:
        upper = walk.upper - 1 if crowded else 0
    if upper < walk.lower or not upper:
        return Step(done, None, crowded)
    return Step(done, replace(done, upper=upper, page=0, seen=0, oldest=0), crowded)


def _count(envelope: Mapping[str, Any], key: str) -> int:
    value = envelope.get(key)
    return value if value.__class__ is int and value > 0 else 0
