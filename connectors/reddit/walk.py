"""The way through one listing of Reddit: newest first, by ``after`` to what is older.

A listing ends after about 1,000 things. ``before`` is not used: it gives nothing where the thing
that it names was deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.streams import WalkState, marks_of

PER_PAGE = 100
CEILING = 1000
PAGES = 25
"""No listing is followed further, whatever it says: it ends after ten full pages."""
_TAIL = 3
"""So many things at a page's end must be old before we believe that the rest is."""


@dataclass(frozen=True, slots=True)
class Walk(WalkState):
    """Where we are in `stream`. Times are epoch seconds; 0 means unknown.

    `since` is how far back we read, `top` the newest time met; `marks` recognises the last page,
    `first` the body of the round's first one.
    """

    since: int = 0
    after: str = ""
    page: int = 0
    seen: int = 0
    top: int = 0
    marks: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one page leads to. `short`: the listing ended before what was known was reached."""

    done: Walk
    following: Walk | None
    short: bool = False


def step(walk: Walk, names: Sequence[str], times: Sequence[int], after: str) -> Step:
    """Count one page, newest first, and say what to ask for next."""
    marks = marks_of(names)
    done = replace(walk, marks=marks, seen=walk.seen + len(names), top=max([*times, walk.top]))
    tail = times[-_TAIL:]
    reached = bool(walk.since and tail) and max(tail) < walk.since
    circling = after == walk.after or (bool(marks) and marks == walk.marks)
    if reached or circling:
        return Step(done, None)
    if after and walk.page + 1 < PAGES:
        return Step(done, replace(done, after=after, page=walk.page + 1))
    return Step(done, None, short=bool(walk.since) and done.seen >= CEILING - PER_PAGE)
