"""The statements that read rollups, put together once: a page asks a dozen times.

They name the table and no mapped class, for thousands of rows come faster as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, func, literal, or_, select

from monitor.models import Rollup
from monitor.reports.cells import Row
from monitor.reports.months import month_after
from monitor.reports.period import Period

_ROLLUP = Rollup.__table__.columns


def _stretch(grain: str, name: str) -> Any:
    first: Any = bindparam(f"{name}_first")
    last: Any = bindparam(f"{name}_last")
    return and_(_ROLLUP.grain == grain, _ROLLUP.span >= first, _ROLLUP.span <= last)


_PERIOD = (
    _ROLLUP.measure == bindparam("measure"),
    _ROLLUP.part == bindparam("part"),
    or_(_stretch("day", "before"), _stretch("month", "months"), _stretch("day", "after")),
)
_SUMS = [func.sum(_ROLLUP[name]) for name in ("counted", "met", "missed", "voided")]
_EVERY = {
    "rows": select(*[_ROLLUP[name] for name in Row._fields]).where(*_PERIOD),
    "sums": select(literal(0), _ROLLUP.value, *_SUMS, literal(0), literal(b""), literal(b""))
    .where(*_PERIOD)
    .group_by(_ROLLUP.value),
}
_SOME = _ROLLUP.value.in_(bindparam("some", expanding=True))

STATEMENTS = {
    (form, which): statement if condition is None else statement.where(condition)
    for form, statement in _EVERY.items()
    for which, condition in (("every", None), ("some", _SOME), ("others", ~_SOME))
}
"""Each stored group (``rows``) or all of a value added up (``sums``), of ``every`` value, of
``some``, or of all ``others``. `segments` gives the period."""


def segments(period: Period, months: Sequence[date]) -> dict[str, int]:
    """Cut a period into whole months and the days before and after them.

    Months that are not added up as they are now come in days, and so do all months after them.
    """
    first, last = period.first.toordinal(), period.last.toordinal()
    run = list(_first_run(months))
    if not run:
        nothing = {"months_first": 0, "months_last": -1, "after_first": 0, "after_last": -1}
        return {"before_first": first, "before_last": last, **nothing}
    return {
        "before_first": first,
        "before_last": run[0].toordinal() - 1,
        "months_first": run[0].toordinal(),
        "months_last": run[-1].toordinal(),
        "after_first": month_after(run[-1]).toordinal(),
        "after_last": last,
    }


def _first_run(months: Sequence[date]) -> Iterator[date]:
    """Yield the months that follow each other without a gap, from the first one on."""
    for place, first in enumerate(months):
        if place and month_after(months[place - 1]) != first:
            return
        yield first
