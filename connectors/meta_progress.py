"""When a post must be walked again, and when a walk through its comments may stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from connectors.dates import parse_date
from connectors.meta import id_of

OVERLAP = timedelta(hours=1)
"""So much older than the newest comment that is known is read again: some appear late."""

Mark = list[Any]
"""``[number of comments, what else shows a change, time of the newest comment]`` of one post."""


def has_news(mark: tuple[int | None, str], known: Mark | None) -> bool:
    """Tell whether a post must be walked. One that tells nothing of itself always must."""
    if known is None:
        return mark[0] != 0  # a post without comments has none to be read
    if mark == (None, ""):
        return True
    return list(mark) != known[:2]


def grown_by(mark: Mark, known: Mark | None) -> int | None:
    """Return by how many comments a post has grown, or None where nobody knows."""
    if known is None or mark[0] is None or known[0] is None:
        return None
    return int(mark[0]) - int(known[0])


def runs_backwards(times: list[datetime | None]) -> bool:
    """Tell whether a page demonstrably runs from new to old, so that one may stop early."""
    told = [at for at in times if at is not None]
    if len(told) < len(times) or len(told) < 2 or told[0] == told[-1]:
        return False
    return all(first >= second for first, second in pairwise(told))


def is_known_ground(
    times: list[datetime | None], newest: datetime | None, found: int, growth: int | None
) -> bool:
    """Tell whether the walk has come to what was read before, and nothing can be missing.

    The page must run backwards beyond the overlap, and as many new comments must have been found
    as the post has grown by.
    """
    if newest is None or growth is None or found < growth or not runs_backwards(times):
        return False
    last = times[-1]
    return last is not None and last < newest - OVERLAP


def moment(found: Any, key: str) -> datetime | None:
    """Return the time that an item tells under `key`."""
    return parse_date(found.get(key)) if isinstance(found, dict) else None


def later(first: str, at: datetime | None) -> str:
    """Return the later of a stored time and a moment, as stored."""
    known = parse_date(first)
    if at is None or (known is not None and known >= at):
        return first
    return at.isoformat()


def digest(items: list[Any]) -> str:
    """Return what a page's items are known by, to notice a list that goes round in circles."""
    return f"{len(items)}:" + ",".join(id_of(item) for item in (items[:1] + items[-1:]))
