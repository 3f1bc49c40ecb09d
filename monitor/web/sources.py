"""The sources: whether each is heard, how late, what to do, and what could not be read."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from monitor.web.listening import MISREAD_SHOWN, hear, misread_items
from monitor.web.problems import Refused, problem_for
from monitor.web.site import Here
from monitor.web.visitors import SignedIn

router = APIRouter()


@router.get("/sources")
def sources(site: Here, visitor: SignedIn) -> Response:
    """Show every source and every open alert."""
    times = site.times()
    with site.app.database.read() as session:
        heard, alerts = hear(site, session, times.now)
    return site.render("sources.html", person=visitor, heard=heard, alerts=alerts, times=times)


@router.get("/sources/{key}")
def source(site: Here, visitor: SignedIn, key: str) -> Response:
    """Show one source and the items of it that could not be read."""
    times = site.times()
    with site.app.database.read() as session:
        heard, alerts = hear(site, session, times.now)
        found = next((each for each in heard if each.told.key == key), None)
        misread, total = misread_items(session, key) if found else ([], 0)
    if found is None:
        raise Refused(
            replace(
                problem_for(404),
                heading="There is no such source",
                happened=f"No source is called {key[:40]}.",
                remedy="The sources page lists all that are configured.",
            )
        )
    return site.render(
        "source.html",
        person=visitor,
        each=found,
        alerts=[alert for alert in alerts if alert.key.partition(":")[2] == key],
        misread=misread,
        total=total,
        shown=MISREAD_SHOWN,
        times=times,
    )
