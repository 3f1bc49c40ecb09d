"""Who asks: the signed-in person behind a request, and proof that a form is theirs."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request

from monitor.web.access import person_of
from monitor.web.forms import Form, read_form
from monitor.web.problems import NOT_SIGNED_IN, OLD_FORM, Refused
from monitor.web.site import Here, Site
from responders.views import Actor


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person. `form_token` stands in every form of their pages."""

    name: str
    form_token: str

    @property
    def actor(self) -> Actor:
        """The person as the queue knows them."""
        return Actor("web", self.name, self.name)


class NotSignedIn(Exception):
    """The request needs a session and has none."""


def cookie_name(site: Site) -> str:
    """Return the name of the session's cookie.

    The prefix makes browsers refuse a cookie of that name from anywhere but this host.
    """
    return "__Host-rapport" if site.secure and not site.root else "rapport"


def signed_in(request: Request, site: Here) -> Visitor:
    """Return who asks; raise `NotSignedIn`."""
    token = request.cookies.get(cookie_name(site), "")
    person = person_of(site.app.database, token, site.app.clock()) if token else None
    if person is None:
        raise NotSignedIn
    return Visitor(person, form_token(token))


def form_token(session_token: str) -> str:
    """Return the token that only pages of this session carry."""
    return hmac.new(session_token.encode(), b"form", "sha256").hexdigest()


SignedIn = Annotated[Visitor, Depends(signed_in)]


async def posted(request: Request, visitor: SignedIn) -> Form:
    """Return the form of a signed-in person; raise `Refused` when it is not from their page."""
    form = await read_form(request)
    if not hmac.compare_digest(form.text("token").encode(), visitor.form_token.encode()):
        raise Refused(replace(OLD_FORM, keep=form.text("text")))
    return form


Posted = Annotated[Form, Depends(posted)]


async def refuse_stranger(request: Request) -> Refused:
    """Return the refusal for somebody without a session; what they typed is given back."""
    keep = ""
    if request.method == "POST":
        try:
            keep = (await read_form(request)).text("text")
        except Refused as refused:
            return refused
    return Refused(replace(NOT_SIGNED_IN, keep=keep))
