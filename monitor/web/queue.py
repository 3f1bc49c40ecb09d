"""The queue: the list at the left, the first case at the right; on a phone the list alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from monitor.web.casepage import shown_case
from monitor.web.listing import STATES, Filter, make_listing
from monitor.web.site import Here
from monitor.web.visitors import SignedIn

router = APIRouter()


@router.get("/")
def start(site: Here) -> Response:
    """Send the visitor to the queue."""
    return site.go("/queue")


@router.get("/queue")
def queue(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show the list, and what is due first."""
    listing = make_listing(site, Filter.of(request), visitor.actor.name)
    view = site.app.queue.view(listing.rows[0].line.id) if listing.rows else None
    return site.render(
        "queue.html",
        person=visitor,
        listing=listing,
        states=STATES,
        page=None if view is None else shown_case(site, view),
        alone=False,
    )


@router.get("/queue/ids")
def ids(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Return which cases the list holds now, so that the page can say how many are new."""
    listing = make_listing(site, Filter.of(request), visitor.actor.name)
    return JSONResponse({"ids": [row.line.id for row in listing.rows]})
