"""Turns reports and lists of cases into tables that `monitor.exports` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.exports import Cell as ExportCell
from monitor.exports import Column, Head, Kind, Sheet
from monitor.reports.behind import stream_cases
from monitor.reports.case_rows import CaseRow
from monitor.reports.heard import HEARD, MentionRow, stream_mentions
from monitor.reports.period import Grain, begin_of
from monitor.reports.reading import Reader
from monitor.reports.report import PART_NAMES, Asked, Behind, Line, Report, Table, Value, named
from monitor.reports.report import Kind as ReportKind

KINDS: dict[ReportKind, Kind] = {
    "number": "number",
    "seconds": "seconds",
    "share": "share",
    "stars": "number",
    "text": "text",
}

CASE_COLUMNS = (
    Column("case", "Case"),
    Column("promise", "Promise"),
    Column("state", "Clock"),
    Column("case_state", "Case state"),
    Column("source", "Source"),
    Column("brand", "Brand"),
    Column("location", "Location"),
    Column("person", "Person"),
    Column("language", "Language"),
    Column("policy", "Policy"),
    Column("topics", "Topics"),
    Column("urgency", "Urgency"),
    Column("opened_at", "Opened", "time"),
    Column("started_at", "Clock started", "time"),
    Column("due_at", "Due", "time"),
    Column("stopped_at", "Clock stopped", "time"),
    Column("breached_at", "Breached", "time"),
    Column("visible_at", "Visible", "time"),
    Column("business_seconds", "Open time taken", "seconds"),
)


def head_of(
    asked: Asked, title: str, made_at: datetime, definitions: Sequence[tuple[str, str]] = ()
) -> Head:
    """Return what an export is of."""
    scope = asked.scope
    filters = {
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "days are those of": asked.period.zone.key,
        "only": f"{scope.by or scope.part}: {scope.label}" if scope.part != "all" else "all",
        "measure": asked.measure,
    }
    return Head(
        title=title,
        made_at=made_at,
        zone=asked.period.zone.key,
        filters=filters,
        definitions=definitions,
    )


def sheets_of(report: Report) -> list[Sheet]:
    """Return a report's figures as one table, and its tables one by one."""
    figures = [
        (section.title, figure.key, figure.name, figure.kind, _cell(figure.value), figure.n)
        for section in report.sections
        for figure in section.figures
    ]
    sheets = []
    if figures:
        columns = (
            Column("section", "Section"),
            Column("key", "Key"),
            Column("name", "Figure"),
            Column("kind", "Unit"),
            Column("value", "Value", "number"),
            Column("n", "Rests on", "integer"),
        )
        sheets.append(Sheet("Figures", columns, figures))
    for section in report.sections:
        sheets += [_sheet(table, report.asked.grain) for table in section.tables]
    return sheets


def days_of(reader: Reader, asked: Asked) -> Sheet:
    """Return how a promise fared by day and source, or what else tables are to tell apart.

    A team is told person by person. What is not answered yet is neither met nor missed: whether it
    is overdue changes with the time, and stands in the reports.
    """
    part = asked.part[0]
    columns = (
        Column("day", "Day"),
        Column(part, PART_NAMES[part]),
        Column("received", "Received", "integer"),
        Column("met", "Met", "integer"),
        Column("missed", "Missed", "integer"),
        Column("unanswered", "Not answered yet", "integer"),
        Column("missed_share", "Missed of those answered", "share"),
        Column("median_business", "Median, open hours", "seconds"),
        Column("p90_business", "90 %, open hours", "seconds"),
    )
    rows = (
        (
            row.day.isoformat(),
            named(part, row.value),
            row.counted,
            row.met,
            row.missed,
            row.counted - row.met - row.missed,
            row.missed / (row.met + row.missed) if row.met + row.missed else None,
            row.median,
            row.p90,
        )
        for row in reader.table(asked.measure, part)
    )
    return Sheet(f"By day and {PART_NAMES[part].lower()}", columns, rows)


def rows_of_cases(rows: Iterable[CaseRow]) -> Iterator[tuple[ExportCell, ...]]:
    """Yield the rows of `CASE_COLUMNS`, one by one."""
    for row in rows:
        yield (
            f"C-{row.case_id}",
            row.target.replace("_", " "),
            row.state,
            row.case_state,
            row.source,
            row.brand,
            row.location,
            row.person,
            row.language,
            row.policy,
            ", ".join(row.topics),
            row.urgency,
            row.opened_at,
            row.started_at,
            row.due_at,
            row.stopped_at,
            row.breached_at,
            row.visible_at,
            row.business_seconds,
        )


MENTION_COLUMNS = (
    Column("mention", "Mention", "integer"),
    Column("case", "Case"),
    Column("at", "Heard or written", "time"),
    Column("source", "Source"),
    Column("language", "Language"),
    Column("rating", "Stars", "number"),
    Column("judged", "Judged"),
    Column("topics", "Topics"),
)
"""Without the words: platforms' terms say for how long those may be kept, and a file stays."""


def list_of(
    session: Session, behind: Behind, now: datetime
) -> tuple[tuple[Column, ...], Iterator[tuple[ExportCell, ...]]]:
    """Return columns and rows of what stands behind a number: cases, or mentions."""
    if behind.measure in HEARD:
        return MENTION_COLUMNS, _rows_of_mentions(stream_mentions(session, behind))
    return CASE_COLUMNS, rows_of_cases(stream_cases(session, behind, now))


def _rows_of_mentions(rows: Iterable[MentionRow]) -> Iterator[tuple[ExportCell, ...]]:
    for row in rows:
        yield (
            row.mention_id,
            f"C-{row.case_id}" if row.case_id else "",
            row.at,
            row.source,
            row.language,
            row.rating,
            "complaint" if row.complaint else "other",
            ", ".join(row.topics),
        )


RESTS = ("share", "seconds", "stars")
"""Kinds of values that rest on some number of cases, which files tell beside them."""


def _sheet(table: Table, grain: Grain) -> Sheet:
    """Return a table with what a page shows in other ways: first days, and on how many each rests.

    A page marks what rests on few; a file has the number in a column behind each share and time.
    """
    dated = table.key == "by_time"
    rests = [
        each.kind in RESTS or any(line.cells[place].n is not None for line in table.lines)
        for place, each in enumerate(table.columns)
    ]
    columns = [Column("name", table.first)]
    if dated:
        columns.append(Column("from", "From"))
    for each, resting in zip(table.columns, rests, strict=True):
        columns.append(Column(each.key, each.name, KINDS[each.kind]))
        if resting:
            columns.append(Column(f"{each.key}_of", f"{each.name}: rests on", "integer"))
    rows = []
    for line in table.lines:
        row: list[ExportCell] = [line.name, *([_first_day(line, grain)] if dated else [])]
        for cell, resting in zip(line.cells, rests, strict=True):
            row += [_cell(cell.value), *([cell.n] if resting else [])]
        rows.append(row)
    return Sheet(table.title, tuple(columns), rows)


def _first_day(line: Line, grain: Grain) -> str | None:
    """Return the first day of the day, week or month of a line, which sorts as names do not."""
    for cell in line.cells:
        if cell.behind is not None and cell.behind.period is not None:
            return begin_of(cell.behind.period.first, grain).isoformat()
    return None


def _cell(value: Value) -> ExportCell:
    return value
