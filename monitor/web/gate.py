"""What every request passes first and every answer last: host, size, headers, failures.

A plain ASGI wrapper. A request for a foreign host is refused, which stops websites that
re-bind their name to this machine; answers forbid framing, sniffing, caching and inline code.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.log import logger
from monitor.web.forms import BODY_MAX
from monitor.web.problems import FAILED, OLD_FORM, STORE_SILENT, TOO_LARGE, WRONG_HOST, Problem
from monitor.web.site import Site
from monitor.work import describe

log = logger(__name__)

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: with it, browsers send the Origin of our own forms as null.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
SAFE = ("GET", "HEAD")


class Gate:
    """Stands before the pages of one site."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await self._page(refusal)(scope, receive, send_on)
            return
        if scope["method"] == "HEAD":  # the server sends no body for it
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            log.error("a page failed: %s %s: %s", scope["method"], _path(scope), describe(error))
            if begun:
                raise
            silent = isinstance(error, OperationalError | InterfaceError | PoolTimeout)
            await self._page(STORE_SILENT if silent else FAILED)(scope, receive, send_on)

    def _page(self, problem: Problem) -> Response:
        return self._site.say(problem)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if scope["method"] in SAFE and str(scope["path"]).startswith("/static/"):
            return None  # they are public, and the page of a refusal is drawn with them
        if str(scope["path"]).startswith(("/hooks/", "/slack/")):
            # Platforms and Slack send no cookie and no form of ours, and prove themselves with
            # each request. They may know us by another name than staff do.
            return None
        if len(headers.getlist("host")) != 1 or not self._knows(f"//{headers['host']}"):
            return WRONG_HOST
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_MAX:
            return TOO_LARGE
        if scope["method"] not in SAFE and not self._is_ours(headers):
            return OLD_FORM
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Tell whether a form came from one of our pages, as far as the browser says."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or self._knows(origin)

    def _knows(self, url: str) -> bool:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return False
        return host is not None and host in self._site.hosts


def _path(scope: Scope) -> str:
    """Return the path for the log, without what opens doors."""
    path = str(scope["path"])
    shown = "/sign-in/…" if path.startswith("/sign-in/") else path[:100]
    return "".join(char if char.isprintable() else "?" for char in shown)
