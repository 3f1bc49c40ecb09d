"""What pages of reports and of the lists behind them share: the question, and files to send."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from monitor.asking import BadQuestion, Question, read_question
from monitor.exports import CONTENT_TYPES
from monitor.web.problems import Problem, Refused
from monitor.web.site import Site


def question_of(request: Request, site: Site) -> Question:
    """Return what the address asks; a page with status 400 says what cannot be asked."""
    try:
        return read_question(site.app.config, site.app.clock(), request.query_params)
    except BadQuestion as error:
        raise Refused(unknown(f"{error}.", 400)) from error


def send_file(pieces: Iterator[bytes], name: str, ending: str) -> Response:
    """Return a file to download, sent as it is made."""
    return StreamingResponse(
        pieces,
        media_type=CONTENT_TYPES[ending],
        headers={
            "content-disposition": f'attachment; filename="{name}.{ending}"',
            "cache-control": "no-store",
        },
    )


def unknown(words: str, status: int = 404) -> Problem:
    """Return the problem of a report that there is not."""
    title = "This cannot be asked" if status == 400 else "There is no such report"
    return Problem(status, title, words, "Go back, or open the reports anew.")
