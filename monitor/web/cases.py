"""One case, and what a person may do with it: approve, edit, reject, say that it was posted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from monitor.intake.live import Live, read_live
from monitor.web.casepage import CASE_STATES, Banner, is_same_text, show_live, shown_case
from monitor.web.forms import Form
from monitor.web.listing import STATES, Filter, Listing, make_listing
from monitor.web.outside import safe_url
from monitor.web.problems import Refused, no_case
from monitor.web.site import Here, Site
from monitor.web.visitors import Posted, SignedIn, Visitor
from responders.views import CaseView, Outcome
from responders.wishes import make_wish

REF = re.compile(r"(?:[Cc]-)?([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Done:
    """What the page says after an act, as long as the case is still in one of `states`."""

    words: str
    states: tuple[str, ...]
    looks_on: bool = True


DONE = {
    "approved": Done("{ref} is approved, and on its way.", ("approved",)),
    "published": Done("{ref} is answered; the reply is published.", ("answered", "closed")),
    "handed": Done("{ref} is approved. Post the text by hand, then say so here.", ("approved",)),
    "edited": Done(
        "Saved as version {version}. Nothing is published yet: read it once more, then approve "
        "exactly this text.",
        ("drafted",),
        looks_on=False,
    ),
    "unchanged": Done("Nothing was changed.", ("drafted",), looks_on=False),
    "another_draft": Done("{ref}: another draft is being made.", ("opened",)),
    "no_answer": Done("{ref} is closed without an answer.", ("closed",)),
    "not_a_complaint": Done("{ref} is dismissed: not a complaint.", ("dismissed",)),
    "spam": Done("{ref} is dismissed: spam.", ("dismissed",)),
    "posted": Done("{ref} is answered; the response clock has stopped.", ("answered",)),
    "unposted": Done("{ref}: the text is on the table again.", ("drafted",), looks_on=False),
    "missing": Done("{ref} is open again; another draft is being made.", ("opened", "drafted")),
    "seen": Done("{ref}: the reply is visible.", ("answered", "closed")),
    "assigned": Done("{ref}: who looks after it is saved.", tuple(CASE_STATES), looks_on=False),
    "snoozed": Done("{ref} is put off; its clocks run on.", ("drafted",)),
    "acknowledged": Done(
        "{ref} is acknowledged; nobody else is called for a while.",
        tuple(CASE_STATES),
        looks_on=False,
    ),
    "woken": Done("{ref} is in the queue again.", ("drafted",), looks_on=False),
    "noted": Done("{ref}: the note is kept.", tuple(CASE_STATES), looks_on=False),
    "correcting": Done(
        "{ref}: the published text is on the table. Change it, save it, then approve it.",
        ("drafted",),
        looks_on=False,
    ),
    "keep_reply": Done("{ref} is answered by what stands there.", ("answered",)),
    "withdrawing": Done(
        "{ref}: the reply is being taken down.", ("answered", "closed", "opened", "drafted")
    ),
    "withdrawn": Done(
        "{ref}: the reply stands there no more.", ("closed", "opened", "drafted", "answered")
    ),
    "undone": Done(
        "{ref}: the reply did not leave, and its text is on the table again.",
        ("drafted",),
        looks_on=False,
    ),
    "seconded": Done("{ref}: your approval is kept; a second person must approve.", ("drafted",)),
    "topics": Done("{ref}: what it is about is saved.", tuple(CASE_STATES), looks_on=False),
    "kept": Done("{ref} is answered by what stands on the platform.", ("answered",)),
}

STATUS = {"stale": 409, "taken": 409, "blocked": 422, "refused": 403, "missing": 404}

router = APIRouter()


@router.get("/cases/{ref}")
def show(request: Request, site: Here, visitor: SignedIn, ref: str) -> Response:
    """Show a case beside the list it was opened from."""
    wanted, view = Filter.of(request), view_of(site, ref)
    live = None
    if view.is_withheld and request.query_params.get("words") == "live":
        live = read_live(site.app.database, site.app.platforms, view.id)
    return page_of(
        site, visitor, view, wanted, said=request.query_params.get("said", ""), live=live
    )


@router.get("/cases/{ref}/revision")
def revision(site: Here, _visitor: SignedIn, ref: str) -> Response:
    """Return the case's revision, so that an open page can tell that something happened."""
    return JSONResponse({"revision": view_of(site, ref).revision})


