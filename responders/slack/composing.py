"""Makes the Slack face that a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable

from monitor.alerts import raise_alert, resolve_alert
from monitor.clock import Clock
from monitor.config import Config
from monitor.config.slack import Slack
from monitor.db import Database
from responders.configured import calendar_of, criteria_of, people_of, turns_of
from responders.slack.face import SlackFace
from responders.slack.making_cases import TakingInPort
from responders.slack.port import LooksPort, QueuePort
from responders.slack.routing import Route
from responders.slack.settings import DigestPlan, SlackSettings


def make_face(
    config: Config,
    database: Database,
    queue: QueuePort,
    looks: LooksPort,
    clock: Clock,
    *,
    taking_in: TakingInPort,
    wake: Callable[[], None],
) -> SlackFace:
    """Return the face for ``config.slack``, which must be there. Opens no connection.

    Its troubles become alerts in the store: Slack is not the place to hear of them.
    """
    assert config.slack is not None, "the caller has looked"

    def alarm(key: str, message: str | None) -> None:
        with database.write() as session:
            if message is None:
                resolve_alert(session, key, clock())
            else:
                raise_alert(session, key, "slack", message, clock())

    settings = settings_of(config, config.slack)
    return SlackFace(
        database,
        queue,
        looks,
        settings,
        clock,
        alarm,
        taking_in=taking_in,
        wake=lambda _kind: wake(),
    )


def settings_of(config: Config, told: Slack) -> SlackSettings:
    """Return the section as the face wants it."""
    return SlackSettings(
        bot_token=told.bot_token,
        app_token=told.app_token,
        channel=told.channel,
        approvers=tuple(told.approvers),
        api_url=told.api_url,
        team=told.team or "",
        routes=tuple(Route(each.channel, criteria_of(each.when)) for each in told.routes),
        people=people_of(config),
        turns=tuple(turns_of(config)),
        mention_hours=calendar_of(config, told.mention_hours),
        zone=config.brands[0].timezone,
        signing_secret=told.signing_secret if told.transport == "http" else None,
        digest=_plan(config, told),
        queue_url=(config.web.base_url or "").rstrip("/"),
    )


def _plan(config: Config, told: Slack) -> DigestPlan | None:
    digest = told.digest
    if digest is None:
        return None
    return DigestPlan(
        channel=digest.channel or told.channel,
        daily=digest.daily,
        weekly=digest.weekly,
        zone=digest.timezone or config.brands[0].timezone,
        pictures=digest.pictures,
        queue_url=(config.web.base_url or "").rstrip("/"),
    )
