"""Cuts a period into blocks, and keeps in memory what was last read of each.

A page of a year asks for thousands of stored groups, of which few change between two looks. A
block is a run of whole months, or the days of one week; its version tells whether anything in it
has changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from sys import getsizeof
from threading import Lock
from typing import Literal, NamedTuple

from cachetools import LRUCache
from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import ReportState, RollupSpan
from monitor.reports.cells import Sum
from monitor.reports.months import month_after
from monitor.reports.period import Grain, Period, begin_of
from monitor.reports.scope import Scope

MOST_BYTES = 64 * 1024 * 1024
"""So much is kept; what was not asked for the longest goes first. A million cases fill it."""

AN_ENTRY, A_GROUP = 800, 400
"""So many bytes each of them takes beside its times."""

By = Literal["value"] | Grain
"""What groups are told apart by: the value of their part, or when they were received."""

Groups = Mapping[str | date, Sum]


class Block(NamedTuple):
    """Days or whole months, from `first` to `last`: ordinals of dates, as `Rollup.span` has them.

    `version` rises whenever anything in it is made anew.
    """

    grain: Literal["day", "month"]
    first: int
    last: int
    version: int


class Wanted(NamedTuple):
    """What is asked of each block, of one `edition` of the rollups."""

    edition: int
    measure: str
    scope: Scope
    by: By


class BlockCache:
    """What was read of blocks, for any number of readers at once."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._kept: LRUCache[object, tuple[int, int, Groups]] = LRUCache(most_bytes, _weight)
        self._lock = Lock()

    def get(self, wanted: Wanted, block: Block) -> Groups | None:
        """Return what a block has, if it was read as it is now."""
        with self._lock:
            kept = self._kept.get(_key(wanted, block))
        as_now = kept is not None and kept[:2] == (wanted.edition, block.version)
        return kept[2] if kept is not None and as_now else None

    def put(self, wanted: Wanted, block: Block, groups: Groups) -> None:
        """Keep what a block has, in the place of what it had before."""
        kept = wanted.edition, block.version, groups
        with self._lock:
            self._kept.pop(_key(wanted, block), None)
            if _weight(kept) <= self._kept.maxsize:
                self._kept[_key(wanted, block)] = kept


class Cut(NamedTuple):
    """A period in blocks, of one `edition` of the rollups; `days` are the same without months."""

    edition: int
    blocks: tuple[Block, ...]
    days: tuple[Block, ...]


def cut(session: Session, period: Period) -> Cut:
    """Cut a period into whole months, where they are added up as they are now, and weeks of days.

    Months serve as far as they follow each other without a gap.
    """
    state = session.get(ReportState, 1)
    edition = state.edition if state is not None else 0
    days, months = _versions(session, period)
    first, last = period.first.toordinal(), period.last.toordinal()
    in_days = tuple(_weeks(first, last, days))
    run = list(_first_run(period, days, months))
    if not run:
        return Cut(edition, in_days, in_days)
    begin, after = run[0].toordinal(), month_after(run[-1]).toordinal()
    whole = Block("month", begin, after - 1, sum(months[each] for each in run))
    blocks = (*_weeks(first, begin - 1, days), whole, *_weeks(after, last, days))
    return Cut(edition, blocks, in_days)


def _versions(session: Session, period: Period) -> tuple[dict[int, int], dict[date, int]]:
    """Return the versions of the days and of the months of a period."""
    days: dict[int, int] = {}
    months: dict[date, int] = {}
    for grain, span, version in session.execute(
        select(RollupSpan.grain, RollupSpan.span, RollupSpan.version).where(
            RollupSpan.span >= period.first.toordinal(), RollupSpan.span <= period.last.toordinal()
        )
    ):
        if grain == "month":
            months[date.fromordinal(span)] = version
        else:
            days[span] = version
    return days, months


def _first_run(
    period: Period, days: Mapping[int, int], months: Mapping[date, int]
) -> Iterator[date]:
    """Yield the first months in a row that lie in the period and are added up as they are now."""
    first, begun = begin_of(period.first, "month"), False
    while first <= period.last:
        after = month_after(first)
        inside = period.first <= first and after - timedelta(days=1) <= period.last
        theirs = sum(days.get(day, 0) for day in range(first.toordinal(), after.toordinal()))
        if inside and months.get(first) == theirs:
            begun = True
            yield first
        elif begun:
            return
        first = after


def _weeks(first: int, last: int, versions: Mapping[int, int]) -> Iterator[Block]:
    """Yield the days from `first` to `last` by weeks, which begin on a Monday."""
    while first <= last:
        sunday = begin_of(date.fromordinal(first), "week").toordinal() + 6
        end = min(sunday, last)
        version = sum(versions.get(day, 0) for day in range(first, end + 1))
        yield Block("day", first, end, version)
        first = end + 1


def _key(wanted: Wanted, block: Block) -> object:
    return wanted[1:], block[:3]


def _weight(kept: tuple[int, int, Groups]) -> int:
    """Return about how many bytes an entry takes, with its key."""
    groups = kept[2]
    runs = (run for told in groups.values() for run in chain(told.times, told.walls))
    return AN_ENTRY + A_GROUP * len(groups) + sum(map(getsizeof, runs))
