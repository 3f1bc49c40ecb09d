"""``/healthz``: for whatever watches this process from outside. No sign-in, nothing personal."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from monitor.app import App
from monitor.due import KINDS
from monitor.web.site import Here

router = APIRouter()


@router.get("/healthz")
def healthz(site: Here) -> Response:
    """Answer 200 while the store answers, else 503.

    ``daemon`` is ``running``, ``stopped``, or ``unknown`` on an engine that may run on other
    machines; ``oldest_due_seconds`` is how long the most overdue work has waited; ``slack``, where
    it is set up, is how clicks come in and whether they do.
    """
    app = site.app
    slack = {} if app.slack is None else {"slack": app.slack.way_in()}
    daemon = "unknown"
    if app.config.engine == "embedded":
        daemon = "running" if app.daemon_is_running() else "stopped"
    try:
        waited = _oldest_due(app)
    except SQLAlchemyError:
        told = {"status": "failing", "daemon": daemon, "database": "silent"}
        return JSONResponse({**told, "oldest_due_seconds": None, **slack}, 503)
    told = {"status": "ok", "daemon": daemon, "database": "ok"}
    return JSONResponse({**told, "oldest_due_seconds": waited, **slack})


def _oldest_due(app: App) -> float:
    now = app.clock()
    with app.database.glance() as connection:
        oldest = [_first_due(connection, kind, now) for kind in KINDS if kind in app.handlers]
    return max(((now - at).total_seconds() for at in oldest if at is not None), default=0.0)


def _first_due(connection: Connection, kind: str, now: datetime) -> datetime | None:
    table = KINDS[kind].table
    return connection.execute(
        select(func.min(table.c.next_at)).where(table.c.next_at <= now)
    ).scalar_one_or_none()
