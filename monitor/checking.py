"""Proves a configuration: opens the store, asks every source, proves model, Slack and publishing.

Nothing is posted, a language model is greeted with a few tokens, and nothing is kept beyond the
migrated store and an empty inbox: a daemon that runs beside this keeps to the configuration it was
started with. When everything is ready here, the daemon runs.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import false, update
from sqlalchemy.exc import SQLAlchemyError

from connectors.advice import advice_for
from connectors.errors import AuthFailed, ConnectorError
from monitor.accounts.vault import MAKE_ONE
from monitor.app import App, model_settings
from monitor.calendars import feed_of, holidays_of, years_around
from monitor.config.calendars import Calendar, is_link
from monitor.config.icals import proven
from monitor.demo_child import demo_child
from monitor.holiday_feeds import fetch
from monitor.hours import DAYS
from monitor.hours.ical import BadFeed, Feed
from monitor.migrate import StoreTooNew, is_current, upgrade
from monitor.models import Source
from monitor.sources import wanted_sources
from monitor.work import describe
from responders.slack.setup import verify


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `advice` says how to mend it when it is not `ok`.

    `steps` are the whole way to access at this platform, where that is what is missing.
    """

    what: str
    ok: bool
    said: str
    advice: str = ""
    steps: tuple[str, ...] = ()


def check(app: App) -> Iterator[Finding]:
    """Yield what works and what does not, each as soon as it is known."""
    store = _check_store(app)
    yield store
    yield _check_engine(app)
    yield from _check_port(app)
    yield from _check_inbox(app)
    yield from _check_holidays(app)
    with demo_child(app.config):
        for wanted in wanted_sources(app.config):
            if wanted.enabled:
                yield from _check_source(app, wanted.key)
            else:
                yield Finding(f"source {wanted.key}", True, "is switched off and not polled")
    if app.vaults.forgets:
        yield Finding("tokens", True, f"are kept in memory and lost at a restart: {MAKE_ONE}")
    yield from _check_language_model(app)
    yield from _check_mail(app)
    if app.slack is not None:
        for found in verify(app.slack.client, app.slack.settings):
            yield Finding(f"slack: {found.what}", found.ok, "", found.advice)


def _check_store(app: App) -> Finding:
    try:
        if not is_current(app.database):
            upgrade(app.database)
        with app.database.write() as session:
            # A session begins with its first statement; without one nothing would be proven.
            session.execute(update(Source).where(false()).values(title=""))
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
        from monitor.engine.postgres import install
    except ImportError:
        return Finding(
            "engine",
            False,
            "Procrastinate is not installed",
            "install Rapport with its extra: rapport-monitor[postgres]",
        )
    try:
        install(app.config.database_url())
    except Exception as error:  # whatever the driver raises, the daemon would end with it
        advice = "let this user make a schema in the database"
        return Finding("engine", False, describe(error), advice)
    return Finding("engine", True, "postgres")


def _check_inbox(app: App) -> Iterator[Finding]:
    try:
        app.make_inbox()
    except OSError as error:
        folder = app.config.inbox_dir()
        advice = "change inbox.path, or make the folder and let Rapport read it"
        yield Finding("inbox", False, f"{folder} is no folder: {error.strerror}", advice)


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


def _check_holidays(app: App) -> Iterator[Finding]:
    """Prove the holidays that calendars have beyond those written by hand."""
    for told in app.config.calendars:
        if told.country is None and told.ical is None:
            continue
        what = f"holidays of calendar {told.key}"
        try:
            yield Finding(what, True, _say_holidays(app, told))
        except (ConnectorError, BadFeed) as error:
            advice = f"correct `ical` of calendar {told.key}, or look what stands there"
            yield Finding(what, False, str(error), advice)


def _say_holidays(app: App, told: Calendar) -> str:
    """Say how many holidays there are and which is next; a link is fetched, and not kept."""
    if told.ical is not None and is_link(told.ical):
        feed: Feed | None = proven(fetch(told.ical, app.config.user_agent))
    else:
        feed = feed_of(told, app.config.base_dir, None)
    today, years = app.clock().date(), years_around(app.clock)
    found = holidays_of(told, years, feed)
    closed = sorted(day for day in found if day not in told.open_on)
    said = [f"{sum(day.year == today.year for day in closed)} in {today.year}"]
    following = next((day for day in closed if day >= today), None)
    if following is None:
        said.append("none is to come")
    else:
        named = f", {found[following]}" if found[following] else ""
        said.append(f"the next is {DAYS[following.weekday()].title()} {following}{named}")
    said += [
        f"{day} in open_on is none of them"
        for day in told.open_on
        if day not in found and day.year in years
    ]
    return "; ".join(said)


def _check_language_model(app: App) -> Iterator[Finding]:
    if app.config.language_model is None:
        return
    from responders.llm.endpoint import Endpoint
    from responders.llm.proof import prove

    settings = model_settings(app.config.language_model)
    ok, said, advice = prove(settings, Endpoint(settings, app.config.user_agent))
    yield Finding("language model", ok, said, advice)


def _check_mail(app: App) -> Iterator[Finding]:
    settings = app.mailer.settings
    if settings is None:
        return
    try:
        where = app.mailer.prove()
    except ConnectorError as error:
        said = f"{type(error).__name__}: {error}"
        yield Finding("mail", False, said, "check reports.mail.smtp, and that its server runs")
        return
    signed = "lets us in" if settings.username else "takes mails without a name"
    yield Finding("mail", True, f"{where} {signed}; {len(settings.to)} get the digest")


def _check_source(app: App, key: str) -> Iterator[Finding]:
    """Prove one source with its connector's own cheap call; fetching a page may cost money."""
    kind = app.platforms.kind(key)
    try:
        with app.platforms.borrow(key) as connector:
            health = connector.verify()
    except ConnectorError as error:
        said = f"{type(error).__name__}: {error}"
        steps = kind.setup if isinstance(error, AuthFailed) else ()
        yield Finding(f"source {key}", False, said, advice_for(kind, error), steps)
        return
    except Exception as error:  # a fault in one connector; the others are checked all the same
        advice = "this is a fault in the connector; report it, or switch the source off"
        yield Finding(f"source {key}", False, describe(error), advice)
        return
    steps = () if health.ok else kind.setup
    yield Finding(f"source {key}", health.ok, health.summary, health.advice, steps)
    capabilities = app.platforms.capabilities(key)
    if capabilities.can_reply:
        yield Finding(f"source {key}: replies", True, "are published by Rapport")
    else:
        yield Finding(f"source {key}: replies", True, "are posted by hand")
