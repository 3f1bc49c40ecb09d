"""Second looks: what opened no case and may be a complaint, judged with one press each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.web.problems import Problem, Refused
from monitor.web.site import Here, Site
from monitor.web.visitors import Posted, SignedIn, Visitor
from monitor.web.words import Times
from responders.look_words import verdict_words, why_words
from responders.views import LookView

REF = re.compile(r"(?:[Ll]-)?([0-9]{1,15})")
PAGE = 50
STATUS = {"taken": 409, "stale": 409, "refused": 400}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Card:
    """One look as it is drawn."""

    look: LookView
    times: Times

    @property
    def why(self) -> str:
        """Why a person is asked."""
        return why_words(self.look)

    @property
    def place(self) -> str:
        """Where it was said, and of what."""
        look = self.look
        return " · ".join(part for part in (look.source, look.location or look.brand) if part)


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says on top: what became of the look that was judged last, or why not."""

    tone: str
    text: str
    case_ref: str = ""


@router.get("/looks")
def looks(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show what waits, what has waited longest on top."""
    match = REF.fullmatch(request.query_params.get("said", ""))
    judged = site.app.looks.look(int(match[1])) if match else None
    said = None
    if judged is not None and not judged.is_waiting:
        words = verdict_words(judged).partition(";")[0]
        said = Said("good", f"{judged.ref}: {words}.", judged.case_ref)
    return _page(site, visitor, said)


@router.post("/looks/{ref}")
def judge(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take a person's word on one of them."""
    match = REF.fullmatch(ref)
    if match is None:
        raise Refused(_no_look(ref))
    outcome = site.app.looks.judge(int(match[1]), form.word("verdict"), visitor.actor)
    if outcome.code == "missing":
        raise Refused(_no_look(ref))
    if outcome.done:
        site.app.on_decision()
        return site.go("/looks", said=f"L-{match[1]}")
    text = outcome.message[:1].upper() + outcome.message[1:] + "."
    return _page(site, visitor, Said("bad", text), status=STATUS.get(outcome.code, 409))


def _page(site: Site, visitor: Visitor, said: Said | None, status: int = 200) -> Response:
    counts = site.app.looks.look_counts()
    cards = [
        Card(look, site.times(look.brand, look.location)) for look in site.app.looks.looks(PAGE)
    ]
    return site.render(
        "looks.html",
        status=status,
        person=visitor,
        cards=cards,
        total=sum(counts.values()),
        said_last=said,
    )


def _no_look(ref: str) -> Problem:
    return Problem(
        404,
        "There is no such second look",
        f"None is called {ref[:40]}.",
        "Go on from the list of those that wait.",
    )
