"""Proves a configuration: opens the store, reads from every source, proves Slack and publishing.

Nothing is sent or posted, and nothing kept beyond the migrated store and an empty inbox: a
daemon that runs beside this keeps to the configuration it was started with. When everything is
ready here, the daemon runs.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from connectors.advice import advice_for
from connectors.errors import ConnectorError
from monitor.app import App
from monitor.demo_child import demo_child
from monitor.migrate import StoreTooNew, is_current, upgrade
from responders.slack.setup import verify


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `advice` says how to mend it when it is not `ok`."""

    what: str
    ok: bool
    said: str
    advice: str = ""


def check(app: App) -> Iterator[Finding]:
    """Yield what works and what does not, each as soon as it is known."""
    store = _check_store(app)
    yield store
    yield _check_engine(app)
    yield from _check_port(app)
    app.make_inbox()
    with demo_child(app.config):
        for key in app.source_keys():
            yield from _check_source(app, key)
    if app.slack is not None:
        for found in verify(app.slack.client, app.slack.settings):
            yield Finding(f"slack: {found.what}", found.ok, "", found.advice)


def _check_store(app: App) -> Finding:
    try:
        if not is_current(app.database):
            upgrade(app.database)
        with app.database.write():
            pass
    except StoreTooNew as error:
        return Finding("store", False, str(error), "install the newer Rapport again")
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", error)).splitlines()[0]
        return Finding("store", False, told, "check `database` and that its server runs")
    return Finding("store", True, "opens, is up to date, and can be written")


def _check_engine(app: App) -> Finding:
    if app.config.engine == "embedded":
        return Finding("engine", True, "embedded")
    try:
        import monitor.engine.postgres  # noqa: F401  only whether it can be imported
    except ImportError:
        return Finding(
            "engine",
            False,
            "Procrastinate is not installed",
            "install Rapport with its extra: rapport-monitor[postgres]",
        )
    return Finding("engine", True, "postgres")


def _check_port(app: App) -> Iterator[Finding]:
    web = app.config.web
    if app.daemon_is_running():
        yield Finding("web", True, f"the daemon runs and serves {web.url}")
        return
    with socket.socket(socket.AF_INET6 if ":" in web.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            yield Finding(
                "web",
                False,
                f"cannot listen on {web.listen}: {error.strerror}",
                "end what listens there, or change web.listen",
            )
        else:
            yield Finding("web", True, f"can listen on {web.listen}")


def _check_source(app: App, key: str) -> Iterator[Finding]:
    kind = app.platforms.kind(key)
    try:
        with app.platforms.borrow(key) as connector:
            page = connector.fetch({})
            health = connector.verify()
    except ConnectorError as error:
        said = f"{type(error).__name__}: {error}"
        yield Finding(f"source {key}", False, said, advice_for(kind, error))
        return
    more = " or more" if page.more else ""
    misread = f", {len(page.problems)} could not be read" if page.problems else ""
    yield Finding(f"source {key}", True, f"{len(page.mentions)}{more} found{misread}")
    yield Finding(f"source {key}: access", health.ok, health.summary, health.advice)
    capabilities = app.platforms.capabilities(key)
    if capabilities.can_reply:
        yield Finding(f"source {key}: replies", True, "are published by Rapport")
    else:
        yield Finding(f"source {key}: replies", True, "are posted by hand")
