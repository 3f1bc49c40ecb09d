"""How far each stream of a forum has been read, and what to ask for next.

All functions are pure: they take what a stream's state was and what one page shows, and return
what its state is now. States are small JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PAGE = 50
"""Posts on one page; older forums show those of the last fifty numbers instead."""
EMPTY_IN_A_ROW = 40
SEEN = 1000
BATCH = 10
"""Posts read one by one in one go, after a search or a notification named them."""


def walked(
    state: Mapping[str, Any], ids: Sequence[int], history: int
) -> tuple[dict[str, Any], bool]:
    """Return the state of the stream of posts after a page with `ids`, and whether to go on.

    ``newest`` is the highest number up to which everything was read. A walk goes down from the
    newest page (``top``) by ``before``, until it passes ``newest`` or has ``history`` posts.
    Whether ``before`` includes the post it names differs between versions of Discourse, and so
    does whether a page holds fifty posts or what is left of fifty numbers; both are tolerated.
    """
    newest = _count(state.get("newest"))
    walk = state.get("walk")
    if not isinstance(walk, Mapping):
        top = max([*ids, newest])
        if not ids or min(ids) <= newest:
            return {**_kept(state), "newest": top}, False
        walk = {"top": top, "before": min(ids), "read": len(ids), "empty": 0}
        walk["full"] = max(ids) - min(ids) >= PAGE
        return _going_on(state, newest, walk, history)
    before = _count(walk.get("before"))
    older = [ident for ident in ids if ident < before]
    walk = dict(walk)
    if older:
        walk["read"] = _count(walk.get("read")) + len(older)
        walk["full"] = bool(walk.get("full")) or max(older) - min(older) >= PAGE
        walk["before"], walk["empty"] = min(older), 0
    elif any(ident > before for ident in ids) or walk.get("full"):
        # The server does not know `before`, or has nothing older: both are the end.
        return {**_kept(state), "newest": _count(walk.get("top"))}, False
    else:
        walk["before"], walk["empty"] = before - PAGE, _count(walk.get("empty")) + 1
    return _going_on(state, newest, walk, history)


def _going_on(
    state: Mapping[str, Any], newest: int, walk: Mapping[str, Any], history: int
) -> tuple[dict[str, Any], bool]:
    first = newest == 0
    ends = (
        walk["before"] <= max(newest, 1)
        or (first and _count(walk["read"]) >= history)
        or _count(walk["empty"]) > EMPTY_IN_A_ROW
    )
    if ends:
        return {**_kept(state), "newest": _count(walk["top"])}, False
    return {**_kept(state), "newest": newest, "walk": dict(walk)}, True


def _kept(state: Mapping[str, Any]) -> dict[str, Any]:
    return {key: state[key] for key in ("print",) if key in state}


def unseen(state: Mapping[str, Any], ids: Sequence[int]) -> list[int]:
    """Return those of `ids` that a stream of hits has not shown before, each once, in order."""
    seen = state.get("seen")
    known = set(seen) if isinstance(seen, list) else set()
    # What fell out of the memory was older than all that is in it.
    floor = min(known) if len(known) >= SEEN else None
    new = [ident for ident in dict.fromkeys(ids) if ident not in known]
    return new if floor is None else [ident for ident in new if ident >= floor]


def taken(
    state: Mapping[str, Any],
    ids: Sequence[int],
    batch: Sequence[int],
    *,
    more_pages: bool,
    last_page: int,
) -> tuple[dict[str, Any], bool]:
    """Return the state of a stream of hits after `batch` of the page's `ids`, and whether to go on.

    The next page is asked for while a page shows nothing but new hits.
    """
    page = _count(state.get("page")) or 1
    new = unseen(state, ids)
    all_new = bool(state.get("all_new", bool(new) and len(new) == len(set(ids))))
    seen = sorted({*(state.get("seen") or ()), *batch}, reverse=True)[:SEEN]
    after: dict[str, Any] = {"seen": seen}
    if len(new) > len(batch):
        return {**after, "page": page, "all_new": all_new}, True
    if all_new and more_pages and page < last_page:
        return {**after, "page": page + 1}, True
    return after, False


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
