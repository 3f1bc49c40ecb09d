"""How far each stream of a site has been read. All functions are pure; states are JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.stackexchange.posts import id_of, number_of

OVERLAP = 600
"""Seconds that are read again: what was written may be listed some minutes late."""
SEARCH_OVERLAP = 2 * 86_400
"""Seconds of a search that are read again; its index takes its time."""


def begun(before: Any, first: datetime, name: str) -> dict[str, Any]:
    """Return the walk to go on with: ``page``, ``since`` (epoch seconds), ``top``, ``newest``.

    Without an unfinished one it starts at the first page, some time before the newest moment
    read so far, or at `first` on the first run.
    """
    state: Mapping[str, Any] = before if isinstance(before, dict) else {}
    newest = number_of(state.get("newest"))
    page, since = number_of(state.get("page")) or 1, number_of(state.get("since"))
    if page == 1 or not since:
        back = OVERLAP if name.startswith("tag:") else SEARCH_OVERLAP
        page, since = 1, max(newest - back if newest else int(first.timestamp()), 1)
    walk = {"page": page, "since": since, "top": number_of(state.get("top")), "newest": newest}
    return {**walk, "print": str(state.get("print") or "")}


def gone_on(
    walk: Mapping[str, Any], items: Sequence[Any], has_more: bool, name: str
) -> tuple[dict[str, Any], bool]:
    """Return the stream's state after a page of `walk`, and whether there is another page.

    A page that is the one before it again ends the walk: the server does not turn pages.
    """
    top = max([walk["top"], walk["newest"], *(moment(item, name) for item in items)])
    print_ = print_of(items)
    if has_more and items and not (walk["page"] > 1 and print_ == walk["print"]):
        state = {**walk, "page": walk["page"] + 1, "top": top, "print": print_}
        return {key: value for key, value in state.items() if value}, True
    state = {"newest": top, "print": print_ if walk["page"] == 1 else ""}
    return {key: value for key, value in state.items() if value}, False


def moment(item: Any, name: str) -> int:
    """Return when `item` was last active, or for a hit of a search when it was written."""
    if not isinstance(item, dict):
        return 0
    written = number_of(item.get("creation_date"))
    if name.startswith("search:"):
        return written
    return max(number_of(item.get("last_activity_date")), written)


def print_of(items: Sequence[Any]) -> str:
    """Return a fingerprint of what `items` say; votes and views do not count."""
    digest = blake2b(digest_size=16)
    for item in items:
        if isinstance(item, dict):
            keys = ("last_activity_date", "last_edit_date", "title", "body", "closed_date")
            said = [id_of(item), *(item.get(key) for key in keys)]
            digest.update(repr(said).encode("utf-8", "replace"))
        else:
            digest.update(b"?")
    return digest.hexdigest()
