"""Reads reports from the rollups, with what is still open as it is at this moment.

What is decided stands in the rollups. Whether an open promise is overdue changes with the time,
so that is read from the clocks that are alive, which are few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import ReportState, Rollup, RollupSpan
from monitor.reports.alive import Alive, Overdue
from monitor.reports.cells import Row, Sum, add_up, percentiles
from monitor.reports.measures import TIMELESS, Part
from monitor.reports.months import month_after
from monitor.reports.period import Grain, Period, begin_of
from monitor.reports.scope import ALL, Scope
from monitor.reports.statements import STATEMENTS, segments
from monitor.sla import TARGETS, Attainment, Summary

GroupKey = TypeVar("GroupKey", bound=Hashable)


class TableRow(NamedTuple):
    """One group of one day. `median` and `p90` are whole seconds of open time."""

    day: date
    value: str
    counted: int
    met: int
    missed: int
    median: int | None
    p90: int | None


def summary_of(total: Sum, alive: Overdue | None = None) -> Summary:
    """Return the figures of a group, as `monitor.sla.summarise` gives them.

    `alive` tells how many of its open promises are overdue (True) and how many are not.
    """
    still_open = max(0, total.counted - total.met - total.missed)
    overdue = min(still_open, alive[True]) if alive else 0
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
    """Reads figures of one period in one session, at one moment."""

    def __init__(self, session: Session, period: Period, now: datetime) -> None:
        self._session = session
        self.period = period
        self._now = now
        self._months = _whole_months(session, period)
        self._known: dict[tuple[str, Scope, bool], list[Row]] = {}
        self._open: dict[tuple[str, Part], Mapping[str, Overdue]] = {}

    @property
    def settled_at(self) -> datetime | None:
        """When the rollups last took in what had happened; None before they ever did."""
        state = self._session.get(ReportState, 1)
        return state.settled_at if state is not None else None

    def total(self, measure: str, scope: Scope = ALL) -> Summary:
        """Return the figures over the whole period."""
        overdue: Overdue = Counter()
        for value, counts in self._open_by(measure, scope.part).items():
            if scope.holds(value):
                overdue += counts
        return summary_of(self.sum(measure, scope), overdue)

    def sum(self, measure: str, scope: Scope = ALL) -> Sum:
        """Return counts and times over the whole period."""
        return add_up(self._whole(measure, scope))

    def over_time(
        self, measure: str, grain: Grain, scope: Scope = ALL
    ) -> list[tuple[date, Summary]]:
        """Return the figures by day, week or month received, in order.

        Those in which nothing was received, or nothing that is still promised, are left out.
        """
        zone = self.period.zone
        groups = self._by_time(measure, grain, scope)
        overdue: dict[date, Overdue] = defaultdict(Counter)
        alive = self._alive(measure)
        for started_at, late in alive.starts(scope) if alive else ():
            overdue[begin_of(started_at.astimezone(zone).date(), grain)][late] += 1
        made = (
            (begin, summary_of(add_up(groups[begin]), overdue[begin])) for begin in sorted(groups)
        )
        return [pair for pair in made if pair[1].received]

    def by_part(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Summary]]:
        """Return the figures by source, person or what else `part` says, the largest first.

        Groups that `name` gives the same name are added up, as the people of a team are; those of
        which all were dismissed have nothing to tell.
        """
        rows = self._rows(measure, Scope(part, (), others=True), self._months)
        groups = _grouped(rows, lambda row: name(row[1]))
        overdue: dict[str, Overdue] = defaultdict(Counter)
        for value, counts in self._open_by(measure, part).items():
            overdue[name(value)] += counts
        made = [(value, summary_of(add_up(rows), overdue[value])) for value, rows in groups.items()]
        received = (pair for pair in made if pair[1].received)
        return sorted(received, key=lambda pair: (-pair[1].received, pair[0]))

    def counts(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Sum]]:
        """Return counts and times by part, the largest first, without what is open now."""
        rows = self._whole(measure, Scope(part, (), others=True))
        groups = _grouped(rows, lambda row: name(row[1]))
        made = [(value, add_up(rows)) for value, rows in groups.items()]
        return sorted(made, key=lambda pair: (-pair[1].counted, pair[0]))

    def days(self, measure: str, scope: Scope = ALL) -> list[tuple[date, Sum]]:
        """Return counts and times by day, in order; days without any are left out."""
        return self.sums(measure, "day", scope)

    def sums(self, measure: str, grain: Grain, scope: Scope = ALL) -> list[tuple[date, Sum]]:
        """Return counts and times by day, week or month, without what is open now."""
        groups = self._by_time(measure, grain, scope)
        return [(begin, add_up(groups[begin])) for begin in sorted(groups)]

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

    def _alive(self, measure: str) -> Alive | None:
        if measure not in TARGETS:
            return None
        period = self.period
        return Alive(self._session, measure, period.begin, period.end, self._now)

    def _open_by(self, measure: str, part: Part) -> Mapping[str, Overdue]:
        """Return how many are open, and how many of them overdue, by part."""
        alive = self._alive(measure)
        if alive is None:
            return {}
        if (measure, part) not in self._open:
            self._open[measure, part] = alive.by_value(part)
        return self._open[measure, part]

    def _by_time(self, measure: str, grain: Grain, scope: Scope) -> dict[date, list[Row]]:
        rows = self._rows(measure, scope, self._months if grain == "month" else ())
        return _grouped(rows, lambda row: begin_of(date.fromordinal(row[0]), grain))

    def _whole(self, measure: str, scope: Scope) -> list[Row]:
        """Return the groups of the whole period; of what has no times the store adds them up."""
        if measure in TIMELESS:
            return self._read(measure, scope, self._months, "sums")
        return self._rows(measure, scope, self._months)

    def _rows(self, measure: str, scope: Scope, months: Sequence[date]) -> list[Row]:
        """Return the stored groups of the period: whole months where they may serve, else days.

        They are read once, for a page asks for the same ones more than once.
        """
        asked = (measure, scope, bool(months))
        if asked not in self._known:
            self._known[asked] = self._read(measure, scope, months)
        return self._known[asked]

    def _read(
        self, measure: str, scope: Scope, months: Sequence[date], form: str = "rows"
    ) -> list[Row]:
        if not scope.values and not scope.others:
            return []
        asked: dict[str, Any] = {"measure": measure, "part": scope.part}
        which = "every"
        if scope.values:
            which = "others" if scope.others else "some"
            asked["some"] = list(scope.values)
        statement = STATEMENTS[form, which]
        found = self._session.execute(statement, asked | segments(self.period, months))
        return found.all()  # type: ignore[return-value]  # as Row, without making each of them one


def _whole_months(session: Session, period: Period) -> list[date]:
    """Return the months of the period, by their first day, that are added up as they are now."""
    inside = []
    first = begin_of(period.first, "month")
    while first <= period.last:
        after = month_after(first)
        if period.first <= first and after - timedelta(days=1) <= period.last:
            inside.append(first)
        first = after
    if not inside:
        return []
    days: Counter[date] = Counter()
    months: dict[date, int] = {}
    for grain, span, version in session.execute(
        select(RollupSpan.grain, RollupSpan.span, RollupSpan.version).where(
            RollupSpan.span >= inside[0].toordinal(),
            RollupSpan.span < month_after(inside[-1]).toordinal(),
        )
    ):
        day = date.fromordinal(span)
        if grain == "month":
            months[day] = version
        else:
            days[begin_of(day, "month")] += version
    return [first for first in inside if months.get(first) == days[first]]


def _grouped(rows: Iterable[Row], key: Callable[[Row], GroupKey]) -> dict[GroupKey, list[Row]]:
    groups: dict[GroupKey, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
