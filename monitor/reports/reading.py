"""Reads reports from the rollups, with what is still open as it is at this moment.

What is decided stands in the rollups. Whether an open promise is overdue changes with the time,
so that is read from the clocks that are alive, which are few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from monitor.models import ReportState, Rollup, RollupSpan
from monitor.reports.alive import Alive, read_alive
from monitor.reports.cells import Row, Sum, add_up, percentile
from monitor.reports.measures import Part
from monitor.reports.months import month_after
from monitor.sla import TARGETS, Attainment, Summary

Grain = Literal["day", "week", "month"]
GroupKey = TypeVar("GroupKey", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of `zone`, both ends included.

    Raises ValueError when it ends before it begins.
    """

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")

    @classmethod
    def back(cls, now: datetime, days: int, zone: ZoneInfo) -> Period:
        """Return the last `days` days up to today."""
        today = now.astimezone(zone).date()
        return cls(today - timedelta(days=days - 1), today, zone)

    @property
    def begin(self) -> datetime:
        """The first moment of it, in UTC."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        after = self.last + timedelta(days=1)
        return datetime.combine(after, time.min, self.zone).astimezone(UTC)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """Return the period of the same length just before it."""
        last = self.first - timedelta(days=1)
        return Period(last - (self.last - self.first), last, self.zone)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases are meant: all, or those whose `part` has one of `values`.

    With `others`, those whose part has none of them. `by` and `label` say what was asked for,
    where that is not the part itself, as with a team's people.
    """

    part: Part = "all"
    values: tuple[str, ...] = ("",)
    others: bool = False
    by: str = ""
    label: str = ""

    def holds(self, value: str) -> bool:
        """Tell whether a value of the part is meant."""
        return (value in self.values) != self.others


ALL = Scope()


class TableRow(NamedTuple):
    """One group of one day. `median` and `p90` are whole seconds of open time."""

    day: date
    value: str
    counted: int
    met: int
    missed: int
    median: int | None
    p90: int | None


