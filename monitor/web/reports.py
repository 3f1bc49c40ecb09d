"""The reports as pages and as files. What is asked stands in the URL, so that it can be sent on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Request
from markupsafe import Markup, escape
from starlette.responses import Response

from monitor.asking import Question, choices_of, desk_of, doubt_of
from monitor.charts import Chart, paint_figure
from monitor.exports import CONTENT_TYPES, write_tables
from monitor.reports.catalog import TITLES, make_report
from monitor.reports.exporting import days_of, head_of, sheets_of
from monitor.reports.measures import HEARD_PARTS, MEASURES
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import (
    PART_NAMES,
    Behind,
    Cell,
    Figure,
    Kind,
    Line,
    Report,
    Section,
    Table,
    named,
)
from monitor.reports.scope import Scope
from monitor.sla import TARGETS
from monitor.web.problems import Problem, Refused
from monitor.web.report_cells import tell
from monitor.web.report_files import question_of, send_file, unknown
from monitor.web.site import Here, Site
from monitor.web.visitors import SignedIn

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
FORMATS = ("csv", "xlsx", "json")
FIELDS = {
    "promises": frozenset({"by", "grain", "clock"}),
    "stages": frozenset({"by"}),
    "voice": frozenset({"grain"}),
    "after": frozenset({"by"}),
    "people": frozenset({"by"}),
}

COUNTING = Problem(
    503,
    "The figures are being counted",
    "What there is so far is not all, so that no file is made of it.",
    "Ask for the file again in a minute.",
)

APART = ("promises", "stages", "after")
"""Reports that tell sources, topics and the like apart, where they are of everything."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report as its template draws it."""

    site: Site
    report: Report
    words: dict[str, str]
    links: dict[tuple[Period, Scope], Markup] = field(default_factory=dict)

    @property
    def fields(self) -> frozenset[str]:
        """Which questions of its own this report can be asked, beside dates and filter."""
        fields = FIELDS.get(self.report.key, frozenset())
        return fields - {"by"} if self.is_one_thing else fields

    @property
    def is_one_thing(self) -> bool:
        """Tell whether a filter keeps this report from telling anything apart."""
        is_filtered = self.report.asked.scope.part != "all"
        return is_filtered and self.report.key in APART

    @property
    def hidden(self) -> set[str]:
        """Which questions a form keeps as they are, for it has no field for them."""
        return set(self.words) - {"days", "first", "last", "only"} - self.fields

    @property
    def nameless(self) -> str:
        """What those are called that have nothing of what is filtered by."""
        return named(self.report.asked.scope.by, "")

    @property
    def path(self) -> str:
        """Where this report is."""
        return f"/reports/{self.report.key}"

    def link(self, path: str = "", **changed: str) -> str:
        """Return the address of a report, with what was asked, but for what is changed."""
        return self.site.link(path or self.path, **{**self.words, **changed})

    def behind(self, behind: Behind | None) -> Markup:
        """Return where the cases behind a number are listed; empty where there is no list."""
        if behind is None or behind.period is None:
            return Markup()
        place = (behind.period, behind.scope)
        begin = self.links.get(place)
        if begin is None:  # the same for a whole line of a table
            scope = behind.scope
            only = f"{scope.by or scope.part}:{scope.label}" if scope.part != "all" else ""
            first, last = behind.period.first.isoformat(), behind.period.last.isoformat()
            begin = escape(self.site.link("/reports/cases", first=first, last=last, only=only))
            self.links[place] = begin
        told = f"{begin}&amp;of={behind.measure}&amp;fared={behind.verdict}"
        return Markup(told)  # noqa: S704  escaped above, and both are keys of ours

    def told(self, each: Cell | Figure, kind: Kind) -> Markup:
        """Return a value, linked to what stands behind it unless that is nothing."""
        return tell(each, kind, self.behind(each.behind) if each.value or each.n else Markup())

    def cells(self, line: Line, table: Table) -> Markup:
        """Return the cells of a line. Here, for a template takes twice as long for hundreds."""
        told = (
            f"<td>{self.told(cell, column.kind)}</td>"
            for cell, column in zip(line.cells, table.columns, strict=True)
        )
        return Markup("".join(told))  # noqa: S704  each is escaped where it is told

    def of_line(self, line: Line) -> str:
        """Return where a line of a table leads: to its own page, or to this report of it alone."""
        if line.path:
            return f"{self.site.root}{line.path}"
        return self.link(only=line.only) if line.only else ""

    def is_choice(self, only: str, choices: dict[str, list[str]]) -> bool:
        """Tell whether a filter is one of those that the form lists."""
        by, _, value = only.partition(":")
        return value in choices.get(by, ())

    def means(self, section: Section) -> list[tuple[str, str]]:
        """Return what the measures of a section mean, but for those told further up."""
        told: set[str] = set()
        for each in self.report.sections:
            if each is section:
                break
            told |= {term for term, _ in each.definitions()}
        return [pair for pair in section.definitions() if pair[0] not in told]

    def draw(self, chart: Chart) -> Markup:
        """Return a chart as a figure."""
        return Markup(paint_figure(chart))  # noqa: S704  escaped where it is painted


