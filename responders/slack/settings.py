"""The Slack section of the configuration, as the Slack face wants it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.secrets import Secret
from monitor.config.digest import Moment
from monitor.hours import ALWAYS, Calendar
from responders.assignment import Turn
from responders.people import People
from responders.slack.routing import Route

SLACK_API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When digests are told, in which zone and channel, and whether with a picture.

    `queue_url` is the address of the pages for staff, which makes links of cases.
    """

    channel: str
    daily: Moment | None
    weekly: Moment | None
    zone: str
    pictures: bool = False
    queue_url: str = ""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach Slack and who may decide there.

    `channel` is the id of the channel (``C…``, not its name): updates need the id. `approvers`
    are user ids (``U…`` or ``W…``); an empty tuple means that only those whom `people` names may
    approve in Slack. `routes` send some cases to other channels, `turns` give new ones to people.
    `zone` is in which times are read that somebody types, `mention_hours` are those in which
    people are called. `team` is the workspace's id; empty means the one that the bot token
    belongs to. With a `signing_secret` Slack sends us signed HTTP; without one, Socket Mode is
    spoken, which needs the `app_token`. `queue_url` is the address of the pages for staff.
    """

    bot_token: Secret
    app_token: Secret | None
    channel: str
    approvers: tuple[str, ...] = ()
    api_url: str = SLACK_API
    team: str = ""
    routes: tuple[Route, ...] = ()
    people: People = field(default_factory=People)
    zone: str = "UTC"
    mention_hours: Calendar = ALWAYS
    turns: tuple[Turn, ...] = ()
    signing_secret: Secret | None = None
    digest: DigestPlan | None = None
    queue_url: str = ""
