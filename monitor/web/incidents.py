"""Incidents: what many speak of as one thing, and the cases that belong to it."""

from __future__ import annotations

import re
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.incidents.views import MEMBERS_SHOWN, read_incident, read_lines
from monitor.web.casepage import CASE_STATES
from monitor.web.problems import Refused, problem_for
from monitor.web.site import Here
from monitor.web.visitors import SignedIn

REF = re.compile(r"(?:[Ii]-)?([0-9]{1,15})")
MOST = 500

router = APIRouter()


@router.get("/incidents")
def incidents(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show the incidents that are open, or all of them."""
    ended = request.query_params.get("all", "") == "1"
    with site.app.database.read() as session:
        lines = read_lines(session, ended=ended, limit=MOST + 1)
    return site.render(
        "incidents.html",
        person=visitor,
        lines=lines[:MOST],
        more=len(lines) > MOST,
        ended=ended,
        times=site.times(),
    )


@router.get("/incidents/{ref}")
def incident(site: Here, visitor: SignedIn, ref: str) -> Response:
    """Show one incident: what it was recognised by, and who said it."""
    match = REF.fullmatch(ref)
    with site.app.database.read() as session:
        view = read_incident(session, int(match[1])) if match else None
    if view is None:
        raise Refused(
            replace(
                problem_for(404),
                heading="There is no such incident",
                happened=f"No incident is called {ref[:40]}.",
                remedy="Incidents look like I-7. The incidents page lists them.",
            )
        )
    return site.render(
        "incident.html",
        person=visitor,
        view=view,
        states=CASE_STATES,
        shown=MEMBERS_SHOWN,
        times=site.times(view.line.brand),
    )
