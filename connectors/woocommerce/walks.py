"""How far each list of a shop has been read. All functions are pure; states are JSON.

Lists come newest first, page by page. ``newest`` is the newest moment read, as epoch seconds;
an unfinished walk has its ``page``, ``since``, ``top`` and the print of its last page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.woocommerce.reviews import number_of, written_at

WHOLE_AGAIN = 6 * 3600
"""Seconds after which the whole window is listed again, for edits further down."""
SLACK = 86_400
"""Seconds by which ``after`` may be off: WordPress compares it with the site's own time."""
PAGE = 100


def begun(before: Any, now: datetime, recheck_days: int) -> dict[str, Any]:
    """Return the walk to go on with, or a new one at the first page."""
    state: Mapping[str, Any] = before if isinstance(before, dict) else {}
    newest = number_of(state.get("newest"))
    walked = number_of(state.get("walked"))
    page = number_of(state.get("page")) or 1
    walk = {key: state.get(key) for key in ("page", "since", "top", "whole", "print", "first")}
    if page > 1:
        return {**walk, "newest": newest, "walked": walked}
    since = max(newest - recheck_days * 86_400, 1) if newest else 0
    whole = not newest or now.timestamp() - walked > WHOLE_AGAIN
    fresh = {"page": 1, "since": since, "top": newest, "whole": whole, "print": state.get("print")}
    return {**fresh, "newest": newest, "walked": walked}


def gone_on(
    walk: Mapping[str, Any], items: Sequence[Any], pages: int | None, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the list's state after a page of `walk`, and whether there is another page.

    `pages` is how many there are, None where the shop does not tell: then a full page has
    another one after it.
    """
    moments = [moment for item in items if (moment := _moment(item))]
    top = max([number_of(walk.get("top")), *moments])
    print_ = print_of(items)
    page = walk["page"]
    others = page < pages if pages is not None else len(items) >= PAGE
    # The first page as it was: nothing new. A later one again: the shop does not turn pages.
    repeats = print_ == walk.get("print") and (page > 1 or not walk["whole"])
    beyond = min(moments, default=0) > walk["newest"] - SLACK
    first = print_ if page == 1 else str(walk.get("first") or "")
    if items and others and not repeats and (walk["whole"] or beyond):
        state = {**walk, "page": page + 1, "top": top, "print": print_, "first": first}
        return state, True
    walked = walk["walked"]
    if walk["whole"] and (page > 1 or not walked):
        walked = int(now.timestamp())
    return {"newest": top, "print": first, "walked": walked}, False


def after(since: int) -> str:
    """Return the moment `since` as the parameter ``after`` takes it."""
    return (datetime.fromtimestamp(since, UTC) - timedelta(seconds=SLACK)).strftime(
        "%Y-%m-%dT%H:%M:%S"
    )


def print_of(items: Sequence[Any]) -> str:
    """Return a fingerprint of what `items` say."""
    digest = blake2b(digest_size=16)
    for item in items:
        said = item if isinstance(item, dict) else {}
        keys = ("id", "status", "rating", "review", "content")
        digest.update(repr([said.get(key) for key in keys]).encode("utf-8", "replace"))
    return digest.hexdigest()


def _moment(item: Any) -> int:
    if not isinstance(item, dict):
        return 0
    found = written_at(item)
    return int(found.timestamp()) if found else 0
