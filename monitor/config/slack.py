"""Slack: where drafts are shown to staff, and who may approve them there."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from connectors.secrets import Secret
from monitor.config.approval import CaseWhen
from monitor.config.calendars import ALWAYS
from monitor.config.digest import Digest
from monitor.config.problems import Misfit
from monitor.config.slackids import Channel, Person, Team
from monitor.config.values import Key, Section, Url, is_loopback

REQUEST_PATH = "/slack/events"
"""Where Slack sends clicks, commands and events over HTTP: one address for all three."""


def _check_api(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise Misfit(
            "would send the token unencrypted", expected="https, or http to this machine only"
        )
    return text if text.endswith("/") else text + "/"


class Route(Section):
    """A channel for some of the cases."""

    when: CaseWhen = Field(
        default_factory=CaseWhen, description="Which cases go there. Without it: every case."
    )
    channel: Channel = Field(
        description="Id of the channel; the app must be a member.", examples=["C0123456789"]
    )


class Slack(Section):
    """A card for every case in a channel; the app speaks Socket Mode, or signed HTTP."""

    bot_token: Secret = Field(
        description="The app's bot token (it begins with xoxb-), as a reference.",
        examples=["env:SLACK_BOT_TOKEN"],
    )
    transport: Literal["socket", "http"] = Field(
        default="socket",
        description=(
            "How clicks come in: `socket` (Socket Mode: Rapport opens the connection and needs no "
            "public address) or `http` (Slack sends signed requests to `web.base_url`)."
        ),
        examples=["socket"],
    )
    app_token: Secret | None = Field(
        default=None,
        description=(
            "The app-level token for Socket Mode (it begins with xapp-), as a reference. "
            "Needed with `transport: socket`."
        ),
        examples=["env:SLACK_APP_TOKEN"],
    )
    signing_secret: Secret | None = Field(
        default=None,
        description=(
            "The app's signing secret, which proves that a request is Slack's, as a reference. "
            "Needed with `transport: http`."
        ),
        examples=["env:SLACK_SIGNING_SECRET"],
    )
    channel: Channel = Field(
        description="Id of the channel for the cards; the app must be a member.",
        examples=["C0123456789"],
    )
    mention_hours: Key = Field(
        default=ALWAYS,
        description=(
            "Key of the calendar in whose hours people are called by name; what comes outside them "
            "waits until they open. Urgent cases do not wait."
        ),
        examples=["office"],
    )
    routes: tuple[Route, ...] = Field(
        default=(),
        description="Other channels for some cases: the first that matches gets the card.",
    )
    approvers: tuple[Person, ...] = Field(
        default=(),
        description=(
            "Ids of the members who may decide, beside those named under `people`. Nobody else may."
        ),
        examples=[["U0123456789"]],
    )
    team: Team | None = Field(
        default=None,
        description="Id of the workspace; clicks from any other are refused.",
        examples=["T0123456789"],
    )
    digest: Digest | None = Field(
        default=None, description="Tell once a day and once a week how things stand."
    )
    api_url: Annotated[Url, AfterValidator(_check_api)] = Field(
        default="https://slack.com/api/",
        description="Where Slack's API is; another server for tests.",
        examples=["https://slack.com/api/"],
    )
