"""What every page needs: the application, the templates, where it is reached, the clock."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from monitor.app import App
from monitor.reports.blocks import BlockCache
from monitor.web import words
from monitor.web.assets import Assets
from monitor.web.outside import clean, hidden_characters, host_of, safe_url
from monitor.web.problems import Problem
from monitor.web.words import Times, Zones

HERE = Path(__file__).parent
PAGES = {
    "queue.html": "/queue",
    "looks.html": "/looks",
    "incidents.html": "/incidents",
    "incident.html": "/incidents",
    "sources.html": "/sources",
    "source.html": "/sources",
    "reports.html": "/reports",
    "report_cases.html": "/reports",
}
"""Which entry of the menu a template belongs to."""


class Site:
    """The pages of one `App`, under the address that staff use."""

    def __init__(self, app: App) -> None:
        self.app = app
        told = urlsplit(app.config.web.url)
        self.root = told.path.rstrip("/")
        """Path under which a proxy shows the pages; usually empty."""
        self.secure = told.scheme == "https"
        self.hosts = frozenset(
            host.lower()
            for host in (told.hostname, app.config.web.host.strip("[]"), "localhost")
            if host
        )
        self.assets = Assets(HERE / "static")
        self.zones = Zones.of(app.config)
        self.blocks = BlockCache()
        """What reports have read, for the next one who looks."""

    @cached_property
    def templates(self) -> Environment:
        """The templates. Whatever they print is neutralised first and escaped then."""
        templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_neutral,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.globals.update(
            root=self.root,
            asset=lambda name: f"{self.root}{self.assets.path(name)}",
            link=self.link,
            count=words.count,
            looks_waiting=self.app.looks.waiting,
        )
        templates.filters.update(
            url=safe_url,
            host=host_of,
            raw=_raw,
            ticked=_ticked,
            folded=words.fold,
            hidden=hidden_characters,
            duration=words.duration,
            language=words.language,
        )
        return templates

    def times(self, brand: str = "", location: str = "") -> Times:
        """Return a teller of times for a place, or for pages that belong to no place."""
        place = self.zones.of_place(brand, location) if brand else self.zones.common
        return Times(self.app.clock(), place)

    def link(self, path: str, **query: object) -> str:
        """Return a path on this site with those query fields that are not empty."""
        told = urlencode({name: value for name, value in query.items() if value not in ("", None)})
        return f"{self.root}{path}" + (f"?{told}" if told else "")

    def render(
        self, template: str, *, status: int = 200, person: Any = None, **shown: Any
    ) -> HTMLResponse:
        """Return a page. `person` is the `Visitor` it is for, None for a page for anybody."""
        here = PAGES.get(template, "")
        text = self.templates.get_template(template).render(person=person, here=here, **shown)
        return HTMLResponse(text, status)

    def go(self, path: str, **query: object) -> RedirectResponse:
        """Send the browser on with a GET, as after every act that was done."""
        return RedirectResponse(self.link(path, **query), 303)

    def say(self, problem: Problem, person: Any = None) -> HTMLResponse:
        """Return the page of a problem."""
        return self.render("problem.html", status=problem.status, person=person, problem=problem)


def site_of(request: Request) -> Site:
    """Return the site that this request came to."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


Here = Annotated[Site, Depends(site_of)]


def _neutral(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _ticked(text: str) -> Markup:
    """Escape a text and set what stands between backticks in it as code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:  # one of them stands alone
        return Markup(escape(clean(text)))  # noqa: S704  escaped in this very line
    for at in range(1, len(parts), 2):
        parts[at] = Markup("<code>{}</code>").format(parts[at])
    return Markup("").join(parts)


def _raw(text: str) -> Markup:
    """Escape a text and change nothing else: for text areas, which send back what they hold."""
    return Markup(escape(text))  # noqa: S704  escaped in this very line
