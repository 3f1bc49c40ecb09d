"""What a report is made of, for whatever shows it: a page, a file, a message, a terminal.

Values keep their kind, and each knows which cases stand behind it, so that every face shows the
same figures and can open the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.charts import Chart
from monitor.reports.measures import Part
from monitor.reports.period import Grain, Period
from monitor.reports.scope import ALL, Scope
from monitor.sla.measures import SMALL

Kind = Literal["number", "seconds", "share", "stars", "text"]
"""How a value is told: a count, seconds, 0 to 1, 1 to 5, or as it stands."""

Clock = Literal["business", "wall"]
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Which cases stand behind a number: what they were counted under, and how they fared."""

    measure: str
    verdict: str = ""
    period: Period | None = None
    scope: Scope = ALL


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and its definition. `n` is on how many it rests, if it is a share
    or a percentile."""

    key: str
    name: str
    value: Value
    kind: Kind
    definition: str = ""
    n: int | None = None
    behind: Behind | None = None

    @property
    def small(self) -> bool:
        """Whether so few stand behind it that one more or less moves it far."""
        return self.n is not None and self.value is not None and self.n < SMALL


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    key: str
    name: str
    kind: Kind
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table. `n` is on how many it rests, where that is few or many."""

    value: Value
    behind: Behind | None = None
    n: int | None = None

    @property
    def small(self) -> bool:
        """Whether so few stand behind it that one more or less moves it far."""
        return self.n is not None and self.value is not None and self.n < SMALL


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, under its name; `path` is its own page on the site, if it has one.

    `only` is the filter, as in ``source:board``, that shows the report of it alone.
    """

    name: str
    cells: tuple[Cell, ...]
    path: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Lines under columns. `first` is the name of the column of names."""

    key: str
    title: str
    first: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: figures, charts and tables that belong together."""

    key: str
    title: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""
    empty: str = ""
    """What to say where there is nothing to show; sections with anything to show leave it empty."""

    def definitions(self) -> list[tuple[str, str]]:
        """Return each measure's name and meaning, once."""
        found: dict[str, str] = {}
        for figure in self.figures:
            found.setdefault(figure.name, figure.definition)
        for table in self.tables:
            for column in table.columns:
                found.setdefault(column.name, column.definition)
        return [(term, meaning) for term, meaning in found.items() if meaning]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report, as of `made_at`; `settled_at` is when the kept figures were last mended."""

    key: str
    title: str
    asked: Asked
    made_at: datetime
    settled_at: datetime | None
    sections: tuple[Section, ...]

    def definitions(self) -> list[tuple[str, str]]:
        """Return each measure's name and meaning, once."""
        found: dict[str, str] = {}
        for section in self.sections:
            for term, meaning in section.definitions():
                found.setdefault(term, meaning)
        return list(found.items())


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for.

    `by` is what its tables tell apart, `scope` which cases it is of, `measure` which promise,
    `clock` whether times are open time or all time. `teams` are the people of each team.
    """

    period: Period
    grain: Grain
    by: str = "source"
    scope: Scope = ALL
    measure: str = "first_response"
    clock: Clock = "business"
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def part(self) -> tuple[Part, Callable[[str], str]]:
        """What the tables tell apart in the rollups, and how its values are named."""
        if self.by != "team":
            return self.by, str  # type: ignore[return-value]  # every other name is one of a part
        team_of = {name: team for team, members in self.teams.items() for name in members}
        return "person", lambda name: team_of.get(name, "")

    def within(
        self,
        measure: str,
        verdict: str = "",
        *,
        period: Period | None = None,
        scope: Scope | None = None,
    ) -> Behind:
        """Return the cases behind a number of this report, or of a part of it."""
        return Behind(measure, verdict, period or self.period, scope or self.scope)


BY: tuple[str, ...] = (
    "source",
    "brand",
    "location",
    "team",
    "person",
    "topic",
    "language",
    "policy",
)
"""What tables may tell apart; a team is the sum of its people."""

PART_NAMES: dict[str, str] = {
    "source": "Source",
    "brand": "Brand",
    "location": "Location",
    "team": "Team",
    "person": "Person",
    "topic": "Topic",
    "language": "Language",
    "policy": "Policy",
}

NAMELESS: dict[str, str] = {
    "person": "nobody yet",
    "team": "no team",
    "location": "no location",
    "topic": "no topic",
    "language": "unknown",
}


def scope_of(by: str, value: str, teams: Mapping[str, tuple[str, ...]]) -> Scope:
    """Return the cases of one source, person, team or what else `by` says."""
    if by == "team":
        in_some = tuple(name for members in teams.values() for name in members)
        if value:
            return Scope("person", teams.get(value, ()), label=value, by="team")
        return Scope("person", in_some, label="", by="team", others=True)
    part: Part = by  # type: ignore[assignment]  # every other name is one of a part
    return Scope(part, (value,), label=value, by=by)


def named(by: str, value: str) -> str:
    """Return what a value of a part is called, also where there is none."""
    return value or NAMELESS.get(by, "none")
