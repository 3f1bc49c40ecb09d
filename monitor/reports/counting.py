"""Counts a day from the rows of what happened, group by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.reports.cells import Cell, pack, rank
from monitor.reports.fact import Fact, Stretch
from monitor.reports.facts import read_facts
from monitor.reports.measures import Part

Key = tuple[str, str, str]
"""Measure, part, value."""


def rows_of_day(session: Session, day: date, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Count a day from the rows of what happened; return its rollups, as rows to insert."""
    begin = datetime.combine(day, time.min, zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    cells = count(read_facts(session, Stretch(begin, end, zone)))
    return [rollup_row("day", day.toordinal(), key, cell) for key, cell in sorted(cells.items())]


def count(facts: Iterable[Fact]) -> dict[Key, Cell]:
    """Sort facts into the groups they belong to."""
    groups: dict[str, dict[tuple[Part, str], list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        group = groups[fact.measure]
        for which in fact.parts:
            group[which].append(fact)
    return {
        (measure, *which): _cell(those)
        for measure, group in groups.items()
        for which, those in group.items()
    }


def _cell(facts: list[Fact]) -> Cell:
    """Count the facts of one group. What is voided is counted apart from all the others."""
    verdicts = [fact.verdict for fact in facts]
    voided = verdicts.count("voided")
    told = [fact for fact in facts if fact.verdict != "voided"] if voided else facts
    return Cell(
        counted=len(told),
        met=verdicts.count("met"),
        missed=verdicts.count("missed"),
        voided=voided,
        times=[fact.time for fact in told if fact.time is not None],
        walls=[fact.wall for fact in told if fact.wall is not None],
    )


def rollup_row(grain: str, span: int, key: Key, cell: Cell) -> dict[str, Any]:
    """Return one group as a row to insert."""
    measure, part, value = key
    times = sorted(cell.times)
    return {
        "grain": grain,
        "measure": measure,
        "part": part,
        "span": span,
        "value": value,
        "counted": cell.counted,
        "met": cell.met,
        "missed": cell.missed,
        "voided": cell.voided,
        "median": times[rank(0.5, len(times))] if times else None,
        "p90": times[rank(0.9, len(times))] if times else None,
        "total": sum(times),
        "times": pack(times),
        "walls": pack(cell.walls),
    }
