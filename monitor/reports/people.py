"""The report on people: who answered what. In the order of the alphabet, for it is no contest."""

from __future__ import annotations

from monitor.reports.cells import Sum
from monitor.reports.measures import MEASURES
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Behind, Cell, Column, Line, Section, Table, named
from monitor.reports.scope import Scope
from monitor.sla import Summary

COLUMNS = (
    Column("answered", "First answers", "number", "first responses given to what was received"),
    Column("next", "Further answers", "number", "next responses given"),
    Column("in_time", "In time", "share", "of the first responses, met ÷ (met + missed)"),
    Column("median", "Median, open hours", "seconds", "of the first responses, in open hours"),
    Column("edited", "Drafts changed", "share", MEASURES["edited"].met + ", of first answers"),
    Column("reopened", "Opened again", "share", MEASURES["reopened"].met),
    Column("open", "Open now", "number", "first responses that are owed, by who has the case"),
)
NOTE = (
    "What a person did depends on what they were given: cases differ in language, hour and "
    "difficulty. Few cases are marked; compare nobody by them."
)


def people(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return what each person, or each team, did on what was received in this time."""
    by = "team" if asked.by == "team" else "person"
    name = asked.part[1] if by == "team" else str
    first = dict(reader.by_part("first_response", "person", name))
    following = dict(reader.by_part("next_response", "person", name))
    edited = dict(reader.counts("edited", "person", name))
    reopened = dict(reader.counts("reopened", "person", name))
    known = sorted({*first, *following, *edited, *reopened}, key=str.casefold)
    if not known:
        return (Section("people", "People", empty="Nothing was received in this time."),)
    lines = []
    for who in known:
        told = first.get(who)
        scope = Scope("person", (who,), by=by, label=who)
        behind = Behind("first_response", "answered", asked.period, scope)
        owed = Behind("first_response", "unanswered", asked.period, scope)
        lines.append(
            Line(
                named(by, who),
                (
                    Cell(told.answered if told else 0, behind),
                    Cell(following[who].answered if who in following else 0),
                    Cell(told.attainment.share if told else None, n=_answered(told)),
                    Cell(told.median_business if told else None, n=_answered(told)),
                    _share(edited.get(who)),
                    _share(reopened.get(who)),
                    Cell(told.received - told.answered if told else 0, owed),
                ),
            )
        )
    title = "Team" if by == "team" else "Person"
    table = Table("people", "Who answered what", title, COLUMNS, tuple(lines))
    return (Section("people", "People", tables=(table,), note=NOTE),)


def _answered(told: Summary | None) -> int:
    return told.answered if told else 0


def _share(told: Sum | None) -> Cell:
    if told is None or not told.counted:
        return Cell(None)
    return Cell(told.met / told.counted, n=told.counted)
