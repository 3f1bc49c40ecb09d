"""What may be done with a published reply: put it right, or have it taken down."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from monitor.web.cases import finish, view_of
from monitor.web.site import Here
from monitor.web.visitors import Posted, SignedIn

router = APIRouter()


@router.post("/cases/{ref}/correct")
def correct(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Put the published text on the table; nothing changes there before an approval."""
    outcome = site.app.queue.correct(view_of(site, ref).id, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "correcting", keep="")


@router.post("/cases/{ref}/withdraw")
def withdraw(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Have the published reply taken down, or take a person's word that they removed it."""
    by_hand = form.word("by_hand") == "1"
    outcome = site.app.queue.withdraw(
        view_of(site, ref).id,
        reason=form.word("why"),
        actor=visitor.actor,
        answer=form.word("then") != "close",
        by_hand=by_hand,
    )
    return finish(
        site, visitor, form, outcome, "withdrawn" if by_hand else "withdrawing", keep="why"
    )
