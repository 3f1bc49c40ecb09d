"""Bluesky: reads what addresses an account and what a search finds, and answers there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.bluesky.answers import LONGEST
from connectors.bluesky.settings import BlueskySettings
from connectors.bluesky.source import BlueskyConnector
from connectors.budgets import Budget
from connectors.checklist import checked

__all__ = ["KIND", "BlueskyConnector", "BlueskySettings"]


def _build(settings: BlueskySettings, context: Context) -> Connector:
    return BlueskyConnector(settings, context)


def _capabilities(settings: BlueskySettings) -> Capabilities:
    if not settings.has_account:
        return KIND.capabilities
    return replace(
        KIND.capabilities,
        can_reply=True,
        can_find_reply=True,
        reply_mode="keyed",
        key_remembered=None,
        can_withdraw=True,
    )


def _budgets(_settings: BlueskySettings) -> tuple[Budget, ...]:
    """Return the limits with the burst counted in: no span ever holds more than is allowed."""
    return (
        Budget("calls", 2700, timedelta(minutes=5), burst=300),
        Budget("logins", 270, timedelta(days=1), burst=29),
        Budget("points", 1400, timedelta(hours=1), unit="points", burst=600),
    )


def _suggest(name: str, given: Mapping[str, Any], _context: Context) -> Iterable[Mapping[str, Any]]:
    return [{"queries": [name], **given}]


KIND = ConnectorKind(
    name="bluesky",
    title="Bluesky",
    category="social",
    summary="Reads what mentions, answers or quotes your account and what a search finds, and "
    "answers there",
    reply_needs="an account",
    settings=BlueskySettings,
    capabilities=Capabilities(reply_mode="manual", max_length=LONGEST, length_unit="graphemes"),
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    build=_build,
    suggest=_suggest,
    docs_url="https://docs.bsky.app/docs/get-started",
    default_every=timedelta(minutes=2),
    advice={
        "AuthFailed": "Make a new app password under Settings, Privacy and security, App "
        "passwords. Without an account: Bluesky closes its public search at times, so name one.",
        "Gone": "The post was deleted; nothing can be answered there.",
        "NotSupported": "Without an account Rapport only reads; name one under `identifier` and "
        "`app_password`.",
        "LayoutChanged": "Check that base_url is a Bluesky server and not its web page.",
        "RateLimited": "Nothing to do; the server's own waiting time is kept.",
        "Rejected": "Read the server's reason; the reply is too long, or the author does not take "
        "answers from us.",
    },
    setup=(
        "Log in at bsky.app and open Settings, Privacy and security, App passwords.",
        "Add an app password, put it into an environment variable, and name that variable under "
        "`app_password`; your handle goes under `identifier`.",
        "Without an account only the public search is read, which Bluesky closes at times.",
    ),
    cost="Nothing.",
    limits="3,000 requests in five minutes, 300 logins a day, 5,000 points an hour (an answer is "
    "3) and 35,000 a day; an answer has 300 characters as a reader counts them, and 3,000 bytes.",
    terms="Say in the profile that the account is automated where it is; search is meant for "
    "people, so ask for few names.",
    tested="Recorded answers of Bluesky; our own peer.",
    checklist=checked(
        edits="there are no edits on Bluesky: who changes a text deletes it and writes anew",
        moderation="nothing is moderated there before it is seen",
    ),
)
