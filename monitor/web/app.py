"""Puts the pages together."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from monitor.app import App
from monitor.web import (
    assets,
    cases,
    correcting,
    door,
    health,
    hooks,
    incidents,
    looks,
    queue,
    report_lists,
    reports,
    slack,
    sources,
    waiting,
)
from monitor.web.gate import Gate
from monitor.web.problems import Refused, problem_for
from monitor.web.site import Site, site_of
from monitor.web.visitors import NotSignedIn, refuse_stranger


def create_app(app: App) -> FastAPI:
    """Return the web queue of `app` as an ASGI application."""
    site = Site(app)
    web = FastAPI(
        title="Rapport", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    web.state.site = site
    lists = (report_lists, reports)  # in this order: a list is no report
    people = (door, queue, cases, waiting, correcting, looks, incidents, sources, *lists, assets)
    machines = (health, hooks, slack)
    for pages in (*people, *machines):
        web.include_router(pages.router)
    web.add_middleware(Gate, site=site)
    web.add_exception_handler(Refused, _refused)
    web.add_exception_handler(NotSignedIn, _stranger)
    web.add_exception_handler(HTTPException, _failed)
    web.add_exception_handler(RequestValidationError, _invalid)
    return web


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused), "registered for this alone"
    return site_of(request).say(error.problem)


async def _stranger(request: Request, _error: Exception) -> Response:
    site = site_of(request)
    answer = site.say((await refuse_stranger(request)).problem)
    door.remember(site, request, answer)
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for this alone"
    answer = site_of(request).say(problem_for(error.status_code))
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, _error: Exception) -> Response:
    return site_of(request).say(problem_for(400))