def begin_of(day: date, grain: Grain) -> date:
    """Return the first day of the day, week (from Monday) or month that holds `day`."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def summary_of(total: Sum, alive: Counter[bool] | None = None) -> Summary:
    """Return the figures of a group, as `monitor.sla.summarise` gives them.

    `alive` tells how many of its open promises are overdue (True) and how many are not.
    """
    still_open = max(0, total.counted - total.met - total.missed)
    overdue = min(still_open, alive[True]) if alive else 0
    return Summary(
        received=total.counted,
        answered=total.met + total.missed,
        attainment=Attainment(
            met=total.met,
            missed=total.missed,
            open_in_time=still_open - overdue,
            open_overdue=overdue,
        ),
        median_business=percentile(total.times, 0.5),
        p90_business=percentile(total.times, 0.9),
        median_wall=percentile(total.walls, 0.5),
        p90_wall=percentile(total.walls, 0.9),
    )


class Reader:
    """Reads figures of one period in one session, at one moment."""

    def __init__(self, session: Session, period: Period, now: datetime) -> None:
        self._session = session
        self.period = period
        self._now = now
        self._months = _whole_months(session, period)
        self._alive: dict[tuple[str, Part], list[Alive]] = {}

    @property
    def settled_at(self) -> datetime | None:
        """When the rollups last took in what had happened; None before they ever did."""
        state = self._session.get(ReportState, 1)
        return state.settled_at if state is not None else None

    def total(self, measure: str, scope: Scope = ALL) -> Summary:
        """Return the figures over the whole period."""
        alive = Counter(each.overdue for each in self._alive_in(measure, scope))
        return summary_of(self.sum(measure, scope), alive)

    def sum(self, measure: str, scope: Scope = ALL) -> Sum:
        """Return counts and times over the whole period."""
        return add_up(self._rows(measure, scope, self._months))

    def over_time(
        self, measure: str, grain: Grain, scope: Scope = ALL
    ) -> list[tuple[date, Summary]]:
        """Return the figures by day, week or month received, in order; empty ones are left out."""
        zone = self.period.zone
        months = self._months if grain == "month" else ()
        rows = self._rows(measure, scope, months)
        groups = _grouped(rows, lambda row: begin_of(date.fromordinal(row.span), grain))
        alive: dict[date, Counter[bool]] = defaultdict(Counter)
        for each in self._alive_in(measure, scope):
            alive[begin_of(each.started_at.astimezone(zone).date(), grain)][each.overdue] += 1
        return [
            (begin, summary_of(add_up(groups[begin]), alive[begin])) for begin in sorted(groups)
        ]

    def by_part(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Summary]]:
        """Return the figures by source, person or what else `part` says, the largest first.

        Groups that `name` gives the same name are added up, as the people of a team are.
        """
        rows = self._rows(measure, Scope(part, (), others=True), self._months)
        groups = _grouped(rows, lambda row: name(row.value))
        alive: dict[str, Counter[bool]] = defaultdict(Counter)
        for each in self._alive_in(measure, Scope(part, (), others=True)):
            for value in each.values:
                alive[name(value)][each.overdue] += 1
        made = [(value, summary_of(add_up(rows), alive[value])) for value, rows in groups.items()]
        return sorted(made, key=lambda pair: (-pair[1].received, pair[0]))

    def counts(
        self, measure: str, part: Part, name: Callable[[str], str] = str
    ) -> list[tuple[str, Sum]]:
        """Return counts and times by part, the largest first, without what is open now."""
        rows = self._rows(measure, Scope(part, (), others=True), self._months)
        groups = _grouped(rows, lambda row: name(row.value))
        made = [(value, add_up(rows)) for value, rows in groups.items()]
        return sorted(made, key=lambda pair: (-pair[1].counted, pair[0]))

    def days(self, measure: str, scope: Scope = ALL) -> list[tuple[date, Sum]]:
        """Return counts and times by day, in order; days without any are left out."""
        rows = self._rows(measure, scope, ())
        groups = _grouped(rows, lambda row: date.fromordinal(row.span))
        return [(day, add_up(groups[day])) for day in sorted(groups)]

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

    def _alive_in(self, measure: str, scope: Scope) -> Iterator[Alive]:
        """Yield the open promises of this period that belong to the scope."""
        if measure not in TARGETS:
            return
        key = (measure, scope.part)
        if key not in self._alive:
            period = self.period
            self._alive[key] = read_alive(
                self._session, measure, scope.part, period.begin, period.end, self._now
            )
        for each in self._alive[key]:
            if any(map(scope.holds, each.values)):
                yield each

    def _rows(self, measure: str, scope: Scope, months: Sequence[date]) -> Iterator[Row]:
        """Yield the stored groups of the period: whole months where they may serve, else days."""
        spans = [
            and_(Rollup.grain == grain, Rollup.span >= first, Rollup.span <= last)
            for grain, first, last in _segments(self.period, months)
        ]
        conditions = [Rollup.measure == measure, Rollup.part == scope.part, or_(*spans)]
        if scope.values:
            meant = Rollup.value.in_(scope.values)
            conditions.append(~meant if scope.others else meant)
        elif not scope.others:
            return
        for row in self._session.execute(select(*_COLUMNS).where(*conditions)):
            yield Row(*row)


_COLUMNS: tuple[Any, ...] = (
    Rollup.span,
    Rollup.value,
    Rollup.counted,
    Rollup.met,
    Rollup.missed,
    Rollup.voided,
    Rollup.times,
    Rollup.walls,
)


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


def _segments(period: Period, months: Sequence[date]) -> Iterator[tuple[str, int, int]]:
    """Cut a period into stretches of days and of whole months: grain, first and last span."""
    at = period.first
    for first in months:
        if at < first:
            yield "day", at.toordinal(), first.toordinal() - 1
        yield "month", first.toordinal(), first.toordinal()
        at = month_after(first)
    if at <= period.last:
        yield "day", at.toordinal(), period.last.toordinal()


def _grouped(rows: Iterable[Row], key: Callable[[Row], GroupKey]) -> dict[GroupKey, list[Row]]:
    groups: dict[GroupKey, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
