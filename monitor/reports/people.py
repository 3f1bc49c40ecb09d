"""The report on people: who answered what. In the order of the alphabet, for it is no contest."""

from __future__ import annotations

from monitor.reports.cells import Sum
from monitor.reports.measures import MEASURES
from monitor.reports.promises import IN_TIME
from monitor.reports.reading import Reader
from monitor.reports.report import (
    Asked,
    Behind,
    Cell,
    Column,
    Line,
    Section,
    Table,
    named,
    scope_of,
)
from monitor.reports.scope import Scope
from monitor.sla import Summary

COLUMNS = (
    Column("answered", "First answers", "number", "first responses given to what was received"),
    Column("next", "Further answers", "number", "next responses given"),
    Column("in_time", "In time", "share", f"of the first responses, {IN_TIME}"),
    Column("median", "Median, open hours", "seconds", "of the first responses, in open hours"),
    Column("edited", "Drafts changed", "share", MEASURES["edited"].met + ", of first answers"),
    Column("reopened", "Opened again", "share", MEASURES["reopened"].met),
    Column("open", "Still owed", "number", "first responses of this time, by who has the case"),
)
NOT_TOLD_APART = (
    "Figures are kept by one thing at a time, so that people cannot be shown within one source, "
    "topic or the like. Show everything, or only one person or team."
)
OUTSIDE = "\0"
"""Stands for everybody who is not asked for."""

NOTE = (
    "What a person did depends on what they were given: cases differ in language, hour and "
    "difficulty. Few cases are marked; compare nobody by them."
)


def people(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return what each person, or each team, did on what was received in this time."""
    if asked.scope.part not in ("all", "person"):
        return (Section("people", "People", empty=NOT_TOLD_APART),)
    by = "team" if asked.by == "team" else "person"
    name_of = asked.part[1] if by == "team" else str

    def name(person: str) -> str:
        return name_of(person) if asked.scope.holds(person) or scope_is_all else OUTSIDE

    scope_is_all = asked.scope.part == "all"
    first = dict(reader.by_part("first_response", "person", name))
    following = dict(reader.by_part("next_response", "person", name))
    edited = dict(reader.counts("edited", "person", name))
    reopened = dict(reader.counts("reopened", "person", name))
    known = sorted({*first, *following, *edited, *reopened} - {OUTSIDE}, key=str.casefold)
    if not known:
        return (
            Section(
                "people", "People", empty="Nothing was received in this time; try a longer one."
            ),
        )
    lines = []
    for who in known:
        told = first.get(who)
        scope = scope_of(by, who, asked.teams)

        def behind(measure: str, verdict: str = "", scope: Scope = scope) -> Behind:
            return Behind(measure, verdict, asked.period, scope)

        answered, n = behind("first_response", "answered"), told.answered if told else 0
        later = following[who].answered if who in following else 0
        owed = told.received - told.answered if told else 0
        lines.append(
            Line(
                named(by, who),
                (
                    Cell(n, answered),
                    Cell(later, behind("next_response", "answered")),
                    _in_time(told, behind("first_response", "decided")),
                    Cell(told.median_business if told else None, answered, n),
                    _share(edited.get(who), behind("edited")),
                    _share(reopened.get(who), behind("reopened")),
                    Cell(owed, behind("first_response", "unanswered")),
                ),
            )
        )
    title = "Team" if by == "team" else "Person"
    table = Table("people", "Who answered what", title, COLUMNS, tuple(lines))
    return (Section("people", "People", tables=(table,), note=NOTE),)


def _in_time(told: Summary | None, behind: Behind) -> Cell:
    if told is None:
        return Cell(None)
    kept = told.attainment
    return Cell(kept.share_with_overdue, behind, kept.met + kept.missed + kept.open_overdue)


def _share(told: Sum | None, behind: Behind) -> Cell:
    if told is None or not told.counted:
        return Cell(None)
    return Cell(told.met / told.counted, behind, told.counted)
