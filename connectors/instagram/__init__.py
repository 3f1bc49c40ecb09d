"""Instagram: reads the comments on an account's media, and answers them."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.instagram.hook import HOOK
from connectors.instagram.settings import InstagramSettings
from connectors.instagram.source import MAX_LENGTH, InstagramConnector

__all__ = ["KIND", "InstagramConnector", "InstagramSettings"]


def _build(settings: InstagramSettings, context: Context) -> Connector:
    return InstagramConnector(settings, context)


def _budgets(settings: InstagramSettings) -> tuple[Budget, ...]:
    return (Budget("calls", settings.calls_an_hour, timedelta(hours=1)),)


KIND = ConnectorKind(
    name="instagram",
    title="Instagram",
    category="social",
    summary="Reads comments on your account's posts, and mentions by webhook; answers them",
    settings=InstagramSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        max_length=MAX_LENGTH,
    ),
    build=_build,
    docs_url="https://developers.facebook.com/docs/instagram-platform/comment-moderation",
    budgets_of=_budgets,
    hook=HOOK,
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "Make a new token at developers.facebook.com under the app's Instagram "
        "use case, with the permission that the message names; tokens of Instagram Login end "
        "after 60 days unless renew_token is true.",
        "Gone": "The comment was deleted, or the token lost its permission for the account.",
        "LayoutChanged": "Raise the version in base_url to one that Meta still serves.",
        "RateLimited": "Nothing to do; the time that Meta names is kept. If it lasts, poll less "
        "often or subscribe the webhook.",
        "Rejected": "Read the reason; hidden comments and live videos take no answer, and an "
        "account that Meta blocks as abusive should rest for some days.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Make the account a professional one (Settings, Account type and tools).",
        "At developers.facebook.com create an app of the type Business and add Instagram.",
        "With Instagram Login make a token there with instagram_business_basic and "
        "instagram_business_manage_comments; it ends after 60 days unless renew_token is true. "
        "With Facebook Login take the Page's token and set base_url to graph.facebook.com.",
        "Put the token into an environment variable and name it under `token`.",
        "For the webhook subscribe the fields `comments` and `mentions` (Advanced Access and a "
        "public account are needed), and name the app's secret and the verify token.",
    ),
    cost="Nothing.",
    limits="Calls by the reach of the account, slowed down from 80 per cent on; replies of 300 "
    "characters with four hashtags and one link (unverified), one level deep.",
    terms="Meta Platform Terms: delete what people delete.",
    tested="Recorded media and comments; our own peer; never a live account.",
    checklist=checked(
        edits="comments cannot be edited on Instagram",
        moderation="an account's own comment is visible at once",
    ),
)
