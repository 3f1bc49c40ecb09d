"""What decides nothing on a case: putting it off, a call acknowledged, a note, a step back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from monitor.web.casepage import Banner
from monitor.web.cases import filter_of, finish, page_of, sentence, view_of
from monitor.web.site import Here
from monitor.web.visitors import Posted, SignedIn
from responders.moments import read_moment

router = APIRouter()


@router.post("/cases/{ref}/snooze")
def snooze(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Put the case off: for so long, until a time of its place, or until the customer writes."""
    view = view_of(site, ref)
    zone = site.times(view.brand, view.location).zone
    said = form.word("until").replace("T", " ") or form.word("span")
    try:
        until = read_moment(said, site.app.clock(), zone)
    except ValueError as error:
        banner = Banner("bad", sentence(str(error)))
        return page_of(site, visitor, view, filter_of(form), banner=banner, status=422)
    outcome = site.app.queue.snooze(view.id, until=until, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "snoozed", keep="")


@router.post("/cases/{ref}/ack")
def acknowledge(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Say that one sees to what somebody was called for; nobody else is called meanwhile."""
    outcome = site.app.queue.acknowledge(view_of(site, ref).id, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "acknowledged", keep="")


@router.post("/cases/{ref}/wake")
def wake(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Bring the case back into the queue."""
    outcome = site.app.queue.wake(view_of(site, ref).id, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "woken", keep="")


@router.post("/cases/{ref}/note")
def note(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Keep a word for the team; it is never published."""
    outcome = site.app.queue.note(
        view_of(site, ref).id, text=form.text("note"), actor=visitor.actor
    )
    return finish(site, visitor, form, outcome, "noted", keep="")


@router.post("/cases/{ref}/undo")
def undo(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take an approved reply back that has not left."""
    outcome = site.app.queue.take_back(view_of(site, ref).id, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "undone", keep="")