@router.get("/reports")
def reports(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show how promises fared."""
    return _page(request, site, visitor, "promises")


@router.get("/reports/days.{ending}")
def days_file(ending: str, request: Request, site: Here, _visitor: SignedIn) -> Response:
    """Send how a promise fared by day and source, or what else is asked for, as a file."""
    if ending not in CONTENT_TYPES:
        raise Refused(unknown(f"There is no file of the kind {ending!r}."))
    question = question_of(request, site)
    if question.asked.scope.part != "all":
        told = "Days are told apart by one thing for everything: ask without a filter."
        raise Refused(unknown(told, 400))
    now = site.app.clock()
    with site.app.database.read() as session:
        reader = Reader(session, question.asked.period, now)
        if reader.settled_at is None:
            raise Refused(COUNTING)
        sheet = days_of(reader, question.asked)
        pieces = list(write_tables(ending, head_of(question.asked, sheet.name, now), [sheet]))
    name = f"rapport-days-{question.asked.period.first}-{question.asked.period.last}"
    return send_file(iter(pieces), name, ending)


@router.get("/reports/{key}.{ending}")
def report_file(
    key: str, ending: str, request: Request, site: Here, _visitor: SignedIn
) -> Response:
    """Send a report as a file."""
    if key not in TITLES or ending not in CONTENT_TYPES:
        raise Refused(unknown("There is no such report."))
    question = question_of(request, site)
    report = _make(site, key, question, site.app.clock())
    if report.settled_at is None:
        raise Refused(COUNTING)
    head = head_of(question.asked, report.title, report.made_at, report.definitions())
    name = f"rapport-{key}-{question.asked.period.first}-{question.asked.period.last}"
    return send_file(write_tables(ending, head, sheets_of(report)), name, ending)


@router.get("/reports/{key}")
def one(key: str, request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show one report."""
    if key not in TITLES:
        raise Refused(unknown("There is no such report."))
    return _page(request, site, visitor, key)


def _page(request: Request, site: Site, visitor: object, key: str) -> Response:
    question = question_of(request, site)
    times = site.times()
    report = _make(site, key, question, times.now)
    page = ReportPage(site, report, dict(question.words))
    return site.render(
        "reports.html",
        person=visitor,
        page=page,
        report=report,
        asked=question.asked,
        titles=TITLES,
        measures={target: MEASURES[target].name for target in TARGETS},
        periods=PERIODS,
        days=question.words.get("days", "" if "first" in question.words else "30"),
        parts=PART_NAMES,
        choices=_choices(site, key),
        only=question.words.get("only", ""),
        formats=FORMATS,
        doubt=doubt_of(site.app.config, question.asked.scope),
        times=times,
    )


def _make(site: Site, key: str, question: Question, now: datetime) -> Report:
    desk = desk_of(site.app.config, site.app.clock, site.blocks)
    with site.app.database.read() as session:
        return make_report(session, key, question.asked, now, desk)


def _choices(site: Site, key: str) -> dict[str, list[str]]:
    told = choices_of(site.app.config)
    if key == "people":
        return {by: told[by] for by in ("team", "person")}
    return {by: told[by] for by in told if key != "voice" or by in HEARD_PARTS}
