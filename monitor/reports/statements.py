"""The statements that read rollups, put together once: a page asks a dozen times.

They name the table and no mapped class, for thousands of rows come faster as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from monitor.models import Rollup
from monitor.reports.blocks import Block
from monitor.reports.cells import Row

_ROLLUP = Rollup.__table__.columns


def _stretch(grain: str, name: str) -> Any:
    first: Any = bindparam(f"{name}_first")
    last: Any = bindparam(f"{name}_last")
    return and_(_ROLLUP.grain == grain, _ROLLUP.span >= first, _ROLLUP.span <= last)


_EVERY = select(*[_ROLLUP[name] for name in Row._fields]).where(
    _ROLLUP.measure == bindparam("measure"),
    _ROLLUP.part == bindparam("part"),
    or_(_stretch("day", "before"), _stretch("month", "months"), _stretch("day", "after")),
)
_SOME = _ROLLUP.value.in_(bindparam("some", expanding=True))

STATEMENTS = {
    "every": _EVERY,
    "some": _EVERY.where(_SOME),
    "others": _EVERY.where(~_SOME),
}
"""Each stored group of ``every`` value, of ``some``, or of all ``others``. `segments` gives the
blocks."""


def segments(blocks: Sequence[Block]) -> dict[str, int]:
    """Tell the statements of which blocks, that follow each other: months, and days around them."""
    months = [block for block in blocks if block.grain == "month"]
    days = [block for block in blocks if block.grain == "day"]
    turn = months[0].first if months else days[-1].last + 1
    return {
        **_ends("before", [block for block in days if block.first < turn]),
        **_ends("months", months),
        **_ends("after", [block for block in days if block.first > turn]),
    }


def _ends(name: str, blocks: Sequence[Block]) -> dict[str, int]:
    first, last = (blocks[0].first, blocks[-1].last) if blocks else (0, -1)
    return {f"{name}_first": first, f"{name}_last": last}
