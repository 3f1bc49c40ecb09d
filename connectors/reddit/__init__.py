"""Reddit: reads subreddits, searches and an inbox, and answers as an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.reddit.answers import LONGEST
from connectors.reddit.settings import RedditSettings
from connectors.reddit.source import RedditConnector

__all__ = ["KIND", "RedditConnector", "RedditSettings"]


def _build(settings: RedditSettings, context: Context) -> Connector:
    return RedditConnector(settings, context)


def _capabilities(settings: RedditSettings) -> Capabilities:
    if not settings.has_account:
        return KIND.capabilities
    return replace(
        KIND.capabilities,
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        can_withdraw=True,
    )


def _budgets(_settings: RedditSettings) -> tuple[Budget, ...]:
    """Return 100 calls a minute, averaged over ten, with the burst counted in."""
    return (Budget("calls", 900, timedelta(minutes=10), burst=100),)


KIND = ConnectorKind(
    name="reddit",
    title="Reddit",
    category="social",
    summary="Reads subreddits, searches and your inbox, and answers as your account",
    reply_needs="a password or a refresh token",
    settings=RedditSettings,
    capabilities=Capabilities(
        reply_mode="manual", max_length=LONGEST, recheck_within=timedelta(hours=48)
    ),
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    build=_build,
    docs_url="https://www.reddit.com/dev/api",
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "Check the application's id and secret, and the account: a script "
        "application takes the password of the account that made it, without two-factor login; "
        "other types take a refresh token with the scopes read, privatemessages, submit, edit "
        "(to withdraw) and identity. A private subreddit must let the account in. Since "
        "November 2025 Reddit must approve an application before it gets a token.",
        "Gone": "It was deleted there, or the subreddit is closed or misspelt.",
        "NotSupported": "Without an account Rapport only reads; name one under `username`, with "
        "`password` or `refresh_token`.",
        "LayoutChanged": "Check that base_url is https://oauth.reddit.com and not the web page.",
        "RateLimited": "Nothing to do; new accounts may answer only every few minutes, and "
        "Reddit's own waiting time is kept.",
        "Rejected": "Read Reddit's reason: the thread is locked or too old, or the subreddit does "
        "not take answers from this account. Many subreddits forbid brands to answer.",
        "UnknownOutcome": "Look in the thread whether the reply stands there; Reddit may have "
        "kept it back for its moderators.",
    },
    setup=(
        "Ask for access under Reddit's Responsible Builder Policy: since November 2025 new "
        "applications need an approval, and commercial use needs a contract with Reddit. Keys "
        "from before go on working.",
        "Make an application of the type script at reddit.com/prefs/apps, logged in as the "
        "account that will answer.",
        "Put its secret and the account's password into environment variables, and name them "
        "under `client_secret` and `password`; other types of application take a "
        "`refresh_token`.",
        "Say in the account's profile whom it speaks for, and ask the moderators of a subreddit "
        "before you answer there.",
    ),
    cost="Nothing for approved, non-commercial use; commercial use needs a contract.",
    limits="100 requests a minute, averaged over ten; a listing shows about 1,000 things; an "
    "answer has 10,000 characters.",
    terms="Copies of what is deleted there must be deleted here, so what is kept is read again "
    "within 48 hours; texts may not train models without Reddit's leave.",
    tested="Recorded answers of Reddit; our own peer.",
    checklist=checked(
        moderation="what moderators remove still looks visible to the account that wrote it",
    ),
)
