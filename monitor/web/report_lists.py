"""The cases and mentions behind a number of a report, as a page and as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from monitor.exports import CONTENT_TYPES, Sheet, write_tables
from monitor.reports.behind import list_cases
from monitor.reports.case_rows import place_of
from monitor.reports.exporting import head_of, list_of
from monitor.reports.heard import HEARD, list_mentions
from monitor.reports.lists import BadList, Listed, read_list
from monitor.reports.report import named
from monitor.reports.waiting import OPEN_NOW
from monitor.web.problems import Refused
from monitor.web.report_files import question_of, send_file, unknown
from monitor.web.site import Here, Site
from monitor.web.visitors import SignedIn

LISTED = 50
CARRIED = ("only", "by", "grain", "clock")
"""What was asked of a report, and is asked again on the way back to it."""
FORMATS = ("csv", "xlsx", "json", "ndjson")

router = APIRouter()


@router.get("/reports/cases")
def cases(request: Request, site: Here, visitor: SignedIn) -> Response:
    """List what stands behind a number."""
    question = question_of(request, site)
    listed = _listed(request, site)
    after = _place(request.query_params.get("after", ""))
    with site.app.database.read() as session:
        rows, places = _rows(session, listed, site.app.clock(), after)
    kept = {"of": listed.behind.measure, "fared": listed.behind.verdict, **question.words}
    more = places[LISTED - 1] if len(rows) > LISTED else None
    words = {key: told for key, told in question.words.items() if key in CARRIED}
    period = question.asked.period
    return site.render(
        "report_cases.html",
        person=visitor,
        rows=rows[:LISTED],
        more=site.link("/reports/cases", **kept, after=_written(more)) if more else "",
        files={each: site.link(f"/reports/cases.{each}", **kept) for each in FORMATS},
        title=listed.title,
        report_link=site.link(
            f"/reports/{listed.report}",
            first=period.first.isoformat(),
            last=period.last.isoformat(),
            **{**words, "measure": listed.behind.measure if listed.report == "promises" else ""},
        ),
        are_mentions=listed.behind.measure in HEARD,
        is_now=listed.behind.measure == OPEN_NOW,
        asked=question.asked,
        named=named,
        after=after,
        times=site.times(),
    )


@router.get("/reports/cases.{ending}")
def cases_file(ending: str, request: Request, site: Here, _visitor: SignedIn) -> Response:
    """Send what stands behind a number as a file, however much it is."""
    if ending not in CONTENT_TYPES:
        raise Refused(unknown(f"There is no file of the kind {ending!r}."))
    question = question_of(request, site)
    listed = _listed(request, site)
    now = site.app.clock()

    def pieces() -> Iterator[bytes]:
        with site.app.database.read() as session:
            columns, rows = list_of(session, listed.behind, now)
            head = head_of(question.asked, listed.title, now)
            yield from write_tables(ending, head, [Sheet("Cases", columns, rows)])

    period = question.asked.period
    return send_file(pieces(), f"rapport-cases-{period.first}-{period.last}", ending)


def _listed(request: Request, site: Site) -> Listed:
    asked = question_of(request, site).asked
    told = request.query_params
    try:
        return read_list(asked, told.get("of", "first_response"), told.get("fared", ""))
    except BadList as error:
        raise Refused(unknown(f"There is no list behind such a number: {error}.", 400)) from error


def _rows(
    session: Session, listed: Listed, now: datetime, after: tuple[datetime, int] | None
) -> tuple[list[Any], list[tuple[datetime, int]]]:
    """Return rows, one more than a page has, and the place of each in the list."""
    if listed.behind.measure in HEARD:
        heard = list_mentions(session, listed.behind, LISTED + 1, after)
        return list(heard), [(row.at, row.mention_id) for row in heard]
    rows = list_cases(session, listed.behind, now, LISTED + 1, after)
    return list(rows), [place_of(row, listed.behind) for row in rows]


def _place(written: str) -> tuple[datetime, int] | None:
    at, _, number = written.rpartition("~")
    try:
        found = datetime.fromisoformat(at), int(number)
        found[0].astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # from the top
    return found if found[0].tzinfo is not None else None


def _written(place: tuple[datetime, int]) -> str:
    return f"{place[0].isoformat()}~{place[1]}"
