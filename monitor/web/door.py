"""Signing in by a one-time link, and out again.

Opening a link uses nothing up: programs that preview links open them too. Only the button on
its page does, once.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from monitor.web.access import SESSION_LASTS, LinkState, end_session, look_at, redeem
from monitor.web.forms import Form, read_form
from monitor.web.problems import Problem, Refused
from monitor.web.site import Here, Site
from monitor.web.visitors import Posted, SignedIn, cookie_name

FORM_COOKIE = "rapport-door"
WANTED_COOKIE = "rapport-wanted"
WANTED = re.compile(r"/(?:queue|cases|sources|reports)(?:[/?][\x21-\x7e]*)?")
MINUTES = 600

router = APIRouter()

GONE: dict[LinkState, Problem] = {
    "used": Problem(
        410,
        "This link was used already",
        "A sign-in link opens the queue once. The browser it was used in stays signed in.",
        "Go on in that browser, or print a new link with `rapport link`.",
    ),
    "expired": Problem(
        410,
        "This link has expired",
        "Nobody used it in time.",
        "Print a new one with `rapport link`.",
    ),
    "unknown": Problem(
        404,
        "This link is not known here",
        "It is mistyped or cut off, or it belongs to another store.",
        "Copy the whole link, or print a new one with `rapport link`.",
    ),
}
NO_COOKIE = Problem(
    403,
    "The sign-in page was open for too long",
    "This browser kept no cookie from the page, so the button cannot be trusted. "
    "The link was not used up.",
    "Open the link again and use the button within ten minutes, with cookies allowed.",
)


@router.get("/sign-in")
def explain(site: Here) -> Response:
    """Say how to sign in."""
    return site.render("strangers.html")


@router.get("/sign-in/{token}")
def show(site: Here, token: str) -> Response:
    """Show the button. The link stays good."""
    link = look_at(site.app.database, token, site.app.clock())
    if link.state != "good":
        raise Refused(GONE[link.state])
    proof = secrets.token_urlsafe(16)
    page = site.render("sign_in.html", name=link.person, token=token, proof=proof)
    _set(site, page, FORM_COOKIE, proof, MINUTES, path="/sign-in", same_site="strict")
    return page


@router.post("/sign-in/{token}")
def enter(
    request: Request, site: Here, token: str, form: Annotated[Form, Depends(read_form)]
) -> Response:
    """Use the link up and give this browser a session."""
    proof = request.cookies.get(FORM_COOKIE, "")
    if not proof or not hmac.compare_digest(proof.encode(), form.text("proof").encode()):
        raise Refused(NO_COOKIE)
    now = site.app.clock()
    session = redeem(site.app.database, token, now)
    if session is None:
        state = look_at(site.app.database, token, now).state
        raise Refused(GONE["used" if state == "good" else state])
    wanted = unquote(request.cookies.get(WANTED_COOKIE, ""))
    answer = site.go("/queue")
    if WANTED.fullmatch(wanted):
        answer.headers["location"] = site.root + quote(wanted, safe="/?=&%+-_.~")
    lasts = int(SESSION_LASTS.total_seconds())
    _set(site, answer, cookie_name(site), session, lasts, path="/")
    for name in (FORM_COOKIE, WANTED_COOKIE):
        answer.delete_cookie(name, path=f"{site.root}/sign-in", secure=site.secure)
    return answer


@router.post("/sign-out")
def leave(request: Request, site: Here, _visitor: SignedIn, _form: Posted) -> Response:
    """End this browser's session."""
    end_session(site.app.database, request.cookies.get(cookie_name(site), ""))
    answer = site.render("strangers.html", left=True)
    answer.delete_cookie(cookie_name(site), path=f"{site.root}/", secure=site.secure)
    return answer


def remember(site: Site, request: Request, answer: Response) -> None:
    """Keep which page a stranger asked for, so that signing in leads there."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET" and WANTED.fullmatch(path) and len(path) < 500:
        _set(site, answer, WANTED_COOKIE, quote(path, safe=""), MINUTES, path="/sign-in")


def _set(
    site: Site,
    answer: Response,
    name: str,
    value: str,
    seconds: int,
    *,
    path: str,
    same_site: str = "lax",
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=site.root + path,
        secure=site.secure,
        httponly=True,
        samesite=same_site,  # type: ignore[arg-type]  # one of its words
    )
