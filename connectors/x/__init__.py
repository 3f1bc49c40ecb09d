"""X: reads mentions of an account and a search, and answers who spoke to the account."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.checklist import checked
from connectors.x.costs import budgets_of
from connectors.x.length import LIMIT
from connectors.x.settings import XSettings
from connectors.x.source import XConnector
from connectors.x.streams import SEARCH_WINDOW

__all__ = ["KIND", "XConnector", "XSettings"]

RECHECK = timedelta(hours=24)


def _build(settings: XSettings, context: Context) -> Connector:
    return XConnector(settings, context)


def _capabilities(settings: XSettings) -> Capabilities:
    able = settings.may_answer
    return Capabilities(
        can_reply=able,
        can_find_reply=able or bool(settings.user_id),
        reply_mode="append" if able else "manual",
        can_withdraw=able,
        max_length=LIMIT,
        length_unit="weighted characters",
        needs_summons=True,
        listing_window=SEARCH_WINDOW if settings.query.strip() else None,
        recheck_within=RECHECK,
        may_use_ai=False,  # answers that a model wrote need X's approval beforehand
    )


def _answer_page(settings: XSettings, ref: MentionRef) -> str:  # noqa: ARG001  the contract
    """Return the page where a person answers by hand, with the post already chosen."""
    return f"https://x.com/intent/post?in_reply_to={ref.raw.get('latest') or ref.external_id}"


KIND = ConnectorKind(
    name="x",
    title="X",
    category="social",
    summary="Reads mentions of your account and a search, within a daily cap of dollars; "
    "answers who spoke to you",
    reply_needs="a refresh token",
    settings=XSettings,
    capabilities=Capabilities(
        reply_mode="manual",
        max_length=LIMIT,
        length_unit="weighted characters",
        needs_summons=True,
        listing_window=SEARCH_WINDOW,
        recheck_within=RECHECK,
        may_use_ai=False,
    ),
    build=_build,
    docs_url="https://docs.x.com/x-api/introduction",
    capabilities_of=_capabilities,
    budgets_of=budgets_of,
    answer_page=_answer_page,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "At console.x.com see whether credits are left, renew the bearer token, and "
        "check that the app may read and write; make a new refresh token where renewing failed.",
        "Gone": "The post was deleted, or the account that you follow does not exist any more.",
        "NotSupported": "Answers need `client_id`, and a `refresh_token` of the account that "
        "writes.",
        "RateLimited": "Nothing to do; it goes on when X or the daily cap allows. Raise daily_cap "
        "if that is too late.",
        "Rejected": "X refused it. Who did not mention or quote your account can only be answered "
        "by hand: open the page, paste the text, and say here that it is posted.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "At console.x.com make a project and an app, and buy credits; set a spending limit there "
        "as well.",
        "Copy the app's bearer token into an environment variable, named under `bearer_token`.",
        "Find the number of your account (GET /users/by/username/NAME) for `user_id`.",
        "For answering set up OAuth 2.0 in the app (read and write), go through the login with "
        "PKCE once with the scopes tweet.read, users.read, tweet.write and offline.access, and "
        "put the refresh token into an environment variable.",
        "X wants accounts that answer by program labelled as automated.",
    ),
    cost="$0.005 a post and $0.010 a user that is read, $0.001 a mention of your own account, "
    "$0.010 an answer and $0.200 one with a link; a mention that is kept is read again daily.",
    limits="450 searches and mentions in 15 minutes, 100 answers in 15 minutes; a search sees the "
    "last 7 days, mentions the last 800; 280 weighted characters.",
    terms="What people delete or protect must be forgotten within 24 hours; a program may answer "
    "only who mentioned or quoted the account, once.",
    tested="Recorded answers of API 2 and 1.1; our own peer; never a live account.",
    checklist=checked(moderation="a post is visible at once"),
)
