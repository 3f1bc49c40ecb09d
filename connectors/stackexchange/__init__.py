"""Stack Exchange: reads questions of a tag and hits of a search, comments or answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.stackexchange.replies import LIMITS
from connectors.stackexchange.settings import StackExchangeSettings
from connectors.stackexchange.source import StackExchangeConnector

__all__ = ["KIND", "StackExchangeConnector", "StackExchangeSettings"]


def _build(settings: StackExchangeSettings, context: Context) -> Connector:
    return StackExchangeConnector(settings, context)


def _capabilities(settings: StackExchangeSettings) -> Capabilities:
    most = LIMITS[settings.reply_as][1]
    if settings.access_token is None:
        return Capabilities(reply_mode="manual", max_length=most)
    return Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        max_length=most,
        must_say=" ".join(settings.affiliation.split()),
    )


def _budgets(settings: StackExchangeSettings) -> tuple[Budget, ...]:
    """The day's quota; a third may be used at once, the rest is spread evenly."""
    quota = 10_000 if settings.key is not None else 300
    day = timedelta(days=1)
    return (Budget("calls", quota * 2 // 3, day, burst=quota // 3),)


def _suggest(name: str, given: Mapping[str, Any], _context: Context) -> Iterable[Mapping[str, Any]]:
    return [{"searches": [name], **given}]


KIND = ConnectorKind(
    name="stackexchange",
    title="Stack Exchange",
    category="community",
    summary="Reads questions and answers that name you on Stack Overflow and its sisters",
    reply_needs="an access token",
    settings=StackExchangeSettings,
    capabilities=Capabilities(reply_mode="manual", max_length=LIMITS["comment"][1]),
    build=_build,
    suggest=_suggest,
    docs_url="https://api.stackexchange.com/docs",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "Make a new token for your application on stackapps.com, with the scopes "
        "write_access and no_expiry, and check that the key is of the same application.",
        "Gone": "The post was deleted; nothing can be answered there.",
        "NotSupported": "Without a person's token Rapport only reads; name `access_token` and "
        "`affiliation`.",
        "LayoutChanged": "Check that base_url ends in the version of the interface, such as /2.3.",
        "RateLimited": "Nothing to do; the site's own waiting time is kept. A key raises the "
        "day's quota from 300 to 10,000.",
        "Rejected": "Read the site's reason; a comment needs 50 points of reputation.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Reading needs nothing. For more than 300 requests a day register an application on "
        "stackapps.com and name its key under `key`.",
        "To answer, have the person who answers grant the application the scopes write_access and "
        "no_expiry; put the access token into an environment variable and name it under "
        "`access_token`.",
        "Say under `affiliation` the words that disclose whom that person works for; drafts "
        "end with them, and a reply without them is not approved.",
        "Comments need an account with 50 points of reputation on the site.",
    ),
    cost="Nothing.",
    limits="300 requests a day and address, 10,000 with a key, 30 a second; comments of 15 to 600 "
    "characters, answers of 30 to 30,000.",
    terms="Say whom you work for in every reply; automated answers are banned, a person decides.",
    tested="Recorded wrappers from a client library, errors as users quote them, our own peer; "
    "never the live interface.",
    checklist=checked(moderation="nothing is moderated there before it is seen"),
)
