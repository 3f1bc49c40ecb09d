"""The way through one list of Bluesky: notifications or a search, both newest first.

The server's cursor leads to older pages and "may not necessarily allow scrolling through the
entire result set"; a search can then be asked for an older window instead. Moments are
milliseconds since 1970; 0 means unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.streams import WalkState, marks_of

PER_PAGE = 100
PAGES = 100
"""No list is followed further by its cursor the first time, and ten times as far later."""


@dataclass(frozen=True, slots=True)
class Walk(WalkState):
    """Where we are in `stream`. `since` is how far back we read, `until` where a window ends.

    `marks` recognises the last page, `first` the body of the round's first one.
    """

    since: int = 0
    until: int = 0
    cursor: str = ""
    page: int = 0
    oldest: int = 0
    top: int = 0
    marks: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one page leads to: the walk with that page counted, and the next question if any."""

    done: Walk
    following: Walk | None
    crowded: bool = False


def step(
    walk: Walk,
    uris: Sequence[str],
    times: Sequence[int],
    cursor: str,
    *,
    windows: bool,
    scrolls: bool = True,
    bounded: bool = True,
) -> Step:
    """Count one page and say what to ask for next.

    `windows`: the list can be asked for an older window. `scrolls`: its cursor may be used.
    `bounded`: what is older than `since` is known already, so a page of nothing else ends it.
    """
    marks = marks_of(uris)
    known_oldest = [walk.oldest] if walk.oldest else []
    done = replace(
        walk,
        marks=marks,
        oldest=min([*times, *known_oldest], default=0),
        top=max([*times, walk.top]),
    )
    if marks and marks == walk.marks:
        # A server that says the same whatever is asked, or one moment with more than a page.
        return Step(done, None, crowded=windows and bool(walk.until) and len(set(times)) == 1)
    if bounded and times and len(times) == len(uris) and max(times) < walk.since:
        return Step(done, None)
    most = 10 * PAGES if bounded and walk.since else PAGES
    if scrolls and cursor and cursor != walk.cursor and walk.page + 1 < most:
        return Step(done, replace(done, cursor=cursor, page=walk.page + 1))
    full = bool(cursor) or len(uris) >= PER_PAGE
    if not windows or not uris or not full or not done.oldest:
        return Step(done, None)
    until = done.oldest + 1  # the end itself does not count, and others may share the moment
    if until <= walk.since:
        return Step(done, None)
    if walk.until and until >= walk.until:
        return Step(done, None, crowded=len(set(times)) == 1)
    return Step(done, replace(done, until=until, cursor="", page=0, oldest=0))
