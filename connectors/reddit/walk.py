"""The way through one listing of Reddit: newest first, by ``after`` to what is older.

A listing ends after about 1,000 things. ``before`` is not used: it gives nothing where the thing
that it names was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

PER_PAGE = 100
CEILING = 1000
PAGES = 25
"""No listing is followed further, whatever it says: it ends after ten full pages."""
_TAIL = 3
"""So many things at a page's end must be old before we believe that the rest is."""
_TEXTS = ("stream", "after", "marks", "first")


@dataclass(frozen=True, slots=True)
class Walk:
    """Where we are in `stream`. Times are epoch seconds; 0 means unknown.

    `since` is how far back we read, `top` the newest time met; `marks` recognises the last page,
    `first` the body of the round's first one.
    """

    stream: str
    since: int = 0
    after: str = ""
    page: int = 0
    seen: int = 0
    top: int = 0
    marks: str = ""
    first: str = ""

    @classmethod
    def load(cls, said: Any) -> Walk | None:
        """Return the walk that a cursor holds, or None where it holds none that is usable."""
        if not isinstance(said, Mapping) or set(said) != set(cls.__dataclass_fields__):
            return None
        for key, value in said.items():
            if value.__class__ is not (str if key in _TEXTS else int):
                return None
        return cls(**said)

    def dump(self) -> dict[str, Any]:
        """Return the walk as a cursor holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """What one page leads to. `short`: the listing ended before what was known was reached."""

    done: Walk
    following: Walk | None
    short: bool = False


def step(walk: Walk, names: Sequence[str], times: Sequence[int], after: str) -> Step:
    """Count one page, newest first, and say what to ask for next."""
    marks = (
        blake2b("\n".join(names).encode("utf-8", "replace"), digest_size=8).hexdigest()
        if names
        else ""
    )
    done = replace(walk, marks=marks, seen=walk.seen + len(names), top=max([*times, walk.top]))
    tail = times[-_TAIL:]
    reached = bool(walk.since and tail) and max(tail) < walk.since
    circling = after == walk.after or (bool(marks) and marks == walk.marks)
    if reached or circling:
        return Step(done, None)
    if after and walk.page + 1 < PAGES:
        return Step(done, replace(done, after=after, page=walk.page + 1))
    return Step(done, None, short=bool(walk.since) and done.seen >= CEILING - PER_PAGE)
