"""Mastodon: reads what mentions an account (and hashtags), and answers there."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.mastodon.settings import MastodonSettings
from connectors.mastodon.source import MENTION_ROOM, USUAL_LIMIT, MastodonConnector

__all__ = ["KIND", "MastodonConnector", "MastodonSettings"]


def _build(settings: MastodonSettings, context: Context) -> Connector:
    return MastodonConnector(settings, context)


def _budgets(_settings: MastodonSettings) -> tuple[Budget, ...]:
    """The servers' usual limit; a third may be used at once, the rest is spread evenly."""
    return (Budget("calls", 200, timedelta(minutes=5), burst=100),)


KIND = ConnectorKind(
    name="mastodon",
    title="Mastodon",
    category="social",
    summary="Reads posts that mention your account, and hashtags, and answers them",
    settings=MastodonSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="keyed",
        can_withdraw=True,
        max_length=USUAL_LIMIT - MENTION_ROOM,
    ),
    build=_build,
    budgets_of=_budgets,
    docs_url="https://docs.joinmastodon.org/client/intro/",
    default_every=timedelta(minutes=2),
    advice={
        "AuthFailed": "Make a new access token under Preferences, Development, with the scopes "
        "read:notifications, read:statuses, read:accounts and write:statuses.",
        "Gone": "The post was deleted; nothing can be answered there.",
        "LayoutChanged": "Check that base_url is a Mastodon server and not its web page.",
        "RateLimited": "Nothing to do; the server's own waiting time is kept.",
        "Rejected": "Read the server's reason; most often the reply is too long.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "On your server open Preferences, Development, New application.",
        "Choose the scopes read:notifications, read:statuses, read:accounts and write:statuses.",
        "Put the access token into an environment variable and name that variable under `token`.",
    ),
    cost="Nothing.",
    limits="300 requests in five minutes; replies of 500 characters on most servers.",
    terms="The server's own rules; mark the account as automated where you answer from it.",
    tested="Recorded answers of three servers; our own peer.",
    checklist=checked(moderation="nothing is moderated there before it is seen"),
)
