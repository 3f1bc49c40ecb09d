"""Reads reports from the rollups, with what is still open as it is at this moment.

What is decided stands in the rollups. Whether an open promise is overdue changes with the time,
so that is read from the clocks that are alive, which are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, groupby
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import ReportState, Rollup
from monitor.reports.alive import Overdue
from monitor.reports.blocks import Block, BlockCache, By, Groups, Wanted, cut
from monitor.reports.cells import Row, Sum, add_up, merge, percentiles
from monitor.reports.measures import Part
from monitor.reports.period import Grain, Period, begin_of
from monitor.reports.scope import ALL, Scope
from monitor.reports.statements import STATEMENTS, segments
from monitor.sla import TARGETS, Attainment, Summary


class TableRow(NamedTuple):
    """One group of one day. `median` and `p90` are whole seconds of open time."""

    day: date
    value: str
    counted: int
    met: int
    missed: int
    median: int | None
    p90: int | None


def summary_of(total: Sum, overdue: int = 0) -> Summary:
    """Return the figures of a group, as `monitor.sla.summarise` gives them.

    `overdue` tells how many of its open promises are.
    """
    still_open = max(0, total.counted - total.met - total.missed)
    overdue = min(still_open, overdue)
    median_business, p90_business = percentiles(total.times, 0.5, 0.9)
    median_wall, p90_wall = percentiles(total.walls, 0.5, 0.9)
    return Summary(
        received=total.counted,
        answered=total.met + total.missed,
        attainment=Attainment(
            met=total.met,
            missed=total.missed,
            open_in_time=still_open - overdue,
            open_overdue=overdue,
        ),
        median_business=median_business,
        p90_business=p90_business,
        median_wall=median_wall,
        p90_wall=p90_wall,
    )


class Reader:
    """Reads figures of one period in one session, at one moment.

    `cache` holds what other readers have read; without one, this reader has one of its own.
    """

    def __init__(
        self, session: Session, period: Period, now: datetime, cache: BlockCache | None = None
    ) -> None:
        self._session = session
        self.period = period
        self._now = now
        self._cache = cache or BlockCache()
        self._cut = cut(session, period)
        self._overdues: dict[str, Overdue] = {}
        self._counted: dict[tuple[str, Part], Mapping[str, int]] = {}

    @property
    def settled_at(self) -> datetime | None:
        """When the rollups last took in what had happened; None while they are first made."""
        state = self._session.get(ReportState, 1)
        return state.settled_at if state is not None else None

    def total(self, measure: str, scope: Scope = ALL) -> Summary:
        """Return the figures over the whole period."""
        counts = self._overdue_by(measure, scope.part).items()
        overdue = sum(number for value, number in counts if scope.holds(value))
        return summary_of(self.sum(measure, scope), overdue)

    def sum(self, measure: str, scope: Scope = ALL) -> Sum:
        """Return counts and times over the whole period."""
        return merge(chain.from_iterable(self._by_value(measure, scope, str).values()))

    def over_time(
        self, measure: str, grain: Grain, scope: Scope = ALL
    ) -> list[tuple[date, Summary]]:
        """Return the figures by day, week or month received, in order.

        Those in which nothing was received, or nothing that is still promised, are left out.
        """
        read = self._overdue_of(measure)
        overdue = read.by_time(scope, self.period.cut(grain)) if read else Counter[date]()
        made = (
            (begin, summary_of(told, overdue[begin]))
            for begin, told in self.sums(measure, grain, scope)
        )
        return [pair for pair in made if pair[1].received]

    def by_part(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Summary]]:
        """Return the figures by source, person or what else `part` says, the largest first.

        Groups that `name` gives the same name are added up, as the people of a team are; those of
        which all were dismissed have nothing to tell.
        """
        groups = self._by_value(measure, Scope(part, (), others=True), name)
        overdue: Counter[str] = Counter()
        for value, number in self._overdue_by(measure, part).items():
            overdue[name(value)] += number
        made = [(value, summary_of(merge(told), overdue[value])) for value, told in groups.items()]
        received = (pair for pair in made if pair[1].received)
        return sorted(received, key=lambda pair: (-pair[1].received, pair[0]))

    def counts(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Sum]]:
        """Return counts and times by part, the largest first, without what is open now."""
        groups = self._by_value(measure, Scope(part, (), others=True), name)
        made = [(value, merge(told)) for value, told in groups.items()]
        return sorted(made, key=lambda pair: (-pair[1].counted, pair[0]))

    def days(self, measure: str, scope: Scope = ALL) -> list[tuple[date, Sum]]:
        """Return counts and times by day, in order; days without any are left out."""
        return self.sums(measure, "day", scope)

    def sums(self, measure: str, grain: Grain, scope: Scope = ALL) -> list[tuple[date, Sum]]:
        """Return counts and times by day, week or month, without what is open now."""
        blocks = self._cut.blocks if grain == "month" else self._cut.days
        groups: dict[date, list[Sum]] = defaultdict(list)
        for begin, told in self._blocks(measure, scope, blocks, grain):
            groups[begin].append(told)
        return [(begin, merge(groups[begin])) for begin in sorted(groups)]

    def table(self, measure: str, part: Part) -> list[TableRow]:
        """Return the figures of each day and each source, or what else `part` says, in order."""
        found = self._session.execute(
            select(
                Rollup.span,
                Rollup.value,
                Rollup.counted,
                Rollup.met,
                Rollup.missed,
                Rollup.median,
                Rollup.p90,
            )
            .where(
                Rollup.grain == "day",
                Rollup.measure == measure,
                Rollup.part == part,
                Rollup.span >= self.period.first.toordinal(),
                Rollup.span <= self.period.last.toordinal(),
            )
            .order_by(Rollup.span, Rollup.value)
        )
        return [TableRow(date.fromordinal(row[0]), *row[1:]) for row in found]

    def _overdue_of(self, measure: str) -> Overdue | None:
        if measure not in TARGETS:
            return None
        if measure not in self._overdues:
            period = self.period
            self._overdues[measure] = Overdue(
                self._session, measure, period.begin, period.end, self._now
            )
        return self._overdues[measure]

    def _overdue_by(self, measure: str, part: Part) -> Mapping[str, int]:
        """Return how many are overdue by part."""
        read = self._overdue_of(measure)
        if read is None:
            return {}
        if (measure, part) not in self._counted:
            self._counted[measure, part] = read.by_value(part)
        return self._counted[measure, part]

    def _by_value(
        self, measure: str, scope: Scope, name: Callable[[str], str]
    ) -> dict[str, list[Sum]]:
        groups: dict[str, list[Sum]] = defaultdict(list)
        for value, told in self._blocks(measure, scope, self._cut.blocks, "value"):
            groups[name(value)].append(told)
        return groups

    def _blocks(
        self, measure: str, scope: Scope, blocks: Sequence[Block], by: By
    ) -> Iterator[tuple[Any, Sum]]:
        """Yield the groups of all blocks; those are read that the cache does not have."""
        if not scope.values and not scope.others:
            return
        wanted = Wanted(self._cut.edition, measure, scope, by)
        known = {block: self._cache.get(wanted, block) for block in blocks}
        for is_missing, run in groupby(blocks, lambda block: known[block] is None):
            for block, groups in self._read(wanted, list(run)) if is_missing else ():
                self._cache.put(wanted, block, groups)
                known[block] = groups
        for told in known.values():
            yield from told.items() if told else ()

    def _read(self, wanted: Wanted, blocks: Sequence[Block]) -> Iterator[tuple[Block, Groups]]:
        """Read blocks that follow each other, and yield what each of them has."""
        scope, by = wanted.scope, wanted.by
        asked: dict[str, Any] = {"measure": wanted.measure, "part": scope.part}
        which = "every"
        if scope.values:
            which = "others" if scope.others else "some"
            asked["some"] = list(scope.values)
        found: dict[Block, dict[Any, list[Row]]] = {block: defaultdict(list) for block in blocks}
        firsts = [block.first for block in blocks]
        for row in self._session.execute(STATEMENTS[which], asked | segments(blocks)):
            span, value = row[:2]
            key = value if by == "value" else begin_of(date.fromordinal(span), by)
            block = blocks[bisect_right(firsts, span) - 1]
            found[block][key].append(row)  # type: ignore[arg-type]  # as Row
        for block, groups in found.items():
            yield block, {key: add_up(rows) for key, rows in groups.items()}
