"""Facebook: reads the comments under a Page's posts, and answers them."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.facebook.hook import HOOK
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.source import MAX_LENGTH, FacebookConnector

__all__ = ["KIND", "FacebookConnector", "FacebookSettings"]


def _build(settings: FacebookSettings, context: Context) -> Connector:
    return FacebookConnector(settings, context)


def _budgets(settings: FacebookSettings) -> tuple[Budget, ...]:
    return (Budget("calls", settings.calls_an_hour, timedelta(hours=1)),)


KIND = ConnectorKind(
    name="facebook",
    title="Facebook Page",
    category="social",
    summary="Reads comments under your Page's posts and what visitors write, and answers them",
    settings=FacebookSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        max_length=MAX_LENGTH,
    ),
    build=_build,
    docs_url="https://developers.facebook.com/docs/pages-api/comments-mentions",
    budgets_of=_budgets,
    hook=HOOK,
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "Make a new Page access token at developers.facebook.com, Tools, Graph API "
        "Explorer, with the permission that the message names; a person with a task on the Page "
        "must do it.",
        "Gone": "The comment was deleted, or the token lost its permission for the Page.",
        "LayoutChanged": "Raise the version in base_url to one that Meta still serves; it lists "
        "them under Graph API, Changelog.",
        "RateLimited": "Nothing to do; the time that Meta names is kept. If it lasts, poll less "
        "often or subscribe the webhook.",
        "Rejected": "Read the reason; when Meta blocks the account as abusive, stop answering by "
        "program for some days.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "At developers.facebook.com create an app of the type Business.",
        "With the Graph API Explorer make a user token with pages_show_list, "
        "pages_read_engagement, pages_read_user_content and pages_manage_engagement; for the "
        "webhook also pages_manage_metadata.",
        "Extend it (Access Token Debugger, Extend), then GET /me/accounts and take the Page's "
        "id and access_token from there.",
        "Put the token and the app's secret into environment variables and name them under "
        "`token` and `app_secret`.",
        "A business that answers only on its own Pages works with Standard Access; for other "
        "people's Pages app review and business verification are needed.",
        "For the webhook subscribe the Page to the fields `feed` and `mention` and type the same "
        "verify token there and under `verify_token`.",
    ),
    cost="Nothing.",
    limits="Calls by the number of engaged users, slowed down from 80 per cent on; comments of "
    "8,000 characters (unverified).",
    terms="Meta Platform Terms: delete what people delete; recommendations (ratings) can no "
    "longer be read by the API.",
    tested="Recorded lists of posts and comments; our own peer; never a live Page.",
    checklist=checked(moderation="a Page's own comment is visible at once"),
)
