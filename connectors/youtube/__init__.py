"""YouTube: reads the comments of a channel or of videos, and answers them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.youtube.api import WRITE
from connectors.youtube.settings import YouTubeSettings
from connectors.youtube.source import LONGEST, YouTubeConnector

__all__ = ["KIND", "YouTubeConnector", "YouTubeSettings"]

_BY_HAND = Capabilities(
    reply_mode="manual",
    max_length=LONGEST,
    retention=timedelta(days=30),
)


def _build(settings: YouTubeSettings, context: Context) -> Connector:
    return YouTubeConnector(settings, context)


def _capabilities(settings: YouTubeSettings) -> Capabilities:
    if not settings.may_reply:
        return _BY_HAND
    return replace(
        _BY_HAND, can_reply=True, can_find_reply=True, reply_mode="append", can_withdraw=True
    )


def _budgets(settings: YouTubeSettings) -> tuple[Budget, ...]:
    # What may be used at once counts too, so that no single day goes over the grant.
    at_once = max(WRITE, settings.units_per_day / 4)
    evenly = settings.units_per_day - at_once
    return (Budget("units", evenly, timedelta(days=1), unit="units", burst=at_once),)


KIND = ConnectorKind(
    name="youtube",
    title="YouTube comments",
    category="social",
    summary="Reads the comments of your channel or of single videos, and answers them",
    reply_needs="an OAuth client",
    settings=YouTubeSettings,
    capabilities=_BY_HAND,
    build=_build,
    docs_url="https://developers.google.com/youtube/v3/docs/commentThreads",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "Switch on the YouTube Data API v3 in the Cloud console and check the API "
        "key and its restrictions; for answering, let the channel's owner sign in again with the "
        "scope youtube.force-ssl and store the new refresh token.",
        "Gone": "The channel, the video or the comment is not there; check the ids.",
        "NotSupported": "With an API key Rapport only reads; name `client_id`, `client_secret` "
        "and `refresh_token` of the channel's owner.",
        "LayoutChanged": "Check that base_url is Google's API, or a server that plays it.",
        "RateLimited": "Nothing to do; the day's units are counted anew at midnight in "
        "California. A larger quota can be asked for in the Cloud console.",
        "Rejected": "Read YouTube's reason; comments may be switched off, or the reply too long.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Make a project in the Google Cloud console and switch on the YouTube Data API v3.",
        "For reading, make an API key and restrict it to this API; name it under `api_key`.",
        "For answering, make an OAuth client, publish the consent screen, and let the channel's "
        "owner sign in with the scope https://www.googleapis.com/auth/youtube.force-ssl.",
        "Put the id, the secret and the refresh token under `client_id`, `client_secret` and "
        "`refresh_token`; the API key is then not needed.",
        "The channel's id is under Settings, Advanced settings; put it under `channel_id`.",
    ),
    cost="Nothing.",
    limits="10,000 units a day per project: a read costs 1, a reply 50; replies of 10,000 "
    "characters.",
    terms="What YouTube's API tells is read again or forgotten within 30 days.",
    tested="Recorded answers of the API, old and new; our own peer.",
    checklist=checked(),
)
