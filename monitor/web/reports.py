"""The reports as pages and as files. What is asked stands in the URL, so that it can be sent on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response, StreamingResponse

from monitor.asking import BadQuestion, Question, desk_of, read_question, teams_of
from monitor.charts import Chart, paint_figure
from monitor.config.topics import SHIPPED_TOPICS
from monitor.exports import CONTENT_TYPES, Sheet, write_csv, write_json, write_ndjson, write_xlsx
from monitor.reports.behind import VERDICTS, CaseRow, list_cases, place_of, stream_cases
from monitor.reports.catalog import TITLES, make_report
from monitor.reports.exporting import CASE_COLUMNS, head_of, rows_of_cases, sheets_of
from monitor.reports.measures import MEASURES
from monitor.reports.reading import Period
from monitor.reports.report import PART_NAMES, Behind, Report, named
from monitor.reports.scope import Scope
from monitor.sla import TARGETS
from monitor.web.problems import Problem, Refused
from monitor.web.site import Here, Site
from monitor.web.visitors import SignedIn

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
LISTED = 50
FORMATS = ("csv", "xlsx", "json")

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report as its template draws it."""

    site: Site
    report: Report
    words: dict[str, str]
    links: dict[tuple[Period, Scope], str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where this report is."""
        return f"/reports/{self.report.key}"

    def link(self, path: str = "", **changed: str) -> str:
        """Return the address of a report, with what was asked, but for what is changed."""
        return self.site.link(path or self.path, **{**self.words, **changed})

    def behind(self, behind: Behind | None) -> str:
        """Return where the cases behind a number are listed; empty where there is no list."""
        if behind is None or behind.period is None:
            return ""
        place = (behind.period, behind.scope)
        begin = self.links.get(place)
        if begin is None:  # the same for a whole line of a table
            scope = behind.scope
            only = f"{scope.by or scope.part}:{scope.label}" if scope.part != "all" else ""
            first, last = behind.period.first.isoformat(), behind.period.last.isoformat()
            begin = self.site.link("/reports/cases", first=first, last=last, only=only)
            self.links[place] = begin
        return f"{begin}&of={behind.measure}&fared={behind.verdict}"

    def draw(self, chart: Chart) -> Markup:
        """Return a chart as a figure."""
        return Markup(paint_figure(chart))  # noqa: S704  escaped where it is painted


@router.get("/reports")
def reports(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show how promises fared."""
    return _page(request, site, visitor, "promises")


@router.get("/reports/cases")
def cases(request: Request, site: Here, visitor: SignedIn) -> Response:
    """List the cases behind a number."""
    question, behind = _behind(request, site)
    now = site.app.clock()
    after = _place(request.query_params.get("after", ""))
    with site.app.database.read() as session:
        rows = list_cases(session, behind, now, LISTED + 1, after)
    more = rows[LISTED - 1] if len(rows) > LISTED else None
    kept = {"of": behind.measure, "fared": behind.verdict, **question.words}
    return site.render(
        "report_cases.html",
        person=visitor,
        rows=rows[:LISTED],
        more=site.link("/reports/cases", **kept, after=_written(more, behind)) if more else "",
        files={each: site.link(f"/reports/cases.{each}", **kept) for each in (*FORMATS, "ndjson")},
        behind=behind,
        measure=MEASURES[behind.measure],
        asked=question.asked,
        named=named,
        after=after,
        times=site.times(),
    )


@router.get("/reports/cases.{ending}")
def cases_file(ending: str, request: Request, site: Here, _visitor: SignedIn) -> Response:
    """Send the cases behind a number as a file, however many they are."""
    if ending not in CONTENT_TYPES:
        raise Refused(_unknown(f"There is no file of the kind {ending!r}."))
    question, behind = _behind(request, site)
    now = site.app.clock()

    def pieces() -> Iterator[bytes]:
        with site.app.database.read() as session:
            rows = rows_of_cases(stream_cases(session, behind, now))
            sheet = Sheet("Cases", CASE_COLUMNS, rows)
            head = head_of(question.asked, f"Cases: {MEASURES[behind.measure].name}", now)
            yield from _write(ending, head, [sheet])

    name = f"rapport-cases-{question.asked.period.first}-{question.asked.period.last}"
    return _file(pieces(), name, ending)


@router.get("/reports/{key}.{ending}")
def report_file(
    key: str, ending: str, request: Request, site: Here, _visitor: SignedIn
) -> Response:
    """Send a report as a file."""
    if key not in TITLES or ending not in CONTENT_TYPES:
        raise Refused(_unknown("There is no such report."))
    question = _question(request, site)
    report = _make(site, key, question, site.app.clock())
    head = head_of(question.asked, report.title, report.made_at, report.definitions())
    name = f"rapport-{key}-{question.asked.period.first}-{question.asked.period.last}"
    return _file(_write(ending, head, sheets_of(report)), name, ending)


@router.get("/reports/{key}")
def one(key: str, request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show one report."""
    if key not in TITLES:
        raise Refused(_unknown("There is no such report."))
    return _page(request, site, visitor, key)


def _page(request: Request, site: Site, visitor: object, key: str) -> Response:
    question = _question(request, site)
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
        choices=_choices(site),
        only=question.words.get("only", ""),
        formats=FORMATS,
        times=times,
    )


def _make(site: Site, key: str, question: Question, now: datetime) -> Report:
    with site.app.database.read() as session:
        return make_report(session, key, question.asked, now, desk_of(site.app.config))


def _question(request: Request, site: Site) -> Question:
    try:
        return read_question(site.app.config, site.app.clock(), request.query_params)
    except BadQuestion as error:
        raise Refused(_unknown(f"This cannot be asked: {error}.", 400)) from error


def _behind(request: Request, site: Site) -> tuple[Question, Behind]:
    question = _question(request, site)
    measure = request.query_params.get("of", "first_response")
    fared = request.query_params.get("fared", "")
    if measure not in MEASURES or fared not in ("", *VERDICTS):
        raise Refused(_unknown("There is no list behind such a number.", 400))
    return question, Behind(measure, fared, question.asked.period, question.asked.scope)


def _place(written: str) -> tuple[datetime, int] | None:
    at, _, case_id = written.rpartition("~")
    try:
        found = datetime.fromisoformat(at), int(case_id)
    except ValueError:
        return None  # from the top
    return found if found[0].tzinfo is not None else None


def _written(row: CaseRow, behind: Behind) -> str:
    at, case_id = place_of(row, behind)
    return f"{at.isoformat()}~{case_id}"


def _choices(site: Site) -> dict[str, list[str]]:
    """Return what can be filtered by: what the configuration names."""
    config = site.app.config
    return {
        "source": site.app.source_keys(),
        "brand": [brand.key for brand in config.brands],
        "location": [f"{b.key}/{place.key}" for b in config.brands for place in b.locations],
        "team": list(teams_of(config)),
        "person": [person.name for person in config.people],
        "topic": [
            *SHIPPED_TOPICS,
            *(topic.key for brand in config.brands for topic in brand.topics),
        ],
        "language": list(dict.fromkeys(code for b in config.brands for code in b.languages)),
        "policy": [*(policy.key for policy in config.sla), "default"],
    }


def _write(ending: str, head: object, sheets: list[Sheet]) -> Iterator[bytes]:
    if ending == "csv":
        for place, sheet in enumerate(sheets):
            yield b"\r\n" if place else b""
            yield from write_csv(head, sheet, mark=place == 0)  # type: ignore[arg-type]
    elif ending == "ndjson":
        for sheet in sheets:
            yield from write_ndjson(head, sheet)  # type: ignore[arg-type]
    elif ending == "json":
        yield from write_json(head, sheets)  # type: ignore[arg-type]
    else:
        yield from write_xlsx(head, sheets)  # type: ignore[arg-type]


def _file(pieces: Iterator[bytes], name: str, ending: str) -> Response:
    return StreamingResponse(
        pieces,
        media_type=CONTENT_TYPES[ending],
        headers={
            "content-disposition": f'attachment; filename="{name}.{ending}"',
            "cache-control": "no-store",
        },
    )


def _unknown(words: str, status: int = 404) -> Problem:
    return Problem(status, "There is no such report", words, "Go back, or open the reports anew.")
