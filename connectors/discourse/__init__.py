"""Discourse forums: reads new posts and searches, answers in the topic."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.discourse.settings import DiscourseSettings
from connectors.discourse.source import DiscourseConnector
from connectors.discourse.webhook import HOOK

__all__ = ["KIND", "DiscourseConnector", "DiscourseSettings"]


def _build(settings: DiscourseSettings, context: Context) -> Connector:
    return DiscourseConnector(settings, context)


def _capabilities(settings: DiscourseSettings) -> Capabilities:
    if not settings.has_key:
        return Capabilities(reply_mode="manual", max_length=settings.longest_reply)
    return Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        can_withdraw=True,
        max_length=settings.longest_reply,
    )


def _budgets(settings: DiscourseSettings) -> tuple[Budget, ...]:
    """The forum's usual limits; a third may be used at once, the rest is spread evenly."""
    minute = timedelta(minutes=1)
    if settings.user_api_key is not None:
        return (
            Budget("calls", 14, minute, burst=6),
            Budget("daily calls", 2160, timedelta(days=1), burst=720),
        )
    if settings.api_key is not None:
        return (Budget("calls", 40, minute, burst=20),)
    return (Budget("calls", 150, minute, burst=25),)


def _answer_page(settings: DiscourseSettings, ref: MentionRef) -> str:
    return ref.url or settings.base_url


KIND = ConnectorKind(
    name="discourse",
    title="Discourse",
    category="community",
    summary="Reads new posts of a forum, searches and notifications, and answers in the topic",
    reply_needs="a key of the forum",
    settings=DiscourseSettings,
    capabilities=Capabilities(reply_mode="manual", max_length=32_000),
    build=_build,
    docs_url="https://docs.discourse.org/",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    hook=HOOK,
    answer_page=_answer_page,
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "Have the forum's administrator make a new key under Admin, API, Keys, for "
        "your account, with the scopes to read and posts:create.",
        "Gone": "The post or its topic was deleted; nothing can be answered there.",
        "NotSupported": "Without a key Rapport only reads; name `api_key` and `username`.",
        "LayoutChanged": "Check that base_url is the forum itself, with its folder if it has one.",
        "RateLimited": "Nothing to do; the forum's own waiting time is kept.",
        "Rejected": "Read the forum's reason: closed, too short, or too similar to an earlier one.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "A public forum is read without a key; answers are then given there by hand.",
        "To answer, ask the forum's administrator for a key under Admin, API, Keys, for your "
        "account as a single user, with the scopes topics:read, posts:list and posts:create.",
        "Put the key into an environment variable, name it under `api_key`, and give `username`.",
        "For instant news add a webhook (Admin, API, Webhooks) for post events, with a secret.",
    ),
    cost="Nothing.",
    limits="60 requests a minute with an administrator's key, 20 a minute and 2,880 a day with a "
    "user's, 200 a minute as a guest, unless the forum changed them.",
    terms="The forum's own; disclose that you speak for the business.",
    tested="Recorded answers from a client library and the documentation, our own peer; never a "
    "live forum.",
    checklist=checked(),
)