@router.post("/cases/{ref}/approve")
def approve(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Approve exactly the text that was shown. A changed text is saved and shown first."""
    view = view_of(site, ref)
    text, shown_hash = form.text("text"), form.text("hash")
    if not is_same_text(text, shown_hash):
        return _edit(site, visitor, form, view)
    outcome = site.app.queue.approve(
        view.id,
        draft_version=form.number("version"),
        text_hash=shown_hash,
        actor=visitor.actor,
        despite=form.word("despite"),
        by_hand=form.word("by_hand") == "1",
    )
    reply = outcome.case.reply if outcome.case is not None else None
    said = "handed" if reply is not None and reply.state == "handed_over" else "approved"
    if outcome.case is not None and outcome.case.state == "drafted":
        said = "seconded"
    return finish(site, visitor, form, outcome, said)


@router.post("/cases/{ref}/edit")
def edit(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Save a new version of the draft. Nothing is published."""
    return _edit(site, visitor, form, view_of(site, ref))


@router.post("/cases/{ref}/reject")
def reject(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Refuse the draft and say what shall happen instead."""
    reason = form.text("reason")
    outcome = site.app.queue.reject(
        view_of(site, ref).id,
        draft_version=form.number("version"),
        reason=reason,
        note=form.text("note").strip()[:2_000],
        actor=visitor.actor,
        wish=make_wish(
            tone=form.word("tone"),
            shorter=form.word("shorter") == "1",
            language=form.word("language"),
        ),
    )
    return finish(site, visitor, form, outcome, reason, keep="note")


@router.post("/cases/{ref}/posted")
def posted_by_hand(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take a person's word that they posted the approved text."""
    view = view_of(site, ref)
    url = form.word("url")
    if url and not safe_url(url):
        banner = Banner("bad", "That is no link. Paste the whole address, https:// included.")
        return page_of(
            site, visitor, view, filter_of(form), banner=banner, kept={"url": url}, status=422
        )
    outcome = site.app.queue.mark_posted(view.id, actor=visitor.actor, url=url)
    return finish(site, visitor, form, outcome, "posted", keep="url")


@router.post("/cases/{ref}/unposted")
def could_not_post(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take a person's word that a reply is not there, and why."""
    outcome = site.app.queue.could_not_post(
        view_of(site, ref).id, actor=visitor.actor, reason=form.word("reason")
    )
    said = "unposted" if outcome.case and outcome.case.state == "drafted" else "missing"
    return finish(site, visitor, form, outcome, said, keep="reason")


@router.post("/cases/{ref}/seen")
def seen(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take a person's word that they see a reply there."""
    outcome = site.app.queue.mark_seen(view_of(site, ref).id, actor=visitor.actor)
    return finish(site, visitor, form, outcome, "seen", keep="")


@router.post("/cases/{ref}/keep")
def keep(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Leave the answer that somebody gave on the platform."""
    outcome = site.app.queue.keep_answer(
        view_of(site, ref).id,
        draft_version=form.number("version"),
        despite=form.word("despite"),
        actor=visitor.actor,
    )
    return finish(site, visitor, form, outcome, "kept", keep="")


@router.post("/cases/{ref}/assign")
def assign(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Give the case to who presses, to somebody by name, or to nobody."""
    how = form.word("how")
    to = {"take": visitor.actor.name, "release": ""}.get(how, form.word("to"))
    if not to and how != "release":
        view = view_of(site, ref)
        banner = Banner("bad", "Write who is to have the case.")
        return page_of(site, visitor, view, filter_of(form), banner=banner, status=422)
    outcome = site.app.queue.assign(
        view_of(site, ref).id,
        to=to,
        actor=visitor.actor,
        seen_revision=form.number("revision"),
    )
    return finish(site, visitor, form, outcome, "assigned", keep="")


@router.post("/cases/{ref}/topics")
def topics(site: Here, visitor: SignedIn, form: Posted, ref: str) -> Response:
    """Take a person's word on what the case is about."""
    outcome = site.app.queue.correct_topics(
        view_of(site, ref).id, form.values("topic"), visitor.actor
    )
    return finish(site, visitor, form, outcome, "topics", keep="")


def _edit(site: Site, visitor: Visitor, form: Form, view: CaseView) -> Response:
    outcome = site.app.queue.edit(
        view.id,
        base_version=form.number("version"),
        base_hash=form.text("hash"),
        text=form.text("text"),
        actor=visitor.actor,
    )
    changed = outcome.done and outcome.case is not None and outcome.case.draft is not None
    same = changed and outcome.case.draft.version == form.number("version")  # type: ignore[union-attr]
    return finish(site, visitor, form, outcome, "unchanged" if same else "edited")


def finish(
    site: Site, visitor: Visitor, form: Form, outcome: Outcome, said: str, keep: str = "text"
) -> Response:
    """Go on to the case when it is done; else say why not, and keep what was typed."""
    wanted = filter_of(form)
    if outcome.done and outcome.case is not None:
        site.app.on_decision()
        return site.go(f"/cases/{outcome.case.ref}", **wanted.query, said=said)
    if outcome.case is None:
        raise Refused(no_case(outcome.message))
    kept = {keep: form.text(keep)}
    if not kept[keep].strip() or (keep == "text" and is_same_text(kept[keep], form.text("hash"))):
        kept = {}
    return page_of(
        site,
        visitor,
        outcome.case,
        wanted,
        banner=Banner("bad", sentence(outcome.message)),
        kept=kept,
        differs=outcome.code == "stale",
        status=STATUS.get(outcome.code, 409),
    )


def page_of(
    site: Site,
    visitor: Visitor,
    view: CaseView,
    wanted: Filter,
    *,
    said: str = "",
    banner: Banner | None = None,
    kept: Mapping[str, str] | None = None,
    differs: bool = False,
    status: int = 200,
    live: Live | None = None,
) -> Response:
    """Show a case beside its list, with what is to be said of it."""
    listing = make_listing(site, wanted, visitor.actor.name)
    banner = banner or _good_news(view, said, listing)
    page = shown_case(site, view, banner=banner, kept=kept, differs=differs)
    if live is not None:
        page = show_live(page, live)
    return site.render(
        "queue.html",
        status=status,
        person=visitor,
        listing=listing,
        states=STATES,
        page=page,
        alone=True,
    )


def _good_news(view: CaseView, said: str, listing: Listing) -> Banner | None:
    if said == "approved" and view.state != "approved":
        said = "published"
    done = DONE.get(said)
    if done is None or view.state not in done.states:
        return None
    words = done.words.format(ref=view.ref, version=view.draft.version if view.draft else 0)
    if not done.looks_on:
        return Banner("note", words)
    return Banner("good", words, listing.after(view.id))


def filter_of(form: Form) -> Filter:
    """Return the list from which an act was done."""
    return Filter.read(form.text("state"), form.text("q"), form.text("n"), form.text("mine"))


def view_of(site: Site, ref: str) -> CaseView:
    """Return the case that an address names; raise `Refused` when there is none."""
    match = REF.fullmatch(ref)
    view = site.app.queue.view(int(match[1])) if match else None
    if view is None:
        raise Refused(no_case(ref))
    return view


def sentence(message: str) -> str:
    """Return a message with a capital letter and a full stop."""
    words = message[:1].upper() + message[1:]
    return words if words.endswith((".", "?", "!")) else words + "."
