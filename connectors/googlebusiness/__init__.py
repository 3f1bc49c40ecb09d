"""Google Business Profile: reads the reviews of your places on Google, and answers them."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.googlebusiness.settings import GoogleBusinessSettings
from connectors.googlebusiness.source import FORM, LONGEST, GoogleBusinessConnector

__all__ = ["KIND", "GoogleBusinessConnector", "GoogleBusinessSettings"]


def _build(settings: GoogleBusinessSettings, context: Context) -> Connector:
    return GoogleBusinessConnector(settings, context)


def _budgets(settings: GoogleBusinessSettings) -> tuple[Budget, ...]:
    # What may be used at once counts too, so that no single minute goes over the grant.
    at_once = max(1.0, settings.calls_per_minute / 5)
    evenly = max(1.0, settings.calls_per_minute - at_once)
    return (Budget("calls", evenly, timedelta(minutes=1), burst=at_once),)


def _answer_page(_settings: GoogleBusinessSettings, ref: MentionRef) -> str:
    return ref.url or "https://business.google.com/reviews"


KIND = ConnectorKind(
    name="googlebusiness",
    title="Google Business Profile",
    category="reviews",
    summary="Reads the reviews of your places on Google, and answers them",
    settings=GoogleBusinessSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="replace",
        can_withdraw=True,
        max_length=LONGEST,
        length_unit="bytes",
        retention=timedelta(days=30),
    ),
    build=_build,
    docs_url="https://developers.google.com/my-business/content/review-data",
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "If Google speaks of a quota of 0, "
        + FORM
        + ". Else switch on the Business Profile APIs in the Cloud console, let an owner or "
        "manager sign in again with the scope business.manage, and store the new refresh token; "
        "while the consent screen is in testing, a refresh token ends after seven days.",
        "BadSettings": "Name under `locations` what `rapport check` lists.",
        "Gone": "The location or the review is not there; check the names under `locations`.",
        "LayoutChanged": "Check that base_url is Google's API, or a server that plays it.",
        "RateLimited": "Nothing to do; the quota is refilled every minute.",
        "Rejected": "Read Google's reason; replies are taken for verified locations only.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Make a project in the Google Cloud console.",
        'Send the form "Application for Basic API Access" for it; the applicant manages a '
        "verified profile that is at least 60 days old and names a website.",
        "Once approved, switch on the My Business API, the My Business Account Management API "
        "and the My Business Business Information API.",
        "Make an OAuth client, and publish the consent screen, so that its tokens last.",
        "Let an owner or manager of the profile sign in with the scope "
        "https://www.googleapis.com/auth/business.manage, and keep the refresh token.",
        "Run `rapport check`: it lists your locations; put them under `locations`.",
    ),
    cost="Nothing.",
    limits="300 calls a minute after approval and none before; replies of 4,096 bytes, which "
    "Google moderates.",
    terms="Google lets its content be kept for 30 days; after that it is read again or forgotten.",
    tested="Our own peer and answers written after Google's reference; no recording was at hand.",
    checklist=checked(recordings="no public recording of this API is known to us"),
)
